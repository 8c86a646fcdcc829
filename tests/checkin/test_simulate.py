"""The desk asks what a ticket would get."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from eduforum.checkin.models import Scan
from eduforum.core import clock
from eduforum.core.db import db
from eduforum.web.access import Role
from tests.checkin.door import make_door, make_ticket, scan
from tests.factories import make_series
from tests.pages import Browser

SignIn = Callable[..., None]


def scans() -> int:
    return db.session.scalar(select(func.count(Scan.id))) or 0


@pytest.mark.parametrize(
    ("hours", "expected"), [(-3, "起可入场"), (0, "请进，已报到"), (3, "已过时间")]
)
def test_the_answer_is_that_of_the_hour_and_nothing_is_stored(
    browser: Browser, sign_in: SignIn, hours: int, expected: str
) -> None:
    now = clock.now()
    door, series, event = make_door(
        browser.client, opens_at=now - timedelta(hours=1), closes_at=now + timedelta(hours=1)
    )
    ticket = make_ticket(series, "林知夏", event)
    sign_in(Role.DOOR, series=series)
    at = (now + timedelta(hours=hours + 8)).strftime("%Y-%m-%dT%H:%M")  # clocks of Shanghai
    typed = {"point": str(door.point.id), "code": ticket.text, "at": at}
    path = f"/desk/s/{series.slug}/checkin/simulate"
    browser.get(path)
    page = browser.post(path, typed, status=200).text
    assert expected in page
    assert "林知夏" in page
    assert scans() == 0


def test_an_earlier_admission_counts_and_junk_is_told(browser: Browser, sign_in: SignIn) -> None:
    door, series, event = make_door(browser.client)
    ticket = make_ticket(series, "林知夏", event)
    door.send(scan(ticket.text))
    sign_in(Role.ORGANISER, series=series)
    path = f"/desk/s/{series.slug}/checkin/simulate"
    at = (clock.now() + timedelta(hours=8, minutes=1)).strftime("%Y-%m-%dT%H:%M")
    asked = {"point": str(door.point.id), "at": at}
    browser.get(path)
    assert "已报到过" in browser.post(path, asked | {"code": ticket.text}, status=200).text
    assert "不是参会证" in browser.post(path, asked | {"code": "junk"}, status=200).text
    assert (
        "请填写姓名，或用扫码枪扫描参会证。"
        in browser.post(path, asked | {"code": ""}, status=422).text
    )
    assert scans() == 1


def test_a_person_is_chosen_by_name_initials_or_digits(browser: Browser, sign_in: SignIn) -> None:
    door, series, event = make_door(browser.client)
    lin = make_ticket(series, "林知夏", event, last4="0777")
    make_ticket(series, "林知秋", event)
    sign_in(Role.DOOR, series=series)
    path = f"/desk/s/{series.slug}/checkin/simulate"
    at = (clock.now() + timedelta(hours=8)).strftime("%Y-%m-%dT%H:%M")
    asked = {"point": str(door.point.id), "at": at}
    browser.get(path)
    for text in ("林知夏", "lzx", "0777", lin.staff_code):
        page = browser.post(path, asked | {"person": text}, status=200).text
        assert "请进，已报到" in page
        assert "林知夏" in page
    page = browser.post(path, asked | {"person": "林知"}, status=422).text
    assert "不止一人符合，请在下面选择。" in page
    assert f'value="{lin.id}"' in page
    page = browser.post(path, asked | {"person": "林知", "chosen": str(lin.id)}, status=200).text
    assert "请进，已报到" in page
    stranger = make_ticket(make_series(), "林知夏")
    chosen = {"person": "林知", "chosen": str(stranger.id)}
    assert "不止一人" in browser.post(path, asked | chosen, status=422).text
    assert "没有找到此人" in browser.post(path, asked | {"person": "王五"}, status=422).text
    assert scans() == 0


def test_a_viewer_and_another_series_find_no_page(browser: Browser, sign_in: SignIn) -> None:
    _, series, _ = make_door(browser.client)
    page = f"/desk/s/{series.slug}/checkin/simulate"
    sign_in(Role.VIEWER, series=series)
    browser.get(page, status=404)
    sign_in(Role.ORGANISER, series=make_series())
    browser.get(page, status=404)
