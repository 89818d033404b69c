# SPDX-License-Identifier: Apache-2.0
"""A private CA: the real programs over a SoftHSM token, all state in one directory of its own.

    with CA(server={"Grant": "manual"}) as ca:
        ca.run()                            # token, daemon, front end; the server created and started
        ca.command("request", "list", "ROOTCA")["requests"]
"""

import os

from machine import MODULE, PIN, SO_PIN, Machine  # pylint: disable=unused-import
from ports import free_port

LABEL = "ROOTCA"


class CA(Machine):
    """`label`: the server's name, where a test has several."""

    def __init__(self, server=None, daemon=None, http=None, token=None, sections=None, clock=None, label=LABEL):
        self.port, self.label = free_port(), label
        super().__init__({
            "Daemon": {"TimeSource": "authoritative"},
            "HTTP": {"Listen": f"127.0.0.1:{self.port}", **(http or {})},
            "Token soft": {"Module": MODULE, "URI": "pkcs11:token=ca"},
            f"Server {label}": {
                "Token": "soft", "IssuerName": "CN=RootCA,OU=TAC,O=Cisco", "Grant": "auto",
                "KeySize": 2048, **(server or {})
            },
            **(sections or {}),
        }, clock)
        self.sections["Daemon"].update(daemon or {})
        self.sections["Token soft"].update({"PIN": self.path("pin"), **(token or {})})
        self.write_config()
        self.token = self._program("claviger-token", "soft")
        self.daemon = self._program("clavigerd", "--debug")
        self.http = self._program("claviger-http")
        self.programs = [self.http, self.daemon, self.token]

    @property
    def place(self):
        """Where it is asked by SCEP."""
        return f"/scep/{self.label}"

    def url(self, path=None):
        return f"http://127.0.0.1:{self.port}{path or self.place}"

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
        self.command("server", "create", self.label)
        self.command("server", "start", self.label)
        return self

    def restart_daemon(self):
        self.daemon.stop()
        self.daemon.start()

    def requests(self):
        """Oldest first."""
        return sorted(self.command("request", "list", self.label)["requests"], key=lambda row: row["id"])

    def password(self, *arguments):
        return self.command("password", "generate", self.label, *arguments)["password"]
