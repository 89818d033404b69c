# SPDX-License-Identifier: Apache-2.0
"""All C is as .clang-format writes it."""

import re
import subprocess

import house


def check(root):
    paths = house.files(root, ".c", ".h")
    run = subprocess.run(
        ["clang-format", "--dry-run", "-Werror", "--style=file", *paths],
        cwd=root, capture_output=True, text=True, check=False,
    )
    found = re.findall(r"^(\S+?:\d+):\d+: error: ", run.stderr, re.M)
    if run.returncode and not found:
        return [f"clang-format: {run.stderr.strip()}"]
    # One complaint per file: clang-format -i mends all of them.
    first = {place.split(":")[0]: place for place in reversed(found)}
    return [f"{place}: not as clang-format writes it" for place in sorted(first.values())]


if __name__ == "__main__":
    house.main(
        check,
        [
            ("policy/planted.c", "int x( void ) { return 1; }\n", "policy/planted.c:1"),
            ("tests/unit/policy/planted-test.c", "    int x;\n", "planted-test.c:1"),
        ],
    )
