"""What the runs share: a server that can be killed, clients that keep a log, the final comparison.

Every client chooses its own ids and writes down what it asked and what it was told: *ok*, *refused*
or *unknown* (no answer came). Faults are injected meanwhile. At the end the sets are compared with
the database: everything that was told ok is there, nothing is there twice, no limit was passed.
"""

import asyncio
import contextlib
import json
import os
import random
import re
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg

from tests import postgres
from tests.running import COMMAND, ROOT, environment, family_of

SERIES = "prove"
JSON = "Content-Type: application/json"
LONGEST = 30.0
"""Seconds after which a client gives up on an answer."""
_UNREACHABLE = (OSError, asyncio.IncompleteReadError, EOFError)


class CannotRun(Exception):
    """This machine lacks something that the run needs; the message says what."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a run saw, in figures, and every way in which the promise was broken."""

    figures: str
    broken: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 400

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(slots=True)
class History:
    """What the clients were told, by the id they chose."""

    ok: dict[str, Any] = field(default_factory=dict)
    refused: dict[str, int] = field(default_factory=dict)
    unknown: set[str] = field(default_factory=set)

    def note(self, name: str, answer: Answer | None, kept: Callable[[Answer], Any]) -> None:
        if answer is None:
            self.unknown.add(name)
        elif answer.ok:
            self.ok[name] = kept(answer)
        else:
            self.refused[name] = answer.status

    def statuses(self) -> str:
        counts: dict[int, int] = {}
        for status in self.refused.values():
            counts[status] = counts.get(status, 0) + 1
        return ", ".join(f"{n} × {status}" for status, n in sorted(counts.items())) or "none"

    def server_errors(self) -> list[str]:
        """Answers that no fault excuses: a full disk says 503, a crash says nothing."""
        wrong = [status for status in self.refused.values() if status >= 500 and status != 503]
        return [f"{len(wrong)} answers {wrong[0]}"] if wrong else []


class Client:
    """One connection that is opened again when it breaks, as browsers and phones do."""

    def __init__(self, port: int, *head: str, address: str = "127.0.0.1") -> None:
        self.port, self.head, self.address = port, head, address
        self._link: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, method: str, path: str, body: object = None, *head: str) -> Answer | None:
        """Ask once. None: it was sent, and no answer came."""
        content = b"" if body is None else json.dumps(body).encode()
        lines = [f"{method} {path} HTTP/1.1", f"Host: {self.address}", JSON, *self.head, *head]
        lines.append(f"Content-Length: {len(content)}")
        reader, writer = await self.connected()
        try:
            writer.write(("\r\n".join(lines) + "\r\n\r\n").encode() + content)
            async with asyncio.timeout(LONGEST):
                answer, closes = await _answer(reader)
        except (*_UNREACHABLE, TimeoutError):
            self.close()
            return None
        if closes:
            self.close()
        return answer

    async def connected(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A connection; waits for the server while there is none."""
        while self._link is None:
            try:
                self._link = await asyncio.open_connection(self.address, self.port)
            except OSError:
                await asyncio.sleep(0.05)
        return self._link

    def close(self) -> None:
        if self._link is not None:
            self._link[1].close()
            self._link = None


async def _answer(reader: asyncio.StreamReader) -> tuple[Answer, bool]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    fields = dict(line.split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line)
    if fields.get("transfer-encoding") == "chunked":
        body = b""
        while size := int(await reader.readline(), 16):
            body += await reader.readexactly(size)
            await reader.readline()
        await reader.readline()
    else:
        body = await reader.readexactly(int(fields.get("content-length", "0")))
    return Answer(int(head[9:12]), body), fields.get("connection") == "close"


class Site:
    """An installation of its own with a series, and a server that may be killed at any time.

    Whoever kills it is the crash; `keeper` is the service manager that starts it again.
    """

    def __init__(self, folder: Path, uri: str, **settings: str) -> None:
        self.folder, self.uri = folder, uri
        self.env = environment(folder, uri, **settings)
        self.port = int(self.env["PORT"])
        self.process: subprocess.Popen[bytes] | None = None
        self._stop = threading.Event()
        self.starts = 0
        self.entry: Sequence[str] = COMMAND[1:]
        self.launcher: Sequence[str] = ()
        self.address = "127.0.0.1"

    @property
    def base(self) -> str:
        return f"http://{self.address}:{self.port}"

    def start(self) -> None:
        """Start, and start again whenever it has ended, until `stop`."""
        self._stop.clear()
        self.keeper = threading.Thread(target=self._keep, daemon=True)
        self.keeper.start()
        self.wait_ready()

    def stop(self) -> None:
        self._stop.set()
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.kill_all()
        self.keeper.join(30)

    def wait_ready(self, seconds: float = 120) -> float:
        """Seconds until /readyz answers."""
        began = time.monotonic()
        while time.monotonic() - began < seconds:
            with suppress(OSError):
                urllib.request.urlopen(f"{self.base}/readyz", timeout=2).close()
                return time.monotonic() - began
            time.sleep(0.05)
        raise RuntimeError("The server was not ready in time.")

    def workers(self) -> list[int]:
        """The server processes below the supervisor."""
        return family_of(self.process.pid)[1:] if self.process else []

    def kill_one(self) -> None:
        """`kill -9` of one server process, or of all when there is none yet."""
        found = self.workers()
        if not found:
            self.kill_all()
            return
        with suppress(ProcessLookupError):
            os.kill(random.choice(found), signal.SIGKILL)

    def kill_all(self) -> None:
        """`kill -9` of everything at once."""
        if self.process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)

    def end_for_good(self) -> None:
        """`kill -9` of everything, and nobody starts it again."""
        self._stop.set()
        self.kill_all()

    def command(
        self, *arguments: str, check: bool = True, typed: str | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run `flask --app app …` beside the server. typed: what it reads."""
        return subprocess.run(
            [sys.executable, "-m", "flask", "--app", "app", *arguments],
            cwd=ROOT, env=self.env, check=check, capture_output=True, text=True,
            input=typed,
        )  # fmt: skip

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Read the database beside the server."""
        if self.uri:
            with psycopg.connect(self.uri.replace("+psycopg", "")) as link:
                return link.execute(query).fetchall()
        with contextlib.closing(sqlite3.connect(self.folder / "eduforum.sqlite3")) as file:
            return file.execute(query).fetchall()

    def change(self, statement: str) -> None:
        """Change the database while the server is stopped."""
        if self.uri:
            with psycopg.connect(self.uri.replace("+psycopg", "")) as link:
                link.execute(statement)
            return
        with contextlib.closing(sqlite3.connect(self.folder / "eduforum.sqlite3")) as file:
            file.execute(statement)
            file.commit()

    def ids(self, table: str) -> set[str]:
        """The ids of a table, without hyphens."""
        return {str(one).replace("-", "") for (one,) in self.rows(f"SELECT id FROM {table}")}

    def arrival_point(self) -> str:
        """The id of the first point where people arrive, as addresses have it."""
        rows = self.rows("SELECT id FROM points WHERE kind = 'arrival' ORDER BY id")
        return str(UUID(str(rows[0][0])))

    def audit(self, *options: str) -> list[str]:
        """What `flask audit` finds broken."""
        ended = self.command("audit", "--json", *options, check=False)
        try:
            answer = json.loads(ended.stdout)
        except ValueError:
            return [f"flask audit failed: {ended.stderr.strip()[-200:]}"]
        found = [f"audit: {one['says']} ({one['broken']})"
                 for one in answer["invariants"] if one["broken"]]  # fmt: skip
        if not self.uri:
            found += [f"integrity: {word}" for (word,) in self.rows("PRAGMA integrity_check")
                      if word != "ok"]  # fmt: skip
        return found

    def token(self, *scopes: str) -> str:
        """A header with a new token."""
        words = [word for scope in scopes for word in ("--scope", scope)]
        printed = self.command("tokens", "add", *words, "--series", SERIES, "--name", "prove")
        found = re.search(r"ef\w_[\w-]{20,}", printed.stdout)
        assert found, printed.stdout
        return f"Authorization: Bearer {found[0]}"

    def _keep(self) -> None:
        while not self._stop.is_set():
            with (self.folder / "server.log").open("ab") as out:
                self.process = subprocess.Popen(
                    [*self.launcher, sys.executable, *self.entry],
                    cwd=ROOT,
                    env=self.env,
                    start_new_session=True,
                    stdout=out,
                    stderr=out,
                )
            self.starts += 1
            self.process.wait()
            if not self._stop.is_set():
                time.sleep(0.1)


def series_file(folder: Path, categories: Sequence[tuple[str, int]]) -> Path:
    """A series with one event per category, each with that many seats and no waiting list."""
    sample = {"day": 1, "starts": "09:00", "ends": "17:00", "room": "主会场", "seats": 1_000_000}
    events = [
        {"slug": f"event-{code}", "kind": "forum", "sample": sample, "zh": f"论坛 {code}",
         "en": f"Forum {code}"}
        for code, _ in categories
    ]  # fmt: skip
    content = {
        "host_regions": [{"code": "12", "zh": "天津市", "en": "Tianjin"}],
        "series": [
            {
                "slug": SERIES, "zh": "验证系列", "en": "Series to prove", "host": "天津市",
                "time_zone": "Asia/Shanghai", "events": events,
                "sample_categories": [
                    {"code": code, "zh": f"旁听 {code}", "en": f"Visitor {code}",
                     "admission": "open", "seats": seats, "events": [f"event-{code}"]}
                    for code, seats in categories
                ],
            }
        ],
        "organisations": [{"zh": "天津大学", "region": "天津市", "type": "university"}],
    }  # fmt: skip
    path = folder / "prove.yaml"
    path.write_text(json.dumps(content, ensure_ascii=False))  # JSON is YAML
    return path


@contextmanager
def site(
    engine: str,
    categories: Sequence[tuple[str, int]] = (("visitor", 1_000_000),),
    *,
    faults: str = "",
    folder: Path | None = None,
    **settings: str,
) -> Iterator[Site]:
    """A migrated installation with the series, not started yet; stopped and removed at the end.

    folder: the data directory, when it must be on a certain disk. Raises `CannotRun`.
    """
    with ExitStack() as stack:
        parent = ROOT / "build"
        parent.mkdir(exist_ok=True)
        around = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=parent)))
        uri = stack.enter_context(database(engine))
        if faults:
            settings |= {"EDUFORUM_TESTING": "true", "EDUFORUM_TEST_FAULTS": faults}
        made = Site(folder or around, uri, EDUFORUM_BACKUP_AT="", **settings)
        made.command("db", "upgrade")
        day_1 = (datetime.now(UTC) + timedelta(days=5)).date().isoformat()
        made.command("series", "load", str(series_file(around, categories)), "--on", day_1)
        made.change("UPDATE pools SET waiting_limit = 0")
        try:
            yield made
        finally:
            if made.process is not None:
                made.stop()


@contextmanager
def database(engine: str) -> Iterator[str]:
    if engine == "sqlite":
        yield ""
        return
    try:
        with tempfile.TemporaryDirectory(dir="/var/tmp") as durable:
            Path(durable).chmod(0o755)
            with postgres.start(durable=True, parent=Path(durable)) as cluster:
                yield postgres.create_database(cluster, "prove")
    except postgres.NoPostgres as reason:
        raise CannotRun(str(reason)) from None


def person(number: int, category: str = "visitor") -> dict[str, Any]:
    """What somebody sends to register; another number is another person."""
    return {
        "name": "林知夏",
        "category": category,
        "events": [f"event-{category}"],
        "mobile": f"+86139{number:08}",
        "email": f"sample{number}@example.org",
        "organisation": "天津大学",
    }


def registered(answer: Answer) -> str:
    """The id in the answer to a registration, without hyphens."""
    return str(answer.json()["id"]).replace("-", "")


def together(*tasks: Coroutine[Any, Any, Any]) -> None:
    """Run coroutines at once until all have ended."""

    async def _all() -> None:
        await asyncio.gather(*tasks)

    asyncio.run(_all())


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
