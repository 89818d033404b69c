# SPDX-License-Identifier: Apache-2.0
"""tests/requirements.tsv says each requirement once, in four cells; what its tests did is told by results.py."""

import house

TABLE = "tests/requirements.tsv"


def check(root):
    found, seen = [], {}
    for number, line in enumerate(house.read(root, TABLE).splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        cells = line.split("\t")
        if len(cells) != 4 or not all(cell.strip() for cell in cells[:3]):
            found.append(f"{TABLE}:{number}: is not id, statement, state and tests")
        # A merge that keeps both sides' lines leaves two.
        if seen.setdefault(cells[0], number) != number:
            first = seen[cells[0]]
            found.append(f"{TABLE}:{number}: {cells[0]} is said in line {first} already: join the two rows")
    return found


if __name__ == "__main__":
    house.main(
        check,
        [
            (TABLE, "SRV-10\tsays it again\tdone\tunit/policy/grant\n", "SRV-10 is said in line "),
            (TABLE, "X-1\tsays\topen\t\nX-1\tsays\topen\t\n", "X-1 is said in line "),
            (TABLE, "X-1\tsays\tdone\n", "is not id, statement, state and tests"),
            (TABLE, "X-1\t\tdone\tunit/policy/grant\n", "is not id, statement, state and tests"),
        ],
    )
