"""The desk sees who is inside now: by point, event and delegation."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import time_machine
from flask import Flask

from eduforum.checkin.queries import points_of
from eduforum.checkin.queries.presence import (
    Among,
    delegations_inside,
    inside_counts,
    people_inside,
)
from eduforum.checkin.rules import PointKind, Repeat
from eduforum.core import clock
from eduforum.core.db import db, transaction
from eduforum.events.models import Event
from eduforum.registration.models import Category, Delegation
from eduforum.tickets.models import Ticket
from eduforum.web.access import Role
from tests.checkin.door import Door, make_device, make_door, make_point, make_ticket
from tests.factories import make_category, make_delegation, make_series
from tests.pages import Browser
from tests.queries import counted
from tests.registration.people import apply

SignIn = Callable[..., None]
Count = Callable[[Callable[[], object]], int]
NEARLY_SIX = datetime(2027, 3, 1, 9, 45, tzinfo=UTC)


def member(category: Category, unit: Delegation | None, name: str) -> Ticket:
    """Somebody of a delegation, with a ticket."""
    person = apply(category, name)
    with transaction():
        person.delegation_id = unit.id if unit else None
    assert person.ticket is not None
    return person.ticket


def second_door(door: Door, event: Event) -> Door:
    point = make_point(
        door.point.series, event, kind=PointKind.SESSION, repeat=Repeat.REENTRY,
        checkout_time="18:00",
    )  # fmt: skip
    return Door(door.client, point, make_device(door.point.series)[1])


def test_who_is_inside_follows_from_the_scans(browser: Browser, sign_in: SignIn) -> None:
    with time_machine.travel(NEARLY_SIX, tick=False) as travel:
        gate, series, event = make_door(
            browser.client, kind=PointKind.SESSION, repeat=Repeat.REENTRY
        )
        hall, category = second_door(gate, event), make_category(event)
        tianjin = make_delegation(series, unit="天津市代表团")
        lin, shan = member(category, tianjin, "林知夏"), member(category, None, "单若谷")
        guest = make_ticket(series, "查云帆", event)
        for door, ticket in ((gate, lin), (hall, lin), (hall, shan), (gate, guest)):
            assert door.verdict(ticket.text) == "admitted"
        sign_in(Role.DOOR, series=series)
        path = f"/desk/s/{series.slug}/checkin/inside"
        page = browser.get(path).text
        for words in ("3 人", "林知夏", "单若谷", "查云帆", "天津市代表团", "每日 18:00"):
            assert words in page
        assert "（各门合计）" in page
        here = f"{path}?place={hall.point.id}"
        page = browser.get(here).text
        assert "查云帆" not in page
        assert "2 人" in page
        for q, found in (("lzx", True), ("linzhi", True), ("知夏", True), ("shan", False)):
            assert ("林知夏" in browser.get(f"{here}&q={q}").text) is found
        assert "单若谷" not in browser.get(f"{here}&delegation={tianjin.id}").text
        assert "林知夏" not in browser.get(f"{path}?delegation=none").text
        hall.verdict(shan.text, direction="out")
        assert "单若谷" not in browser.get(here).text
        travel.shift(timedelta(minutes=16))  # 18:01: everybody has left the hall
        assert "现在场内没有人" in browser.get(here).text
        assert "2 人" in browser.get(path).text
        browser.get(f"{path}?place=nowhere&delegation=x&page=99")
    sign_in(Role.VIEWER, series=series)
    browser.get(path, status=404)
    sign_in(Role.DOOR, series=make_series())
    browser.get(path, status=404)


def test_a_full_hall_costs_as_many_statements_as_an_empty_one(
    browser: Browser, sign_in: SignIn, count_queries: Count
) -> None:
    gate, series, event = make_door(browser.client)
    second_door(gate, event)
    category = make_category(event, seats=100)
    sign_in(Role.ORGANISER, series=series)
    path = f"/desk/s/{series.slug}/checkin/inside"
    browser.get(path)
    gate.verdict(member(category, make_delegation(series), "样本").text)
    few = count_queries(lambda: browser.get(path))
    for number in range(55):
        unit = make_delegation(series) if number % 5 == 0 else None
        gate.verdict(member(category, unit, f"样本{number}").text)
    for _ in range(3):
        make_point(series, event, kind=PointKind.SESSION)
    assert count_queries(lambda: browser.get(path)) == few
    assert "第 1–50 条，共 56 条" in browser.get(path).text


def test_both_databases_count_alike(either_app: Flask) -> None:
    gate, series, event = make_door(either_app.test_client())
    category = make_category(event)
    hall = second_door(gate, event)
    unit = make_delegation(series, unit="河北省代表团")
    for name in ("林知夏", "单若谷"):
        ticket = member(category, unit, name)
        gate.verdict(ticket.text)
        hall.verdict(ticket.text)
    points, now = points_of(series.id), clock.now()
    assert inside_counts({"all": points, "none": []}, now) == {"all": 2, "none": 0}
    people, total = people_inside(Among(points, q="linzhixia"), now, offset=0, limit=9)
    assert ([one.ticket.holder for one in people], total) == (["林知夏"], 1)
    ((found, number),) = delegations_inside(series.id, points, now)
    assert (found and found.unit, number) == ("河北省代表团", 2)


def test_the_list_is_read_through_indexes(app: Flask) -> None:
    """Of scans only those of the points asked for are read, each through its own index."""
    gate, series, event = make_door(app.test_client())
    gate.verdict(make_ticket(series, "林知夏", event).text)
    with counted() as sent:
        people_inside(Among(points_of(series.id)), clock.now(), offset=0, limit=9)
    for statement in sent[-2:]:
        nothing = ("",) * statement.count("?")
        plan = db.session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", nothing)
        steps = [line.detail for line in plan]
        assert [step for step in steps if step.startswith("SCAN scans")] == []
        assert any("ix_scans_point_id" in step for step in steps), steps
