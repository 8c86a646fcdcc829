"""Tickets that admit to zones, at the points that ask for them; and who has left by the clock."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from eduforum.checkin.queries import counts_of, points_of
from eduforum.checkin.rules import PointKind, Repeat
from eduforum.checkin.services import PointInput, add_point
from eduforum.core import clock
from eduforum.core.audit import AuditEntry
from eduforum.core.db import db
from eduforum.core.errors import BadInput
from eduforum.tickets.models import Ticket
from eduforum.tickets.rules import Zone, ZoneGrant
from eduforum.tickets.services import Holder, grant_zones, reissue
from tests.checkin.door import Door, make_device, make_door, make_point, make_ticket, scan
from tests.factories import make_series

HOUR = timedelta(hours=1)


def stage(client: FlaskClient) -> tuple[Door, Ticket]:
    """The door of a stage pool, and somebody who may not go there yet."""
    series = make_series()
    point = make_point(series, kind=PointKind.ZONE, repeat=Repeat.REENTRY, zones="C")
    return Door(client, point, make_device(series)[1]), make_ticket(series, "单若谷")


def test_a_zone_opens_when_it_is_granted_and_devices_learn_of_it(client: FlaskClient) -> None:
    door, ticket = stage(client)
    assert door.verdict(ticket.text) == "not_entitled"
    page = door.get("bundle").get_json()
    now = clock.now()
    grant_zones(ticket, [ZoneGrant(Zone.B), ZoneGrant(Zone.C, now, now + HOUR)])
    assert door.verdict(ticket.text) == "admitted"
    (line,) = door.get("bundle", cursor=page["cursor"]).get_json()["roster"]
    assert line["zones"] == [
        {"zone": "B", "starts_at": None, "ends_at": None},
        {"zone": "C", "starts_at": now.isoformat(), "ends_at": (now + HOUR).isoformat()},
    ]


def test_the_answer_names_the_hour(client: FlaskClient) -> None:
    door, ticket = stage(client)
    starts = datetime(2027, 3, 1, 6, 0, tzinfo=UTC)
    grant_zones(ticket, [ZoneGrant(Zone.C, starts, starts + HOUR)])
    with time_machine.travel(starts - HOUR, tick=False):
        early = scan(ticket.text)
        answer = door.send(early)[0]
        assert (answer["verdict"], answer["next_step"]["zh"]) == ("too_early", "14:00 起可入场")
    with time_machine.travel(starts, tick=False):
        assert door.verdict(ticket.text) == "admitted"
        assert door.send(early)[0]["next_step"] == answer["next_step"]  # replayed as it was


def test_a_window_that_ends_before_it_begins_is_refused(client: FlaskClient) -> None:
    _, ticket = stage(client)
    now = clock.now()
    with pytest.raises(BadInput):
        grant_zones(ticket, [ZoneGrant(Zone.C, now, now - HOUR)])
    assert ticket.zones == []


def test_granting_is_on_record_once(client: FlaskClient) -> None:
    _, ticket = stage(client)
    for _ in range(2):
        grant_zones(ticket, [ZoneGrant(Zone.F)])
    rows = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "ticket.zones")).all()
    assert len(rows) == 1
    assert rows[0].after == {"zones": [{"zone": "F", "starts_at": None, "ends_at": None}]}


def holder(key: str) -> Holder:
    return Holder(
        name="单若谷", key=key, pinyin="", initials="", unit="", mobile_last4="",
        category=make_series().name, class_code=1, event_ids=(),
    )  # fmt: skip


def test_a_new_ticket_of_the_same_person_keeps_the_zones(client: FlaskClient) -> None:
    door, ticket = stage(client)
    grant_zones(ticket, [ZoneGrant(Zone.C)])
    again = reissue(door.point.series, ticket, holder(ticket.holder_key))
    assert again.zones == ticket.zones
    assert reissue(door.point.series, again, holder("somebody else")).zones == []


def test_who_may_come_to_a_zone_is_counted(either_app: Flask) -> None:
    series = make_series()
    point = make_point(series, kind=PointKind.ZONE, zones="CF")
    for zones in ([Zone.C], [Zone.B, Zone.F], [Zone.D], []):
        grant_zones(make_ticket(series), [ZoneGrant(zone) for zone in zones])
    assert counts_of([point], clock.now())[point.id].expected == 2


def test_at_the_set_time_nobody_is_inside_any_more(client: FlaskClient) -> None:
    noon = datetime(2027, 3, 1, 4, 0, tzinfo=UTC)
    with time_machine.travel(noon, tick=False):
        door, series, event = make_door(
            client, repeat=Repeat.REENTRY, capacity=1, checkout_time="18:00"
        )
        lin, shan = make_ticket(series, "林知夏", event), make_ticket(series, "单若谷", event)
        assert door.verdict(lin.text) == "admitted"
        assert door.verdict(shan.text) == "room_full"
        assert counts_of([door.point], clock.now())[door.point.id].inside == 1
    with time_machine.travel(noon + 6 * HOUR, tick=False):
        assert counts_of([door.point], clock.now())[door.point.id].inside == 0
        assert door.verdict(shan.text) == "admitted"
        assert door.verdict(lin.text) == "room_full"


def test_a_counting_point_counts_every_time(client: FlaskClient) -> None:
    door, series, event = make_door(client, repeat=Repeat.COUNT)
    lin = make_ticket(series, "林知夏", event)
    assert [door.verdict(lin.text) for _ in range(3)] == ["admitted"] * 3
    counts = counts_of([door.point], clock.now())[door.point.id]
    assert (counts.times, counts.admitted) == (3, 1)


def test_a_point_is_made_with_zones(app: Flask) -> None:
    series = make_series()
    add_point(series.id, PointInput(name_zh="贵宾室", zones=(Zone.F, Zone.C, Zone.F)))
    assert points_of(series.id)[0].zones == ["C", "F"]
