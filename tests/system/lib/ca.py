# SPDX-License-Identifier: Apache-2.0
"""A private CA: the real programs over a SoftHSM token, all state in one directory of its own.

    with CA(server={"Grant": "manual"}) as ca:
        ca.run()                            # token, daemon, front end; the server created and started
        ca.command("request", "list", "ROOTCA")["requests"]

The end of the block stops every program and fails if one crashed or a sanitizer complained; where
the block fails the logs are printed. Without `clock` the programs go by the machine's clock.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile

from programs import PATIENCE_S, Failure, Program

MODULE = "/usr/lib/softhsm/libsofthsm2.so"
PIN, SO_PIN = "12345678", "87654321"
LABEL = "ROOTCA"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class CA:
    def __init__(self, server=None, daemon=None, http=None, token=None, sections=None, clock=None):
        self.folder = tempfile.mkdtemp(prefix="claviger-")
        self.config = self.path("claviger.conf")
        self.port = free_port()
        self.environment = {"SOFTHSM2_CONF": self.path("softhsm2.conf")}
        self.sections = {
            "Daemon": {
                "RuntimeDirectory": self.path("run"),
                "StateDirectory": self.path("state"),
                "TokenStateDirectory": self.path("token"),
                "TimeSource": "authoritative",
                **(daemon or {}),
            },
            "HTTP": {"Listen": f"127.0.0.1:{self.port}", **(http or {})},
            "Token soft": {
                "Module": MODULE, "URI": "pkcs11:token=ca", "PIN": self.path("pin"), **(token or {})
            },
            f"Server {LABEL}": {
                "Token": "soft", "IssuerName": "CN=RootCA,OU=TAC,O=Cisco", "Grant": "auto",
                "KeySize": 2048, **(server or {})
            },
            **(sections or {}),
        }
        if clock is not None:
            os.mkdir(self.path("clock"))
            self.set_clock(clock)
            self.sections["Daemon"]["TestClock"] = self.path("clock", "now")
        self.write_config()
        self.token = self._program("claviger-token", "soft")
        self.daemon = self._program("clavigerd", "--debug")
        self.http = self._program("claviger-http")
        self.programs = [self.http, self.daemon, self.token]  # in the order of stopping

    def path(self, *parts):
        return os.path.join(self.folder, *parts)

    def url(self, path=f"/scep/{LABEL}"):
        return f"http://127.0.0.1:{self.port}{path}"

    def _program(self, name, *arguments):
        return Program(name, [name, "--config", self.config, *arguments], self.folder, self.environment)

    # What stands in files

    def write_config(self):
        with open(self.config, "w", encoding="utf-8") as file:
            for section, options in self.sections.items():
                file.write(f"[{section}]\n")
                file.writelines(f"{name}={value}\n" for name, value in options.items() if value is not None)

    def set_clock(self, now_s):
        """Replaces the file, so that nobody reads half a number."""
        with open(self.path("clock", "next"), "w", encoding="ascii") as file:
            file.write(f"{now_s}\n")
        os.rename(self.path("clock", "next"), self.path("clock", "now"))
        self.now_s = now_s

    def make_token(self, label="ca"):
        """Another SoftHSM token in this CA's own store, with PIN and SO PIN as above."""
        os.makedirs(self.path("tokens"), mode=0o700, exist_ok=True)
        with open(self.path("softhsm2.conf"), "w", encoding="utf-8") as file:
            file.write(f"directories.tokendir = {self.path('tokens')}\nobjectstore.backend = file\nlog.level = ERROR\n")
        self.write_pin(PIN)
        self.tool("softhsm2-util", "--init-token", "--free", "--label", label, "--so-pin", SO_PIN, "--pin", PIN)

    def write_pin(self, pin):
        with open(self.path("pin"), "w", encoding="ascii", opener=lambda p, f: os.open(p, f, 0o600)) as file:
            file.write(f"{pin}\n")

    # Acts

    def start(self, supervised=False):
        """All three programs, in any order they may come up in; the token's first is quickest."""
        if not os.path.exists(self.path("tokens")):
            self.make_token()
        self.token.start(supervised)
        self.daemon.start()
        self.http.start()

    def run(self, supervised=False):
        """A CA that enrols."""
        self.start(supervised)
        self.command("server", "create", LABEL)
        self.command("server", "start", LABEL)
        return self

    def restart_daemon(self):
        self.daemon.stop()
        self.daemon.start()

    def reconfigure(self, section, **options):
        """Takes effect when the programs are started again, which it does."""
        self.sections[section].update(options)
        for program in self.programs:
            program.stop()
        self.write_config()
        self.start()

    def call(self, *words, **options):
        """The operator's command as it ended; `input` is what is typed."""
        return subprocess.run(
            ["claviger", "--config", self.config, "--json", "--yes", *map(str, words)], check=False,
            env=dict(os.environ, **self.environment), capture_output=True, text=True, timeout=PATIENCE_S, **options,
        )

    def command(self, *words):
        """The command's answer, decoded; it must be done."""
        done = self.call(*words)
        if done.returncode:
            raise Failure(f"claviger {' '.join(map(str, words))}: {done.returncode}: {done.stderr.strip()}")
        return json.loads(done.stdout)

    def refused(self, *words, status=1, **options):
        """What the command says where it must fail."""
        done = self.call(*words, **options)
        if done.returncode != status:
            raise Failure(f"claviger {' '.join(map(str, words))}: ended with {done.returncode}, not {status}")
        return done.stderr

    def requests(self):
        """Oldest first."""
        return sorted(self.command("request", "list", LABEL)["requests"], key=lambda row: row["id"])

    def password(self, *arguments):
        return self.command("password", "generate", LABEL, *arguments)["password"]

    def tool(self, *command, **options):
        """Another program that must end well, in this CA's directory; its output as text."""
        done = subprocess.run(
            command, cwd=self.folder, env=dict(os.environ, **self.environment), check=False,
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE_S, **options,
        )
        if done.returncode:
            raise Failure(f"{' '.join(command)}: {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout

    # The end

    def __enter__(self):
        return self

    def stop(self):
        """Complaints about how the programs ended."""
        found = []
        for program in self.programs:
            try:
                program.stop()
            except Failure as failure:
                found.append(str(failure))
            found += program.complaints()
            program.close()
        return found

    def __exit__(self, kind, error, trace):
        found = self.stop()
        if kind or found:
            self.print_logs()
        shutil.rmtree(self.folder)
        if found and not kind:
            raise Failure("; ".join(found))
        for complaint in found:
            print(complaint, file=sys.stderr)

    def print_logs(self, lines=150):
        for program in reversed(self.programs):
            print(f"--- {program.name}, its last {min(lines, len(program.lines))} lines", file=sys.stderr)
            for line in program.lines[-lines:]:
                print(line, file=sys.stderr)
