"""Commands beside a busy server get their turn: they wait, and none starves or fails."""

import asyncio
import subprocess
import sys
import time
from collections.abc import Coroutine
from uuid import uuid4

from tests.prove.harness import (
    SERIES,
    Client,
    History,
    Seen,
    Site,
    person,
    registered,
    series_file,
    site,
    together,
)
from tests.running import ROOT

CLIENTS, TRANSACTIONS = 32, 60
LONGEST_WAIT = 1.0
"""Seconds that one short change of another process may wait for its turn."""
_WRITER = """
import sys, time
from eduforum.core import audit
from eduforum.core.db import transaction
from eduforum.factory import create_app

with create_app().app_context():
    for number in range(int(sys.argv[1])):
        began = time.perf_counter()
        with transaction():
            audit.record("prove.beside", "prove:1")
        print(time.perf_counter() - began, flush=True)
        time.sleep(0.02)
"""


def run(engine: str, scale: float, faults: str) -> Seen:
    told, waits, took = History(), list[float](), dict[str, float]()
    broken: list[str] = []
    with site(engine, faults=faults) as place:
        place.start()
        together(*_clients(place, told), _commands(place, told, waits, took, scale, broken))
        place.stop()
        broken += [*told.server_errors(), *place.audit()]
    if not waits or max(waits) > LONGEST_WAIT:
        broken.append(f"a change of another process waited {max(waits, default=99):.1f} s")
    figures = (
        f"worst wait of {len(waits)} changes {1000 * max(waits, default=0):.0f} ms while "
        f"{len(told.ok)} people registered; "
        + ", ".join(f"{name} {seconds:.1f} s" for name, seconds in took.items())
    )
    return Seen(figures, broken)


def _clients(place: Site, told: History) -> list[Coroutine[None, None, None]]:
    head = place.token("register")
    return [_register(place, head, number, told) for number in range(CLIENTS)]


async def _register(place: Site, head: str, number: int, told: History) -> None:
    client = Client(place.port, head)
    turn = (number + 1) * 100_000
    while "stop" not in told.unknown:
        turn += 1
        path, key = f"/api/v1/series/{SERIES}/registrations", f"Idempotency-Key: {uuid4()}"
        told.note(str(turn), await client.ask("POST", path, person(turn), key), registered)
    client.close()


async def _commands(
    place: Site,
    told: History,
    waits: list[float],
    took: dict[str, float],
    scale: float,
    broken: list[str],
) -> None:
    file = str(series_file(place.folder, [("visitor", 1_000_000)]))
    commands = {
        "load": ("series", "load", file, "--on", "2031-05-05"),
        "sample": ("sample", "people", str(max(50, round(1000 * scale))), "--series", SERIES,
                   "--yes"),
        "rotate": ("keys", "rotate", "--series", SERIES),
        "backup": ("backup", "create"),
    }  # fmt: skip
    try:
        while len(told.ok) < CLIENTS:
            await asyncio.sleep(0.05)
        printed = await asyncio.to_thread(_write, place, max(20, round(TRANSACTIONS * scale)))
        waits += [float(line) for line in printed.split()]
        for name, words in commands.items():
            began = time.monotonic()
            ended = await asyncio.to_thread(place.command, *words, check=False)
            took[name] = time.monotonic() - began
            if ended.returncode:
                broken.append(f"{name} failed: {ended.stderr.strip()[-200:]}")
    finally:
        told.unknown.add("stop")


def _write(place: Site, transactions: int) -> str:
    return subprocess.run(
        [sys.executable, "-c", _WRITER, str(transactions)],
        cwd=ROOT, env=place.env, check=False, capture_output=True, text=True, timeout=600,
    ).stdout  # fmt: skip
