# SPDX-License-Identifier: Apache-2.0
"""A CA with an exchange key of its own, each of the two keys on a token of its own.

    with ExchangeCA() as ca:
        ca.run()
        exchange, root = given(ca)       # what GetCACert gives
        router(ca, "CN=r1").enroll()     # enveloped to the first, which signs the answer
"""

import checks
import openssl
import web
from ca import LABEL, MODULE, PIN, SO_PIN, CA
from scep import Router

TOKEN = "hsm"


class ExchangeCA(CA):
    def __init__(self, server=None, sections=None, **how):
        second = {"Module": MODULE, "URI": f"pkcs11:token={TOKEN}"}
        super().__init__(server={"ExchangeKey": TOKEN, **(server or {})},
                         sections={f"Token {TOKEN}": second, **(sections or {})}, **how)
        self.sections[f"Token {TOKEN}"]["PIN"] = self.path("pin")
        self.write_config()
        self.second = self.program("claviger-token", TOKEN)

    def make_token(self, label="ca"):
        super().make_token(label)
        self.tool("softhsm2-util", "--init-token", "--free", "--label", TOKEN, "--so-pin", SO_PIN, "--pin", PIN)

    def start(self, supervised=False):
        super().start(supervised)
        self.second.start(supervised)


def given(ca, **query):
    """The certificates of GetCACert, in their order; its Content-Type says how many there may be."""
    answer = web.get(ca.port, f"/scep/{LABEL}?operation=GetCACert", **query)
    kind = answer.headers.get("content-type")
    if kind == "application/x-x509-ca-cert":
        return [answer.body]
    checks.equal((answer.status, kind), (200, "application/x-x509-ca-ra-cert"))
    certificates, crls = openssl.degenerate(answer.body)
    checks.equal(crls, [])
    return certificates


def router(ca, subject="CN=r1", to=None, **shape):
    """A client that takes the first certificate of GetCACert (or `to`) for whom it talks to."""
    made = Router(ca, subject, **shape)
    made.ca_certificate = to or given(ca)[0]
    return made
