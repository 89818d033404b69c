# SPDX-License-Identifier: Apache-2.0
"""HTTP over a plain socket, so that a test decides about every byte that is sent."""

import contextlib
import re
import socket

from programs import PATIENCE_S, Failure


class Answer:
    def __init__(self, data):
        head, _, self.body = data.partition(b"\r\n\r\n")
        first, *rest = head.decode("latin-1").split("\r\n")
        match = re.fullmatch(r"HTTP/(1\.[01]) (\d{3})(?: (.*))?", first)
        if not match:
            raise Failure(f"no HTTP answer: {data[:60]!r}")
        self.version, self.status = match[1], int(match[2])
        self.headers = {}
        for line in rest:
            name, _, value = line.partition(":")
            self.headers[name.lower()] = value.strip()

    @property
    def text(self):
        return self.body.decode("utf-8", "replace")


def connect(port):
    return socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S)


def read_answer(connection):
    """Until the promised length or the end of the connection."""
    data = b""
    while True:
        head, end, body = data.partition(b"\r\n\r\n")
        size = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
        if end and size and len(body) >= int(size[1]):
            return Answer(data)
        more = connection.recv(1 << 16)
        if not more:
            return Answer(data)
        data += more


def request_bytes(method, target, body=None, version="1.1", headers=()):
    """Without a body there is no Content-Length; Host comes with HTTP/1.1 alone; it closes."""
    lines = [f"{method} {target} HTTP/{version}"]
    if version == "1.1":
        lines += ["Host: ca.example", "Connection: close"]
    lines += headers
    if body is not None:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + (body or b"")


def call(port, method, target, body=None, version="1.1", headers=()):
    """What is refused early may be closed before all is written; the answer came before that."""
    with connect(port) as connection:
        with contextlib.suppress(ConnectionError):
            connection.sendall(request_bytes(method, target, body, version, headers))
        return read_answer(connection)


def get(port, target, **how):
    return call(port, "GET", target, **how)


def post(port, target, body, **how):
    return call(port, "POST", target, body, **how)
