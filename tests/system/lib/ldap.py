# SPDX-License-Identifier: Apache-2.0
"""A directory (OpenLDAP's slapd) in a folder of its own, in which certificates and CRLs stand.

    with Ldap(folder) as directory:
        directory.put("cn=ROOTCA,o=Lab", crl, "certificateRevocationList")
        directory.url("cn=ROOTCA,o=Lab")
        directory.down()
        directory.up()
"""

import base64
import os
import subprocess
import urllib.parse

from ports import free_port, wait_listening
from programs import PATIENCE_S, Failure, Program

SUFFIX = "o=Lab"
ADMIN, PASSWORD = f"cn=admin,{SUFFIX}", "right: horse, battery"
CLASSES = {
    "cACertificate": ("applicationProcess", "pkiCA"),
    "certificateRevocationList": ("cRLDistributionPoint",),
    "authorityRevocationList": ("cRLDistributionPoint",),
}


class Ldap:
    """`tls`: files with a key and its certificate; it then answers ldaps alone. `rules`: lines for slapd.conf."""

    def __init__(self, folder, tls=None, rules="", address="127.0.0.1"):
        self.folder = os.path.join(folder, "ldap")
        self.scheme, self.address = "ldaps" if tls else "ldap", address
        os.makedirs(os.path.join(self.folder, "data"))
        self.port = free_port(address)
        lines = ["include /etc/ldap/schema/core.schema", "modulepath /usr/lib/ldap", "moduleload back_mdb",
                 "sizelimit unlimited", rules]
        if tls:
            lines += [f"TLSCertificateKeyFile {tls[0]}", f"TLSCertificateFile {tls[1]}"]
        lines += ["database mdb", "maxsize 268435456", f'suffix "{SUFFIX}"', f'rootdn "{ADMIN}"', f'rootpw "{PASSWORD}"',
                  f"directory {self.folder}/data", "access to * by * read"]
        self.config = os.path.join(self.folder, "slapd.conf")
        with open(self.config, "w", encoding="ascii") as file:
            file.write("\n".join(lines) + "\n")
        subprocess.run(["slapadd", "-f", self.config], input=f"dn: {SUFFIX}\nobjectClass: organization\no: Lab\n".encode(),
                       check=True, capture_output=True, timeout=PATIENCE_S)
        # It makes room for each file that it may open, a million of them on some machines.
        self.program = Program("slapd", ["prlimit", "--nofile=1024", "slapd", "-d", "stats", "-f", self.config, "-h",
                                         f"{self.scheme}://{self.host()}:{self.port}/"], self.folder)
        self.up()

    def host(self):
        return f"[{self.address}]" if ":" in self.address else self.address

    def url(self, dn, rest=""):
        """`rest`: what stands behind the name, as "?certificateRevocationList"."""
        return f"{self.scheme}://{self.host()}:{self.port}/{urllib.parse.quote(dn)}{rest}"

    def up(self):
        since = self.program.mark()
        self.program.launch()
        self.program.wait_line("slapd starting", since)
        wait_listening(self.program.process.pid, self.port)

    def down(self):
        self.program.stop()

    def put(self, dn, value, attribute="certificateRevocationList", name=None):
        """Makes the entry, or gives it the value; `name` is the attribute's with another option than ;binary."""
        kind, _, common = dn.split(",")[0].partition("=")
        classes = "".join(f"objectClass: {one}\n" for one in CLASSES[attribute])
        line = f"{name or attribute + ';binary'}:: {base64.b64encode(value).decode()}\n"
        entry = f"dn: {dn}\nchangetype: add\n{classes}{kind}: {common}\n{line}"
        if self._modify(entry):
            change = f"dn: {dn}\nchangetype: modify\nreplace: {name or attribute + ';binary'}\n{line}"
            if self._modify(change):
                raise Failure(f"{dn} could not be written: {self.reason}")

    def bare(self, dn):
        """An entry without any such attribute."""
        kind, _, common = dn.split(",")[0].partition("=")
        if self._modify(f"dn: {dn}\nchangetype: add\nobjectClass: cRLDistributionPoint\n{kind}: {common}\n"):
            raise Failure(f"{dn} could not be written: {self.reason}")

    def _modify(self, text):
        done = subprocess.run(["ldapmodify", "-x", "-H", f"{self.scheme}://{self.host()}:{self.port}/", "-D", ADMIN,
                               "-w", PASSWORD], input=text.encode(), capture_output=True, timeout=PATIENCE_S,
                              env=dict(os.environ, LDAPTLS_REQCERT="never"))
        self.reason = done.stderr.decode("utf-8", "replace")
        return done.returncode

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.down()
        self.program.close()
