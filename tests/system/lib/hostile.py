# SPDX-License-Identifier: Apache-2.0
"""What somebody would try who has taken over clavigerd. Runs in its place, with all its rights, and knows
nothing of this house but the messages; tests/system/hostile-daemon reads what came of it.

    python3 hostile.py FOLDER [ATTEMPT…]

FOLDER holds facts.json and the to-be-signed as *.der. A line of JSON for each attempt: its name, the
outcome (`done`, `refused`) and why. Each attempt is made by a process of its own.
"""

import ctypes
import hashlib
import json
import os
import shutil
import socket
import struct
import subprocess
import sys

STATUS, MAKE, SIGN, DESTROY, LOGIN = 32, 36, 38, 43, 64
FAILED, REFUSED = 1, 2
SHA256 = 3
EXCHANGE = 2
PTRACE_SEIZE, PIDFD_GETFD, CLONE_NEWUSER = 0x4206, 438, 0x10000000


class Refused(Exception):
    """A rule of the token's process."""


def load(folder):
    with open(os.path.join(folder, "facts.json"), encoding="ascii") as file:
        return json.load(file)


# The token's socket

def blob(data):
    return struct.pack("<I", len(data)) + data


def ask(facts, number, fields):
    """The answer's number and fields."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as link:
        link.settimeout(60)
        link.connect(facts["socket"])
        link.send(struct.pack("<HHQ", number, 0, 1) + fields)
        answer = link.recv(65536)
    if not answer:
        raise Refused("cut off")
    kind = struct.unpack_from("<H", answer)[0]
    if kind == FAILED:
        code, size = struct.unpack_from("<BI", answer, 12)
        raise (Refused if code == REFUSED else OSError)(f"{code}: {answer[17:17 + size].decode()}")
    return kind, answer[12:]


def read(name):
    with open(os.path.join(sys.argv[1], name), "rb") as file:
        return file.read()


def sign(facts, to_be_signed):
    fields = blob(bytes.fromhex(facts["key"])) + bytes([SHA256]) + blob(bytes(32)) + blob(to_be_signed)
    return ask(facts, SIGN, fields)[1][4:].hex()


def destroy(facts, key):
    return str(ask(facts, DESTROY, blob(key))[0])


def make_and_destroy(facts):
    """A key that may go shows that the message is well made."""
    fields = bytes([EXCHANGE]) + blob(b"") + struct.pack("<H", 2048) + blob(b"passing") + blob(b"")
    _, made = ask(facts, MAKE, fields)
    start = 4 + struct.unpack_from("<I", made)[0]
    spki = made[start + 4 : start + 4 + struct.unpack_from("<I", made, start)[0]]
    return destroy(facts, hashlib.sha256(spki).digest())


def shorten_and_destroy(facts):
    """The CA's certificate made anew as one that has ended, so that its key may go."""
    sign(facts, read("ended-root.der"))
    return destroy(facts, bytes.fromhex(facts["key"]))


def tls_block():
    return b" " * 64 + b"TLS 1.3, server CertificateVerify\0" + bytes(32)


def digest_info():
    return bytes.fromhex("3031300d060960864801650304020105000420") + hashlib.sha256(b"anything").digest()


# The system

def open_for_writing(path):
    os.close(os.open(path, os.O_RDWR))
    return path


def create_beside(path):
    new = os.path.join(os.path.dirname(path), "planted")
    os.close(os.open(new, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    os.remove(new)
    return new


def head(path):
    with open(path, "rb") as file:
        return file.read(4).hex()


def read_memory(facts):
    with open(f"/proc/{facts['pid']}/mem", "rb", buffering=0) as file:
        file.seek(facts["address"])
        return file.read(4).hex()


def libc(name, *arguments):
    function = ctypes.CDLL(None, use_errno=True)[name]
    function.restype = ctypes.c_long
    result = function(*arguments)
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


class Vector(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("size", ctypes.c_size_t)]


def read_across(facts):
    into = ctypes.create_string_buffer(4)
    ours, theirs = Vector(ctypes.addressof(into), 4), Vector(facts["address"], 4)
    one = ctypes.c_ulong(1)
    libc("process_vm_readv", facts["pid"], ctypes.byref(ours), one, ctypes.byref(theirs), one, ctypes.c_ulong(0))
    return into.raw.hex()


def steal_descriptor(facts):
    return libc("syscall", ctypes.c_long(PIDFD_GETFD), os.pidfd_open(facts["pid"]), 0, 0)


def connect(path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as link:
        link.connect(path)


def run_own_program(folder):
    path = os.path.join(folder, "own")
    shutil.copy("/usr/bin/true", path)
    try:
        subprocess.run([path], check=True)
    finally:
        os.remove(path)


# What needs no right but clavigerd's: so that a refusal of the others means something.
ALLOWED = {
    "ask the token's state": lambda facts: str(ask(facts, STATUS, b"")[0]),
    "sign a router's certificate": lambda facts: sign(facts, read("router.der")),
    "make a key and destroy it": make_and_destroy,
    "read the configuration": lambda facts: head("/etc/claviger/claviger.conf"),
    "write into the state directory": lambda facts: create_beside("/var/lib/claviger/any"),
}
# What the token's process refuses; root may do some of it with the token itself.
CHARTER = {
    "sign a subordinate CA's certificate": lambda facts: sign(facts, read("subordinate.der")),
    "sign a CA:TRUE certificate for another key": lambda facts: sign(facts, read("twin.der")),
    "sign a router's certificate with CA:TRUE": lambda facts: sign(facts, read("router-ca.der")),
    "sign a certificate of version 1": lambda facts: sign(facts, read("version-1.der")),
    "sign in another issuer's name": lambda facts: sign(facts, read("other-issuer.der")),
    "sign a digest": lambda facts: sign(facts, hashlib.sha256(b"anything").digest()),
    "sign a DigestInfo": lambda facts: sign(facts, digest_info()),
    "sign a TLS CertificateVerify block": lambda facts: sign(facts, tls_block()),
    "destroy the CA key early": lambda facts: destroy(facts, bytes.fromhex(facts["key"])),
    "end the CA's certificate and destroy its key": shorten_and_destroy,
    "log in by the daemon's socket": lambda facts: str(ask(facts, LOGIN, blob(b"12345678"))[0]),
}
# What the system refuses, and lets root do.
SYSTEM = {
    "read the PIN": lambda facts: head(facts["pin"]),
    "read the PIN as the token's process has it": lambda facts: head(facts["credential"]),
    "list the token's state": lambda facts: str(os.listdir(os.path.dirname(facts["charter"]))),
    "change a charter": lambda facts: open_for_writing(facts["charter"]),
    "add a charter": lambda facts: create_beside(facts["charter"]),
    "change the log of signatures": lambda facts: open_for_writing(facts["signatures"]),
    "read the token's store": lambda facts: str(os.listdir("/var/lib/softhsm/tokens")),
    "change the configuration": lambda facts: open_for_writing("/etc/claviger/claviger.conf"),
    "see the token's process": lambda facts: str(os.stat(f"/proc/{facts['pid']}").st_uid),
    "read the environment of the token's process": lambda facts: head(f"/proc/{facts['pid']}/environ"),
    "read the files of the token's process": lambda facts: str(os.listdir(f"/proc/{facts['pid']}/fd")),
    "read the memory of the token's process": read_memory,
    "read it by process_vm_readv": read_across,
    "trace the token's process": lambda facts: libc("ptrace", PTRACE_SEIZE, facts["pid"], 0, 0),
    "take a descriptor of the token's process": steal_descriptor,
    "signal the token's process": lambda facts: os.kill(facts["pid"], 0),
    "become the token's user": lambda facts: os.setuid(facts["uid"]),
    "make a namespace to be root in": lambda facts: libc("unshare", CLONE_NEWUSER),
    "connect to the operators' socket of the token": lambda facts: connect(facts["admin"]),
    "open a network socket": lambda facts: socket.socket(socket.AF_INET).close(),
    "start a program of its own in its state directory": lambda facts: run_own_program("/var/lib/claviger"),
    "start a program of its own in /tmp": lambda facts: run_own_program("/tmp"),
    "start a program of its own in /dev/shm": lambda facts: run_own_program("/dev/shm"),
}
ATTEMPTS = {**ALLOWED, **CHARTER, **SYSTEM}


def attempt(name, facts):
    try:
        return {"attempt": name, "outcome": "done", "detail": str(ATTEMPTS[name](facts))}
    except (Refused, OSError) as error:
        return {"attempt": name, "outcome": "refused", "detail": f"{type(error).__name__}: {error}"}


def main():
    facts = load(sys.argv[1])
    for name in sys.argv[2:] or ATTEMPTS:
        pid = os.fork()
        if pid:
            os.waitpid(pid, 0)
            continue
        os.write(1, (json.dumps(attempt(name, facts)) + "\n").encode())
        os._exit(0)


if __name__ == "__main__":
    main()
