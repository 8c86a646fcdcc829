"""The public registration pages, as a person and as a hurried script meet them."""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from eduforum.core import clock
from eduforum.core.contacts import parse_mobile
from eduforum.core.db import db, transaction
from eduforum.core.i18n import Language
from eduforum.events.models import Event, Organisation, OrganisationAlias, Series
from eduforum.events.rules import Mode
from eduforum.notices.models import Notice
from eduforum.registration import services
from eduforum.registration.models import Category, Pool, Registration
from eduforum.registration.rules import Admission, State
from eduforum.registration.services import Application
from eduforum.schedule.models import Session
from tests.factories import make_category, make_event, make_series
from tests.pages import Browser

PERSON = {"name": "林知夏", "mobile": "139 0000 0123", "email": "lin@example.org"}
EVIL = "<script>alert(1)</script>{{7*7}}{name}\"'>=1+1"


@pytest.fixture
def category(app: Flask) -> Category:
    """An open category with a morning event and two forums at the same time."""
    series = make_series(slug="demo")
    morning = clock.now().replace(hour=2) + timedelta(days=14)
    events = [
        make_event(series=series, slug="opening", starts_at=morning),
        make_event(series=series, slug="higher", starts_at=morning + timedelta(hours=4)),
        make_event(series=series, slug="basic", starts_at=morning + timedelta(hours=4)),
    ]
    return make_category(*events, code="observer", seats=5, line=2)


def everything(**changes: Any) -> dict[str, Any]:
    """A whole application in one request."""
    return {
        **PERSON,
        "category": "observer",
        "events": ["opening"],
        "consents": ["privacy"],
        "submit_id": uuid4().hex,
        "step": "4",
        **changes,
    }


def register(browser: Browser, **changes: Any) -> str:
    """Register in one request; the address of the personal page."""
    answer = browser.post("/s/demo/register", everything(**changes), status=303)
    return answer.headers["Location"]


def registrations() -> list[Registration]:
    db.session.expire_all()
    return list(db.session.scalars(select(Registration).order_by(Registration.applied_at)))


def hidden(page: TestResponse) -> dict[str, list[str]]:
    """What the form carries along unseen."""
    found: dict[str, list[str]] = {}
    for name, value in re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page.text):
        found.setdefault(name, []).append(value)
    return found


def title(page: TestResponse) -> str:
    match = re.search(r"<title>(.*?)</title>", page.text, re.DOTALL)
    assert match
    return match[1].strip()


def waiting(series_id: int, name: str, *, events: tuple[str, ...] = ("opening",)) -> Registration:
    series = db.session.get(Series, series_id)
    assert series
    return services.register(
        series,
        Application(name=name, category="observer", events=events, email="w@example.org"),
        submit_id=f"waiting-{name}",
    )


# The four steps


def test_step_by_step_without_script(browser: Browser, category: Category) -> None:
    page = browser.get("/s/demo/register")
    assert title(page).startswith("参会类别（第 1 步，共 4 步）- 报名")
    data: dict[str, Any] = {**hidden(page), "category": "observer"}

    page = browser.post("/s/demo/register", data, status=200)
    assert title(page).startswith("选择活动（第 2 步，共 4 步）")
    assert "只能选一场" in page.text
    assert "下午不参加" in page.text
    data = {**hidden(page), "events": ["opening"], "events.2": "higher"}

    page = browser.post("/s/demo/register", data, status=200)
    assert title(page).startswith("个人信息")
    assert hidden(page)["events"] == ["opening", "higher"]
    data = {**hidden(page), **PERSON, "mobile_code": "+86"}

    page = browser.post("/s/demo/register", data, status=200)
    assert title(page).startswith("核对提交")
    assert "13900000123" in page.text
    assert not re.search(r'value="privacy"[^>]* checked', page.text)
    assert registrations() == []
    data = {**hidden(page), "consents": ["privacy"]}

    answer = browser.post("/s/demo/register", data, status=303)
    assert answer.headers["Location"].startswith("/r/")
    [registration] = registrations()
    assert registration.state is State.CONFIRMED
    assert {event.slug for event in registration.events} == {"opening", "higher"}
    assert registration.mobile == "+8613900000123"
    assert registration.consents == ["privacy"]


def test_back_and_change_keep_everything(browser: Browser, category: Category) -> None:
    data = everything(step="3", go="1", mobile="1", name="")
    page = browser.post("/s/demo/register", data, status=200)
    assert title(page).startswith("参会类别")
    carried = hidden(page)
    assert carried["events"] == ["opening"]
    assert carried["mobile"] == ["1"]
    assert carried["email"] == ["lin@example.org"]
    assert carried["submit_id"] == [data["submit_id"]]


def test_back_without_a_category_is_the_first_step(browser: Browser, category: Category) -> None:
    page = browser.post("/s/demo/register", {"step": "3", "go": "2"}, status=200)
    assert title(page).startswith("参会类别")


def test_links_preselect_category_and_event(browser: Browser, category: Category) -> None:
    other = make_event(series=category.series, slug="fair")
    make_category(other, code="visitor")

    page = browser.get("/s/demo/register?e=fair")
    assert re.search(r'value="visitor" checked', page.text)
    assert hidden(page)["events"] == ["fair"]
    page = browser.get("/s/demo/register?c=observer&e=basic")
    assert re.search(r'value="observer" checked', page.text)
    page = browser.get("/s/demo/register?c=nonsense&e=nonsense")
    assert " checked" not in page.text
    assert "events" not in hidden(page)


def test_the_only_open_category_is_chosen(browser: Browser, category: Category) -> None:
    make_category(*category.events, code="guest", admission=Admission.BY_INVITATION)
    make_category(*category.events, code="delegate", admission=Admission.BY_DELEGATION)
    page = browser.get("/s/demo/register")
    assert page.text.count('type="radio"') == 1
    assert re.search(r'value="observer" checked', page.text)
    assert "由单位联络员报送" in page.text
    assert "凭主办方发出的邀请链接或邀请码" in page.text


def test_nothing_open_says_what_there_is(browser: Browser, app: Flask) -> None:
    event = make_event(series=make_series(slug="demo"))
    make_category(event, closes_at=clock.now() - timedelta(hours=1))
    page = browser.get("/s/demo/register")
    assert "报名已截止" in page.text
    assert "<form" not in page.text


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("step", [1, 2, 3, 4])
def test_every_step_in_both_languages(
    browser: Browser, category: Category, step: int, language: Language
) -> None:
    data = everything(step=str(step - 1)) if step > 1 else {}
    url = f"/s/demo/register?lang={language}"
    page = browser.post(url, data, status=200) if step > 1 else browser.get(url)
    chinese = re.search("[\u4e00-\u9fff]", re.sub(r"中文|林知夏", "", page.text))
    assert bool(chinese) is (language is Language.ZH)


def test_pages_are_light(browser: Browser, category: Category) -> None:
    page = browser.post("/s/demo/register", everything(step="1"), status=200)
    total = len(page.data)
    for name in re.findall(r'(?:href|src)="(/assets/[^"]+)"', page.text):
        with browser.get(name) as asset:
            total += len(asset.data)
    assert total < 150_000


# Mistakes


@pytest.mark.parametrize(
    ("changes", "step", "sentence"),
    [
        ({"category": ""}, "参会类别", "请选择参会类别。"),
        ({"category": "nobody"}, "参会类别", "请选择参会类别。"),
        ({"events": []}, "选择活动", "请至少选择一项活动。"),
        ({"events": ["elsewhere"]}, "选择活动", "所选活动中有一项不能报名，请重新选择。"),
        ({"events": ["higher", "basic"]}, "选择活动", "同时举行，请只选一项。"),
        ({"sessions": ["x"]}, "选择活动", "所选场次中有一场不能报名，请重新选择。"),
        ({"mode": "both"}, "选择活动", "请选择现场或线上参加。"),
        ({"mode": "online"}, "选择活动", "只在现场举行"),
        ({"name": "  "}, "个人信息", "请填写姓名，与证件一致。"),
        ({"name": "长" * 121}, "个人信息", "最多 120 字，现为 121 字。"),
        ({"mobile": "", "email": ""}, "个人信息", "请填写手机号或电子邮箱，至少一项。"),
        ({"mobile": "1390000123"}, "个人信息", "请填写 11 位手机号，现为 10 位。"),
        ({"email": "lin@@x"}, "个人信息", "电子邮箱中须有且只有一个 @"),
        ({"consents": []}, "核对提交", "请阅读个人信息处理说明，同意后勾选。"),
    ],
)
def test_a_mistake_is_answered_beside_its_field(
    browser: Browser, category: Category, changes: dict[str, Any], step: str, sentence: str
) -> None:
    page = browser.post("/s/demo/register", everything(**changes), status=422)
    assert title(page).startswith(f"有 1 处需要修改：{step}")
    assert page.text.count(sentence) >= 2, "in the summary and beside the field"
    anchor = re.search(r'<li><a href="#([\w-]+)">', page.text)
    assert anchor
    assert f'id="{anchor[1]}"' in page.text
    assert registrations() == []


def test_mistakes_keep_what_was_typed(browser: Browser, category: Category) -> None:
    page = browser.post(
        "/s/demo/register",
        everything(step="3", name="林知夏", organisation="某校", mobile="139", email="bad"),
        status=422,
    )
    assert title(page).startswith("有 2 处需要修改：")
    for kept in ("林知夏", "某校", "139", "bad"):
        assert f'value="{kept}"' in page.text
    assert hidden(page)["events"] == ["opening"]


def test_a_reviewed_category_asks_for_unit_and_position(
    browser: Browser, category: Category
) -> None:
    make_category(*category.events, code="expert", admission=Admission.BY_APPROVAL)
    page = browser.post("/s/demo/register", everything(category="expert"), status=422)
    assert "请填写单位全称。" in page.text
    assert "请填写职务；没有职务请填“无”。" in page.text
    full = everything(category="expert", organisation="某校", position="教师")
    browser.post("/s/demo/register", full, status=303)
    assert registrations()[0].state is State.SUBMITTED


def test_a_short_form_of_a_unit_is_resolved_and_said(browser: Browser, category: Category) -> None:
    with transaction():
        unit = Organisation(name_zh="天津市第一中学")
        db.session.add(unit)
        db.session.flush()
        db.session.add(OrganisationAlias(alias="天津一中", organisation_id=unit.id))
    typed = everything(organisation="天津一中", mobile="1")
    page = browser.post("/s/demo/register", typed, status=422)
    assert "已对应为“天津市第一中学”" in page.text
    page = browser.post(
        "/s/demo/register", everything(organisation="天津一中", step="3"), status=200
    )
    assert "由“天津一中”对应" in page.text
    register(browser, organisation="天津一中")
    assert registrations()[0].organisation == "天津市第一中学"


def test_a_number_from_abroad(browser: Browser, category: Category) -> None:
    register(browser, mobile="9123 4567", mobile_code="+852")
    assert registrations()[0].mobile == parse_mobile("+852 9123 4567")


def test_guardian_consent_where_the_category_asks(browser: Browser, category: Category) -> None:
    with transaction():
        db.session.get_one(Category, category.id).guardian_consent = True
    page = browser.post("/s/demo/register", everything(), status=422)
    assert "请监护人同意后勾选。" in page.text
    register(browser, consents=["privacy", "guardian", "invented"])
    assert registrations()[0].consents == ["privacy", "guardian"]


def test_overlap_is_said_and_allowed(browser: Browser, category: Category) -> None:
    opening = category.events[0]
    late = make_event(
        series=category.series, slug="late", starts_at=opening.starts_at + timedelta(hours=1)
    )
    make_category(opening, late, code="two")
    data = everything(category="two", events=["opening", "late"], step="3")
    page = browser.post("/s/demo/register", data, status=200)
    assert f"“{opening.name_zh}”与“{late.name_zh}”时间重叠" in page.text
    browser.post("/s/demo/register", {**data, "step": "4"}, status=303)


# Seats


def test_a_full_event_says_the_place_in_line(browser: Browser, category: Category) -> None:
    with transaction():
        db.session.get_one(Pool, _pool(category).id).size = 1
    waiting(category.series_id, "甲")
    page = browser.post("/s/demo/register", everything(step="1"), status=200)
    assert "已满，可候补" in page.text
    assert "现在报名为候补第 1 位" in page.text
    assert "请在 12 小时内确认" in page.text

    page = browser.get(register(browser))
    assert "您在候补名单中，第 1 位。" in page.text


def test_full_with_a_full_line_names_the_pool_and_keeps_everything(
    browser: Browser, category: Category
) -> None:
    """The last place goes between looking and submitting."""
    with transaction():
        pool = db.session.get_one(Pool, _pool(category).id)
        pool.size, pool.waiting_limit = 1, 0
        late = Pool(
            series_id=category.series_id,
            event=db.session.get_one(Event, category.events[1].id),
            name_zh="开幕厅",
            size=0,
            waiting_limit=0,
        )
        db.session.add(late)
    page = browser.post("/s/demo/register", everything(events=["higher"]), status=422)
    assert "名额已满" in page.text
    waiting(category.series_id, "甲")
    page = browser.post("/s/demo/register", everything(step="1"), status=200)
    assert 'value="opening"' not in page.text.partition("data-clashes")[0].partition("<fieldset")[2]


def test_pool_full_from_the_service_returns_to_the_events(
    browser: Browser, category: Category, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = db.session.scalars(select(Session).where(Session.slug == "opening")).one()
    with transaction():
        db.session.add(
            Pool(
                series_id=category.series_id,
                session_id=session.id,
                name_zh="工作坊",
                size=0,
                waiting_limit=0,
            )
        )
    page = browser.post("/s/demo/register", everything(sessions=[str(session.id)]), status=409)
    assert title(page).startswith("有 1 处需要修改：选择活动")
    assert "“工作坊”名额已满。" in page.text
    assert hidden(page)["name"] == ["林知夏"]
    assert registrations() == []


def test_a_session_is_chosen_with_its_event(browser: Browser, category: Category) -> None:
    session = db.session.scalars(select(Session).where(Session.slug == "higher")).one()
    with transaction():
        db.session.add(
            Pool(series_id=category.series_id, session_id=session.id, name_zh="工作坊", size=3)
        )
    page = browser.post("/s/demo/register", everything(step="1"), status=200)
    assert f'id="session-{session.id}"' in page.text
    page = browser.post("/s/demo/register", everything(sessions=[str(session.id)]), status=422)
    assert "请同时选择该活动" in page.text
    register(browser, events=["higher"], sessions=[str(session.id)])
    assert [one.id for one in registrations()[0].sessions] == [session.id]


def test_online_seats_are_offered_where_there_are_some(browser: Browser, app: Flask) -> None:
    event = make_event(series=make_series(slug="demo"), slug="opening", mode=Mode.HYBRID)
    category = make_category(event, code="observer", seats=None)
    page = browser.post("/s/demo/register", everything(step="1"), status=200)
    assert 'name="mode"' not in page.text
    with transaction():
        db.session.add(
            Pool(
                series_id=category.series_id,
                event_id=event.id,
                mode=Mode.ONLINE,
                name_zh="线上",
                size=7,
            )
        )
    page = browser.post("/s/demo/register", everything(step="1"), status=200)
    assert "线上还剩 7 席" in page.text
    assert 'name="mode" value="online"' in page.text
    register(browser, mode="online")
    assert registrations()[0].mode is Mode.ONLINE


def test_closed_while_typing(
    browser: Browser, category: Category, clock: time_machine.Traveller
) -> None:
    clock.shift(timedelta(days=11))
    page = browser.post("/s/demo/register", everything(), status=409)
    assert "现在不能在线报名" in page.text
    assert registrations() == []


# Once only


def test_a_second_submission_is_the_first(browser: Browser, category: Category) -> None:
    data = everything()
    first = browser.post("/s/demo/register", data, status=303)
    second = browser.post("/s/demo/register", data, status=303)
    assert first.headers["Location"] == second.headers["Location"]
    assert len(registrations()) == 1


def test_a_guessable_submit_id_opens_nothing(browser: Browser, category: Category) -> None:
    first = register(browser, submit_id="1")
    second = register(browser, submit_id="1", name="另一人", email="b@example.org", mobile="")
    assert first != second


def test_the_same_person_again_learns_nothing(browser: Browser, category: Category) -> None:
    link = register(browser)
    page = browser.post("/s/demo/register", everything(), status=409)
    assert "已将查看链接发送到报名时填写的联系方式" in page.text
    assert link not in page.text
    assert "lin@example.org" not in page.text
    assert len(registrations()) == 1
    kinds = db.session.scalars(select(Notice.kind).where(Notice.recipient == "lin@example.org"))
    assert "registration-link" in set(kinds)


# My registration


def test_the_ticket(browser: Browser, category: Category) -> None:
    link = register(browser, organisation="某校", events=["opening", "higher"])
    page = browser.get(link)
    [registration] = registrations()
    assert registration.ticket
    code = registration.ticket.staff_code
    assert f"{code[:4]} {code[4:]}" in page.text
    assert registration.ticket.text not in page.text
    assert f'<img src="{link}/ticket.png" width="424"' in page.text
    assert "139****0123" in page.text
    assert "13900000123" not in page.text
    assert "lin@example.org" not in page.text
    for headers in (page.headers, browser.get(f"{link}/ticket.png").headers):
        assert headers["Cache-Control"] == "no-store"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["X-Robots-Tag"] == "noindex"
    assert browser.get(f"{link}/ticket.png").data.startswith(b"\x89PNG")
    svg = browser.get(f"{link}/ticket.svg")
    assert svg.mimetype == "image/svg+xml"
    assert svg.text.startswith("<svg")


def test_my_calendar(browser: Browser, category: Category) -> None:
    link = register(browser, events=["opening", "higher"])
    answer = browser.get(f"{link}/schedule.ics")
    assert answer.mimetype == "text/calendar"
    assert answer.text.count("BEGIN:VEVENT") == 2
    phone = {"User-Agent": "Mozilla/5.0 MicroMessenger/8.0"}
    page = browser.get(link, headers=phone)
    assert "在浏览器中打开" in page.text
    assert "schedule.ics" not in page.text


def in_state(state: State, category: Category) -> Registration:
    """A registration brought into `state` by the services."""
    series = category.series
    reviewed = make_category(*category.events, code="expert", admission=Admission.BY_APPROVAL)
    under_review = {State.SUBMITTED, State.RETURNED, State.DECLINED}
    in_line = {State.WAITLISTED, State.OFFERED, State.EXPIRED}
    code = reviewed.code if state in under_review else category.code
    holder = None
    if state in in_line:
        with transaction():
            db.session.get_one(Pool, _pool(category).id).size = 1
        holder = waiting(series.id, "占位")
    person = services.register(
        series,
        Application(name="林知夏", category=code, events=("opening",), email="lin@example.org"),
        submit_id=uuid4().hex,
    )
    if state in (State.OFFERED, State.EXPIRED) and holder:
        services.withdraw(series.id, holder.id)
    steps: dict[State, Any] = {
        State.RETURNED: lambda: services.return_(
            series.id, person.id, ["organisation"], "请填全称"
        ),
        State.DECLINED: lambda: services.decline(series.id, person.id, "full", "下次再来"),
        State.WITHDRAWN: lambda: services.withdraw(series.id, person.id),
        State.CANCELLED: lambda: services.cancel(series.id, person.id, "场地原因"),
        State.ON_LEAVE: lambda: services.leave(series.id, person.id),
    }
    steps.get(state, lambda: None)()
    return db.session.get_one(Registration, person.id)


def path_of(registration: Registration) -> str:
    return services.my_url(registration).removeprefix("https://forum.example.org")


WORDS = {
    State.SUBMITTED: ["报名已提交，正在审核。", "/edit", "/cancel"],
    State.RETURNED: [
        "主办方请您补充或更正信息。",
        "<li>单位</li>",
        "请填全称",
        "更正并重新提交",
    ],
    State.WAITLISTED: ["您在候补名单中，第 1 位。", "退出候补"],
    State.OFFERED: ["有空席了，请确认是否参加。", "/accept", "不参加"],
    State.CONFIRMED: ["报名已确认。", "ticket.png", "请假", "取消报名"],
    State.ON_LEAVE: ["您已请假，席位已让出。", "/come-back"],
    State.DECLINED: ["报名未通过。", "名额有限", "下次再来"],
    State.WITHDRAWN: ["您已取消报名。", "重新报名"],
    State.CANCELLED: ["主办方取消了您的报名。", "场地原因"],
    State.EXPIRED: ["候补确认已过期", "重新报名"],
}


@pytest.mark.parametrize("state", WORDS)
def test_every_state_in_words(
    browser: Browser, category: Category, state: State, clock: time_machine.Traveller
) -> None:
    registration = in_state(state, category)
    if state is State.EXPIRED:
        clock.shift(timedelta(hours=13))
        services.expire_offers()
    page = browser.get(path_of(registration))
    assert [word for word in WORDS[state] if word not in page.text] == []
    assert ("ticket.png" in page.text) is (state is State.CONFIRMED)
    browser.get(
        f"{path_of(registration)}/ticket.png", status=200 if state is State.CONFIRMED else 404
    )
    english = browser.get(f"{path_of(registration)}?lang=en")
    rest = re.sub(r"中文|林知夏|请填全称|下次再来|场地原因|占位", "", english.text)
    assert not re.search("[\u4e00-\u9fff]", rest)


def test_accept_an_offer(browser: Browser, category: Category) -> None:
    link = path_of(in_state(State.OFFERED, category))
    browser.get(f"{link}/accept", status=405)
    browser.post(f"{link}/accept", status=303)
    assert "报名已确认。" in browser.get(link).text
    browser.post(f"{link}/accept", status=303)


def test_an_offer_that_has_ended(
    browser: Browser, category: Category, clock: time_machine.Traveller
) -> None:
    link = path_of(in_state(State.OFFERED, category))
    clock.shift(timedelta(hours=13))
    page = browser.post(f"{link}/accept", status=409)
    assert "确认期限已过，席位已转给下一位。" in page.text


def test_cancel_asks_first(browser: Browser, category: Category) -> None:
    link = register(browser)
    page = browser.get(f"{link}/cancel")
    assert "参会证和二维码作废" in page.text
    assert registrations()[0].state is State.CONFIRMED
    browser.post(f"{link}/cancel", status=303)
    assert registrations()[0].state is State.WITHDRAWN
    browser.post(f"{link}/cancel", status=303)
    assert browser.get(f"{link}/cancel", status=303).headers["Location"] == link


def test_leave_and_come_back(browser: Browser, category: Category) -> None:
    link = register(browser)
    browser.get(f"{link}/leave")
    assert registrations()[0].state is State.CONFIRMED
    browser.post(f"{link}/leave", status=303)
    assert registrations()[0].state is State.ON_LEAVE
    browser.post(f"{link}/come-back", status=303)
    assert registrations()[0].state is State.CONFIRMED


# Changes


def test_edit(browser: Browser, category: Category) -> None:
    link = register(browser)
    page = browser.get(f"{link}/edit")
    assert 'value="13900000123"' in page.text
    assert "已报名</b>" in page.text
    change = {"name": "林知夏", "mobile": "13900000124", "email": "", "events.2": "basic"}
    browser.post(f"{link}/edit", change, status=303)
    page = browser.get(link)
    assert "修改已保存。" in page.text
    [registration] = registrations()
    assert registration.mobile == "+8613900000124"
    assert registration.email == ""
    assert [event.slug for event in registration.events] == ["basic"]
    assert registration.consents == ["privacy"]


def test_edit_keeps_what_was_typed(browser: Browser, category: Category) -> None:
    link = register(browser)
    wrong = {"name": "新名", "mobile": "12", "events": ["opening"]}
    page = browser.post(f"{link}/edit", wrong, status=422)
    assert title(page).startswith("有 1 处需要修改：")
    assert 'value="新名"' in page.text
    assert registrations()[0].name == "林知夏"


def test_edit_closes(browser: Browser, category: Category, clock: time_machine.Traveller) -> None:
    link = register(browser)
    clock.shift(timedelta(days=11))
    assert "修改已于" in browser.get(f"{link}/edit", status=409).text
    browser.post(f"{link}/edit", {"name": "新名", **PERSON}, status=409)
    assert "需更正请到服务台" in browser.get(link).text


def test_returned_says_what_beside_the_fields(browser: Browser, category: Category) -> None:
    link = path_of(in_state(State.RETURNED, category))
    page = browser.get(f"{link}/edit")
    assert page.text.count("请更正此项") == 1
    assert 'id="organisation-a"' in page.text
    answer = {**PERSON, "organisation": "某某学校", "position": "教师", "events": ["opening"]}
    browser.post(f"{link}/edit", answer, status=303)
    assert registrations()[-1].state is State.SUBMITTED
    assert registrations()[-1].organisation == "某某学校"


# Links


def test_wrong_and_renewed_links(browser: Browser, category: Category) -> None:
    link = register(browser)
    [registration] = registrations()
    services.renew_link(registration.series_id, registration.id)
    for wrong in (link, link[:-1], "/r/nonsense", f"{link}/edit", f"{link}/ticket.png"):
        page = browser.get(wrong, status=404)
        assert 'href="/find"' in page.text
    browser.post(f"{link}/cancel", status=404)
    assert registrations()[0].state is State.CONFIRMED


def test_find_answers_known_and_unknown_alike(
    browser: Browser, category: Category, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eduforum.registration.views._FIND_TAKES", 0.0)
    register(browser)
    before = _notices()
    answers = [
        browser.post("/find", data, status=303)
        for data in (
            {"contact": "lin@example.org"},
            {"contact": "nobody@example.org"},
            {"contact": "13900000123", "name": "林知夏"},
            {"contact": "13900000123", "name": "别人"},
        )
    ]
    assert {(a.headers["Location"], a.text) for a in answers} == {("/find/sent", answers[0].text)}
    assert _notices() - before == 2
    page = browser.get("/find/sent")
    assert "如有相符的报名" in page.text


def test_find_takes_as_long_either_way(
    browser: Browser, category: Category, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []
    monkeypatch.setattr("eduforum.web.limits.time.sleep", slept.append)
    browser.post("/find", {"contact": "nobody@example.org"}, status=303)
    assert 0 < slept[0] <= 0.5


def test_find_wants_a_name_with_a_mobile(browser: Browser, category: Category) -> None:
    page = browser.post("/find", {"contact": "13900000123"}, status=422)
    assert "用手机号查找时，请填写姓名。" in page.text
    page = browser.post("/find", {"contact": "12"}, status=422)
    assert 'value="12"' in page.text


def test_find_is_limited(
    browser: Browser, category: Category, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eduforum.registration.views._FIND_TAKES", 0.0)
    for _ in range(5):
        browser.post("/find", {"contact": "nobody@example.org"}, status=303)
    browser.post("/find", {"contact": "nobody@example.org"}, status=429)
    browser.post("/find", {"contact": "other@example.org"}, status=303)


# Hostile input


def test_markup_in_names_is_only_text(browser: Browser, category: Category) -> None:
    data = everything(name=EVIL, organisation=EVIL, position=EVIL[:60])
    for step in ("2", "3"):
        page = browser.post("/s/demo/register", {**data, "step": step}, status=200)
        assert "<script>alert" not in page.text
        assert "{{7*7}}" in page.text or step == "2"
    link = browser.post("/s/demo/register", data, status=303).headers["Location"]
    for url in (link, f"{link}/edit", f"{link}/cancel", f"{link}/leave"):
        page = browser.get(url)
        assert "<script>alert" not in page.text
        assert "&lt;script&gt;" in page.text


def test_the_form_needs_its_token(app: Flask, browser: Browser, category: Category) -> None:
    link = register(browser)
    app.config["WTF_CSRF_ENABLED"] = True
    browser.post("/s/demo/register", everything(), status=400)
    browser.post(f"{link}/cancel", status=400)
    token = re.search(r'name="csrf_token" value="([^"]+)"', browser.get(f"{link}/cancel").text)
    assert token
    browser.post(f"{link}/cancel", {"csrf_token": token[1]}, status=303)


def _pool(category: Category) -> Pool:
    return db.session.scalars(select(Pool).where(Pool.category_id == category.id)).one()


def _notices() -> int:
    kind = Notice.kind == "registration-link"
    return db.session.scalars(select(func.count()).select_from(Notice).where(kind)).one()
