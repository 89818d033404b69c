# SPDX-License-Identifier: Apache-2.0
"""Four kinds of token, each with the daemons that it needs, private and ended with the block, and a CA on one.

    with OpenCryptoki() as token, TokenCA(token) as ca:
        token.initialise()
        ca.run()
        token.take_away()

Where claviger itself can initialise it a test may leave initialise() out.
"""

import os
import shutil
import signal
import socket
import subprocess
import tempfile

import card
from ca import CA
from machine import MODULE, PIN, SO_PIN
from programs import PATIENCE_S, Failure

TICK_S = 0.05  # between two looks at a daemon that tells nobody when it is ready


def listens(path):
    """The name of a socket is there before somebody listens to it."""
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(path) == 0


class Token:
    """`lacks`: what it can't do, and why, in words for people; system/token-matrix holds it against what happens."""

    kind = module = ""
    label, pin, so_pin = "ca", PIN, SO_PIN
    lacks = {}
    most_bits = 4096
    born_so_pin = None  # the only one that it can be initialised with, where it has such
    ends_by = signal.SIGTERM
    leaks = False  # memory of the module's own is not given back when it is unloaded

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="claviger-")
        self.environment = {}
        self.words = []  # in front of a command that uses the module
        self.daemons = []

    def path(self, *parts):
        return os.path.join(self.folder, *parts)

    def __enter__(self):
        try:
            self.prepare()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for daemon in reversed(self.daemons):
            self.end(daemon)
        shutil.rmtree(self.folder)

    def launch(self, *command, **how):
        """A daemon that is ended with the block."""
        with open(self.path("daemons.log"), "ab") as log:
            daemon = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", *command], stdin=how.pop("stdin", subprocess.DEVNULL),
                stdout=how.pop("stdout", log), stderr=log, env=dict(os.environ, **self.environment), **how,
            )
        self.daemons.append(daemon)
        return daemon

    def end(self, daemon):
        self.daemons.remove(daemon)
        daemon.send_signal(self.ends_by)
        try:
            daemon.wait(PATIENCE_S)
        finally:
            daemon.kill()
            for stream in (daemon.stdin, daemon.stdout):
                if stream:
                    stream.close()

    def wait(self, is_so, daemon):
        """Looks now and then, as long as the daemon runs."""
        for _ in range(int(PATIENCE_S / TICK_S)):
            if is_so():
                return
            try:
                daemon.wait(TICK_S)
                break
            except subprocess.TimeoutExpired:
                pass
        with open(self.path("daemons.log"), encoding="utf-8", errors="replace") as log:
            raise Failure(f"{daemon.args[3]} did not get ready: {log.read()[-2000:]}")

    def tool(self, *words):
        """pkcs11-tool over the module, which must end well; what it says."""
        done = subprocess.run(
            [*self.words, "pkcs11-tool", "--module", self.module, *words], check=False, capture_output=True, text=True,
            env=dict(os.environ, **self.environment), stdin=subprocess.DEVNULL, timeout=PATIENCE_S,
        )
        if done.returncode:
            raise Failure(f"pkcs11-tool {' '.join(words)}: {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout

    @property
    def uri(self):
        return f"pkcs11:token={self.label}"

    @property
    def where(self):
        """pkcs11-tool's words for it."""
        return ["--token-label", self.label]

    def logged_in(self, *words):
        return self.tool(*self.where, "--login", "--pin", self.pin, *words)

    def as_so(self, *words):
        return self.tool(*self.where, "--login", "--login-type", "so", "--so-pin", self.so_pin, *words)

    def change_so_pin(self):
        """From the one it was born with to one of its own."""
        self.tool(*self.where, "--login", "--login-type", "so", "--so-pin", self.born_so_pin, "--change-pin",
                  "--new-pin", self.so_pin)

    # What the kinds differ in

    def prepare(self):
        """All that comes before a token that could be initialised."""

    def initialise(self):
        """By pkcs11-tool: with label, SO PIN and PIN."""

    def take_away(self):
        raise NotImplementedError

    def bring_back(self):
        raise NotImplementedError


class SoftHSM(Token):
    kind, module = "SoftHSM", MODULE

    def prepare(self):
        os.mkdir(self.path("tokens"), mode=0o700)
        with open(self.path("softhsm2.conf"), "w", encoding="utf-8") as file:
            file.write(f"directories.tokendir = {self.path('tokens')}\nobjectstore.backend = file\nlog.level = ERROR\n")
        self.environment["SOFTHSM2_CONF"] = self.path("softhsm2.conf")

    def initialise(self):
        self.tool("--slot-index", "0", "--init-token", "--label", self.label, "--so-pin", self.so_pin)
        self.as_so("--init-pin", "--new-pin", self.pin)

    def take_away(self):
        os.rename(self.path("tokens"), self.path("away"))
        os.mkdir(self.path("tokens"), mode=0o700)

    def bring_back(self):
        os.rmdir(self.path("tokens"))
        os.rename(self.path("away"), self.path("tokens"))


class SmartCard(Token):
    """The card of tests/card, by OpenSC and a pcscd of its own; root needed."""

    kind, module = "OpenSC", card.OPENSC
    pin, so_pin, leaks = card.PIN, card.SO_PIN, True
    serial = "CARD1"
    lacks = {
        "init": "a new card says that it is initialised, as if there were something to lose: claviger token init --wipe",
        "import": "its keys are born there",
        "export": "no key leaves but under the card's own DKEK, which PKCS#11 doesn't know",
    }

    def __init__(self):
        super().__init__()
        self.reader = card.Reader()

    @property
    def uri(self):
        return f"pkcs11:serial={self.serial}"  # OpenSC adds the PIN's name to the label

    @property
    def where(self):
        return self.reader.where(0)

    def prepare(self):
        self.reader.__enter__()
        self.environment = self.reader.environment
        self.card = self.reader.cards[0]
        self.card.plug(self.serial)
        self.card.wait_seen()

    def initialise(self):
        self.card.unplug()
        self.card.wait_seen(False)
        self.reader.insert(self.serial)

    def take_away(self):
        self.card.unplug()

    def bring_back(self):
        self.card.plug()

    def __exit__(self, *error):
        super().__exit__(*error)
        self.reader.__exit__(*(error or (None, None, None)))


class OpenCryptoki(Token):
    """Its directories, its socket and its shared memory are the system's: it gets a system of its own, root needed.
    Where temporary files are in /dev/shm, that is private already."""

    kind, module = "openCryptoki", "/usr/lib/x86_64-linux-gnu/pkcs11/libopencryptoki.so"
    pin, so_pin = "648219", "76543210"
    born_so_pin, leaks = "87654321", True
    lacks = {
        "SO PIN": "it can be initialised with 87654321 alone, which is to be changed afterwards: pkcs11-tool --change-pin",
        "export": "it has no CKM_AES_KEY_WRAP_PAD",
        "remove": "a process that has it goes on without pkcsslotd; one that starts waits for it",
        "serial number": "all tokens of it have the same one: they are told apart by public keys",
    }
    ends_by = signal.SIGKILL  # to anything less it does not listen as long as it has clients

    SYSTEM = """
set -e
cp -a /var/lib/opencryptoki "$1/lib"
cp -a /var/lock/opencryptoki/. "$1/lock"
mount --bind "$1/lib" /var/lib/opencryptoki
case $1 in /dev/shm/*) ;; *) mount -t tmpfs none /dev/shm; esac
mount -t tmpfs none /run
mkdir -p /run/lock/opencryptoki
mount --bind "$1/lock" /var/lock/opencryptoki
echo ready
exec cat
"""

    def prepare(self):
        os.mkdir(self.path("lock"))
        holder = self.launch("unshare", "--mount", "--ipc", "sh", "-c", self.SYSTEM, "sh", self.folder,
                             stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        if holder.stdout.readline() != b"ready\n":
            raise Failure("openCryptoki gets no system of its own")
        self.root = f"/proc/{holder.pid}/root"
        self.words = ["nsenter", f"--mount=/proc/{holder.pid}/ns/mnt", f"--ipc=/proc/{holder.pid}/ns/ipc"]
        self.bring_back()

    def _answers(self):
        """Asked by a real client: one that connects and leaves ends it, as long as it starts."""
        asked = [*self.words, "pkcs11-tool", "--module", self.module, "--list-slots"]
        return os.path.exists(f"{self.root}/run/pkcsslotd.socket") and subprocess.run(
            asked, check=False, capture_output=True, timeout=PATIENCE_S).returncode == 0

    def initialise(self):
        self.tool("--slot-index", "0", "--init-token", "--label", self.label, "--so-pin", self.born_so_pin)
        self.change_so_pin()
        self.as_so("--init-pin", "--new-pin", self.pin)

    def take_away(self):
        self.end(self.slots)

    def bring_back(self):
        self.slots = self.launch(*self.words, "pkcsslotd", "-f")
        self.wait(self._answers, self.slots)


class TPM(Token):
    """A TPM in software, its resource manager, and the bus on which that one is asked."""

    kind, module = "tpm2-pkcs11", "/usr/lib/x86_64-linux-gnu/pkcs11/libtpm2_pkcs11.so"
    most_bits = 3072
    lacks = {
        "4096 bits": "a TPM makes RSA keys of 3072 bits at most, many a one of 2048",
        "import": "its keys are born there",
        "export": "its keys stay there: it has no mechanism to wrap one",
        "serial number": "all tokens of it have the same one: they are told apart by public keys",
    }

    BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:path={}</listen><auth>EXTERNAL</auth><policy context="default">
<allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy></busconfig>
"""

    def prepare(self):
        for name in ("state", "store"):
            os.mkdir(self.path(name))
        with open(self.path("bus.conf"), "w", encoding="ascii") as file:
            file.write(self.BUS.format(self.path("bus")))
        self.environment = {
            "DBUS_SESSION_BUS_ADDRESS": f"unix:path={self.path('bus')}", "TPM2_PKCS11_TCTI": "tabrmd:bus_type=session",
            "TPM2_PKCS11_STORE": self.path("store"), "TSS2_LOG": "all+none",
        }
        subprocess.run(["swtpm_setup", "--tpm2", "--tpmstate", self.path("state"), "--createek"], check=True,
                       stdout=subprocess.DEVNULL, timeout=PATIENCE_S)
        bus = self.launch("dbus-daemon", f"--config-file={self.path('bus.conf')}", "--nofork", "--nopidfile")
        self.wait(lambda: listens(self.path("bus")), bus)
        self.bring_back()

    def _is_managed(self):
        asked = ["dbus-send", "--bus=" + self.environment["DBUS_SESSION_BUS_ADDRESS"], "--print-reply",
                 "--dest=org.freedesktop.DBus", "/", "org.freedesktop.DBus.GetNameOwner", "string:com.intel.tss2.Tabrmd"]
        return subprocess.run(asked, capture_output=True, check=False, timeout=PATIENCE_S).returncode == 0

    def initialise(self):
        self.tool("--slot-index", "0", "--init-token", "--label", self.label, "--so-pin", self.so_pin)
        self.as_so("--init-pin", "--new-pin", self.pin)

    def take_away(self):
        for daemon in (self.manager, self.chip):
            self.end(daemon)

    def bring_back(self):
        for name in ("tpm", "tpm.ctrl", "tpm.pid"):
            if os.path.exists(self.path(name)):
                os.remove(self.path(name))
        self.chip = self.launch(
            "swtpm", "socket", "--tpm2", "--tpmstate", f"dir={self.path('state')}", "--server",
            f"type=unixio,path={self.path('tpm')}", "--ctrl", f"type=unixio,path={self.path('tpm.ctrl')}", "--pid",
            f"file={self.path('tpm.pid')}", "--flags", "not-need-init,startup-clear",
        )
        self.wait(lambda: os.path.exists(self.path("tpm.pid")), self.chip)
        self.manager = self.launch("tpm2-abrmd", "--session", "--allow-root", "--flush-all",
                                   f"--tcti=swtpm:path={self.path('tpm')}")
        self.wait(self._is_managed, self.manager)


class TokenCA(CA):
    """Its key lies on this token, which the test makes."""

    def __init__(self, its, token=None, **how):
        self.its = its
        options = {"Module": its.module, "URI": its.uri, **(token or {})}
        super().__init__(token=options, **how)
        self.environment.update(its.environment)
        self.token.environment.update(its.environment)
        if its.leaks:
            self.token.environment["ASAN_OPTIONS"] = os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0"
        self.token.command = [*its.words, *self.token.command]
        self.write_pin(its.pin)

    def make_token(self, label="ca"):
        """Nothing: it is there."""

    def state(self):
        (row,) = self.command("token", "list")["tokens"]
        return row

    def until_token_is(self, *states):
        self.until(lambda: self.state()["state"] in states, f"the token is {' or '.join(states)}")
