"""The main road through the doors that programs use: load, register, deliver, scan, report."""

import re
from pathlib import Path
from uuid import uuid4

import time_machine
from flask import Flask
from flask.testing import FlaskClient

from eduforum.core import clock as time

SAMPLE = Path(__file__).parents[2] / "eduforum" / "site" / "sample" / "jjj-education-2024.yaml"
BASE = "https://forum.example.org"
API = "/api/v1/series/jjj-2024"


def run(app: Flask, *arguments: str) -> str:
    result = app.test_cli_runner().invoke(args=list(arguments))
    assert result.exit_code == 0, result.output
    return result.output


def test_from_registration_to_attendance(
    app: Flask, client: FlaskClient, clock: time_machine.Traveller
) -> None:
    run(app, "series", "load", str(SAMPLE), "--on", "2027-03-15")
    given = [word for scope in ("read", "door", "manage") for word in ("--scope", scope)]
    printed = run(app, "tokens", "add", *given, "--series", "jjj-2024", "--name", "journey")
    token = re.search(r"ef\w_[\w-]{20,}", printed)
    assert token
    bearer = {"Authorization": f"Bearer {token[0]}"}

    made = client.post(
        f"{API}/registrations",
        base_url=BASE,
        json={
            "name": " 林 知夏 ",
            "organisation": "天津一中",
            "category": "observer",
            "events": ["topics", "basic-education-forum"],
            "mobile": "139 0000 0123",
        },
    )
    assert (made.status_code, made.get_json()["state"]) == (201, "confirmed")
    page = client.get(made.get_json()["status_url"].removeprefix(BASE), base_url=BASE)
    assert "林知夏" in page.text
    assert "天津市第一中学" in page.text

    found = client.get(
        f"/api/v1/registrations/{made.get_json()['id']}", base_url=BASE, headers=bearer
    )
    ticket = found.get_json()["ticket"]
    points = client.get(f"{API}/points", base_url=BASE, headers=bearer).get_json()["items"]
    arrival = next(point for point in points if point["kind"] == "arrival")
    forum = next(point for point in points if point["events"] == ["basic-education-forum"])
    other = next(point for point in points if point["events"] == ["higher-education-forum"])

    def scan(point: dict[str, str]) -> str:
        now = time.now().isoformat()
        one = {"id": str(uuid4()), "seq": 1, "code": ticket, "direction": "in", "scanned_at": now}
        sent = client.post(
            f"/api/v1/points/{point['id']}/scans",
            base_url=BASE,
            headers=bearer,
            json={"device_time": now, "scans": [one]},
        )
        assert sent.status_code == 200, sent.text
        verdict: str = sent.get_json()["results"][0]["verdict"]
        return verdict

    clock.move_to("2027-03-15T06:05:00+00:00")  # five past two in Tianjin
    assert [scan(arrival), scan(arrival)] == ["admitted", "already_admitted"]
    assert scan(other) == "not_entitled"
    assert scan(forum) == "admitted"

    rows = client.get(f"{API}/attendance", base_url=BASE, headers=bearer).get_json()["items"]
    counted = {
        row["event"]: (row["expected"], row["present"], row["absent"], row["not_yet"])
        for row in rows
        if not row.get("session") and not row.get("category") and not row.get("delegation")
    }
    assert counted["basic-education-forum"] == (1, 1, 0, 0)
    assert counted["topics"] == (1, 0, 1, 0)  # it ended without him
    assert counted["higher-education-forum"] == (0, 0, 0, 0)
