# SPDX-License-Identifier: Apache-2.0
"""Just enough DER to take apart what OpenSSL made, change a part of it, and put it together again."""

INTEGER, BIT_STRING, OCTET_STRING, NULL, OID, UTF8, SEQUENCE, SET = 2, 3, 4, 5, 6, 12, 0x30, 0x31
PRINTABLE, T61, IA5, UTC_TIME, BMP = 19, 20, 22, 23, 30


def length(size):
    if size < 0x80:
        return bytes([size])
    digits = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([0x80 | len(digits)]) + digits


class Node:
    """One element: its tag, and either bytes or the elements within."""

    def __init__(self, tag, content):
        self.tag, self.content = tag, content

    def encode(self):
        inner = self.content
        if isinstance(inner, list):
            inner = b"".join(child.encode() for child in inner)
        return bytes([self.tag]) + length(len(inner)) + inner

    def __getitem__(self, index):
        return self.content[index]

    def __len__(self):
        return len(self.content)

    def find(self, tag):
        """The first element within that has this tag, or None."""
        return next((child for child in self.content if child.tag == tag), None)


def _next(data, start):
    tag, size, start = data[start], data[start + 1], start + 2
    if size & 0x80:
        count = size & 0x7F
        size, start = int.from_bytes(data[start : start + count], "big"), start + count
    if start + size > len(data):
        raise ValueError("an element ends after its parent")
    return tag, start, start + size


def parse_all(data):
    """The elements one after the other."""
    nodes, start = [], 0
    while start < len(data):
        tag, first, start = _next(data, start)
        inner = data[first:start]
        nodes.append(Node(tag, parse_all(inner) if tag & 0x20 else inner))
    return nodes


def parse(data):
    (node,) = parse_all(data)
    return node


def integer(value):
    return Node(INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def oid(dotted):
    numbers = [int(number) for number in dotted.split(".")]
    content = b""
    for number in [numbers[0] * 40 + numbers[1], *numbers[2:]]:
        digits = [number & 0x7F]
        while number := number >> 7:
            digits.insert(0, number & 0x7F | 0x80)
        content += bytes(digits)
    return Node(OID, content)


def sequence(*nodes):
    return Node(SEQUENCE, list(nodes))


def set_of(*nodes):
    """In DER's order."""
    return Node(SET, sorted(nodes, key=Node.encode))
