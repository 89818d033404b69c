# SPDX-License-Identifier: Apache-2.0
"""A router whose key other programs use, for what is measured: enrolled by a CA beside it, on a token that may be made
slow; and web servers with that key by its key reference, or with one of the same kind in a file.

    with Router() as router:
        server = Server(router, "nginx", "reference", threads=8)
        router.slow(30)                 # each signature takes 30 ms more, one after the other
        router.load(server, clients=8, handshakes=1000)
"""

import json
import os

import checks
import measure
import rollover
import webserver
from ca import CA
from machine import MODULE, PIN
from ports import free_port
from programs import Failure, Program
from trustpoint import Enrolled

NAME = "web"
RULE = {"Key": NAME, "User": "root", "For": "tls", "RateLimit": 100000}
OURS = ("clavigerd", "claviger-token")
PROVIDED = """
openssl_conf = openssl_init
[openssl_init]
providers = provider_sect
alg_section = evp_properties
[evp_properties]
default_properties = ?provider=default
[provider_sect]
default = default_sect
keys-claviger = claviger_sect
[default_sect]
activate = 1
[claviger_sect]
module = {module}
socket = {socket}
timeout = 60
activate = 1
"""
NGINX = {"user": "root", "level": "notice", "protocols": "TLSv1.3", "more": "", "answer": "ok"}


class Router(Enrolled):
    """`is_counted`: before the token's module stands the one that counts, and that can be told to be slow; `options`:
    of [Token soft]."""

    def __init__(self, is_counted=False, **options):
        self.ca = CA()
        own = {"EnrollmentURL": self.ca.url(), "RevocationCheck": "none", "SubjectName": f"CN={NAME}"}
        super().__init__({NAME: own}, sections={f"Use {NAME}": RULE})
        self.sections[f"Trustpoint {NAME}"]["ExportDirectory"] = self.folder
        self.environment.update(FAULT_MODULE_REAL=MODULE, FAULT_MODULE_CONTROL=self.path("control"))
        self.token.environment.update(self.environment, FAULT_MODULE_COUNTS=self.path("counts"))
        self.module = os.path.join(os.environ["CLAVIGER_BUILD"], "bin", "fault-module.so") if is_counted else MODULE
        self.sections["Token soft"].update(options, Module=self.module)
        self.write_config()
        self.daemon.command.remove("--debug")
        self.ca.daemon.command.remove("--debug")

    def enter(self):
        self.start()
        self.authenticate(NAME, rollover.ca_certificate(self.ca))
        self.command("trustpoint", "enroll", NAME)
        self.until(lambda: self.identity(NAME) and os.path.exists(self.path(f"{NAME}-key.pem")), "it is enrolled")
        checks.openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={NAME}", "-days", "30",
                       "-keyout", self.path("file-key.pem"), "-out", self.path("file-chain.pem"))

    def slow(self, delay_ms):
        """One signature at a time, each so much longer, as a token on a wire has it; 0: as the module is."""
        text = f"one-at-a-time\nC_Sign delay={delay_ms}\n" if delay_ms else ""
        os.rename(checks.save(self, "control.next", text), self.path("control"))

    def signatures(self):
        """So many were made until now, by the count before the module."""
        return measure.calls(self.path("counts"), ["C_Sign"])["C_Sign"]

    def allowed(self):
        """So many operations the rule let happen."""
        (row,) = self.command("key", "uses")["uses"]
        return row["allowed"]

    def raw(self, threads, seconds):
        """The token's own speed: signatures as TLS 1.3 has them by this key through this module, and nothing else."""
        words = ["bench-raw", self.module, "router", PIN, str(threads), str(int(seconds * 1000)), "pss"]
        found = json.loads(self.tool(*words))
        return {"threads": threads, "per_second": found["operations"] / found["seconds"],
                "cpu_us": found["cpu_seconds"] / found["operations"] * 1e6}

    def processes(self, server):
        """{program: its processes}, of those that have a part in a handshake."""
        mine = {"clavigerd": [self.daemon.process.pid], "claviger-token": [self.token.process.pid]}
        return {"server": server.processes(), **mine}

    def load(self, server, clients, handshakes):
        """So many handshakes, with what each program spent on one."""
        before = self._cpu_s(server)
        words = ["bench-tls-load", server.port, server.certificate, clients, handshakes]
        found = json.loads(self.tool(*map(str, words)))
        after = self._cpu_s(server)
        each = max(found["good"], 1)
        cpu_us = {name: (after[name] - before[name]) / each * 1e6 for name in after}
        cpu_us["load"] = found["load_cpu_seconds"] / each * 1e6
        return {**found, "per_second": found["good"] / found["seconds"], "cpu_us": cpu_us}

    def _cpu_s(self, server):
        return {name: sum(map(measure.cpu_s, pids)) for name, pids in self.processes(server).items()}


class Server:
    """`kind`: nginx, or libssl, which is bench-tls-server; `key`: reference or file. Ended with the router."""

    def __init__(self, router, kind, key, threads):
        self.kind, self.key, self.port = kind, key, free_port()
        name = NAME if key == "reference" else key
        self.certificate, private = router.path(f"{name}-chain.pem"), router.path(f"{name}-key.pem")
        folder = router.path(f"{kind}-{key}")
        os.mkdir(folder)
        module = os.path.join(os.environ["CLAVIGER_BUILD"], "lib", "claviger.so")
        conf = PROVIDED.format(module=module, socket=router.path("run", "key.sock"))
        environment = {"OPENSSL_CONF": checks.save(router, "openssl.cnf", conf)} if key == "reference" else {}
        words = ["bench-tls-server", str(self.port), self.certificate, private, str(threads)]
        if kind == "nginx":
            text = webserver.CONF.format(**NGINX, workers=threads, folder=folder, port=self.port, chain=self.certificate,
                                         key=private)
            words = [*webserver.nginx(folder, checks.save(router, f"{kind}-{key}.conf", text)), "-g", "daemon off;"]
        self.program = Program(f"{kind}-{key}", words, router.folder, environment)
        router.programs.insert(0, self.program)
        self.program.launch()
        for _ in range(threads if kind == "nginx" else 1):
            self.seen = self.program.wait_line(r"^ready|start worker process \d", getattr(self, "seen", 0))

    def processes(self):
        """The one that was started, and its own."""
        first = self.program.process.pid
        with open(f"/proc/{first}/task/{first}/children", encoding="ascii") as file:
            return [first, *map(int, file.read().split())]


def standing(pids):
    """What these processes hold together: memory, descriptors, threads."""
    found = {"resident_mib": 0, "most_mib": 0, "descriptors": 0, "threads": 0}
    for pid in pids:
        memory = measure.memory_mib(pid)
        found["resident_mib"] += memory["now"]
        found["most_mib"] += memory["peak"]
        found["descriptors"] += len(os.listdir(f"/proc/{pid}/fd"))
        found["threads"] += len(os.listdir(f"/proc/{pid}/task"))
    return found


def good(result):
    """All of a load's handshakes were."""
    if result["failed"]:
        raise Failure(f"{result['failed']} of {result['handshakes']} handshakes failed: {result['complaint']}")
    return result
