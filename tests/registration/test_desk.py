"""The table of registrations and one registration, as organisers use them."""

import re
from collections.abc import Callable

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from eduforum.core.audit import AuditEntry
from eduforum.core.db import db
from eduforum.registration import services
from eduforum.registration.models import Category, Registration
from eduforum.registration.rules import Admission
from eduforum.web.access import Role
from tests.factories import make_category, make_event, make_series
from tests.pages import Browser
from tests.queries import counted
from tests.registration.desk import apply, desk, state_of

SignIn = Callable[..., None]


@pytest.fixture
def category(app: Flask) -> Category:
    return make_category(make_event(), admission=Admission.BY_APPROVAL, seats=300)


@pytest.fixture
def organiser(category: Category, sign_in: SignIn) -> None:
    sign_in(Role.ORGANISER, series=category.series)


def names(page: str) -> list[str]:
    return re.findall(r'<th scope="row"><a [^>]*>([^<]*)</a>', page)


def test_nobody_yet_says_what_to_do(browser: Browser, category: Category, organiser: None) -> None:
    page = browser.get(desk(category.series)).text
    assert "还没有人报名" in page
    assert "代为报名" in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("林", ["林知夏"]),
        ("linzhi", ["林知夏"]),
        ("lzx", ["林知夏"]),
        ("LZX", ["林知夏"]),
        ("0123", ["林知夏"]),
        ("13900000123", ["林知夏"]),
        ("139 0000 0123", ["林知夏"]),
        ("Lin@Example.org", ["林知夏"]),
        ("职业大学", ["林知夏"]),
        ("华为", ["𠮷乐"]),
        ("𠮷", ["𠮷乐"]),
        ("古丽娜尔·吐", ["古丽娜尔·吐尔逊"]),
        ("知夏", []),
        ("%", []),
        ("_", []),
        ("1234", []),
    ],
)
def test_search(
    browser: Browser, category: Category, organiser: None, query: str, found: list[str]
) -> None:
    apply(category, mobile="+8613900000123", email="lin@example.org")
    apply(category, "𠮷乐", organisation="华为")
    apply(category, "古丽娜尔·吐尔逊", organisation="天津大学")
    page = browser.get(desk(category.series), query_string={"q": query}).text
    assert names(page) == found


def test_filters_tabs_and_their_counts(browser: Browser, sign_in: SignIn, app: Flask) -> None:
    series = make_series()
    one, two = make_event(series=series), make_event(series=series)
    expert = make_category(one, admission=Admission.BY_APPROVAL, seats=9)
    observer = make_category(one, two, seats=9)
    apply(expert, "甲一")
    services.decline(series.id, apply(expert, "乙二").id, "category")
    apply(observer, "丙三", events=(two.slug,), organisation="华为")
    sign_in(Role.REGISTRAR, series=series)
    page = browser.get(desk(series)).text
    assert re.findall(r'<span class="n">(\d+)</span></a>', page) == list("31010001")
    for query, found in (
        ("state=submitted", ["甲一"]),
        ("state=ended", ["乙二"]),
        (f"category={expert.code}&state=", ["甲一", "乙二"]),
        (f"event={two.slug}", ["丙三"]),
        ("organisation=%E5%8D%8E%E4%B8%BA", ["丙三"]),
        ("source=web&source=api", ["甲一", "丙三", "乙二"]),
        ("source=door", []),
        ("category=nothing", []),
        ("state=nonsense", ["甲一", "丙三", "乙二"]),
    ):
        page = browser.get(desk(series, f"?sort=name&{query}")).text
        assert sorted(names(page)) == sorted(found), query


@pytest.mark.parametrize(
    ("sort", "found"),
    [
        ("name", ["安甲", "仇乙", "曾丙"]),
        ("-name", ["曾丙", "仇乙", "安甲"]),
        ("organisation", ["曾丙", "安甲", "仇乙"]),
        ("submitted", ["曾丙", "安甲", "仇乙"]),
        ("state", ["曾丙", "仇乙", "安甲"]),
        ("category", ["安甲", "仇乙", "曾丙"]),
        ("nonsense", ["仇乙", "安甲", "曾丙"]),
    ],
)
def test_sort(
    browser: Browser,
    category: Category,
    organiser: None,
    clock: time_machine.Traveller,
    sort: str,
    found: list[str],
) -> None:
    for name, unit in (("曾丙", "爱"), ("安甲", "博"), ("仇乙", "辞")):
        apply(category, name, organisation=unit)
        clock.shift(60)
    services.approve(category.series_id, found_by(category, "安甲").id)
    assert names(browser.get(desk(category.series, f"?sort={sort}")).text) == found


def found_by(category: Category, name: str) -> Registration:
    return db.session.scalars(
        select(Registration).where(
            Registration.series_id == category.series_id, Registration.name == name
        )
    ).one()


def test_columns_are_chosen_and_remembered(
    browser: Browser, category: Category, organiser: None
) -> None:
    apply(category, mobile="+8613900000123", email="lin@example.org")
    url = desk(category.series)
    assert "139****0123" not in browser.get(url).text
    page = browser.get(f"{url}?column=name&column=mobile&column=email").text
    assert "139****0123" in page
    assert "l***@example.org" in page
    assert "+8613900000123" not in page
    again = browser.get(url).text
    assert "139****0123" in again
    assert 'class="k-position"' not in again


def test_pages_of_fifty_and_constant_queries(
    browser: Browser, category: Category, organiser: None
) -> None:
    url = desk(category.series, "?q=%E7%94%B2&column=name&column=events")
    for number in range(3):
        apply(category, f"甲{number}")
    browser.get(url)
    with counted() as few:
        browser.get(url)
    for number in range(3, 60):
        apply(category, f"甲{number}")
    browser.get(url)
    with counted() as many:
        page = browser.get(url).text
    assert len(names(page)) == 50
    assert len(many) == len(few) <= 15, many
    assert len(names(browser.get(desk(category.series, "?page=2")).text)) == 10
    assert len(names(browser.get(desk(category.series, "?page=99")).text)) == 10


def test_viewers_read_without_actions(
    browser: Browser, category: Category, sign_in: SignIn
) -> None:
    person = apply(category, mobile="+8613900000123", email="lin@example.org")
    sign_in(Role.VIEWER, series=category.series)
    page = browser.get(desk(category.series)).text
    assert "/registrations/new" not in page
    assert 'name="id"' not in page
    assert names(browser.get(desk(category.series, "?q=0123")).text) == ["林知夏"]
    assert names(browser.get(desk(category.series, "?q=13900000123")).text) == []
    assert names(browser.get(desk(category.series, "?q=lin@example.org")).text) == []
    detail = browser.get(desk(category.series, f"/{person.id}")).text
    assert "139****0123" in detail
    assert "完整联系方式" not in detail
    assert "+8613900000123" not in detail
    for path in ("/new", f"/{person.id}/edit", f"/{person.id}/decline"):
        browser.get(desk(category.series, path), status=404)
    for path in (f"/{person.id}/reveal", f"/{person.id}/approve", "/confirm", "/bulk"):
        browser.post(desk(category.series, path), {"action": "approve"}, status=404)
    assert state_of(person) == "submitted"


@pytest.mark.parametrize("role", [Role.DOOR, Role.PRESS_OFFICER])
def test_others_find_nothing(
    browser: Browser, category: Category, sign_in: SignIn, role: Role
) -> None:
    person = apply(category)
    sign_in(role, series=category.series)
    for path in ("", f"/{person.id}", "/new"):
        browser.get(desk(category.series, path), status=404)


def test_people_of_another_series_are_not_there(
    browser: Browser, category: Category, organiser: None
) -> None:
    stranger = apply(make_category(make_event()))
    url = desk(category.series, f"/{stranger.id}")
    browser.get(url, status=404)
    browser.get(f"{url}/edit", status=404)
    browser.get(f"{url}/cancel", status=404)
    browser.post(f"{url}/cancel", {"reason": "x"}, status=404)
    browser.post(f"{url}/reveal", {"reveal-reason": "x"}, status=404)
    assert state_of(stranger) == "confirmed"


def test_detail_tells_seats_history_letters_and_relatives(
    browser: Browser, category: Category, organiser: None
) -> None:
    first = apply(category, mobile="+8613900000123")
    services.withdraw(category.series_id, first.id)
    again = apply(category, mobile="+8613900000123")
    apply(category, "林父", mobile="+8613900000123")
    services.approve(category.series_id, again.id)
    url = desk(category.series, f"/{again.id}")
    page = browser.get(url).text
    for words in (
        "还剩 298",
        "2 / 300",
        "提交报名",
        "通过审核；待审核 → 已确认",
        "报名已确认",
        "同一人另有报名：旁听，已取消。",
        "“林父”以同一联系方式报名：旁听，待审核。",
        "补发参会证",
    ):
        assert words in page, words
    english = browser.get(f"{url}?lang=en").text
    assert "Approved; Under review → Confirmed" in english
    assert "298 left" in english


def test_detail_comes_alone_for_the_panel(
    browser: Browser, category: Category, organiser: None
) -> None:
    person = apply(category)
    part = browser.get(desk(category.series, f"/{person.id}"), headers={"HX-Request": "true"}).text
    assert "<html" not in part
    assert "林知夏" in part
    page = browser.get(desk(category.series, f"?open={person.id}&state=submitted")).text
    assert '<aside class="panel"' in page
    assert 'class="is-open"' in page
    assert '<aside class="panel"' not in browser.get(desk(category.series, "?open=x")).text


def test_contact_is_shown_after_the_audit_trail_knows_why(
    browser: Browser, category: Category, organiser: None
) -> None:
    person = apply(category, mobile="+8613900000123", email="lin@example.org")
    url = desk(category.series, f"/{person.id}")
    refused = browser.post(f"{url}/reveal", {"reveal-reason": " "}, status=422).text
    assert "请填写查看事由" in refused
    assert "+8613900000123" not in refused
    assert not _reveals()
    shown = browser.post(f"{url}/reveal", {"reveal-reason": "核对航班"}, status=200)
    assert "+8613900000123" in shown.text
    assert "lin@example.org" in shown.text
    assert shown.headers["Cache-Control"] == "no-store"
    entry = _reveals()[0]
    assert entry.subject == f"registration:{person.id}"
    assert entry.after == {"reason": "核对航班", "fields": ["mobile", "email"]}
    assert "核对航班" in browser.get(url).text


def _reveals() -> list[AuditEntry]:
    found = select(AuditEntry).where(AuditEntry.action == "registration.reveal")
    return list(db.session.scalars(found))


def test_approve_from_the_panel_returns_to_the_table(
    browser: Browser, category: Category, organiser: None
) -> None:
    person = apply(category)
    url = desk(category.series, f"/{person.id}/approve?state=submitted&q=lin")
    answer = browser.post(url, {"panel": "1"}, status=303)
    assert answer.location.endswith(f"/registrations?state=submitted&q=lin&open={person.id}")
    assert state_of(person) == "confirmed"
    assert "已通过，参会证已发出。" in browser.get(desk(category.series)).text


def test_deeds_ask_first_and_keep_what_was_typed(
    browser: Browser, category: Category, organiser: None
) -> None:
    person = apply(category)
    url = desk(category.series, f"/{person.id}")
    page = browser.get(f"{url}/return").text
    assert "需要更正的栏目" in page
    refused = browser.post(
        f"{url}/return", {"fields": ["name"], "answer_by": "2027-02-01T09:00", "reason": ""},
        status=422,
    ).text  # fmt: skip
    assert "请在所选栏目下写明问题，或在此说明。" in refused
    assert "答复期限须晚于现在。" in refused
    assert 'value="2027-02-01T09:00"' in refused
    assert re.search(r'checked[^>]*value="name"|value="name"[^>]*checked', refused)
    assert state_of(person) == "submitted"
    given = {"fields": ["name"], "answer_by": "2027-03-05T09:00", "reason": "与证件不一致"}
    browser.post(f"{url}/return", given, status=303)
    assert state_of(person) == "returned"
    detail = browser.get(url).text
    assert "请本人更正" in detail
    assert "<li>姓名</li>" in detail
    assert "与证件不一致" in detail
    assert "3 月 5 日 09:00" in detail
    browser.post(f"{url}/decline", {"reason_code": ""}, status=422)
    browser.post(f"{url}/decline", {"reason_code": "nonsense"}, status=422)
    browser.post(f"{url}/decline", {"reason_code": "full"}, status=303)
    assert state_of(person) == "declined"
    browser.get(f"{url}/decline", status=302)
    browser.post(f"{url}/reopen", status=303)
    assert state_of(person) == "submitted"


def test_a_life_at_the_desk(browser: Browser, category: Category, organiser: None) -> None:
    person = apply(category)
    url = desk(category.series, f"/{person.id}")
    for deed, state in (
        ("approve", "confirmed"),
        ("reissue-ticket", "confirmed"),
        ("renew-link", "confirmed"),
        ("send-link", "confirmed"),
        ("leave", "on_leave"),
        ("come-back", "confirmed"),
        ("withdraw", "withdrawn"),
    ):
        browser.post(f"{url}/{deed}", status=303)
        assert state_of(person) == state, deed
    told = browser.post(f"{url}/leave", status=409).text
    assert "当前状态为“已取消”" in told
    browser.post(f"{url}/nonsense", status=404)
    browser.get(url)


def test_a_refusal_without_a_page_is_told_once(
    browser: Browser, category: Category, organiser: None
) -> None:
    person = apply(category)
    browser.post(desk(category.series, f"/{person.id}/reopen"), status=303)
    assert "当前状态为“待审核”" in browser.get(desk(category.series)).text


def test_names_with_markup_stay_text(browser: Browser, category: Category, organiser: None) -> None:
    nasty = "<script>alert(1)</script>{name}"
    person = apply(category, nasty, organisation='"><img src=x>')
    for url in (desk(category.series), desk(category.series, f"/{person.id}/cancel"),
                desk(category.series, f"/{person.id}")):  # fmt: skip
        page = browser.get(url).text
        assert "<script>alert" not in page
        assert "<img src=x" not in page


def test_roles_do_not_reach_into_another_series(
    browser: Browser, category: Category, sign_in: SignIn
) -> None:
    sign_in(Role.ORGANISER, series=make_series())
    browser.get(desk(category.series), status=404)
