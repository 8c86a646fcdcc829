"""The desk registers and changes people."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from eduforum.core.db import db, transaction
from eduforum.events.models import Series
from eduforum.registration.models import Category, Registration
from eduforum.registration.rules import Admission
from eduforum.web.access import Role
from tests.factories import make_category, make_event, make_series
from tests.pages import Browser
from tests.registration.desk import apply, desk

SignIn = Callable[..., None]


@pytest.fixture
def series(app: Flask, sign_in: SignIn) -> Series:
    series = make_series()
    sign_in(Role.REGISTRAR, series=series)
    return series


@pytest.fixture
def invited(series: Series) -> Category:
    return make_category(
        make_event(series=series), code="guest", admission=Admission.BY_INVITATION, seats=1, line=0
    )


def given(category: Category, **more: object) -> dict[str, object]:
    return {
        "category": category.code,
        "name": "古丽娜尔•吐尔逊",
        "organisation": "天津大学",
        "position": "教授",
        "mobile": "139 0000 0123",
        "email": "Guli@Example.org",
        "events": [event.slug for event in category.events],
        "mode": "onsite",
        "language": "en",
        "consents": ["privacy"],
        "submit_id": "a-submission-of-this-test",
    } | more


def all_of(series: Series) -> list[Registration]:
    found = select(Registration).where(Registration.series_id == series.id)
    return list(db.session.scalars(found.execution_options(populate_existing=True)))


def test_any_category_is_confirmed_at_once(
    browser: Browser, series: Series, invited: Category
) -> None:
    form = browser.get(desk(series, "/new")).text
    assert re.search(r'name="submit_id" value="[\w-]{20,}"', form)
    answer = browser.post(desk(series, "/new?state=submitted"), given(invited), status=303)
    made = all_of(series)[0]
    assert answer.location.endswith(f"/registrations/{made.id}?state=submitted")
    assert (made.state.value, made.source, made.language) == ("confirmed", "desk", "en")
    assert (made.name, made.mobile, made.email) == (
        "古丽娜尔·吐尔逊",
        "+8613900000123",
        "guli@example.org",
    )
    browser.post(desk(series, "/new"), given(invited), status=303)
    assert len(all_of(series)) == 1, "the same submission twice"
    assert "已报名，当前状态：已确认。" in browser.get(answer.location).text


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"name": " "}, "请填写姓名，与证件一致。"),
        ({"category": ""}, "请选择参会类别。"),
        ({"category": "nothing"}, "请选择参会类别。"),
        ({"events": []}, "请至少选择一项活动。"),
        ({"events": ["nothing"]}, "不能参加所选的一项活动"),
        ({"mobile": "", "email": ""}, "请填写手机号或电子邮箱，至少一项。"),
        ({"mobile": "1390000"}, "请填写 11 位手机号，现为 7 位。"),
        ({"email": "x"}, "电子邮箱中须有且只有一个 @"),
        ({"mode": "online"}, "没有这种参加方式"),
        ({"mode": "nonsense"}, "请选择现场或线上参加。"),
        ({"consents": []}, "取得同意后勾选"),
    ],
)
def test_mistakes_are_told_and_nothing_is_stored(
    browser: Browser,
    series: Series,
    invited: Category,
    wrong: dict[str, object],
    sentence: str,
) -> None:
    sent = given(invited, organisation="保留的单位") | wrong
    page = browser.post(desk(series, "/new"), sent, status=422).text
    assert sentence in page
    assert "保留的单位" in page
    assert "<title>有 1 处需要修改" in page
    assert all_of(series) == []


def test_a_full_pool_is_named_and_a_known_person_shown(
    browser: Browser, series: Series, invited: Category
) -> None:
    browser.post(desk(series, "/new"), given(invited), status=303)
    other = given(invited, name="林知夏", submit_id="another-submission-x")
    assert "“旁听”名额已满。" in browser.post(desk(series, "/new"), other, status=409).text
    again = given(invited, submit_id="another-submission-y")
    page = browser.post(desk(series, "/new"), again, status=409).text
    assert "打开“古丽娜尔·吐尔逊”已有的报名（已确认）" in page
    assert str(all_of(series)[0].id) in page


def test_without_categories_it_leads_to_them(browser: Browser, series: Series) -> None:
    assert "还没有参会类别" in browser.get(desk(series, "/new")).text


def test_a_guardian_agrees_where_asked(browser: Browser, series: Series, invited: Category) -> None:
    with transaction():
        db.session.merge(invited).guardian_consent = True
    assert "监护人" in browser.post(desk(series, "/new"), given(invited), status=422).text
    sent = given(invited, consents=["privacy", "guardian"])
    browser.post(desk(series, "/new"), sent, status=303)
    assert all_of(series)[0].consents == ["privacy", "guardian"]


def test_edit_keeps_contacts_that_are_left_empty(browser: Browser, series: Series) -> None:
    one, two = make_event(series=series), make_event(series=series)
    category = make_category(one, two)
    person = apply(category, events=(one.slug,), mobile="+8613900000123", email="lin@example.org")
    url = desk(series, f"/{person.id}/edit")
    form = browser.get(url).text
    assert "现为 139****0123，留空则不改。" in form
    assert "13900000123" not in form
    assert "lin@example.org" not in form
    sent = {
        "category": "nonsense",
        "name": "林知春",
        "events": [two.slug],
        "mode": "onsite",
        "language": "zh-Hans",
        "mobile": "",
        "email": "",
    }
    browser.post(url, sent, status=303)
    changed = all_of(series)[0]
    assert (changed.name, changed.state.value) == ("林知春", "confirmed")
    assert (changed.mobile, changed.email) == ("+8613900000123", "lin@example.org")
    assert [event.slug for event in changed.events] == [two.slug]
    assert changed.category.code == category.code
    browser.post(url, sent | {"email": "new@example.org"}, status=303)
    assert all_of(series)[0].email == "new@example.org"
    browser.post(url, sent | {"name": ""}, status=422)
