# SPDX-License-Identifier: Apache-2.0
"""SCEP clients of the distribution, each driven as its user would: strongSwan, certmonger, scepclient."""

import os
import select
import subprocess
import time

import checks
import openssl
from programs import PATIENCE_S, Failure


class StrongSwan:
    """`pki --scepca` and `pki --scep`; `faked`: it lives at the CA's injected time; `network`: the words that put it
    into another one."""

    def __init__(self, ca, name="swan", faked=False, network=()):
        self.ca, self.folder, self.faked, self.network = ca, ca.path(name), faked, network
        os.makedirs(self.folder)
        # The plugins that this machine can load; its TPM plugin complains without a TPM.
        with open(self.path("strongswan.conf"), "w", encoding="ascii") as file:
            file.write("pki { load = curl x509 pkcs1 pkcs7 pkcs8 pem pubkey openssl random nonce }\n")

    def path(self, name):
        return os.path.join(self.folder, name)

    def _run(self, *arguments, **how):
        environment = dict(os.environ, STRONGSWAN_CONF=self.path("strongswan.conf"))
        # Its clock goes on from there, and what it waits by is left alone.
        faketime = ["faketime", "-f", time.strftime("@%Y-%m-%d %H:%M:%S", time.gmtime(self.ca.now_s))] if self.faked else []
        environment.update(TZ="UTC", FAKETIME_DONT_FAKE_MONOTONIC="1")
        return subprocess.Popen(
            [*self.network, *faketime, "pki", *arguments], env=environment, cwd=self.folder, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, **how,
        )

    def fetch(self):
        """Gets the CA certificate, as DER."""
        process = self._run("--scepca", "--url", self.ca.url(), "--caout", "ca.crt", "--force")
        _, errors = process.communicate(timeout=PATIENCE_S)
        if process.returncode:
            raise Failure(f"pki --scepca: {errors.decode()}")
        with open(self.path("ca.crt"), "rb") as file:
            return file.read()

    def file_of(self, certificate):
        """Under which name it keeps one that fetch() brought."""
        for name in sorted(os.listdir(self.folder)):
            with open(self.path(name), "rb") as file:
                if file.read() == certificate:
                    return name
        raise Failure(f"pki --scepca wrote no such certificate: {sorted(os.listdir(self.folder))}")

    def fetch_all(self):
        """The same from a CA that another certificate speaks for, which is `ra.crt` then; what pki said of them."""
        process = self._run("--scepca", "--url", self.ca.url(), "--caout", "ca.crt", "--raout", "ra.crt", "--force")
        said, errors = process.communicate(timeout=PATIENCE_S)
        if process.returncode:
            raise Failure(f"pki --scepca: {errors.decode()}")
        return said.decode() + errors.decode()

    def key(self, name):
        if not os.path.exists(self.path(name)):
            openssl.Key.rsa().save(self.path(name))
        return name

    def begin(self, dn="O=Example, CN=r1", key="key.pem", old=None, enc="ca.crt", sig="ca.crt", **options):
        """Starts an enrolment, or the renewal of `old` (certificate, key); `enc`: whose envelope, `sig`: whose
        signature on the answer; options as pki names them."""
        options = {"interval": 1, "maxpolltime": 1, **options}
        arguments = ["--scep", "--url", self.ca.url(), "--in", self.key(key), "--dn", dn]
        arguments += ["--cacert-enc", enc, "--cacert-sig", sig]
        arguments += ["--cert", old[0], "--key", old[1]] if old else []
        for name, value in options.items():
            arguments += [f"--{name}", str(value)]
        return self._run(*arguments)

    def finish(self, process, certificate="cert.crt"):
        """The certificate; where there is none, None and what pki said."""
        data, errors = process.communicate(timeout=PATIENCE_S)
        if not data:
            return None, errors.decode()
        with open(self.path(certificate), "wb") as file:
            file.write(data)
        return data, errors.decode()

    def enroll(self, certificate="cert.crt", **options):
        data, errors = self.finish(self.begin(**options), certificate)
        if not data:
            raise Failure(f"pki --scep: {errors}")
        return data


class Certmonger:
    """Its daemon with a private socket in place of D-Bus; a context."""

    def __init__(self, ca, name="monger"):
        self.ca, self.folder = ca, ca.path(name)
        for part in ("", "requests", "cas", "tmp", "local"):
            os.makedirs(self.path(part))
        self.environment = dict(
            os.environ, CERTMONGER_PVT_ADDRESS=f"unix:path={self.path('socket')}",
            CERTMONGER_REQUESTS_DIR=self.path("requests"), CERTMONGER_CAS_DIR=self.path("cas"),
            CERTMONGER_TMPDIR=self.path("tmp"), CERTMONGER_LOCAL_CA_DIR=self.path("local"),
            CERTMONGER_CONFIG_DIR=self.path(""),
        )

    def path(self, name):
        return os.path.join(self.folder, name)

    def __enter__(self):
        """The daemon starts a command of ours when it is up, and ends when that ends."""
        for name in ("ready", "end"):
            os.mkfifo(self.path(name))
        with open(self.path("gate"), "w", encoding="ascii") as file:
            file.write(f"echo up >{self.path('ready')}\nread line <{self.path('end')}\n")
        ready = os.open(self.path("ready"), os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with open(self.path("log"), "wb") as log:
            self.process = subprocess.Popen(
                ["certmonger", "-L", "-P", self.path("socket"), "-n", "-d", "2", "-c", f"sh {self.path('gate')}"],
                env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )
        poll = select.poll()
        poll.register(ready, select.POLLIN)
        try:
            if not poll.poll(PATIENCE_S * 1000):
                raise Failure("certmonger did not start")
        finally:
            os.close(ready)
        return self

    def __exit__(self, *error):
        with open(self.path("end"), "w", encoding="ascii") as end:
            end.write("\n")
        try:
            self.process.wait(PATIENCE_S)
        finally:
            self.process.kill()

    def getcert(self, *arguments):
        done = subprocess.run(
            ["getcert", *arguments], env=self.environment, stdin=subprocess.DEVNULL, capture_output=True,
            text=True, timeout=PATIENCE_S, check=False,
        )
        return done.returncode, done.stdout + done.stderr

    def must(self, *arguments):
        status, said = self.getcert(*arguments)
        if status:
            with open(self.path("log"), encoding="utf-8", errors="replace") as log:
                raise Failure(f"getcert {' '.join(arguments)}: {status}\n{said}\n{log.read()[-4000:]}")
        return said

    def add_ca(self, root):
        """Told what to trust: without -N 0.79.17 believes no answer of a CA that stands alone."""
        path = checks.save(self.ca, "trusted.pem", checks.pem(root))
        self.must("add-scep-ca", "-c", "claviger", "-u", self.ca.url(), "-N", path)

    def request(self, subject, *arguments):
        """Enrols and waits; the certificate as DER."""
        files = ("-k", self.path("key.pem"), "-f", self.path("cert.pem"))
        self.must("request", "-c", "claviger", *files, "-I", "job", "-N", subject, "-w", "-v", *arguments)
        return self.certificate()

    def again(self, how):
        """`resubmit`, the same key, or `rekey`, a new one; waits."""
        self.must(how, "-i", "job", "-w", "-v")
        return self.certificate()

    def certificate(self):
        checks.contains(self.must("list", "-i", "job"), "status: MONITORING")
        with open(self.path("cert.pem"), encoding="ascii") as file:
            return checks.der(file.read())


class ScepClient:
    """Debian's `scepclient` (package scep): single DES and SHA-1, whatever the server says."""

    def __init__(self, ca, name="scepclient"):
        self.ca, self.folder = ca, ca.path(name)
        os.makedirs(self.folder)

    def path(self, name):
        return os.path.join(self.folder, name)

    def run(self, *arguments):
        """Enrols, or renews where it has a certificate; its status and what it said."""
        done = subprocess.run(
            ["scepclient", f"-server-url={self.ca.url()}", "-private-key=key.pem", "-certificate=cert.pem", "-debug",
             *arguments],
            cwd=self.folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE_S, check=False,
        )
        return done.returncode, done.stdout + done.stderr

    def enroll(self, *arguments):
        status, said = self.run(*arguments)
        if status:
            raise Failure(f"scepclient: {status}\n{said}")
        with open(self.path("cert.pem"), encoding="ascii") as file:
            return checks.der(file.read())
