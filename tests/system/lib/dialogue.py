# SPDX-License-Identifier: Apache-2.0
"""The operator's command at a terminal: what it asks is waited for, then answered.

    with Dialogue(router, "trustpoint", "authenticate", "CORP") as talk:
        talk.expect("[yes/no]")
        talk.say("yes")
    talk.status, talk.text
"""

import os
import pty
import select

from programs import PATIENCE_S, Failure


class Dialogue:
    def __init__(self, machine, *words):
        self.words = " ".join(map(str, words))
        self.text = ""
        self.seen = 0
        self.status = None
        self.child, self.terminal = pty.fork()
        if not self.child:
            os.environ.update(machine.environment)
            os.execvp("claviger", ["claviger", "--config", machine.config, *map(str, words)])

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        self.end()

    def _more(self):
        """False at the end."""
        if not select.select([self.terminal], [], [], PATIENCE_S)[0]:
            raise Failure(f"claviger {self.words}: nothing more comes after {self.text!r}")
        try:
            piece = os.read(self.terminal, 65536)
        except OSError:  # a terminal whose other end is closed
            piece = b""
        self.text += piece.decode("utf-8", "replace").replace("\r\n", "\n")
        return bool(piece)

    def expect(self, part):
        """What comes up to this, after what was expected before."""
        while part not in self.text[self.seen:]:
            if not self._more():
                raise Failure(f"claviger {self.words}: {part!r} is not in {self.text!r}")
        at = self.text.index(part, self.seen) + len(part)
        before, self.seen = self.text[self.seen:at], at
        return before

    def say(self, line):
        os.write(self.terminal, f"{line}\n".encode())
        return self

    def end(self):
        if self.status is None:
            while self._more():
                pass
            os.close(self.terminal)
            self.status = os.waitstatus_to_exitcode(os.waitpid(self.child, 0)[1])
        return self.status
