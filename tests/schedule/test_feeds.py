"""frab's schedule.xml and schedule.json, read as conference apps read them."""

import json
import re
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from xml.etree.ElementTree import Element

import pytest
from defusedxml.ElementTree import fromstring

from eduforum.core.db import db, transaction
from eduforum.events.models import Event, Series
from eduforum.events.rules import EventState, Field
from tests.conftest import NOW
from tests.factories import make_event, make_series
from tests.pages import Browser
from tests.schedule.programmes import make_person, make_session

HOUR = timedelta(hours=1)
API = "/api/v1/series/jjj/schedule"


@pytest.fixture
def series() -> Series:
    return make_series(slug="jjj")


def change(thing: Event | Series, **values: object) -> None:
    with transaction():
        for name, value in values.items():
            setattr(thing, name, value)
        db.session.add(thing)


def xml(browser: Browser, query: str = "") -> Element:
    answer = browser.get(f"{API}.xml{query}")
    assert answer.content_type == "application/xml; charset=utf-8"
    root: Element = fromstring(answer.data)
    return root


def feed(browser: Browser, query: str = "") -> dict[str, Any]:
    answer = browser.get(f"{API}.json{query}")
    assert answer.content_type == "application/json"
    about: dict[str, Any] = json.loads(answer.data)["schedule"]["conference"]
    return about


def text(node: Element, path: str) -> str:
    return node.findtext(path) or ""


def two_days(series: Series) -> tuple[Event, Event]:
    first = make_event(series=series, slug="opening", starts_at=NOW, hours=1.5)
    second = make_event(series=series, slug="forum", starts_at=NOW + 24 * HOUR, hours=4)
    change(second, field=Field.HIGHER, topics=["新工科"])
    for slug, start in (("one", 0), ("two", 2)):
        talk = make_session(
            second,
            slug=slug,
            starts_at=second.starts_at + start * HOUR,
            ends_at=second.starts_at + (start + 1) * HOUR,
            room=f"第{slug}分会场",
        )
        make_person(talk, "买买提·吐尔逊")
    return first, second


def test_xml_has_the_shape_of_the_schema(browser: Browser, series: Series) -> None:
    first, second = two_days(series)
    root = xml(browser)
    assert root.tag == "schedule"
    about = root.find("conference")
    assert about is not None
    assert {node.tag: node.text for node in about} == {
        "acronym": "jjj",
        "title": series.name.zh,
        "start": "2027-03-01",
        "end": "2027-03-02",
        "days": "2",
        "timeslot_duration": "00:05",
        "time_zone_name": "Asia/Shanghai",
        "base_url": "https://forum.example.org/",
        "url": "https://forum.example.org/s/jjj",
    }
    days = root.findall("day")
    assert [day.get("index") for day in days] == ["1", "2"]
    assert days[0].attrib == {
        "index": "1",
        "date": "2027-03-01",
        "start": "2027-03-01T09:00:00+08:00",
        "end": "2027-03-01T10:30:00+08:00",
    }
    (opening,) = days[0].iter("event")
    assert {node.tag: node.text or "" for node in opening} == {
        "date": "2027-03-01T09:00:00+08:00",
        "start": "09:00",
        "duration": "01:30",
        "room": "主会场",
        "slug": "jjj-opening",
        "url": "https://forum.example.org/s/jjj/e/opening",
        "title": first.name.zh,
        "subtitle": "",
        "track": "",
        "type": "论坛",
        "language": "zh",
        "abstract": "",
        "description": "",
        "persons": "",
        "links": "",
        "attachments": "",
    }
    talks = list(days[1].iter("event"))
    assert [text(talk, "slug") for talk in talks] == ["jjj-forum-one", "jjj-forum-two"]
    assert {text(talk, "subtitle") for talk in talks} == {second.name.zh}
    assert text(talks[0], "track") == "高等教育"
    assert text(talks[0], "persons/person") == "买买提·吐尔逊"


def test_ids_are_unique_numbers_and_guids(browser: Browser, series: Series) -> None:
    two_days(series)
    before = [(event.get("id"), event.get("guid")) for event in xml(browser).iter("event")]
    assert len({number for number, _ in before}) == len({guid for _, guid in before}) == 3
    for number, guid in before:
        assert 0 < int(number or 0) < 2**31
        assert str(UUID(guid)) == guid
    assert [(e.get("id"), e.get("guid")) for e in xml(browser, "?lang=en").iter("event")] == before


def test_json_says_the_same_as_xml(browser: Browser, series: Series) -> None:
    two_days(series)
    about = feed(browser)
    assert about["daysCount"] == len(about["days"]) == 2
    assert {room["name"]: room["capacity"] for room in about["rooms"]} == {
        "主会场": None, "第one分会场": 120, "第two分会场": 120
    }  # fmt: skip
    in_json = [e for day in about["days"] for there in day["rooms"].values() for e in there]
    in_xml = list(xml(browser).iter("event"))
    assert len(in_json) == len(in_xml)
    for one, other in zip(in_json, in_xml, strict=True):
        assert one["id"] == int(other.get("id") or 0)
        for name in ("date", "start", "duration", "room", "slug", "title", "track", "url"):
            assert one[name] == text(other, name)
        assert re.fullmatch(r"[a-z0-9_-]+[a-z0-9]", one["slug"])
        assert re.fullmatch(r"\d+:\d\d", one["duration"])
        assert datetime.fromisoformat(one["date"]).utcoffset() == 8 * HOUR
        assert [person["name"] for person in one["persons"]] == [
            person.text for person in other.iter("person")
        ]
        assert one["links"] == one["attachments"] == []


def test_what_is_cancelled_is_left_out(browser: Browser, series: Series) -> None:
    first, _ = two_days(series)
    change(first, state=EventState.CANCELLED)
    assert text(xml(browser), "conference/days") == "1"


def test_a_series_without_events_is_still_a_feed(browser: Browser, series: Series) -> None:
    assert xml(browser).findall("day") == []
    assert feed(browser)["days"] == []
    assert series.slug == "jjj"


def test_the_version_moves_with_changes(browser: Browser, series: Series) -> None:
    first, _ = two_days(series)
    before = text(xml(browser), "version")
    change(first, updated_at=NOW + HOUR)
    assert text(xml(browser), "version") > before


def test_names_cannot_break_the_document(browser: Browser, series: Series) -> None:
    payload = "]]><script>&lt;!ENTITY x SYSTEM 'file:///etc/passwd'></script>\x00\x0b\ufffe\"'"
    event = make_event(series=series)
    change(event, name_zh=payload, room=payload, description_zh=payload)
    (found,) = xml(browser).iter("event")
    assert text(found, "title") == payload.replace("\x00\x0b\ufffe", "")
    (day,) = feed(browser)["days"]
    assert day["rooms"][payload][0]["title"] == payload


def test_unpublished_series_have_no_feeds(browser: Browser) -> None:
    make_series(slug="later", published=False)
    for kind in ("ics", "xml", "json"):
        answer = browser.get(f"/api/v1/series/later/schedule.{kind}", status=404)
        assert answer.mimetype == "application/problem+json"
