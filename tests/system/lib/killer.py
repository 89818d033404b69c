# SPDX-License-Identifier: Apache-2.0
"""kill -9 of a machine's clavigerd at random moments, told by its log; whoever supervises it starts it again."""

import random

from programs import PATIENCE_S, Failure


class Killer:
    """`machine.daemon` is supervised."""

    def __init__(self, machine, seed):
        self.machine, self.random, self.kills = machine, random.Random(seed), 0

    def strike(self, most=40):
        """Up to so many lines of its log after this call, or two seconds."""
        daemon, lines = self.machine.daemon, self.random.randrange(most)
        with daemon.news:
            until = len(daemon.lines) + lines
            daemon.news.wait_for(lambda: len(daemon.lines) >= until or not daemon.ready, self.random.uniform(0.05, 2))
            before = daemon.process
        before.kill()
        with daemon.news:
            if not daemon.news.wait_for(lambda: daemon.process is not before, PATIENCE_S):
                raise Failure("it was not started again")
        self.kills += 1

    def patient(self, is_so, what):
        """While the daemon comes up nobody answers: asked again at the next line."""
        def asked():
            try:
                return is_so()
            except (OSError, Failure):
                return False
        self.machine.until(asked, what)

    def ended(self):
        """It died of nothing else; the machine can be judged as any other from here on."""
        daemon = self.machine.daemon
        if daemon.deaths != [-9] * self.kills:
            raise Failure(f"it died by itself as well: {daemon.deaths}")
        daemon.deaths.clear()
        daemon.supervised = False
