# SPDX-License-Identifier: Apache-2.0
"""A CA whose key is succeeded, and what is seen of that from outside, under the injected clock.

    with rolling(CACertificateLifetime="100d", AutoRollover="30d") as ca:
        ca.run()
        to(ca, due(ca, SHADOW))        # moves the clock, until nothing is due any more
        next_ca(ca)                    # what GetNextCACert gives, believed by openssl

Waiting is for the daemon's log, and now and then: what it does is looked at again after each line.
"""

import os
import re
import time

import checks
import openssl
import web
from ca import CA
from machine import MODULE, PASSIVE, PIN, instant  # pylint: disable=unused-import
from programs import PATIENCE_S, Failure, Program

MINUTE, HOUR, DAY = 60, 3600, 86400
SHADOW = "SHADOW CERT GENERATION"


def rolling(clock, sections=None, daemon=None, **options):
    """Small keys, so that a life of two years takes a second."""
    server = {"AllowWeak": "yes", "KeySize": 1024, "AutoRollover": "30d", **options}
    return CA(server=server, daemon=daemon, sections=sections, clock=clock)


# What is coming

def events(ca):
    """{name: second}, the earliest of each name; also of what is overdue."""
    found = {}
    for row in ca.ask("timers")["parameters"]["timers"]:
        found.setdefault(row["timer"], instant(row["when"]))
    return found


def due(ca, name):
    found = events(ca)
    if name not in found:
        raise Failure(f"{name} is not among the timers: {found}")
    return found[name]


def overdue(ca):
    return {name for name, when_s in events(ca).items() if when_s <= ca.now_s} - PASSIVE


def until(ca, is_so, what):
    """As the machine's own: what follows from the last line of the log, a file perhaps, comes after it."""
    ca.until(is_so, what)


def to(ca, now_s):
    """Moves the clock; all that was due then is done."""
    ca.set_clock(now_s)
    until(ca, lambda: not overdue(ca), f"nothing is due at {now_s}")


# What clients see

def ca_certificate(ca):
    return web.get(ca.port, f"{ca.place}?operation=GetCACert").body


def get_next_ca(ca):
    return web.get(ca.port, f"{ca.place}?operation=GetNextCACert")


def is_offered(ca):
    return get_next_ca(ca).status == 200


def next_ca(ca):
    """The certificate that GetNextCACert gives: the active CA's signature is openssl's to judge."""
    answer = get_next_ca(ca)
    checks.equal((answer.status, answer.headers.get("content-type")), (200, "application/x-x509-next-ca-cert"))
    with open(ca.path("next.der"), "wb") as file:
        file.write(answer.body)
    active = ca_certificate(ca)
    checks.openssl("cms", "-verify", "-inform", "DER", "-in", ca.path("next.der"), "-binary", "-purpose", "any",
                   "-CAfile", checks.save(ca, "active.pem", checks.pem(active)), "-attime", str(ca.now_s),
                   "-signer", ca.path("signer.pem"), "-out", ca.path("content.der"))
    with open(ca.path("signer.pem"), encoding="ascii") as file:
        checks.equal(checks.der(file.read()), active, "the active CA signs")
    with open(ca.path("content.der"), "rb") as file:
        certificates, crls = openssl.degenerate(file.read())
    checks.equal((len(certificates), crls), (1, []))
    return certificates[0]


def published(ca, name="crl"):
    """One of the files that the front end serves."""
    with open(ca.path("state", "public", ca.label, name), "rb") as file:
        return file.read()


def served_crl(ca, name=None):
    answer = web.get(ca.port, f"/crl/{name or ca.label + '.crl'}")
    checks.equal(answer.status, 200, name)
    return answer.body


# What stands on the machine

def shown(ca):
    return ca.command("server", "show", ca.label)


def phases(ca):
    """[(number, phase)], in the order of the numbers; those whose key is gone too."""
    return sorted((row["number"], row["phase"]) for row in shown(ca)["generations"])


def objects(ca, token="ca"):
    """The private keys on a token as pkcs11-tool sees them: [(label, id, access)]."""
    listed = ca.tool("pkcs11-tool", "--module", MODULE, "--token-label", token, "--login", "--pin", PIN, "-O")
    found = []
    for block in re.findall(r"^Private Key Object.*?(?=^\S|\Z)", listed, re.M | re.S):
        label, key_id, access = (re.search(rf"^ *{name}: +(.*)", block, re.M) for name in ("label", "ID", "Access"))
        if not key_id or not access:
            continue  # it goes at this moment
        found.append((label[1].strip() if label else "", key_id[1].strip(), access[1].split(", ")))
    return sorted(found)


def labels(ca, token="ca"):
    """Of the server's keys; the audit has one of its own."""
    return [label for label, _, _ in objects(ca, token) if label.startswith(ca.label)]


def serials(ca):
    """Of every certificate that this server ever issued, its own among them."""
    return [row["serial"] for row in ca.command("certificate", "list", ca.label)["certificates"]]


def audit_is_clean(ca):
    """The chain, and each signature that the token's process wrote down."""
    done = ca.call("audit", "verify", "--token")
    checks.equal(done.returncode, 0, f"audit verify --token: {done.stdout}{done.stderr}")


def files(ca, *parts):
    """Paths below a directory, relative to it; what a symbolic link leads to is not followed twice."""
    top = ca.path(*parts)
    return sorted(os.path.relpath(os.path.join(folder, name), top) for folder, _, names in os.walk(top) for name in names)


class Died(Exception):
    """clavigerd ended in the middle of it."""


def until_or_death(ca, is_so, what):
    """As until(); raises Died where the daemon ends, which the test asked for."""
    end_s, place = time.monotonic() + PATIENCE_S, None
    while True:
        with ca.daemon.news:
            ca.daemon.news.wait_for(lambda: ca.daemon.deaths or len(ca.daemon.lines) != place, 0.1)
            if ca.daemon.deaths:
                raise Died
            place = len(ca.daemon.lines)
        try:
            if is_so():
                return
        except (OSError, Failure, ValueError):  # it may die while it is asked; then the next look tells
            pass
        if time.monotonic() > end_s:
            raise Failure(f"it never came to this: {what}")


class Doomed:
    """A machine whose clavigerd ends at a named point (None: at none) and is started again. What it did before the
    point can be seen before it ends there, so that it may end at any look until it did."""

    def __init__(self, machine, point):
        self.machine, self.point, self.crashes = machine, point, 0

    def arm(self):
        """Before it, the point is passed."""
        if self.point:
            with open(self.machine.path("crash"), "w", encoding="ascii") as file:
                file.write(self.point)

    def is_doomed(self):
        return bool(self.point) and not self.crashes

    def revive(self):
        """Waits for the end; it comes once."""
        daemon = self.machine.daemon
        with daemon.news:
            daemon.news.wait_for(lambda: daemon.deaths, PATIENCE_S)
        checks.equal((self.is_doomed(), daemon.deaths), (True, [-9]), f"ended at {self.point}")
        daemon.deaths.clear()
        self.crashes += 1
        daemon.start()

    def ask(self, question):
        """What is seen; where it ended meanwhile, what is seen when it is there again."""
        try:
            return question()
        except (OSError, Failure, ValueError):
            if not self.is_doomed() or os.path.exists(self.machine.path("crash")):
                raise
        self.revive()
        return question()

    def reach(self, is_so, what):
        """A process that was told to go on gets there, whether it is the first or the second."""
        while True:
            try:
                until_or_death(self.machine, is_so, what)
                return
            except Died:
                self.revive()

    def finish(self):
        """The point was passed, by now or soon."""
        if self.is_doomed():
            self.revive()
        checks.true(not os.path.exists(self.machine.path("crash")), f"{self.point} was passed")


# A second token

def add_token(ca, name):
    """Another SoftHSM token and its process, not yet started; the section stands in the configuration."""
    ca.make_token(name)
    ca.sections[f"Token {name}"] = {**ca.sections["Token soft"], "URI": f"pkcs11:token={name}"}
    ca.write_config()
    program = Program(f"token-{name}", ["claviger-token", "--config", ca.config, name], ca.folder, ca.environment)
    ca.programs.append(program)
    return program


def holds(ca, folder, label):
    """Whether a directory of SoftHSM's store is the token of this label."""
    with open(ca.path("tokens", folder, "token.object"), "rb") as file:
        return label.encode().ljust(32) in file.read()
