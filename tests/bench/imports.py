"""`python -m tests.bench.imports [--rows N] [--only sqlite|postgresql]`: a long list while people look.

Uploads N people at the desk, confirms, and waits for the end, while one visitor reads the public
pages and another registers one person after the other. Says how long it took from the upload to
the last queued letter, what the server's memory grew to, and how the visitors were served.
"""

import argparse
import io
import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from uuid import uuid4

import xlsxwriter
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from tests import postgres
from tests.bench.measuring import SERIES, say
from tests.bench.reads import form_on, sign_in
from tests.bench.series import series_file
from tests.running import ROOT, Server, command, environment, running

_LOOK = 0.5
_PAUSE = 0.05
_SURNAMES, _GIVEN = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨", "知夏明远文静思源国华志强雅琴海燕"


def workbook(size: int) -> bytes:
    """A list with nothing wrong in it: names, units, mobiles as numbers, e-mail addresses."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"constant_memory": True}) as book:
        page = book.add_worksheet("名单")
        page.write_row(0, 0, ["序号", "姓名", "单位", "职务", "手机", "邮箱"])
        for n in range(size):
            name = _SURNAMES[n % 16] + _GIVEN[n // 16 % 16] + _GIVEN[n // 256 % 16]
            cells = [n + 1, name, f"第{n % 900}中学", "教师", 13_000_000_000 + n]
            page.write_row(n + 1, 0, [*cells, f"p{n}@example.org"])
    return file.getvalue()


class Visitors:
    """Somebody who reads and somebody who registers, again and again; how long each waited."""

    def __init__(self, port: int) -> None:
        self.port, self._stop = port, threading.Event()
        self.times: dict[str, list[float]] = {"read": [], "register": []}
        self.failed = 0
        works = {"read": self._read, "register": self._register}
        self._threads = [threading.Thread(target=self._again, args=item) for item in works.items()]

    def __enter__(self) -> "Visitors":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _again(self, kind: str, ask: Callable[[], bool]) -> None:
        while not self._stop.wait(_PAUSE):
            began = time.perf_counter()
            self.failed += not ask()
            self.times[kind].append(1000 * (time.perf_counter() - began))

    def _read(self) -> bool:
        return ask(self.port, "GET", f"/s/{SERIES}?n={uuid4().hex}")[0] == 200

    def _register(self) -> bool:
        body = {"name": "林知夏", "category": "visitor", "events": ["event-1"],
                "email": f"{uuid4().hex}@example.org"}  # fmt: skip
        path = f"/api/v1/series/{SERIES}/registrations"
        head = {"Content-Type": "application/json"}
        return ask(self.port, "POST", path, json.dumps(body).encode(), head)[0] == 201


def ask(
    port: int, method: str, path: str, body: bytes = b"", head: Mapping[str, str] | None = None
) -> tuple[int, str, bytes]:
    """Status, Location and body of one answer."""
    link = HTTPConnection("127.0.0.1", port, timeout=120)
    link.request(method, path, body, dict(head or {}))
    answer = link.getresponse()
    return answer.status, answer.headers.get("Location") or "", answer.read()


class Desk:
    """The first administrator, signed in at the page of imports."""

    def __init__(self, server: Server) -> None:
        self.port = server.port
        password = (Path(server.env["EDUFORUM_DATA_DIR"]) / "admin_password").read_text()
        cookie = sign_in(server, "admin@localhost", password)
        self.root = f"/desk/s/{SERIES}/imports"
        cookie, self._token = form_on(server, self.root, cookie)
        self._cookie = cookie.removeprefix("Cookie: ")

    def post(self, path: str, fields: Mapping[str, Any]) -> str:
        """Where the answer leads."""
        boundary, body = encode_multipart({"csrf_token": self._token} | dict(fields))
        kind = f"multipart/form-data; boundary={boundary}"
        head = {"Cookie": self._cookie, "Content-Type": kind}
        status, place, text = ask(self.port, "POST", path, body, head)
        assert status == 303, (status, text.decode()[:3000])
        return place

    def progress(self, place: str) -> str:
        _, _, text = ask(self.port, "GET", f"{place}/progress", head={"Cookie": self._cookie})
        return str(json.loads(text)["state"])


def measure(engine: str, server: Server, size: int) -> dict[str, Any]:
    """Import `size` people, and say how long it took and how others were served meanwhile."""
    desk, data = Desk(server), io.BytesIO(workbook(size))
    most, state = server.memory(), ""
    reached: dict[str, float] = {}
    with worker(server), Visitors(server.port) as visitors:
        began = time.perf_counter()
        fields = {"category": "visitor", "events": "event-1", "then": "confirmed", "letters": "y",
                  "file": FileStorage(data, "list.xlsx")}  # fmt: skip
        place = desk.post(desk.root, fields)
        reached["uploaded"] = time.perf_counter() - began
        while state not in ("done", "refused", "discarded"):
            if (now := desk.progress(place)) != state:
                state = now
                reached[state] = time.perf_counter() - began
                if state == "checked":
                    desk.post(f"{place}/commit", {})
            most = max(most, server.memory())
            time.sleep(_LOOK)
    marks = ", ".join(f"{name} {at:.1f} s" for name, at in reached.items())
    say(f"{engine}: {size} people imported ({marks}; they are published when telling begins)")
    say(f"  memory at most {most:.0f} MiB; answers that failed: {visitors.failed}")
    served = {}
    for kind, times in visitors.times.items():
        ordered = sorted(times)
        served[kind] = {"answers": len(times), "p95": ordered[int(len(ordered) * 0.95)],
                        "longest": ordered[-1]}  # fmt: skip
        say("  {0}: {answers} answers, p95 {p95:.0f} ms, longest {longest:.0f} ms".format(
            kind, **served[kind]))  # fmt: skip
    return {"people": size, "reached": reached, "memory_mib": most, "failed": visitors.failed,
            "served": served}  # fmt: skip


@contextmanager
def worker(server: Server) -> Iterator[None]:
    """The process that works on PostgreSQL; on SQLite the server has one inside."""
    if "EDUFORUM_SQLALCHEMY_DATABASE_URI" not in server.env:
        yield
        return
    process = subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", "app", "worker"], cwd=ROOT, env=server.env,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield
    finally:
        process.terminate()
        process.wait(20)


def on(engine: str, size: int) -> None:
    with ExitStack() as stack:
        parent = ROOT / "build"
        parent.mkdir(exist_ok=True)
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=parent)))
        database = ""
        if engine == "postgresql":
            durable = Path(stack.enter_context(tempfile.TemporaryDirectory(dir="/var/tmp")))
            durable.chmod(0o755)
            cluster = stack.enter_context(postgres.start(durable=True, parent=durable))
            database = postgres.create_database(cluster, "bench")
        env = environment(folder, database)
        with running(env):
            day = datetime.now(UTC) + timedelta(days=30)
            command(env, "series", "load", str(series_file(folder)), "--on", f"{day:%Y-%m-%d}")
        with running(env) as server:
            measure(engine, server, size)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.imports")
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
    given = parser.parse_args()
    for engine in ("sqlite", "postgresql"):
        if given.only in (None, engine):
            on(engine, given.rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
