"""No letter is lost: 500 letters, a mail server with every bad habit, a worker that keeps dying.

On SQLite the worker is a thread of the server, so the server is killed; on PostgreSQL it is a
process of its own, and that is killed.
"""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field

from tests.notices.servers import Mailbox, smtp
from tests.prove.harness import SERIES, Seen, Site, say, site
from tests.running import ROOT

LETTERS = 500
LONGEST = 15 * 60
DEAD = 4.0
"""Seconds for which the mail server is gone altogether."""


def run(engine: str, scale: float, faults: str) -> Seen:
    letters = max(20, round(LETTERS * scale))
    with smtp() as mailbox:
        habits = Habits()
        mailbox.on_rcpt, mailbox.on_data = habits.recipient, habits.data
        with site(engine, faults=faults, EDUFORUM_MAIL_SERVER="127.0.0.1",
                  EDUFORUM_MAIL_PORT=str(mailbox.port), EDUFORUM_MAIL_USE_TLS="no",
                  EDUFORUM_MAIL_TIMEOUT="3") as place:  # fmt: skip
            place.command("sample", "people", str(letters), "--series", SERIES)
            wanted: dict[str, str] = dict(place.rows(
                "SELECT message_id, recipient FROM notices WHERE state = 'queued'"))  # fmt: skip
            habits.choose(sorted(set(wanted.values())), mailbox)
            place.start()
            began = time.monotonic()
            kills = _storm(place, wanted, faults)
            took = time.monotonic() - began
            place.stop()
            states = dict(place.rows("SELECT message_id, state FROM notices"))
            broken = place.audit()
    arrived = Counter(str(message["Message-ID"]) for message in mailbox.messages)
    lost = {m for m in wanted if states[m] == "sent" and not arrived[m]}
    stuck = {m for m in wanted if states[m] not in ("sent", "failed")}
    unsaid = {m for m, to in wanted.items() if states[m] == "failed" and to not in habits.refused}
    again = sum(arrived.values()) - len(arrived)
    if lost:
        broken.append(f"{len(lost)} are marked as sent and never arrived")
    if stuck:
        broken.append(f"{len(stuck)} were still waiting after {took:.0f} s")
    if unsaid:
        broken.append(f"{len(unsaid)} were given up without a refusal")
    if again > kills + habits.broke_off:
        broken.append(f"{again} came twice: more than {kills} kills and {habits.broke_off} breaks")
    figures = (
        f"{len(lost)} lost of {len(wanted)} letters, {again} twice ({kills} kills, "
        f"{habits.broke_off} connections broken after DATA); {len(habits.refused)} refused for "
        f"good and told so; done after {took:.0f} s"
    )
    return Seen(figures, broken)


@dataclass
class Habits:
    """What is wrong with the mail server, by recipient: refuses, greylists, hangs, drops."""

    refused: set[str] = field(default_factory=set)
    greylisted: set[str] = field(default_factory=set)
    broke_off: int = 0
    dead_until: float = 0.0

    def choose(self, addresses: list[str], mailbox: Mailbox) -> None:
        share = max(1, len(addresses) // 50)
        groups = iter(random.sample(addresses, len(addresses)))

        def some(number: int) -> set[str]:
            return {next(groups) for _ in range(min(number, len(addresses) // 5))}

        self.refused, self.greylisted = some(share), some(4 * share)
        mailbox.drop_after_data, mailbox.hang_after_data = some(share), some(min(3, share))
        self.broke_off = len(mailbox.drop_after_data) + len(mailbox.hang_after_data)

    def recipient(self, address: str) -> str | None:
        if time.monotonic() < self.dead_until:
            return "421 4.3.2 shutting down"
        if address in self.refused:
            return "550 5.1.1 no such person"
        if address in self.greylisted:
            self.greylisted.discard(address)
            return "451 4.7.1 greylisted, try again later"
        return None

    def data(self, _address: str) -> str | None:
        if random.random() < 0.004:
            self.dead_until = time.monotonic() + DEAD
        return None


def _storm(place: Site, wanted: dict[str, str], faults: str) -> int:
    """Kill the worker every 0.5 to 3 s while letters are under way; then let it finish."""
    worker = _Worker(place) if place.uri else None
    most = max(3, len(wanted) // 8)
    kills, ends = 0, time.monotonic() + (90 if faults else LONGEST)
    while time.monotonic() < ends:
        time.sleep(random.uniform(0.5, 3.0))
        counts = dict(place.rows("SELECT state, count(*) FROM notices GROUP BY state"))
        waiting = counts.get("queued", 0) + counts.get("sending", 0)
        if not waiting:
            break
        if waiting > len(wanted) * 0.1 and kills < most:
            if worker:
                worker.kill()
            else:
                place.kill_one()
                place.wait_ready()
            kills += 1
            if kills % 10 == 0:
                say(f"    {kills} kills, {waiting} letters waiting")
    if worker:
        worker.stop()
    return kills


class _Worker:
    """`flask worker` with a service manager."""

    def __init__(self, place: Site) -> None:
        self.place = place
        self._ended = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._keeper = threading.Thread(target=self._keep, daemon=True)
        self._keeper.start()
        time.sleep(3)

    def kill(self) -> None:
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.kill(self._process.pid, signal.SIGKILL)

    def stop(self) -> None:
        self._ended.set()
        if self._process is not None:
            self._process.terminate()
        self._keeper.join(20)

    def _keep(self) -> None:
        while not self._ended.is_set():
            self._process = subprocess.Popen(
                [sys.executable, "-m", "flask", "--app", "app", "worker"],
                cwd=ROOT, env=self.place.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )  # fmt: skip
            self._process.wait()
