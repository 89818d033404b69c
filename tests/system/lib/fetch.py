# SPDX-License-Identifier: Apache-2.0
"""claviger-fetch alone, asked as the programs ask it (test-fetch-client)."""

import os
import shutil
import subprocess
import tempfile

import checks
from programs import PATIENCE_S, Program

FAILED, NOT_FOUND, REFUSED = 1, 2, 3  # how the client ends
TRUST = 'mount --bind "$1" /etc/ssl/certs/ca-certificates.crt; shift; exec "$@"'


class Fetch:
    """`trusted`: a file of certificates that it trusts instead of the system's (needs root)."""

    def __init__(self, trusted=None):
        self.folder = tempfile.mkdtemp(prefix="claviger-fetch-")
        config = os.path.join(self.folder, "claviger.conf")
        with open(config, "w", encoding="ascii") as file:
            file.write(f"[Daemon]\nRuntimeDirectory={self.folder}/run\nStateDirectory={self.folder}/state\n")
        environment = {"http_proxy": "http://127.0.0.1:1", "all_proxy": "http://127.0.0.1:1", "HOME": self.folder}
        with open(os.path.join(self.folder, ".netrc"), "w", encoding="ascii") as file:
            file.write("default login thief password thief\n")
        command = ["claviger-fetch", "--config", config]
        if trusted:
            command = ["unshare", "--mount", "sh", "-c", TRUST, "sh", trusted, *command]
        self.program = Program("claviger-fetch", command, self.folder, environment)

    def begin(self, verb, url, size=1000, timeout=120, *login):
        return subprocess.Popen(
            ["test-fetch-client", verb, f"{self.folder}/run", url, str(size), str(timeout), *login],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def call(self, verb, url, *rest):
        """(exit status, output, reason)"""
        process = self.begin(verb, url, *rest)
        output, reason = process.communicate(timeout=PATIENCE_S)
        return process.returncode, output, reason.decode("utf-8", "replace").strip()

    def exchange(self, url, message=b"", size=100000, timeout=120):
        """A SCEP client's: (exit status, the answer's line, its body, reason)"""
        done = subprocess.run(["test-fetch-client", "scep", f"{self.folder}/run", url, str(size), str(timeout)],
                              input=message, capture_output=True, timeout=PATIENCE_S)
        line, _, body = done.stdout.partition(b"\n")
        return done.returncode, line.decode(), body, done.stderr.decode("utf-8", "replace").strip()

    def refused(self, verb, url, outcome, words, *rest):
        status, output, reason = self.call(verb, url, *rest)
        checks.equal((status, output), (outcome, b""), f"{url}: {reason}")
        checks.contains(reason, words)
        return reason

    def __enter__(self):
        self.program.start()
        return self

    def __exit__(self, *_):
        self.program.stop()
        complaints = self.program.complaints()
        self.program.close()
        shutil.rmtree(self.folder)
        checks.equal(complaints, [])
