# SPDX-License-Identifier: Apache-2.0
"""What is right, told by the openssl command and by comparison."""

import base64
import ctypes
import datetime
import os
import functools
import re
import subprocess

from programs import PATIENCE_S, Failure


def equal(found, wanted, what=""):
    if found != wanted:
        raise Failure(f"{what or 'value'}: {found!r}, not {wanted!r}")


def true(found, what):
    if not found:
        raise Failure(f"not so: {what}")


def contains(text, part):
    if part not in text:
        raise Failure(f"{part!r} is not in {text!r}")


def kernel_hides_memory():
    """Whether this kernel has memfd_secret(2)."""
    fd = ctypes.CDLL(None).syscall(447, 0)
    if fd >= 0:
        os.close(fd)
    return fd >= 0


def status(reply, wanted, fail_info=None):
    """What a CertRep says."""
    if (reply.status, reply.fail_info) != (wanted, fail_info):
        raise Failure(f"{reply}, not {wanted} {fail_info or ''}")
    return reply


def openssl(*arguments, data=b""):
    """Output of an openssl command that must end well."""
    done = subprocess.run(["openssl", *arguments], input=data, capture_output=True, check=False, timeout=PATIENCE_S)
    if done.returncode:
        raise Failure(f"openssl {' '.join(arguments)}: {done.stderr.decode()}{done.stdout.decode()}")
    return done.stdout.decode("utf-8", "replace")


@functools.cache
def told(*arguments, data):
    """What openssl makes of bytes alone, which is the same each time."""
    return openssl(*arguments, data=data)


def crl_signature(root, data):
    """A CRL, DER, is signed by the certificate in this PEM file; the command ends well in any case."""
    done = subprocess.run(["openssl", "crl", "-inform", "DER", "-noout", "-CAfile", root], input=data,
                          capture_output=True, check=False, timeout=PATIENCE_S)
    contains(done.stderr.decode(), "verify OK")


def pem(data, kind="CERTIFICATE"):
    text = base64.encodebytes(data).decode()
    return f"-----BEGIN {kind}-----\n{text}-----END {kind}-----\n"


def der(text):
    """The bytes of the first PEM block."""
    match = re.search(r"-----BEGIN [^-]+-----\n(.*?)-----END", text, re.S)
    return base64.b64decode(match[1])


def chain(ca, certificate, root, at=None, crl=None):
    """openssl accepts the certificate under the root, strictly; with a CRL also its revocation."""
    arguments = ["verify", "-x509_strict", "-CAfile", save(ca, "root.pem", pem(root))]
    arguments += ["-attime", str(at)] if at else []
    arguments += ["-crl_check", "-CRLfile", save(ca, "crl.pem", pem(crl, "X509 CRL"))] if crl else []
    contains(openssl(*arguments, save(ca, "leaf.pem", pem(certificate))), ": OK")


def save(ca, name, text):
    path = ca.path(name)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


class Certificate:
    """Fields of a certificate as openssl prints them."""

    def __init__(self, data):
        self.data = data
        self.text = told("x509", "-inform", "DER", "-noout", "-text", data=data)

    def field(self, option):
        """Of x509's output options, what follows the `=`."""
        out = told("x509", "-inform", "DER", "-noout", "-nameopt", "RFC2253", option, data=self.data)
        return out.partition("=")[2].strip()

    @property
    def subject(self):
        return self.field("-subject")

    @property
    def serial(self):
        return self.field("-serial")

    @property
    def start_s(self):
        return seconds(self.field("-startdate"))

    @property
    def end_s(self):
        return seconds(self.field("-enddate"))

    @property
    def spki(self):
        return der(told("x509", "-inform", "DER", "-noout", "-pubkey", data=self.data))

    def extensions(self):
        """(name, critical, value) in their order."""
        part = re.search(r"X509v3 extensions:\n(.*?)\n    Signature Algorithm", self.text, re.S)
        rows = re.findall(r"^ {12}(\S.*?): ?(critical)?\s*\n((?: {16}.*\n?)+)", part[1] + "\n", re.M) if part else []
        return [(name, bool(critical), " ".join(value.split())) for name, critical, value in rows]


def seconds(text):
    """Of openssl's "Nov 21 08:21:36 2026 GMT"."""
    time = datetime.datetime.strptime(text, "%b %d %H:%M:%S %Y GMT")
    return int(time.replace(tzinfo=datetime.timezone.utc).timestamp())
