"""Letters to many: what they say, whom they reach, when they go, and that each goes once."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import event, func, select

from eduforum.announcements import queries, services
from eduforum.announcements.models import Announcement, AnnouncementRecipient
from eduforum.announcements.rules import (
    AnnouncementKind,
    AnnouncementState,
    Arrived,
    CannotSend,
    Deed,
    DeedNotAllowed,
    RecipientState,
    check_words,
    fill,
    is_quiet,
)
from eduforum.announcements.services import AnnouncementInput, sending
from eduforum.checkin.models import Point, Scan
from eduforum.core import clock as our_clock
from eduforum.core.db import db, new_id, transaction
from eduforum.core.errors import BadInput
from eduforum.core.i18n import Language
from eduforum.events.models import Event
from eduforum.events.rules import EventState, InUse
from eduforum.notices.models import Notice
from eduforum.notices.rules import NoticeState
from eduforum.notices.services import deliver_due
from eduforum.registration.models import Category, Registration
from eduforum.registration.rules import State
from eduforum.registration.services import my_url, settings
from eduforum.schedule.services import moments
from eduforum.web.access import Role
from tests.factories import make_category, make_delegation, make_event, make_series
from tests.notices.conftest import set_server
from tests.notices.servers import smtp
from tests.pages import Browser
from tests.queries import counted
from tests.registration.people import apply

Clock = time_machine.Traveller
SignIn = Callable[..., None]


def given(kind: AnnouncementKind = AnnouncementKind.ANNOUNCEMENT, **more: Any) -> AnnouncementInput:
    said: dict[str, Any] = {
        "subject_zh": "入场须知", "subject_en": "How to get in",
        "body_zh": "{name}：\n请看 {link}", "body_en": "{name},\nsee {link}",
        "quiet_from": "22:00", "quiet_until": "07:00",
    }  # fmt: skip
    return AnnouncementInput(kind=kind, **(said | more))


def reminder(forum: Event, **more: Any) -> AnnouncementInput:
    about = {"event_id": forum.id, "days_before": 1, "at_clock": "09:00"}
    return given(AnnouncementKind.REMINDER, **(about | more))


def people(category: Category, count: int) -> list[Registration]:
    return [apply(category, f"甲{n}", email=f"p{n}@example.org") for n in range(count)]


def scheduled(category: Category, what: AnnouncementInput) -> Announcement:
    one = services.create(category.series_id, what)
    return services.schedule(category.series_id, one.id, queries.audience_count(one))


def fresh(one: Announcement) -> Announcement:
    db.session.rollback()
    db.session.expire_all()
    return queries.announcement_or_404(one.series_id, one.id)


def letters() -> list[Notice]:
    db.session.rollback()
    found = select(Notice).where(Notice.kind == services.KIND).order_by(Notice.created_at)
    return list(db.session.scalars(found.execution_options(populate_existing=True)))


def pretend_sent() -> None:
    """As if the worker had delivered everything."""
    with transaction():
        for notice in db.session.scalars(select(Notice).where(Notice.kind == services.KIND)):
            notice.state, notice.next_attempt_at = NoticeState.SENT, None
            notice.sent_at = our_clock.now()


@pytest.fixture
def category(app: Flask) -> Category:
    return make_category(seats=None)


def test_placeholders_are_filled_once() -> None:
    assert fill("{name} {unit} {x}", {"name": "{unit}", "unit": "{name}"}) == "{unit} {name} {x}"
    assert fill("a { b } {name", {"name": "n"}) == "a { b } {name"


def test_unknown_placeholders_are_refused_with_those_allowed(category: Category) -> None:
    assert check_words("{name} 100% {}", of_event=False) is not None
    assert check_words("{room}", of_event=True) is None
    with pytest.raises(BadInput) as refused:
        services.create(category.series_id, given(body_en="{nmae} {room}"))
    [sentence] = refused.value.errors["body_en"]
    assert "{nmae} {room}" in sentence.en
    assert "{name}" in sentence.en


def test_quiet_hours_span_midnight() -> None:
    zone = "Asia/Shanghai"
    at = {hour: datetime(2027, 3, 1, hour, 0, tzinfo=UTC) for hour in (1, 14, 22, 23)}
    assert not is_quiet(at[1], zone, "22:00", "07:00")  # 09:00 in Beijing
    assert is_quiet(at[14], zone, "22:00", "07:00")  # 22:00
    assert is_quiet(at[22], zone, "22:00", "07:00")  # 06:00
    assert not is_quiet(at[23], zone, "22:00", "07:00")  # 07:00
    assert not is_quiet(at[14], zone, "00:00", "00:00")


def test_the_audience_is_who_fits_all_conditions(either_app: Flask) -> None:
    first = make_category(seats=None)
    second = make_category(make_event(series=first.series), seats=None)
    team = make_delegation(first.series)
    a, b, c = apply(first, "甲"), apply(first, "乙"), apply(second, "丙")
    with transaction():
        db.session.get_one(Registration, b.id).delegation_id = team.id
        point = Point(series_id=a.series_id, kind="session", name_zh="签到", name_en="In")
        db.session.add(point)
        db.session.flush()
        db.session.add(
            Scan(
                id=new_id(), series_id=a.series_id, point_id=point.id, ticket_id=a.ticket_id,
                seq=1, code_hash="x", content_hash="y", verdict="admitted",
                scanned_at=our_clock.now(), effective_at=our_clock.now(),
            )
        )  # fmt: skip

    def reached(**more: Any) -> set[str]:
        one = services.create(first.series_id, given(**more))
        return {found.name for found in queries.audience_page(one, number=1, size=50)}

    assert reached() == {"甲", "乙", "丙"}
    assert reached(category_ids=(second.id,)) == {"丙"}
    assert reached(event_ids=(first.events[0].id,)) == {"甲", "乙"}
    assert reached(delegation_ids=(str(team.id),)) == {"乙"}
    assert reached(arrived=Arrived.YES) == {"甲"}
    assert reached(arrived=Arrived.NO, event_ids=(first.events[0].id,)) == {"乙"}
    assert reached(states=(State.WAITLISTED.value,)) == set()
    with pytest.raises(BadInput):
        reached(states=())
    assert c.state is State.CONFIRMED


def test_a_reminder_moves_with_its_event(category: Category, clock: Clock) -> None:
    [forum] = category.events
    people(category, 2)
    one = scheduled(category, reminder(forum, body_zh="{event} {day} {time} {room}"))
    due = one.due_at
    assert due
    with transaction():
        moved = db.session.get_one(Event, forum.id)
        moved.starts_at += timedelta(days=2)
        moved.ends_at += timedelta(days=2)
    assert fresh(one).due_at == due + timedelta(days=2)

    clock.move_to(due)
    assert services.send_due() == 0
    clock.move_to(due + timedelta(days=2))
    assert services.send_due() == 2

    assert fresh(one).state is AnnouncementState.SENT
    assert "17 日" in letters()[0].values["said_body"]
    assert letters()[0].useful_until == fresh(one).event.starts_at  # type: ignore[union-attr]


def test_a_reminder_of_a_cancelled_event_is_not_sent(category: Category, clock: Clock) -> None:
    [forum] = category.events
    people(category, 1)
    one = scheduled(category, reminder(forum))
    with transaction():
        db.session.get_one(Event, forum.id).state = EventState.CANCELLED
    clock.move_to(one.due_at)

    assert services.send_due() == 0

    assert (fresh(one).state, fresh(one).reason) == (AnnouncementState.CANCELLED, "event_cancelled")
    assert letters() == []


def test_rate_and_quiet_hours_hold(category: Category, clock: Clock) -> None:
    people(category, 7)
    one = scheduled(category, given(per_minute=2, per_day=5))
    clock.move_to(datetime(2027, 3, 1, 13, 58, tzinfo=UTC))  # 21:58 in Beijing
    assert [services.send_due(), services.send_due()] == [2, 0]
    clock.shift(61)
    assert services.send_due() == 0, "the outbox has not got rid of the first yet"
    pretend_sent()
    assert services.send_due() == 2
    pretend_sent()
    clock.shift(61)
    assert services.send_due() == 0, "quiet since 22:00"
    clock.move_to(datetime(2027, 3, 1, 23, 0, tzinfo=UTC))  # 07:00
    assert services.send_due() == 1, "five in 24 hours"
    pretend_sent()
    clock.move_to(datetime(2027, 3, 2, 14, 0, tzinfo=UTC) - timedelta(hours=1))
    assert services.send_due() == 0
    clock.move_to(datetime(2027, 3, 3, 1, 0, tzinfo=UTC))
    assert services.send_due() == 2
    assert fresh(one).state is AnnouncementState.SENT
    assert len({notice.recipient for notice in letters()}) == 7


def test_a_letter_that_is_sent_again_counts_again(category: Category, clock: Clock) -> None:
    people(category, 2)
    one = scheduled(category, given(per_minute=2, per_day=3))
    assert services.send_due() == 2
    with transaction():
        for letter in letters():
            failed = db.session.get_one(Notice, letter.id)
            failed.state, failed.next_attempt_at = NoticeState.FAILED, None
            failed.last_error = "recipient-refused: 550 no such user"
    clock.shift(120)
    services.send_again(category.series_id, one.id)
    assert services.send_due() == 1
    pretend_sent()
    clock.shift(120)
    assert services.send_due() == 0, "three in 24 hours"


def test_stop_holds_and_resume_goes_on(category: Category, clock: Clock) -> None:
    people(category, 4)
    one = scheduled(category, given(per_minute=2))
    series_id = category.series_id
    assert services.send_due() == 2
    services.act(series_id, one.id, Deed.STOP)
    pretend_sent()
    clock.shift(120)
    assert services.send_due() == 0
    services.act(series_id, one.id, Deed.RESUME)
    assert services.send_due() == 2
    assert fresh(one).state is AnnouncementState.SENT
    with pytest.raises(DeedNotAllowed):
        services.act(series_id, one.id, Deed.CANCEL)


def test_what_reaches_nobody_or_comes_too_late_is_refused(category: Category) -> None:
    with pytest.raises(CannotSend):
        scheduled(category, given())
    people(category, 1)
    with pytest.raises(CannotSend):
        scheduled(category, given(send_at=our_clock.now() - timedelta(minutes=1)))


def test_a_crash_in_the_middle_sends_nothing_twice(either_app: Flask) -> None:
    category = make_category(seats=None)
    people(category, 5)
    scheduled(category, given())

    seen: list[str] = []

    def dies(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        seen.extend([statement] if statement.startswith("INSERT INTO notices") else [])
        if len(seen) == 3:
            raise OSError("the machine went away")

    event.listen(db.engine, "before_cursor_execute", dies)
    try:
        with pytest.raises(OSError, match="went away"):
            services.send_due()
    finally:
        event.remove(db.engine, "before_cursor_execute", dies)
    assert letters() == []

    assert services.send_due() == 5
    assert services.send_due() == 0

    assert sorted(notice.recipient for notice in letters()) == [
        f"p{n}@example.org" for n in range(5)
    ]


def test_recipients_are_drawn_in_chunks(either_app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "DRAWN", 2)
    category = make_category(seats=None)
    people(category, 5)
    one = scheduled(category, given())

    assert [services.send_due() for _ in range(3)] == [0, 0, 5]

    rows = db.session.execute(
        select(func.count()).where(AnnouncementRecipient.announcement_id == one.id)
    ).scalar_one()
    assert rows == 5


def test_whoever_has_no_address_is_reached_through_the_liaison(category: Category) -> None:
    team = make_delegation(category.series)
    reported, alone = apply(category, "林知夏"), apply(category, "无人")
    with transaction():
        db.session.get_one(Registration, reported.id).delegation_id = team.id
    one = scheduled(category, given())

    assert services.send_due() == 1

    [notice] = letters()
    assert notice.recipient == team.liaison_email
    assert notice.about == f"registration:{reported.id}"
    assert notice.values["for_person"] == "林知夏"
    assert my_url(reported) not in str(notice.values)
    assert services.compose(notice).link == ""
    skipped = db.session.get_one(AnnouncementRecipient, (one.id, alone.id))
    assert (skipped.state, skipped.reason) == (RecipientState.SKIPPED, "no_address")
    assert [row.registration_id for row in queries.troubled(one)] == [alone.id]


def test_who_left_the_group_meanwhile_is_skipped(category: Category, clock: Clock) -> None:
    first, second = people(category, 2)
    one = scheduled(category, given(per_minute=1))
    assert services.send_due() == 1
    pretend_sent()
    with transaction():
        db.session.get_one(Registration, second.id).state = State.WITHDRAWN
    clock.shift(61)
    assert services.send_due() == 0
    assert db.session.get_one(AnnouncementRecipient, (one.id, second.id)).reason == "no_longer"
    assert letters()[0].recipient == first.email


def test_it_arrives(app: Flask, category: Category) -> None:
    [person] = people(category, 1)
    scheduled(category, given(body_zh="{name}：\n请看 {link}"))
    services.send_due()
    with smtp() as mailbox:
        set_server(app, mailbox.port)
        with transaction():
            for other in db.session.scalars(select(Notice).where(Notice.kind != services.KIND)):
                db.session.delete(other)
        assert deliver_due() == 1
        [message] = mailbox.messages
    text = message.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert message["Subject"] == "入场须知"
    assert f"请看 {my_url(person)}" in text
    assert "personal-link.invalid" not in str(message)


def test_the_pages(browser: Browser, category: Category, sign_in: SignIn, clock: Clock) -> None:
    people(category, 3)
    sign_in(Role.ORGANISER, series=category.series)
    root = f"/desk/s/{category.series.slug}/announcements"
    assert "还没有提醒和通告" in browser.get(root).text
    said = {
        "subject_zh": "入场须知", "subject_en": "How to get in", "body_zh": "{nmae}您好",
        "body_en": "Bring {unit}", "states": ["confirmed"], "arrived": "any", "per_minute": "2",
        "per_day": "5000", "quiet_from": "22:00", "quiet_until": "7:00", "send_at": "",
    }  # fmt: skip
    wrong = browser.post(f"{root}/new/announcement", said, status=422).text
    assert "请按 09:00 的形式填写时间" in wrong
    said["quiet_until"] = "07:00"
    wrong = browser.post(f"{root}/new/announcement", said, status=422).text
    assert "无法识别 {nmae}" in wrong
    made = browser.post(f"{root}/new/announcement", said | {"body_zh": "{name}请到场"}, status=303)
    page = browser.get(made.location).text
    assert "核对并发送" in page
    assert "甲0请到场" in page
    assert "Bring 样本学校" in page
    assert "p***@example.org" in page
    assert "p0@example.org" not in page
    browser.get(f"{made.location}/edit")
    question = browser.get(f"{made.location}/send").text
    assert "确认发送给 3 人" in question
    assert "甲*、甲*、甲*" in question
    assert "甲0请到场" in question
    assert "Bring" not in question
    browser.post(f"{made.location}/send", {"count": "3"}, status=303)
    assert services.send_due() == 2
    browser.post(f"{made.location}/stop", status=303)
    page = browser.get(made.location).text
    assert "已暂停" in page
    assert "继续发送" in page
    with transaction():
        failed = db.session.get_one(Notice, letters()[0].id)
        failed.state, failed.next_attempt_at = NoticeState.FAILED, None
        failed.last_error = "recipient-refused: 550 no such user"
    page = browser.get(made.location).text
    assert "收件地址被拒收（550 no such user）" in page
    assert f"/notices/{failed.id}" in page
    browser.post(f"{made.location}/again", status=303)
    assert "当前状态为“已暂停”" in browser.get(made.location).text
    browser.post(f"{made.location}/resume", status=303)
    assert "重新发送给 1 人" in browser.get(made.location).text
    browser.post(f"{made.location}/again", status=303)
    page = browser.get(made.location).text
    assert "将重新发送给 1 人" in page
    assert f"/notices/{failed.id}" not in page
    browser.post(f"{made.location}/stop", status=303)
    browser.post(f"{made.location}/send", {"count": "3"}, status=303)
    assert "当前状态为“已暂停”" in browser.get(made.location).text

    remind = {
        "event_id": str(category.events[0].id), "days_before": "1", "at_clock": "09:00",
        "body_zh": "{event}在{room}", "body_en": "{event} in {room}", **{
            k: v for k, v in said.items() if k not in ("body_zh", "body_en", "states", "arrived")
        },
    }  # fmt: skip
    browser.get(f"{root}/new/reminder")
    made = browser.post(f"{root}/new/reminder", remind, status=303)
    assert "在主会场" in browser.get(made.location).text


def test_the_question_before_sending_holds_the_number_that_was_shown(
    browser: Browser, category: Category, sign_in: SignIn
) -> None:
    team = make_delegation(category.series)
    people(category, 1)
    reported, alone = apply(category, "林知夏"), apply(category, "欧阳若水")
    with transaction():
        db.session.get_one(Registration, reported.id).delegation_id = team.id
    one = services.create(category.series_id, given())
    sign_in(Role.ORGANISER, series=category.series)
    ask = f"/desk/s/{category.series.slug}/announcements/{one.id}/send"

    page = browser.get(ask).text
    assert "1 人本人和联络员均无电子邮箱" in page
    assert f"/registrations/{alone.id}" in page
    assert (reach := queries.reach(one)) == queries.Reach(own=1, liaison=1, none=1)
    assert reach.total == queries.audience_count(one)

    apply(category, "后来者", email="late@example.org")
    page = browser.post(ask, {"count": "3"}, status=409).text
    assert "符合条件的人数已由 3 变为 4，没有发送" in page
    assert "确认发送给 4 人" in page
    for wrong in ({}, {"count": "-1"}, {"count": "1" * 5000}):
        browser.post(ask, wrong, status=409)
    assert fresh(one).state is AnnouncementState.DRAFT
    browser.post(ask, {"count": "4"}, status=303)
    assert fresh(one).state is AnnouncementState.SCHEDULED
    browser.get(ask, status=303)


def test_it_is_sent_again_to_those_whom_it_did_not_reach(either_app: Flask) -> None:
    category = make_category(seats=None)
    _arrived, refused = people(category, 2)
    alone, without = apply(category, "无人"), apply(category, "无址")
    one = scheduled(category, given())
    assert services.send_due() == 2
    pretend_sent()
    with transaction():
        [bad] = [notice for notice in letters() if notice.recipient == refused.email]
        bad = db.session.get_one(Notice, bad.id)
        bad.state, bad.last_error, bad.sent_at = NoticeState.FAILED, "recipient-refused: 550", None
        db.session.get_one(Registration, refused.id).email = "right@example.org"
        db.session.get_one(Registration, alone.id).email = "alone@example.org"

    assert services.send_again(one.series_id, one.id) == 2
    assert services.send_due() == 2

    assert sorted(n.recipient for n in letters() if n.state is NoticeState.QUEUED) == [
        "alone@example.org",
        "right@example.org",
    ]
    assert db.session.get_one(Notice, bad.id).state is NoticeState.WITHHELD
    assert [row.registration_id for row in queries.troubled(one)] == [without.id]
    assert fresh(one).state is AnnouncementState.SENT
    assert fresh(one).ended_at
    with pytest.raises(CannotSend):
        services.send_again(one.series_id, one.id)


def test_a_reminder_of_what_has_begun_is_not_sent_again(category: Category, clock: Clock) -> None:
    [forum] = category.events
    apply(category, "无址")
    one = scheduled(category, reminder(forum))
    clock.move_to(one.due_at)
    assert services.send_due() == 0
    clock.move_to(forum.starts_at)
    with pytest.raises(CannotSend, match="已开始"):
        services.send_again(one.series_id, one.id)
    assert fresh(one).state is AnnouncementState.SENT


def test_the_list_asks_the_same_number_of_questions(
    browser: Browser, category: Category, sign_in: SignIn
) -> None:
    sign_in(Role.ORGANISER, series=category.series)
    root = f"/desk/s/{category.series.slug}/announcements"
    people(category, 1)
    first = services.create(category.series_id, given())
    browser.get(root)
    with counted() as few:
        browser.get(root)
    with counted() as few_people:
        browser.get(f"{root}/{first.id}")
    people_more = [apply(category, f"乙{n}", email=f"q{n}@example.org") for n in range(9)]
    for _ in people_more:
        services.create(category.series_id, reminder(category.events[0]))
    with counted() as many:
        browser.get(root)
    with counted() as many_people:
        browser.get(f"{root}/{first.id}")
    assert len(few) == len(many)
    assert len(few_people) == len(many_people)


def test_registrars_look_and_others_find_nothing(
    browser: Browser, category: Category, sign_in: SignIn
) -> None:
    people(category, 1)
    one = services.create(category.series_id, given())
    elsewhere = make_series()
    root = f"/desk/s/{category.series.slug}/announcements"
    sign_in(Role.REGISTRAR, series=category.series)
    assert "确认发送" not in browser.get(f"{root}/{one.id}").text
    assert "新建" not in browser.get(root).text
    browser.get(f"{root}/new/reminder", status=404)
    browser.get(f"{root}/{one.id}/send", status=404)
    browser.post(f"{root}/{one.id}/send", {"count": "1"}, status=404)
    browser.post(f"{root}/{one.id}/again", status=404)
    sign_in(Role.VIEWER, series=category.series)
    browser.get(root, status=404)
    sign_in(Role.ORGANISER, series=elsewhere)
    browser.get(f"/desk/s/{elsewhere.slug}/announcements/{one.id}", status=404)
    assert fresh(one).state is AnnouncementState.DRAFT


def test_a_preview_speaks_the_asked_language(category: Category) -> None:
    [person] = people(category, 1)
    one = services.create(category.series_id, given())
    assert services.preview(one, person, Language.EN).subject == "How to get in"
    assert services.preview(one, person, Language.ZH).subject == "入场须知"


def test_an_event_or_category_that_a_letter_names_is_kept(app: Flask) -> None:
    """The lists of a letter hold no foreign key, and a deleted number may be given again."""
    series = make_series()
    first, second = (make_event(series=series, slug=slug) for slug in ("one", "two"))
    spare = make_category(first, seats=None)
    to_two = given(event_ids=(first.id, second.id), category_ids=(spare.id,))
    letter = services.create(series.id, to_two)
    with pytest.raises(InUse) as kept:
        moments.delete_event(second.id)
    assert "群发通知“入场须知”用到这个活动" in str(kept.value.sentence)
    with pytest.raises(InUse) as kept:
        settings.delete_category(series.id, spare.id)
    assert "群发通知“入场须知”发给这个类别的人" in str(kept.value.sentence)
    services.edit(series.id, letter.id, given(event_ids=(first.id,)))
    moments.delete_event(second.id)
    settings.delete_category(series.id, spare.id)
    assert db.session.get(Event, second.id) is None
