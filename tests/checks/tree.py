# SPDX-License-Identifier: Apache-2.0
"""The shape of the tree: top-level entries, a README per folder, licence lines, tests that mirror."""

import os
import re

import house

TOP = set(
    """.ci .clang-format .clang-tidy .git .gitignore CMakeLists.txt CMakePresets.json LICENSE README.md
    build daemon hsm policy tests token units""".split()
)
# One README at the top serves a whole tree of these: mirrors of the product, and data.
SHARED_README = ("tests/unit", "tests/fuzz", "tests/vectors")
# Formats without comments, tables that tell their columns first, and data.
NO_LICENCE_LINE = re.compile(
    r"LICENSE|.*\.(md|json|tsv|xml|pem|der|txt|hex|png)|.*/packages|(.*/)?\.clang-\w+|\.gitignore"
    r"|tests/(fuzz/corpus|vectors)/.*"
)
LICENCE = "SPDX-License-Identifier: Apache-2.0"


def top(root):
    for name in sorted(set(os.listdir(root)) - TOP):
        yield f"{name}:1: has no place at the top"


def readmes(root):
    folders = {os.path.dirname(path) for path in house.files(root)}
    folders |= {os.path.dirname(folder) for folder in folders}
    for folder in sorted(folders - {".ci"}):
        if any(folder.startswith(shared + "/") for shared in SHARED_README):
            continue
        path = os.path.join(folder, "README.md")
        limit = 30 if folder else 100
        if not os.path.exists(os.path.join(root, path)):
            yield f"{path}:1: is missing"
        elif house.read(root, path).count("\n") > limit:
            yield f"{path}:{limit + 1}: longer than {limit} lines"


def licences(root):
    for path in house.files(root):
        if NO_LICENCE_LINE.fullmatch(path):
            continue
        lines = house.read(root, path).split("\n", 2)
        first = lines[1] if lines[0].startswith("#!") else lines[0]
        if LICENCE not in first:
            yield f"{path}:1: does not begin with {LICENCE}"


def mirrors(root):
    for path in house.files(root, ".c", under=("tests/unit",)):
        module = re.sub(r"^tests/unit/(.*)-test\.c$", r"\1", path)
        if module == path:
            yield f"{path}:1: is not named MODULE-test.c"
        elif not any(os.path.exists(os.path.join(root, module + end)) for end in (".c", ".h", ".def")):
            yield f"{path}:1: tests {module}, which does not exist"


def check(root):
    return [*top(root), *readmes(root), *licences(root), *mirrors(root)]


if __name__ == "__main__":
    house.main(
        check,
        [
            ("notes.txt", "\n", "has no place at the top"),
            ("scripts/run", "# SPDX-License-Identifier: Apache-2.0\n", "scripts:1: has no place at the top"),
            ("daemon/planted/empty.c", "/* SPDX-License-Identifier: Apache-2.0 */\n", "README.md:1: is missing"),
            ("tests/README.md", "\n" * 31, "longer than 30 lines"),
            ("policy/planted.c", "int x;\n", "does not begin with SPDX"),
            ("tests/planted", "#!/bin/bash\n\n# SPDX-License-Identifier: Apache-2.0\n", "does not begin with SPDX"),
            ("tests/unit/policy/planted-test.c", "/* SPDX-License-Identifier: Apache-2.0 */\n", "does not exist"),
            ("tests/unit/policy/grant.c", "/* SPDX-License-Identifier: Apache-2.0 */\n", "is not named"),
        ],
    )
