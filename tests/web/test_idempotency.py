"""The same request twice makes one thing, on both databases."""

import threading
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from eduforum.core.db import db
from eduforum.events.models import Series
from eduforum.registration import services
from eduforum.registration.api import registrations
from eduforum.registration.models import Category, Registration
from eduforum.web.access import Scope
from eduforum.web.idempotency import KEPT, forget_old
from eduforum.web.models import IdempotentAnswer
from tests.factories import make_category, make_event, make_series
from tests.pages import BASE
from tests.programs import Program

PATH = "/series/tianjin/registrations"
BODY: dict[str, Any] = {
    "name": "林知夏",
    "mobile": "13900000123",
    "category": "observer",
    "events": ["forum"],
}
KEY = {"Idempotency_Key": "8e03978e-40d5-43dd-bc93-6894a57f9324"}


@pytest.fixture
def series(either_app: Flask) -> Series:
    return make_series(slug="tianjin")


@pytest.fixture
def category(series: Series) -> Category:
    return make_category(make_event(series=series, slug="forum"), code="observer", line=0)


@pytest.fixture
def public(either_app: Flask, category: Category) -> Program:
    return Program(either_app.test_client())


def count(kind: type) -> int:
    return db.session.execute(select(func.count()).select_from(kind)).scalar_one()


def test_the_stored_answer_is_given_again(public: Program) -> None:
    first = public.post(PATH, BODY, **KEY)
    again = public.post(PATH, dict(reversed(BODY.items())), **KEY)
    assert (again.status_code, again.get_json()) == (201, first.get_json())
    assert again.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.headers
    assert count(Registration) == 1


def test_the_store_tells_no_secret(public: Program) -> None:
    url = public.post(PATH, BODY, **KEY).get_json()["status_url"]
    (kept,) = db.session.scalars(select(IdempotentAnswer)).all()
    assert url.encode() not in kept.sealed_body
    assert KEY["Idempotency_Key"] not in kept.key


def test_another_body_is_refused(public: Program) -> None:
    public.post(PATH, BODY, **KEY)
    refused = public.post(PATH, BODY | {"name": "陈砚秋"}, **KEY)
    assert (refused.status_code, refused.get_json()["code"]) == (422, "idempotency-mismatch")
    assert count(Registration) == 1


def test_a_key_belongs_to_one_asker_and_one_address(public: Program, series: Series) -> None:
    other = make_series(slug="hebei")
    make_category(make_event(series=other, slug="forum"), code="observer")
    program = Program(public.client, Scope.REGISTER, series=series)

    public.post(PATH, BODY, **KEY)
    elsewhere = public.post("/series/hebei/registrations", BODY, **KEY)
    assert elsewhere.status_code == 201
    refused = program.post(PATH, BODY, **KEY)
    assert refused.get_json()["code"] == "already-registered"


def test_a_refusal_is_not_kept_but_what_it_wrote_is(public: Program, category: Category) -> None:
    public.post(PATH, BODY)
    refused = [public.post(PATH, BODY, **KEY).get_json()["code"] for _ in range(2)]
    assert refused == ["already-registered"] * 2
    assert count(IdempotentAnswer) == 0

    reminders = "registration-link"
    from_outbox = db.session.execute(
        db.text("SELECT count(*) FROM notices WHERE kind = :kind"), {"kind": reminders}
    ).scalar_one()
    assert from_outbox == 2


def test_a_mistake_may_be_mended_under_the_same_key(public: Program) -> None:
    wrong = public.post(PATH, BODY | {"mobile": "1"}, **KEY)
    right = public.post(PATH, BODY, **KEY)
    assert (wrong.status_code, right.status_code) == (422, 201)


@pytest.mark.parametrize("key", ["", "two words", "键", "k" * 256])
def test_a_key_that_is_none(public: Program, key: str) -> None:
    answer = public.client.post(
        f"/api/v1{PATH}",
        json=BODY,
        base_url=BASE,
        headers=[("Idempotency-Key", key.encode().decode("latin-1"))],
    )
    assert (answer.status_code, list(answer.get_json()["errors"])) == (422, ["Idempotency-Key"])
    assert count(Registration) == 0


def test_while_the_first_is_in_flight_the_second_waits_its_turn(
    public: Program, either_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside, go_on = threading.Event(), threading.Event()

    def slow(*args: Any, **kwargs: Any) -> Registration:
        inside.set()
        assert go_on.wait(20)
        return services.register(*args, **kwargs)

    monkeypatch.setattr(registrations, "register", slow)
    answers: list[int] = []

    def first() -> None:
        client = Program(either_app.test_client())
        answers.append(client.post(PATH, BODY, **KEY).status_code)

    thread = threading.Thread(target=first)
    thread.start()
    try:
        assert inside.wait(20)
        second = public.post(PATH, BODY, **KEY)
    finally:
        go_on.set()
        thread.join(20)
    assert (second.status_code, second.get_json()["code"]) == (409, "idempotency-in-flight")
    assert answers == [201]
    assert public.post(PATH, BODY, **KEY).status_code == 201
    assert count(Registration) == 1


def test_many_at_once_make_one(either_app: Flask, public: Program) -> None:
    answers: list[tuple[int, str]] = []

    def ask() -> None:
        answer = Program(either_app.test_client()).post(PATH, BODY, **KEY)
        answers.append((answer.status_code, answer.get_json().get("id", "")))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert {status for status, _ in answers} <= {201, 409}
    assert len({made for status, made in answers if status == 201}) == 1
    assert count(Registration) == 1


def test_old_answers_are_forgotten(public: Program, clock: time_machine.Traveller) -> None:
    public.post(PATH, BODY, **KEY)
    clock.shift(KEPT - timedelta(seconds=1))
    assert (forget_old(), count(IdempotentAnswer)) == (0, 1)
    clock.shift(timedelta(seconds=2))
    assert (forget_old(), count(IdempotentAnswer)) == (1, 0)
