# SPDX-License-Identifier: Apache-2.0
"""Networks of the kernel's, each empty but for its loopback and the wires that are laid. Needs root.

    with Network() as one, Network() as other:
        wire(one, "10.66.1.1", other, "10.66.1.2")
        subprocess.run([*one.words, "ip", "address"])
        with one.joined(): ...                       # this thread is on it
"""

import contextlib
import ctypes
import os
import subprocess

from programs import Failure

CLONE_NEWNET = 0x40000000
HOLD = 'ip link set lo up && echo ready && exec cat'  # it lives as long as its standard input


class Network:
    def __enter__(self):
        self.holder = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", "unshare", "--net", "sh", "-c", HOLD],
                                       stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        if self.holder.stdout.readline() != b"ready\n":
            raise Failure("no network of its own")
        self.wires = 0
        return self

    def __exit__(self, *_):
        self.holder.communicate()

    @property
    def words(self):
        """In front of a command that is to be on it."""
        return ["nsenter", f"--net=/proc/{self.holder.pid}/ns/net"]

    def run(self, *command):
        subprocess.run([*self.words, *command], check=True)

    @contextlib.contextmanager
    def joined(self):
        """Within the block this thread, and what it starts, is on it."""
        libc = ctypes.CDLL(None, use_errno=True)
        home = os.open("/proc/self/ns/net", os.O_RDONLY)
        there = os.open(f"/proc/{self.holder.pid}/ns/net", os.O_RDONLY)
        try:
            if libc.setns(there, CLONE_NEWNET):
                raise OSError(ctypes.get_errno(), "setns")
            yield self
        finally:
            if libc.setns(home, CLONE_NEWNET):
                raise OSError(ctypes.get_errno(), "setns")
            os.close(home)
            os.close(there)


def wire(one, address, other, other_address):
    """Of two ends, each with an address of one network of 256."""
    ends = [f"to{one.wires}", f"to{other.wires}"]
    one.wires, other.wires = one.wires + 1, other.wires + 1
    one.run("ip", "link", "add", ends[0], "type", "veth", "peer", "name", ends[1], "netns", str(other.holder.pid))
    for network, end, own in ((one, ends[0], address), (other, ends[1], other_address)):
        network.run("ip", "address", "add", f"{own}/24", "dev", end)
        network.run("ip", "link", "set", end, "up")
