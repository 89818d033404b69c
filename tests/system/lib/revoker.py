# SPDX-License-Identifier: Apache-2.0
"""An operator who revokes one certificate after the other, while programs are killed.

    with Revoker(ca) as revoker:
        …
    revoker.complaints(root)      # after the end: what he was told must be so
"""

import re
import sqlite3
import threading

import checks
import web
from ca import LABEL
from crl import Crl


class Revoker:
    def __init__(self, ca):
        self.ca, self.told, self.numbers = ca, set(), []
        self.ending = threading.Event()
        self.thread = threading.Thread(target=self._work)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, kind, error, trace):
        self.ending.set()
        self.thread.join()

    def _rows(self, statement):
        database = sqlite3.connect(f"file:{self.ca.path('state', 'claviger.db')}?mode=ro", uri=True)
        try:
            return database.execute(statement).fetchall()
        except sqlite3.OperationalError:  # a daemon that is killed leaves the file to the next one
            return []
        finally:
            database.close()

    def _work(self):
        while not self.ending.is_set():
            for (serial,) in self._rows("SELECT serial FROM certificate WHERE request_id IS NOT NULL AND revoked_s IS NULL"
                                        " ORDER BY counter LIMIT 8"):
                self._revoke(serial.hex().upper())
            self._look()

    def _revoke(self, serial):
        """Told is what the command did, and what it says was done before it could tell."""
        done = self.ca.call("certificate", "revoke", LABEL, f"0x{serial}", "--reason", "superseded")
        if done.returncode == 0 or "revoked already" in done.stderr:
            self.told.add(serial)

    def _look(self):
        """The number of the CRL that is published, whoever serves it."""
        try:
            with open(self.ca.path("state", "public", LABEL, "crl"), "rb") as file:
                text = checks.openssl("crl", "-inform", "DER", "-noout", "-crlnumber", data=file.read())
        except FileNotFoundError:
            return
        self.numbers.append(int(re.search(r"=(0x)?([0-9A-F]+)", text)[2], 16))

    def complaints(self, root):
        """What is wrong; the programs still run."""
        self.ca.command("crl", "issue", LABEL)
        crl = Crl(web.get(self.ca.port, f"/crl/{LABEL}.crl").body, root)
        issued = [int(re.search(r'"note":\s*"(\d+)"', details)[1])
                  for (details,) in self._rows("SELECT details FROM audit WHERE type = 'crl.issue' ORDER BY seq")]
        print(f"{len(self.told):8} revocations told\n{len(issued):8} CRLs")
        if self.told - set(crl.entries):
            yield f"{len(self.told - set(crl.entries))} revocations that were told are not in the CRL"
        if self.numbers != sorted(self.numbers):
            yield "the numbers of the published CRLs fell"
        if issued != sorted(set(issued)):
            yield "a CRL number was given twice, or they fell"
        if not self.told or len(issued) < 2:
            yield "nothing was revoked while the programs were killed"
