# SPDX-License-Identifier: Apache-2.0
"""A booted systemd to install into: this machine's own root file system below an overlay that is
thrown away, run by systemd-nspawn. Needs root and the package systemd-container.

    with Box("boot", writable=[build]) as box:
        box.run("cmake", "--install", build)
        box.run("systemctl", "start", "clavigerd.socket")
        box.crash()                                 # files stay
        box.boot()

Limits of cgroups are not enforced within, the file system is volatile (fsync does nothing), and /tmp is
new. `run` enters with more rights than a unit has: what a unit may do is asked from a unit (`unit`).
"""

import json
import os
import select
import shutil
import signal
import socket
import subprocess

from programs import PATIENCE_S, Failure

TARGET = "basic.target"

# In a mount namespace of its own, so that nothing is left to unmount: a cgroup hierarchy of the kind
# that systemd knows without controllers, the overlay, and the machine on it.
SETUP = """
mkdir -p "$CGROUP"
echo $$ >"$CGROUP/cgroup.procs"
umount -R /sys/fs/cgroup
mount -t cgroup2 cgroup2 /sys/fs/cgroup
mount -t overlay box -o "lowerdir=/,upperdir=$BOX/upper,workdir=$BOX/work,volatile" "$BOX/root"
# Where only root may read it, D-Bus refuses whoever it can't look up.
chmod 0644 "$BOX/root/etc/passwd"
exec systemd-nspawn "$@"
"""
NSPAWN = [
    "--quiet", "--register=no", "--keep-unit", "--notify-ready=yes", "--private-network", "--link-journal=no",
    "--resolv-conf=off", "--timezone=off", "--console=pipe",
    # Units' own rules about addresses and devices are BPF programs; a service gets a keyring, locks
    # memory within its limit, and may ask for the clock; root may take a process apart. What nspawn
    # forbids could not be seen to be forbidden by a unit.
    "--capability=CAP_BPF", "--system-call-filter=bpf @keyring @memlock memfd_secret adjtimex clock_adjtime pidfd_getfd",
]
ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME": "/root", "LANG": "C.UTF-8", "TERM": "dumb",
}
NEVER = "-sys_time,-sys_boot,-sys_module,-sys_rawio"  # these reach the machine itself


class Box:
    def __init__(self, name, visible=(), writable=(), outlives=False):
        """`visible`, `writable`: directories of the machine that are seen within under the same path; what is
        written to the latter stays within. `outlives`: does not end with the caller."""
        self.name, self.outlives = f"claviger-{name}", outlives
        self.folder = f"/var/tmp/{self.name}"
        self.binds = [f"--bind-ro={path}" for path in visible]
        self.binds += [f"--overlay={path}::{path}" for path in writable]
        unified = "/sys/fs/cgroup/unified"
        self.cgroup = os.path.join(unified if os.path.isdir(unified) else "/sys/fs/cgroup", self.name)
        self.nspawn = self.leader = None

    def path(self, *parts):
        return os.path.join(self.folder, *parts)

    # Life

    def boot(self):
        """Returns once the system is up."""
        shutil.rmtree(self.path("work"), ignore_errors=True)  # a volatile overlay's is not used twice
        for part in ("upper/etc", "work", "root"):
            os.makedirs(self.path(part), exist_ok=True)
        if not os.path.exists(self.path("upper/etc/machine-id")):
            with open(self.path("upper/etc/machine-id"), "w", encoding="ascii") as file:
                file.write(os.urandom(16).hex() + "\n")
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as news:
            if os.path.exists(self.path("notify")):
                os.remove(self.path("notify"))
            news.bind(self.path("notify"))
            self._spawn()
            self._wait_ready(news)
        with open(self.path("state"), "w", encoding="ascii") as file:
            json.dump({"nspawn": self.nspawn, "leader": self.leader}, file)

    def _spawn(self):
        command = ["unshare", "--mount", "--propagation", "private", "bash", "-euc", SETUP, "box"]
        command += [*NSPAWN, f"--machine={self.name}", f"--directory={self.path('root')}", *self.binds]
        command += ["--boot", f"systemd.unit={TARGET}"]
        if not self.outlives:
            command = ["setpriv", "--pdeathsig", "KILL", *command]
        environment = {
            **ENVIRONMENT, "BOX": self.folder, "CGROUP": self.cgroup, "NOTIFY_SOCKET": self.path("notify"),
            "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1",
        }
        with open(self.path("console"), "wb") as console:
            self.process = subprocess.Popen(
                command, env=environment, start_new_session=True,
                stdin=subprocess.DEVNULL, stdout=console, stderr=console,
            )
        self.nspawn = self.process.pid

    def _wait_ready(self, news):
        end = os.pidfd_open(self.nspawn)
        poll = select.poll()
        poll.register(news, select.POLLIN)
        poll.register(end, select.POLLIN)
        try:
            while True:
                events = dict(poll.poll(PATIENCE_S * 1000))
                if news.fileno() not in events:
                    raise Failure(f"{self.name} did not boot: {self.console()}")
                for line in news.recv(4096).decode().split("\n"):
                    if line.startswith("X_NSPAWN_LEADER_PID="):
                        self.leader = int(line.partition("=")[2])
                    if line == "READY=1":
                        return
        finally:
            os.close(end)

    def console(self):
        with open(self.path("console"), encoding="utf-8", errors="replace") as file:
            return file.read()[-2000:]

    def attach(self):
        """To a box that another process started; whether there is one."""
        try:
            with open(self.path("state"), encoding="ascii") as file:
                state = json.load(file)
            with open(f"/proc/{state['leader']}/cgroup", encoding="ascii") as file:
                if self.name not in file.read():
                    return False
        except (FileNotFoundError, ProcessLookupError):
            return False
        self.nspawn, self.leader = state["nspawn"], state["leader"]
        return True

    def crash(self):
        """Ends all of it at once, as a loss of power would; what was written stays."""
        self._end(signal.SIGKILL)

    def shut_down(self):
        self._end(signal.SIGRTMIN + 4)

    def _end(self, number):
        if self.leader is None:
            return
        end = os.pidfd_open(self.nspawn)
        try:
            os.kill(self.leader, number)
            if not select.select([end], [], [], PATIENCE_S)[0]:
                raise Failure(f"{self.name} did not end")
        finally:
            os.close(end)
            self.leader = None

    def remove(self):
        """Ends it and forgets its files."""
        if self.leader is None:
            self.attach()
        self.crash()
        self._remove_cgroup()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _remove_cgroup(self):
        if not os.path.isdir(self.cgroup):
            return
        events = os.path.join(self.cgroup, "cgroup.events")
        with open(os.path.join(self.cgroup, "cgroup.kill"), "w", encoding="ascii") as file:
            file.write("1")
        poll = select.poll()
        with open(events, encoding="ascii") as file:
            poll.register(file, select.POLLPRI)
            while "populated 1" in file.read():
                poll.poll(PATIENCE_S * 1000)
                file.seek(0)
        for folder, _, _ in os.walk(self.cgroup, topdown=False):
            os.rmdir(folder)

    def __enter__(self):
        self.remove()  # what an earlier run left
        self.boot()
        return self

    def __exit__(self, kind, error, trace):
        if kind and self.leader is not None:
            print(self.call("journalctl", "--no-pager", "--output=short", "--lines=400").stdout)
        self.remove()

    # Within

    def enter(self, *command):
        """The command line that runs `command` within, as root."""
        return [
            "nsenter", "--target", str(self.leader), "--all", "setpriv", "--bounding-set", NEVER,
            "setsid", "--wait", "env", "--ignore-environment", *[f"{k}={v}" for k, v in ENVIRONMENT.items()], *command,
        ]

    def network(self, *command):
        """The command line that runs `command` on this machine, but in the box's network."""
        return ["nsenter", "--target", str(self.leader), "--net", *command]

    def call(self, *command, **options):
        """How a command within ended."""
        options = {"stdin": subprocess.DEVNULL, "capture_output": True, "text": True, "timeout": 300, **options}
        if "input" in options:
            del options["stdin"]
        return subprocess.run(self.enter(*command), check=False, **options)

    def run(self, *command, **options):
        """What a command within printed; it must end well."""
        done = self.call(*command, **options)
        if done.returncode:
            raise Failure(f"{' '.join(command)}: {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout

    def unit(self, *command, properties=(), **options):
        """How a command ended that was run as a unit of the box, with these properties."""
        run = ["systemd-run", "--quiet", "--pipe", "--wait", "--collect"]
        return self.call(*run, *[f"--property={line}" for line in properties], *command, **options)

    def write(self, path, text, mode=0o644):
        self.run("install", "-D", "-m", f"{mode:o}", "/dev/stdin", path, input=text)

    def show(self, unit, name):
        """A property of a unit."""
        return self.run("systemctl", "show", "--property", name, "--value", unit).strip()

    def pid(self, unit):
        """Of a unit's main process, as the box numbers it; 0 where there is none."""
        return int(self.show(unit, "MainPID"))

    def json(self, *command, may_fail=False):
        """What a command within printed, decoded; it must end well unless it `may_fail`."""
        done = self.call(*command)
        if done.returncode and not may_fail:
            raise Failure(f"{' '.join(command)}: {done.returncode}\n{done.stdout}{done.stderr}")
        return json.loads(done.stdout)

    def wait_state(self, unit, state):
        """Until a unit's ActiveState is this; D-Bus tells of each change."""
        code = 'exec 3< <(exec busctl monitor --json=short org.freedesktop.systemd1 2>/dev/null)\n' \
               'until [ "$(systemctl show --property=ActiveState --value "$1")" = "$2" ]; do read -r -t 1 -u 3 || :; done'
        self.run("timeout", str(PATIENCE_S), "bash", "-c", code, "wait", unit, state)

    def listen_to_devices(self):
        """From now on udev runs, and what comes and goes has its unit. Of /sys only the top can be written to, so that
        nothing reaches the machine's devices; those that are there already are not told of."""
        self.run("mount", "-o", "remount,rw", "/sys")
        self.run("systemctl", "start", "systemd-udevd.service")
        self.run("systemctl", "daemon-reexec")  # devices are looked at where /sys could be written to at the start

    def journal(self, *matches):
        """Records as dictionaries, the oldest first."""
        text = self.run("journalctl", "--no-pager", "--output=json", "--all", *matches)
        return [json.loads(line) for line in text.splitlines()]
