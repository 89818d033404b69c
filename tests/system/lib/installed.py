# SPDX-License-Identifier: Apache-2.0
"""The programs as services of a booted systemd (box.py): installed by cmake, each under its own user in
its own sandbox, a root CA on a SoftHSM token."""

import contextlib
import ctypes
import os

from box import Box
from ca import LABEL, MODULE, PIN, SO_PIN
from programs import PATIENCE_S

SOCKETS = [
    "claviger-http.socket", "clavigerd.socket", "clavigerd-scep.socket", "clavigerd-key.socket",
    "claviger-token@soft.socket", "claviger-token-admin@soft.socket", "claviger-fetch.socket",
]
TOKEN, DAEMON, HTTP = "claviger-token@soft.service", "clavigerd.service", "claviger-http.service"
SERVICES = [HTTP, DAEMON, TOKEN]
CONFIG = "/etc/claviger/claviger.conf.d/test.conf"
PIN_FILE = "/etc/credstore/claviger-token.soft"
CLONE_NEWNET = 0x40000000


class Installed(Box):
    """Also the `ca` of clients.py: url() and path()."""

    def __init__(self, name, server=()):
        self.source, self.build = os.environ["CLAVIGER_SOURCE"], os.environ["CLAVIGER_BUILD"]
        self.server = {
            "Token": "soft", "IssuerName": "CN=RootCA,OU=TAC,O=Cisco", "Grant": "auto", "KeySize": 2048,
            "Clients": "legacy", **dict(server),
        }
        self.token = {"Module": MODULE, "URI": "pkcs11:token=ca", "PIN": "pin"}
        self.sections = {}  # others, by their heads
        super().__init__(name, visible=[self.source], writable=[self.build])

    def install(self):
        """Files, users, directories; nothing is started."""
        self.run("cmake", "--install", self.build)
        self.run("systemctl", "daemon-reload")
        self.run("systemd-sysusers")
        self.run("systemd-tmpfiles", "--create")
        self.run("usermod", "--append", "--groups", "softhsm", "claviger-token")
        self.run("install", "-d", "-m", "0700", os.path.dirname(PIN_FILE))
        self.write(PIN_FILE, f"{PIN}\n", 0o600)
        self.configure()

    def configure(self):
        sections = {
            "Daemon": {"TimeSource": "authoritative", "HoldFor": "20s"},  # what is started, or again, on a slow machine
            "Token soft": self.token,
            f"Server {LABEL}": self.server,
            **self.sections,
        }
        lines = []
        for section, options in sections.items():
            lines += [f"[{section}]", *[f"{name}={value}" for name, value in options.items()]]
        self.write(CONFIG, "\n".join(lines) + "\n")

    def start(self):
        """The sockets; the operator's commands then start what they need, down to the token."""
        self.run("systemctl", "enable", "--now", *SOCKETS)
        self.run("systemctl", "enable", DAEMON)
        pins = "".join(f"{pin}\n" for pin in (SO_PIN, SO_PIN, PIN, PIN))
        self.run("claviger", "--yes", "token", "init", "soft", "ca", input=pins)
        self.run("claviger", "--yes", "server", "create", LABEL)
        self.run("claviger", "--yes", "server", "start", LABEL)

    def stop_services(self):
        """The sockets stay."""
        for unit in SERVICES:  # whoever asks before whoever is asked, who would be started again
            self.run("systemctl", "stop", unit)

    def is_active(self, unit):
        return self.show(unit, "ActiveState") == "active"

    def wait_logged(self, unit, text):
        """Until the journal has a line of the unit with this text."""
        follow = 'grep -qm1 -Fe "$2" < <(exec journalctl --unit="$1" --follow --lines=all --output=cat 2>/dev/null)'
        self.run("timeout", str(PATIENCE_S), "bash", "-c", follow, "wait", unit, text)

    # As clients see it

    def url(self, path=f"/scep/{LABEL}"):
        return f"http://127.0.0.1{path}"

    def path(self, *parts):
        return os.path.join(self.folder, *parts)

    @contextlib.contextmanager
    def joined(self):
        """Within the block this thread, and what it starts, is on the box's network."""
        libc = ctypes.CDLL(None, use_errno=True)
        home = os.open("/proc/self/ns/net", os.O_RDONLY)
        there = os.open(f"/proc/{self.leader}/ns/net", os.O_RDONLY)
        try:
            if libc.setns(there, CLONE_NEWNET):
                raise OSError(ctypes.get_errno(), "setns")
            yield self
        finally:
            libc.setns(home, CLONE_NEWNET)
            os.close(home)
            os.close(there)
