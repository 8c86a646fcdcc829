"""Online rooms: the link is on the personal page alone, and joining is a scan."""

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from eduforum.checkin.models import Point, Scan
from eduforum.checkin.rules import Verdict
from eduforum.core import clock as now
from eduforum.core.db import db
from eduforum.events.models import Event, Series
from eduforum.events.rules import Mode
from eduforum.hall.services import set_room
from eduforum.registration.models import Registration
from eduforum.registration.services import Application, my_url, register
from eduforum.web.access import Role
from tests.factories import make_category, make_event, make_series
from tests.pages import Browser

ROOM = "https://meeting.example.org/j/123"
SignIn = Callable[..., None]


@pytest.fixture
def event(app: Flask) -> Event:
    series = make_series()
    return make_event(
        series=series, mode=Mode.HYBRID, starts_at=now.now() + timedelta(hours=2), slug="forum"
    )


def person(event: Event, mode: Mode = Mode.ONLINE) -> Registration:
    category = make_category(event)
    series = db.session.get_one(Series, event.series_id)
    application = Application(
        name="林知夏", category=category.code, events=("forum",), mobile="+8613900001111", mode=mode
    )
    return register(series, application, submit_id=uuid4().hex)


def mine(who: Registration) -> str:
    return my_url(who).removeprefix("https://forum.example.org")


def test_joining_is_a_scan_at_the_online_point(
    browser: Browser, event: Event, clock: time_machine.Traveller
) -> None:
    set_room(event, ROOM, "会议号 123")
    who = person(event)
    page = browser.get(mine(who)).text
    assert "线上会场" in page
    assert ROOM not in page
    join = f"{mine(who)}/join/forum"
    browser.post(join, status=303)  # too early
    clock.shift(timedelta(minutes=90))
    assert f'action="{join}"' in browser.get(mine(who)).text
    for _ in range(2):  # the connection may break
        answer = browser.post(join, status=200).text
        assert ROOM in answer
        assert "会议号 123" in answer
    verdicts = list(db.session.scalars(select(Scan.verdict).order_by(Scan.received_at)))
    assert verdicts == [Verdict.ADMITTED, Verdict.ALREADY_ADMITTED]
    clock.shift(timedelta(hours=3))
    browser.post(join, status=404)


def test_whoever_comes_in_person_gets_no_link(
    browser: Browser, event: Event, clock: time_machine.Traveller
) -> None:
    set_room(event, ROOM, "")
    who = person(event, Mode.ONSITE)
    clock.shift(timedelta(minutes=90))
    assert "线上会场" not in browser.get(mine(who)).text
    browser.post(f"{mine(who)}/join/forum", status=404)


def test_the_desk_sets_and_takes_off_the_link(
    browser: Browser, sign_in: SignIn, event: Event
) -> None:
    series = db.session.get_one(Series, event.series_id)
    sign_in(Role.ORGANISER, series=series)
    page = f"/desk/s/{series.slug}/screens/online/forum"
    assert "https" in browser.post(page, {"url": "http://x.example"}, status=422).text
    browser.post(page, {"url": ROOM, "note": "会议号 123"}, status=303)
    assert ROOM in browser.get(page).text
    points = db.session.scalars(select(Point).where(Point.series_id == series.id)).all()
    assert [one.event_ids for one in points] == [[event.id]]
    browser.post(page, {"url": f"{ROOM}4"}, status=303)
    assert len(db.session.scalars(select(Point)).all()) == 1
    browser.post(page, {"url": ""}, status=303)
    assert ROOM not in browser.get(page).text
    sign_in(Role.DOOR, series=series)
    browser.get(page, status=404)
