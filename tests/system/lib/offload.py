# SPDX-License-Identifier: Apache-2.0
"""A gateway: a router whose programs use its keys, which stay on its token, by claviger.so. A CA has enrolled it.

    with Gateway({"web": {}}, uses={"nginx": {"Key": "web", "User": "root www-data", "For": "tls"}}) as gateway:
        gateway.file("web-chain.pem"), gateway.file("web-key.pem")      # what a program's configuration names
        gateway.run("openssl", "s_server", ..., user="www-data")        # it goes by our provider
        gateway.renew("web")

Programs run as users of the distribution's own. What they read lies in `place`, readable by all.
"""

import os
import pwd
import re
import subprocess
import time

import card
import checks
import rollover
from ca import CA
from programs import PATIENCE_S, Failure, Program
from trustpoint import Enrolled

DAY = 86400
NAME = "web"
HOST = "r1.example.com"  # the name of it in its certificate
LIFE_DAYS, RENEW_PERCENT = 100, 10
# Each renewal moves the clock by ten days; a program that goes by the machine's own finds all of them valid.
BEHIND_S = 60 * DAY
# The machine's own configuration of OpenSSL, with ours as it is installed, and what is another's in a test.
CONF = """
.include /etc/ssl/openssl.cnf
.include {included}
[claviger_sect]
socket = {socket}
timeout = {timeout}
"""


def module():
    return os.path.join(os.environ["CLAVIGER_BUILD"], "lib", "claviger.so")


def as_user(user):
    """In front of a command that this user runs, without any group but their own."""
    who = pwd.getpwnam(user)
    return ["setpriv", f"--reuid={who.pw_uid}", f"--regid={who.pw_gid}", "--clear-groups"] if who.pw_uid else []


class Gateway(Enrolled):
    """`trustpoints`: options by name, besides those that all have; `uses`: options of [Use NAME] by name."""

    def __init__(self, trustpoints=None, uses=None, server=None, **how):
        self.uses = uses or {}
        self.ca = CA(server={"CertificateLifetime": f"{LIFE_DAYS}d", "CACertificateLifetime": "1825d", **(server or {})},
                     clock=int(time.time()) - BEHIND_S)
        own = {"EnrollmentURL": self.ca.url(), "AutoEnroll": RENEW_PERCENT, "Regenerate": "yes", "RevocationCheck": "none"}
        self.names = list(trustpoints or {NAME: {}})
        super().__init__({name: {**own, "SubjectName": f"CN={name},O=Example", "FQDN": HOST, **options}
                          for name, options in (trustpoints or {NAME: {}}).items()}, clock=self.ca, **how)
        os.chmod(self.folder, 0o755)
        self.place = self.path("programs")
        os.mkdir(self.place, 0o755)
        for name in self.names:
            self.sections[f"Trustpoint {name}"]["ExportDirectory"] = self.place
        self.sections.update({f"Use {name}": options for name, options in self.uses.items()})
        self.write_config()
        self.root = self.path("root.crt")
        self.provided = self.provide()
        self.clients, self.others = [], []  # programs of the test's; those that know no clean end

    # Its life

    def enter(self):
        checks.save(self, "root.crt", checks.pem(rollover.ca_certificate(self.ca)))
        os.chmod(self.root, 0o644)
        self.start()
        self.enroll()

    def stop(self):
        for program in self.others:
            program.kill()
        self.programs[:0] = self.clients + self.others
        return super().stop()

    def enroll(self):
        with open(self.root, encoding="ascii") as file:
            root = checks.der(file.read())
        for name in self.names:
            self.authenticate(name, root)
        self.until(lambda: all(self.identity(name) for name in self.names), "all are enrolled")
        self.until(lambda: all(self.is_given_out(name) for name in self.names), "what programs read is there")

    def is_given_out(self, name):
        """The identity in force, of usage keys both, is what programs read."""
        is_split = self.sections[f"Trustpoint {name}"].get("UsageKeys") == "yes"
        stems = [f"{name}{part}" for part in (("-sign", "-encr") if is_split else ("",))]
        try:
            found = {checks.der(self.text(f"{stem}.crt")) for stem in stems if self.text(f"{stem}-key.pem")}
        except FileNotFoundError:
            return False
        in_force = {checks.der(row["pem"]) for row in self.shown(name)["identities"]}
        return len(found) == len(stems) and found == in_force

    def renew(self, name=NAME):
        """By the timer, with a new key; what programs read is the new one's."""
        before = self.identity(name)
        self.ca.set_clock(self.timers(name)["RENEW"])
        self.until(lambda: self.identity(name) != before, "it is renewed")
        self.until(lambda: self.is_given_out(name), "what programs read is the new identity")

    def rule(self, name, **options):
        """Changed while everything goes on; None for one that is no more."""
        head = f"Use {name}"
        self.sections[head] = {**self.sections.get(head, {}), **options}
        if not any(self.sections[head].values()):
            del self.sections[head]
        self.write_config()
        self.command("config", "reload")

    # What programs are given

    def file(self, name):
        return os.path.join(self.place, name)

    def text(self, name):
        with open(self.file(name), encoding="ascii") as file:
            return file.read()

    def write(self, name, text):
        """Beside what programs read; for all."""
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(self.path(name), 0o644)
        return self.path(name)

    def provide(self, name="openssl.cnf", **options):
        """The environment of programs that go by our provider."""
        template = os.path.join(os.environ["CLAVIGER_SOURCE"], "hsm/provider/openssl-provider.cnf.in")
        with open(template, encoding="ascii") as file:
            included = self.write("openssl-provider.cnf", file.read().replace("@MODULE@", module()))
        settings = {"included": included, "socket": self.path("run", "key.sock"), "timeout": 60, **options}
        return {"OPENSSL_CONF": self.write(name, CONF.format(**settings))}

    # Programs

    def attempt(self, *command, user="root", data=b"", environment=None):
        """A program that goes by our provider, as it ended, within its patience."""
        return subprocess.run([*as_user(user), *command], cwd=self.folder, input=data, capture_output=True, check=False,
                              env=dict(os.environ, **(self.provided if environment is None else environment)), timeout=PATIENCE_S)

    def run(self, *command, **how):
        """One that must end well; what it wrote."""
        done = self.attempt(*command, **how)
        if done.returncode:
            raise Failure(f"{' '.join(command)}: {done.returncode}\n{done.stderr.decode()}{done.stdout.decode()}")
        return done.stdout

    def fails(self, *command, says=(), **how):
        """One that must not, and say all of this; what it wrote besides."""
        done = self.attempt(*command, **how)
        told = done.stderr.decode("utf-8", "replace")
        checks.true(done.returncode > 0, f"{' '.join(command)} fails, not {done.returncode}: {told}")
        for part in says:
            if not re.search(part, told):
                raise Failure(f"{' '.join(command)}: {part!r} is not in what it says:\n{told}")
        return told

    def background(self, name, command, ready, user="root", environment=None):
        """A program of the test's that goes on; `ready`: a line that it writes then."""
        program = Program(name, [*as_user(user), *command], self.folder,
                          self.provided if environment is None else environment)
        self.others.append(program)
        program.launch()
        program.wait_line(ready)
        return program


class CardGateway(Gateway):
    """Its token is a smart card, which a reader of `card` holds."""

    def __init__(self, reader, its, **how):
        super().__init__(**how, sections={"Token soft": card.token(its)})
        # OpenSC itself leaks; SoftHSM's tests look for leaks of ours.
        self.token.environment["ASAN_OPTIONS"] = os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0"
        for program in self.programs:
            program.environment.update(reader.environment)

    def make_token(self, label="router"):
        """It is made already."""
        os.makedirs(self.path("tokens"), mode=0o700, exist_ok=True)
        self.write_pin(card.PIN)

    def until_token_is(self, state):
        self.until(lambda: self.command("token", "list")["tokens"][0]["state"] == state, f"the token is {state}")
