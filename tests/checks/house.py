# SPDX-License-Identifier: Apache-2.0
"""What the house checks share: walking the tree, taking C apart, and the self-test.

A check is a function from a tree's root to a list of complaints ("path:line: what"), and a list of
plants: (path, text, fragment) where writing `text` at the end of `path` must bring up a complaint
that contains `fragment` and was not there before. So no check can rot into one that never fails.
"""

import os
import re
import shutil
import sys
import tempfile

# State of a build or of git; in a second work tree .git is a file.
FOREIGN = {".git", "build", "__pycache__"}
PRODUCT = ("daemon", "policy", "hsm", "token")


def files(root, *suffixes, under=("",)):
    """Paths relative to root, sorted; all files, or those with one of the suffixes."""
    found = []
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if name not in FOREIGN)
        for name in sorted(set(names) - FOREIGN):
            path = os.path.relpath(os.path.join(folder, name), root)
            beneath = any(not top or path.startswith(top + "/") for top in under)
            if beneath and (not suffixes or path.endswith(suffixes)):
                found.append(path)
    return found


def read(root, path):
    with open(os.path.join(root, path), encoding="utf-8", errors="replace") as file:
        return file.read()


def table(root, path):
    """The rows of a tab-separated file, as lists of cells; `#` starts a comment line."""
    lines = read(root, path).splitlines()
    return [line.split("\t") for line in lines if line.strip() and not line.startswith("#")]


TOKEN = re.compile(r"//[^\n]*|/\*.*?\*/|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'", re.S)


def code(text):
    """C without comments, and with its strings emptied; lines keep their numbers."""

    def blank(match):
        word = match.group()
        return word[0] * 2 if word[0] in "\"'" else re.sub(r"[^\n]", " ", word)

    return TOKEN.sub(blank, text)


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


def can_fail(check, root, plants):
    """Complaints about the check itself, each plant tried in a copy of the tree."""
    complaints = []
    with tempfile.TemporaryDirectory() as scratch:
        copy = os.path.join(scratch, "tree")
        shutil.copytree(root, copy, ignore=shutil.ignore_patterns(*FOREIGN), symlinks=True)
        before = set(check(copy))
        for path, text, fragment in plants:
            target = os.path.join(copy, path)
            old = open(target, "rb").read() if os.path.exists(target) else None
            os.makedirs(os.path.dirname(target), exist_ok=True)
            with open(target, "a", encoding="utf-8") as file:
                file.write(text)
            fresh = set(check(copy)) - before
            if not any(fragment in complaint for complaint in fresh):
                complaints.append(f"{path}: planted {text!r} and no new complaint says {fragment!r}")
            if old is None:
                os.remove(target)
            else:
                open(target, "wb").write(old)
    return complaints


def main(check, plants):
    """CHECK ROOT looks at a tree; CHECK ROOT --can-fail tries the check itself."""
    root = os.path.abspath(sys.argv[1])
    trial = sys.argv[2:] == ["--can-fail"]
    complaints = can_fail(check, root, plants) if trial else check(root)
    for complaint in complaints:
        print(complaint)
    looked = f"{len(plants)} plants" if trial else f"{len(files(root))} files in the tree"
    print(f"{looked}, {len(complaints)} complaints")
    sys.exit(bool(complaints))
