# SPDX-License-Identifier: Apache-2.0
"""Programs of ours on one machine, all their state in one directory: what a CA and a router have in common.

The end of a `with` block stops every program and fails if one crashed or a sanitizer complained; where
the block fails the logs are printed. Without `clock` the programs go by the machine's own; with another
Machine they go by that one's.
"""

import calendar
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time

from programs import PATIENCE_S, Failure, Program

MODULE = "/usr/lib/softhsm/libsofthsm2.so"
PIN, SO_PIN = "12345678", "87654321"
# Timers that a clock may stand on for ever: nothing is done then.
PASSIVE = {"CERT EXPIRE", "PASSWORD EXPIRE", "REQUEST CLEANUP"}


def instant(text):
    """Seconds of "2017-07-10T12:14:16Z"."""
    return calendar.timegm(time.strptime(text, "%Y-%m-%dT%H:%M:%SZ"))


class Machine:
    def __init__(self, sections, clock=None):
        self.folder = tempfile.mkdtemp(prefix="claviger-")
        self.config = self.path("claviger.conf")
        self.environment = {"SOFTHSM2_CONF": self.path("softhsm2.conf")}
        self.sections = sections
        self.master = clock if isinstance(clock, Machine) else self
        daemon = sections["Daemon"]
        daemon.update(RuntimeDirectory=self.path("run"), StateDirectory=self.path("state"),
                      TokenStateDirectory=self.path("token"))
        if clock is not None:
            if self.master is self:
                os.mkdir(self.path("clock"))
                self.set_clock(clock)
            daemon["TestClock"] = self.master.path("clock", "now")
        self.programs = []  # in the order of stopping
        self.daemon = None  # clavigerd, of who has one

    def path(self, *parts):
        return os.path.join(self.folder, *parts)

    def _program(self, name, *arguments):
        return Program(name, [name, "--config", self.config, *arguments], self.folder, self.environment)

    def program(self, name, *arguments):
        """One of ours; stopped and judged before those that are there."""
        made = self._program(name, *arguments)
        made.name = "-".join((name, *arguments))
        self.programs.insert(0, made)
        return made

    # What stands in files

    def write_config(self):
        with open(self.config, "w", encoding="utf-8") as file:
            for section, options in self.sections.items():
                file.write(f"[{section}]\n")
                file.writelines(f"{name}={value}\n" for name, value in options.items() if value is not None)

    def set_clock(self, now_s):
        """Replaces the file, so that nobody reads half a number."""
        with open(self.master.path("clock", "next"), "w", encoding="ascii") as file:
            file.write(f"{now_s}\n")
        self.master.set_s = now_s  # before anybody acts on it
        os.rename(self.master.path("clock", "next"), self.master.path("clock", "now"))

    @property
    def now_s(self):
        return self.master.set_s

    def synchronise(self, is_so):
        """NTP as the programs see it beside a test clock."""
        path = self.master.path("clock", "now.synchronised")
        if is_so:
            with open(path, "w", encoding="ascii"):
                pass
        else:
            os.remove(path)

    def make_token(self, label="ca"):
        """A SoftHSM token in this machine's own store, with PIN and SO PIN as above."""
        os.makedirs(self.path("tokens"), mode=0o700, exist_ok=True)
        with open(self.path("softhsm2.conf"), "w", encoding="utf-8") as file:
            file.write(f"directories.tokendir = {self.path('tokens')}\nobjectstore.backend = file\nlog.level = ERROR\n")
        self.write_pin(PIN)
        self.tool("softhsm2-util", "--init-token", "--free", "--label", label, "--so-pin", SO_PIN, "--pin", PIN)

    def write_pin(self, pin):
        with open(self.path("pin"), "w", encoding="ascii", opener=lambda p, f: os.open(p, f, 0o600)) as file:
            file.write(f"{pin}\n")

    # Acts

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

    def command(self, *words, **options):
        """The command's answer, decoded; it must be done."""
        done = self.call(*words, **options)
        if done.returncode:
            raise Failure(f"claviger {' '.join(map(str, words))}: {done.returncode}: {done.stderr.strip()}")
        return json.loads(done.stdout)

    def refused(self, *words, status=1, **options):
        """What the command says where it must fail."""
        done = self.call(*words, **options)
        if done.returncode != status:
            raise Failure(f"claviger {' '.join(map(str, words))}: ended with {done.returncode}, not {status}")
        return done.stderr

    def ask(self, method, **parameters):
        """The daemon's answer to a call on control.sock, as no command of ours would make it."""
        with socket.socket(socket.AF_UNIX) as control:
            control.settimeout(PATIENCE_S)
            control.connect(self.path("run", "control.sock"))
            control.sendall(json.dumps({"method": f"io.claviger.{method}", "parameters": parameters}).encode() + b"\0")
            answer = bytearray()
            while not answer.endswith(b"\0"):
                piece = control.recv(1 << 20)
                if not piece:
                    raise Failure("clavigerd ended the connection")
                answer += piece
            return json.loads(answer[:-1])

    def tool(self, *command, **options):
        """Another program that must end well, in this machine's directory; its output as text."""
        done = subprocess.run(
            command, cwd=self.folder, env=dict(os.environ, **self.environment), check=False,
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE_S, **options,
        )
        if done.returncode:
            raise Failure(f"{' '.join(command)}: {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout

    # What clavigerd does by itself

    def rows(self):
        """All its timers: [(trustpoint or server, timer, second)]."""
        return [(row.get("trustpoint") or row.get("server"), row["timer"], instant(row["when"]))
                for row in self.ask("timers")["parameters"]["timers"]]

    def overdue(self):
        return {(name, timer) for name, timer, when_s in self.rows() if when_s <= self.now_s and timer not in PASSIVE}

    def until(self, is_so, what):
        """Looks, after each line of clavigerd's log that isn't about the looking, and now and then: what is recorded
        is not always told."""
        end_s = time.monotonic() + PATIENCE_S
        while not is_so():
            if time.monotonic() > end_s:
                raise Failure(f"it never came to this: {what}")
            place = self.daemon.mark()
            with self.daemon.news:
                self.daemon.news.wait_for(lambda: self._news(place), 0.1)

    def _news(self, place):
        return any("operator calls" not in line for line in self.daemon.lines[place:])

    def settle(self):
        """All that was due is done or put off."""
        self.until(lambda: not self.overdue(), f"nothing is due at {time.strftime('%F %T', time.gmtime(self.now_s))}")

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
            told = [line for line in program.lines if "operator calls" not in line][-lines:]
            print(f"--- {program.name}, its last {len(told)} lines", file=sys.stderr)
            for line in told:
                print(line, file=sys.stderr)
