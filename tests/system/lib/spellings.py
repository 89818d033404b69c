# SPDX-License-Identifier: Apache-2.0
"""The ways in which clients write a message into an URL or a body."""

import base64
import urllib.parse


def _lines(text):
    """Every 64 characters a line break, and one at the end: old IOS, sscep."""
    return "".join(text[i : i + 64] + "\n" for i in range(0, len(text), 64))


def _standard(data):
    return base64.b64encode(data).decode()


QUERIES = {
    "standard, escaped": lambda data: urllib.parse.quote(_standard(data), safe=""),
    "%0A every 64": lambda data: urllib.parse.quote(_lines(_standard(data)), safe=""),
    "%0A, the rest raw": lambda data: _lines(_standard(data)).replace("\n", "%0A"),
    "URL-safe": lambda data: base64.urlsafe_b64encode(data).decode(),
    "raw + / =": _standard,
    "raw + /, escaped =": lambda data: _standard(data).replace("=", "%3D"),
    "a + become a space": lambda data: _standard(data).replace("+", "%20"),
    "no padding": lambda data: urllib.parse.quote(_standard(data).rstrip("="), safe=""),
    "%0D%0A every 64": lambda data: urllib.parse.quote(_lines(_standard(data)).replace("\n", "\r\n"), safe=""),
}
BODIES = {
    "DER": bytes,
    "base64": base64.b64encode,
    "base64 in lines": base64.encodebytes,
}
