"""Synced before the first byte: the system calls of the server, read as they happen.

strace watches the server process while one client changes things in every way there is. SQLite
writes a commit to the write-ahead log and syncs it in the thread that ends the batch; so whichever
thread has written to the log must have synced it before an answer leaves.
"""

import asyncio
import re
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import quote
from uuid import UUID, uuid4

from tests.bench.reads import form_on
from tests.prove.harness import (
    SERIES,
    CannotRun,
    Client,
    Seen,
    Site,
    person,
    registered,
    site,
)

ROUNDS = 100
_CALLS = "fsync,fdatasync,pwrite64,write,writev,sendto,sendmsg"
_LINE = re.compile(r"^(\d+) +(.*)$")
_ANSWER = re.compile(r'"HTTP/1\.1 (\d\d\d)')
_NUMBER = re.compile(r"^\w+\((\d+)<([^>]*)>")


def run(engine: str, scale: float, faults: str) -> Seen:
    assert engine == "sqlite"
    if shutil.which("strace") is None:
        raise CannotRun("strace is not installed")
    with site(engine, faults=faults, EDUFORUM_MAIL_SERVER="") as place:
        place.command("sample", "people", "50", "--series", SERIES)
        place.start()
        trace = place.folder / "trace"
        [server] = place.workers()[-1:]
        watch = subprocess.Popen(
            ["strace", "-f", "-y", "-s", "24", "-e", f"trace={_CALLS}", "-o", str(trace),
             "-p", str(server)],
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        time.sleep(8)  # the worker's own thread shows itself while nobody asks for anything
        if watch.poll() is not None:
            raise CannotRun("strace may not watch processes here")
        idle = len(trace.read_text(errors="replace").splitlines())
        changes = asyncio.run(_changes(place, max(5, round(ROUNDS * scale))))
        changes += _forms(place, max(2, round(ROUNDS * scale / 5)))
        watch.send_signal(signal.SIGINT)
        watch.wait(20)
        found = read(trace, idle)
        place.stop()
    broken = [f"{found.early} answers left before the log was synced"] if found.early else []
    if found.answers < changes:
        broken.append(f"strace saw {found.answers} answers of {changes}")
    if found.syncs < changes // 2:
        broken.append(f"only {found.syncs} syncs for {changes} changes")
    figures = (
        f"{found.early} of {found.answers} answers 2xx and 3xx before the sync; "
        f"{found.writes} writes to the log, {found.syncs} syncs"
    )
    return Seen(figures, broken)


@dataclass(slots=True)
class Trace:
    """What was seen after the idle time."""

    answers: int = 0
    early: int = 0
    writes: int = 0
    syncs: int = 0
    dirty: set[str] = field(default_factory=set)


def read(path: Path, idle: int) -> Trace:
    """Go through the calls in their order; a call that another one interrupts counts when it ends
    (a sync) or when it begins (a write, an answer): never in the server's favour."""
    found, background, open_calls = Trace(), set[str](), dict[str, str]()
    for number, line in enumerate(path.read_text(errors="replace").splitlines()):
        split = _LINE.match(line)
        if split is None:
            continue
        thread, call = split[1], split[2]
        begins, ends = True, "<unfinished" not in call
        if call.startswith("<... "):
            call, begins = open_calls.pop(thread, ""), False
        elif not ends:
            open_calls[thread] = call
        if number < idle:
            if "-wal>" in call:
                background.add(thread)
            continue
        if thread not in background:
            _count(found, thread, call, begins=begins, ends=ends)
    return found


def _count(found: Trace, thread: str, call: str, *, begins: bool, ends: bool) -> None:
    on = _NUMBER.match(call)
    if on is None:
        return
    if on[2].endswith("-wal"):
        if call.startswith("pwrite64") and begins:
            found.writes += 1
            found.dirty.add(thread)
        elif call.startswith(("fsync", "fdatasync")) and ends:
            found.syncs += 1
            found.dirty.discard(thread)
    elif begins and (answer := _ANSWER.search(call)) and answer[1][0] in "23":
        found.answers += 1
        found.early += bool(found.dirty)


async def _changes(place: Site, rounds: int) -> int:
    """Register, withdraw, scan, one after another; how many changes were answered."""
    client = Client(place.port, place.token("register", "manage", "door"))
    text = place.rows("SELECT text FROM tickets WHERE standing = 'valid'")[0][0]
    point = place.arrival_point()
    done = 0
    for number in range(rounds):
        path = f"/api/v1/series/{SERIES}/registrations"
        made = await client.ask("POST", path, person(number), f"Idempotency-Key: {uuid4()}")
        assert made is not None
        assert made.status == 201, made
        gone = await client.ask(
            "POST", f"/api/v1/registrations/{UUID(registered(made))}/cancel", {"reason": "样本"}
        )
        now = datetime.now(UTC).isoformat()
        scan = {"id": str(uuid4()), "seq": 1, "code": text, "direction": "in", "scanned_at": now}
        body = {"device_time": now, "scans": [scan]}
        seen = await client.ask("POST", f"/api/v1/points/{point}/scans", body)
        assert all(one is not None and one.ok for one in (made, gone, seen)), (gone, seen)
        done += 3
    client.close()
    return done


def _forms(place: Site, rounds: int) -> int:
    """Ask for a lost link, as the public page does: answered with a redirect or a page."""
    done = 0
    for number in range(rounds):
        cookie, token = form_on(_Port(place.port), "/find", "Cookie: ")  # type: ignore[arg-type]
        body = (
            f"csrf_token={quote(token)}&name={quote('林知夏')}&contact=sample{number}@example.org"
        )
        link = HTTPConnection("127.0.0.1", place.port)
        head = {"Cookie": cookie.removeprefix("Cookie: "),
                "Content-Type": "application/x-www-form-urlencoded"}  # fmt: skip
        link.request("POST", "/find", body, head)
        done += link.getresponse().status in (200, 302, 303)
        link.close()
    return done


@dataclass(frozen=True)
class _Port:
    port: int
