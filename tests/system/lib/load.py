# SPDX-License-Identifier: Apache-2.0
"""The load generator of tests/bench against a CA: made ready, let go, followed to its end.

    with Load(ca, enrollments=500, clients=4) as load:
        load.go()
        result = load.end()        # a dict; see tests/bench/README.md
"""

import json
import os
import subprocess

from programs import Failure

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
KEYS = os.path.join(SOURCE, "build", "bench", "routers.keys")


class Load:
    def __init__(self, ca, enrollments, clients, keys=256, serials=None, stops=()):
        os.makedirs(os.path.dirname(KEYS), exist_ok=True)
        command = ["bench-load", "--port", ca.port, "--key-file", KEYS, "--keys", keys, "--clients", clients]
        command += ["--enrollments", enrollments]
        command += ["--serials", serials] if serials else []
        command += ["--stops", ",".join(f"{number}:{delay_us}" for number, delay_us in stops)] if stops else []
        self.process = subprocess.Popen(
            [str(word) for word in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )

    def __enter__(self):
        self.wait("ready")
        return self

    def __exit__(self, kind, error, trace):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()

    def line(self):
        line = self.process.stdout.readline()
        if not line:
            raise Failure(f"bench-load ended too early, with {self.process.wait()}")
        return line.rstrip("\n")

    def wait(self, wanted):
        line = self.line()
        if line != wanted:
            raise Failure(f"bench-load says {line!r}, not {wanted!r}")

    def tell(self, line):
        self.process.stdin.write(f"{line}\n")

    def go(self):
        self.tell("go")

    def end(self):
        """After "done": what it counted."""
        result = json.loads(self.line())
        if self.process.wait():
            raise Failure(f"bench-load ended with {self.process.returncode}")
        return result
