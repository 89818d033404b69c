# SPDX-License-Identifier: Apache-2.0
"""SCEP servers that nobody here wrote, at the machine's own time: a Go program asks the kernel for it.

    with ScepServer() as server:                     # Debian's package scep
        Device(..., network=server.network)          # it is seen from its own network alone
        server.url, server.root                      # the CA certificate, DER
    with Smallstep() as server:                      # smallstep.go
"""

import fcntl
import json
import os
import select
import shutil
import subprocess
import tempfile

import checks
from ports import free_port, wait_listening
from programs import PATIENCE_S, Failure

CHALLENGE = "right horse, battery"
HERE = os.path.dirname(os.path.abspath(__file__))
INDOORS = 'ip link set lo up && exec "$@"'


class Server:
    """`words`: a regular expression of grep's for the line that it writes when it is ready."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="claviger-foreign-")
        self.process = None

    def path(self, name):
        return os.path.join(self.folder, name)

    def _start(self, command, ready):
        """It ends with its standard input, or with the test."""
        self.process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", *command], cwd=self.folder, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, bufsize=0,
        )
        said = b""
        while ready not in said:
            if not select.select([self.process.stdout], [], [], PATIENCE_S)[0]:
                raise Failure(f"{command[-1]} did not start: {said.decode()}")
            more = os.read(self.process.stdout.fileno(), 65536)
            if not more:
                raise Failure(f"{command} ended: {said.decode()}")
            said += more

    def __enter__(self):
        try:
            self.up()
        except Exception:
            self.__exit__()
            raise
        return self

    def down(self):
        if self.process:
            self.process.kill()
            self.process.communicate()
            self.process = None

    def __exit__(self, *_):
        self.down()
        shutil.rmtree(self.folder)

    def read(self, name):
        """A certificate in PEM, as DER."""
        with open(self.path(name), encoding="ascii") as file:
            return checks.der(file.read())


class ScepServer(Server):
    """Debian's scepserver, which listens on every address it has: so it has a loopback of its own. It wants
    the challenge in each request, encrypts every answer with single DES, and panics at GetNextCACert."""

    url = "http://127.0.0.1:8080/scep"

    def up(self):
        subprocess.run(["scepserver", "ca", "-init", "-depot", "depot", "-keySize", "2048"], cwd=self.folder,
                       check=True, stdout=subprocess.DEVNULL)
        command = ["scepserver", "-depot", "depot", "-challenge", CHALLENGE, "-allowrenew", "0", "-crtvalid", "30"]
        self._start(["unshare", "--net", "sh", "-c", INDOORS, "sh", *command], b"listening")
        wait_listening(self.process.pid, 8080)
        self.root = self.read("depot/ca.pem")

    @property
    def network(self):
        return ["nsenter", f"--net=/proc/{self.process.pid}/ns/net"]


class Smallstep(Server):
    """An intermediate CA, with a root above it that GetCACert gives too where `chain` is set. `cipher`: of
    answers, 2 is AES-256 (0, its default, is single DES). It wants the challenge in each request."""

    network = ()

    def __init__(self, chain=False, cipher=2):
        super().__init__()
        self.chain, self.cipher, self.port = chain, cipher, free_port()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/scep/lab"

    @staticmethod
    def program():
        """Built once per build of ours, by one test at a time, for others may run it; from Debian's sources alone."""
        build = os.environ["CLAVIGER_BUILD"]
        program = os.path.join(build, "bin", "test-smallstep")
        with open(f"{program}.lock", "w", encoding="ascii") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            subprocess.run(
                ["go", "build", "-p", "1", "-o", f"{program}.made", os.path.join(HERE, "smallstep.go")], check=True,
                capture_output=True, env=dict(os.environ, GO111MODULE="off", GOPATH="/usr/share/gocode", GOPROXY="off",
                                              GOFLAGS="", GOCACHE=os.path.join(build, "go-cache")),
            )
            shutil.copy(f"{program}.made", f"{program}.new")
            os.replace(f"{program}.new", program)
        return program

    def up(self):
        self._make_cas()
        with open(self.path("ca.json"), "w", encoding="ascii") as file:
            json.dump({
                "root": self.path("root.pem"), "crt": self.path("ca.pem"), "key": self.path("ca.key"),
                "address": "127.0.0.1:0", "insecureAddress": f"127.0.0.1:{self.port}", "dnsNames": ["localhost"],
                "authority": {"provisioners": [{
                    "type": "SCEP", "name": "lab", "challenge": CHALLENGE, "includeRoot": self.chain,
                    "encryptionAlgorithmIdentifier": self.cipher,
                    "claims": {"defaultTLSCertDuration": "720h", "maxTLSCertDuration": "720h"},
                }]},
            }, file)
        self._start([self.program(), self.path("ca.json")], b"ready\n")
        self.top, self.root = self.read("root.pem"), self.read("ca.pem")

    def _make_cas(self):
        """Openssl's; the server only uses them."""
        self._make("root", "CN=Lab Root", "critical,CA:TRUE")
        self._make("ca", "CN=Lab Issuing CA", "critical,CA:TRUE,pathlen:0", "-CA", self.path("root.pem"),
                   "-CAkey", self.path("root.key"))

    def _make(self, name, subject, constraints, *signed_by):
        checks.openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "3650", "-subj", f"/{subject}",
                       "-keyout", self.path(f"{name}.key"), "-out", self.path(f"{name}.pem"),
                       "-addext", f"basicConstraints={constraints}",
                       "-addext", "keyUsage=critical,keyCertSign,cRLSign,digitalSignature,keyEncipherment", *signed_by)
