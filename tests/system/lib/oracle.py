# SPDX-License-Identifier: Apache-2.0
"""Requests whose content key is bad in one of four ways, as they are sent by who wants to learn from the
answers what the CA's key made of them (Bleichenbacher 1998 and what came after).

    envelopes = Envelopes(router)
    message = envelopes.request("padding", random.Random(1))
    told = bare(router.send(message))       # all that may tell something
"""

import checks
import der
import openssl
from scep import RECIPIENT_NONCE, SENDER_NONCE, signer_info

KINDS = ("wrong key", "padding", "length", "another's")
KEY_SIZE = 16  # of aes-128-cbc
LENGTHS = (0, 1, 8, 15, 17, 24, 32, 128)
TRANSACTION = b"0123456789ABCDEF"  # one for all, so that it makes no difference
# What answers differ in without telling anything.
VARIABLE = [der.oid(which).encode() for which in (SENDER_NONCE, RECIPIENT_NONCE)]


def _numbers(spki):
    key = der.parse(der.parse(spki)[1].content[1:])
    return [int.from_bytes(part.content, "big") for part in key.content]


def _below(modulus):
    """Another key; what is encrypted to it could have been encrypted to the one with this modulus."""
    while True:
        numbers = _numbers(openssl.Key.rsa().spki)
        if numbers[0] < modulus:
            return numbers


class Envelopes:
    def __init__(self, router):
        self.router, self.csr = router, router.csr()
        self.modulus, self.exponent = _numbers(checks.Certificate(router.ca_certificate).spki)
        self.size = (self.modulus.bit_length() + 7) // 8
        self.other = _below(self.modulus)
        self.bad = {"wrong key": self._wrong_key, "padding": self._padding, "length": self._length,
                    "another's": self._anothers}

    def request(self, kind, chance):
        """`chance`: a random.Random that all of it comes from."""
        return self.around(self.bad[kind](chance).to_bytes(self.size, "big"))

    def around(self, encrypted):
        """A request in whose envelope these bytes stand for the encrypted content key."""
        def bend(envelope):
            tree = der.parse(envelope)
            tree[1][0][1][0][3].content = encrypted
            return tree.encode()

        return self.router.request(self.csr, transaction=TRANSACTION, bend_envelope=bend)

    def _encrypt(self, block):
        return pow(int.from_bytes(block, "big"), self.exponent, self.modulus)

    def _padded(self, content, chance):
        padding = bytes(chance.randint(1, 255) for _ in range(self.size - 3 - len(content)))
        return bytearray(b"\0\2" + padding + b"\0" + content)

    def _wrong_key(self, chance):
        return self._encrypt(self._padded(chance.randbytes(KEY_SIZE), chance))

    def _padding(self, chance):
        block = self._padded(chance.randbytes(KEY_SIZE), chance)
        place, value = chance.choice([
            (0, 1), (1, 0), (1, 1), (1, 3), (2, 0), (chance.randint(3, 9), 0), (self.size - 1 - KEY_SIZE, 1),
        ])
        block[place] = value
        return self._encrypt(block)

    def _length(self, chance):
        return self._encrypt(self._padded(chance.randbytes(chance.choice(LENGTHS)), chance))

    def _anothers(self, chance):
        modulus, exponent = self.other
        return pow(int.from_bytes(self._padded(chance.randbytes(KEY_SIZE), chance), "big"), exponent, modulus)


def bare(reply):
    """Status, headers and body of an answer, without its nonces, its signature and the date."""
    info = signer_info(reply.tree)
    for attribute in info.find(0xA0).content:
        if attribute[0].encode() in VARIABLE:
            attribute[1][0].content = bytes(len(attribute[1][0].content))
    signature = info.find(der.OCTET_STRING)
    signature.content = bytes(len(signature.content))
    headers = {name: value for name, value in reply.http.headers.items() if name != "date"}
    return reply.http.status, tuple(sorted(headers.items())), reply.tree.encode()
