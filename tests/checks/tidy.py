# SPDX-License-Identifier: Apache-2.0
"""clang-tidy over our C files of a build tree, with a memory of what was clean.

tidy.py ROOT BUILD [--can-fail]. A file is looked at again when its command, .clang-tidy, or any file
that it includes has changed since it was last found clean (BUILD/tidy/ has one stamp per file).

clang 14 does not see that a _cleanup_ frees, so what it calls a potential leak is left to the leak
sanitizer; what is freed twice or used after that still counts.
"""

import concurrent.futures
import hashlib
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile

import house

JOBS = 2
COMPLAINT = re.compile(r"^\S+?:\d+:\d+: (?:error|warning): (?!Potential (?:memory )?leak).*\[\S+\]$", re.M)
PLANT = """#include <stdlib.h>
#include <string.h>
int planted(const char *text);
int planted(const char *text)
{
	char *copy = strdup(text);
	free(copy);
	return copy[1];
}
"""


def commands(root, build):
    """Of each of our files: its compiler's arguments without compiler, output and input."""
    with open(os.path.join(build, "compile_commands.json"), encoding="utf-8") as file:
        entries = json.load(file)
    for entry in entries:
        path = os.path.relpath(entry["file"], root)
        if path.startswith(tuple(top + "/" for top in (*house.PRODUCT, "tests"))):
            words = shlex.split(entry["command"])
            yield path, words[1 : words.index("-o")]


def fingerprint(root, path, arguments):
    """SHA-256 over everything that clang-tidy's answer depends on."""
    listed = subprocess.run(
        ["clang", *arguments, "-w", "-MM", path], cwd=root, capture_output=True, text=True, check=False
    )
    if listed.returncode:
        return None
    inputs = listed.stdout.replace("\\\n", " ").split()[1:]
    digest = hashlib.sha256(" ".join(arguments).encode())
    for name in [".clang-tidy", "tests/.clang-tidy", *inputs]:
        with open(os.path.join(root, name), "rb") as file:
            digest.update(file.read())
    return digest.hexdigest()


def complaints_of(root, path, arguments, *options):
    run = subprocess.run(
        # Warnings are the compilers' matter; gcc's own names for some are unknown here.
        ["clang-tidy", "--quiet", *options, path, "--", *arguments, "-Wno-unknown-warning-option"],
        cwd=root, capture_output=True, text=True, check=False,
    )
    found = sorted(set(COMPLAINT.findall(run.stdout)))
    if run.returncode and " error: " not in run.stdout:
        found.append(f"{path}: clang-tidy: {run.stderr.strip()}")
    return found


def look(root, build, path, arguments):
    """Complaints about one file; none where it is (still) clean."""
    stamp = os.path.join(build, "tidy", path.replace("/", "-"))
    now = fingerprint(root, path, arguments)
    if now and os.path.exists(stamp) and open(stamp, encoding="utf-8").read() == now:
        return []
    found = complaints_of(root, path, arguments)
    if not found:
        with open(stamp, "w", encoding="utf-8") as file:
            file.write(now or "")
    return found


def can_fail(root, build):
    """A use after free in a file of its own must be complained about."""
    with tempfile.TemporaryDirectory(dir=build) as scratch:
        path = os.path.join(scratch, "planted.c")
        with open(path, "w", encoding="utf-8") as file:
            file.write(PLANT)
        found = complaints_of(root, path, ["-std=gnu11"], f"--config-file={root}/.clang-tidy")
    print("\n".join(found))
    return not any("Use of memory after it is freed" in complaint for complaint in found)


def main():
    root, build = map(os.path.abspath, sys.argv[1:3])
    if sys.argv[3:] == ["--can-fail"]:
        sys.exit(can_fail(root, build))
    os.makedirs(os.path.join(build, "tidy"), exist_ok=True)
    todo = dict(commands(root, build))
    with concurrent.futures.ThreadPoolExecutor(JOBS) as pool:
        found = pool.map(lambda item: look(root, build, *item), todo.items())
        complaints = sorted({complaint for of_file in found for complaint in of_file})
    print("\n".join(complaints))
    print(f"{len(todo)} files, {len(complaints)} complaints")
    sys.exit(bool(complaints) or not todo)


if __name__ == "__main__":
    main()
