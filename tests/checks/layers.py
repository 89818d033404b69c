# SPDX-License-Identifier: Apache-2.0
"""Each folder includes and links only what its row of tests/layers.tsv permits."""

import os
import re

import house

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]+"([^"]+)"', re.M)
CALL = re.compile(r"\b(claviger_layer|claviger_program|target_link_libraries)\s*\(([^)]*)\)")


def layers(root):
    rows = house.table(root, "tests/layers.tsv")
    return {row[0]: set(row[1].split()) if len(row) > 1 else set() for row in rows}


def includes(root, permitted):
    for path in house.files(root, ".c", ".h", ".def", under=house.PRODUCT):
        folder = os.path.dirname(path)
        if folder not in permitted:
            yield f"{path}:1: {folder} has no row in tests/layers.tsv"
            continue
        text = house.read(root, path)
        for match in INCLUDE.finditer(text):
            at = f"{path}:{house.line_of(text, match.start())}"
            included = match.group(1)
            target = os.path.dirname(included)
            if not os.path.exists(os.path.join(root, included)):
                yield f"{at}: {included} is not a path from the root"
            elif target != folder and target not in permitted[folder]:
                yield f"{at}: {folder} may not include {target}"


def links(root, permitted):
    names = {layer.replace("/", "-"): layer for layer in permitted}
    for path in house.files(root, "CMakeLists.txt", under=house.PRODUCT):
        folder = os.path.dirname(path)
        text = re.sub(r"#.*", "", house.read(root, path))
        for match in CALL.finditer(text):
            at = f"{path}:{house.line_of(text, match.start())}"
            words = match.group(2).split()
            if match.group(1) == "claviger_program":
                used = {words[1]}
            else:
                # Both by folder (USES daemon/base) and by library (daemon-base).
                used = {names.get(word, word) for word in words[1:]} & set(permitted)
            if match.group(1) == "claviger_layer" and words[0] != folder:
                yield f"{at}: names {words[0]}, not its own folder"
            for layer in sorted(used - permitted.get(folder, set()) - {folder}):
                yield f"{at}: {folder} may not link {layer}"


def circles(permitted):
    """The table itself: known layers only, and no way round in a circle."""
    for layer, used in permitted.items():
        for unknown in sorted(used - set(permitted)):
            yield f"tests/layers.tsv:1: {layer} may include {unknown}, which has no row"
        reached, todo = set(), set(used)
        while todo:
            step = todo.pop()
            reached.add(step)
            todo |= permitted.get(step, set()) - reached
        if layer in reached:
            yield f"tests/layers.tsv:1: {layer} comes back to itself"


def check(root):
    permitted = layers(root)
    found = [*circles(permitted), *includes(root, permitted), *links(root, permitted)]
    return found


if __name__ == "__main__":
    house.main(
        check,
        [
            ("daemon/base/err.h", '\n#include "daemon/conf/planted.h"\n', "is not a path from the root"),
            ("daemon/base/planted.c", '#include "tests/layers.tsv"\n', "daemon/base may not include tests"),
            ("daemon/ca/planted.h", ' # include "daemon/base/err.h"\n#include "hsm/key/key.h"\n', "may not include hsm/key"),
            ("daemon/planted/planted.c", "\n", "has no row"),
            ("daemon/base/CMakeLists.txt", "claviger_layer(daemon/base USES\n\tpolicy)\n", "may not link policy"),
            ("policy/CMakeLists.txt", "target_link_libraries(policy PUBLIC daemon-ca)\n", "may not link daemon/ca"),
            ("token/CMakeLists.txt", "claviger_program(planted daemon/cli bin)\n", "may not link daemon/cli"),
            ("tests/layers.tsv", "policy\tdaemon/ca\n", "comes back to itself"),
        ],
    )
