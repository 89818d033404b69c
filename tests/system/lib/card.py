# SPDX-License-Identifier: Apache-2.0
"""Smart cards without the cards: a private pcscd with virtual readers, and CAs whose keys are on a card. Needs root.

    with Reader() as reader:
        card = reader.insert("CARD1")       # new, initialised; PIN and SO_PIN as here
        with CardCA(reader, card) as ca:
            ca.run()
            card.unplug()

pcscd runs as nobody, with a socket of its own, on a network of its own: its virtual readers listen to all who reach
them.
"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile

from ca import CA
from network import Network
from programs import PATIENCE_S, Failure, Program

OPENSC = "/usr/lib/x86_64-linux-gnu/opensc-pkcs11.so"
PIN, SO_PIN = "648219", "3537363231383830"
PORT = 25963  # of a reader's first slot; the second has the next: no port that the kernel gives to who connects
NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--pdeathsig=KILL"]
# It keeps files in /run/pcscd, as if there were no other.
OWN_RUN = ["unshare", "--mount", "sh", "-c", 'mount -t tmpfs -o mode=1777 tmpfs /run && exec "$@"', "sh"]
# Listens before pcscd does, as systemd would, so that a client that comes early waits.
LISTEN = """
import os, socket, sys
listener = socket.socket(socket.AF_UNIX)
listener.bind(sys.argv[1])
os.chmod(sys.argv[1], 0o666)
listener.listen(16)
os.dup2(listener.fileno(), 3)
os.set_inheritable(3, True)
os.environ.update(LISTEN_FDS="1", LISTEN_PID=str(os.getpid()))
with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
    notify.sendto(b"READY=1", os.environ.pop("NOTIFY_SOCKET"))
os.execvp(sys.argv[2], sys.argv[2:])
"""
# Until the reader is in this state (SCARD_STATE_EMPTY, SCARD_STATE_PRESENT).
WAIT = """
import ctypes, sys
class State(ctypes.Structure):
    _fields_ = [("name", ctypes.c_char_p), ("user", ctypes.c_void_p), ("known", ctypes.c_ulong),
                ("now", ctypes.c_ulong), ("atr_size", ctypes.c_ulong), ("atr", ctypes.c_ubyte * 33)]
pcsc, context = ctypes.CDLL("libpcsclite.so.1"), ctypes.c_long()
if pcsc.SCardEstablishContext(ctypes.c_ulong(2), None, None, ctypes.byref(context)):
    sys.exit("pcscd does not answer")
state = State(name=sys.argv[1].encode())
while not state.now & int(sys.argv[2], 16):
    state.known = state.now
    told = pcsc.SCardGetStatusChange(context, ctypes.c_ulong(0xFFFFFFFF), ctypes.byref(state), ctypes.c_ulong(1))
    if told:
        sys.exit(f"SCardGetStatusChange: {told & 0xFFFFFFFF:#x}")
"""


class Card:
    """A slot of the reader and the card that is in it."""

    def __init__(self, reader, number):
        self.reader, self.number, self.serial = reader, number, None
        self.control = reader.path(f"slot{number}.control")
        self.program = Program(
            f"virtual-card-{number}",
            [*reader.network.words, "virtual-card", str(PORT + number), self.control], reader.folder)

    def tell(self, *words, patience=PATIENCE_S):
        """A command of tests/card/README.md; what it answered after its `ok`."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as control:
            control.settimeout(patience)
            control.connect(self.control)
            control.send(" ".join(map(str, words)).encode())
            answer = control.recv(4096).decode()
        if answer.split()[0] != "ok":
            raise Failure(f"{' '.join(map(str, words))}: {answer}")
        return answer[3:]

    def plug(self, serial=None):
        """The card that was in last, or another; one that never was is new, without a PIN."""
        self.serial = serial or self.serial
        self.tell("plug", *([self.reader.path(serial)] if serial else []))

    def wait_seen(self, present=True):
        """By pcscd, which looks now and then, that the card is in, or out."""
        self.reader.tool(sys.executable, "-c", WAIT, f"Virtual PCD 00 0{self.number}", "0x20" if present else "0x10")

    def unplug(self):
        self.tell("unplug")

    def unplug_in_operation(self):
        """Returns once it is out."""
        self.tell("unplug-in-operation")

    @property
    def operations(self):
        """With private keys, by all cards that were in this slot."""
        return int(self.tell("status").split()[2])


class Reader:
    def __init__(self, slots=1):
        self.slots = slots

    def __enter__(self):
        self.folder = tempfile.mkdtemp(prefix="claviger-card-")
        os.chmod(self.folder, 0o755)
        self.socket = self.path("pcscd.comm")
        self.environment = {"PCSCLITE_CSOCK_NAME": self.socket}
        self.network = Network().__enter__()
        self.pcscd = Program("pcscd", [*self.network.words, *OWN_RUN, sys.executable, "-c", LISTEN, self.socket, *NOBODY,
                                       "pcscd", "--foreground", "--config", self.path("readers")], self.folder)
        self.cards = [Card(self, number) for number in range(self.slots)]
        self.connect()
        self.start()
        for card in self.cards:
            card.program.start()
        return self

    def path(self, name):
        return os.path.join(self.folder, name)

    def start(self):
        """pcscd, at first or again."""
        if os.path.exists(self.socket):
            os.remove(self.socket)
        self.pcscd.start()

    def connect(self, present=True):
        """Whether pcscd finds its reader when it is started next."""
        os.makedirs(self.path("readers"), exist_ok=True)
        with open(self.path("readers/vpcd"), "w", encoding="ascii") as file:
            if present:
                file.write('FRIENDLYNAME "Virtual PCD"\n'
                           f"DEVICENAME /dev/null:{PORT:#X}\n"
                           "LIBPATH /usr/lib/pcsc/drivers/serial/libifdvpcd.so\n"
                           f"CHANNELID {PORT:#X}\n".replace("0X", "0x"))

    def insert(self, serial, slot=0, label="ca", pin=PIN):
        """A card, initialised by OpenSC, in this slot."""
        card = self.cards[slot]
        card.plug(serial)
        card.wait_seen()
        self.tool("pkcs11-tool", "--module", OPENSC, *self.where(slot), "--init-token", "--label", label,
                  "--so-pin", SO_PIN)
        self.tool("pkcs11-tool", "--module", OPENSC, *self.where(slot), "--init-pin", "--login", "--login-type", "so",
                  "--so-pin", SO_PIN, "--new-pin", pin)
        return card

    @staticmethod
    def where(slot):
        """pkcs11-tool's words for it: OpenSC gives each reader one slot or, for several PINs, more."""
        return ["--slot-description", f"Virtual PCD 00 0{slot}"]

    def tool(self, *command, **options):
        """A program that must end well, on this pcscd; its output as text."""
        done = subprocess.run(command, env=dict(os.environ, **self.environment), check=False, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=PATIENCE_S, **options)
        if done.returncode:
            raise Failure(f"{' '.join(command)}: {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout

    def __exit__(self, kind, error, trace):
        programs = [self.pcscd, *(card.program for card in self.cards)]
        found = []
        for program in programs:
            try:
                program.stop()
            except Failure as failure:
                found.append(str(failure))
            found += program.complaints()
            program.close()
            if kind or found:
                print(f"--- {program.name}", *program.lines[-50:], sep="\n", file=sys.stderr)
        self.network.__exit__()
        shutil.rmtree(self.folder)
        if found and not kind:
            raise Failure("; ".join(found))


def token(card):
    """The options of a [Token] section for this card."""
    return {"Module": OPENSC, "URI": f"pkcs11:serial={card.serial}"}


class CardCA(CA):
    """A CA whose token is a card; `how` as CA's."""

    def __init__(self, reader, card, **how):
        super().__init__(**{**how, "token": {**token(card), **how.get("token", {})}})
        # OpenSC itself leaks; SoftHSM's tests look for leaks of ours.
        self.token.environment["ASAN_OPTIONS"] = os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0"
        self.environment.update(reader.environment)
        for program in self.programs:
            program.environment.update(reader.environment)
        self.write_pin(PIN)

    def make_token(self, label="ca"):
        """It is made already; what SoftHSM keeps is for others."""
        os.makedirs(self.path("tokens"), mode=0o700, exist_ok=True)

    def start(self, supervised=False):
        """A card logs in slowly."""
        super().start(supervised)
        self.until_token_is("ready")

    def token_row(self):
        return next(row for row in self.command("token", "list")["tokens"] if row["name"] == "soft")

    def until_token_is(self, *states):
        self.until(lambda: self.token_row()["state"] in states, f"the token is {' or '.join(states)}")
