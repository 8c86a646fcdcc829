"""After the event, and what keeps the press informed: coverage, thanks, corrections, contacts, the end."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
import time_machine
from python_calamine import CalamineWorkbook
from sqlalchemy import select
from werkzeug.test import TestResponse

from eduforum.core import audit
from eduforum.core import clock as core_clock
from eduforum.core.db import db, transaction
from eduforum.core.errors import BadInput, NotFound
from eduforum.core.i18n import Language
from eduforum.core.personal import Group
from eduforum.events import services as events
from eduforum.events.models import Event
from eduforum.events.rules import InUse
from eduforum.notices.letters import extras_of
from eduforum.notices.models import Notice
from eduforum.press import coverage_queries
from eduforum.press.models import (
    Application,
    EventPlaces,
    PressPersonEvent,
    PressSettings,
    PressWindow,
)
from eduforum.press.rules import MediaGroup, PassState, State
from eduforum.press.rules.coverage import (
    Medium,
    NotOverYet,
    NotReporting,
    NumberChanged,
    check_url,
)
from eduforum.press.rules.forms import Field
from eduforum.press.rules.ranking import Criterion
from eduforum.press.services import coverage, decide
from eduforum.press.services.coverage import LinkInput
from eduforum.press.services.settings import GeneralInput, set_general, set_window
from eduforum.pressroom import services as room
from eduforum.pressroom.rules import CorrectionChanged, MaterialKind, NothingToTell
from eduforum.pressroom.services import MaterialInput
from eduforum.privacy import services as privacy
from eduforum.site.copy import CopyInput, copy_series
from eduforum.web.access import Role
from tests.pages import Browser
from tests.press.outlets import House, as_, audited, mailed, path_of, people, state_of
from tests.queries import counted

pytestmark = pytest.mark.usefixtures("app")
ONE = "user:1"


@pytest.fixture
def house(sign_in: Callable[..., None]) -> House:
    made = House()
    sign_in(Role.PRESS_OFFICER, series=made.series)
    return made


def approved(house: House, outlet: str = "海河观察", **more: Any) -> Application:
    application = house.verified(outlet=outlet, **more)
    with as_(ONE):
        grants = {p.id: house.grant() for p in people(application)}
        decide.approve(house.id, application.id, grants)
    return application


def link(n: int = 1, **more: Any) -> LinkInput:
    given: dict[str, Any] = {
        "url": f"https://news.example.org/{n}",
        "title": "三地签约",
        "medium": Medium.ONLINE,
        "published_on": core_clock.now().date() - timedelta(days=1),
        "event": "signing",
    }
    return LinkInput(**(given | more))


def over(house: House) -> None:
    with transaction():
        for event in db.session.scalars(select(Event).where(Event.series_id == house.id)):
            event.starts_at -= timedelta(days=30)
            event.ends_at -= timedelta(days=30)


def sheets(answer: TestResponse) -> dict[str, list[list[Any]]]:
    with answer:
        book = CalamineWorkbook.from_filelike(BytesIO(answer.data))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def test_an_address_is_a_whole_web_address() -> None:
    for good in ("https://a.example/x?y=1#z", " http://例子.中国/新闻 ", "HTTPS://A.example:8080/"):
        assert check_url(good).startswith("http")
    for bad in ("javascript:alert(1)", "ftp://a.example/x", "//a.example", "https://", "https://a b.example",
                "https://user:pw@a.example", "https://a.example:99999", "https://localhost",
                "https://a.example/\u202e", "data:text/html,x", "https://[::1", f"https://a.example/{'x' * 1000}"):  # fmt: skip
        with pytest.raises(BadInput) as refused:
            check_url(bad)
        assert "url" in refused.value.errors


def test_outlets_enter_what_they_published(house: House, browser: Browser) -> None:
    mine, other = approved(house), approved(house, "渤海晨讯")
    waiting = house.verified(outlet="晨光教育")
    with pytest.raises(NotReporting):
        coverage.add(house.id, waiting.id, link())
    page = path_of(mine, "/coverage")
    browser.get(page)
    day = f"{core_clock.now():%Y-%m-%d}"
    sent = {"url": "javascript:alert(1)", "title": "<b>三地</b>", "medium": "app",
            "published_on": day, "event": "signing"}  # fmt: skip
    answer = browser.post(page, sent, status=422).text
    assert "完整网址" in answer
    assert "javascript:alert(1)" in answer  # kept in the field
    assert 'href="javascript' not in answer
    sent["url"] = "https://news.example.org/1"
    browser.post(page, sent, status=303)
    assert "这个链接已经填写过" in browser.post(page, sent, status=422).text
    ahead = f"{core_clock.now() + timedelta(days=3):%Y-%m-%d}"
    more = sent | {"url": "https://news.example.org/2", "published_on": ahead}
    assert "不能晚于今天" in browser.post(page, more, status=422).text
    assert "&lt;b&gt;三地&lt;/b&gt;" in browser.get(page).text
    coverage.add(house.id, other.id, link(5, event="", title="=HYPERLINK(1)"))
    coverage.add(house.id, mine.id, link(6, event="forum"))

    desk = f"/desk/s/{house.series.slug}/press/coverage"
    with counted() as few:
        text = browser.get(desk).text
    assert "三地签约" in text
    assert [(str(name), n) for name, n in coverage_queries.counts_by_outlet(house.id)] == [
        ("海河观察", 2),
        ("渤海晨讯", 1),
    ]
    assert coverage_queries.counts_by_event(house.id) == {
        house.signing.id: 1,
        house.forum.id: 1,
        None: 1,
    }
    for n in range(10, 14):
        coverage.add(house.id, mine.id, link(n))
    with counted() as many:
        browser.get(desk)
    assert len(many) == len(few)
    [rows] = sheets(browser.get(f"{desk}/export")).values()
    assert len(rows) == 8
    assert "=HYPERLINK(1)" in {row[1] for row in rows}

    [theirs] = coverage_queries.links_of(other.id)
    address = f"/coverage/{theirs.id}/remove"
    browser.post(path_of(mine, address), status=404)
    browser.post(path_of(other, address), status=303)
    assert coverage_queries.links_of(other.id) == []


def test_each_outlet_is_thanked_once_and_led_to_its_page(house: House, browser: Browser) -> None:
    first, second = approved(house), approved(house, "渤海晨讯", focal_email="en@example.org")
    approved(house)  # the first outlet once more
    rejected = house.rejected(outlet="晨光教育")
    desk = f"/desk/s/{house.series.slug}/press/coverage/thanks"
    with as_(ONE), pytest.raises(NotOverYet):
        coverage.thank(house.id, 2)
    assert "尚未结束" in browser.get(desk).text
    over(house)
    assert "确认发送给 2 家媒体" in browser.get(desk).text
    with as_(ONE), pytest.raises(NumberChanged):
        coverage.thank(house.id, 3)
    assert "没有发送" in browser.post(desk, {"count": "1"}, status=409).text
    browser.post(desk, {"count": "x"}, status=409)
    assert "press-thanks" not in mailed(first)
    browser.post(desk, {"count": "2"}, status=303)
    assert mailed(first)[-1] == mailed(second)[-1] == "press-thanks"
    assert "press-thanks" not in mailed(rejected)
    letters = db.session.scalars(select(Notice).where(Notice.kind == "press-thanks")).all()
    assert len(letters) == 2
    assert extras_of(letters[0]).link.endswith(path_of(first, "/coverage"))
    browser.post(desk, {"count": "2"}, status=409)
    assert "没有待致谢的媒体" in browser.get(desk).text
    assert audited(first.owner)[-1] == "press_application.thank"


def test_a_correction_goes_to_every_approved_outlet_once_and_never_before_its_time(
    house: House, browser: Browser
) -> None:
    zh, en = approved(house), approved(house, "渤海晨讯")
    with transaction():
        db.session.get_one(Application, en.id).language = Language.EN.value
    house.verified(outlet="晨光教育")
    ahead = core_clock.now() + timedelta(hours=2)
    given = MaterialInput(kind=MaterialKind.TEXT, title_zh="禁令稿", title_en="Under embargo",
                          body_zh="甲", body_en="a", opens_at=ahead)  # fmt: skip
    one = room.create(house.id, given)

    def corrected(words: str) -> MaterialInput:
        return MaterialInput(kind=MaterialKind.TEXT, title_zh="禁令稿", title_en="Under embargo",
                             body_zh=words, body_en=words, opens_at=ahead,
                             correction_zh=f"改为{words}", correction_en=f"Now {words}")  # fmt: skip

    tell = f"/desk/s/{house.series.slug}/press-room/{one.id}/tell"

    def letters() -> list[Notice]:
        return list(db.session.scalars(select(Notice).where(Notice.kind == "press-correction")))

    room.edit(house.id, one.id, corrected("乙"))  # before its time: nothing that anybody read
    with pytest.raises(NothingToTell):
        room.tell_correction(house.id, one.id, seen=2, correction="")
    assert "没有待通知的更正" in browser.get(tell).text
    browser.post(tell, {"count": "2", "correction": ""}, status=303)
    assert letters() == []
    assert "禁令稿" not in repr(db.session.scalars(select(Notice.values)).all())

    with time_machine.travel(ahead + timedelta(minutes=1), tick=False):
        with pytest.raises(NothingToTell):
            room.tell_correction(house.id, one.id, seen=2, correction="")
        room.edit(house.id, one.id, corrected("丙"))
        made = db.session.get_one(type(one), one.id).corrected_at
        assert made
        with pytest.raises(CorrectionChanged):
            room.tell_correction(house.id, one.id, seen=3, correction=made.isoformat())
        with pytest.raises(CorrectionChanged):
            room.tell_correction(house.id, one.id, seen=2, correction="2020-01-01T00:00:00+00:00")
        assert room.tell_correction(house.id, one.id, seen=2, correction=made.isoformat()) == 2
        with pytest.raises(NothingToTell):
            room.tell_correction(house.id, one.id, seen=2, correction=made.isoformat())
        assert {(n.recipient, n.language) for n in letters()} == {
            (zh.focal_email, "zh-Hans"),
            (en.focal_email, "en"),
        }
        assert {n.values["correction"]["zh"] for n in letters()} == {"改为丙"}
        assert audited(one.owner)[-1] == "press_material.tell"
    with time_machine.travel(ahead + timedelta(minutes=5), tick=False):
        room.edit(house.id, one.id, corrected("丁"))  # another correction is told again
        made = db.session.get_one(type(one), one.id).corrected_at
        assert made
        room.tell_correction(house.id, one.id, seen=2, correction=made.isoformat())
        assert len(letters()) == 4


def test_contacts_leave_with_a_reason_on_record_and_by_right_alone(
    house: House, browser: Browser, sign_in: Callable[..., None]
) -> None:
    approved(house, "=渤海晨讯")
    house.verified(outlet="晨光教育")
    desk = f"/desk/s/{house.series.slug}/press/contacts"
    assert "1 人" in browser.get(desk).text
    browser.post(desk, {"reason": " "}, status=422)
    assert "press_contacts.export" not in audited(f"series:{house.id}")
    focal, staff = sheets(browser.post(desk, {"reason": "开幕当天联络"}, status=200)).values()
    assert [row[0] for row in focal[1:]] == ["=渤海晨讯"]
    assert focal[1][3].startswith("+86")
    assert [row[1] for row in staff[1:]] == ["苏沐辰"]
    entry = db.session.scalars(
        select(audit.AuditEntry).where(audit.AuditEntry.action == "press_contacts.export")
    ).one()
    assert (entry.after or {})["reason"] == "开幕当天联络"
    assert "138" not in repr(entry.after)
    sign_in(Role.ORGANISER, series=house.series)
    browser.get(desk, status=404)
    browser.post(desk, {"reason": "x"}, status=404)


def test_when_the_time_is_over_applications_close_and_who_reported_is_told(house: House) -> None:
    reported, rejected = approved(house), house.rejected(outlet="晨光教育")
    undecided = house.verified(outlet="京津观察")
    letter = reported.letter_id
    over(house)
    privacy.set_days(house.id, {Group.IDENTITY: 10, Group.GENERAL: 20})
    with transaction():
        for event in db.session.scalars(select(Event).where(Event.series_id == house.id)):
            event.starts_at += timedelta(days=5)
            event.ends_at += timedelta(days=5)
    assert letter is not None
    with as_("system"):
        list(privacy.run())
    assert state_of(reported) is State.CLOSED
    assert reported.letter_id is None
    assert [person.state for person in people(reported)] == [PassState.CLOSED]
    assert mailed(reported)[-1] == "press-closed"
    assert audited(reported.owner).count("press_application.close") == 1
    assert state_of(rejected) is State.CLOSED
    assert "press-closed" not in mailed(rejected)
    assert state_of(undecided) is State.VERIFIED
    with as_("system"):
        list(privacy.run())
    assert mailed(reported).count("press-closed") == 1
    assert extras_of(
        db.session.scalars(select(Notice).where(Notice.kind == "press-closed")).one()
    ).link.endswith(path_of(reported))
    coverage.add(house.id, reported.id, link())  # the way to enter reports stays open


def test_how_the_press_is_taken_goes_to_the_next_host_and_no_outlet_does(house: House) -> None:
    approved(house)
    opens = datetime(2027, 3, 1, 1, tzinfo=UTC)
    set_window(house.id, MediaGroup.FOREIGN, opens, opens + timedelta(days=3), [Field.VISA])
    set_general(house.id, GeneralInput(
        press_places=7, press_per_outlet=2, answer_days=5, security_check=True,
        ranking=[Criterion.LIVE], criteria_zh="直播优先", criteria_en="Live first",
        event_places={house.signing.id: 3}))  # fmt: skip
    first = house.signing.starts_at.date()
    new = copy_series(
        house.id, CopyInput(slug="next-year", region_code="12", day_1=first + timedelta(days=365))
    )
    settings = db.session.get_one(PressSettings, new.id)
    assert (settings.answer_days, settings.security_check, settings.criteria_zh) == (
        5,
        True,
        "直播优先",
    )
    assert settings.ranking == [Criterion.LIVE.value]
    window = db.session.get_one(PressWindow, (new.id, MediaGroup.FOREIGN))
    assert window.required == [Field.VISA.value]
    assert (window.opens_at - opens).days in (364, 365)
    twin = db.session.scalars(
        select(Event).where(Event.series_id == new.id, Event.slug == "signing")
    ).one()
    assert db.session.get_one(EventPlaces, twin.id).places == 3
    assert (
        db.session.scalars(select(Application).where(Application.series_id == new.id)).all() == []
    )


def test_an_event_is_kept_by_approved_people_and_not_by_empty_places(house: House) -> None:
    set_general(house.id, GeneralInput(
        press_places=9, press_per_outlet=4, answer_days=2, security_check=False, ranking=[],
        event_places={house.signing.id: 3, house.forum.id: 0}))  # fmt: skip
    application = house.verified()
    with as_(ONE):
        grants = {p.id: house.grant(events=[house.signing.id]) for p in people(application)}
        decide.approve(house.id, application.id, grants)
    with pytest.raises(InUse, match="已批准 1 名媒体人员"):
        events.remove_event(house.signing.id, parts=("sessions",))
    assert db.session.get_one(EventPlaces, house.signing.id).places == 3
    events.remove_event(house.forum.id, parts=("sessions",))
    wishes = db.session.scalars(
        select(PressPersonEvent.event_id).where(
            PressPersonEvent.person_id == people(application)[0].id
        )
    ).all()
    assert wishes == [house.signing.id]
    with pytest.raises(NotFound):
        coverage.remove(house.id, application.id, application.id)
