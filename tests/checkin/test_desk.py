"""The desk's check-in pages and the door page."""

import re
from collections.abc import Callable

import pytest

from eduforum.checkin.models import Device
from eduforum.checkin.queries import points_of
from eduforum.core.db import db, transaction
from eduforum.events.models import Series
from eduforum.web.access import Role
from tests.checkin.door import make_device, make_door, make_point, make_ticket, scan
from tests.factories import make_category, make_event, make_series
from tests.pages import Browser

SignIn = Callable[..., None]


def address(series: Series, rest: str = "") -> str:
    return f"/desk/s/{series.slug}/checkin{rest}"


@pytest.mark.parametrize("language", ["zh-Hans", "en"])
def test_an_empty_page_says_what_to_do(browser: Browser, sign_in: SignIn, language: str) -> None:
    series = make_series()
    sign_in(Role.ORGANISER, series=series)
    page = browser.get(address(series), query_string={"lang": language}).text
    expected = "还没有签到点。" if language == "zh-Hans" else "There are no points yet."
    assert expected in page


def test_what_happened_is_shown_and_may_be_taken_back(browser: Browser, sign_in: SignIn) -> None:
    door, series, event = make_door(browser.client)
    once = scan(make_ticket(series, "<b>林知夏</b>", event).text)
    door.send(once, scan("junk"))
    sign_in(Role.ORGANISER, series=series)
    page = browser.get(address(series)).text
    assert "&lt;b&gt;林知夏&lt;/b&gt;" in page
    assert "不是参会证的二维码" in page
    browser.post(address(series, f"/scans/{once['id']}/undo"))
    assert "已撤销这次扫码。" in browser.get(address(series)).text
    browser.post(address(series, f"/scans/{once['id']}/undo"))
    assert "未能撤销：此前已撤销。" in browser.get(address(series)).text
    assert points_counts(browser, series) == "0 / 0"


def points_counts(browser: Browser, series: Series) -> str:
    found = re.search(r'<td class="r st">(.*?)</td>', browser.get(address(series)).text)
    assert found
    return found[1]


def test_a_point_is_made_and_changed(browser: Browser, sign_in: SignIn) -> None:
    series = make_series()
    event = make_event(series=series)
    category = make_category(event)
    sign_in(Role.ORGANISER, series=series)
    typed = {
        "name_zh": "第一分会场",
        "name_en": "Forum room 1",
        "kind": "session",
        "repeat": "reentry",
        "events": [event.slug],
        "categories": [category.code],
        "zones": ["C", "F"],
        "checkout": "18:30",
        "opens_at": "2027-03-15T09:00",
        "closes_at": "2027-03-15T11:00",
        "capacity": "120",
    }
    browser.get(address(series, "/points/new"))
    browser.post(address(series, "/points/new"), typed)
    (point,) = points_of(series.id)
    assert (point.name_zh, point.capacity, point.event_ids) == ("第一分会场", 120, [event.id])
    assert point.category_classes == [category.ticket_class]
    assert (point.zones, point.checkout_time) == (["C", "F"], "18:30")
    assert point.opens_at is not None
    assert point.opens_at.isoformat() == "2027-03-15T01:00:00+00:00"
    form = browser.get(address(series, f"/points/{point.id}")).text
    assert 'value="2027-03-15T09:00"' in form
    assert 'value="18:30"' in form
    wrong = typed | {"closes_at": "2027-03-15T08:00", "name_en": "kept as typed"}
    page = browser.post(address(series, f"/points/{point.id}"), wrong, status=422).text
    assert "停止时间须晚于开始时间。" in page
    assert "kept as typed" in page
    browser.post(address(series, f"/points/{point.id}"), typed | {"capacity": ""})
    db.session.expire_all()
    assert points_of(series.id)[0].capacity is None


def test_bad_fields_are_named_and_kept(browser: Browser, sign_in: SignIn) -> None:
    series = make_series()
    sign_in(Role.ORGANISER, series=series)
    typed = {
        "name_zh": "",
        "name_en": "Gate",
        "kind": "session",
        "repeat": "once",
        "capacity": "-3",
    }
    page = browser.post(address(series, "/points/new"), typed, status=422).text
    assert "请填写签到点名称。" in page
    assert 'value="Gate"' in page
    assert points_of(series.id) == []


def test_a_code_is_shown_once_and_enrols(browser: Browser, sign_in: SignIn) -> None:
    series = make_series()
    sign_in(Role.DOOR, series=series)
    page = browser.post(address(series, "/enrol-code"), status=200).text
    found = re.search(r'id="enrol-code">(.*?)<', page)
    assert found
    assert "data:image/png;base64," in page
    body = {"code": found[1], "name": "A 门 1 号"}
    assert browser.client.post("/api/v1/devices:enrol", json=body).status_code == 201
    assert "A 门 1 号" in browser.get(address(series)).text


def test_a_device_is_shut_out(browser: Browser, sign_in: SignIn) -> None:
    series = make_series()
    device, _ = make_device(series)
    sign_in(Role.ORGANISER, series=series)
    browser.post(address(series, f"/devices/{device.id}/revoke"))
    assert "设备“A 门 1 号”已停用。" in browser.get(address(series)).text
    db.session.expire_all()
    assert db.session.get_one(Device, device.id).revoked_at is not None


def test_a_viewer_reads_names_in_part_and_changes_nothing(
    browser: Browser, sign_in: SignIn
) -> None:
    door, series, event = make_door(browser.client)
    once = scan(make_ticket(series, "林知夏", event).text)
    door.send(once)
    device, _ = make_device(series)
    sign_in(Role.VIEWER, series=series)
    page = browser.get(address(series)).text
    assert "林**" in page
    assert "林知夏" not in page
    assert "<form" not in page.partition("<main")[2]
    for path in ("/enrol-code", f"/devices/{device.id}/revoke", f"/scans/{once['id']}/undo"):
        browser.post(address(series, path), status=404)


def test_another_series_is_not_there(browser: Browser, sign_in: SignIn) -> None:
    door, series, event = make_door(browser.client)
    once = scan(make_ticket(series, "林知夏", event).text)
    door.send(once)
    own = make_series()
    device, _ = make_device(series)
    sign_in(Role.ORGANISER, series=own)
    browser.get(address(series), status=404)
    browser.get(address(own, f"/points/{door.point.id}"), status=404)
    browser.post(address(own, f"/devices/{device.id}/revoke"), status=404)
    browser.post(address(own, f"/scans/{once['id']}/undo"), status=404)


@pytest.mark.parametrize("language", ["zh-Hans", "en"])
def test_the_door_page_knows_nobody(browser: Browser, language: str) -> None:
    door, series, event = make_door(browser.client)
    door.send(scan(make_ticket(series, "林知夏", event).text))
    page = browser.get("/door/", query_string={"lang": language})
    assert "林知夏" not in page.text
    assert series.slug not in page.text
    assert "'wasm-unsafe-eval'" in page.headers["Content-Security-Policy"]


def test_the_list_takes_the_same_queries_whatever_its_length(
    browser: Browser, sign_in: SignIn, count_queries: Callable[[Callable[[], object]], int]
) -> None:
    door, series, event = make_door(browser.client)
    sign_in(Role.ORGANISER, series=series)
    door.send(scan(make_ticket(series, "林知夏", event).text))
    few = count_queries(lambda: browser.get(address(series)))
    with transaction():
        for _ in range(5):
            make_device(series)
            make_point(series, event)
    door.send(*[scan(make_ticket(series, f"林{n}", event).text) for n in range(10)])
    assert count_queries(lambda: browser.get(address(series))) == few
