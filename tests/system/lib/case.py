# SPDX-License-Identifier: Apache-2.0
"""Runs the functions of a test file one after the other; the file fails if one of them does."""

import sys
import time
import traceback


def run(*tests):
    failed = []
    for test in tests:
        start = time.monotonic()
        try:
            test()
        except Exception:  # what a test raises is its result
            traceback.print_exc()
            failed.append(test.__name__)
        outcome = "FAILED" if failed[-1:] == [test.__name__] else "passed"
        print(f"{outcome}  {test.__name__}  {time.monotonic() - start:.1f} s", flush=True)
    sys.exit(bool(failed))


def step(text):
    """What is being looked at; the last one printed tells where a test failed."""
    print(f"  {text}", flush=True)
