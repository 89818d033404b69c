# SPDX-License-Identifier: Apache-2.0
"""What tests/only.tsv keeps to some places is said nowhere else: clocks, sleeps, PKCS#11, SQL …"""

import fnmatch
import re

import house

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]+[<"]([^>"\n]+)[>"]', re.M)


def matches(path, patterns):
    return any(fnmatch.fnmatch(path, pattern) for pattern in patterns.split())


def is_shell(path, text):
    return path.endswith(".sh") or re.match(r"#!.*\b(ba)?sh\b", text)


def places(kind, path, text, pattern):
    """The offsets in `text` at which the pattern is found, as `kind` reads the file."""
    if kind == "include":
        return [m.start() for m in INCLUDE.finditer(text) if re.match(pattern, m.group(1))]
    if kind == "shell":
        # Comments go, so that a script may say in prose why it does not sleep.
        text = re.sub(r"(?m)(^|\s)#.*", "", text) if is_shell(path, text) else ""
    elif kind == "code":
        text = house.code(text)
    return [m.start() for m in re.finditer(pattern, text, re.M)]


def check(root):
    found = []
    rows = [(row + [""])[:5] for row in house.table(root, "tests/only.tsv")]
    for path in house.files(root):
        # The table and the plants below name what they forbid.
        if path in ("tests/only.tsv", "tests/checks/only.py"):
            continue
        text = None
        for rule, scope, kind, pattern, allowed in rows:
            if not matches(path, scope) or matches(path, allowed):
                continue
            text = house.read(root, path) if text is None else text
            for offset in places(kind, path, text, pattern):
                found.append(f"{path}:{house.line_of(text, offset)}: not here by rule {rule}")
    return found


if __name__ == "__main__":
    house.main(
        check,
        [
            ("daemon/ca/planted.c", "int64_t now = time(NULL);\n", "by rule clock"),
            ("daemon/main/planted.c", "sd_event_now (event, CLOCK_REALTIME, &now);\n", "by rule clock"),
            ("tests/unit/policy/planted-test.c", "clock_gettime(CLOCK_REALTIME, &now);\n", "by rule clock"),
            ("daemon/store/planted.c", '"INSERT INTO t VALUES (CURRENT_TIMESTAMP)"\n', "by rule clock"),
            ("daemon/store/planted.c", "\"SELECT strftime('%s', 'now')\"\n", "by rule clock"),
            ("tests/unit/policy/planted-test.c", "usleep(100);\n", "by rule sleep"),
            ("tests/system/planted", "#!/bin/bash\nfoo & sleep 1\n", "by rule sleep"),
            ("tests/system/planted.py", "time.sleep(1)\n", "by rule sleep"),
            ("daemon/main/planted.c", "#include <libp11.h>\n", "by rule pkcs11"),
            ("token/planted.c", "void *module = dlopen(path, RTLD_NOW);\n", "by rule pkcs11"),
            ("daemon/flow/planted.c", "#include <sqlite3.h>\n", "by rule sqlite"),
            ("policy/planted.c", "exit(1);\n", "by rule exit"),
            ("policy/planted.c", "int n = rand();\n", "by rule random"),
            ("policy/planted.c", "#define NDEBUG 1\n", "by rule ndebug"),
            ("policy/planted.c", "/* TO" + "DO: later */\n", "by rule unfinished"),
            ("tests/unit/policy/planted-test.c", '#include "policy/grant.c"\n', "by rule test-of-source"),
        ],
    )
