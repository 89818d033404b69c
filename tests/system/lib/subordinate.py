# SPDX-License-Identifier: Apache-2.0
"""A server below another: clavigerd with the trustpoint of its name, claviger-fetch to ask with, the front end to serve.

    with CA(server={"IssueSubordinates": "yes"}) as root, Subordinate(root.url(), clock=root) as sub:
        sub.start()
        sub.create(root_certificate)
"""

import hashlib

from ports import free_port
from trustpoint import Device

LABEL = "SUB"
NAME = "CN=SubCA,OU=TAC,O=Cisco"


class Subordinate(Device):
    def __init__(self, url, trustpoint=None, server=None, clock=None, **options):
        self.port = free_port()
        super().__init__(
            {LABEL: {"EnrollmentURL": url, "FQDN": None, **(trustpoint or {})}}, clock=clock,
            sections={"HTTP": {"Listen": f"127.0.0.1:{self.port}"},
                      f"Server {LABEL}": {"Mode": "subordinate", "Token": "soft", "IssuerName": NAME, "Grant": "auto",
                                          "CertificateLifetime": "30d", **(server or {})}}, **options)
        self.http = self._program("claviger-http")
        self.programs.insert(0, self.http)

    def start(self, supervised=False):
        super().start(supervised)
        self.http.start()
        return self

    def url(self, path=f"/scep/{LABEL}"):
        return f"http://127.0.0.1:{self.port}{path}"

    def create(self, superior, *source):
        """As one who knows the superior's fingerprint from elsewhere."""
        self.command("trustpoint", "authenticate", LABEL, *source, "--fingerprint",
                     hashlib.sha256(superior).hexdigest())
        self.command("server", "create", LABEL)
        self.command("server", "start", LABEL)

    def server(self):
        """As `server show --json` has it, by the daemon itself."""
        return self.ask("server.show", label=LABEL)["parameters"]

    def state(self):
        return self.server()["state"]

    def is_enabled(self):
        return self.state() == "enabled"

    def published(self, name):
        """One of the files that the front end serves."""
        with open(self.path("state", "public", LABEL, name), "rb") as file:
            return file.read()

    def certificate(self):
        """The CA certificate in use, DER."""
        return self.published("ca.crt")
