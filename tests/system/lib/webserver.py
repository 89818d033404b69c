# SPDX-License-Identifier: Apache-2.0
"""nginx, as the distribution runs it: the master is root and loads the keys, its workers are www-data and sign. Private
in all but that. And those who connect to it.

    server = Nginx(gateway)
    server.reload()
    with Clients(server, 4) as clients:
        clients.wait(100)                   # so many whole handshakes more
    clients.judge()
"""

import os
import re
import signal
import socket
import ssl
import threading
import time

import checks
from offload import HOST, NAME
from ports import free_port
from programs import PATIENCE_S, Failure, Program

CONF = """
user {user};
worker_processes {workers};
pid {folder}/nginx.pid;
error_log stderr {level};
events {{ worker_connections 1024; }}
http {{
    access_log off;
    client_body_temp_path {folder}/t0; proxy_temp_path {folder}/t1; fastcgi_temp_path {folder}/t2;
    uwsgi_temp_path {folder}/t3; scgi_temp_path {folder}/t4;
    server {{
        listen 127.0.0.1:{port} ssl backlog=1024;
        ssl_certificate {chain};
        ssl_certificate_key {key};
        ssl_protocols {protocols};
        ssl_session_cache off;
        ssl_session_tickets off;
        {more}
        location / {{ return 200 "{answer}\\n"; }}
    }}
}}
"""
OURS = {"user": "www-data www-data", "workers": 2, "level": "info",
        "answer": "$ssl_protocol $ssl_client_verify $ssl_client_s_dn"}


def nginx(folder, conf):
    """The command that goes by this configuration."""
    return ["nginx", "-e", "stderr", "-p", folder, "-c", conf]


class Nginx:
    def __init__(self, gateway, name=NAME, protocols="TLSv1.2 TLSv1.3", more="", environment=None, label="nginx"):
        self.gateway, self.port, self.label = gateway, free_port(), label
        self.folder = gateway.path(label)
        os.mkdir(self.folder, 0o755)
        self.options = {
            **OURS, "folder": self.folder, "port": self.port, "chain": gateway.file(f"{name}-chain.pem"),
            "key": gateway.file(f"{name}-key.pem"), "protocols": protocols, "more": f"ssl_ciphers ALL:@SECLEVEL=2; {more}",
        }
        self.configure()
        words = nginx(self.folder, self.conf)
        self.check_words = [*words, "-t"]
        self.program = Program(label, [*words, "-g", "daemon off;"], self.folder,
                               gateway.provided if environment is None else environment)
        gateway.clients.insert(0, self.program)
        self.up()

    @property
    def conf(self):
        return os.path.join(self.folder, "nginx.conf")

    def configure(self, **options):
        self.options.update(options)
        with open(self.conf, "w", encoding="utf-8") as file:
            file.write(CONF.format(**self.options))

    def up(self):
        since = self.program.mark()
        self.program.launch()
        told = self._workers_told(since)
        checks.true("[emerg]" not in told, told)

    def _workers_told(self, since):
        """Each new worker was started, or the first line that says why not."""
        for _ in range(self.options["workers"]):
            since = self.program.wait_line(r"start worker process \d|\[emerg\]", since)
            told = self.program.lines[since - 1]
            if "[emerg]" in told:
                break
        return told

    def reload(self, well=True):
        """As systemctl reload does it: by a signal to the master; returns when it has done it, or said why not."""
        since = self.program.mark()
        self.program.process.send_signal(signal.SIGHUP)
        told = self._workers_told(since)
        checks.equal("[emerg]" not in told, well, f"the reload goes well: {told}")
        return told

    def errors(self, since=0):
        return [line for line in self.program.lines[since:] if re.search(r"\[(crit|alert|emerg|error)\]", line)]

    def workers(self):
        """{process: user} of all that its master started."""
        found = {}
        for name in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{name}/status", encoding="ascii") as file:
                    status = dict(line.split(":\t", 1) for line in file.read().splitlines() if ":\t" in line)
            except (FileNotFoundError, ProcessLookupError):
                continue
            if int(status["PPid"]) == self.program.process.pid:
                found[int(name)] = int(status["Uid"].split()[0])
        return found


def context(root, version=None, ciphers=None):
    """Of a client that believes this CA alone; of one version of TLS where it is given."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.load_verify_locations(root)
    if version:
        made.minimum_version = made.maximum_version = version
    if ciphers:
        made.set_ciphers(ciphers)
    return made


def handshake(port, how, limit_s=PATIENCE_S):
    """The server's certificate, DER, its chain and its name verified, and the version that was spoken."""
    with socket.create_connection(("127.0.0.1", port), timeout=limit_s) as plain:
        with how.wrap_socket(plain, server_hostname=HOST) as connection:
            connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
            answer = b""
            while piece := connection.recv(4096):
                answer += piece
            checks.true(answer.startswith((b"HTTP/1.1 200", b"HTTP/1.0 200")), f"an answer: {answer[:60]}")
            return connection.getpeercert(binary_form=True), connection.version()


def refused(port, how, what):
    """The handshake ends at once, without success."""
    try:
        handshake(port, how)
    except TimeoutError:
        raise Failure(f"it hangs: {what}") from None
    except (OSError, Failure):
        return
    raise Failure(f"a handshake: {what}")


class Clients:
    """Handshake after handshake, none resumed, half of them of each version, until the end of the block."""

    def __init__(self, port, root, threads=4):
        self.port = port
        versions = (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3)
        self.contexts = [context(root, version) for version in versions]
        self.news = threading.Condition()
        self.done, self.failures, self.seen = 0, [], {}
        self.ended = False
        self.attempts = [0] * threads
        self.threads = [threading.Thread(target=self._run, args=(n,), daemon=True) for n in range(threads)]

    def _run(self, number):
        while not self.ended:
            found = error = None
            try:
                found = handshake(self.port, self.contexts[(number + self.attempts[number]) % 2])
            except (OSError, Failure) as failure:
                error = f"{time.strftime('%T')} {failure!r}"
            self._note(number, found, error)

    def _note(self, number, found, error):
        with self.news:
            self.attempts[number] += 1
            if error:
                self.failures.append(error)
            else:
                self.done += 1
                self.seen[found] = self.seen.get(found, 0) + 1
            self.news.notify_all()

    def wait(self, more, of=None):
        """Until so many were done from now on, of this certificate where one is given."""
        with self.news:
            wanted = self.count(of) + more
            reached = self.news.wait_for(lambda: self.failures or self.count(of) >= wanted, PATIENCE_S)
            if not reached:
                raise Failure(f"{self.count(of)} handshakes, not {wanted}")
        self.judge()

    def wait_for(self, is_so):
        """Until a certificate was shown of which this is so."""
        with self.news:
            if not self.news.wait_for(lambda: self.failures or any(is_so(leaf) for leaf, _ in self.seen), PATIENCE_S):
                raise Failure("no such certificate was shown")
        self.judge()

    def forgive(self):
        """What failed until now was to be expected, with what is under way."""
        with self.news:
            wanted = [attempts + 1 for attempts in self.attempts]
            if not self.news.wait_for(lambda: all(map(int.__ge__, self.attempts, wanted)), PATIENCE_S):
                raise Failure("a handshake hangs")
            self.failures = []

    def count(self, of=None):
        return sum(times for (leaf, _), times in self.seen.items() if leaf == of) if of else self.done

    def judge(self):
        checks.equal(self.failures[:5], [], f"failures, beside {self.done} handshakes that were good")

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, kind, *_):
        self.ended = True
        for thread in self.threads:
            thread.join(PATIENCE_S)
        if not kind:
            checks.equal([thread.is_alive() for thread in self.threads], [False] * len(self.threads), "a handshake hangs")
            self.judge()
