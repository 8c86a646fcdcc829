"""Lists through the API: checked, or checked and registered, in one call."""

import io
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from eduforum.events.models import Series
from eduforum.imports.models import Import, ImportRow
from eduforum.registration.models import Category, Registration
from eduforum.registration.rules import State
from eduforum.tickets.models import Ticket
from eduforum.web.access import Scope
from tests.factories import make_category, make_event, make_series
from tests.imports.lists import FANG, LIN, LU, count, people, workbook
from tests.pages import BASE
from tests.programs import API, Program, assert_answer

ANSWERS = Path(__file__).parent / "answers"


@pytest.fixture
def series(app: Flask) -> Series:
    return make_series(slug="tianjin")


@pytest.fixture
def observer(series: Series) -> Category:
    return make_category(make_event(series=series, slug="forum"), code="observer", seats=3)


@pytest.fixture
def manager(client: FlaskClient, series: Series, observer: Category) -> Program:
    return Program(client, Scope.MANAGE, series=series)


def send(
    program: Program, data: bytes | None, name: str = "list.xlsx", **fields: Any
) -> TestResponse:
    given: dict[str, Any] = {"category": "observer", "events": ["forum"]} | fields
    if data is not None:
        given["file"] = (io.BytesIO(data), name)
    return program.client.post(
        f"{API}/series/tianjin/registrations:import",
        data=given,
        content_type="multipart/form-data",
        headers=program.headers,
        base_url=BASE,
    )


def test_dry_run_says_what_would_happen_and_stores_nothing(manager: Program) -> None:
    bad = ("方之春", "", "", "123", "x")
    answer = send(manager, workbook(LIN, LIN, bad), dry_run="true")
    assert_answer(answer, ANSWERS / "dry_run.json", {})
    assert [count(one) for one in (Registration, Ticket, ImportRow)] == [0, 0, 0]


def test_everybody_is_registered_and_again_nobody(manager: Program) -> None:
    answer = send(manager, workbook(LIN, LU))
    found = people()
    ids = {one.name: one.id for one in found}
    assert_answer(answer, ANSWERS / "imported.json", {"lin": ids["林知夏"], "lu": ids["陆之秋"]})
    assert {one.state for one in found} == {State.CONFIRMED}
    again = send(manager, workbook(LIN, LU))
    assert_answer(again, ANSWERS / "again.json", {"lin": ids["林知夏"], "lu": ids["陆之秋"]})
    assert count(Registration) == 2
    assert count(ImportRow) == 0


def test_every_bad_cell_is_named(manager: Program) -> None:
    answer = send(manager, workbook(LIN, ("", "", "", "123", ""), ("方之春", "", "", "", "x@")))
    assert_answer(answer, ANSWERS / "refused.json", {})
    assert count(Registration) == 0


def test_too_few_seats_name_the_pool(manager: Program) -> None:
    fourth = ("何之冬", "", "", "13900000104", "")
    answer = send(manager, workbook(LIN, LU, FANG, fourth))
    assert_answer(answer, ANSWERS / "full.json", {})
    assert count(Registration) == 0
    assert count(Import, state="discarded") == 1


def test_review_and_letters(manager: Program) -> None:
    assert send(manager, workbook(LIN), review="true", letters="false").status_code == 200
    assert [one.state for one in people()] == [State.SUBMITTED]


@pytest.mark.parametrize(
    ("data", "fields", "where"),
    [
        (None, {}, "file"),
        (b"PK\x03\x04 broken", {}, "file"),
        (workbook(LIN), {"dry_run": "maybe"}, "dry_run"),
        (workbook(LIN), {"dryrun": "true"}, "dryrun"),
    ],
)
def test_what_cannot_be_read_is_said_beside_its_field(
    manager: Program, data: bytes | None, fields: dict[str, str], where: str
) -> None:
    answer = send(manager, data, **fields)
    assert answer.status_code == 422
    assert list(answer.get_json()["errors"]) == [where]
    assert count(Registration) == 0


def test_only_who_manages_the_series_may(client: FlaskClient, manager: Program) -> None:
    other = Program(client, Scope.MANAGE, series=make_series(slug="beijing"))
    assert send(other, workbook(LIN)).status_code == 404
    assert send(Program(client), workbook(LIN)).status_code == 401
