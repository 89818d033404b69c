# SPDX-License-Identifier: Apache-2.0
"""Every program and shared object that gets installed is hardened.

hardening.py BUILD [--can-fail]. Looks at what `cmake --install` puts in place, and at the CET note of
every object in our libraries, since the linker is told to set it for the whole.
"""

import glob
import os
import platform
import re
import subprocess
import sys
import tempfile

CET = platform.machine() == "x86_64"
SOFT = """
#include <stdio.h>
#include <string.h>
int main(int argc, char **argv) { char text[8]; strncpy(text, argv[0], argc); return puts(text); }
"""
SOFT_FLAGS = """-O2 -U_FORTIFY_SOURCE -fno-stack-protector -fcf-protection=none -no-pie
    -Wl,-z,norelro -Wl,-z,lazy -Wl,-z,execstack -Wl,-rpath,/planted -Wno-stringop-truncation""".split()


def readelf(*arguments):
    return subprocess.run(["readelf", "-W", *arguments], capture_output=True, text=True, check=True).stdout


def is_elf(path):
    with open(path, "rb") as file:
        return not os.path.islink(path) and file.read(4) == b"\x7fELF"


def complaints_about(path):
    header, dynamic = readelf("-hl", path), readelf("-d", path)
    symbols, notes = readelf("--dyn-syms", path), readelf("-n", path)
    program = "INTERP" in header
    tests = {
        "not position independent": "DYN (" in header and ("PIE" in dynamic or not program),
        "no RELRO": "GNU_RELRO" in header,
        "binds lazily": "BIND_NOW" in dynamic or re.search(r"FLAGS_1.*\bNOW\b", dynamic),
        "executable stack": re.search(r"GNU_STACK(\s+0x\w+){5} RW ", header),
        "a segment both writable and executable": not re.search(r"LOAD(\s+0x\w+){5} RWE", header),
        "searches libraries by RPATH": not re.search(r"\((RPATH|RUNPATH)\)", dynamic),
        "no stack protector": "__stack_chk_fail" in symbols,
        "no fortified function": re.search(r"\b__\w+_chk@", symbols.replace("__stack_chk_fail", "")),
        "asserts compiled out": "__assert_fail" in symbols,
        "no CET note": not CET or "IBT, SHSTK" in notes,
    }
    return [f"{path}: {what}" for what, fine in tests.items() if not fine]


def objects_without_cet(build):
    for archive in glob.glob(os.path.join(build, "**", "*.a"), recursive=True):
        for part in re.split(r"^File: ", readelf("-n", archive), flags=re.M)[1:]:
            if "IBT, SHSTK" not in part:
                yield f"{part.splitlines()[0]}: no CET note"


def installed(build):
    with tempfile.TemporaryDirectory() as stage:
        environment = {**os.environ, "DESTDIR": stage}
        subprocess.run(["cmake", "--install", build], env=environment, stdout=subprocess.DEVNULL, check=True)
        paths = [os.path.join(top, name) for top, _, names in os.walk(stage) for name in names]
        programs = [path for path in paths if is_elf(path)]
        found = [line.replace(stage, "") for path in programs for line in complaints_about(path)]
    return found + list(objects_without_cet(build) if CET else []), len(programs)


def can_fail():
    """A program built with everything off draws every complaint."""
    with tempfile.TemporaryDirectory() as scratch:
        path = os.path.join(scratch, "soft")
        flags = [flag for flag in SOFT_FLAGS if CET or "cf-protection" not in flag]
        subprocess.run(["gcc", *flags, "-xc", "-", "-o", path], input=SOFT, text=True, check=True)
        found = complaints_about(path)
    print("\n".join(found))
    # A page that is both writable and executable is what today's linkers no longer make.
    wanted = 9 if CET else 8
    print(f"{len(found)} of {wanted} complaints")
    return len(found) != wanted


def main():
    if sys.argv[2:] == ["--can-fail"]:
        sys.exit(can_fail())
    found, programs = installed(sys.argv[1])
    print("\n".join(found))
    print(f"{programs} installed programs, {len(found)} complaints")
    sys.exit(bool(found) or not programs)


if __name__ == "__main__":
    main()
