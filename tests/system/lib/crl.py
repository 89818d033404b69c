# SPDX-License-Identifier: Apache-2.0
"""A CRL as openssl reads it, held against RFC 5280 §5.

    crl = Crl(data, root)        # DER; root: the issuer's certificate, DER
    crl.number, crl.this_s, crl.next_s, crl.entries    # {serial: reason}
"""

import functools
import re
import tempfile

import checks
import der
from programs import Failure

REASONS = {"Key Compromise": "keyCompromise", "CA Compromise": "cACompromise",
           "Affiliation Changed": "affiliationChanged", "Superseded": "superseded",
           "Cessation Of Operation": "cessationOfOperation", "Certificate Hold": "certificateHold",
           "Privilege Withdrawn": "privilegeWithdrawn"}
UTC_TIME, ENUMERATED, SEQUENCE = 0x17, 0x0A, 0x30


@functools.cache
def judged(data, root):
    """The same bytes under the same issuer are looked at once."""
    return Crl(data, root)


class Crl:
    def __init__(self, data, root):
        self.data = data
        self.text = checks.openssl("crl", "-inform", "DER", "-noout", "-text", data=data)
        self._verify(root)
        self._lint()
        self.number = int(self._one(r"X509v3 CRL Number: *\n +(0x[0-9A-F]+|\d+)\n"), 0)
        self.this_s = checks.seconds(self._one(r"Last Update: (.*)"))
        self.next_s = checks.seconds(self._one(r"Next Update: (.*)"))
        self.entries = dict(self._entries())
        checks.true(self.this_s < self.next_s, "thisUpdate comes before nextUpdate")

    def _verify(self, root):
        with tempfile.NamedTemporaryFile("w", suffix=".pem") as file:
            file.write(checks.pem(root))
            file.flush()
            checks.crl_signature(file.name, self.data)

    def _one(self, pattern):
        found = re.findall(pattern, self.text)
        if len(found) != 1:
            raise Failure(f"{pattern!r} is {len(found)} times in the CRL")
        return found[0]

    def _entries(self):
        body = self.text.partition("Revoked Certificates:\n")[2]
        for block in re.split(r"\n? +Serial Number: ", body)[1:]:
            serial = re.match(r"[0-9A-F]+", block)[0]
            name = re.search(r"CRL Reason Code: *\n +(.*)", block)
            yield serial, REASONS[name[1].strip()] if name else "unspecified"

    def _lint(self):
        """What openssl shows whether it is right or not."""
        tbs = der.parse(self.data)[0]
        fields = list(tbs)
        checks.equal(fields[0].encode(), b"\x02\x01\x01", "version 2 (§5.1.2.1)")
        checks.equal(fields[1].encode(), der.parse(self.data)[1].encode(), "one algorithm (§5.1.1.2)")
        checks.equal([field.tag for field in fields[3:5]], [UTC_TIME, UTC_TIME], "times up to 2049 (§5.1.2.4)")
        checks.equal(self._extensions(fields[-1][0]), ["551d23", "551d14"], "AKI and cRLNumber alone (§5.2)")
        entries = list(fields[5]) if fields[5].tag == SEQUENCE else []
        checks.true(fields[5].tag != SEQUENCE or entries, "no empty list (§5.1.2.6)")
        serials = [int.from_bytes(entry[0].content, "big") for entry in entries]
        checks.equal(serials, sorted(set(serials)), "each certificate once, in order")
        for entry in entries:
            self._lint_entry(entry)

    @staticmethod
    def _extensions(sequence):
        for extension in sequence:
            checks.true(len(list(extension)) == 2, "none is critical")
        return [extension[0].content.hex() for extension in sequence]

    def _lint_entry(self, entry):
        parts = list(entry)
        checks.true(len(parts) in (2, 3), "serial, date, perhaps extensions (§5.1)")
        if len(parts) == 3:
            checks.equal(self._extensions(parts[2]), ["551d15"], "a reason alone (§5.3)")
            code = der.parse(parts[2][0][1].content)
            checks.equal(code.tag, ENUMERATED)
            checks.true(code.content[0] in (1, 2, 3, 4, 5, 6, 9), "no unspecified, unused or delta's reason (§5.3.1)")
