# SPDX-License-Identifier: Apache-2.0
"""Routers that enrol without a pause while a card is pulled out and put in: every message that was sent is issued
exactly once, no answer is wrong."""

import itertools
import statistics
import threading
import time

import checks
from ca import LABEL
from card import Reader
from case import step
from programs import PATIENCE_S, Failure

TIMES, SLOW_MS = 50, 60
CLIENTS = 3
IN_OPERATION = (1, 3)  # of each five times
UNSEEN = 4  # of each ten: out and in again before pcscd has looked
PAUSE_S = 0.1  # of a client that was told to come back, unless there is news before


class Later:
    """A call that goes on beside the test."""

    def __init__(self, function, *arguments):
        self.result = self.error = None
        self.thread = threading.Thread(target=self._run, args=(function, *arguments))
        self.thread.start()

    def _run(self, function, *arguments):
        try:
            self.result = function(*arguments)
        except Exception as error:  # whatever it is, who waits is told
            self.error = error

    def wait(self):
        self.thread.join()
        if self.error:
            raise self.error
        return self.result


class Fleet:
    """Routers that enrol one time after the other and ask again, unchanged, until they have what they asked for."""

    def __init__(self, routers):
        self.numbers, self.news = itertools.count(), threading.Condition()
        self.issued, self.later, self.pending, self.failures = {}, 0, 0, []
        self.ending = False
        self.threads = [threading.Thread(target=self._work, args=(router,)) for router in routers]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.ending = True
        for thread in self.threads:
            thread.join()

    def _work(self, router):
        try:
            while not self.ending:
                self._enroll(router, f"unplug-{next(self.numbers)}".encode())
        except Exception as failure:  # whatever it is, the test is told
            with self.news:
                self.failures.append(repr(failure))
                self.news.notify_all()

    def _enroll(self, router, transaction):
        reply = self._send(router, router.request(transaction=transaction))
        while reply.status == "PENDING":
            self.pending += 1
            self._pause()
            reply = self._send(router, router.poll(transaction=transaction))
        checks.status(reply, "SUCCESS")
        with self.news:
            self.issued[transaction.decode()] = reply.certificate
            self.news.notify_all()

    def _send(self, router, message):
        data, end_s = message.encode(), time.monotonic() + PATIENCE_S
        while True:
            answer = router.post(data)
            if answer.status != 503:
                return router.read(answer, message)
            checks.true(int(answer.headers["retry-after"]) > 0, "Retry-After")
            if time.monotonic() > end_s:
                raise Failure("it was told to come back for ever")
            self.later += 1
            self._pause()

    def _pause(self):
        with self.news:
            self.news.wait(PAUSE_S)

    def wait_more(self, more):
        """Until so many more are issued; how long that took."""
        start_s = time.monotonic()
        with self.news:
            wanted = len(self.issued) + more
            done = self.news.wait_for(lambda: self.failures or len(self.issued) >= wanted, PATIENCE_S)
        if self.failures or not done:
            raise Failure("; ".join(self.failures) or "nothing is issued any more")
        return time.monotonic() - start_s


def pull_out_and_put_in(fleet, card, number):
    """How long after the insertion something was issued."""
    in_operation = number % 5 in IN_OPERATION
    card.tell("slow", SLOW_MS if in_operation else 0)
    if in_operation:
        card.unplug_in_operation()
    else:
        card.unplug()
    card.tell("slow", 0)
    if number % 10 != UNSEEN:
        card.wait_seen(False)
    card.plug()
    return fleet.wait_more(1)


def each_once(ca, fleet):
    """What was sent is what was granted, and each certificate is that which its client has."""
    requests = ca.requests()
    checks.equal(sorted(bytes.fromhex(row["transaction"]).decode() for row in requests), sorted(fleet.issued), "one request for each message")
    checks.equal({row["state"] for row in requests}, {"granted"})
    listed = [row["serial"] for row in ca.command("certificate", "list", LABEL)["certificates"]]
    held = [checks.Certificate(certificate).serial for certificate in fleet.issued.values()]
    checks.equal(len(set(held)), len(fleet.issued), "serial numbers of the clients' certificates")
    for serial in held:
        checks.equal(sum(int(one, 16) == int(serial, 16) for one in listed), 1, f"certificate {serial}")


def under_load(kind, router):
    """`kind` of CA (reader, card, …), `router` of client (ca, subject)."""
    with Reader() as reader:
        card = reader.insert("CARD1")
        with kind(reader, card, daemon={"HoldFor": "1s"}) as ca:
            ca.run()
            with Fleet([router(ca, f"CN=r{number}") for number in range(CLIENTS)]) as fleet:
                fleet.wait_more(CLIENTS)
                took = [pull_out_and_put_in(fleet, card, number) for number in range(TIMES)]
                fleet.wait_more(CLIENTS)
            checks.equal(fleet.failures, [])
            step(f"{len(fleet.issued)} issued; told to come back {fleet.later} times, to wait {fleet.pending} times")
            step(f"issued after an insertion: median {statistics.median(took):.2f} s, most {max(took):.2f} s")
            each_once(ca, fleet)
