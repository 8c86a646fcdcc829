"""Supervisors at the door: letting pass with a reason, taking back; and the gates of a point."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from eduforum.checkin.models import Device, Scan
from eduforum.checkin.queries import incidents_of, points_of
from eduforum.checkin.queries.gates import gate_counts
from eduforum.core import clock
from eduforum.core.audit import AuditEntry
from eduforum.core.db import db
from eduforum.events.models import Event
from eduforum.tickets.rules import Standing
from eduforum.tickets.services import end
from eduforum.web.access import Role
from tests.checkin.door import Door, make_device, make_door, make_ticket, scan
from tests.factories import make_event, make_series
from tests.pages import Browser

SignIn = Callable[..., None]


def with_supervisor(client: FlaskClient) -> tuple[Door, Door]:
    """A volunteer's device and a supervisor's at one point."""
    door, series, _ = make_door(client)
    return door, Door(client, door.point, make_device(series, "主管", supervisor=True)[1])


def _events(*event_ids: int) -> list[Event]:
    return [db.session.get_one(Event, event_id) for event_id in event_ids]


def test_only_a_supervisor_lets_pass_and_no_void_ticket(client: FlaskClient) -> None:
    door, supervisor = with_supervisor(client)
    series = door.point.series
    ticket = make_ticket(series, "林知夏", make_event(series=series))
    claimed = scan(ticket.text, override="我说了算", local_verdict="admitted")
    answer = door.send(claimed)[0]
    assert (answer["result"], answer["verdict"]) == ("stored", "not_entitled")
    kept = db.session.get_one(Scan, UUID(answer["id"]))
    assert (kept.override, kept.flags) == ("我说了算", ["no_supervisor"])
    answer = supervisor.send(scan(ticket.text, override="主任同意"))[0]
    assert (answer["result"], answer["verdict"]) == ("stored", "admitted")
    kept = db.session.get_one(Scan, UUID(answer["id"]))
    assert (kept.override, kept.flags) == ("主任同意", ["overrode:not_entitled"])
    end(ticket, Standing.REVOKED)
    assert supervisor.verdict(ticket.text, override="主任同意") == "revoked"


def test_an_override_that_was_none_hides_no_double_admission(client: FlaskClient) -> None:
    """Devices of an older version offer it to everybody, without a network too."""
    door, supervisor = with_supervisor(client)
    series, (event_id,) = door.point.series, door.point.event_ids
    lin = make_ticket(series, "林知夏", *_events(event_id))
    shan = make_ticket(series, "单若谷", *_events(event_id))
    for gate, ticket in ((door, lin), (supervisor, shan)):
        gate.send(scan(ticket.text, seq=1))
        gate.send(scan(ticket.text, seq=2, override="本人", local_verdict="admitted"))
    (told,) = incidents_of(series, clock.now())
    assert told.ticket is not None
    assert told.ticket.holder == "林知夏"


def test_a_supervisor_takes_back_at_any_time_others_only_their_own_at_once(
    client: FlaskClient,
) -> None:
    with time_machine.travel("2027-03-01T02:00:00Z", tick=False) as travel:
        door, supervisor = with_supervisor(client)
        series = door.point.series
        ticket = make_ticket(series, "林知夏", *_events(*door.point.event_ids))
        once = scan(ticket.text)
        door.send(once)
        travel.shift(timedelta(minutes=30))
        back = scan("", direction="undo", undoes=once["id"])
        assert door.send(back)[0]["reason"] == "undo_too_late"
        other = Door(client, door.point, make_device(series, "B 门")[1])
        assert other.send(back | {"id": scan("")["id"]})[0]["reason"] == "undo_not_own"
        done = scan("", direction="undo", undoes=once["id"])
        assert supervisor.send(done)[0]["verdict"] == "undone"
        assert supervisor.send(done)[0]["result"] == "already_stored"
        again = scan("", direction="undo", undoes=once["id"])
        assert supervisor.send(again)[0]["reason"] == "undo_twice"
        assert door.verdict(ticket.text) == "admitted"


def test_the_desk_gives_the_right_and_takes_it_back(browser: Browser, sign_in: SignIn) -> None:
    door, series, event = make_door(browser.client)
    ticket = make_ticket(series, "林知夏", event)
    device = db.session.scalars(select(Device).where(Device.series_id == series.id)).one()
    page = f"/desk/s/{series.slug}/checkin"
    door.verdict(ticket.text)
    sign_in(Role.DOOR, series=series)
    browser.get(page)
    browser.post(f"{page}/devices/{device.id}/supervisor", {"right": "1"}, status=404)
    browser.post(f"{page}/enrol-code", {"supervisor": "1"}, status=404)
    sign_in(Role.ORGANISER, series=series)
    assert "主管设备" in browser.post(f"{page}/enrol-code", {"supervisor": "1"}, status=200).text
    browser.post(f"{page}/devices/{device.id}/supervisor", {"right": "1"})
    assert "“A 门 1 号”现在是主管设备。" in browser.get(page).text
    assert door.get("bundle").get_json()["supervisor"] is True
    assert door.verdict(ticket.text, override="换证") == "admitted"
    assert "主管放行：换证" in browser.get(page).text
    browser.post(f"{page}/devices/{device.id}/supervisor", {"right": ""})
    assert door.get("bundle").get_json()["supervisor"] is False
    assert door.verdict(ticket.text, override="又来", seq=9) == "already_admitted"
    assert "无权放行，未予放行：又来" in browser.get(page).text
    done = select(AuditEntry.after).where(AuditEntry.action == "device.supervisor")
    assert db.session.scalars(done.order_by(AuditEntry.id)).all() == [
        {"supervisor": True}, {"supervisor": False},
    ]  # fmt: skip
    sign_in(Role.ORGANISER, series=make_series())
    browser.post(f"{page}/devices/{device.id}/supervisor", {"right": "1"}, status=404)


def test_gates_of_a_point_are_told_apart(browser: Browser, sign_in: SignIn) -> None:
    door, series, event = make_door(browser.client)
    sign_in(Role.ORGANISER, series=series)
    page = f"/desk/s/{series.slug}/checkin"
    typed = {"name_zh": "主会场", "kind": "session", "repeat": "reentry", "events": [event.slug]}
    edit = f"{page}/points/{door.point.id}"
    wrong = browser.post(edit, typed | {"gates": "门" * 41}, status=422).text
    assert "每个最多 40 字" in wrong
    browser.post(edit, typed | {"gates": "东门\r\n 西门 \r\n\r\n东门"})
    db.session.expire_all()
    assert points_of(series.id)[0].gates == ["东门", "西门"]
    assert door.get("bundle").get_json()["point"]["gates"] == ["东门", "西门"]
    lin = make_ticket(series, "林知夏", event)
    first = scan(lin.text, gate="东门", local_verdict="admitted")
    second = scan(lin.text, gate="西门", local_verdict="admitted", seq=2)
    assert door.send(first)[0]["result"] == "stored"
    assert door.send(first)[0]["result"] == "already_stored"
    assert door.send(first | {"gate": "西门"})[0]["result"] == "conflict"
    door.send(second)
    log = browser.get(page).text
    assert "主会场，东门" in log
    assert "主会场，西门" in log
    incident = browser.get(f"{page}/incidents").text
    assert "主会场，东门" in incident
    (told,) = incidents_of(series, clock.now())
    assert {fact.gate for fact in told.incident.facts} == {"东门", "西门"}
    report = browser.get(f"{page}/gates").text
    assert "东门" in report
    sign_in(Role.ORGANISER, series=make_series())
    browser.get(f"{page}/gates", status=404)


def test_both_databases_count_gates_alike(either_app: Flask) -> None:
    door, series, event = make_door(either_app.test_client())
    for name, gate in (("林知夏", "东门"), ("单若谷", "东门"), ("查云帆", "")):
        text = make_ticket(series, name, event).text
        door.send(scan(text, gate=gate), scan(text, gate=gate, seq=2))
    door.send(scan("junk", gate="东门"))
    assert [(one.gate, one.admitted, one.left, one.others) for one in gate_counts(series.id)] == [
        ("", 1, 0, 1), ("东门", 2, 0, 3),
    ]  # fmt: skip
