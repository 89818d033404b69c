# SPDX-License-Identifier: Apache-2.0
"""Scripts are free of what shellcheck warns of, and bash ones stop at the first error."""

import re
import subprocess

import house

SHELL = re.compile(r"#!.*\b(ba|da)?sh\b")


def check(root):
    texts = {path: house.read(root, path) for path in house.files(root)}
    scripts = [path for path, text in texts.items() if SHELL.match(text)]
    run = subprocess.run(
        ["shellcheck", "--severity=warning", "--format=gcc", *scripts],
        cwd=root, capture_output=True, text=True, check=False,
    )
    found = run.stdout.splitlines() + run.stderr.splitlines()
    for path in scripts:
        if not re.search(r"^set -[a-z]*e", texts[path], re.M):
            found.append(f"{path}:1: does not say set -e")
    return found


if __name__ == "__main__":
    house.main(
        check,
        [
            ("tests/system/planted", "#!/bin/bash\nset -eu\nx=(1 2)\necho $x\n", "tests/system/planted:4"),
            ("units/planted", "#!/bin/sh\necho x\n", "does not say set -e"),
        ],
    )
