"""A full disk: nothing is acknowledged that is not kept, and all is well when there is room again."""

import asyncio
import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from tests.prove.harness import (
    SERIES,
    CannotRun,
    Client,
    History,
    Seen,
    Site,
    person,
    registered,
    site,
    together,
)

MEGABYTES, BALLAST, CLIENTS, FULL_FOR = 12, 4, 16, 8.0
RECOVERS_WITHIN = 10.0


def run(engine: str, scale: float, faults: str) -> Seen:
    assert engine == "sqlite"
    told, after = History(), History()
    with small_disk() as folder, site(engine, faults=faults, folder=folder) as place:
        ballast = folder / "ballast"
        ballast.write_bytes(os.urandom(BALLAST << 20))
        place.start()
        head = place.token("register")
        full_for = max(1.0, FULL_FOR * scale)
        recovered = asyncio.run(_fill(place, head, told, ballast, full_for))
        together(*(_register(place, head, 50 + n, after, time.monotonic() + 2) for n in range(4)))
        place.stop()
        kept = place.ids("registrations")
        false = (set(told.ok.values()) | set(after.ok.values())) - kept
        broken = [*told.server_errors(), *after.server_errors(), *place.audit()]
    if false:
        broken.append(f"{len(false)} were told ok and are not there")
    refused = sum(status == 503 for status in told.refused.values())
    if not refused:
        broken.append("the disk never filled up")
    if recovered > RECOVERS_WITHIN:
        broken.append(f"normal again only after {recovered:.1f} s")
    if not after.ok or after.refused:
        broken.append(f"not as before afterwards: {after.statuses()}")
    figures = (
        f"{len(false)} false of {len(told.ok)} acknowledged, {refused} told 503; "
        f"normal {recovered:.1f} s after there was room"
    )
    return Seen(figures, broken)


async def _fill(place: Site, head: str, told: History, ballast: Path, full_for: float) -> float:
    """Register until the disk has been full for a while; seconds from room to the next ok."""
    ends = time.monotonic() + 180
    tasks = [asyncio.create_task(_register(place, head, n, told, ends)) for n in range(CLIENTS)]
    while 503 not in told.refused.values() and time.monotonic() < ends:
        await asyncio.sleep(0.05)
    await asyncio.sleep(full_for)
    ballast.unlink()
    began, known = time.monotonic(), len(told.ok)
    while len(told.ok) <= known + CLIENTS and time.monotonic() < began + 30:
        await asyncio.sleep(0.02)
    took = time.monotonic() - began
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return took


async def _register(place: Site, head: str, number: int, told: History, ends: float) -> None:
    client = Client(place.port, head)
    turn = number * 100_000
    while time.monotonic() < ends:
        turn += 1
        path = f"/api/v1/series/{SERIES}/registrations"
        key = f"Idempotency-Key: {uuid4()}"
        answer = await client.ask("POST", path, person(turn), key)
        told.note(str(turn), answer, registered)
        if answer is not None and not answer.ok:
            await asyncio.sleep(0.05)
    client.close()


@contextmanager
def small_disk() -> Iterator[Path]:
    """A file system of a few megabytes. Raises `CannotRun` where none may be mounted."""
    with tempfile.TemporaryDirectory(prefix="eduforum-disk-") as point:
        command = ["mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m,mode=700", "tmpfs", point]
        if (
            os.geteuid() != 0
            or subprocess.run(command, check=False, capture_output=True).returncode
        ):
            raise CannotRun("only root may mount a small disk")
        try:
            yield Path(point)
        finally:
            subprocess.run(["umount", "-l", point], check=False, capture_output=True)
