# SPDX-License-Identifier: Apache-2.0
"""Servers below one another, each with a daemon, directories and a token of its own, and routers: all on one clock.

    with Tree(BORN_S) as tree:
        root = tree.tier("ROOT", IssueSubordinates="yes", AutoRollover="90d")
        branch = tree.tier("BRANCH", above=root)          # authenticates, asks, and is granted by hand
        door = tree.tier("DOOR", above=branch, mode="ra", Grant="auto")
        router = tree.router(door)                        # one of ours; clients.py has others
        tree.go(tree.now_s + 100 * DAY)                   # from event to event; what is in force is verified at each
"""

import contextlib
import hashlib
import os
import time

import checks
import openssl
import rollover
import web
from ca import MODULE, PIN, SO_PIN, CA
from crl import judged
from machine import PASSIVE
from programs import PATIENCE_S, Failure
from scep import Router
from trustpoint import Device

CAS = ("root", "subordinate")
NAME = "CORP"  # of each router's trustpoint
RA, CA_RA = "application/x-x509-ca-cert", "application/x-x509-ca-ra-cert"
# Whose time is no event of the tree's: it is done along with the next one.
QUIET = PASSIVE | {"CRL UPDATE", "CRL PUBLISH", "CRL SERIES", "OWN CRL UPDATE"}


def is_ca(certificate):
    return "CA:TRUE" in checks.Certificate(certificate).text


class Tier(CA):
    """A server of any mode. `network`: on which its front end is, and what fetches for it, with `address` for those
    below. With ExchangeKey= it has a second token of that name."""

    def __init__(self, label, above=None, clock=None, mode=None, trustpoint=None, network=None, address=None, **server):
        self.above, self.mode = above, mode or ("subordinate" if above else "root")
        self.second = None
        own = {"Mode": self.mode, "IssuerName": f"CN={label},O=Example", "KeySize": 2048, **server}
        if self.mode not in CAS:
            own.update(IssuerName=None, KeySize=None)
        super().__init__(server=own, label=label, clock=above.master if above else clock, token={"URI": "pkcs11:token=ca"})
        self.network, self.address = network, address
        if network:
            self.sections["HTTP"]["Listen"] = f"[::]:{self.port}"
        self.fetch = self._program("claviger-fetch")
        if self.mode != "root":
            self.sections[f"Trustpoint {label}"] = {"EnrollmentURL": above.url() if above else None, **(trustpoint or {})}
        for program in (self.http, self.fetch):
            program.command = [*(network.words if network else ()), *program.command]
        self.programs = [self.http, self.daemon, self.fetch, self.token]
        if "ExchangeKey" in own:
            self.add_token(own["ExchangeKey"])
        self.write_config()

    def add_token(self, name):
        self.sections[f"Token {name}"] = {"Module": MODULE, "URI": f"pkcs11:token={name}", "PIN": self.path("pin")}
        self.second = self._program("claviger-token", name)
        self.second.name = f"claviger-token-{name}"
        self.programs.append(self.second)

    def make_token(self, label="ca"):
        super().make_token(label)
        if self.second:
            self.tool("softhsm2-util", "--init-token", "--free", "--label", self.sections[f"Server {self.label}"]["ExchangeKey"],
                      "--so-pin", SO_PIN, "--pin", PIN)

    def url(self, path=None):
        return f"http://{self.address or '127.0.0.1'}:{self.port}{path or self.place}"

    def start(self, supervised=False):
        if not os.path.exists(self.path("tokens")):
            self.make_token()
        self.token.start()
        if self.second:
            self.second.start()
        self.fetch.start()
        self.daemon.start(supervised)
        self.http.start()
        return self

    def is_up(self):
        return self.daemon.process is not None and self.daemon.process.poll() is None

    def pin(self):
        """Whose fingerprint its operator knows is authenticated without a question."""
        pinned = self.above.certificate()
        self.sections[f"Trustpoint {self.label}"]["Fingerprint"] = hashlib.sha256(pinned).hexdigest()
        self.write_config()

    def create(self):
        """Its operator's two acts; the first of a subordinate's and an RA's ends before there is a certificate."""
        if self.above:
            self.pin()
        self.start()
        self.command("server", "create", self.label)
        self.command("server", "start", self.label)
        return self

    # What it says

    @property
    def shown(self):
        return self.command("server", "show", self.label)

    def is_granted(self):
        return bool(self.ask("trustpoint.show", name=self.label)["parameters"]["identities"])

    def serves(self):
        """Enabled, and its files are out."""
        with self.inside():
            there = web.get(self.port, f"{self.place}?operation=GetCACert").status == 200
        return there and self.state()[0] == "enabled"

    def to(self, now_s):
        """Moves the clock; all that was due then is done or put off."""
        self.set_clock(now_s)
        self.settle()

    def pending(self):
        return [row for row in self.requests() if row["state"] == "pending"]

    def state(self):
        """With the reason for it."""
        shown = self.shown
        return shown["state"], shown["reason"]

    # What it gives out

    def inside(self):
        """Where it can be asked."""
        return self.network.joined() if self.network else contextlib.nullcontext()

    def given(self):
        """By GetCACert, in its order: DER."""
        with self.inside():
            answer = web.get(self.port, f"{self.place}?operation=GetCACert")
        checks.equal(answer.status, 200, f"{self.label} GetCACert: {answer.text[:100]}")
        if answer.headers["content-type"] == CA_RA:
            certificates, crls = openssl.degenerate(answer.body)
            checks.equal(crls, [])
            return certificates
        checks.equal(answer.headers["content-type"], RA)
        return [answer.body]

    def certificate(self):
        """The CA's own (of an RA: whom it speaks for)."""
        return next(one for one in self.given() if is_ca(one))

    def exchange(self):
        """Whom clients envelope to: the CA itself, or what stands before it."""
        return self.given()[0]

    def next(self):
        """What GetNextCACert gives: signed by the CA in force, or by the CA whose bytes an RA passes on."""
        with self.inside():
            answer = rollover.get_next_ca(self)
        checks.equal((answer.status, answer.headers.get("content-type")), (200, "application/x-x509-next-ca-cert"))
        content, signer = openssl.verify(answer.body)
        checks.true(signer in self.given(), f"{self.label}: one that GetCACert gives signed GetNextCACert")
        return openssl.degenerate(content)[0]

    def crl_read(self):
        """The one that is served, its signature and form judged; what was signed is published in a moment."""
        found = []

        def is_fresh():
            found[:] = [judged(rollover.served_crl(self), self.certificate())]
            return found[0].this_s <= self.now_s < found[0].next_s

        with self.inside():
            self.until(is_fresh, f"{self.label}: its CRL is fresh")
        return found[0]

    def crl(self):
        return self.crl_read().data


def client(tier, subject="CN=client", **shape):
    """On OpenSSL's CMS, whose messages are for whom this tier has them enveloped to."""
    made = Router(tier, subject, **shape)
    made.ca_certificate = tier.exchange()
    return made


class Tree:
    def __init__(self, born_s):
        self.born_s, self.tiers, self.routers, self.machines = born_s, [], [], []
        self.steps = 0

    # Growing

    def add(self, label, above=None, **how):
        """One more, not yet started."""
        clock = None if above or self.tiers else self.born_s
        tier = self._enter(Tier(label, above, clock, **how))
        self.tiers.append(tier)
        return tier

    def tier(self, label, above=None, granted=True, **how):
        """One more, at work; `granted`: by hand, as each is the first time."""
        tier = self.add(label, above, **how)
        tier.create()
        if above and granted and tier.mode != "ra-transparent":
            self.admit(tier)
        return tier

    def admit(self, tier):
        """Its superior's operator grants what it asks for."""
        above = tier.above
        above.until(above.pending, f"{tier.label} asks {above.label}: {tier.state()}")
        (row,) = above.pending()
        above.command("request", "grant", above.label, row["id"])
        self.wait(tier.is_granted, f"{tier.label} is granted")
        tier.until(tier.serves, f"{tier.label} serves: {tier.state()}")

    def wait(self, is_so, what, most_s=3600):
        """From poll to poll, for as long as an hour."""
        end_s = self.now_s + most_s
        while not is_so():
            if self.now_s >= end_s:
                raise Failure(f"it never came to this: {what}")
            self.settle()
            if not is_so():
                self.set_clock(min([end_s, *self.upcoming(QUIET)]))

    def router(self, above, network=None, **options):
        """One of ours, with the certificate that was granted to it."""
        pinned = hashlib.sha256(above.certificate()).hexdigest()
        router = self._enter(Device({NAME: {
            "EnrollmentURL": above.url(), "Fingerprint": pinned, "AutoEnroll": "80", "SerialNumber": "none",
            "IPAddress": "none", "SubjectName": f"CN=router{len(self.routers)}", **options,
        }}, clock=self.tiers[0].master, network=network.words if network else ()))
        self.routers.append(router)
        router.start()
        self.wait(lambda: router.identity(NAME), f"it enrols: {router.trouble(NAME)}")
        return router

    def _enter(self, machine):
        machine.__enter__()
        self.machines.append(machine)
        return machine

    # Time

    @property
    def now_s(self):
        return self.tiers[0].now_s

    def set_clock(self, now_s):
        self.tiers[0].set_clock(now_s)

    @property
    def day(self):
        return (self.now_s - self.born_s) / rollover.DAY

    def running(self):
        return [one for one in self.machines if one.daemon.process and one.daemon.process.poll() is None]

    def upcoming(self, quiet=QUIET):
        """When something happens next anywhere."""
        found = [when_s for one in self.running() for _, timer, when_s in one.rows() if timer not in quiet]
        return [when_s for when_s in found if when_s > self.now_s]

    def settle(self):
        """What one does may be work for another."""
        end_s = time.monotonic() + 2 * PATIENCE_S
        while late := [one for one in self.running() if one.overdue()]:
            if time.monotonic() > end_s:
                raise Failure(f"day {self.day:.2f}: {[(one.folder, one.overdue()) for one in late]} does not end")
            for one in late:
                one.settle()

    def go(self, until_s, look=None):
        """From event to event; what is in force is verified after each."""
        while self.now_s < until_s:
            self.set_clock(min([until_s, *self.upcoming()]))
            self.settle()
            self.steps += 1
            (look or self.verify)()

    # What is so at any time

    def path_of(self, tier):
        """The CAs of a path, upwards, and the CRL of each: DER."""
        found, crls = [], []
        while tier:
            if tier.mode in CAS:
                found.append(tier.certificate())
                crls.append(tier.crl())
            tier = tier.above
        return found, crls

    def verify(self):
        """Openssl accepts what each router has, under the root that is, with the CRL of each CA on the way."""
        leaves = {}
        for router in self.routers:
            leaf = router.identity(NAME)
            checks.true(leaf, f"day {self.day:.2f}: it has a certificate: {router.trouble(NAME)}")
            leaves.setdefault(self.above_of(router), []).append(leaf)
        for above, ours in leaves.items():
            self.all_accepted(ours, above)

    def above_of(self, router):
        url = router.sections[f"Trustpoint {NAME}"]["EnrollmentURL"]
        return next(tier for tier in self.tiers if tier.url() == url)

    def accepted(self, leaf, above, at=None):
        self.all_accepted([leaf], above, at)

    def all_accepted(self, leaves, above, at=None):
        certificates, crls = self.path_of(above)
        folder = self.tiers[0]
        arguments = ["verify", "-x509_strict", "-purpose", "any", "-attime", str(at or self.now_s), "-crl_check_all",
                     "-CAfile", checks.save(folder, "top.pem", checks.pem(certificates[-1])),
                     "-CRLfile", checks.save(folder, "all.pem", "".join(checks.pem(crl, "X509 CRL") for crl in crls))]
        if certificates[:-1]:
            between = "".join(map(checks.pem, certificates[:-1]))
            arguments += ["-untrusted", checks.save(folder, "between.pem", between)]
        files = [checks.save(folder, f"leaf-{n}.pem", checks.pem(leaf)) for n, leaf in enumerate(leaves)]
        try:
            checks.equal(checks.openssl(*arguments, *files).count(": OK\n"), len(files), "accepted")
        except Failure as failure:
            seen = [checks.Certificate(one).field("-dates") for one in (*leaves, *certificates)]
            raise Failure(f"day {self.day:.2f}, {time.strftime('%F %T', time.gmtime(self.now_s))}: {failure} {seen}") from None

    # The end

    def __enter__(self):
        return self

    def __exit__(self, *error):
        """Those below first, so that nobody complains of who is away."""
        failures = []
        for machine in reversed(self.machines):
            try:
                machine.__exit__(*error)
            except Failure as failure:
                failures.append(str(failure))
        if failures and not error[0]:
            raise Failure("; ".join(failures))
