"""The clock jumps, an hour back and a day ahead: sessions, leases, offers, limits and doors go on."""

import asyncio
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from typing import Any
from uuid import UUID, uuid4

from tests.bench.reads import sign_in
from tests.notices.servers import Mailbox, smtp
from tests.prove.harness import SERIES, Answer, Client, Seen, Site, person, registered, site

COMMAND = ("-m", "tests.prove.shifted")
HOUR, DAY = 3600.0, 86_400.0
SOON = 90.0
"""Seconds within which what does not depend on the clock must have happened."""


def run(engine: str, scale: float, faults: str) -> Seen:
    del scale  # it is one walk, whatever the scale
    with ExitStack() as stack:
        mailbox = stack.enter_context(smtp())
        place = stack.enter_context(
            site(engine, (("visitor", 1_000_000), ("narrow", 1)), faults=faults,
                 EDUFORUM_MAIL_SERVER="127.0.0.1", EDUFORUM_MAIL_PORT=str(mailbox.port),
                 EDUFORUM_MAIL_USE_TLS="no")
        )  # fmt: skip
        place.entry = COMMAND
        walk = _Walk(place, mailbox)
        walk.begin()
        walk.jump(-HOUR)
        walk.after_an_hour_back()
        walk.jump(DAY)
        walk.after_a_day()
        place.stop()
        walk.broken += place.audit()
    return Seen(f"{walk.checked} things that depend on the clock, "
                f"{len(walk.broken)} wrong after an hour back and a day ahead", walk.broken)  # fmt: skip


class _Walk:
    """One story over two jumps, with everything in it that asks for the time."""

    def __init__(self, place: Site, mailbox: Mailbox) -> None:
        self.place, self.mailbox = place, mailbox
        self.clock = place.folder / "clock"
        self.shift(0)
        place.env["PROVE_CLOCK_FILE"] = str(self.clock)
        self.checked = 0
        self.broken: list[str] = []
        self.key = f"Idempotency-Key: {uuid4()}"

    def shift(self, seconds: float) -> None:
        draft = self.clock.with_suffix(".part")
        draft.write_text(str(seconds))
        draft.replace(self.clock)

    def jump(self, seconds: float) -> None:
        self.shift(seconds)
        time.sleep(1)

    def check(self, says: str, holds: object) -> None:
        self.checked += 1
        if not holds:
            self.broken.append(says)

    def soon(self, says: str, holds: Callable[[], object]) -> None:
        """It must come true within SOON, by a clock that does not jump."""
        ends = time.monotonic() + SOON
        while not (found := holds()) and time.monotonic() < ends:
            time.sleep(0.5)
        self.check(says, found)

    def ask(self, method: str, path: str, body: object = None, *head: str) -> Answer:
        async def _ask() -> Answer | None:
            client = Client(self.place.port, self.head)
            try:
                return await client.ask(method, path, body, *head)
            finally:
                client.close()

        answer = asyncio.run(_ask())
        assert answer is not None
        return answer

    def register(self, number: int, category: str = "visitor", *head: str) -> Answer:
        body = person(number, category)
        return self.ask("POST", f"/api/v1/series/{SERIES}/registrations", body, *head)

    def scan(self, text: str, shift: float) -> str:
        now = (datetime.now(UTC) + timedelta(seconds=shift)).isoformat()
        scan = {"id": str(uuid4()), "seq": 1, "code": text, "direction": "in", "scanned_at": now}
        body = {"device_time": now, "scans": [scan]}
        answer = self.ask("POST", f"/api/v1/points/{self.point}/scans", body)
        return str(answer.json()["results"][0]["verdict"])

    def arrived(self, number: int) -> int:
        return self.mailbox.recipients.count(f"sample{number}@example.org")

    def desk_status(self) -> int:
        link = HTTPConnection("127.0.0.1", self.place.port)
        link.request("GET", f"/desk/s/{SERIES}/registrations", headers={"Cookie": self.cookie})
        return link.getresponse().status

    def begin(self) -> None:
        """Somebody is signed in, has a seat, waits in line, was scanned; a worker has died."""
        place = self.place
        password = place.command("users", "add", "desk@example.org", "--role", "organiser",
                                 "--series", SERIES, typed="correct horse battery\n")  # fmt: skip
        assert password.returncode == 0, password.stderr
        place.change("UPDATE pools SET waiting_limit = NULL")
        place.start()
        self.head = place.token("register", "manage", "door")
        first = self.register(1, "visitor", self.key)
        assert first.status == 201, first
        self.first = registered(first)
        self.seated, self.waits = (registered(self.register(n, "narrow")) for n in (2, 3))
        self.point = place.arrival_point()
        texts = place.rows("SELECT text FROM tickets ORDER BY id")
        self.text, self.other = texts[0][0], texts[1][0]
        self.soon("letters are sent", lambda: self.arrived(1) and self.arrived(2))
        self.check("a ticket is admitted", self.scan(self.text, 0) == "admitted")
        self.cookie = sign_in(_Named(place.port), "desk@example.org", "correct horse battery")  # type: ignore[arg-type]
        self.cookie = self.cookie.removeprefix("Cookie: ")
        self.check("the desk is open", self.desk_status() == 200)
        place.stop()
        place.change(
            "UPDATE notices SET state = 'sending', sent_at = NULL, leased_until = "
            f"'{_stamp(240)}', next_attempt_at = '{_stamp(240)}' WHERE recipient = "
            "'sample1@example.org'"
        )
        place.start()

    def after_an_hour_back(self) -> None:
        self.soon("what a dead worker had leased is sent", lambda: self.arrived(1) >= 2)
        self.register(4)
        self.soon("a new letter is sent", lambda: self.arrived(4))
        self.check("who was admitted is known", self.scan(self.text, -HOUR) == "already_admitted")
        self.check("others are admitted", self.scan(self.other, -HOUR) == "admitted")
        self.check("the desk is still open", self.desk_status() == 200)
        again = self.register(1, "visitor", self.key)
        self.check("the same key, the same answer",
                   again.status == 201 and registered(again) == self.first)  # fmt: skip
        gone = self.ask(
            "POST", f"/api/v1/registrations/{UUID(self.seated)}/cancel", {"reason": "样本"}
        )
        self.check("a seat is given back", gone.ok)
        self.check("and offered to who waits", self._state(self.waits) == "offered")
        self.soon("who is told", lambda: self.arrived(3) >= 2)

    def after_a_day(self) -> None:
        self.check("the desk wants a new sign-in", self.desk_status() in (302, 303))
        self.soon("the offer has ended", lambda: self._state(self.waits) == "expired")
        self.soon("and its end was told", lambda: self.arrived(3) >= 3)
        self.check("the seat is free", self.register(5, "narrow").status == 201)
        self.soon("a new letter is sent", lambda: self.arrived(5))
        self.check("who was admitted is known", self.scan(self.text, DAY) == "already_admitted")
        again = self.register(1, "visitor", self.key)
        self.check("the same key, the same answer a day later",
                   again.status == 201 and registered(again) == self.first)  # fmt: skip

    def _state(self, registration: str) -> str:
        rows: list[Any] = self.place.rows("SELECT id, state FROM registrations")
        return next(str(state) for one, state in rows if str(one).replace("-", "") == registration)


class _Named:
    """What `sign_in` wants to know of a server."""

    def __init__(self, port: int) -> None:
        self.port = port


def _stamp(seconds: float) -> str:
    return (datetime.now(UTC) + timedelta(seconds=seconds)).strftime("%Y-%m-%d %H:%M:%S.%f+00:00")
