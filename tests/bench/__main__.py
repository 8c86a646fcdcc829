"""`python -m tests.bench [--size N] [--seconds S] [--only sqlite|postgresql]`.

Every figure comes from one run on this machine, clients included. Absolute numbers say little
about another machine: compare the ratios, to `/healthz` (a request that does nothing) at the same
number of clients and to bare durable commits of one row.
"""

import argparse
import json
import re
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from urllib.parse import urlencode
from uuid import uuid4

import psycopg

from tests import postgres
from tests.bench import app, delegations, door, imports, reads
from tests.bench.client import Request, run
from tests.bench.measuring import CLIENTS, SERIES, Bench, forever, say
from tests.bench.series import series_file
from tests.running import ROOT, command, environment, running

JSON = ("Content-Type: application/json",)


def prepare(env: dict[str, str], folder: Path, size: int) -> dict[str, str]:
    """Load the series, `size` people, and make a token and an administrator. Returns secrets."""
    tomorrow = (datetime.now(UTC) + timedelta(days=2)).date().isoformat()
    command(env, "series", "load", str(series_file(folder)), "--on", tomorrow)
    began = time.perf_counter()
    command(env, "sample", "people", str(size), "--series", SERIES)
    say(f"{size} sample people in {time.perf_counter() - began:.1f} s")
    scopes = [
        word for scope in ("read", "register", "door", "manage") for word in ("--scope", scope)
    ]
    printed = command(env, "tokens", "add", *scopes, "--series", SERIES, "--name", "bench")
    found = re.search(r"ef\w_[\w-]{20,}", printed)
    assert found, printed
    return {"token": found[0]}


def tickets(env: dict[str, str], folder: Path) -> list[str]:
    query = "SELECT text FROM tickets WHERE standing = 'valid' ORDER BY id"
    uri = env.get("EDUFORUM_SQLALCHEMY_DATABASE_URI")
    if uri:
        with psycopg.connect(uri.replace("+psycopg", "")) as link:
            return [text for (text,) in link.execute(query)]
    with sqlite3.connect(folder / "eduforum.sqlite3") as file:
        return [text for (text,) in file.execute(query)]


def measure(bench: Bench, secrets: dict[str, str], texts: list[str]) -> dict[str, float]:
    """Run every work; returns the figures that are no work."""
    for clients in CLIENTS:
        bench.work("healthz", forever("/healthz"), clients=clients)
    reads.pages(bench)
    reads.desk(bench)
    point = points(bench, secrets)
    bearer = f"Authorization: Bearer {secrets['token']}"
    fresh = iter(texts)
    for clients in CLIENTS:
        bench.work("scan", scans(point, bearer, fresh, 1), clients=clients)
    bench.work("scan, batches of 100", scans(point, bearer, fresh, 100), clients=8, each=100)
    bench.work("door search", reads.search(point, bearer), clients=8)
    figures = door.bundle(bench, point, secrets["token"], texts)
    if bench.engine == "sqlite":  # the same app and the same bundle on either
        figures |= app.app(bench, texts)
    for clients in (*CLIENTS, 64):
        bench.work("registration, one pool", registrations(), clients=clients,
                   expected=frozenset({201}))  # fmt: skip
    bench.work("registration, all pages", journeys(bench), clients=8, each=1 / len(_STEPS),
               expected=frozenset({200, 303}))  # fmt: skip
    delegations.liaison(bench)
    return figures


def registrations() -> Callable[[int], Iterator[Request]]:
    numbers = count(int(time.time()) % 100_000 * 1000)

    def requests(_client: int) -> Iterator[Request]:
        for number in numbers:
            body = {
                "name": f"样本{number}",
                "category": "visitor",
                "events": ["event-1"],
                "email": f"sample{number}@example.org",
                "organisation": "天津大学",
            }
            key = f"Idempotency-Key: {uuid4()}"
            yield Request("POST", f"/api/v1/series/{SERIES}/registrations",
                          json.dumps(body).encode(), (*JSON, key))  # fmt: skip

    return requests


_STEPS = ("", "", "1", "2", "3", "4")
"""What one person sends: the series page, the form, and each of its steps."""


def journeys(bench: Bench) -> Callable[[int], Iterator[Request]]:
    """Whole registrations through the public pages, each client with a browser's cookie."""
    numbers = count(int(time.time()) % 100_000 * 1000)
    form = f"/s/{SERIES}/register"

    def requests(_client: int) -> Iterator[Request]:
        cookie, token = reads.form_on(bench.server, form, "Cookie: ")
        head = ("Content-Type: application/x-www-form-urlencoded", cookie)
        for number in numbers:
            typed = {
                "csrf_token": token,
                "submit_id": uuid4().hex,
                "category": "visitor",
                "events": "event-1",
                "name": f"样本{number}",
                "email": f"page{number}@example.org",
                "organisation": "天津大学",
                "consents": "privacy",
            }
            yield Request("GET", f"/s/{SERIES}", head=(cookie,))
            yield Request("GET", form, head=(cookie,))
            for step in filter(None, _STEPS):
                yield Request("POST", form, urlencode(typed | {"step": step}).encode(), head)

    return requests


def points(bench: Bench, secrets: dict[str, str]) -> str:
    """The id of the arrival point."""
    head = (f"Authorization: Bearer {secrets['token']}",)
    one = iter([Request("GET", f"/api/v1/series/{SERIES}/points", head=head)])
    outcome = run(bench.server.port, lambda _: one, clients=1, seconds=5, keep_bodies=True)
    items = json.loads(outcome.bodies[0])["items"]
    return str(next(item["id"] for item in items if item["kind"] == "arrival"))


def scans(
    point: str, bearer: str, texts: Iterator[str], each: int
) -> Callable[[int], Iterator[Request]]:
    """Each ticket is scanned once; when they run out, what is scanned was admitted before."""
    used: list[str] = []
    sequence = count(1)

    def next_text() -> str:
        text = next(texts, None)
        if text is None:
            return used[next(sequence) % len(used)]
        used.append(text)
        return text

    def requests(_client: int) -> Iterator[Request]:
        while True:
            now = datetime.now(UTC).isoformat()
            batch = [
                {"id": str(uuid4()), "seq": next(sequence), "code": next_text(),
                 "direction": "in", "scanned_at": now}
                for _ in range(each)
            ]  # fmt: skip
            body = json.dumps({"device_time": now, "scans": batch}).encode()
            yield Request("POST", f"/api/v1/points/{point}/scans", body, (*JSON, bearer))

    return requests


def commits_per_second(folder: Path) -> float:
    """Bare durable commits of one row, one after another: what the disk allows one writer."""
    link = sqlite3.connect(folder / "floor.sqlite3", isolation_level=None)
    for line in ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", "CREATE TABLE t (n)"):
        link.execute(line)
    began = time.perf_counter()
    for number in range(300):
        link.execute("INSERT INTO t VALUES (?)", (number,))
    link.close()
    return 300 / (time.perf_counter() - began)


def on(engine: str, size: int, seconds: float) -> dict[str, object]:
    with ExitStack() as stack:
        parent = ROOT / "build"
        parent.mkdir(exist_ok=True)
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=parent)))
        database = ""
        if engine == "postgresql":
            # On a real disk, under a path short enough for a socket, open to PostgreSQL's user.
            durable = Path(stack.enter_context(tempfile.TemporaryDirectory(dir="/var/tmp")))
            durable.chmod(0o755)
            cluster = stack.enter_context(postgres.start(durable=True, parent=durable))
            database = postgres.create_database(cluster, "bench")
        env = environment(folder, database)
        with running(env) as server:
            first = server.started_in
        secrets = prepare(env, folder, size)
        with running(env) as server:
            time.sleep(3)
            rest = {"first_start": first, "start": server.started_in,
                    "memory_mib": server.memory(), "processes": server.processes(),
                    "bare_commits": commits_per_second(folder)}  # fmt: skip
            say(f"{engine}: first start {first:.1f} s, later {server.started_in:.1f} s, "
                f"{rest['memory_mib']:.0f} MiB in {rest['processes']} processes at rest; "
                f"{rest['bare_commits']:.0f} bare commits/s")  # fmt: skip
            bench = Bench(engine, server, size, seconds)
            rest |= measure(bench, secrets, tickets(env, folder))
            listed = imports.measure(engine, server, size)
        rows = [asdict(row) for row in bench.rows]
        return {"engine": engine, **rest, "rows": rows, "import": listed}


def main() -> int:
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument("--size", type=int, default=20_000, help="registrations in the database")
    parser.add_argument("--seconds", type=float, default=5.0, help="length of each run")
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
    given = parser.parse_args()
    say(f"{'engine':<11}{'work':<26}{'cl.':>4}{'/s':>10}{'p50 ms':>9}{'p99 ms':>9}"
        f"{'cpu ms':>8}{'×idle':>8}{'odd':>6}")  # fmt: skip
    results = []
    for engine in ("sqlite", "postgresql"):
        if given.only in (None, engine):
            try:
                results.append(on(engine, given.size, given.seconds))
            except postgres.NoPostgres as reason:
                say(f"{engine}: left out, {reason}")
    report = ROOT / "build" / "bench.json"
    report.write_text(json.dumps(results, indent=1, ensure_ascii=False))
    say(f"Written to {report.relative_to(ROOT)}. odd: answers with another status than expected.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
