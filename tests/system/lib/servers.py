# SPDX-License-Identifier: Apache-2.0
"""Servers of the distribution to publish to: nginx (HTTP PUT), vsftpd, tftpd-hpa, OpenSSH's sftp. Each keeps
to a folder and a port of its own, goes down and comes up again. Needs root: they change users. Accounts are a
passwd and a shadow of their own, seen by the servers alone.

    with Http(folder) as server:
        server.url("/pub"), server.read("pub", "ROOTCA.crl")
        server.down()
        server.up()
"""

import contextlib
import os
import pwd
import select
import signal
import socket
import subprocess
import threading
import time

import checks
from ports import free_port
from programs import PATIENCE_S, Failure

USER, PASSWORD = "publisher", "right: horse, battery"
# The files of accounts, for the command that follows and nobody else.
ALONE = """
for name in passwd shadow; do mount --bind "$1/$name" "/etc/$name"; done
mkdir -p /run/sshd /var/run/vsftpd/empty
shift
exec "$@"
"""


def owner():
    """An unprivileged account that is there anyway."""
    return pwd.getpwnam("nobody")


def process_of(path):
    """Of a daemon that is on its way to the background, as its file tells once it is there."""
    end_s = time.monotonic() + PATIENCE_S
    while True:
        with contextlib.suppress(FileNotFoundError), open(path, encoding="ascii") as file:
            if (number := file.read()).endswith("\n"):
                return int(number)
        if time.monotonic() > end_s:
            raise Failure(f"{path} does not come")
        select.select([], [], [], 0.02)


def wait_end(process):
    """Of a process that is nobody's child here."""
    select.select([process], [], [], PATIENCE_S)
    os.close(process)


class Server:
    scheme = None

    def __init__(self, folder):
        self.folder = folder
        self.root = os.path.join(folder, "files")
        os.makedirs(os.path.join(self.root, "pub"))
        for path in (self.root, os.path.join(self.root, "pub")):
            os.chown(path, owner().pw_uid, owner().pw_gid)
        os.chmod(folder, 0o755)
        self.write_accounts()
        self.port = free_port(kind=self.kind)
        self.up()

    def path(self, *parts):
        return os.path.join(self.folder, *parts)

    def write(self, name, text, mode=0o600):
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(self.path(name), mode)
        return self.path(name)

    def write_accounts(self):
        secret = checks.openssl("passwd", "-6", PASSWORD).strip()
        with open("/etc/passwd", encoding="utf-8") as file:
            known = file.read()
        self.write("passwd", f"{known}{USER}:x:{owner().pw_uid}:{owner().pw_gid}::{self.root}:/bin/sh\n", 0o644)
        with open("/etc/shadow", encoding="utf-8") as file:
            known = file.read()
        self.write("shadow", f"{known}{USER}:{secret}:19000:0:99999:7:::\n", 0o640)

    def alone(self, *command):
        return ["unshare", "--mount", "--propagation", "private", "bash", "-euc", ALONE, "alone", self.folder, *command]

    kind = socket.SOCK_STREAM

    def url(self, path="/pub"):
        return f"{self.scheme}://127.0.0.1:{self.port}{path}"

    def read(self, *parts):
        try:
            with open(os.path.join(self.root, *parts), "rb") as file:
                return file.read()
        except FileNotFoundError:
            return None

    def names(self, *parts):
        return sorted(os.listdir(os.path.join(self.root, *parts)))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.down()


class Http(Server):
    """Its first process ends once it listens; then the master writes its number into a file."""

    scheme = "http"
    master = None

    def up(self):
        self.write("users", f"{USER}:{checks.openssl('passwd', '-apr1', PASSWORD)}", 0o644)
        self.write("nginx.conf", f"""
            user nobody nogroup;
            worker_processes 1;
            pid {self.path("nginx.pid")};
            error_log {self.path("error.log")};
            events {{ worker_connections 64; }}
            http {{
                access_log off;
                client_body_temp_path {self.root}/.new;
                proxy_temp_path {self.path("t1")}; fastcgi_temp_path {self.path("t2")};
                uwsgi_temp_path {self.path("t3")}; scgi_temp_path {self.path("t4")};
                server {{
                    listen 127.0.0.1:{self.port};
                    root {self.root};
                    location / {{ dav_methods PUT; auth_basic "in"; auth_basic_user_file {self.path("users")}; }}
                    location /open/ {{ dav_methods PUT; alias {self.root}/pub/; }}
                    location /moved/ {{ return 302 /open/; }}
                }}
            }}
        """)
        subprocess.run(["nginx", "-q", "-p", self.folder, "-c", self.path("nginx.conf")], check=True,
                       timeout=PATIENCE_S)
        self.master = os.pidfd_open(process_of(self.path("nginx.pid")))

    def down(self):
        if self.master is None:
            return
        signal.pidfd_send_signal(self.master, signal.SIGTERM)
        wait_end(self.master)
        self.master = None


class OnDemand(Server):
    """Started for each connection, with the connection as its input and output, as inetd does it."""

    listener = None

    def up(self):
        self.prepare()
        self.children = []
        self.listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind(("127.0.0.1", self.port))
        self.listener.listen(16)
        self.thread = threading.Thread(target=self._accept, args=(self.listener,), daemon=True)
        self.thread.start()

    def _accept(self, listener):
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                self.children.append(subprocess.Popen(
                    self.alone(*self.command()), stdin=connection, stdout=connection, stderr=subprocess.DEVNULL))

    def down(self):
        if self.listener is None:
            return
        self.listener.shutdown(socket.SHUT_RDWR)
        self.thread.join(PATIENCE_S)
        self.listener.close()
        self.listener = None
        for child in self.children:
            child.kill()
            child.wait(PATIENCE_S)


class Ftp(OnDemand):
    scheme = "ftp"

    def prepare(self):
        self.write("vsftpd.conf", "listen=NO\nlocal_enable=YES\nwrite_enable=YES\nanonymous_enable=NO\n"
                   "pasv_address=127.0.0.1\nseccomp_sandbox=NO\nxferlog_enable=NO\n")

    def command(self):
        return ["vsftpd", self.path("vsftpd.conf")]


class Sftp(OnDemand):
    scheme = "sftp"

    def prepare(self):
        key = self.path("host")
        if not os.path.exists(key):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
        self.write("sshd_config", f"HostKey {key}\nUsePAM no\nPasswordAuthentication yes\nStrictModes no\n"
                   f"Subsystem sftp internal-sftp\nPidFile none\n")

    def command(self):
        return ["/usr/sbin/sshd", "-i", "-f", self.path("sshd_config")]

    def known_host(self):
        """The line of known_hosts."""
        with open(self.path("host.pub"), encoding="ascii") as file:
            return f"[127.0.0.1]:{self.port} {' '.join(file.read().split()[:2])}\n"

    def url(self, path="/pub"):
        return f"sftp://127.0.0.1:{self.port}{self.root}{path}"


class Tftp(Server):
    """Its first process ends once it listens; then the other writes its number into a file."""

    scheme = "tftp"
    kind = socket.SOCK_DGRAM
    process = None

    def up(self):
        subprocess.run(["in.tftpd", "-l", "-4", "-a", f"127.0.0.1:{self.port}", "-c", "-p", "-u", "nobody",
                        "-P", self.path("tftpd.pid"), "-s", self.root], check=True, timeout=PATIENCE_S)
        self.process = os.pidfd_open(process_of(self.path("tftpd.pid")))

    def down(self):
        if self.process is None:
            return
        signal.pidfd_send_signal(self.process, signal.SIGTERM)
        wait_end(self.process)
        self.process = None
        with contextlib.suppress(FileNotFoundError):
            os.remove(self.path("tftpd.pid"))
