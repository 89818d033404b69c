# SPDX-License-Identifier: Apache-2.0
"""What is read from outside: the processes' own accounts, the token alone, this machine's openssl; what all
programs here begin and end with."""

import json
import os
import subprocess

from ca import MODULE, PIN
from load import SOURCE

TICK_S = 1 / os.sysconf("SC_CLK_TCK")
CORES = os.cpu_count()


def cpu_s(pid):
    """User's and system's time of all threads that the process has and had."""
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * TICK_S


def memory_mib(pid):
    """Resident now, and the most there was."""
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        lines = dict(line.rstrip().split(":", 1) for line in file if ":" in line)
    return {name: int(lines[key].split()[0]) / 1024 for name, key in (("now", "VmRSS"), ("peak", "VmHWM"))}


def signature_us(seconds):
    """CPU of one RSA-2048 signature by `openssl speed`."""
    command = ["openssl", "speed", "-mr", "-seconds", str(seconds), "rsa2048"]
    out = subprocess.run(command, capture_output=True, check=True, text=True).stdout
    (line,) = (line for line in out.splitlines() if line.startswith("+F2:"))
    return 1e6 / float(line.split(":")[3])


def raw(ca, threads, seconds):
    """The token's own speed: signatures by the CA's key through the module and nothing else."""
    command = ["bench-raw", MODULE, "ca", PIN, str(threads), str(int(seconds * 1000))]
    found = json.loads(ca.tool(*command))
    return {
        "threads": threads,
        "per_second": found["operations"] / found["seconds"],
        "cpu_us": found["cpu_seconds"] / found["operations"] * 1e6,
    }


def calls(path, functions):
    """How often each was called, by the counts of tests/modules/fault.c."""
    with open(path, encoding="ascii") as file:
        counts = dict(line.split() for line in file.read().replace("\0", "").splitlines())
    return {name: int(counts.get(name, 0)) for name in functions}


def machine():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        models = [line.partition(":")[2].strip() for line in file if line.startswith("model name")]
    version = subprocess.run(["openssl", "version"], capture_output=True, check=True, text=True).stdout
    return {"cores": CORES, "cpu": models[0] if models else "unknown", "openssl": version.strip()}


def build():
    """The preset release, which is what is measured; its directory."""
    for command in (["cmake", "--preset", "release", "-Wno-dev"], ["cmake", "--build", "--preset", "release"]):
        subprocess.run(command, cwd=SOURCE, check=True, stdout=subprocess.DEVNULL)
    return os.path.join(SOURCE, "build", "release")


def table(heads, rows):
    cells = [heads, *rows]
    widths = [max(len(row[i]) for row in cells) for i in range(len(heads))]
    for row in cells:
        print("  " + "  ".join(cell.rjust(width) for cell, width in zip(row, widths)))
    print()
