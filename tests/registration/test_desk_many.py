"""One decision for many, and the table as a file."""

import csv
import io
from collections.abc import Callable

import pytest
from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import select

from eduforum.core.audit import AuditEntry
from eduforum.core.db import db
from eduforum.registration import services
from eduforum.registration.models import Category
from eduforum.registration.rules import Admission
from eduforum.web.access import Role
from tests.factories import make_category, make_event
from tests.pages import Browser
from tests.registration.desk import apply, desk, state_of

SignIn = Callable[..., None]


@pytest.fixture
def category(app: Flask) -> Category:
    return make_category(make_event(), admission=Admission.BY_APPROVAL, seats=300)


@pytest.fixture
def organiser(category: Category, sign_in: SignIn) -> None:
    sign_in(Role.REGISTRAR, series=category.series)


def test_approve_some_and_skip_one(browser: Browser, category: Category, organiser: None) -> None:
    people = [apply(category, f"甲{number}") for number in range(3)]
    services.withdraw(category.series_id, people[2].id)
    chosen = {"id": [str(one.id) for one in people], "action": "approve"}
    question = browser.post(desk(category.series, "/confirm?state="), chosen, status=200).text
    assert "通过并发参会证：2 人" in question
    assert "另有 1 人当前状态不允许，将跳过。" in question
    assert "待审核人员已占有席位" in question
    assert state_of(people[0]) == "submitted"
    done = browser.post(desk(category.series, "/bulk"), chosen | {"count": "3"}, status=200).text
    assert "已处理 2 人，跳过 1 人。" in done
    assert "甲2" in done
    assert "当前状态为“已取消”" in done
    assert [state_of(one) for one in people] == ["confirmed", "confirmed", "withdrawn"]


def test_when_all_went_well_the_table_says_so(
    browser: Browser, category: Category, organiser: None
) -> None:
    person = apply(category)
    sent = {"id": str(person.id), "action": "cancel", "count": "1"}
    refused = browser.post(desk(category.series, "/bulk"), sent, status=422).text
    assert "请填写取消原因" in refused
    assert str(person.id) in refused
    assert "将释放 1 席" in refused
    answer = browser.post(
        desk(category.series, "/bulk?q=lin"), sent | {"reason": "场地调整"}, status=303
    )
    assert answer.location.endswith("/registrations?q=lin")
    assert "已处理 1 人，跳过 0 人。" in browser.get(answer.location).text
    assert state_of(person) == "cancelled"


@pytest.mark.parametrize(
    ("action", "fields", "state"),
    [
        (
            "return",
            {"fields": ["name"], "reason": "x", "answer_by": "2027-03-09T09:00"},
            "returned",
        ),
        ("decline", {"reason_code": "full", "reason": ""}, "declined"),
    ],
)
def test_every_bulk_action(
    browser: Browser,
    category: Category,
    organiser: None,
    action: str,
    fields: dict[str, object],
    state: str,
) -> None:
    person = apply(category)
    sent = {"id": str(person.id), "action": action, "count": "1"}
    browser.post(desk(category.series, "/confirm"), sent, status=200)
    browser.post(desk(category.series, "/bulk"), sent, status=422)
    browser.post(desk(category.series, "/bulk"), sent | fields, status=303)
    assert state_of(person) == state


def test_seats_that_are_missing_are_named(browser: Browser, sign_in: SignIn, app: Flask) -> None:
    category = make_category(
        make_event(), admission=Admission.BY_APPROVAL, seats=1, pending_holds=False
    )
    people = [apply(category, name) for name in ("甲甲", "乙乙")]
    sign_in(Role.ORGANISER, series=category.series)
    sent = {"id": [str(one.id) for one in people], "action": "approve", "count": "2"}
    question = browser.post(desk(category.series, "/confirm"), sent, status=200).text
    assert "将占用 2 席，现有空席 1" in question
    assert "缺 1 席" in question
    done = browser.post(desk(category.series, "/bulk"), sent, status=200).text
    assert "已处理 1 人，跳过 1 人。" in done
    assert "“旁听”名额已满。" in done


def test_all_that_match_and_only_those(
    browser: Browser, category: Category, organiser: None
) -> None:
    wanted = [apply(category, f"甲{number}") for number in range(2)]
    other = apply(category, "乙")
    url = "?q=%E7%94%B2"
    sent = {"all": "1", "action": "approve"}
    question = browser.post(desk(category.series, f"/confirm{url}"), sent, status=200).text
    assert 'name="count" value="2"' in question
    late = apply(category, "甲三")
    told = browser.post(
        desk(category.series, f"/bulk{url}"), sent | {"count": "2"}, status=409
    ).text
    assert "符合条件的人数已变化" in told
    assert state_of(wanted[0]) == "submitted"
    browser.post(desk(category.series, f"/bulk{url}"), sent | {"count": "3"}, status=303)
    assert {state_of(one) for one in [*wanted, late]} == {"confirmed"}
    assert state_of(other) == "submitted"


def test_nobody_chosen_and_nonsense(browser: Browser, category: Category, organiser: None) -> None:
    stranger = apply(make_category(make_event(), admission=Admission.BY_APPROVAL))
    url = desk(category.series, "/confirm")
    browser.post(url, {"action": "approve"}, status=303)
    browser.post(url, {"action": "approve", "id": ["x", str(stranger.id)]}, status=303)
    browser.post(url, {"action": "withdraw"}, status=404)
    browser.post(
        desk(category.series, "/bulk"),
        {"action": "approve", "id": str(stranger.id), "count": "0"},
        status=200,
    )
    assert state_of(stranger) == "submitted"


def export(browser: Browser, url: str, kind: str) -> bytes:
    answer = browser.post(url, {"format": kind}, status=200, buffered=True)
    return bytes(answer.data)


def test_export_is_what_the_table_shows(
    browser: Browser, category: Category, organiser: None
) -> None:
    apply(category, "=1+1", organisation="+SUM(1)", mobile="+8613900000123")
    apply(category, "安𠮷")
    services.approve(category.series_id, apply(category, "不看").id)
    url = desk(
        category.series,
        "/export?state=submitted&sort=name&column=name&column=organisation&column=mobile"
        "&column=submitted",
    )
    answer = browser.post(url, {"format": "xlsx"}, status=200, buffered=True)
    assert "filename*=UTF-8''" in answer.headers["Content-Disposition"]
    page = load_workbook(io.BytesIO(answer.data)).worksheets[0]
    rows = [[cell.value for cell in line] for line in page.iter_rows()]
    assert rows[0] == ["姓名", "单位", "提交时间", "手机号"]
    assert [row[0] for row in rows[1:]] == ["=1+1", "安𠮷"]
    assert rows[1] == ["=1+1", "+SUM(1)", "2027-03-01 09:00", "+8613900000123"]
    assert page["A2"].data_type != "f"
    lines = list(csv.reader(io.StringIO(export(browser, url, "csv").decode("utf-8-sig"))))
    assert lines[1] == ["'=1+1", "'+SUM(1)", "2027-03-01 09:00", "+8613900000123"]


def test_export_is_in_the_audit_trail(
    browser: Browser, category: Category, organiser: None
) -> None:
    apply(category)
    url = desk(category.series, "/export?q=13900000123&category=x&column=name&open=1&page=2")
    export(browser, url, "xlsx")
    entry = db.session.scalars(
        select(AuditEntry).where(AuditEntry.action == "registration.export")
    ).one()
    assert entry.subject == f"series:{category.series_id}"
    assert entry.actor.startswith("user:")
    assert entry.after == {
        "count": 0,
        "format": "xlsx",
        "columns": ["name"],
        "in_full": True,
        "filters": {"q": ["139****0123"], "category": ["x"]},
    }


def test_viewers_export_masked(browser: Browser, category: Category, sign_in: SignIn) -> None:
    apply(category, mobile="+8613900000123", email="lin@example.org")
    sign_in(Role.VIEWER, series=category.series)
    url = desk(category.series, "/export?column=mobile&column=email")
    text = export(browser, url, "csv").decode("utf-8-sig")
    assert text.splitlines()[1] == "林知夏,139****0123,l***@example.org"
