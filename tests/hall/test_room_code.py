"""The code on a room's screen: good for a minute and a half, for whoever opened their own page."""

import re
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from eduforum.checkin.models import Scan
from eduforum.checkin.rules import Verdict
from eduforum.core import clock as now
from eduforum.core.db import db
from eduforum.hall.rules import CodeIsOld, point_of, room_code, step_at
from eduforum.hall.services import make_screen, room_key, screen_url
from eduforum.registration.models import Registration
from eduforum.registration.services import my_url, renew_link
from tests.pages import Browser
from tests.reports.hall import Hall, make_hall


@pytest.fixture
def hall(app: Flask) -> Hall:
    return make_hall()


def mine(who: Registration) -> str:
    return my_url(who).removeprefix("https://forum.example.org")


def code_at(hall: Hall) -> str:
    """The address that the screen of the first event shows now."""
    point = hall.points[hall.events[0].id]
    return f"/here/{room_code(room_key(), point.id, step_at(now.now()))}"


def scans() -> list[Scan]:
    return list(db.session.scalars(select(Scan).order_by(Scan.received_at)))


def test_three_codes_are_good_and_a_fourth_is_not(
    hall: Hall, clock: time_machine.Traveller
) -> None:
    point = hall.arrival.id
    code = room_code(room_key(), point, step_at(now.now()))
    for seconds in (0, 29, 59, 89):
        clock.move_to(now.now().replace(minute=0, second=0) + timedelta(seconds=seconds))
        assert point_of(room_key(), code, now.now()) == point
    clock.move_to(now.now().replace(minute=1, second=30))
    with pytest.raises(CodeIsOld):
        point_of(room_key(), code, now.now())


@pytest.mark.parametrize("code", ["", "A", "x" * 38, "é", "A" * 4000])
def test_other_texts_are_no_codes(hall: Hall, code: str) -> None:
    with pytest.raises(CodeIsOld):
        point_of(room_key(), code, now.now())


def test_the_code_of_one_point_is_not_that_of_another(hall: Hall) -> None:
    step = step_at(now.now())
    first = room_code(room_key(), hall.arrival.id, step)
    other = room_code(room_key(), hall.points[hall.events[0].id].id, step)
    mixed = other[:21] + first[21:]
    with pytest.raises(CodeIsOld):
        point_of(room_key(), mixed, now.now())
    with pytest.raises(CodeIsOld):
        point_of(b"another key", first, now.now())


def test_whoever_opened_their_page_checks_in(browser: Browser, hall: Hall) -> None:
    who = hall.person("林知夏", unit="样本一中")
    browser.get(mine(who))
    page = browser.get(code_at(hall)).text
    assert "林知夏" in page
    assert scans() == []
    scan_id = re.search(r'name="scan_id" value="([^"]+)"', page)
    assert scan_id
    for _ in range(2):
        done = browser.post(code_at(hall), {"scan_id": scan_id[1]}, status=200)
        assert "签到成功" in done.text
    (scan,) = scans()
    assert (scan.verdict, scan.ticket_id) == (Verdict.ADMITTED, who.ticket_id)
    assert scan.point_id == hall.points[hall.events[0].id].id
    assert "已签到过" in browser.post(code_at(hall), {}, status=200).text


def test_a_picture_of_the_screen_is_worth_nothing_later(
    browser: Browser, hall: Hall, clock: time_machine.Traveller
) -> None:
    browser.get(mine(hall.person()))
    picture = code_at(hall)
    browser.get(picture)
    clock.shift(timedelta(seconds=90))
    assert "截图无效" in browser.get(picture, status=410).text
    browser.post(picture, {}, status=410)
    browser.post(f"{picture}/who", {"link": "x"}, status=410)
    assert scans() == []


def test_a_phone_that_knows_nobody_asks_for_the_link(browser: Browser, hall: Hall) -> None:
    who, code = hall.person("林知夏"), code_at(hall)
    assert "不知道您是谁" in browser.get(code).text
    assert "不是有效" in browser.post(f"{code}/who", {"link": "https://x/r/y"}, status=422).text
    browser.post(code, {}, status=200)
    assert scans() == []
    browser.post(f"{code}/who", {"link": my_url(who)}, status=303)
    assert "林知夏" in browser.get(code).text
    browser.post(f"{code}/forget", status=303)
    assert "林知夏" not in browser.get(code).text


def test_a_renewed_link_is_forgotten(browser: Browser, hall: Hall) -> None:
    who = hall.person("林知夏")
    browser.get(mine(who))
    renew_link(hall.series.id, who.id)
    assert "林知夏" not in browser.get(code_at(hall)).text


def test_somebody_of_another_series_is_nobody_here(browser: Browser, hall: Hall) -> None:
    browser.get(mine(make_hall().person("周明远")))
    page = browser.get(code_at(hall)).text
    assert "另一项活动" in page
    assert "周明远" not in page


def test_rules_hold_as_at_the_door(browser: Browser, hall: Hall) -> None:
    browser.get(mine(hall.person("周明远", hall.events[1])))
    assert "报名范围" in browser.post(code_at(hall), {}, status=200).text
    (scan,) = scans()
    assert scan.verdict is Verdict.NOT_ENTITLED


def test_the_screen_shows_the_code_of_now(
    browser: Browser, hall: Hall, clock: time_machine.Traveller
) -> None:
    screen = make_screen(hall.events[0], hall.points[hall.events[0].id].id)
    link = screen_url(screen).removeprefix("https://forum.example.org")
    first = browser.get(f"{link}/figures")
    picture = re.search(r'data-code src="([^"]+)"', first.text)
    assert picture
    tag = {"If-None-Match": first.headers["ETag"]}
    browser.get(f"{link}/figures", status=304, headers=tag)
    clock.shift(timedelta(seconds=30))
    later = browser.get(f"{link}/figures", headers=tag).text
    assert picture[1] not in later
    without = make_screen(hall.events[0])
    plain = screen_url(without).removeprefix("https://forum.example.org")
    assert "data-code" not in browser.get(plain).text
