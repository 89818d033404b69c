# SPDX-License-Identifier: Apache-2.0
"""The spoiler itself, on a small project with a column that its test watches and one that it doesn't."""

import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
FIXTURE = os.path.join(HERE, "fixture")

# (lines of tables.tsv, cells to spoil, exit status, what must be said)
CASES = [
    (["table.def\tROW\t-\t4\tbool\tcheck"], 9, 0, ["2 cells spoilt, 0 not noticed", "noticed by check"]),
    (["table.def\tROW\t-\t3\tnumber\tcheck"], 9, 0, ["(FIRST, \"a, (b\", …) column 3: 30 -> ", "(SECOND, \",\", …) column 3: (2 * 7) -> ("]),
    (["table.def\tROW\t-\t4\tpeer\tcheck"], 1, 0, ["1 cells spoilt"]),
    (["table.def\tROW\t-\t4\tof:true,false,yes\tcheck"], 9, 0, ["2 cells spoilt, 0 not noticed"]),
    (["table.def\tROW\t1=SEC.*\t4\tbool\tcheck"], 9, 0, ["(SECOND, \",\", …) column 4: false -> true", "1 cells spoilt"]),
    (["table.def\tROW\t1=SEC\t4\tbool\tcheck"], 9, 1, ["has no row ROW(…) where 1=SEC"]),
    (["table.def\tROW\t-\t5\tnumber\tcheck"], 9, 1, ["table.def:5: ROW(SECOND, \",\", …) column 5: \"365d\" -> ", "NOT NOTICED by check"]),
    (["table.def\tROW\t-\t4\tbool\tcheck", "lost.def\tROW\t-\t1\tbool\tcheck"], 1, 1, ["no such table: lost.def"]),
    (["table.def\tLINE\t-\t4\tbool\tcheck"], 1, 1, ["has no row LINE"]),
    (["table.def\tROW\t-\t6\tbool\tcheck"], 1, 1, ["has no column 6"]),
    (["table.def\tROW\t-\t2\tnumber\tcheck"], 1, 1, ["nothing in column 2 of ROW is a number"]),
    (["table.def\tROW\t-\t4\tbool\tnothing"], 1, 1, ["unspoilt, a test of nothing fails"]),
]


def attempt(scratch, lines, count):
    tables = os.path.join(scratch, "tables.tsv")
    with open(tables, "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
    run = subprocess.run(
        [sys.executable, os.path.join(HERE, "spoil.py"), "--count", str(count), "--seed", "1",
         "--source", FIXTURE, "--tables", tables, "--work", os.path.join(scratch, "work")],
        capture_output=True, text=True, check=False,
    )
    return run.returncode, run.stdout + run.stderr


def main():
    bad = 0
    with tempfile.TemporaryDirectory() as scratch:
        for lines, count, status, wanted in CASES:
            got, said = attempt(scratch, lines, count)
            missed = [words for words in wanted if words not in said]
            if got != status or missed:
                bad += 1
                print(f"{lines}: exit status {got} for {status}, not said: {missed}\n{said}")
    print(f"{len(CASES)} cases, {bad} wrong")
    sys.exit(bool(bad))


if __name__ == "__main__":
    main()
