# SPDX-License-Identifier: Apache-2.0
"""A router: clavigerd with trustpoints alone, its keys on a SoftHSM token, and claviger-fetch.

    with Device({"CORP": {"EnrollmentURL": ca.url(), "AutoEnroll": 80}}, clock=ca) as router:
        router.start()
        router.authenticate("CORP", root)
        router.command("trustpoint", "enroll", "CORP")

What it does by itself is waited for as in `rollover`: the daemon's log, then a look.
"""

import hashlib
import os

import checks
import rollover
from machine import MODULE, PASSIVE, PIN, Machine  # pylint: disable=unused-import
from programs import Failure, Program


class Device(Machine):
    def __init__(self, trustpoints, clock=None, daemon=None, sections=None, network=()):
        """`network`: the words in front of claviger-fetch's own that put it into another network."""
        super().__init__({
            "Daemon": {"TimeSource": "authoritative"},
            "Token soft": {"Module": MODULE, "URI": "pkcs11:token=router"},
            **{f"Trustpoint {name}": {"Token": "soft", "KeySize": 2048, "FQDN": "r1.example.com", **options}
               for name, options in trustpoints.items()},
            **(sections or {}),
        }, clock)
        self.sections["Daemon"].update(daemon or {})
        self.sections["Token soft"]["PIN"] = self.path("pin")
        self.write_config()
        self.token = self._program("claviger-token", "soft")
        self.daemon = self._program("clavigerd", "--debug")
        command = [*network, "claviger-fetch", "--config", self.config]
        self.fetch = Program("claviger-fetch", command, self.folder, self.environment)
        self.programs = [self.daemon, self.fetch, self.token]

    def start(self, supervised=False):
        if not os.path.exists(self.path("tokens")):
            self.make_token("router")
        self.token.start()
        self.fetch.start()
        self.daemon.start(supervised)
        return self

    def restart_daemon(self):
        self.daemon.stop()
        self.daemon.start()

    def secret(self, name, text):
        """A file for an option like Password=."""
        with open(self.path(name), "w", encoding="ascii", opener=lambda p, f: os.open(p, f, 0o600)) as file:
            file.write(f"{text}\n")
        return self.path(name)

    # Acts of the operator

    def authenticate(self, name, root):
        """As one who knows the fingerprint from elsewhere."""
        return self.command("trustpoint", "authenticate", name, "--fingerprint", hashlib.sha256(root).hexdigest())

    # What is seen

    def shown(self, name):
        """As `trustpoint show --json` has it, by the daemon itself."""
        answer = self.ask("trustpoint.show", name=name)
        if "error" in answer:
            raise Failure(f"{name}: {answer}")
        return answer["parameters"]

    def identity(self, name, kind="identities"):
        """The certificate in use, DER; with `nextIdentities` the one that will be. None where there is none."""
        found = self.shown(name)[kind]
        return checks.der(found[0]["pem"]) if found else None

    def anchor(self, name, kind="ca"):
        """The CA's in force, DER; with `nextCa` the one that will be."""
        found = self.shown(name)[kind]
        return checks.der(found["pem"]) if found else None

    def trouble(self, name):
        """All that is said for people about what does not work."""
        shown = self.shown(name)
        said = [(shown.get(part) or {}).get("reason") for part in ("halt", "failure")]
        return "; ".join(filter(None, [*said, *(row.get("told") for row in shown["requests"])]))

    def timers(self, name):
        """{timer: second} of one trustpoint, the earliest of each."""
        found = {}
        for trustpoint, timer, when_s in self.rows():
            if trustpoint == name:
                found.setdefault(timer, when_s)
        return found

    def to(self, now_s):
        """Moves the clock; all that was due then is done or put off."""
        self.set_clock(now_s)
        self.settle()

    def labels(self):
        """Of the private keys on its token, sorted."""
        return sorted(label for label, _, _ in rollover.objects(self, "router"))

    def can_sign(self, label, certificate):
        """The certificate's key is on the token under this label, once: openssl verifies what it signs. One that
        went before it may be there too, for a while."""
        checks.save(self, "public.pem", checks.openssl("pkey", "-pubin", "-inform", "DER", data=certificate.spki))
        checks.save(self, "said", f"{label} {self.now_s}")
        ids = [key_id for name, key_id, _ in rollover.objects(self, "router") if name.rstrip("#") == label]
        checks.equal([self._signs_with(key_id) for key_id in ids].count(True), 1, f"keys of {label}: {ids}")

    def _signs_with(self, key_id):
        self.tool("pkcs11-tool", "--module", MODULE, "--token-label", "router", "--login", "--pin", PIN, "--sign", "--id",
                  key_id, "--mechanism", "SHA256-RSA-PKCS", "--input-file", "said", "--output-file", "signed")
        try:
            checks.openssl("dgst", "-sha256", "-verify", self.path("public.pem"), "-signature", self.path("signed"),
                           self.path("said"))
        except Failure:
            return False
        return True


class Enrolled(Device):
    """With the CA beside it that it enrols with, `ca`: they begin and end together. `enter` is what it does first, while
    the CA runs: it starts and enrols."""

    def __enter__(self):
        self.ca.__enter__()
        try:
            self.ca.run()
            super().__enter__()
            self.enter()
        except BaseException as error:
            self.__exit__(type(error), error, error.__traceback__)
            raise
        return self

    def __exit__(self, *error):
        try:
            super().__exit__(*error)
        finally:
            self.ca.__exit__(*error)
