# SPDX-License-Identifier: Apache-2.0
"""A SCEP server on OpenSSL's CMS, honest until it is told to lie: it speaks HTTP/1.0, as old ones do.

    with Liar(router) as server:             # whose clock it shares
        server.url, server.ca.certificate
        server.lie = "wrong nonce"           # of LIES; None: honest again
        server.answer = PENDING              # what an honest one may say, too
        server.seen                          # [Seen(now_s, operation, type, …)]
"""

import base64
import collections
import dataclasses
import hashlib
import http.server
import os
import socketserver
import threading
import urllib.parse

import der
import openssl
from scep import FAIL_INFO, FAIL_TEXT, RECIPIENT_NONCE, SENDER_NONCE, STATUS, TRANSACTION, TYPE, signer_info

GRANTED, FAILURE, PENDING = "0", "2", "3"
DAY = 86400
CA_EXTENSIONS = [("basicConstraints", "critical,CA:TRUE"),
                 ("keyUsage", "critical,keyCertSign,cRLSign,digitalSignature,keyEncipherment")]
LEAF_EXTENSIONS = [("keyUsage", "critical,digitalSignature,keyEncipherment")]
SUBJECT_KEY, AUTHORITY_KEY = "2.5.29.14", "2.5.29.35"
MESSAGE, CA, RA = "application/x-pki-message", "application/x-x509-ca-cert", "application/x-x509-ca-ra-cert"
NEXT = "application/x-x509-next-ca-cert"
HTML = b"<!DOCTYPE html><html><head><title>Sign in</title></head><body>Welcome to this hotel</body></html>"
HUGE = 2 << 30

Seen = collections.namedtuple("Seen", "now_s method operation type transaction bytes")


class Authority:
    """A CA's key and certificate."""

    def __init__(self, life, name="O=Example,CN=Lab CA", key=None, extensions=CA_EXTENSIONS):
        self.name, self.key, self.life = name, key or openssl.Key.rsa(), life
        self.key_id = hashlib.sha1(self.key.spki).hexdigest()
        extensions = [*extensions, (SUBJECT_KEY, f"DER:0414{self.key_id}")]
        self.certificate = openssl.certificate(self.key, name, extensions=extensions, life=life, serial=life[0])

    def issue(self, subject, key, life, extensions=LEAF_EXTENSIONS):
        serial = int.from_bytes(os.urandom(7), "big") + 1
        extensions = [*extensions, (SUBJECT_KEY, f"DER:0414{hashlib.sha1(key.spki).hexdigest()}"),
                      (AUTHORITY_KEY, f"DER:30168014{self.key_id}")]
        return openssl.certificate(key, subject, self.name, self.key, serial=serial, extensions=extensions, life=life)


@dataclasses.dataclass
class CertRep:
    """An answer before it is made; what a lie changes."""

    ca: Authority  # who signs
    transaction: bytes
    nonce: bytes  # that it repeats
    recipient: bytes
    status: str = GRANTED
    fail: str = "2"
    certificates: list = ()
    type: str = "3"
    md: str = "sha256"
    cipher: str = "aes-128-cbc"
    fail_text: bytes = b"ask \x1b[31mthe registrar\x1b[0m\r\n"
    bend_envelope: callable = None  # bytes to bytes

    def encode(self):
        content = b""
        if self.status == GRANTED:
            content = openssl.envelope(openssl.certs_only(self.certificates), [self.recipient], self.cipher)
            content = self.bend_envelope(content) if self.bend_envelope else content
        attributes = [
            (TYPE, der.PRINTABLE, self.type.encode()), (STATUS, der.PRINTABLE, self.status.encode()),
            (TRANSACTION, der.PRINTABLE, self.transaction), (SENDER_NONCE, der.OCTET_STRING, os.urandom(16)),
            (RECIPIENT_NONCE, der.OCTET_STRING, self.nonce),
        ]
        if self.status == FAILURE:
            attributes.append((FAIL_INFO, der.PRINTABLE, self.fail.encode()))
            attributes.append((FAIL_TEXT, der.UTF8, self.fail_text))
        return openssl.signed(content, self.ca.certificate, self.ca.key, attributes, md=self.md)


class Question:
    """A message as it came, opened by OpenSSL."""

    def __init__(self, server, data):
        self.envelope, self.signer = openssl.verify(data)
        self.values = {}
        for one in signer_info(der.parse(data)).find(0xA0).content:
            self.values[one[0].content] = one[1][0].content
        self.type, self.transaction, self.nonce = (self.values[der.oid(which).content]
                                                   for which in (TYPE, TRANSACTION, SENDER_NONCE))
        self.ca = self.content = None
        for ca in filter(None, (server.ca, server.next)):
            if self._is_for(ca):
                self.ca = ca
                self.content = openssl.decrypt(self.envelope, ca.key, ca.certificate)

    def _is_for(self, ca):
        """Issuer and serial number of its one recipientInfo."""
        wanted = der.sequence(der.parse(ca.certificate)[0][3], der.parse(ca.certificate)[0][1]).encode()
        return der.parse(self.envelope)[1][0][1][0][1].encode() == wanted


class Liar(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True

    def __init__(self, machine, years=10, leaf_s=100 * DAY):
        self.machine, self.leaf_s = machine, leaf_s
        now_s = machine.now_s
        self.ca = Authority((now_s - DAY, now_s + years * 365 * DAY))
        self.next = None
        self.stranger = Authority(self.ca.life)  # calls itself the same
        self.capabilities = ["AES", "SHA-256", "POSTPKIOperation", "Renewal", "GetNextCACert", "SCEPStandard"]
        self.answer, self.lie, self.lied = GRANTED, None, 0
        self.extensions = LEAF_EXTENSIONS  # of what it issues
        self.seen, self.requests, self.issued = [], {}, []
        self.ended = threading.Event()
        super().__init__(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}/cgi-bin/pkiclient.exe"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.shutdown()
        self.server_close()

    def handle_error(self, request, client_address):
        """A client that hung up has had enough."""

    def operations(self):
        return [one.operation for one in self.seen]

    # An honest server

    def get_ca_caps(self, _):
        return "text/plain", "\n".join(self.capabilities).encode()

    def get_ca_cert(self, _):
        return CA, self.ca.certificate

    def get_next_ca_cert(self, _):
        if not self.next:
            return None, b"there is none"
        return NEXT, self.signed_by(self.ca, [self.next.certificate])

    def pki_operation(self, data):
        return MESSAGE, self.certrep(data).encode()

    @staticmethod
    def signed_by(ca, certificates):
        return openssl.signed(openssl.certs_only(certificates), ca.certificate, ca.key)

    def certrep(self, data):
        """Signed by the CA in force whoever issues: a router knows that one."""
        question = Question(self, data)
        made = CertRep(self.ca, question.transaction, question.nonce, question.signer, self.answer)
        if question.type != b"20" and question.content:
            self.requests[question.transaction] = question.content
        if self.answer == GRANTED:
            made.certificates = [self.issue(question)]
        return made

    def issue(self, question, key=None, name=None, extensions=None):
        subject, asked = openssl.asked(self.requests[question.transaction])
        now_s = self.machine.now_s
        life = (now_s, min(now_s + self.leaf_s, question.ca.life[1]))
        if question.ca is self.next:
            life = (self.ca.life[1], self.ca.life[1] + self.leaf_s)
        self.issued.append(question.ca.issue(name or subject, key or asked, life, extensions or self.extensions))
        return self.issued[-1]


HONEST = {"GetCACaps": Liar.get_ca_caps, "GetCACert": Liar.get_ca_cert, "GetNextCACert": Liar.get_next_ca_cert,
          "PKIOperation": Liar.pki_operation}


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        query = dict(part.partition("=")[::2] for part in self.path.partition("?")[2].split("&"))
        message = urllib.parse.unquote(query.get("message", ""))
        operation = query.get("operation")
        self.give(operation, base64.b64decode(message) if operation == "PKIOperation" else b"")

    def do_POST(self):
        query = urllib.parse.parse_qs(self.path.partition("?")[2])
        self.give(query["operation"][0], self.rfile.read(int(self.headers["Content-Length"])))

    def give(self, operation, data):
        kind = transaction = None
        if operation == "PKIOperation":
            question = Question(self.server, data)
            kind, transaction = question.type.decode(), question.transaction.decode()
        self.server.seen.append(Seen(self.server.machine.now_s, self.command, operation, kind, transaction, data))
        lie = LIES.get(self.server.lie) or LIES_TO_CAS.get(self.server.lie)
        if lie and lie.operation == operation:
            self.server.lied += 1
            lie.tell(self, data)
            return
        content_type, body = HONEST[operation](self.server, data)
        self.send(200 if content_type else 404, content_type or "text/plain", body)

    def send(self, status, content_type, body, **headers):
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """What came is in `seen`."""


# The lies. Each tells one: it has the request's handler and data.

Lie = collections.namedtuple("Lie", "operation tell")


def rep(change):
    """A CertRep that is changed before it is signed."""
    def tell(handler, data):
        made = handler.server.certrep(data)
        change(handler.server, Question(handler.server, data), made)
        handler.send(200, MESSAGE, made.encode())
    return Lie("PKIOperation", tell)


def setting(**values):
    def change(_, __, made):
        for name, value in values.items():
            setattr(made, name, value)
    return rep(change)


def body(operation, content_type, make, status=200, **headers):
    """Another body than the right one."""
    return Lie(operation, lambda handler, data: handler.send(status, content_type, make(handler.server, data), **headers))


def redirect(target, operation="PKIOperation"):
    def tell(handler, _):
        handler.send(302, "text/plain", b"", Location=target(handler.server) if callable(target) else target)
    return Lie(operation, tell)


def huge(handler, _):
    """As many bytes as it promised, for one who takes them."""
    handler.send_response(200)
    handler.send_header("Content-Type", MESSAGE)
    handler.send_header("Content-Length", str(HUGE))
    handler.end_headers()
    for _ in range(HUGE >> 16):
        handler.wfile.write(bytes(1 << 16))


def unending(handler, _):
    """The same without a promise."""
    handler.send_response(200)
    handler.send_header("Content-Type", MESSAGE)
    handler.end_headers()
    while True:
        handler.wfile.write(bytes(1 << 16))


def silent(handler, _):
    handler.server.ended.wait()


def half(handler, data):
    """The connection breaks in the middle of what was promised."""
    right = handler.server.certrep(data).encode()
    handler.send_response(200)
    handler.send_header("Content-Type", MESSAGE)
    handler.send_header("Content-Length", str(len(right)))
    handler.end_headers()
    handler.wfile.write(right[: len(right) // 2])


def by_stranger(server, _, made):
    made.ca = server.stranger


def other_key(server, question, made):
    made.certificates = [server.issue(question, openssl.Key.rsa())]


def issued_by_stranger(server, question, made):
    question.ca = server.stranger
    made.certificates = [server.issue(question)]


def ended(server, question, made):
    """A certificate that has ended."""
    subject, key = openssl.asked(server.requests[question.transaction])
    now_s = server.machine.now_s
    made.certificates = [server.ca.issue(subject, key, (now_s - 2 * DAY, now_s - DAY), server.extensions)]


def to_somebody_else(server, _, made):
    made.recipient = server.stranger.certificate


def spoil_key(envelope):
    """No RSA block of the recipient's any more."""
    tree = der.parse(envelope)
    key = tree[1][0][1][0].find(der.OCTET_STRING)
    key.content = bytes(len(key.content) - 1) + b"\2"
    return tree.encode()


def spoil_content(envelope):
    """Its last block is not padded as it should be."""
    return envelope[:-20] + bytes(20)


def next_of(signer, certificate):
    return body("GetNextCACert", NEXT, lambda server, _: server.signed_by(signer(server), [certificate(server)]))


def expired(server, _):
    now_s = server.machine.now_s
    return Authority((now_s - 20 * DAY, now_s - DAY), key=server.ca.key).certificate



LIES = {
    "another signer": rep(by_stranger),
    "another nonce": setting(nonce=bytes(16)),
    "another transaction": setting(transaction=b"0" * 32),
    "a certificate for another key": rep(other_key),
    "a certificate by another CA": rep(issued_by_stranger),
    "a certificate that has ended": rep(ended),
    "no certificate at all": setting(certificates=[]),
    "enveloped to another": rep(to_somebody_else),
    "an envelope with a broken key": setting(bend_envelope=spoil_key),
    "an envelope with broken content": setting(bend_envelope=spoil_content),
    "no CertRep": setting(type="19"),
    "an unknown status": setting(status="7"),
    "signed with MD5": setting(md="md5"),
    "HTML instead of CMS": body("PKIOperation", "text/html", lambda *_: HTML),
    "HTML that says it is CMS": body("PKIOperation", MESSAGE, lambda *_: HTML),
    "an empty answer": body("PKIOperation", MESSAGE, lambda *_: b""),
    "an error with text": body("PKIOperation", "text/plain", lambda *_: b"the database is away\x1b[2J\r\n", 500),
    "not found": body("PKIOperation", "text/html", lambda *_: HTML, 404),
    "a redirect loop": redirect(lambda server: f"{server.url}?operation=PKIOperation"),
    "a redirect to a file": redirect("file:///etc/passwd"),
    "a redirect to a socket": redirect("http+unix://%2Frun%2Fclaviger%2Fcontrol.sock/"),
    "a redirect to another protocol": redirect("gopher://127.0.0.1:1/x"),
    "2 GiB": Lie("PKIOperation", huge),
    "a body without end": Lie("PKIOperation", unending),
    "half of it": Lie("PKIOperation", half),
    "silence": Lie("PKIOperation", silent),
    "capabilities as HTML": body("GetCACaps", "text/html", lambda *_: HTML),
    "no capabilities": body("GetCACaps", "text/plain", lambda *_: b"", 404),
    "another CA": body("GetCACert", CA, lambda server, _: server.stranger.certificate),
    "an expired CA": body("GetCACert", CA, expired),
    "a CA that is HTML": body("GetCACert", "text/html", lambda *_: HTML),
    "an empty CA": body("GetCACert", CA, lambda *_: b""),
    "a next CA by a stranger": next_of(lambda server: server.stranger, lambda server: server.stranger.certificate),
    "a next CA signed by itself": next_of(lambda server: server.next, lambda server: server.next.certificate),
    "the same CA as the next": next_of(lambda server: server.ca, lambda server: server.ca.certificate),
    "a next CA that is none": next_of(lambda server: server.ca, lambda server: server.issued[0]),
    "a next CA that is HTML": body("GetNextCACert", NEXT, lambda *_: HTML),
    "an empty next CA": body("GetNextCACert", NEXT, lambda *_: b""),
}


def other_name(server, question, made):
    made.certificates = [server.issue(question, name="O=Example,CN=Somebody Else")]


def no_authority(server, question, made):
    made.certificates = [server.issue(question, extensions=LEAF_EXTENSIONS)]


def no_crl_signer(server, question, made):
    extensions = [("basicConstraints", "critical,CA:TRUE"), ("keyUsage", "critical,keyCertSign,digitalSignature")]
    made.certificates = [server.issue(question, extensions=extensions)]


# What only a CA that asks for its certificate is told.
LIES_TO_CAS = {
    "another's name": rep(other_name),
    "a certificate without CA:TRUE": rep(no_authority),
    "a CA certificate that signs no CRLs": rep(no_crl_signer),
}
