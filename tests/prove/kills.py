"""What was acknowledged is there: kill -9 of server and worker at random moments, 200 times."""

import asyncio
import random
import time
from datetime import UTC, datetime
from uuid import uuid4

from tests.prove.harness import (
    SERIES,
    Client,
    History,
    Seen,
    Site,
    person,
    registered,
    say,
    site,
    together,
)

KILLS, CHANGES, CLIENTS = 200, 20_000, 24


def run(engine: str, scale: float, faults: str) -> Seen:
    kills, changes = max(2, round(KILLS * scale)), max(50, round(CHANGES * scale))
    people, scans = History(), History()
    with site(engine, faults=faults) as place:
        place.command("sample", "people", "200", "--series", SERIES)
        place.start()
        texts = [row[0] for row in place.rows("SELECT text FROM tickets WHERE standing = 'valid'")]
        load = _Load(place, place.token("register", "door"), place.arrival_point(), texts)
        done = _storm(load, people, scans, kills, changes)
        slowest = max(done)
        place.stop()
        broken = [*people.server_errors(), *scans.server_errors(), *place.audit()]
        if people.refused or scans.refused:
            broken.append(f"refused: {people.statuses()}; {scans.statuses()}")
        lost = set(people.ok.values()) - place.ids("registrations")
        lost |= set(scans.ok) - place.ids("scans")
    if lost:
        broken.append(f"{len(lost)} acknowledged changes are gone")
    told = len(people.ok) + len(scans.ok)
    figures = (
        f"{len(lost)} lost of {told} acknowledged in {len(done)} kills -9; "
        f"{len(people.unknown) + len(scans.unknown)} unknown; "
        f"ready again after {sorted(done)[len(done) // 2]:.1f} s (median), {slowest:.1f} s at most"
    )
    return Seen(figures, broken)


class _Load:
    """Clients that register people and scan tickets until they are told to stop."""

    def __init__(self, place: Site, head: str, point: str, texts: list[str]) -> None:
        self.place, self.head, self.point, self.texts = place, head, point, texts
        self.stopped = False

    async def register(self, number: int, told: History) -> None:
        client = Client(self.place.port, self.head)
        turn = number * 100_000
        while not self.stopped:
            turn += 1
            key = f"Idempotency-Key: {uuid4()}"
            path = f"/api/v1/series/{SERIES}/registrations"
            told.note(str(turn), await client.ask("POST", path, person(turn), key), registered)
        client.close()

    async def scan(self, told: History) -> None:
        client = Client(self.place.port, self.head)
        while not self.stopped:
            now, name = datetime.now(UTC).isoformat(), uuid4()
            scan = {"id": str(name), "seq": 1, "code": random.choice(self.texts),
                    "direction": "in", "scanned_at": now}  # fmt: skip
            body = {"device_time": now, "scans": [scan]}
            answer = await client.ask("POST", f"/api/v1/points/{self.point}/scans", body)
            told.note(name.hex, answer, lambda _: None)
        client.close()


async def _some_work(people: History, scans: History, number: float) -> None:
    """Wait until so many more changes were acknowledged, but not for ever."""
    known, ends = len(people.ok) + len(scans.ok), time.monotonic() + 20
    while len(people.ok) + len(scans.ok) < known + number and time.monotonic() < ends:
        await asyncio.sleep(0.01)


def _storm(load: _Load, people: History, scans: History, kills: int, changes: int) -> list[float]:
    """Kill until there were enough kills and changes; how long each took to be ready again."""
    done: list[float] = []

    async def _killer() -> None:
        while len(done) < kills or len(people.ok) + len(scans.ok) < changes:
            await _some_work(people, scans, random.uniform(0.1, 1.9) * changes / kills)
            await asyncio.sleep(random.uniform(0, 0.5))
            if random.random() < 0.25:
                load.place.kill_all()
            else:
                load.place.kill_one()
            began = time.monotonic()
            await asyncio.sleep(0.2)
            await asyncio.to_thread(load.place.wait_ready)
            done.append(time.monotonic() - began)
            if len(done) % 20 == 0:
                say(f"    {len(done)} kills, {len(people.ok) + len(scans.ok)} acknowledged")
        load.stopped = True

    half = CLIENTS // 2
    together(
        *(load.register(number + 1, people) for number in range(half)),
        *(load.scan(scans) for _ in range(half)),
        _killer(),
    )
    return done
