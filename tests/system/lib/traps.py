# SPDX-License-Identifier: Apache-2.0
"""net-snmp's snmptrapd in a folder of its own, and what it was told.

    with Traps(folder, engine) as sink:
        sink.v2c(), sink.v3()
        since = sink.mark()
        ...
        trap, = sink.wait(1, since)
"""

import os
import re
import socket

from ports import free_port
from programs import Failure, Program

COMMUNITY = "geheim"
USER, AUTH_PASSWORD, PRIVACY_PASSWORD = "claviger", "an auth password", "a privacy password"
ROOT = ".1.3.6.1.4.1.8072.9999.9999.7686"
KINDS = {f"{ROOT}.0.1": "clavigerCertificateExpiring", f"{ROOT}.0.2": "clavigerCertificateExpiryAlert"}
OBJECTS = ("name", "type", "serial", "issuer", "subject", "not_after", "left", "severity")
AUTHS = {"sha": "SHA", "sha256": "SHA-256", "sha512": "SHA-512"}


class Trap:
    """`version`, `user` of v3 or `community` of v2c, `kind`, `uptime` in hundredths of a second, the members of OBJECTS:
    octets or numbers."""

    def __init__(self, text):
        head, _, rest = text.partition("\n")
        self.version, self.user = re.match(r".*SNMP (v\w+), (?:community|user) (\S+?)(?:,|$)", head).groups()
        values = [(oid, " ".join(value.split())) for oid, value in re.findall(r"(?ms)^%?(\.[\d.]+) = (.*?)(?=\n\.|\Z)", rest)]
        self.uptime = int(re.search(r"\((\d+)\)", values[0][1])[1])
        self.kind = KINDS[values[1][1].removeprefix("OID: ")]
        wanted = [f"{ROOT}.1.{n}.0" for n in range(1, len(OBJECTS) + 1)]
        if [oid for oid, _ in values[2:]] != wanted:
            raise Failure(f"the objects of a trap are {values}")
        for name, (_, value) in zip(OBJECTS, values[2:]):
            setattr(self, name, self._read(value))

    @staticmethod
    def _read(value):
        kind, _, rest = value.partition(":")
        if kind == "Hex-STRING":
            return bytes.fromhex(rest)
        return int(rest) if rest else b""


class Traps:
    """`auth`, `privacy`: as [Notify] has them; `engine`: whose v3 traps are taken, hex."""

    def __init__(self, folder, engine, auth="sha256", privacy="aes", address="127.0.0.1"):
        self.folder = os.path.join(folder, f"traps-{auth}-{privacy}-{address.replace(':', '_')}")
        os.makedirs(self.folder)
        self.address = f"[{address}]" if ":" in address else address
        self.port = free_port(address, socket.SOCK_DGRAM)
        secret = f'AES "{PRIVACY_PASSWORD}"' if privacy == "aes" else ""
        level = "priv" if privacy == "aes" else "auth"
        self.config = os.path.join(self.folder, "snmptrapd.conf")
        with open(self.config, "w", encoding="ascii") as file:
            file.write(f'authCommunity log {COMMUNITY}\ndisableAuthorization no\n'
                       f'createUser -e 0x{engine} {USER} {AUTHS[auth]} "{AUTH_PASSWORD}" {secret}\n'
                       f"authUser log {USER} {level}\n")
        kind = "udp6" if ":" in address else "udp"
        environment = {"SNMP_PERSISTENT_DIR": self.folder, "MIBS": "", "SNMPCONFPATH": self.folder}
        command = ["snmptrapd", "-f", "-Lo", "-C", "-c", self.config, "-OnxeU", "-F", "BEGIN %P\\n%V\\n%%%v\\nEND\\n",
                   f"{kind}:{self.address}:{self.port}"]
        self.program = Program("snmptrapd", command, self.folder, environment)

    def v2c(self):
        return f"v2c:{self.address}:{self.port}"

    def v3(self):
        return f"v3:{USER}@{self.address}:{self.port}"

    def mark(self):
        """A place in what came, for all() to look from."""
        return self.program.mark()

    def wait(self, count=1, since=0):
        """The traps from `since` on, once there are `count` of them."""
        at = since
        for _ in range(count):
            at = self.program.wait_line("^END$", at)
        return self.all(since)

    def all(self, since=0):
        text = "\n".join(self.program.lines[since:])
        return [Trap(block) for block in re.findall(r"(?ms)^BEGIN (.*?)\nEND$", text)]

    def __enter__(self):
        self.program.launch()
        self.program.wait_line("NET-SNMP version")
        return self

    def __exit__(self, *_):
        self.program.stop()
        self.program.close()
