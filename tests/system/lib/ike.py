# SPDX-License-Identifier: Apache-2.0
"""strongSwan's IKE daemon with all that is its own in one folder, so that several run on networks of one machine. Needs root.

    with Tunnel(folder) as tunnel:
        r1, r2 = tunnel.peer("r1"), tunnel.peer("r2", user="nobody")
        r1.own(certificate, anchor, key)        # paths of PEM files; the key may be a reference to one
        ...
        tunnel.up()
        r1.connect()
        r1.ping(r2)

Packets are sealed and opened by strongSwan itself, so that the kernel needn't know ESP.
"""

import contextlib
import os
import re
import shutil
import subprocess

import checks
from ca import LABEL as CA
from network import Network, wire
from offload import NAME as KEY
from programs import PATIENCE_S, Failure, Program

NAME, CHILD = "tunnel", "net"
PKCS1, PSS = "ike:rsa-sha256", "ike:rsa/pss-sha384"
# Addresses that come up by themselves would set charon thinking about which way to go, in the midst of what is tested.
QUIET = "echo 1 | tee /proc/sys/net/ipv6/conf/all/disable_ipv6 >/proc/sys/net/ipv6/conf/default/disable_ipv6"
FAILED = r"\(myself\) with RSA_\w+ failed"  # what charon logs where it could not sign
# These and no others, so that none meets what else is on the machine.
PLUGINS = "random nonce openssl x509 pubkey pkcs1 pem kdf kernel-libipsec kernel-netlink socket-default vici"

SETTINGS = """
charon-systemd {{
    load = {plugins}
    user = {user}
    make_before_break = yes
    # An answer that overtakes the making of a new IKE_SA beside an old one is lost; asked again, it is there.
    retransmit_timeout = 0.5
    retransmit_tries = 10
    plugins {{
        vici {{
            socket = unix://{folder}/vici
        }}
        kernel-libipsec {{
            load = yes
        }}
    }}
    filelog {{
        stderr {{
            default = 1
            time_format = %T
            time_add_ms = yes
        }}
    }}
}}
swanctl {{
    load = random openssl pem pkcs1 x509
    socket = unix://{folder}/vici
}}
"""

CONNECTION = """
connections {{
    {name} {{
        version = {version}
        mobike = no
        local_addrs = {own.address}
        remote_addrs = {other.address}
        proposals = aes128-sha256-x25519
        local {{
            auth = {how}
            certs = own.pem
            id = {own.host}
        }}
        remote {{
            auth = {how}
            cacerts = ca.pem
            id = {other.host}
        }}
        children {{
            {child} {{
                local_ts = {own.inner}/32
                remote_ts = {other.inner}/32
                esp_proposals = aes128gcm128-x25519
            }}
        }}
    }}
}}
"""


class Peer:
    """`address`: where the other finds it; `inner`: what speaks through the tunnel; `host`: its name in its certificate;
    `environment`: what it lives with; `user`: who it is once it has started."""

    def __init__(self, folder, network, number, host, environment=None, user="root"):
        self.folder, self.network, self.host = folder, network, host
        self.address, self.inner = f"10.66.0.{number}", f"10.77.{number}.1"
        for part in ("", "swanctl", "swanctl/x509", "swanctl/x509ca", "swanctl/private"):
            os.mkdir(self.path(part))
        self.environment = {"STRONGSWAN_CONF": self.path("strongswan.conf"), "SWANCTL_DIR": self.path("swanctl"),
                            **(environment or {})}
        self._write("strongswan.conf", SETTINGS.format(folder=folder, plugins=PLUGINS, user=user))
        self.words = {name: [*network.words, self._copied(name)] for name in ("charon-systemd", "swanctl")}
        self.program = Program("charon", self.words["charon-systemd"], folder, self.environment)
        network.run("ip", "address", "add", f"{self.inner}/32", "dev", "lo")

    def path(self, *parts):
        return os.path.join(self.folder, *parts)

    def _copied(self, name):
        """A program of the distribution's; by its own path AppArmor would keep it to the machine's files."""
        return shutil.copy(shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin"), self.path(name))

    def _write(self, name, text):
        with open(self.path(name), "w", encoding="ascii") as file:
            file.write(text)

    def own(self, certificate, anchor, key):
        """Files: its own certificate, its CA's, and its private key or a reference to it; read at each load()."""
        for source, place in ((certificate, "x509/own.pem"), (anchor, "x509ca/ca.pem"), (key, "private/own.pem")):
            os.symlink(source, self.path("swanctl", place))

    def start(self):
        """Who is another user by then can't tell systemd; it listens to swanctl already."""
        since = self.program.mark()
        self.program.launch()
        self.program.wait_line(r"spawning \d+ worker threads", since)

    def load(self, other, how=PKCS1, version=2):
        """All that its folder holds, as a reload of its unit has it; `how`: as swanctl.conf names ways to authenticate."""
        self._write("swanctl/swanctl.conf", CONNECTION.format(name=NAME, child=CHILD, own=self, other=other, how=how,
                                                              version=version))
        return self.swanctl("--reload") + self.swanctl("--load-all", "--noprompt")

    # What an operator does

    def call(self, *words):
        """swanctl as it ended."""
        return subprocess.run([*self.words["swanctl"], *words], check=False, stdin=subprocess.DEVNULL,
                              env=dict(os.environ, **self.environment), capture_output=True, text=True, timeout=PATIENCE_S)

    def swanctl(self, *words):
        """What it says; it must end well."""
        done = self.call(*words)
        if done.returncode:
            raise Failure(f"swanctl {' '.join(words)}: {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout

    def connect(self):
        return self.swanctl("--initiate", "--child", CHILD)

    def fails(self):
        """To connect; what it says."""
        done = self.call("--initiate", "--child", CHILD)
        if not done.returncode:
            raise Failure(f"swanctl --initiate: there is a tunnel\n{done.stdout}")
        return done.stdout + done.stderr

    def end(self):
        return self.swanctl("--terminate", "--ike", NAME)

    def begin_anew(self):
        """The old tunnel stays in use until the new one is."""
        self.swanctl("--rekey", "--ike", NAME, "--reauth")

    def reauthenticate(self):
        """With new keys and signatures of both; the number of the new IKE SA, once the old one is gone."""
        since = self.program.mark()
        self.begin_anew()
        place = self.program.wait_line(rf"IKE_SA {NAME}\[\d+\] established", since)
        self.program.wait_line("IKE_SA deleted", place)
        return int(re.search(rf"{NAME}\[(\d+)\]", self.program.lines[place - 1])[1])

    # What is seen

    def tunnels(self):
        """The numbers of the IKE SAs that are up."""
        return [int(number) for number in re.findall(rf"^{NAME}: #(\d+), ESTABLISHED", self.swanctl("--list-sas"), re.M)]

    def packets(self):
        """That each of its tunnels opened, and sealed: {its number: counts}."""
        raw = self.swanctl("--list-sas", "--raw")
        return {number: tuple(map(int, counts)) for number, *counts in
                re.findall(r"uniqueid=(\d+) reqid=[^{}]*?packets-in=(\d+)[^{}]*?packets-out=(\d+)", raw)}

    def shown(self):
        """Serial numbers of the certificates that came from the other since it was asked last."""
        found = re.findall(r"serial: +([0-9a-f:]+)", self.swanctl("--list-certs", "--type", "x509"))
        self.swanctl("--flush-certs")
        return {serial.replace(":", "").upper() for serial in found}

    def ping(self, other):
        """Whether the other answers from within."""
        words = ["ping", "-c", "1", "-W", str(PATIENCE_S // 10), "-I", self.inner, other.inner]
        return subprocess.run([*self.network.words, *words], check=False, capture_output=True,
                              timeout=PATIENCE_S).returncode == 0

    def flows(self, other):
        """Packets go through the tunnel, both ways."""
        for one, two in ((self, other), (other, self)):
            before = one.packets()
            checks.true(one.ping(two), f"{one.host} reaches {two.host}")
            after = one.packets()
            # One that was succeeded may be going, and takes its counts with it.
            grown = [number for number in after if all(map(int.__lt__, before.get(number, (0, 0)), after[number]))]
            checks.true(grown, f"through the tunnel: {before}, {after}")


class Tunnel:
    """Two networks and a wire between them; what runs on them ends with the block."""

    def __init__(self, folder):
        self.folder, self.peers, self.stack = folder, [], contextlib.ExitStack()

    def __enter__(self):
        with contextlib.ExitStack() as stack:
            self.networks = [stack.enter_context(Network()) for _ in range(2)]
            for network in self.networks:
                network.run("sh", "-c", QUIET)
            wire(self.networks[0], "10.66.0.1", self.networks[1], "10.66.0.2")
            self.stack = stack.pop_all()
        return self

    def peer(self, name, **how):
        number = len(self.peers)
        made = Peer(os.path.join(self.folder, name), self.networks[number], number + 1, f"{name}.example.com", **how)
        self.peers.append(made)
        return made

    def up(self, **how):
        """Both know of each other; nobody has connected yet."""
        for peer in self.peers:
            peer.start()
        self.load(**how)

    def load(self, **how):
        for peer, other in zip(self.peers, reversed(self.peers)):
            peer.load(other, **how)

    def __exit__(self, kind, error, trace):
        found = []
        for peer in self.peers:
            try:
                peer.program.stop()
            except Failure as failure:
                found.append(str(failure))
            found += peer.program.complaints()
            peer.program.close()
        if kind or found:
            for peer in self.peers:
                print(f"--- charon of {peer.host}", *peer.program.lines[-60:], sep="\n")
        self.stack.close()
        if found and not kind:
            raise Failure("; ".join(found))


def sites(gateway, tunnel, user="root"):
    """Two peers of one CA: a gateway, whose key is on its token, and one with its own in a file."""
    near = tunnel.peer("r1", environment=gateway.provided, user=user)
    far = tunnel.peer("r2")
    near.own(gateway.file(f"{KEY}.crt"), gateway.root, gateway.file(f"{KEY}-key.pem"))
    key, csr = gateway.path("r2.key"), gateway.path("r2.csr")
    gateway.tool("openssl", "req", "-new", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", csr, "-subj",
                 "/O=Example/CN=r2", "-addext", f"subjectAltName=DNS:{far.host}")
    leaf = checks.save(gateway, "r2.crt", gateway.ca.command("request", "add", CA, csr)["certificate"])
    far.own(leaf, gateway.root, key)
    return near, far
