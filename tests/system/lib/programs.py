# SPDX-License-Identifier: Apache-2.0
"""A program under test: started until it says READY=1, watched line by line, ended, judged.

Waiting is for events alone: a datagram on NOTIFY_SOCKET, a line of the log, the end of the process.
"""

import os
import re
import signal
import socket
import subprocess
import threading

PATIENCE_S = 180  # a sanitized program on a busy machine; reached only where something is wrong
REPORT = re.compile(r"ERROR: \w+Sanitizer|runtime error: |Assertion .* failed|stack smashing")


class Failure(Exception):
    """What a test found wrong."""


class Program:
    """`deaths` are the ends that nobody asked for, as the process told them (-9: by SIGKILL)."""

    def __init__(self, name, command, folder, environment=None):
        self.name, self.command, self.folder = name, command, folder
        self.environment = dict(os.environ, **(environment or {}))
        self.lines, self.deaths = [], []
        self.news = threading.Condition()
        self.process = self.watcher = self.notify = self.error = None
        self.wanted = self.supervised = self.asked = self.ready = False

    # Starting

    def start(self, supervised=False):
        """Returns once the program is ready; `supervised` starts it again whenever it ends."""
        self.launch(supervised)
        self.wait_ready()
        return self

    def launch(self, supervised=False):
        """Returns once it runs, which is before it is ready."""
        if self.notify is None:
            self.notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
            self.notify.bind(os.path.join(self.folder, f"{self.name}.notify"))
            threading.Thread(target=self._listen, args=(self.notify,), daemon=True).start()
        with self.news:
            self.wanted, self.supervised, self.asked = True, supervised, False
            self.process = self.error = None
            self.watcher = threading.Thread(target=self._watch, daemon=True)
            self.watcher.start()
            self.news.wait_for(lambda: self.process or self.error)
            if self.error:
                raise Failure(f"{self.name}: {self.error}")

    def _spawn(self):
        """Whatever ends the test ends the program, as the thread that started it ends with it."""
        self.ready = False
        self.process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", *self.command], cwd=self.folder, stdin=subprocess.DEVNULL,
            env=dict(self.environment, NOTIFY_SOCKET=self.notify.getsockname()),
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, bufsize=0,
        )
        self.news.notify_all()
        return self.process

    def _listen(self, notify):
        """To its end, an empty datagram: who notifies blocks where nobody reads."""
        while words := notify.recv(4096):
            with self.news:
                self.ready = self.ready or b"READY=1" in words.split(b"\n")
                self.news.notify_all()
        notify.close()

    def _watch(self):
        """Starts the process and stays as long as it does; where it is supervised, again and again."""
        process = self._begun()
        while process:
            self._read(process)
            with self.news:  # whoever learns of a death finds the next one started
                if not self.asked:
                    self.deaths.append(process.returncode)
                process = self._begun() if self.wanted and self.supervised else None
                self.news.notify_all()

    def _begun(self):
        with self.news:
            try:
                return self._spawn()
            except OSError as error:
                self.error, self.wanted = error, False
                self.news.notify_all()
                return None

    def _read(self, process):
        with open(os.path.join(self.folder, f"{self.name}.log"), "ab") as log, process.stdout:
            for line in process.stdout:
                log.write(line)
                with self.news:
                    self.lines.append(line.decode("utf-8", "replace").rstrip("\n"))
                    self.news.notify_all()
        process.wait()

    def wait_ready(self):
        with self.news:
            self.news.wait_for(lambda: self.ready or not (self.supervised or self._runs()), PATIENCE_S)
            if not self.ready:
                raise Failure(f"{self.name} did not get ready; it ended with {self.process.poll()}")

    def _runs(self):
        return self.process is not None and self.process.poll() is None

    # Ending

    def stop(self):
        """By SIGTERM, as systemd would; anything but a clean end is a failure."""
        status = self._end(signal.SIGTERM)
        if status not in (None, 0):
            raise Failure(f"{self.name} ended with {status} when it was told to stop")

    def kill(self):
        self._end(signal.SIGKILL)

    def strike(self):
        """SIGKILL to one that is supervised; it is gone by then, and the next one started."""
        with self.news:
            before = len(self.deaths)
            self.process.send_signal(signal.SIGKILL)
            if not self.news.wait_for(lambda: len(self.deaths) > before, PATIENCE_S):
                raise Failure(f"{self.name} outlived SIGKILL")

    def _end(self, number):
        with self.news:
            self.wanted, self.asked = False, self._runs()
            process, watcher = self.process, self.watcher
        if not self.asked:
            if watcher:
                watcher.join(PATIENCE_S)
            return None
        process.send_signal(signal.SIGCONT)
        process.send_signal(number)
        try:
            status = process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            process.kill()
            raise Failure(f"{self.name} did not end when it was told to") from None
        watcher.join(PATIENCE_S)
        return status

    # Watching

    def mark(self):
        """A place in the log, for wait_line() to look from."""
        with self.news:
            return len(self.lines)

    def wait_line(self, pattern, since=0):
        """The place after the first line from `since` on in which the regular expression is found."""
        def find():
            return next((n for n, line in enumerate(self.lines[since:], since + 1) if re.search(pattern, line)), None)

        with self.news:
            found = self.news.wait_for(find, PATIENCE_S)
        if not found:
            raise Failure(f"{self.name} never logged {pattern!r}")
        return found

    def complaints(self):
        """Deaths and sanitizer reports, as lines; call it when the program has ended."""
        found = [f"{self.name} ended by itself with {status}" for status in self.deaths]
        return found + [f"{self.name}: {line}" for line in self.lines if REPORT.search(line)]

    def close(self):
        """Frees what is left; the program must have ended."""
        if self.notify is not None:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
                sender.sendto(b"", self.notify.getsockname())
            self.notify = None
