# SPDX-License-Identifier: Apache-2.0
"""A SCEP client (RFC 8894) on OpenSSL's CMS, whose messages can be bent in every part.

    router = Router(ca, "CN=r1")
    reply = router.enroll(challenge="cisco")          # reply.status, reply.certificates …
    reply = router.send(router.request(type="18"))    # a message with something bent
"""

import dataclasses
import hashlib
import os

import der
import openssl
import web
from programs import Failure

OID = "2.16.840.1.113733.1.9."
TRANSACTION, TYPE, STATUS, FAIL_INFO, SENDER_NONCE, RECIPIENT_NONCE = (OID + n for n in "723456")
FAIL_TEXT = "1.3.6.1.5.5.7.24.1"
CONTENT_TYPE, MESSAGE_DIGEST, SIGNING_TIME = ("1.2.840.113549.1.9." + n for n in "345")
STATUSES = {"0": "SUCCESS", "2": "FAILURE", "3": "PENDING"}
FAIL_INFOS = {"0": "badAlg", "1": "badMessageCheck", "2": "badRequest", "3": "badTime", "4": "badCertId"}
ROUTER_EXTENSIONS = [("keyUsage", "critical,digitalSignature,keyEncipherment")]


@dataclasses.dataclass
class Message:
    """A request; encode() makes it. The bends work on what OpenSSL made, before it is signed."""

    content: bytes
    key: openssl.Key
    signer: bytes
    recipients: list
    type: str = "19"
    type_tag: int = der.PRINTABLE
    transaction: bytes = b""
    transaction_tag: int = der.PRINTABLE
    nonce: bytes = b""
    cipher: str = "aes-128-cbc"
    md: str = "sha256"
    others: tuple = ()
    stream: bool = False
    oaep: bool = False
    signing_time: bool = True
    bend_envelope: callable = None  # bytes to bytes
    bend_attributes: callable = None  # the list of attributes to another
    bend_signed: callable = None  # changes the whole tree, after the signature

    def encode(self):
        envelope = openssl.envelope(self.content, self.recipients, self.cipher, self.oaep, self.stream)
        if self.bend_envelope:
            envelope = self.bend_envelope(envelope)
        attributes = [
            (TYPE, self.type_tag, self.type.encode()),
            (TRANSACTION, self.transaction_tag, self.transaction),
            (SENDER_NONCE, der.OCTET_STRING, self.nonce),
        ]
        message = openssl.signed(envelope, self.signer, self.key, attributes, self.others, self.md, self.stream)
        if self.signing_time and not self.bend_attributes and not self.bend_signed:
            return message
        return self._signed_again(der.parse(message))

    def _signed_again(self, message):
        info = signer_info(message)
        attributes = info.find(0xA0)
        if not self.signing_time:
            attributes.content = without(attributes.content, SIGNING_TIME)
        if self.bend_attributes:
            attributes.content = self.bend_attributes(attributes.content)
        attributes.content.sort(key=der.Node.encode)
        info.find(der.OCTET_STRING).content = self.key.sign(der.Node(der.SET, attributes.content).encode(), self.md)
        if self.bend_signed:
            self.bend_signed(message)
        return message.encode()


def signer_info(message):
    return message[1][0].content[-1][0]


def attribute(which, tag, value):
    return der.sequence(der.oid(which), der.set_of(der.Node(tag, value)))


def without(attributes, which):
    oid = der.oid(which).encode()
    return [one for one in attributes if one[0].encode() != oid]


class Reply:
    """A CertRep: verified by OpenSSL, signed by the CA's certificate, read."""

    def __init__(self, answer, message, ca_certificate):
        self.http = answer
        self.envelope, self.signer = openssl.verify(answer.body)
        if self.signer != ca_certificate:
            raise Failure("the CertRep is not signed by the certificate that GetCACert gives")
        self.tree = der.parse(answer.body)
        info = signer_info(self.tree)
        self.attributes = {}
        for one in info.find(0xA0).content:
            (value,) = one[1].content
            if one[0].content in self.attributes:
                raise Failure("an attribute of the CertRep is repeated")
            self.attributes[one[0].content] = value
        self._read(message)

    def value(self, which):
        found = self.attributes.get(der.oid(which).content)
        return found.content if found else None

    def tag(self, which):
        return self.attributes[der.oid(which).content].tag

    def _read(self, message):
        if self.value(TYPE) != b"3":
            raise Failure(f"messageType {self.value(TYPE)!r} of an answer")
        if self.value(TRANSACTION) != message.transaction or self.value(RECIPIENT_NONCE) != message.nonce:
            raise Failure("the CertRep belongs to another request")
        if len(self.value(SENDER_NONCE)) != 16 or self.value(SENDER_NONCE) == message.nonce:
            raise Failure("no fresh senderNonce")
        self.status = STATUSES[self.value(STATUS).decode()]
        self.fail_info = FAIL_INFOS[self.value(FAIL_INFO).decode()] if self.value(FAIL_INFO) else None
        self.fail_text = (self.value(FAIL_TEXT) or b"").decode()
        self.certificates, self.crls = [], []
        if (self.status == "FAILURE") != (self.fail_info is not None):
            raise Failure(f"{self.status} with failInfo {self.fail_info}")
        if (self.status == "SUCCESS") != bool(self.envelope):
            raise Failure(f"{self.status} with an envelope of {len(self.envelope)} bytes")
        if self.envelope:
            content = openssl.decrypt(self.envelope, message.key, message.signer)
            self.certificates, self.crls = openssl.degenerate(content)

    @property
    def certificate(self):
        (one,) = self.certificates
        return one

    def __str__(self):
        return " ".join(filter(None, [self.status, self.fail_info, self.fail_text]))


class Router:
    """A client with a key, and a certificate: its own, or the one that it was given last."""

    def __init__(self, ca, subject="CN=r1", key=None, signer_subject=None, path=None, **shape):
        self.ca, self.subject, self.path, self.shape = ca, subject, path or ca.place, shape
        self.key = key or openssl.Key.rsa()
        self.ca_certificate = web.get(ca.port, f"{self.path}?operation=GetCACert").body
        self.self_signed = self.signer = openssl.certificate(
            self.key, signer_subject or subject, extensions=ROUTER_EXTENSIONS
        )

    # Messages

    def csr(self, **how):
        return openssl.csr(**{"key": self.key, "subject": self.subject, **how})

    def message(self, content, **bends):
        defaults = {
            "key": self.key, "signer": self.signer, "recipients": [self.ca_certificate], "nonce": os.urandom(16),
            "transaction": hashlib.md5(self.key.spki).hexdigest().upper().encode(),
        }
        return Message(content, **{**defaults, **self.shape, **bends})

    def request(self, csr=None, challenge=None, **bends):
        return self.message(csr or self.csr(challenge=challenge), **bends)

    def poll(self, **bends):
        names = der.sequence(
            der.parse(openssl.write("X509_NAME", openssl.name("O=Cisco,OU=TAC,CN=RootCA"))),
            der.parse(openssl.write("X509_NAME", openssl.name(self.subject))),
        )
        return self.message(names.encode(), **{"type": "20", **bends})

    def lookup(self, kind, certificate, **bends):
        """GetCert (21) or GetCRL (22) about a certificate."""
        fields = der.parse(certificate)[0]
        return self.message(der.sequence(fields[3], fields[1]).encode(), **{"type": kind, **bends})

    # Conversation

    def post(self, data, **how):
        return web.post(self.ca.port, f"{self.path}?operation=PKIOperation", data, **how)

    def read(self, answer, message):
        """The CertRep in a 200, with the one right Content-Type."""
        if answer.status != 200 or answer.headers.get("content-type") != "application/x-pki-message":
            raise Failure(f"HTTP {answer.status}, {answer.headers.get('content-type')}: {answer.text[:200]}")
        return Reply(answer, message, self.ca_certificate)

    def send(self, message, data=None):
        return self.read(self.post(data or message.encode()), message)

    def enroll(self, **bends):
        """A PKCSReq; what it brings is what the next messages are signed by."""
        return self.accept(self.send(self.request(**bends)))

    def accept(self, reply):
        if reply.certificates:
            self.signer = reply.certificates[0]
        return reply
