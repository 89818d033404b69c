# SPDX-License-Identifier: Apache-2.0
"""Ports to listen on that nobody else takes before: below those that the kernel gives to who connects, and
kept by a name that this process holds until it ends; and whether somebody listens on one by now."""

import os
import random
import re
import select
import socket
import time

from programs import PATIENCE_S, Failure

PORTS = range(10000, 32000)
HELD = []


def free_port(address="127.0.0.1", kind=socket.SOCK_STREAM):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    for port in random.SystemRandom().sample(PORTS, len(PORTS)):
        name = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        try:
            name.bind(f"\0claviger-port-{port}")
            with socket.socket(family, kind) as probe:
                probe.bind((address, port))
        except OSError:
            name.close()
            continue
        HELD.append(name)
        return port
    raise OSError("no port is free")


def is_listening(pid, port):
    """In the network namespace of that process."""
    for kind in ("tcp", "tcp6"):
        with open(f"/proc/{pid}/net/{kind}", encoding="ascii") as file:
            if re.search(rf"(?m)^ *\d+: [0-9A-F]+:{port:04X} \S+ 0A ", file.read()):
                return True
    return False


def wait_listening(pid, port):
    """For a server that says that it is ready before it listens."""
    end_s, process = time.monotonic() + PATIENCE_S, os.pidfd_open(pid)
    try:
        while not is_listening(pid, port):
            if select.select([process], [], [], 0.02)[0] or time.monotonic() > end_s:
                raise Failure(f"nobody listens on port {port}")
    finally:
        os.close(process)
