# SPDX-License-Identifier: Apache-2.0
"""Reads ctest's JUnit files: results.py counts FOLDER, results.py rows FOLDER [TABLE].

`rows` prints tests/requirements.tsv (id, statement, state, tests) with the result of each row, and
fails on a row that is `done` and has no test, names one that is not there, or has one that failed.
An `open` row may name tests that are still to be written. A test that ran in two builds has passed
when it passed in both. PRESET-again.xml has what failed in PRESET.xml beside other tests and was run
once more, alone: a test that passed then has passed, and `counts` names it as unsteady.
"""

import os
import sys
import xml.etree.ElementTree

HERE = os.path.dirname(os.path.abspath(__file__))
PRESETS = ("asan", "release")


def read(path):
    """Of each test's name whether it passed; one that ctest could not run has not."""
    if not os.path.exists(path):
        return {}
    cases = xml.etree.ElementTree.parse(path).getroot().iter("testcase")
    return {case.get("name"): case.get("status") == "run" for case in cases}


def results(folder):
    """Of each test's name and preset whether it passed, at the second time at the latest; and the unsteady."""
    found, unsteady = {}, []
    for preset in PRESETS:
        first, again = (read(os.path.join(folder, f"{preset}{which}.xml")) for which in ("", "-again"))
        unsteady += [f"{name} ({preset})" for name, fine in again.items() if fine]
        for name, fine in first.items():
            found.setdefault(name, {})[preset] = fine or again.get(name, False)
    return found, unsteady


def counts(folder):
    found, unsteady = results(folder)
    runs = [(name, preset, fine) for name, by in found.items() for preset, fine in by.items()]
    failed = [f"{name} ({preset})" for name, preset, fine in runs if not fine]
    for line in unsteady:
        print(f"unsteady, passed when it was run alone: {line}")
    for line in failed:
        print(f"failed: {line}")
    print(f"{len(runs) - len(failed)} passed ({len(unsteady)} of them unsteady), {len(failed)} failed")
    return bool(failed) or not runs


def result_of(state, tests, found):
    missing = [name for name in tests if name not in found]
    failed = [name for name in tests if name in found and not all(found[name].values())]
    if state not in ("open", "done"):
        return f"FAILED: state {state!r}"
    if state == "done" and not tests:
        return "FAILED: no test"
    if state == "done" and missing:
        return "FAILED: no such test: " + ", ".join(missing)
    if failed:
        return "FAILED: " + ", ".join(failed)
    return "passed" if state == "done" else "open"


def rows(folder, path):
    (found, _), bad, tally = results(folder), 0, {}
    with open(path, encoding="utf-8") as file:
        lines = [line.rstrip("\n") for line in file if line.strip() and not line.startswith("#")]
    for line in lines:
        name, statement, state, tests = (line.split("\t") + [""] * 3)[:4]
        result = result_of(state, [test.strip() for test in tests.split(",") if test.strip()], found)
        bad += result.startswith("FAILED")
        tally[result.split(":")[0]] = tally.get(result.split(":")[0], 0) + 1
        print(f"{name:8} {result:8} {statement}\n{'':17} {tests}")
    print(f"{len(lines)} rows: " + ", ".join(f"{number} {word}" for word, number in sorted(tally.items())))
    return bool(bad) or not lines


def main():
    act, folder = sys.argv[1:3]
    table = sys.argv[3] if len(sys.argv) > 3 else os.path.join(HERE, "requirements.tsv")
    sys.exit(counts(folder) if act == "counts" else rows(folder, table))


if __name__ == "__main__":
    main()
