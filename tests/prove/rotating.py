"""Keys rotate while people register: cut off again and again, every number opens afterwards."""

import asyncio
import json
import os
import random
import signal
import subprocess
import sys
import time
from contextlib import suppress
from typing import Any
from uuid import uuid4

from tests.prove.harness import (
    SERIES,
    Client,
    History,
    Seen,
    Site,
    person,
    registered,
    site,
    together,
)
from tests.running import ROOT

NUMBERS, KILLS, CLIENTS = 50_000, 20, 4
_ROTATE = [sys.executable, "-m", "flask", "--app", "app", "keys", "rotate"]
_PIECE = 0.04
"""Of all rows: about how far one run comes before it is killed."""


def run(engine: str, scale: float, faults: str) -> Seen:
    count, kills = max(400, round(NUMBERS * scale)), max(2, round(KILLS * scale))
    told = History()
    with site(engine, faults=faults) as place:
        place.command("sample", "people", str(count), "--series", SERIES)
        place.change("UPDATE categories SET asks_id = true")
        _numbers(place, "seal")
        before = set(_seen(place)["numbers"])
        place.start()
        rotation = _Rotation(place, place.token("register"), count, kills)
        together(rotation.go(), *(rotation.register(n + 1, told) for n in range(CLIENTS)))
        place.stop()
        seen = _seen(place)
        broken = [*told.server_errors(), *place.audit(), *_wrong(seen, before, told)]
    figures = (
        f"{len(seen['numbers'])} numbers open after {rotation.killed} kills -9 of the rotation, "
        f"{seen['keys'] - 1} new key; {rotation.seconds:.0f} s in all, "
        f"{len(told.ok)} registered meanwhile, slowest {rotation.slowest:.2f} s"
    )
    return Seen(figures, broken)


def _wrong(seen: dict[str, Any], before: set[str], told: History) -> list[str]:
    numbers: list[str] = seen["numbers"]
    broken = []
    if lost := before - set(numbers):
        broken.append(f"{len(lost)} numbers are lost")
    if seen["wrong"]:
        broken.append(f"{seen['wrong']} numbers do not open")
    if seen["old"]:
        broken.append(f"{seen['old']} numbers are under an older key")
    if seen["keys"] != 2:
        broken.append(f"{seen['keys']} keys after one rotation that was cut off and finished")
    fresh = sum(number.startswith("G") for number in numbers)
    if fresh < len(told.ok):
        broken.append(f"{len(told.ok) - fresh} numbers of people who were told ok are lost")
    if told.refused:
        broken.append(f"refused: {told.statuses()}")
    return broken


class _Rotation:
    """Rotates, is killed and begins again, until it has ended by itself; others register."""

    def __init__(self, place: Site, head: str, count: int, kills: int) -> None:
        self.place, self.head, self.count, self.kills = place, head, count, kills
        self.killed, self.seconds, self.slowest = 0, 0.0, 0.0
        self.ended = False

    async def go(self) -> None:
        began = time.monotonic()
        try:
            while not await asyncio.to_thread(self._turn):
                pass
        finally:
            self.ended, self.seconds = True, time.monotonic() - began

    def _turn(self) -> bool:
        """One run of the command. Whether it came to its end."""
        running = subprocess.Popen(
            _ROTATE, cwd=ROOT, env=self.place.env, start_new_session=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        if self.killed < self.kills:
            aim = self._sealed() + max(1, self.count * _PIECE * random.uniform(0.1, 1.5))
            while running.poll() is None and self._sealed() < aim:
                time.sleep(0.02)
        if self.killed < self.kills and running.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(running.pid, signal.SIGKILL)
            running.communicate()
            self.killed += 1
            return False
        said, _nothing = running.communicate()
        if running.returncode:
            raise RuntimeError(f"keys rotate failed: {said[-400:]}")
        return True

    def _sealed(self) -> int:
        """How many rows are under another key than the first."""
        first = "substr(id_number, 1, 1)"
        other = f"{first} <> x'01'" if not self.place.uri else f"{first} <> '\\x01'::bytea"
        where = f"id_number IS NOT NULL AND {other}"
        found: int = self.place.rows(f"SELECT count(*) FROM registrations WHERE {where}")[0][0]
        return found

    async def register(self, number: int, told: History) -> None:
        client = Client(self.place.port, self.head)
        turn = number * 100_000
        while not self.ended:
            turn += 1
            body = person(turn) | {"id_type": "passport", "id_number": f"G{turn:08}",
                                   "consents": ["privacy", "id"]}  # fmt: skip
            began = time.monotonic()
            path = f"/api/v1/series/{SERIES}/registrations"
            answer = await client.ask("POST", path, body, f"Idempotency-Key: {uuid4()}")
            self.slowest = max(self.slowest, time.monotonic() - began)
            told.note(str(turn), answer, registered)
            await asyncio.sleep(0.05)
        client.close()


def _numbers(place: Site, what: str) -> str:
    ended = subprocess.run(
        [sys.executable, "-m", "tests.prove.numbers", what],
        cwd=ROOT, env=place.env, check=True, capture_output=True, text=True,
    )  # fmt: skip
    return ended.stdout


def _seen(place: Site) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(_numbers(place, "check"))
    return found
