"""People who come without having registered: a ticket at once, exact seats, no second registration."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from eduforum.checkin.models import Device, Point, Scan
from eduforum.checkin.rules import Verdict
from eduforum.checkin.services import enrol, new_enrol_code
from eduforum.core.audit import AuditEntry
from eduforum.core.db import db
from eduforum.events.models import Series
from eduforum.registration.models import Pool, Registration
from eduforum.registration.rules import PoolFull, State
from eduforum.walkins.rules import KnownHere, NotForWalkIns, SameName
from eduforum.walkins.services import Newcomer, admit, set_categories
from eduforum.web.access import Role
from tests.factories import make_category, make_pool, make_series
from tests.pages import BASE, Browser
from tests.reports.hall import Hall, make_hall

SignIn = Callable[..., None]


def a_hall(seats: int = 100) -> Hall:
    """A hall whose observers may walk in."""
    hall = make_hall(seats=seats)
    set_categories(hall.series.id, ["observer"])
    return hall


def walk_in(hall: Hall, name: str = "样本甲", **more: Any) -> Registration:
    point = more.pop("point", None)
    newcomer = Newcomer(name=name, category=more.pop("category", "observer"), **more)
    return admit(hall.series, newcomer, submit_id=uuid4().hex, point=point)


def people() -> int:
    return db.session.scalar(select(func.count()).select_from(Registration)) or 0


def call(
    client: FlaskClient, device: tuple[Device, str], point: Point, **body: Any
) -> TestResponse:
    given = {"id": str(uuid4()), "name": "样本甲", "category": "observer", "consents": ["privacy"]}
    return client.post(
        f"/api/v1/points/{point.id}/walk-ins",
        json=given | body,
        headers={"Authorization": f"Bearer {device[1]}", "Accept-Language": "zh"},
        base_url=BASE,
    )


@pytest.fixture
def hall(app: Flask) -> Hall:
    return a_hall()


@pytest.fixture
def device(hall: Hall) -> tuple[Device, str]:
    return enrol(new_enrol_code(hall.series.id), "A 门")


def test_somebody_without_any_contact_is_confirmed_at_once(hall: Hall) -> None:
    made = walk_in(hall, organisation="样本一中")
    assert made.state is State.CONFIRMED
    assert made.ticket
    assert made.ticket.unit == "样本一中"
    assert {event.id for event in made.events} == {event.id for event in hall.events}
    assert made.source == "door"
    assert made.consents == ["privacy"]


def test_at_a_point_of_one_event_it_is_that_event(hall: Hall) -> None:
    made = walk_in(hall, point=hall.points[hall.events[1].id])
    assert [event.id for event in made.events] == [hall.events[1].id]


def test_a_full_event_does_not_keep_anybody_from_the_others(hall: Hall) -> None:
    make_pool(hall.category, 0, event_id=hall.events[0].id)
    made = walk_in(hall)
    assert [event.id for event in made.events] == [hall.events[1].id]
    with pytest.raises(PoolFull):
        walk_in(hall, "样本乙", point=hall.points[hall.events[0].id])


def test_only_categories_that_somebody_opened(hall: Hall) -> None:
    make_category(*hall.events, code="leader")
    with pytest.raises(NotForWalkIns):
        walk_in(hall, category="leader")
    set_categories(hall.series.id, [])
    with pytest.raises(NotForWalkIns):
        walk_in(hall)
    assert people() == 0


def test_the_last_seat_is_the_last_and_nobody_waits(app: Flask) -> None:
    hall = a_hall(seats=1)
    walk_in(hall)
    with pytest.raises(PoolFull):
        walk_in(hall, "样本乙")
    assert people() == 1
    (pool,) = db.session.scalars(select(Pool).where(Pool.series_id == hall.series.id))
    assert (pool.held, pool.waiting) == (1, 0)


def test_the_same_person_is_not_registered_again(hall: Hall) -> None:
    walk_in(hall, mobile="+8613900001111")
    with pytest.raises(KnownHere):
        walk_in(hall, mobile="+8613900001111", another=True)
    assert people() == 1


def test_a_namesake_is_hinted_and_may_be_another(hall: Hall) -> None:
    hall.person("样本甲", unit="样本一中")
    with pytest.raises(SameName) as refusal:
        walk_in(hall)
    (found,) = refusal.value.found
    assert (found.name, found.unit, found.state.zh) == ("样本甲", "样本一中", "已确认")
    walk_in(hall, another=True)
    assert people() == 2


def test_pressing_twice_is_one_person(hall: Hall) -> None:
    newcomer = Newcomer(name="样本甲", category="observer")
    first = admit(hall.series, newcomer, submit_id="once")
    again = admit(hall.series, newcomer, submit_id="once")
    assert first.id == again.id
    assert people() == 1


def test_many_gates_never_pass_the_size_of_the_pool(either_app: Flask) -> None:
    hall = a_hall(seats=3)
    series_id, start = hall.series.id, Barrier(8)

    def one(number: int) -> bool:
        with either_app.app_context():
            series = db.session.get_one(Series, series_id)
            newcomer = Newcomer(name=f"样本{number}", category="observer")
            start.wait()
            try:
                admit(series, newcomer, submit_id=f"gate-{number}")
            except PoolFull:
                return False
            return True

    with ThreadPoolExecutor(8) as gates:
        assert sum(gates.map(one, range(8))) == 3
    db.session.rollback()  # what was read before is of before
    (pool,) = db.session.scalars(select(Pool).where(Pool.series_id == series_id))
    assert (pool.held, pool.waiting) == (3, 0)


def test_a_device_gets_the_ticket_and_lets_the_person_in(
    client: FlaskClient, hall: Hall, device: tuple[Device, str]
) -> None:
    headers = {"Authorization": f"Bearer {device[1]}"}
    offers = client.get(
        f"/api/v1/points/{hall.arrival.id}/walk-ins/offers", headers=headers, base_url=BASE
    ).get_json()
    assert offers["items"] == [
        {
            "category": "observer",
            "name": {"zh": "旁听", "en": "Observer"},
            "events": ["forum-0", "forum-1"],
            "free": 100,
        }
    ]
    answer = call(client, device, hall.arrival, organisation="样本一中", mobile="139 0000 1111")
    assert answer.status_code == 201
    made = answer.get_json()
    assert made["ticket"].startswith("EV1")
    assert made["qr"].startswith("<svg")
    assert not {"mobile", "email"} & set(made)
    assert "13900001111" not in answer.text.replace(made["qr"], "")
    hall.scan(made["ticket"], hall.arrival)
    assert db.session.scalars(select(Scan.verdict)).all() == [Verdict.ADMITTED]
    entry = db.session.scalar(
        select(AuditEntry).where(AuditEntry.action == "registration.register")
    )
    assert entry
    assert entry.actor == f"device:{device[0].id}"


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"consents": []}, 422, "bad-input"),
        ({"mobile": "12"}, 422, "bad-input"),
        ({"category": "nothing"}, 422, "bad-input"),
    ],
)
def test_a_device_is_told_what_is_wrong(
    client: FlaskClient,
    hall: Hall,
    device: tuple[Device, str],
    body: dict[str, Any],
    status: int,
    code: str,
) -> None:
    answer = call(client, device, hall.arrival, **body)
    assert answer.status_code == status, answer.text
    assert list(answer.get_json()["errors"]) == list(body)
    assert people() == 0


def test_a_device_is_hinted_at_namesakes_and_may_scan_them(
    client: FlaskClient, hall: Hall, device: tuple[Device, str]
) -> None:
    known = hall.person("样本甲", unit="样本一中")
    problem = call(client, device, hall.arrival).get_json()
    assert problem["code"] == "same-name"
    assert [one["code"] for one in problem["people"]] == [f"id:{known.ticket_id}"]
    assert set(problem["people"][0]) == {"name", "unit", "category", "state", "code"}


def test_a_device_of_another_series_reaches_nothing(client: FlaskClient, hall: Hall) -> None:
    stranger = enrol(new_enrol_code(make_series().id), "B 门")
    assert call(client, stranger, hall.arrival).status_code == 404


def test_the_desk_registers_checks_in_and_shows_the_badge(
    browser: Browser, sign_in: SignIn, hall: Hall
) -> None:
    sign_in(Role.DOOR, series=hall.series)
    page = f"/desk/s/{hall.series.slug}/walk-ins"
    assert "剩余 100" in browser.get(page).text
    wrong = browser.post(page, {"name": "", "category": "observer"}, status=422).text
    assert "请填写姓名" in wrong
    body = {
        "name": "样本甲", "organisation": "样本一中", "category": "observer", "told": "y",
        "point": str(hall.arrival.id), "submit_id": "a" * 20,
    }  # fmt: skip
    where = browser.post(page, body, status=303).location
    ticket = browser.get(where).text
    assert re.search(r'badge__name">样本甲', ticket)
    assert "已报到" in ticket
    assert browser.post(page, body, status=303).location == where


def test_the_desk_sees_namesakes_before_it_registers_another(
    browser: Browser, sign_in: SignIn, hall: Hall
) -> None:
    hall.person("样本甲", unit="样本一中")
    sign_in(Role.REGISTRAR, series=hall.series)
    page = f"/desk/s/{hall.series.slug}/walk-ins"
    body = {"name": "样本甲", "category": "observer", "told": "y", "point": ""}
    assert "样本一中" in browser.post(page, body, status=409).text
    browser.post(page, body | {"another": "y"}, status=303)


def test_an_organiser_says_which_categories(browser: Browser, sign_in: SignIn, hall: Hall) -> None:
    make_category(*hall.events, code="leader")
    sign_in(Role.ORGANISER, series=hall.series)
    page = f"/desk/s/{hall.series.slug}/walk-ins/categories"
    assert len(re.findall(r"checked", browser.get(page).text)) == 1
    browser.post(page, {"categories": ["observer", "leader"]}, status=303)
    assert browser.get(f"/desk/s/{hall.series.slug}/walk-ins").text.count("<option") == 6
    sign_in(Role.DOOR, series=hall.series)
    browser.get(page, status=404)


def test_whoever_registered_otherwise_has_no_page_here(
    browser: Browser, sign_in: SignIn, hall: Hall
) -> None:
    who = hall.person()
    sign_in(Role.DOOR, series=hall.series)
    browser.get(f"/desk/s/{hall.series.slug}/walk-ins/{who.id}", status=404)
