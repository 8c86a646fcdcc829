"""The drill: backups while people register, each restored elsewhere and compared with what was told.

What was acknowledged before the backup began is in it; of every client it holds the first so many.
"""

import asyncio
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from tests.prove.harness import (
    SERIES,
    Client,
    Seen,
    Site,
    person,
    registered,
    site,
    together,
)
from tests.prove.harness import database as new_database
from tests.running import ROOT

BACKUPS, CLIENTS, SIZE = 5, 16, 20_000
WITHIN = 300.0


def run(engine: str, scale: float, faults: str) -> Seen:
    backups, size = max(1, round(BACKUPS * scale)), max(50, round(SIZE * scale))
    load = _Load()
    broken: list[str] = []
    slowest = 0.0
    with site(engine, faults=faults) as place:
        place.command("sample", "people", str(size), "--series", SERIES)
        place.start()
        load.run(place, place.token("register"), backups)
        place.stop()
        broken += place.audit()
        for archive, known in load.backups:
            with restored(place, archive) as (other, took):
                slowest = max(slowest, took)
                broken += [f"{archive.name}: {word}" for word in load.compare(other, known)]
    if slowest > WITHIN:
        broken.append(f"a restore took {slowest:.0f} s")
    told = sum(len(ids) for ids in load.told)
    figures = (
        f"{len(load.backups)} backups while {told} people registered ({size} there before), made "
        f"in {max(load.took):.1f} s at most, each restored to a prefix in {slowest:.1f} s at most"
    )
    return Seen(figures, broken)


class _Load:
    """Clients that register one after another, and what each was told, in order."""

    def __init__(self) -> None:
        self.told: list[list[str]] = [[] for _ in range(CLIENTS)]
        self.backups: list[tuple[Path, list[int]]] = []
        self.took: list[float] = []
        self._stopped = False

    def run(self, place: Site, head: str, backups: int) -> None:
        together(*(self._register(place, head, n) for n in range(CLIENTS)),
                 self._back_up(place, backups))  # fmt: skip

    async def _register(self, place: Site, head: str, number: int) -> None:
        client = Client(place.port, head)
        turn = (number + 1) * 100_000
        while not self._stopped:
            turn += 1
            path, key = f"/api/v1/series/{SERIES}/registrations", f"Idempotency-Key: {uuid4()}"
            answer = await client.ask("POST", path, person(turn), key)
            if answer is not None and answer.ok:
                self.told[number].append(registered(answer))
        client.close()

    async def _back_up(self, place: Site, backups: int) -> None:
        folder = place.folder / "kept"
        try:
            for _ in range(backups):
                await asyncio.sleep(1.5)
                known = [len(ids) for ids in self.told]
                began = time.monotonic()
                await asyncio.to_thread(place.command, "backup", "create", "--to", str(folder))
                self.took.append(time.monotonic() - began)
                newest = max(folder.glob("eduforum-2*.tar.gz"))
                self.backups.append((newest, known))
        finally:
            self._stopped = True

    def compare(self, other: Site, known: list[int]) -> list[str]:
        kept, wrong = other.ids("registrations"), other.audit()
        for ids, before in zip(self.told, known, strict=True):
            there = [one in kept for one in ids]
            if not all(there[:before]):
                wrong.append(f"{before - sum(there[:before])} told before it began are missing")
            if there != sorted(there, reverse=True):
                wrong.append("what a client was told later is there, and earlier is not")
        return wrong


@contextmanager
def restored(place: Site, archive: Path) -> Iterator[tuple[Site, float]]:
    """The backup in a place of its own; how long that took."""
    engine = "postgresql" if place.uri else "sqlite"
    with (
        tempfile.TemporaryDirectory(dir=ROOT / "build") as folder,
        new_database(engine) as uri,
    ):
        [keys] = archive.parent.glob("eduforum-keys-*")
        other = Site(Path(folder), uri)
        began = time.monotonic()
        ended = other.command("backup", "restore", str(archive), "--keys", str(keys), check=False)
        took = time.monotonic() - began
        if ended.returncode:
            raise RuntimeError(ended.stderr)
        yield other, took
