"""Webhooks as programs make, list and end them."""

from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from eduforum.events import grants
from eduforum.events.models import Series
from eduforum.web.access import Scope
from tests.factories import make_series
from tests.programs import Program, assert_answer

ANSWERS = Path(__file__).parent / "answers"
HOOK = {"url": "https://hooks.example.org/eduforum", "types": ["registration.confirmed"]}


@pytest.fixture
def series(app: Flask) -> Series:
    app.config["WEBHOOK_HOSTS"] = "hooks.example.org"
    return make_series(slug="tianjin")


@pytest.fixture
def program(client: FlaskClient, series: Series) -> Program:
    return Program(client, Scope.MANAGE, series=series)


def test_the_secret_is_told_once(program: Program) -> None:
    made = program.post("/webhooks", HOOK)
    body = made.get_json()
    names = {"id": body["id"], "secret": body["secret"]}
    assert_answer(made, ANSWERS / "webhook.json", names)
    assert body["secret"].startswith("whsec_")

    listed = program.get("/webhooks").get_json()
    assert listed["items"] == [{k: v for k, v in body.items() if k != "secret"}]


def test_an_ended_webhook_is_gone(program: Program) -> None:
    hook = program.post("/webhooks", HOOK).get_json()["id"]
    assert program.delete(f"/webhooks/{hook}").status_code == 204
    assert program.get("/webhooks").get_json()["items"] == []
    assert program.delete(f"/webhooks/{hook}").status_code == 404


def test_a_foreign_webhook_does_not_exist(client: FlaskClient, program: Program) -> None:
    hook = program.post("/webhooks", HOOK).get_json()["id"]
    foreign = Program(client, Scope.MANAGE, series=make_series())
    assert foreign.get("/webhooks").get_json()["items"] == []
    assert foreign.delete(f"/webhooks/{hook}").status_code == 404


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "url"),
        ({"url": "http://hooks.example.org/"}, "url"),
        ({"url": "https://elsewhere.example.org/"}, "url"),
        (HOOK | {"types": ["Everything"]}, "types.0"),
        (HOOK | {"types": "registration.confirmed"}, "types"),
        (HOOK | {"secret": "mine"}, "secret"),
        (HOOK | {"series": "nowhere"}, "series"),
    ],
)
def test_a_webhook_that_cannot_be(program: Program, body: dict[str, Any], field: str) -> None:
    answer = program.post("/webhooks", body)
    assert (answer.status_code, list(answer.get_json()["errors"])) == (422, [field])
    assert program.get("/webhooks").get_json()["items"] == []


def test_a_program_of_two_series_names_the_one(client: FlaskClient, series: Series) -> None:
    other = make_series(slug="hebei")
    _, secret = grants.add_token("both", [Scope.MANAGE], [series.id, other.id])
    program = Program(client)
    program.headers = {"Authorization": f"Bearer {secret}"}

    assert program.post("/webhooks", HOOK).status_code == 422
    made = program.post("/webhooks", HOOK | {"series": "hebei"})
    assert (made.status_code, made.get_json()["series"]) == (201, "hebei")
