"""A hub between its gates and the main server: two real servers, one truth in the end."""

import json
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen
from uuid import uuid4

import pytest
from flask import Flask

from eduforum.hub.rules import (
    HubError,
    NoAnswer,
    Refused,
    checked_url,
    is_final,
    pause_after,
)
from tests import needs, postgres
from tests.running import ROOT, Server, command, environment, running

SERIES = "jjj-2024"


@pytest.fixture
def clock() -> None:
    """The servers run on the machine's own time."""


@dataclass
class Api:
    """The API of one server for one token."""

    url: str
    token: str = ""

    def call(self, method: str, path: str, body: Any = None) -> Any:
        request = Request(
            f"{self.url}/api/v1{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={
                "Authorization": f"Bearer {self.token}",
                "Content-Type": "application/json",
                "Idempotency-Key": str(uuid4()),
            },
        )
        if not self.token:
            request.remove_header("Authorization")
        with urlopen(request, timeout=20) as answer:
            return json.loads(answer.read() or b"null")

    def person(self, name: str) -> str:
        """The text of the ticket of somebody who registered."""
        made = self.call(
            "POST",
            f"/series/{SERIES}/registrations",
            {
                "name": name, "category": "observer", "events": ["topics"],
                "mobile": f"139{uuid4().int % 10**8:08}", "consents": ["privacy"],
            },
        )  # fmt: skip
        text: str = self.call("GET", f"/registrations/{made['id']}")["ticket"]
        return text

    def arrival(self) -> dict[str, Any]:
        points = self.call("GET", f"/series/{SERIES}/points")["items"]
        found: dict[str, Any] = next(point for point in points if point["kind"] == "arrival")
        return found

    def scan(self, point: str, code: str, **more: Any) -> dict[str, Any]:
        now = datetime.now(UTC).isoformat()
        scan = {"id": str(uuid4()), "seq": 1, "code": code, "direction": "in", "scanned_at": now}
        body = {"epoch": "", "device_time": now, "scans": [scan | more]}
        found: dict[str, Any] = self.call("POST", f"/points/{point}/scans", body)["results"][0]
        return found


def gate(server: Server) -> Api:
    """A device that talks to this server."""
    printed = command(server.env, "devices", "enrol", "--series", SERIES)
    code = re.search(r"type (\w+)", printed)
    assert code
    address = f"http://127.0.0.1:{server.port}"
    made = Api(address).call("POST", "/devices:enrol", {"code": code[1], "name": "门"})
    return Api(address, made["token"])


@pytest.fixture(scope="module")
def main(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(environment(tmp_path_factory.mktemp("main"), EDUFORUM_MAIL_SERVER="")) as server:
        yield server


@pytest.fixture(scope="module")
def office(main: Server) -> Api:
    printed = command(
        main.env, "tokens", "add", "--scope", "manage", "--scope", "read", "--series", SERIES
    )
    token = re.search(r"\bef\w_\S+", printed)
    assert token
    return Api(f"http://127.0.0.1:{main.port}", token[0])


def hub_of(main: Server, folder: Path) -> dict[str, str]:
    """The environment of a hub that has pulled the series once."""
    env = environment(folder, EDUFORUM_MAIL_SERVER="")
    command(env, "db", "upgrade")
    code = re.search(r"type (\w+)", command(main.env, "devices", "enrol", "--series", SERIES))
    assert code
    address = f"http://127.0.0.1:{main.port}"
    told = command(env, "hub", "pull", "--from", address, "--code", code[1], "--name", "会场")
    assert told.startswith(f"{SERIES}: ")
    return env


def test_gates_go_on_at_the_hub_and_both_servers_agree(
    main: Server, office: Api, tmp_path: Path
) -> None:
    first, second, third = (office.person(f"样本{n}") for n in "甲乙丙")
    outside = gate(main)
    point = str(office.arrival()["id"])
    before = office.arrival()["admitted"]
    assert outside.scan(point, third)["verdict"] == "admitted"
    env = hub_of(main, tmp_path)
    with running(env) as hub:
        inside = gate(hub)
        assert str(inside.arrival()["id"]) == point
        admitted = inside.scan(point, first)
        assert (admitted["verdict"], admitted["ticket"]["name"]) == ("admitted", "样本甲")
        assert inside.scan(point, first)["verdict"] == "already_admitted"
        assert inside.scan(point, third)["verdict"] == "already_admitted"
        wrong = inside.scan(point, second)
        undone = inside.scan(point, "", direction="undo", undoes=wrong["id"])
        assert undone["verdict"] == "undone"
        forged = first[:40] + ("A" if first[40] != "A" else "B") + first[41:]
        assert inside.scan(point, forged)["verdict"] == "forged"
        assert office.arrival()["admitted"] == before + 1

        told = command(env, "hub", "push")
        assert Counter(re.findall(r"\d+ \w+", told)) == Counter(["5 stored", "1 quarantined"])
        assert "nothing to bring up" in command(env, "hub", "push")
        assert office.arrival()["admitted"] == before + 2
        assert outside.scan(point, first)["verdict"] == "already_admitted"

        fourth = office.person("样本丁")
        assert inside.scan(point, fourth)["verdict"] == "unknown"
        assert outside.scan(point, second)["verdict"] == "admitted"
        command(env, "hub", "pull")
        assert inside.scan(point, fourth)["verdict"] == "admitted"
        assert inside.scan(point, second)["verdict"] == "already_admitted"


def test_it_is_a_device_with_no_more_rights(main: Server, tmp_path: Path) -> None:
    env = hub_of(main, tmp_path)
    again = command(env, "hub", "pull")
    assert "0 admissions from elsewhere" in again
    with running(env) as hub, pytest.raises(HTTPError) as refusal:
        urlopen(f"http://127.0.0.1:{hub.port}/s/{SERIES}", timeout=20)
    with refusal.value as answer:
        assert answer.code == 404  # nobody registers at a hub


class Between(BaseHTTPRequestHandler):
    """A line that brings everything up and may lose the answer."""

    main = ""
    lose = 0

    def do_GET(self) -> None:
        self._pass_on(None)

    def do_POST(self) -> None:
        self._pass_on(self.rfile.read(int(self.headers["Content-Length"])))

    def _pass_on(self, body: bytes | None) -> None:
        names = ("Authorization", "Content-Type", "Accept")
        request = Request(
            f"{self.main}{self.path}", body, method=self.command,
            headers={name: self.headers[name] for name in names if self.headers[name]},
        )  # fmt: skip
        with urlopen(request, timeout=20) as answer:
            status, told = answer.status, answer.read()
        if self.command == "POST" and type(self).lose:
            type(self).lose -= 1
            self.close_connection = True
            return
        self.send_response(status)
        self.send_header("Content-Length", str(len(told)))
        self.end_headers()
        self.wfile.write(told)

    def log_message(self, *_: Any) -> None:
        pass


def test_it_goes_on_by_itself_loses_nothing_and_ends_when_told(
    main: Server, office: Api, tmp_path: Path
) -> None:
    """On PostgreSQL, over a line that loses answers, to a main server whose history is replaced."""
    try:
        database = postgres.create_database(postgres.shared_url(), f"hub_{uuid4().hex}")
    except postgres.NoPostgres as reason:
        needs.require_or_skip("postgres", str(reason))
    Between.main = f"http://127.0.0.1:{main.port}"
    line = ThreadingHTTPServer(("127.0.0.1", 0), Between)
    Thread(target=line.serve_forever, daemon=True).start()
    env = environment(tmp_path, database, EDUFORUM_MAIL_SERVER="")
    command(env, "db", "upgrade")
    code = re.search(r"type (\w+)", command(main.env, "devices", "enrol", "--series", SERIES))
    assert code
    address = f"http://127.0.0.1:{line.server_port}"
    command(env, "hub", "pull", "--from", address, "--code", code[1])
    point, before = str(office.arrival()["id"]), office.arrival()["admitted"]
    tickets = [office.person(f"样本{n}") for n in "戊己庚"]
    command(env, "hub", "pull")
    told = tmp_path / "told"
    with running(env) as hub, told.open("wb") as out:
        inside = gate(hub)
        pushing = subprocess.Popen(
            [sys.executable, "-u", "-m", "flask", "--app", "app", "hub", "push", "--every", "5"],
            cwd=ROOT, env=env, stdout=out, stderr=out,
        )  # fmt: skip
        wait_for(lambda: "nothing to bring up" in told.read_text())
        Between.lose = 1
        for ticket in tickets[:2]:
            assert inside.scan(point, ticket)["verdict"] == "admitted"
        wait_for(lambda: "does not answer" in told.read_text())
        wait_for(lambda: re.search(r"already_stored", told.read_text()))
        wait_for(lambda: office.arrival()["admitted"] == before + 2)
        renew = (
            "from eduforum.factory import create_app as c; from eduforum.checkin import services"
        )
        subprocess.run(
            [sys.executable, "-c", f"{renew} as s\nwith c().app_context(): s.renew_epochs()"],
            cwd=ROOT, env=main.env, check=True,
        )  # fmt: skip
        assert inside.scan(point, tickets[2])["verdict"] == "admitted"
        wait_for(lambda: office.arrival()["admitted"] == before + 3)
        pushing.send_signal(signal.SIGTERM)
        assert pushing.wait(20) == 0
    lines = told.read_text().splitlines()
    assert (
        len([line for line in lines if "nothing to bring up" in line]) <= 3
    )  # said once each time
    line.shutdown()
    line.server_close()
    points = office.call("GET", f"/series/{SERIES}/points")["items"]
    assert next(one["times"] for one in points if one["id"] == point) >= 3
    assert office.arrival()["admitted"] == before + 3


def wait_for(look: Callable[[], object], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not look():
        assert time.monotonic() < end, "nothing came"
        time.sleep(0.2)


def test_it_asks_less_often_while_nobody_answers() -> None:
    assert [pause_after(30, misses) for misses in range(6)] == [30, 60, 120, 240, 300, 300]
    assert pause_after(3600, 4) == 3600
    assert is_final(Refused(401, "token-missing", ""))
    assert not is_final(Refused(429, "too-often", ""))
    assert not is_final(NoAnswer(""))


@pytest.mark.parametrize(
    "url", ["http://forum.example.org", "ftp://x", "https://", "https://x.example/s", "x"]
)
def test_its_secret_goes_over_https_only(url: str) -> None:
    with pytest.raises(HubError):
        checked_url(url)
    assert checked_url("https://forum.example.org/") == "https://forum.example.org"


def test_the_commands_say_what_is_missing(app: Flask) -> None:
    runner = app.test_cli_runner()
    assert "no hub yet" in runner.invoke(args=["hub", "push"]).output
    assert "--code" in runner.invoke(args=["hub", "pull", "--from", "https://x.example"]).output
    away = runner.invoke(args=["hub", "pull", "--from", "http://127.0.0.1:9", "--code", "x"])
    assert "does not answer" in away.output
