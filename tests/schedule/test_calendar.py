"""Calendars, parsed back as a calendar app does."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar
from icalendar import Event as Entry

from eduforum.core.db import db, transaction
from eduforum.core.i18n import Language, use_language
from eduforum.events.models import Event, Series
from eduforum.events.rules import EventState
from eduforum.schedule.calendar import calendar, personal_calendar, series_calendar
from eduforum.schedule.models import Session
from eduforum.schedule.queries import programme
from tests.conftest import NOW
from tests.factories import make_event, make_series
from tests.pages import Browser
from tests.schedule.programmes import make_session

HOUR = timedelta(hours=1)
pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture(autouse=True)
def chinese() -> Iterator[None]:
    with use_language(Language.ZH):
        yield


def change(thing: Event | Series | Session, **values: object) -> None:
    with transaction():
        for name, value in values.items():
            setattr(thing, name, value)
        db.session.add(thing)


def parsed(content: bytes) -> Calendar:
    book = Calendar.from_ical(content)
    assert isinstance(book, Calendar)
    return book


def entries(content: bytes) -> list[Entry]:
    return list(parsed(content).events)


def test_a_series_is_one_calendar_of_its_events_and_sessions(browser: Browser) -> None:
    series = make_series(slug="jjj")
    event = make_event(series=series, slug="forum", starts_at=NOW)
    talk = make_session(event, starts_at=NOW, ends_at=NOW + HOUR, room="第一分会场")
    answer = browser.get("/s/jjj/schedule.ics?lang=zh-Hans")
    assert answer.content_type == "text/calendar; charset=utf-8"
    book = parsed(answer.data)
    assert book["METHOD"] == "PUBLISH"
    assert book["X-WR-CALNAME"] == book["NAME"] == series.name.zh
    assert book.refresh_interval == HOUR
    whole, inner = book.events
    assert whole["UID"] == f"event-{event.id}@forum.example.org"
    assert whole["SUMMARY"] == event.name.zh
    assert whole["LOCATION"] == "主会场"
    assert whole["STATUS"] == "CONFIRMED"
    assert whole["URL"] == "https://forum.example.org/s/jjj/e/forum"
    assert event.updated_at.replace(microsecond=0) == whole.DTSTAMP
    assert whole.start == datetime(2027, 3, 1, 9, tzinfo=ZoneInfo("Asia/Shanghai"))
    assert whole.end - whole.start == 2 * HOUR
    assert inner["UID"] == f"session-{talk.id}@forum.example.org"
    assert inner["LOCATION"] == "第一分会场"
    assert browser.get("/api/v1/series/jjj/schedule.ics").data == answer.data


def test_the_same_schedule_gives_the_same_bytes(browser: Browser) -> None:
    series = make_series(slug="jjj")
    make_event(series=series, slug="talk")
    first = browser.get("/s/jjj/schedule.ics").data
    assert browser.get("/s/jjj/schedule.ics").data == first
    assert browser.get("/s/jjj/e/talk/event.ics").data.count(b"BEGIN:VEVENT") == 1


def test_lines_are_folded_and_end_as_the_standard_says() -> None:
    event = make_event()
    change(event, name_zh="很长的名字" * 40)
    content = calendar(event.series, [event], name=event.name)
    assert b"\n" not in content.replace(b"\r\n", b"")
    assert max(len(line) for line in content.split(b"\r\n")) <= 75
    assert entries(content)[0]["SUMMARY"] == event.name.zh


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "Europe/Berlin", "America/New_York"])
def test_the_zone_comes_with_its_rules(zone: str) -> None:
    """On the day on which Berlin's clocks change, hours are counted as they pass."""
    series = make_series()
    change(series, time_zone=zone)
    start = datetime(2027, 3, 28, 0, 30, tzinfo=ZoneInfo("UTC"))
    event = make_event(series=series, starts_at=start, hours=2)
    content = calendar(series, [event], name="x")
    book = parsed(content)
    (rules,) = book.timezones
    assert rules["TZID"] == zone
    assert book.get_missing_tzids() == set()
    (entry,) = book.events
    assert f"DTSTART;TZID={zone}:".encode() in content
    assert (entry.start, entry.end) == (start, start + 2 * HOUR)
    if zone != "Asia/Shanghai":
        assert any(part.name == "DAYLIGHT" for part in rules.subcomponents)


def test_utc_needs_no_rules() -> None:
    series = make_series()
    change(series, time_zone="UTC")
    content = calendar(series, [make_event(series=series, starts_at=NOW)], name="x")
    assert b"VTIMEZONE" not in content
    assert b"DTSTART:20270301T010000Z" in content


def test_changes_raise_the_sequence_and_keep_the_uid() -> None:
    event = make_event()
    (before,) = entries(calendar(event.series, [event], name="x"))
    change(event, sequence=1, starts_at=event.starts_at + HOUR, ends_at=event.ends_at + HOUR)
    (after,) = entries(calendar(event.series, [event], name="x"))
    assert after["UID"] == before["UID"]
    assert (before["SEQUENCE"], after["SEQUENCE"]) == (0, 1)
    assert after.start - before.start == HOUR


def test_a_session_changes_with_its_event() -> None:
    event = make_event(starts_at=NOW)
    talk = make_session(event, starts_at=NOW, ends_at=NOW + HOUR)
    change(talk, sequence=2)
    change(event, sequence=3, state=EventState.CANCELLED, updated_at=NOW + HOUR)
    (entry,) = entries(calendar(event.series, [talk], name="x"))
    assert entry["SEQUENCE"] == 5
    assert entry["STATUS"] == "CANCELLED"
    assert entry.DTSTAMP == NOW + HOUR
    assert entry["LOCATION"] == "主会场"


def test_what_is_cancelled_stays_and_says_so() -> None:
    event = make_event()
    change(event, state=EventState.CANCELLED)
    (entry,) = entries(series_calendar(programme(event.series)))
    assert entry["STATUS"] == "CANCELLED"
    assert str(entry["SUMMARY"]).startswith("已取消：")


def test_a_personal_calendar_holds_what_was_chosen() -> None:
    event, other = make_event(), make_event()
    content = personal_calendar(event.series, [event], "林致远的日程")
    assert [entry["UID"] for entry in entries(content)] == [f"event-{event.id}@forum.example.org"]
    assert parsed(content)["NAME"] == "林致远的日程"
    assert other.name.zh not in content.decode()


def test_calendars_speak_the_reader_s_language(browser: Browser) -> None:
    event = make_event(series=make_series(slug="jjj"), slug="talk")
    (entry,) = entries(browser.get("/s/jjj/e/talk/event.ics?lang=en").data)
    assert (entry["SUMMARY"], entry["LOCATION"]) == (event.name.en, "Main hall")
    with use_language(Language.EN):
        (letter,) = entries(calendar(event.series, [event], name=event.name))
    assert letter["SUMMARY"] == event.name.en


@pytest.mark.parametrize(
    "payload",
    [
        "a\r\nATTENDEE:mailto:x@example.org\r\nEND:VEVENT",
        "a\nBEGIN:VALARM\nEND:VALARM",
        "a\rX-EVIL:1",
        "a\x85X-EVIL:1\u2028X-EVIL:2\x0bX-EVIL:3\x00\x1b[31m",
        'a;b,c\\n"d":e',
    ],
)
def test_names_cannot_add_lines(payload: str) -> None:
    event = make_event()
    change(event, name_zh=payload, room=payload, description_zh=payload)
    content = calendar(event.series, [event], name=payload)
    lines = content.decode().replace("\r\n ", "").splitlines()
    assert not any(line.startswith(("ATTENDEE", "X-EVIL", "BEGIN:VALARM")) for line in lines)
    assert content.count(b"BEGIN:VEVENT") == content.count(b"\r\nEND:VEVENT\r\n") == 1
    (entry,) = entries(content)
    assert set(entry) == {
        "UID", "DTSTAMP", "LAST-MODIFIED", "SEQUENCE", "DTSTART", "DTEND", "SUMMARY", "STATUS",
        "LOCATION", "DESCRIPTION", "URL",
    }  # fmt: skip
    assert str(entry["SUMMARY"]).startswith("a")
    values = dict(line.split(":", 1) for line in lines if ":" in line)
    assert values["NAME"] == values["X-WR-CALNAME"] == values["SUMMARY"], "escaped alike"
