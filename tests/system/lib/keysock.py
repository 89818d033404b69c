# SPDX-License-Identifier: Apache-2.0
"""A program that uses a router's key over key.sock, of whatever user; its messages as daemon/ipc/messages.def has them,
or bent.

    with KeySock(router, uid=33) as program:
        signature = program.sign("web", tls13(), **PSS)
"""

import ctypes
import hashlib
import os
import socket
import struct
import threading

import checks
from programs import PATIENCE_S, Failure

FAILED, PUBLIC, PUBLIC_HALF, SIGN, SIGNATURE, OPEN, OPENED = 1, 96, 97, 98, 99, 100, 101
LATER, REFUSED, NOT_FOUND, INVALID, FAULT = range(1, 6)
PKCS1, PSS_PADDING, OAEP_PADDING = 1, 2, 3
MESSAGE, DIGEST, BARE = 1, 2, 3
NONE, MD5, SHA1, SHA256, SHA384, SHA512 = range(6)
PSS = {"padding": PSS_PADDING, "mgf1": SHA256, "salt": 32}
PACKET_MOST = 65536
SYS_SETRESUID, SYS_SETRESGID = 117, 119  # of this thread alone


class Refusal(Exception):
    """A FAILED: its code and its reason."""

    def __init__(self, code, reason):
        super().__init__(f"{code}: {reason}")
        self.code, self.reason = code, reason


def connect(path, uid=None, kind=socket.SOCK_SEQPACKET):
    """As another user: who connects is what the other end is told."""
    libc = ctypes.CDLL(None, use_errno=True)
    end = socket.socket(socket.AF_UNIX, kind)
    end.settimeout(PATIENCE_S)
    if uid is not None and libc.syscall(SYS_SETRESUID, -1, uid, -1):
        raise OSError(ctypes.get_errno(), "setresuid")
    try:
        end.connect(path)
    finally:
        if uid is not None:
            libc.syscall(SYS_SETRESUID, -1, 0, -1)
    return end


def left_by_another(path, uid):
    """A connection whose maker has ended."""
    end = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    end.settimeout(PATIENCE_S)
    maker = os.fork()
    if not maker:
        try:
            os.setresuid(-1, uid, -1)
            end.connect(path)
        finally:
            os._exit(0)
    os.waitpid(maker, 0)
    end.getpeername()  # it did connect
    return end


def field(data):
    data = data.encode() if isinstance(data, str) else data
    return struct.pack("<I", len(data)) + data


def question(number, tag, *fields):
    return struct.pack("<HHQ", number, 0, tag) + b"".join(fields)


def sign_question(tag, name, message, key=b"", padding=PKCS1, message_is=MESSAGE, digest=SHA256, mgf1=NONE, salt=0):
    return question(SIGN, tag, field(name), field(key), struct.pack("<BBBBH", padding, message_is, digest, mgf1, salt),
                    field(message))


class KeySock:
    def __init__(self, machine, uid=None, by=connect):
        self.end = by(machine.path("run", "key.sock"), uid)
        self.tag = 0

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()

    def close(self):
        self.end.close()

    def send(self, packet):
        self.end.send(packet)

    def receive(self, tag):
        """The answer's number and what follows its header; '' where the connection ended."""
        packet = self.end.recv(PACKET_MOST)
        if not packet:
            raise EOFError("clavigerd ended the connection")
        number, flags, its_tag = struct.unpack_from("<HHQ", packet)
        if flags or its_tag != tag:
            raise Failure(f"an answer to another question: {packet[:12]!r}")
        if number == FAILED:
            code, size = struct.unpack_from("<BI", packet, 12)
            raise Refusal(code, packet[17:17 + size].decode())
        size, = struct.unpack_from("<I", packet, 12)
        if len(packet) != 16 + size:
            raise Failure(f"more than an answer: {packet!r}")
        return number, packet[16:]

    def call(self, packet_of_tag, expected):
        self.tag += 1
        self.send(packet_of_tag(self.tag))
        number, value = self.receive(self.tag)
        checks.equal(number, expected)
        return value

    def public(self, name):
        """DER SubjectPublicKeyInfo."""
        return self.call(lambda tag: question(PUBLIC, tag, field(name)), PUBLIC_HALF)

    def sign(self, name, message, **scheme):
        return self.call(lambda tag: sign_question(tag, name, message, **scheme), SIGNATURE)

    def open(self, name, encrypted, key=b"", padding=PKCS1, digest=NONE, mgf1=NONE, label=b""):
        return self.call(lambda tag: question(OPEN, tag, field(name), field(key), struct.pack("<BBB", padding, digest, mgf1),
                                              field(label), field(encrypted)), OPENED)

    def refused(self, code, *words, ask=None, **arguments):
        """What the refusal says, which has the words."""
        try:
            (ask or self.sign)(**arguments)
        except Refusal as refusal:
            checks.equal(refusal.code, code, refusal.reason)
            for word in words:
                checks.contains(refusal.reason, word)
            return refusal.reason
        raise Failure(f"it was not refused: {arguments}")


# What programs sign


def tls13(server=True, text=b"a handshake", digest="sha256"):
    """RFC 8446 §4.4.3."""
    return b" " * 64 + b"TLS 1.3, %s CertificateVerify\0" % (b"server" if server else b"client") + \
        hashlib.new(digest, text).digest()


def tls12(point=bytes(32)):
    """ServerKeyExchange of ECDHE over x25519: RFC 8422 §5.4."""
    return os.urandom(64) + b"\x03\x00\x1d" + bytes([len(point)]) + point


def key_id(spki):
    return hashlib.sha256(spki).digest()


class Steady(threading.Thread):
    """A program that signs again and again, one after the other, until it is told to stop; `refusals` are told apart
    by their reasons. A connection that ends is made anew, as a program's pool does."""

    def __init__(self, machine, name, uid=None, message=None, **scheme):
        super().__init__(daemon=True)
        self.machine, self.name, self.uid = machine, name, uid
        self.message, self.scheme = message, scheme or PSS
        self.signed, self.refusals, self.ends, self.error = 0, {}, 0, None
        self.done = threading.Event()

    def run(self):
        try:
            while not self.done.is_set():
                self.session()
        except Exception as error:  # told by finish()
            self.error = error

    def session(self):
        try:
            with KeySock(self.machine, self.uid) as program:
                while not self.done.is_set():
                    self.once(program)
        except (EOFError, ConnectionError, FileNotFoundError):
            self.ends += 1
            self.done.wait(0.02)

    def once(self, program):
        try:
            program.sign(self.name, self.message or tls13(), **self.scheme)
            self.signed += 1
        except Refusal as refusal:
            self.refusals[refusal.reason] = self.refusals.get(refusal.reason, 0) + 1

    def finish(self):
        self.done.set()
        self.join(PATIENCE_S)
        if self.error:
            raise self.error
        if self.is_alive():
            raise Failure("a program hangs")
        return self
