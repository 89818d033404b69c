# SPDX-License-Identifier: Apache-2.0
"""tests/results.py on made-up results: what must fail fails."""

import os
import subprocess
import sys
import tempfile

RESULTS = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "results.py")
ASAN = '<testsuite><testcase name="a" status="run"/><testcase name="b" status="{}"/></testsuite>'
ONE = '<testsuite><testcase name="b" status="{}"/></testsuite>'
RELEASE = '<testsuite><testcase name="a" status="{}"/></testsuite>'

# (status of b in asan, status of a in release, a table's line, exit status of rows, what it says)
CASES = [
    ("run", "run", "X-1\tsays\tdone\ta,b", 0, "1 rows: 1 passed"),
    ("run", "run", "X-1\tsays\topen\ta, later", 0, "1 rows: 1 open"),
    ("run", "run", "X-1\tsays\tdone\t", 1, "FAILED: no test"),
    ("run", "run", "X-1\tsays\tdone\ta, c", 1, "FAILED: no such test: c"),
    ("fail", "run", "X-1\tsays\tdone\ta, b", 1, "FAILED: b"),
    ("fail", "run", "X-1\tsays\topen\tb", 1, "FAILED: b"),
    ("notrun", "run", "X-1\tsays\tdone\tb", 1, "FAILED: b"),
    ("disabled", "run", "X-1\tsays\tdone\tb", 1, "FAILED: b"),
    ("run", "fail", "X-1\tsays\tdone\ta", 1, "FAILED: a"),
    ("run", "run", "X-1\tsays\tmaybe\ta", 1, "FAILED: state 'maybe'"),
    ("run", "run", "# nothing", 1, "0 rows"),
]
# (status of b in asan, when it is run again, exit status of counts, what it says)
AGAIN = [
    ("fail", "run", 0, "unsteady, passed when it was run alone: b (asan)\n3 passed (1 of them unsteady), 0 failed"),
    ("fail", "fail", 1, "failed: b (asan)\n2 passed (0 of them unsteady), 1 failed"),
    ("fail", "notrun", 1, "failed: b (asan)"),
    ("notrun", "run", 0, "1 of them unsteady"),
]


def run(*words):
    done = subprocess.run([sys.executable, RESULTS, *words], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def attempt(folder, in_asan, in_release, line):
    for name, text in (
        ("asan.xml", ASAN.format(in_asan)),
        ("release.xml", RELEASE.format(in_release)),
        ("table", line + "\n"),
    ):
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            file.write(text)
    return run("rows", folder, os.path.join(folder, "table")), run("counts", folder)


def attempt_again(folder, first, second):
    for name, text in (("asan", ASAN.format(first)), ("release", RELEASE.format("run")), ("asan-again", ONE.format(second))):
        with open(os.path.join(folder, f"{name}.xml"), "w", encoding="utf-8") as file:
            file.write(text)
    return run("counts", folder)


def main():
    wrong = []
    with tempfile.TemporaryDirectory() as folder:
        wrong += [] if run("counts", folder)[0] == 1 else ["counts passes without any result"]
        for in_asan, in_release, line, status, said in CASES:
            rows, counts = attempt(folder, in_asan, in_release, line)
            if rows[0] != status or said not in rows[1]:
                wrong.append(f"{line!r} with b {in_asan}, a {in_release}: {rows}")
            if counts[0] != (in_asan != "run" or in_release != "run"):
                wrong.append(f"counts with b {in_asan}, a {in_release}: {counts}")
        for first, second, status, said in AGAIN:
            found = attempt_again(folder, first, second)
            if found[0] != status or said not in found[1]:
                wrong.append(f"counts with b {first}, then {second}: {found}")
    print("\n".join(wrong))
    print(f"{len(CASES) + len(AGAIN)} cases, {len(wrong)} wrong")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
