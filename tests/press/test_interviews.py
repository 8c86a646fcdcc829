"""Interviews: from the request to an entry in both calendars, and out of them again."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from icalendar import Calendar
from sqlalchemy import select

from eduforum.core import clock
from eduforum.core.db import db, transaction
from eduforum.core.errors import BadInput, NotFound
from eduforum.core.i18n import Language
from eduforum.core.personal import ERASED, EVERYTHING
from eduforum.notices.letters import extras_of
from eduforum.notices.models import Notice
from eduforum.press import guests, personal
from eduforum.press.models import Application, Interview
from eduforum.press.rules import InterviewState
from eduforum.press.rules.interviews import (
    TRANSITIONS,
    Answer,
    Clash,
    InterviewNotAllowed,
    NotAccredited,
    after,
)
from eduforum.press.services import decide, drafts, interviews, passes
from eduforum.press.services.inputs import InterviewInput
from eduforum.press.services.interviews import Appointment
from eduforum.privacy import services as privacy
from eduforum.web.access import Role
from tests.pages import Browser
from tests.press.outlets import House, as_, audited, mailed, path_of, people
from tests.queries import counted

pytestmark = pytest.mark.usefixtures("app")
ONE = "user:1"
_SAME = "教育局局长"


@pytest.fixture
def house(sign_in: Callable[..., None]) -> House:
    made = House()
    sign_in(Role.PRESS_OFFICER, series=made.series)
    return made


def asking(
    house: House, with_whom: str = _SAME, *, approve: bool = True, **more: Any
) -> Application:
    """An outlet, approved as a rule, whose one reporter asks for an interview."""
    with as_("public"):
        application = house.complete(["苏沐辰"], **more)
        person = people(application)[0]
        person_input = house.person(
            "苏沐辰", interviews=(InterviewInput(with_whom=with_whom, topics="共同招生"),)
        )
        drafts.save_person(house.id, application.id, person_input, person_id=person.id)
        drafts.submit(house.id, application.id, ["privacy", "id"])
    with as_(ONE):
        house.take_up(application)
        if approve:
            grants = {p.id: house.grant() for p in people(application)}
            decide.approve(house.id, application.id, grants)
    return application


def talk(application: Application) -> Interview:
    [one] = people(application)[0].interviews
    db.session.refresh(one)
    return one


def at(hours: float = 30, **more: Any) -> Appointment:
    start = clock.now().replace(minute=0, second=0, microsecond=0) + timedelta(hours=hours)
    given: dict[str, Any] = {
        "starts_at": start,
        "length": timedelta(minutes=20),
        "room": "采访间 2",
        "guest_name": "白予安",
        "guest_email": "Guest@example.org",
        "guest_language": Language.EN,
    }
    return Appointment(**(given | more))


def calendars(address: str) -> list[tuple[str, Any]]:
    """(method, entry) of every calendar file that went to this address, the first first."""
    found = []
    for notice in db.session.scalars(
        select(Notice).where(Notice.recipient == address).order_by(Notice.created_at, Notice.id)
    ):
        for file in extras_of(notice).attachments:
            book = Calendar.from_ical(file.data)
            found.append((str(book["METHOD"]), book.walk("VEVENT")[0]))
    return found


def kinds_to(address: str) -> list[str]:
    return list(
        db.session.scalars(
            select(Notice.kind)
            .where(Notice.recipient == address)
            .order_by(Notice.created_at, Notice.id)
        )
    )


def test_every_step_that_is_not_in_the_table_raises() -> None:
    for answer in Answer:
        for state in InterviewState:
            if state in TRANSITIONS[answer]:
                assert after(answer, state) is TRANSITIONS[answer][state]
            else:
                with pytest.raises(InterviewNotAllowed):
                    after(answer, state)
    assert after(Answer.MOVE, InterviewState.MOVED) is InterviewState.MOVED
    assert InterviewState.REQUESTED not in {
        s for steps in TRANSITIONS.values() for s in steps.values()
    }


def test_both_sides_learn_of_it_move_it_and_lose_it(house: House) -> None:
    application = asking(house)
    focal = application.focal_email
    with as_(ONE):
        one = interviews.agree(house.id, talk(application).id, at())
        first = one.starts_at
        interviews.agree(house.id, one.id, at(50, room="采访间 3", answer="改到次日"))
        interviews.decline(house.id, one.id, "另有公务")
    assert mailed(application)[-3:] == [
        "press-interview-accepted",
        "press-interview-moved",
        "press-interview-declined",
    ]
    assert kinds_to("guest@example.org") == [
        "press-interview-guest",
        "press-interview-guest-moved",
        "press-interview-guest-cancelled",
    ]
    assert audited(f"press_interview:{one.id}") == [
        "press_interview.accept",
        "press_interview.move",
        "press_interview.decline",
    ]
    for address in (focal, "guest@example.org"):
        sent = calendars(address)
        assert [method for method, _ in sent] == ["REQUEST", "REQUEST", "CANCEL"]
        entries = [entry for _, entry in sent]
        assert len({str(entry["UID"]) for entry in entries}) == 1
        assert [entry["SEQUENCE"] for entry in entries] == [1, 2, 3]
        assert entries[0].start == first
        assert [str(entry["LOCATION"]) for entry in entries[:2]] == ["采访间 2", "采访间 3"]
        assert [str(entry["STATUS"]) for entry in entries] == [
            "CONFIRMED",
            "CONFIRMED",
            "CANCELLED",
        ]
        assert {str(entry["ATTENDEE"]) for entry in entries} == {f"mailto:{address}"}
        assert "ORGANIZER" in entries[0]
    # What opens the outlet's page goes to nobody else.
    links = {
        notice.recipient: extras_of(notice).link
        for notice in db.session.scalars(select(Notice).where(Notice.kind.like("press-interview%")))
    }
    assert links[focal].endswith(path_of(application))
    assert links["guest@example.org"] == ""
    assert "江晚照" not in repr(
        db.session.scalars(
            select(Notice.values).where(Notice.recipient == "guest@example.org")
        ).all()
    )


def test_a_request_that_never_had_a_time_is_declined_without_an_entry(house: House) -> None:
    application = asking(house)
    with as_(ONE):
        with pytest.raises(BadInput):
            interviews.decline(house.id, talk(application).id, " ")
        interviews.decline(house.id, talk(application).id, "不接受采访")
    assert calendars(application.focal_email) == []
    assert mailed(application)[-1] == "press-interview-declined"
    with as_(ONE):
        one = interviews.agree(house.id, talk(application).id, at())
    assert (one.state, one.sequence) == (InterviewState.ACCEPTED, 1)


def test_another_contact_gets_it_and_the_first_one_is_let_off(house: House) -> None:
    application = asking(house)
    with transaction():
        people(application)[0].email = "reporter@example.org"
    with as_(ONE):
        one = interviews.agree(house.id, talk(application).id, at())
        interviews.agree(house.id, one.id, at(guest_email="other@example.org", guest_name="顾清和"))
    assert [method for method, _ in calendars("guest@example.org")] == ["REQUEST", "CANCEL"]
    [(method, entry)] = calendars("other@example.org")
    assert (method, kinds_to("other@example.org")) == ("REQUEST", ["press-interview-guest"])
    assert [e["SEQUENCE"] for _, e in calendars("guest@example.org")] == [1, 2]
    assert entry["SEQUENCE"] == 3
    # The reporter has an address of the own: the calendar entry, but not the outlet's link.
    assert [method for method, _ in calendars("reporter@example.org")] == ["REQUEST", "REQUEST"]
    [letter, *_] = db.session.scalars(
        select(Notice).where(Notice.recipient == "reporter@example.org")
    )
    assert extras_of(letter).link == ""


def test_who_or_what_is_spoken_for_is_hinted(house: House, browser: Browser) -> None:
    with as_(ONE):
        interviews.agree(house.id, talk(asking(house)).id, at())
        other = talk(asking(house, f" {_SAME}", outlet="渤海晨讯"))
        for clash in (
            at(30.1, room="二楼", guest_name="", guest_email=""),  # the same person interviewed
            at(30.3, room="采访间2", guest_name="", guest_email=""),  # and the same room
        ):
            with pytest.raises(Clash):
                interviews.agree(house.id, other.id, clash)
        third = talk(asking(house, "高校校长", outlet="晨光教育"))
        with pytest.raises(Clash):  # the room alone
            interviews.agree(house.id, third.id, at(30.2, guest_name="", guest_email=""))
        # One ends when the other begins: that is no clash.
        interviews.agree(house.id, third.id, at(30 + 1 / 3, guest_name="", guest_email=""))
    address = f"/desk/s/{house.series.slug}/press/interviews/{other.id}"
    start = clock.now().replace(minute=0) + timedelta(hours=38)
    sent = {"starts_at": f"{start:%Y-%m-%dT%H:%M}", "minutes": "20", "room": "二楼",
            "guest_language": "zh-Hans"}  # fmt: skip
    page = browser.post(address, sent, status=409).text
    assert "同一受访方" in page
    assert "仍按此安排" in page
    browser.post(address, sent | {"despite": "y"}, status=303)
    listed = browser.get(f"/desk/s/{house.series.slug}/press/interviews?tab=agreed").text
    assert listed.count("时间重叠") == 2


def test_only_who_may_come_is_given_a_time_and_loses_it_with_the_pass(house: House) -> None:
    waiting = asking(house, approve=False)
    with as_(ONE), pytest.raises(NotAccredited):
        interviews.agree(house.id, talk(waiting).id, at())
    application = asking(house, outlet="渤海晨讯")
    with as_(ONE):
        one = interviews.agree(house.id, talk(application).id, at())
        passes.suspend(house.id, one.person_id, "待核实")
        assert talk(application).state is InterviewState.ACCEPTED
        passes.revoke(house.id, one.person_id, "证件转借")
    assert talk(application).state is InterviewState.CANCELLED
    assert [method for method, _ in calendars("guest@example.org")] == ["REQUEST", "CANCEL"]
    for wrong, field in (
        (at(-30), "starts_at"),
        (at(length=timedelta(minutes=2)), "minutes"),
        (at(room=" "), "room"),
        (at(guest_name=""), "guest_name"),
        (at(guest_email="not an address"), "guest_email"),
    ):
        with pytest.raises(BadInput) as refused:
            interviews.plan_of(one, wrong, clock.now())
        assert field in refused.value.errors


def test_the_desk_answers_on_one_page_and_the_list_stays_quick(
    house: House, browser: Browser
) -> None:
    base = f"/desk/s/{house.series.slug}/press/interviews"
    assert "没有待答复的专访" in browser.get(base).text
    application = asking(house, '<b>局长</b>"')
    page = browser.get(base).text
    assert "&lt;b&gt;局长&lt;/b&gt;" in page
    address = f"{base}/{talk(application).id}"
    browser.get(address)
    browser.post(address, {"starts_at": "", "minutes": "", "room": ""}, status=422)
    browser.post(f"{address}/decline", {"decline-reason": ""}, status=422)
    start = clock.now() + timedelta(days=3)
    sent = {"starts_at": f"{start:%Y-%m-%dT%H:%M}", "minutes": "30", "room": "采访间 1",
            "guest_name": "白予安", "guest_email": "guest@example.org", "guest_language": "en"}  # fmt: skip
    browser.post(address, sent, status=303)
    assert "采访间 1" in browser.get(f"{base}?tab=agreed").text
    with counted() as few:
        browser.get(f"{base}?tab=agreed")
    with as_(ONE):
        for n, outlet in enumerate(("渤海晨讯", "晨光教育", "京津观察")):
            more = talk(asking(house, f"校长{n}", outlet=outlet))
            interviews.agree(house.id, more.id, at(60 + n, guest_name="", guest_email=""))
    with counted() as many:
        browser.get(f"{base}?tab=agreed")
    assert len(many) == len(few)
    browser.post(f"{address}/cancel", {"cancel-reason": "日程冲突"}, status=303)
    browser.post(
        f"{address}/cancel", {"cancel-reason": "日程冲突"}, status=303
    )  # told, not done twice
    assert audited(f"press_interview:{talk(application).id}").count("press_interview.cancel") == 1
    assert "日程冲突" in browser.get(address).text


def test_an_outlet_sees_its_own_and_of_others_the_time_alone(
    house: House, browser: Browser
) -> None:
    mine, other = asking(house), asking(house, "不公开的受访者", outlet="渤海晨讯")
    with as_(ONE):
        interviews.agree(house.id, talk(mine).id, at(answer="请带录音设备"))
        interviews.agree(
            house.id, talk(other).id, at(40, room="贵宾室", guest_name="", guest_email="")
        )
    page = browser.get(path_of(mine, "/interviews")).text
    assert _SAME in page
    assert "请带录音设备" in page
    assert "贵宾室" in page
    assert "不公开的受访者" not in page
    assert "渤海晨讯" not in page
    assert "采访间 2" in browser.get(path_of(mine)).text
    assert _SAME not in browser.get(f"/s/{house.series.slug}/press/room").text
    foreign = path_of(mine, f"/interviews/{talk(other).id}/cancel")
    browser.get(foreign, status=404)
    browser.post(foreign, {}, status=404)
    with pytest.raises(NotFound):
        interviews.give_up(house.id, mine.id, talk(other).id)
    cancel = path_of(mine, f"/interviews/{talk(mine).id}/cancel")
    assert "取消这次专访" in browser.get(cancel).text
    assert talk(mine).state is InterviewState.ACCEPTED
    browser.post(cancel, {}, status=303)
    assert talk(mine).state is InterviewState.CANCELLED
    assert [method for method, _ in calendars("guest@example.org")] == ["REQUEST", "CANCEL"]
    browser.get(cancel, status=303)
    waiting = asking(house, approve=False, outlet="晨光教育")
    browser.get(path_of(waiting, "/interviews"), status=303)


def test_whoever_was_named_on_the_other_side_is_forgotten_like_anybody(house: House) -> None:
    application = asking(house)
    with as_(ONE):
        one = interviews.agree(house.id, talk(application).id, at())
    staff = f"press_person:{one.person_id}"
    with transaction():
        person = personal.PEOPLE.find(staff)
        assert person
        personal.HOLDING.erase([person], EVERYTHING)
    kept = talk(application)
    assert (kept.topics, kept.guest_name) == ("", "白予安")
    subject = f"press_interview:{one.id}"
    guest = privacy.person_of(subject)
    assert guest.words == ("白予安", "guest@example.org")
    assert guests.HOLDING.export(guest)["interview"]["email"] == "guest@example.org"  # type: ignore[index]
    assert guests.SOURCE.count(house.id, next(iter(EVERYTHING - {"identity"}))) == 1
    privacy.erase(guest, by="person")
    gone = talk(application)
    assert (gone.with_whom, gone.guest_name, gone.guest_email) == (ERASED, "", "")
    assert kinds_to("guest@example.org") == []
    with pytest.raises(NotFound):
        privacy.person_of(subject)
