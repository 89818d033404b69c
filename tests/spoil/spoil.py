# SPDX-License-Identifier: Apache-2.0
"""Spoils random cells of the product's tables, one at a time; a test must notice each.

A table is an X-macro file of rows `MACRO(cell, cell, …)`. tables.tsv tells which cells may be spoilt,
how, and which tests must notice. The tree is copied to WORK/tree and built in WORK/build, so that only
what includes the table is built again for a cell. A cell that the compiler refuses counts as noticed.
"""

import argparse
import collections
import os
import random
import re
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
IGNORED = {".git", "build", "__pycache__"}

# One line of tables.tsv, and one cell of a table: its text is source[start:end].
Rule = collections.namedtuple("Rule", "path macro where column kind tests")
Cell = collections.namedtuple("Cell", "rule line row start end text")


def fail(words):
    sys.exit(f"spoil: {words}")


# --- reading tables --------------------------------------------------------------------------------

WORD = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'|[^"\'/]|/', re.S)


def split_arguments(source, start):
    """The (start, end) of each argument of the call whose `(` is at source[start]."""
    depth, begin, spans = 0, start + 1, []
    for match in WORD.finditer(source, start):
        word = match.group()
        if word in "([{":
            depth += 1
        elif word in ")]}":
            depth -= 1
        if (word == "," and depth == 1) or depth == 0:
            spans.append((begin, match.start()))
            begin = match.end()
        if depth == 0:
            return spans
    fail("a row without an end: " + source[start : start + 60])
    return []


def trimmed(source, start, end):
    """The span without white space and comments around it."""
    text = re.sub(r"/\*.*?\*/|//[^\n]*", lambda m: " " * len(m.group()), source[start:end], flags=re.S)
    lead = len(text) - len(text.lstrip())
    return start + lead, start + len(text.rstrip())


def wanted(rule, arguments):
    """Whether the rule's condition `COLUMN=REGEX` holds for a row; `-` holds for all."""
    if rule.where == "-":
        return True
    column, pattern = rule.where.split("=", 1)
    return re.fullmatch(pattern, arguments[int(column) - 1]) is not None


def cells(tree, rule):
    source = open(os.path.join(tree, rule.path), encoding="utf-8").read()
    bare = re.sub(r"/\*.*?\*/", lambda m: re.sub(r"[^\n]", " ", m.group()), source, flags=re.S)
    found = []
    for match in re.finditer(rf"^[ \t]*{rule.macro}[ \t]*\(", bare, re.M):
        spans = split_arguments(source, match.end() - 1)
        if len(spans) < rule.column:
            fail(f"{rule.path}: a row of {rule.macro} has no column {rule.column}")
        arguments = [source[slice(*trimmed(source, *span))] for span in spans]
        if not wanted(rule, arguments):
            continue
        row = ", ".join(arguments[:2])
        start, end = trimmed(source, *spans[rule.column - 1])
        line = source.count("\n", 0, start) + 1
        found.append(Cell(rule, line, row, start, end, source[start:end]))
    if not found:
        fail(f"{rule.path} has no row {rule.macro}(…) where {rule.where}")
    return found


def rules(tables):
    with open(tables, encoding="utf-8") as file:
        lines = [line.rstrip("\n") for line in file if line.strip() and not line.startswith("#")]
    for line in lines:
        path, macro, where, column, kind, tests = line.split("\t")
        yield Rule(path, macro, where, int(column), kind, tests)


# --- flipping a cell -------------------------------------------------------------------------------


def other_number(text, chance):
    """The text with one of its numbers moved; None where it has none."""
    numbers = list(re.finditer(r"(?<![\w.])(0x[0-9a-fA-F]+|\d+)", text))
    if not numbers:
        return None
    match = chance.choice(numbers)
    old = int(match.group(), 16 if match.group().startswith("0x") else 10)
    new = chance.choice([n for n in (old + 1, old - 1, old * 2) if n >= 0 and n != old])
    return text[: match.start()] + str(new) + text[match.end() :]


def other_bool(text, _chance):
    pairs = [("true", "false"), ("0", "1"), ('"yes"', '"no"')]
    return {**dict(pairs), **{b: a for a, b in pairs}}.get(text)


def other_of(choices):
    def flip(text, chance):
        others = sorted(set(choices) - {text})
        return chance.choice(others) if others else None

    return flip


def flipper(kind, column):
    """The function (text, chance) → other text or None, of a kind as tables.tsv writes it."""
    if kind == "number":
        return other_number
    if kind == "bool":
        return other_bool
    if kind == "peer":
        return other_of({cell.text for cell in column})
    if kind.startswith("of:"):
        return other_of(kind[3:].split(","))
    fail(f"what is a {kind!r}?")
    return None


def flips(tree, rule, chance):
    """All flips of a column, in random order: (cell, new text)."""
    column = cells(tree, rule)
    flip = flipper(rule.kind, column)
    done = [(cell, flip(cell.text, chance)) for cell in column]
    done = [(cell, new) for cell, new in done if new is not None]
    if not done:
        fail(f"{rule.path}: nothing in column {rule.column} of {rule.macro} is a {rule.kind}")
    chance.shuffle(done)
    return done


def choose(tree, table, count, chance):
    """`count` flips, taken from the columns in turn so that a large table doesn't take them all."""
    columns = [flips(tree, rule, chance) for rule in table]
    chance.shuffle(columns)
    chosen = []
    while len(chosen) < count and any(columns):
        chosen += [column.pop() for column in columns if column]
    return chosen[:count]


# --- building and testing --------------------------------------------------------------------------


def copy_tree(source, tree):
    """Makes `tree` equal to `source`, touching only what differs, so that a build stays incremental."""
    wanted = set()
    for folder, folders, names in os.walk(source):
        folders[:] = [name for name in folders if name not in IGNORED]
        for name in names:
            path = os.path.relpath(os.path.join(folder, name), source)
            wanted.add(path)
            target = os.path.join(tree, path)
            new = open(os.path.join(source, path), "rb").read()
            if not os.path.exists(target) or open(target, "rb").read() != new:
                os.makedirs(os.path.dirname(target), exist_ok=True)
                shutil.copy(os.path.join(source, path), target)
    for folder, _, names in os.walk(tree):
        for name in names:
            path = os.path.join(folder, name)
            if os.path.relpath(path, tree) not in wanted:
                os.remove(path)


class Build:
    def __init__(self, work, tree):
        self.folder, self.tree = os.path.join(work, "build"), tree

    def run(self, *words):
        return subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)

    def configure(self):
        return self.run(
            "cmake", "-S", self.tree, "-B", self.folder, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Debug",
            "-DCMAKE_C_FLAGS=-O0 -g0", "-DCLAVIGER_TEST_CLOCK=ON",
        )

    def make(self):
        return self.run("cmake", "--build", self.folder)

    def test(self, pattern):
        return self.run(
            "ctest", "--test-dir", self.folder, "--stop-on-failure", "--no-tests=error",
            "--output-on-failure", "--tests-regex", pattern, "--parallel", str(os.cpu_count()),
        )

    def must(self, words, run):
        if run.returncode:
            print(run.stdout)
            fail(f"unspoilt, {words} fails")


def notice(build, rule):
    """Who noticed: the compiler, a test by name, or nobody (None)."""
    if build.make().returncode:
        return "the compiler"
    run = build.test(rule.tests)
    if not run.returncode:
        return None
    names = re.findall(r"\d+ - (\S+) \((?:Failed|Timeout|\w+ aborted|SEGFAULT|\w+)", run.stdout)
    return names[0] if names else "ctest"


def spoil(build, cell, new):
    path = os.path.join(build.tree, cell.rule.path)
    source = open(path, encoding="utf-8").read()
    try:
        with open(path, "w", encoding="utf-8") as file:
            file.write(source[: cell.start] + new + source[cell.end :])
        who = notice(build, cell.rule)
    finally:
        with open(path, "w", encoding="utf-8") as file:
            file.write(source)
    verdict = f"noticed by {who}" if who else f"NOT NOTICED by {cell.rule.tests}"
    place = f"{cell.rule.path}:{cell.line}: {cell.rule.macro}({cell.row}, …) column {cell.rule.column}"
    print(f"{place}: {cell.text} -> {new}: {verdict}", flush=True)
    return who is not None


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--count", type=int, required=True, help="cells to spoil")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--source", default=TOP, help="the tree")
    parser.add_argument("--tables", default=os.path.join(HERE, "tables.tsv"))
    parser.add_argument("--work", default=os.path.join(TOP, "build", "spoil"), help="scratch, kept")
    return parser.parse_args()


def main():
    given = arguments()
    print(f"seed {given.seed}", flush=True)
    table = list(rules(given.tables))
    missing = {rule.path for rule in table if not os.path.exists(os.path.join(given.source, rule.path))}
    if missing or not table:
        fail("no such table: " + ", ".join(sorted(missing) or [given.tables]))
    build = Build(given.work, os.path.join(given.work, "tree"))
    os.makedirs(build.tree, exist_ok=True)
    copy_tree(given.source, build.tree)
    build.must("cmake", build.configure())
    build.must("the build", build.make())
    for pattern in sorted({rule.tests for rule in table}):
        build.must(f"a test of {pattern}", build.test(pattern))
    chosen = choose(build.tree, table, given.count, random.Random(given.seed))
    noticed = [spoil(build, cell, new) for cell, new in chosen]
    print(f"{len(noticed)} cells spoilt, {noticed.count(False)} not noticed (seed {given.seed})")
    sys.exit(False in noticed or not noticed)


if __name__ == "__main__":
    main()
