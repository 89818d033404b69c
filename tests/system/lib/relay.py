# SPDX-License-Identifier: Apache-2.0
"""A transparent RA, without key and token, and who listens on both of its sides.

    with Recorder(server.url, server.network) as behind, Relay(behind.url) as edge:
        edge.run()
        with Recorder(edge.url()) as before:
            ...                             # a client at before.url
            same(before, behind)            # byte for byte
"""

import base64
import contextlib
import ctypes
import os
import re
import socket
import threading
import urllib.parse

import checks
from machine import Machine
from ports import free_port
from programs import PATIENCE_S, Failure

EDGE = "EDGE"
CLONE_NEWNET = 0x40000000


class Relay(Machine):
    def __init__(self, url, label=EDGE, server=None, daemon=None, port=None, network=(), clock=None, trustpoint=None):
        """`network`: the words in front of claviger-fetch's own that put it into another network."""
        self.port, self.label = port or free_port(), label
        super().__init__({
            "Daemon": {"TimeSource": "authoritative", **(daemon or {})},
            "HTTP": {"Listen": f"127.0.0.1:{self.port}"},
            f"Server {label}": {"Mode": "ra-transparent", "Grant": "auto", **(server or {})},
            f"Trustpoint {label}": {"EnrollmentURL": url, **(trustpoint or {})},
        }, clock)
        self.write_config()
        self.daemon = self._program("clavigerd", "--debug")
        self.http = self._program("claviger-http")
        self.fetch = self._program("claviger-fetch")
        self.fetch.command = [*network, *self.fetch.command]
        self.programs = [self.http, self.daemon, self.fetch]

    def url(self, path=None):
        return f"http://127.0.0.1:{self.port}{path or f'/scep/{self.label}'}"

    def start(self):
        self.fetch.start()
        self.daemon.start()
        self.http.start()

    def run(self):
        """One that passes messages on."""
        self.start()
        self.command("server", "create", self.label)
        self.command("server", "start", self.label)
        return self

    def shown(self):
        return self.command("server", "show", self.label)

    def until_reached(self, mark=0):
        """The superior's files are here."""
        self.daemon.wait_line("public files published", mark)


class Exchange:
    """One question and its answer; `message`: of a PKIOperation, however it was brought."""

    def __init__(self, request, answer):
        head, _, body = request.partition(b"\r\n\r\n")
        self.method, self.target, self.version = head.split(b"\r\n")[0].decode("latin-1").split(" ")
        query = urllib.parse.parse_qs(urllib.parse.urlsplit(self.target).query)
        self.operation = query.get("operation", [""])[0]
        self.message = body if self.method == "POST" else b""
        if self.method == "GET" and self.operation == "PKIOperation":
            text = query["message"][0].replace(" ", "+").replace("-", "+").replace("_", "/")
            self.message = base64.b64decode(re.sub(r"\s", "", text) + "==")
        head, _, self.answer = answer.partition(b"\r\n\r\n")
        self.status = int(head.split(b" ", 2)[1])
        found = re.search(rb"(?im)^content-type: *([^\r]*)", head)
        self.type = found[1].decode() if found else None


class Recorder:
    """Passes every connection on, one exchange each, and keeps what was said on both ways. `network`: as
    nsenter's words have it, whose `--net=` it goes out by."""

    def __init__(self, url, network=()):
        parts = urllib.parse.urlsplit(url)
        self.there, self.path = (parts.hostname, parts.port or 80), parts.path
        self.namespace = next((word[len("--net="):] for word in network if word.startswith("--net=")), None)
        self.exchanges, self.failures = [], []
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port = self.listening.getsockname()[1]
        self.threads = []

    def url(self, path=None):
        return f"http://127.0.0.1:{self.port}{path or self.path}"

    def __enter__(self):
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.listening.shutdown(socket.SHUT_RDWR)
        self.listening.close()
        for thread in self.threads:
            thread.join(PATIENCE_S)

    def of(self, operation="PKIOperation"):
        return [exchange for exchange in self.exchanges if exchange.operation == operation]

    def _serve(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self.listening.accept()
                self.threads.append(threading.Thread(target=self._pass_on, args=(connection,), daemon=True))
                self.threads[-1].start()

    def _connect(self):
        """Of this thread alone."""
        if self.namespace:
            libc = ctypes.CDLL(None, use_errno=True)
            fd = os.open(self.namespace, os.O_RDONLY)
            try:
                if libc.setns(fd, CLONE_NEWNET):
                    raise OSError(ctypes.get_errno(), "setns")
            finally:
                os.close(fd)
        return socket.create_connection(self.there, timeout=PATIENCE_S)

    def _pass_on(self, connection):
        """The connection ends with the answer, so that nobody waits for more."""
        connection.settimeout(PATIENCE_S)
        with connection, contextlib.suppress(OSError):
            request = read_message(connection)
            if not request:
                return
            with self._connect() as there:
                closing = re.sub(rb"(?im)^connection:[^\r]*\r\n", b"", request, count=1)
                there.sendall(closing.replace(b"\r\n", b"\r\nConnection: close\r\n", 1))
                answer = read_message(there)
            # An answer of no byte is the server's way to say that it fell over.
            if answer:
                self.exchanges.append(Exchange(request, answer))
                connection.sendall(re.sub(rb"(?im)^connection:[^\r]*\r\n", b"", answer, count=1)
                                   .replace(b"\r\n", b"\r\nConnection: close\r\n", 1))


def read_message(connection):
    """Of HTTP: until its promised length, of an answer without one until the end."""
    data = b""
    while True:
        head, end, body = data.partition(b"\r\n\r\n")
        size = re.search(rb"(?im)^content-length: *(\d+)", head)
        if end and len(body) >= int(size[1] if size else 0) and (size or not head.startswith(b"HTTP/")):
            return data
        more = connection.recv(1 << 16)
        if not more:
            return data
        data += more


def same(before, behind):
    """What came is what went on, and what was answered is what came back: byte for byte, in this order."""
    came, went = before.of(), behind.of()
    if not came:
        raise Failure("no message came")
    checks.equal(len(went), len(came), "as many went on as came")
    for one, other in zip(came, went):
        checks.equal(one.message.hex(), other.message.hex(), "the message")
        checks.equal(one.answer.hex(), other.answer.hex(), "the answer")
        checks.equal(one.status, other.status, "its status")
        checks.equal(one.type, "application/x-pki-message")
