"""The kiosk: enrolled by the desk, checks people in, looks nobody up, and lets only staff out."""

import re
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from eduforum.checkin.models import Device, Scan
from eduforum.checkin.rules import Verdict
from eduforum.checkin.services import new_enrol_code, revoke
from eduforum.core.db import db
from eduforum.registration.models import Registration
from tests.factories import make_series
from tests.pages import BASE, Browser
from tests.reports.hall import Hall, make_hall


@pytest.fixture
def hall(app: Flask) -> Hall:
    return make_hall()


def enrolled(browser: Browser, hall: Hall, paper: str = "badge") -> str:
    """The address of a kiosk at the arrival point."""
    page = f"/kiosk/{hall.arrival.id}"
    body = {"code": new_enrol_code(hall.series.id), "name": "自助机", "paper": paper}
    browser.post(f"{page}/enrol", body, status=303)
    return page


def verdicts() -> list[Verdict]:
    return list(db.session.scalars(select(Scan.verdict).order_by(Scan.received_at)))


def text_of(who: Registration) -> str:
    db.session.refresh(who)
    assert who.ticket
    return who.ticket.text


def test_a_machine_becomes_a_kiosk_by_a_code_of_the_desk(browser: Browser, hall: Hall) -> None:
    page = f"/kiosk/{hall.arrival.id}"
    assert "登记自助签到机" in browser.get(page).text
    wrong = {"code": "AAAA BBBB", "name": "自助机", "paper": "badge"}
    assert "登记码无效" in browser.post(f"{page}/enrol", wrong, status=422).text
    browser.get(f"{page}/name", status=404)
    enrolled(browser, hall)
    assert "自助报到" in browser.get(page).text
    assert "Check yourself in" in browser.get(page, query_string={"lang": "en"}).text
    cookie = browser.client.get_cookie("kiosk", path="/kiosk", domain="forum.example.org")
    assert cookie
    assert (cookie.http_only, cookie.same_site) == (True, "Strict")


def test_a_code_of_another_series_makes_no_kiosk_and_stays_good(
    browser: Browser, hall: Hall
) -> None:
    code = new_enrol_code(make_series().id)
    body = {"code": code, "name": "自助机", "paper": "badge"}
    browser.post(f"/kiosk/{hall.arrival.id}/enrol", body, status=422)
    assert db.session.scalars(select(Device)).all() == []


def test_it_can_do_nothing_else_at_the_door(
    browser: Browser, client: FlaskClient, hall: Hall
) -> None:
    enrolled(browser, hall)
    cookie = browser.client.get_cookie("kiosk", path="/kiosk", domain="forum.example.org")
    assert cookie
    headers = {"Authorization": f"Bearer {cookie.value}"}
    for path in ("bundle", "search?q=lin"):
        answer = client.get(
            f"/api/v1/points/{hall.arrival.id}/{path}", headers=headers, base_url=BASE
        )
        assert answer.status_code == 401


def test_a_ticket_is_checked_in_and_a_badge_printed_once(browser: Browser, hall: Hall) -> None:
    page, who = enrolled(browser, hall), hall.person("林知夏", unit="样本一中")
    body = {"code": text_of(who), "scan_id": str(uuid4())}
    answer = browser.post(f"{page}/scan", body, status=200).text
    assert "报到成功" in answer
    assert re.search(r'class="badge badge--badge".*林知夏', answer, re.S)
    assert "data-prints" in answer
    replay = browser.post(f"{page}/scan", body, status=200).text
    assert "报到成功" in replay
    again = browser.post(f"{page}/scan", body | {"scan_id": str(uuid4())}, status=200).text
    assert "您已报到过" in again
    assert "badge__name" not in again
    assert verdicts() == [Verdict.ADMITTED, Verdict.ALREADY_ADMITTED]


def test_the_paper_is_chosen_when_it_is_enrolled(browser: Browser, hall: Hall) -> None:
    page, who = enrolled(browser, hall, "label"), hall.person("林知夏")
    body = {"code": text_of(who), "scan_id": str(uuid4())}
    assert "badge--label" in browser.post(f"{page}/scan", body, status=200).text
    page, other = enrolled(browser, hall, "none"), hall.person("周明远")
    body = {"code": text_of(other), "scan_id": str(uuid4())}
    assert "badge__name" not in browser.post(f"{page}/scan", body, status=200).text


def test_by_name_and_last_four_digits(browser: Browser, hall: Hall) -> None:
    page, who = enrolled(browser, hall), hall.person("林知夏")
    last4 = who.mobile[-4:]
    wrong = f"{(int(last4) + 1) % 10_000:04}"
    for name, digits in (("林知夏", wrong), ("林知", last4), ("周明远", last4)):
        told = browser.post(f"{page}/name", {"name": name, "last4": digits}, status=422).text
        assert "未找到" in told
    assert (
        "后四位数字"
        in browser.post(f"{page}/name", {"name": "林知夏", "last4": "12"}, status=422).text
    )
    body = {"name": " 林知夏 ", "last4": last4, "scan_id": str(uuid4())}
    assert "报到成功" in browser.post(f"{page}/name", body, status=200).text
    assert verdicts() == [Verdict.ADMITTED]


def test_nobody_guesses_for_long(browser: Browser, hall: Hall) -> None:
    page = enrolled(browser, hall)
    for number in range(40):
        browser.post(f"{page}/name", {"name": "林知夏", "last4": f"{number:04}"}, status=422)
    told = browser.post(f"{page}/name", {"name": "林知夏", "last4": "0000"}, status=429).text
    assert "过于频繁" in told


def test_a_forged_ticket_is_kept_and_nobody_is_accused(browser: Browser, hall: Hall) -> None:
    page, who = enrolled(browser, hall), hall.person("林知夏")
    text = text_of(who)
    forged = text[:30] + ("A" if text[30] != "A" else "B") + text[31:]
    told = browser.post(f"{page}/scan", {"code": forged, "scan_id": str(uuid4())}, status=200).text
    assert "未能识别" in told
    assert "伪造" not in told
    assert verdicts() == [Verdict.FORGED]


def test_only_a_fresh_code_of_the_desk_ends_it(browser: Browser, hall: Hall) -> None:
    page = enrolled(browser, hall)
    assert "登记码无效" in browser.post(f"{page}/exit", {"code": "12345678"}, status=422).text
    other = new_enrol_code(make_series().id)
    browser.post(f"{page}/exit", {"code": other}, status=422)
    browser.get(page)
    browser.post(f"{page}/exit", {"code": new_enrol_code(hall.series.id)}, status=303)
    assert "登记自助签到机" in browser.get(page).text
    assert all(one.revoked_at for one in db.session.scalars(select(Device)))


def test_the_desk_shuts_it_out(browser: Browser, hall: Hall) -> None:
    page = enrolled(browser, hall)
    (device,) = db.session.scalars(select(Device))
    revoke(hall.series.id, device.id)
    assert "登记自助签到机" in browser.get(page).text
    browser.post(f"{page}/scan", {"code": "x"}, status=404)


def test_a_point_of_another_series_is_none_of_its(browser: Browser, hall: Hall) -> None:
    enrolled(browser, hall)
    elsewhere = make_hall()
    browser.get(f"/kiosk/{elsewhere.arrival.id}", status=404)
