"""The desk's schedule: events, sessions with people, agreements, plaques, rooms."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.event import listen, remove
from werkzeug.datastructures import MultiDict

from eduforum.checkin.models import Point
from eduforum.core import clock
from eduforum.core.audit import AuditEntry
from eduforum.core.db import Model, db, transaction
from eduforum.events import services as events
from eduforum.events.models import Event, Organisation, OrganisationAlias, Series
from eduforum.events.queries import event_or_404, events_of, series_by_slug
from eduforum.events.rules import AlreadyCancelled, EventState, InUse, Kind, Mode
from eduforum.events.services import EventChange
from eduforum.registration.models import Pool
from eduforum.schedule import services
from eduforum.schedule.models import Agreement, Plaque, Room, Session
from eduforum.schedule.queries import sessions_of
from eduforum.schedule.rows import arranged
from eduforum.schedule.rules import Part
from eduforum.web.access import Role
from tests.factories import make_category, make_event, make_series
from tests.pages import Browser

SignIn = Callable[..., None]
NINE = datetime(2027, 4, 1, 1, 0, tzinfo=UTC)
"""09:00 in Beijing."""


@pytest.fixture
def series(app: Flask) -> Series:
    return make_series(slug="jjj")


@pytest.fixture
def event(series: Series) -> Event:
    """From 09:00 to 11:00, in the main hall, which is on the list of rooms."""
    event = make_event(series=series, slug="opening", starts_at=NINE)
    for name_zh, name_en in (("主会场", "Main hall"), ("报告厅", "Lecture hall")):
        services.save_room(
            series.id, services.RoomInput(name_zh=name_zh, name_en=name_en, seats=100)
        )
    return event


@pytest.fixture
def organiser(sign_in: SignIn, series: Series) -> None:
    sign_in(Role.ORGANISER, series=series)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[EventChange]:
    """What the rooms above are told, with three people coming to everything."""
    changes: list[EventChange] = []
    monkeypatch.setattr(events, "EVENT_CHANGED", [changes.append])
    monkeypatch.setattr(events, "PEOPLE_OF_EVENT", [lambda _event_id: 3])
    return changes


def filled(**other: Any) -> dict[str, Any]:
    return {
        "name_zh": "开幕",
        "name_en": "Opening",
        "kind": "forum",
        "mode": "onsite",
        "field": "",
        "starts_at": "2027-04-01T09:00",
        "ends_at": "2027-04-01T11:00",
        "room": "主会场",
        "description_zh": "",
        "description_en": "",
        "topics": "",
        **other,
    }


def own_session(event: Event) -> Session:
    return next(s for s in sessions_of(event.series_id) if s.slug == event.slug)


def count(kind: type[Model]) -> int:
    return db.session.execute(select(func.count()).select_from(kind)).scalar_one()


def reread(series: Series, slug: str = "opening") -> Event:
    db.session.expire_all()
    return event_or_404(series.id, slug)


PAGE = "/desk/s/jjj/schedule"
EVENT = f"{PAGE}/e/opening"


@pytest.mark.usefixtures("organiser")
def test_an_empty_schedule_says_what_to_do(browser: Browser, series: Series) -> None:
    assert "还没有活动" in browser.get(PAGE).text


@pytest.mark.usefixtures("organiser", "event")
@pytest.mark.parametrize("language", ["zh-Hans", "en"])
@pytest.mark.parametrize(
    "path",
    [
        "",
        "/e/opening",
        "/e/opening/edit",
        "/e/opening/cancel",
        "/e/opening/new-session",
        "/e/opening/new-agreement",
        "/e/opening/plaques",
        "/new-event",
        "/rooms",
    ],
)
def test_every_page_opens_in_both_languages(browser: Browser, path: str, language: str) -> None:
    browser.get(f"{PAGE}{path}?lang={language}")


@pytest.mark.usefixtures("organiser", "event")
def test_a_new_event_has_its_session_and_its_point(browser: Browser, series: Series) -> None:
    answer = browser.post(
        f"{PAGE}/new-event",
        filled(
            slug="evening",
            name_zh="　“通武廊”  论坛 ",
            kind="training",
            mode="hybrid",
            field="basic",
            room="报告厅",
            topics="第一项\r\n\r\n 第二项 ",
        ),
    )

    assert answer.location.endswith(f"{PAGE}/e/evening")
    made = reread(series, "evening")
    assert (made.name_zh, made.kind, made.mode) == ("“通武廊” 论坛", Kind.TRAINING, Mode.HYBRID)
    assert (made.starts_at, made.ends_at) == (NINE, NINE + timedelta(hours=2))
    assert (made.room, made.room_en, made.topics) == (
        "报告厅",
        "Lecture hall",
        ["第一项", "第二项"],
    )
    own = own_session(made)
    assert (own.starts_at, own.room and own.room.name_zh) == (NINE, "报告厅")
    assert db.session.scalars(select(Point.event_ids)).all() == [[made.id]]
    assert "event.create" in db.session.scalars(select(AuditEntry.action)).all()
    assert "“通武廊” 论坛" in browser.get(answer.location).text


@pytest.mark.usefixtures("organiser", "event")
@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"name_zh": " "}, "请填写活动的中文名称。"),
        ({"name_zh": "长" * 121}, "最多 120 字，现为 121 字。"),
        ({"slug": "opening"}, "本系列已有活动使用这个网址，请换一个。"),
        ({"slug": "Opening Day"}, "请用小写字母、数字和连字符，如 jjj-2025，最多 60 个字符。"),
        ({"slug": ""}, "请填写网址，如 opening。"),
        ({"starts_at": ""}, "请选择日期和时间。"),
        ({"starts_at": "tomorrow"}, "请按 2026-11-28 09:00 的形式填写日期和时间。"),
        ({"ends_at": "2027-04-01T09:00"}, "结束时间须晚于开始时间。"),
        ({"kind": "party"}, "请从列表中选择。"),
        ({"room": "露天"}, "请从列表中选择。"),
        ({"topics": "\n".join("事项" for _ in range(41))}, "最多 40 项，每行一项。"),
    ],
)
def test_bad_input_gets_a_sentence_and_is_kept(
    browser: Browser, wrong: dict[str, str], sentence: str
) -> None:
    typed = filled(**{"slug": "second", "name_en": "What was typed", **wrong})

    answer = browser.post(f"{PAGE}/new-event", typed, status=422)

    assert answer.text.count(sentence) == 2  # on top and beside the field
    assert 'value="What was typed"' in answer.text
    assert count(Event) == 1


@pytest.mark.usefixtures("organiser")
def test_moving_an_event_tells_its_people_and_takes_its_session_along(
    browser: Browser, series: Series, event: Event, told: list[EventChange]
) -> None:
    assert "已有 3 人报名" in browser.get(f"{EVENT}/edit").text
    before = series.updated_at

    browser.post(
        f"{EVENT}/edit",
        filled(
            name_zh=event.name_zh,
            starts_at="2027-04-02T10:00",
            ends_at="2027-04-02T11:30",
            room="报告厅",
        ),
    )

    (change,) = told
    assert [(c.what, c.before.zh, c.after.zh) for c in change.what] == [
        ("day", "2027 年 4 月 1 日，星期四", "2027 年 4 月 2 日，星期五"),
        ("time", "09:00–11:00", "10:00–11:30"),
        ("room", "主会场", "报告厅"),
    ]
    assert [c.after.en for c in change.what] == [
        "Friday, 2 April 2027",
        "10:00–11:30",
        "Lecture hall",
    ]
    moved, own = reread(series), own_session(event)
    assert (moved.sequence, own.sequence) == (1, 1)
    assert own.starts_at == moved.starts_at == NINE + timedelta(days=1, hours=1)
    assert own.room is not None
    assert own.room.name_zh == "报告厅"
    assert series.updated_at >= before
    assert "将通知 3 人" in browser.get(EVENT).text
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "event.edit")).one()
    assert entry.before["room"] == "主会场"
    assert entry.after["starts_at"] == "2027-04-02T10:00:00+08:00"


@pytest.mark.usefixtures("organiser")
def test_what_nobody_must_know_tells_nobody(
    browser: Browser, series: Series, event: Event, told: list[EventChange]
) -> None:
    same = filled(name_zh=event.name_zh, name_en=event.name_en)
    browser.post(f"{EVENT}/edit", same)
    assert "没有改动。" in browser.get(EVENT).text
    assert reread(series).sequence == 0

    browser.post(f"{EVENT}/edit", {**same, "name_en": "Better English", "kind": "release"})

    assert told == []
    assert (reread(series).sequence, reread(series).name_en) == (1, "Better English")
    assert own_session(event).name_en == "Better English"


@pytest.mark.usefixtures("organiser")
def test_an_event_is_cancelled_with_a_reason_and_may_take_place_after_all(
    browser: Browser, series: Series, event: Event, told: list[EventChange]
) -> None:
    assert "已报名的 3 人将收到取消通知" in browser.get(f"{EVENT}/cancel").text
    browser.post(f"{EVENT}/cancel", {"reason": "  "}, status=422)
    assert reread(series).state is EventState.SCHEDULED

    browser.post(f"{EVENT}/cancel", {"reason": "场地检修"})

    assert [(c.cancelled, c.reason) for c in told] == [(True, "场地检修")]
    assert [(c.what, c.after.zh) for c in told[0].what] == [("cancelled", "已取消")]
    assert (reread(series).state, own_session(event).cancelled) == (EventState.CANCELLED, True)
    assert (reread(series).sequence, own_session(event).sequence) == (1, 1)
    assert "已取消" in browser.get(PAGE).text
    assert browser.get(f"{EVENT}/cancel", status=302).location.endswith(EVENT)
    with pytest.raises(AlreadyCancelled):
        services.cancel_event(event.id, "again")

    browser.post(f"{EVENT}/restore")

    assert (told[1].cancelled, told[1].what[0].after.zh) == (False, "照常举行")
    assert (reread(series).state, own_session(event).cancelled) == (EventState.SCHEDULED, False)
    browser.post(f"{EVENT}/restore")
    assert "活动没有取消。" in browser.get(EVENT).text


@pytest.mark.usefixtures("organiser")
def test_only_what_nobody_uses_is_deleted(browser: Browser, series: Series, event: Event) -> None:
    make_category(event)

    browser.post(f"{EVENT}/delete")
    assert "不能删除；如不再举行，请取消活动。" in browser.get(EVENT).text
    assert count(Event) == 1

    services.create_event(series, "other", services.input_of(event))
    browser.post(f"{PAGE}/e/other/delete")

    assert [e.slug for e in events_of(series.id)] == ["opening"]
    assert (count(Session), count(Point)) == (1, 0)
    browser.get(f"{PAGE}/e/other", status=404)


@pytest.mark.usefixtures("organiser")
def test_a_room_taken_twice_is_a_warning(browser: Browser, series: Series, event: Event) -> None:
    later = services.input_of(event)
    services.create_event(series, "second", later)
    page = browser.get(PAGE).text
    assert page.count("会场冲突") == 2
    assert (
        f"主会场：与“{event.name_zh}”（09:00–11:00）时间重叠"
        in browser.get(f"{PAGE}/e/second").text
    )

    services.cancel_event(event_or_404(series.id, "second").id, "样本")

    assert "会场冲突" not in browser.get(PAGE).text


def test_events_that_follow_each_other_do_not_clash(
    browser: Browser, organiser: None, series: Series, event: Event
) -> None:
    make_event(series=series, starts_at=event.ends_at)
    assert "会场冲突" not in browser.get(PAGE).text


def session_data(**other: Any) -> dict[str, Any]:
    return {
        "name_zh": "专场",
        "name_en": "",
        "starts_at": "2027-04-01T09:00",
        "ends_at": "2027-04-01T10:00",
        "room_id": "",
        "track": "",
        "abstract_zh": "",
        "abstract_en": "",
        **other,
    }


PEOPLE = {
    "people-0-part": "chair",
    "people-0-name": "张 三",
    "people-0-organisation": "天津大学",
    "people-0-title": "教授",
    "people-0-topic": "",
    "people-1-part": "speaker",
    "people-1-name": "买买提•吐尔逊",
    "people-1-topic": "=1+1",
    "people-2-part": "speaker",
    "people-2-name": "",
}


@pytest.mark.usefixtures("organiser")
def test_a_session_has_people_in_their_order(
    browser: Browser, series: Series, event: Event
) -> None:
    room = db.session.scalars(select(Room).where(Room.name_zh == "报告厅")).one()

    browser.post(f"{EVENT}/new-session", session_data(room_id=str(room.id), **PEOPLE))

    made = next(s for s in sessions_of(series.id) if s.slug == "opening-1")
    assert [(p.part, p.name, p.organisation, p.title, p.topic) for p in made.people] == [
        (Part.CHAIR, "张三", "天津大学", "教授", ""),
        (Part.SPEAKER, "买买提·吐尔逊", "", "", "=1+1"),
    ]
    assert made.room == room
    page = browser.get(EVENT).text
    assert "主持：张三（天津大学，教授）" in page

    address = f"{EVENT}/sessions/{made.id}"
    assert 'value="买买提·吐尔逊"' in browser.get(address).text
    browser.post(
        address,
        session_data(
            starts_at="2027-04-01T09:30", **{"people-0-part": "host", "people-0-name": "李四"}
        ),
    )
    again = next(s for s in sessions_of(series.id) if s.slug == "opening-1")
    assert [p.name for p in again.people] == ["李四"]
    assert (again.sequence, again.room) == (1, None)


@pytest.mark.usefixtures("organiser", "event")
def test_rows_are_added_moved_and_removed_without_a_script(browser: Browser) -> None:
    typed = session_data(name_zh="", **PEOPLE)
    address = f"{EVENT}/new-session"

    page = browser.post(address, {**typed, "rows": "add"}, status=200).text
    assert 'name="people-3-name"' in page
    assert "请填写场次的中文名称" not in page  # nothing is judged yet

    page = browser.post(address, {**typed, "rows": "down-0"}, status=200).text
    assert page.index("买买提") < page.index("张 三")

    page = browser.post(address, {**typed, "rows": "remove-0"}, status=200).text
    assert "张 三" not in page
    assert count(Session) == 1


@pytest.mark.parametrize(
    ("button", "names"),
    [
        ("add", ["a", "b", "c", ""]),
        ("up-0", ["a", "b", "c"]),
        ("up-2", ["a", "c", "b"]),
        ("down-2", ["a", "b", "c"]),
        ("down-0", ["b", "a", "c"]),
        ("remove-1", ["a", "c"]),
        ("remove-9", ["a", "b", "c"]),
        ("explode", ["a", "b", "c"]),
    ],
)
def test_rows_keep_all_that_was_typed(button: str, names: list[str]) -> None:
    typed = MultiDict({"title": "x", "row-2-name": "b", "row-0-name": "a", "row-7-name": "c"})
    typed["rows"] = button

    after = arranged(typed, "row", ("name",))

    assert after.to_dict() == {"title": "x"} | {f"row-{n}-name": x for n, x in enumerate(names)}


@pytest.mark.usefixtures("organiser", "event")
@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"name_zh": ""}, "请填写场次的中文名称。"),
        ({"ends_at": "2027-04-01T08:00"}, "结束时间须晚于开始时间。"),
        ({"people-2-topic": "题目"}, "请填写姓名，或移除这一行。"),
        ({"people-0-part": "king"}, "请从列表中选择。"),
        ({"people-0-name": "长" * 61}, "最多 60 字，现为 61 字。"),
        ({"room_id": "99"}, "请从列表中选择。"),
    ],
)
def test_mistakes_in_a_session_stand_beside_their_fields(
    browser: Browser, wrong: dict[str, str], sentence: str
) -> None:
    typed = session_data(**PEOPLE) | wrong

    answer = browser.post(f"{EVENT}/new-session", typed, status=422)

    assert answer.text.count(sentence) == 2
    assert 'value="天津大学"' in answer.text
    assert count(Session) == 1


@pytest.mark.usefixtures("organiser")
def test_the_events_own_session_takes_people_only(
    browser: Browser, series: Series, event: Event
) -> None:
    own = own_session(event)
    address = f"{EVENT}/sessions/{own.id}"
    assert 'name="starts_at"' not in browser.get(address).text

    browser.post(address, session_data(starts_at="2030-01-01T00:00", track="主论坛", **PEOPLE))

    own = own_session(event)
    assert [p.name for p in own.people] == ["张三", "买买提·吐尔逊"]
    assert (own.starts_at, own.name_zh, own.track) == (NINE, event.name_zh, "主论坛")
    for action in ("cancel", "delete"):
        browser.post(f"{address}/{action}")
        assert "这是活动本身的场次" in browser.get(EVENT).text
    assert count(Session) == 1


@pytest.mark.usefixtures("organiser")
def test_a_session_is_cancelled_or_deleted(browser: Browser, series: Series, event: Event) -> None:
    browser.post(f"{EVENT}/new-session", session_data())
    made = next(s for s in sessions_of(series.id) if s.slug == "opening-1")
    address = f"{EVENT}/sessions/{made.id}"

    browser.post(f"{address}/cancel")
    db.session.expire_all()
    assert (made.cancelled, made.sequence) == (True, 1)
    browser.post(f"{address}/restore")
    db.session.expire_all()
    assert made.cancelled is False
    browser.post(f"{address}/delete")
    assert count(Session) == 1
    browser.get(address, status=404)


def test_a_session_with_seats_is_not_deleted(event: Event) -> None:
    given = services.SessionInput(
        name_zh="工作坊", starts_at=NINE, ends_at=NINE + timedelta(hours=1)
    )
    made = services.create_session(event.id, given)
    with transaction():
        db.session.add(
            Pool(series_id=event.series_id, session_id=made.id, name_zh="工作坊", size=5)
        )

    with pytest.raises(InUse):
        services.delete_session(made.id)
    with pytest.raises(InUse):
        services.delete_event(event.id)


@pytest.fixture
def organisations() -> None:
    with transaction():
        for name, alias in (
            ("天津市教育委员会", "市教委"),
            ("北京市教育委员会", ""),
            ("河北省教育厅", ""),
        ):
            organisation = Organisation(name_zh=name)
            db.session.add(organisation)
            db.session.flush()
            if alias:
                db.session.add(OrganisationAlias(alias=alias, organisation_id=organisation.id))


def parties(*names: str) -> dict[str, str]:
    return {f"parties-{n}-organisation": name for n, name in enumerate(names)}


@pytest.mark.usefixtures("organiser", "organisations")
def test_an_agreement_has_ordered_parties_found_by_name_or_alias(
    browser: Browser, event: Event
) -> None:
    page = f"{EVENT}/new-agreement"
    three = parties("北京市教育委员会", "市教委", "河北省教育厅")

    browser.post(page, {"name_zh": "共建协议", "parties-1-signatory": "样本", **three})

    made = db.session.scalars(select(Agreement)).one()
    assert [(p.organisation.name_zh, p.signatory) for p in made.parties] == [
        ("北京市教育委员会", ""),
        ("天津市教育委员会", "样本"),
        ("河北省教育厅", ""),
    ]
    assert "北京市教育委员会、天津市教育委员会（样本）、河北省教育厅" in browser.get(EVENT).text

    address = f"{EVENT}/agreements/{made.id}"
    moved = browser.post(address, {"name_zh": "共建协议", "rows": "up-2", **three}, status=200).text
    assert moved.index('value="河北省教育厅"') < moved.index('value="市教委"')
    browser.post(
        address, {"name_zh": "共建协议（二）", **parties("河北省教育厅", "北京市教育委员会")}
    )
    db.session.expire_all()
    assert [p.organisation.name_zh for p in made.parties] == ["河北省教育厅", "北京市教育委员会"]
    browser.post(f"{address}/delete")
    assert count(Agreement) == 0


@pytest.mark.usefixtures("organiser", "organisations", "event")
@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (parties("市教委"), "协议至少有两方，请补充。"),
        (parties("市教委", "天津市教育委员会"), "同一单位只能列一次。"),
        (parties("市教委", "天津教委"), "单位名录中没有“天津教委”，请填写全称或常用简称。"),
        (parties("市教委", "河北省教育厅") | {"name_zh": ""}, "请填写协议的中文名称。"),
    ],
)
def test_an_agreement_with_a_mistake_is_not_stored(
    browser: Browser, wrong: dict[str, str], sentence: str
) -> None:
    answer = browser.post(f"{EVENT}/new-agreement", {"name_zh": "协议"} | wrong, status=422)

    assert answer.text.count(sentence) == 2
    assert 'value="市教委"' in answer.text
    assert count(Agreement) == 0


@pytest.mark.usefixtures("organiser")
def test_plaques_are_a_list_in_order(browser: Browser, event: Event) -> None:
    page = f"{EVENT}/plaques"
    browser.post(page, {"plaques-0-name_zh": "甲学院", "plaques-1-name_zh": "乙学院"})
    assert _plaques() == [("甲学院", ""), ("乙学院", "")]

    reordered = {"plaques-0-name_zh": "乙学院", "plaques-0-name_en": "B College"}
    assert 'value="B College"' in browser.post(page, reordered | {"rows": "add"}, status=200).text
    browser.post(page, reordered)
    assert _plaques() == [("乙学院", "B College")]

    answer = browser.post(page, {"plaques-0-name_en": "Nameless"}, status=422)
    assert "请填写中文名称，或移除这一行。" in answer.text
    browser.post(page, {})
    assert _plaques() == []


@pytest.mark.usefixtures("organiser")
def test_rooms_are_named_once_and_a_new_name_is_news(
    browser: Browser, series: Series, event: Event, told: list[EventChange]
) -> None:
    page = f"{PAGE}/rooms"
    browser.post(page, {"name_zh": "展厅", "name_en": "Hall", "seats": "two"}, status=422)
    browser.post(page, {"name_zh": "展厅", "name_en": "Hall", "seats": "2000"})
    again = browser.post(page, {"name_zh": "展厅", "seats": "many"}, status=422)
    assert "请填写整数，如 300。" in again.text
    again = browser.post(page, {"name_zh": "展厅"}, status=422)
    assert "本系列已有同名会场。" in again.text

    main = db.session.scalars(select(Room).where(Room.name_zh == "主会场")).one()
    address = f"{page}/{main.id}"
    assert "已有 3 人报名" in browser.get(address).text
    browser.post(address, {"name_zh": "会议中心主会场", "name_en": "Centre", "seats": ""})

    assert [(c.before.zh, c.after.zh) for c in told[0].what] == [("主会场", "会议中心主会场")]
    assert (reread(series).room, reread(series).room_en) == ("会议中心主会场", "Centre")
    assert own_session(event).room_id == main.id


@pytest.mark.usefixtures("organiser")
def test_a_room_in_use_is_not_deleted(browser: Browser, series: Series, event: Event) -> None:
    services.edit_event(event.id, services.input_of(event))
    rooms = {room.name_zh: room.id for room in db.session.scalars(select(Room))}

    browser.post(f"{PAGE}/rooms/{rooms['主会场']}/delete")
    browser.post(f"{PAGE}/rooms/{rooms['报告厅']}/delete")

    assert db.session.scalars(select(Room.name_zh)).all() == ["主会场"]


def test_markup_in_names_has_no_effect(
    browser: Browser, organiser: None, series: Series, event: Event
) -> None:
    payload = "<script>alert(1)</script>{{ 7*7 }}\"'{name}"
    browser.post(f"{EVENT}/edit", filled(name_zh=payload, topics=payload))
    for page in (PAGE, EVENT, f"{EVENT}/edit"):
        text = browser.get(page).text
        assert "<script>alert" not in text
        assert "{{ 7*7 }}" in text


@pytest.mark.parametrize(
    ("role", "reads"),
    [
        (Role.REGISTRAR, True),
        (Role.VIEWER, True),
        (Role.DOOR, False),
        (Role.PRESS_OFFICER, False),
    ],
)
def test_others_read_at_most(
    browser: Browser, sign_in: SignIn, series: Series, event: Event, role: Role, reads: bool
) -> None:
    sign_in(role, series=series)
    for page in (PAGE, EVENT):
        text = browser.get(page, status=200 if reads else 404).text
        assert "/edit" not in text
        assert "new-" not in text
    for path in ("/new-event", "/rooms", "/e/opening/edit", "/e/opening/cancel"):
        browser.get(f"{PAGE}{path}", status=404)
        browser.post(f"{PAGE}{path}", filled(slug="x", reason="x"), status=404)
    assert (count(Event), reread(series).state) == (1, EventState.SCHEDULED)


def test_things_of_another_series_are_not_there(
    browser: Browser, organiser: None, series: Series, event: Event
) -> None:
    other = make_event(slug="theirs")
    theirs = own_session(other)
    room = services.save_room(other.series_id, services.RoomInput(name_zh="他处"))
    for path in (
        "/e/theirs",
        "/e/theirs/edit",
        f"/e/opening/sessions/{theirs.id}",
        f"/rooms/{room.id}",
        "/e/opening/agreements/1",
    ):
        browser.get(f"{PAGE}{path}", status=404)


def test_the_schedule_takes_as_many_queries_for_many_events(
    client: FlaskClient, organiser: None, series: Series, event: Event
) -> None:
    few = _queries(client, PAGE)
    here = series_by_slug("jjj")
    for day in range(40):
        make_event(series=here, starts_at=clock.now() + timedelta(days=day))
    assert _queries(client, PAGE) == few <= 15


def _queries(client: FlaskClient, url: str) -> int:
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    db.session.remove()
    listen(db.engine, "before_cursor_execute", note)
    try:
        assert client.get(url, base_url="https://forum.example.org").status_code == 200
    finally:
        remove(db.engine, "before_cursor_execute", note)
    return len(seen)


def _plaques() -> list[tuple[str, str]]:
    rows = db.session.scalars(select(Plaque).order_by(Plaque.position)).all()
    return [(row.name_zh, row.name_en) for row in rows]
