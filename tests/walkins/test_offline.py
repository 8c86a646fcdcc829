"""Walk-ins without a network: a ticket in their hands at once, one registration in the end."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, func, select

from eduforum.checkin.models import Device, Point, Scan
from eduforum.checkin.queries import place_or_404
from eduforum.checkin.services import Reading, Scanner, enrol, new_enrol_code, record, revoke
from eduforum.core import clock as time
from eduforum.core.audit import AuditEntry
from eduforum.core.db import db, new_id, transaction
from eduforum.registration.models import Pool, Registration
from eduforum.registration.rules import State
from eduforum.reports import invariants
from eduforum.tickets.models import Ticket
from eduforum.tickets.rules import Standing
from eduforum.walkins import services
from eduforum.walkins.models import OfflineWalkIn, SignedAhead
from eduforum.walkins.rules import BLOCK, NotConfirmedYet, Reason, Settled, SettledBefore
from eduforum.walkins.services import Form, Mended, accept, merge, reject, renew_block, take_in
from eduforum.web.access import Role
from tests.pages import BASE, Browser
from tests.reports.hall import Hall
from tests.walkins.test_walkins import a_hall, walk_in

SignIn = Callable[..., None]


def phone(hall: Hall) -> tuple[Device, str]:
    return enrol(new_enrol_code(hall.series.id), "A 门")


def block(hall: Hall, device: Device) -> list[Ticket]:
    (held,) = renew_block(hall.arrival, device.id)
    return list(held.tickets)


def form(ticket: Ticket | str, name: str = "样本甲", **more: Any) -> Form:
    given: dict[str, Any] = {
        "id": uuid4(), "ticket": ticket if isinstance(ticket, str) else ticket.text,
        "taken_at": time.now(), "name": name, "category": "observer", "consents": ["privacy"],
    }  # fmt: skip
    return Form(**given | more)


def send(hall: Hall, device: Device, *forms: Form) -> list[OfflineWalkIn]:
    return take_in(hall.arrival, device.id, forms)


def scan(hall: Hall, device: Device, text: str) -> str:
    reading = Reading(id=new_id(), seq=1, code=text, scanned_at=time.now())
    place = place_or_404([hall.series.id], hall.arrival.id)
    (answer,) = record(place, Scanner(device.name, device.id), [reading])
    return str(answer.verdict)


def ticket_of(made: Registration) -> UUID | None:
    db.session.refresh(made)
    return made.ticket_id


def sound() -> dict[str, list[str]]:
    """What the audit finds broken, letters apart: nobody here gave an address."""
    found = {name: check(time.now()) for name, check in invariants.CHECKS.items()}
    return {name: list(wrong) for name, wrong in found.items() if list(wrong)}


def test_what_was_handed_out_without_a_network_becomes_theirs(either_app: Flask) -> None:
    hall = a_hall(seats=2)
    device, _ = phone(hall)
    tickets = block(hall, device)
    assert len(tickets) == BLOCK
    assert {one.id for one in block(hall, device)} == {one.id for one in tickets}
    first, second, third, fourth, fifth = tickets[:5]

    assert scan(hall, device, first.text) == "admitted"
    assert scan(hall, device, first.text) == "already_admitted"
    same = form(first, mobile="139 0000 1111", organisation="样本一中")
    sent = [
        same, form(second, "样本乙"), form(third, "样本丙"),
        form(fourth, mobile="139 0000 1111", another=True), form(fifth),
        form(tickets[5], "样本丁", mobile="12"), form(tickets[6], "样本戊", consents=[]),
        form(tickets[7], "样本己", category="leader"), form(second, "样本庚"),
        form(first.text[:-1] + "A", "样本辛"),
    ]  # fmt: skip
    kept = send(hall, device, *sent)
    assert {(one.settled, one.reason) for one in kept[:2]} == {(Settled.REGISTERED, None)}
    assert [one.reason for one in kept[2:]] == [
        Reason.FULL, Reason.KNOWN, Reason.SAME_NAME, Reason.INVALID, Reason.INVALID,
        Reason.CLOSED, Reason.TICKET, Reason.TICKET,
    ]  # fmt: skip
    assert {one.settled for one in kept[2:]} == {Settled.WAITING}

    made = kept[0].registration
    assert made
    assert made.state is State.CONFIRMED
    assert (ticket_of(made), made.name, made.source) == (first.id, "样本甲", "door")
    db.session.refresh(first)
    assert (first.holder, first.unit, first.mobile_last4) == ("样本甲", "样本一中", "1111")
    assert (kept[0].name, kept[0].mobile) == ("", "")
    again = send(hall, device, *sent)
    assert [one.id for one in again] == [one.id for one in kept]
    assert db.session.scalar(select(func.count()).select_from(Registration)) == 2

    over = accept(hall.series.id, kept[2].id, Mended(name="样本丙", over=True))
    assert ticket_of(over) == third.id
    db.session.rollback()
    (pool,) = db.session.scalars(select(Pool).where(Pool.series_id == hall.series.id))
    assert (pool.size, pool.held, pool.grandfathered) == (2, 3, 1)
    with pytest.raises(SettledBefore):
        reject(hall.series.id, kept[2].id, "样本")

    scan(hall, device, fourth.text)
    merged = merge(hall.series.id, kept[3].id, made.id)
    assert (merged.id, ticket_of(merged)) == (made.id, fourth.id)
    db.session.refresh(first)
    assert (first.standing, first.replaced_by_id) == (Standing.REVOKED, fourth.id)
    with pytest.raises(NotConfirmedYet):
        merge(hall.series.id, kept[4].id, uuid4())

    reject(hall.series.id, kept[5].id, "不在接待范围")
    assert scan(hall, device, tickets[5].text) == "revoked"
    mended = accept(hall.series.id, kept[8].id, Mended(name="样本庚", over=True))
    assert ticket_of(mended) not in {one.id for one in tickets}  # that one is somebody else's
    assert sound() == {}
    actions = set(db.session.scalars(select(AuditEntry.action)))
    assert actions >= {
        "walk_in.sign_ahead", "walk_in.take_in", "walk_in.accept", "walk_in.merge",
        "walk_in.reject",
    }  # fmt: skip


def test_one_form_on_many_lines_is_one_person(either_app: Flask) -> None:
    hall = a_hall(seats=3)
    device, _ = phone(hall)
    sent = [form(one, f"样本{n}") for n, one in enumerate(block(hall, device)[:5])]
    arrival, device_id = hall.arrival.id, device.id

    def line(_number: int) -> list[str]:
        with either_app.app_context():
            point = db.session.get_one(Point, arrival)
            return [one.settled.value for one in take_in(point, device_id, sent)]

    with ThreadPoolExecutor(4) as lines:
        told = list(lines.map(line, range(4)))
    assert told == [["registered"] * 3 + ["waiting"] * 2] * 4
    db.session.rollback()
    (pool,) = db.session.scalars(select(Pool).where(Pool.series_id == hall.series.id))
    assert (pool.held, pool.waiting) == (3, 0)
    assert db.session.scalar(select(func.count()).select_from(Registration)) == 3


def test_a_form_of_this_morning_is_of_this_morning(app: Flask) -> None:
    hall = a_hall()
    device, _ = phone(hall)
    ticket, lost = block(hall, device)[:2]
    morning = hall.events[0].starts_at
    with transaction():
        for event in hall.events:
            event.ends_at = time.now() - timedelta(hours=1)
            event.starts_at = time.now() - timedelta(hours=3)
    assert morning
    (kept,) = send(hall, device, form(ticket, taken_at=time.now() - timedelta(hours=2)))
    assert kept.settled is Settled.REGISTERED
    assert kept.registration
    assert len(kept.registration.events) == 2
    # The answer to a form that was sent with a network was lost; then it was handed out without.
    with transaction():
        for event in hall.events:
            event.ends_at = time.now() + timedelta(hours=1)
    online, walk_in_id = walk_in(hall, "样本乙"), uuid4()
    with transaction():
        online.submit_id = f"walk-in:{walk_in_id}"
    (kept,) = send(hall, device, form(lost, "样本乙", id=walk_in_id))
    assert (kept.registration_id, ticket_of(online)) == (online.id, lost.id)
    assert sound() == {}


def test_a_device_that_is_shut_out_leaves_no_ticket_behind(app: Flask) -> None:
    hall = a_hall()
    device, _ = phone(hall)
    used, scanned, unused = block(hall, device)[:3]
    other = phone(hall)[0]
    send(hall, device, form(used))
    assert scan(hall, other, scanned.text) == "admitted"
    revoke(hall.series.id, device.id)
    assert scan(hall, other, unused.text) == "revoked"
    assert scan(hall, other, used.text) == "admitted"
    assert scan(hall, other, scanned.text) == "already_admitted"
    (entry,) = db.session.scalars(
        select(AuditEntry).where(AuditEntry.action == "walk_in.void_ahead")
    )
    assert entry.before == {"tickets": BLOCK - 2}


def test_what_a_restore_has_lost_comes_back_with_the_form(app: Flask) -> None:
    hall = a_hall()
    device, _ = phone(hall)
    text = block(hall, device)[0].text
    with transaction():
        db.session.execute(delete(SignedAhead))
        db.session.execute(delete(Ticket))
    other = phone(hall)[0]
    assert scan(hall, other, text) == "unknown"
    (kept,) = send(hall, device, form(text))
    assert kept.settled is Settled.REGISTERED
    assert kept.registration
    verdicts = db.session.scalars(
        select(Scan.verdict).where(Scan.ticket_id == kept.registration.ticket_id)
    ).all()
    assert [str(one) for one in verdicts] == ["admitted"]
    assert scan(hall, other, text) == "already_admitted"


def test_programs_and_devices_speak_the_same(client: FlaskClient, app: Flask) -> None:
    hall = a_hall(seats=1)
    _, token = phone(hall)

    def post(path: str, body: dict[str, Any] | None = None) -> Any:
        return client.post(
            f"/api/v1/points/{hall.arrival.id}/walk-ins/{path}",
            json=body,
            headers={"Authorization": f"Bearer {token}", "Accept-Language": "zh"},
            base_url=BASE,
        )

    (held,) = post("tickets").get_json()["items"]
    assert (held["category"], len(held["tickets"])) == ("observer", BLOCK)
    one = held["tickets"][0]
    assert set(one) == {"ticket", "staff_code", "modules"}
    bundle = client.get(
        f"/api/v1/points/{hall.arrival.id}/bundle",
        headers={"Authorization": f"Bearer {token}"},
        base_url=BASE,
    ).get_json()
    assert len(bundle["roster"]) == BLOCK
    assert {line["name"] for line in bundle["roster"]} == {""}
    assert all(line["serial"].startswith("ff") for line in bundle["roster"])
    entry = {
        "id": str(uuid4()), "seq": 1, "code": one["ticket"], "direction": "in",
        "scanned_at": time.now().isoformat(),
    }  # fmt: skip
    answer = client.post(
        f"/api/v1/points/{hall.arrival.id}/scans",
        json={"scans": [entry]},
        headers={"Authorization": f"Bearer {token}"},
        base_url=BASE,
    ).get_json()["results"][0]
    assert (answer["verdict"], answer["tone"]) == ("admitted", "wait")
    assert answer["word"]["zh"] == "请进，临时证"
    forms = [
        {
            "id": str(uuid4()), "ticket": held["tickets"][n]["ticket"], "name": f"样本{n}",
            "taken_at": time.now().isoformat(), "category": "observer", "consents": ["privacy"],
        }
        for n in range(2)
    ]  # fmt: skip
    results = post("offline", {"walk_ins": forms}).get_json()["results"]
    assert [(one["state"], one["reason"]) for one in results] == [
        ("registered", None),
        ("waiting", "full"),
    ]
    assert results[1]["told"]["zh"]


def test_the_desk_decides(browser: Browser, sign_in: SignIn, app: Flask) -> None:
    hall = a_hall(seats=1)
    device, _ = phone(hall)
    tickets = block(hall, device)
    known = walk_in(hall, "样本甲", mobile="+8613900001111")
    kept = send(
        hall, device, form(tickets[0], mobile="139 0000 1111", another=True),
        form(tickets[1], "样本乙"), form(tickets[2], "样本丙"), form(tickets[3], "样本丁"),
    )  # fmt: skip
    listed = f"/desk/s/{hall.series.slug}/walk-ins/reconcile"
    sign_in(Role.DOOR, series=hall.series)
    browser.get(listed, status=404)
    sign_in(Role.REGISTRAR, series=hall.series)
    page = browser.get(listed).text
    assert "本人已报名" in page
    assert page.count("名额已满") == 3
    first, second, third, fourth = (f"{listed}/{one.id}" for one in kept)
    assert "1111" in browser.get(first).text
    browser.post(f"{first}/merge", {"registration": str(known.id)}, status=303)
    browser.post(f"{second}/accept", {"name": "样本乙", "over": "y"}, status=409)  # not his to give
    browser.post(f"{second}/accept", {"name": ""}, status=422)
    browser.post(f"{third}/merge", {"person": "0000 0000"}, status=422)
    browser.post(f"{third}/reject", {"note": ""}, status=422)
    browser.post(f"{third}/reject", {"note": "不在接待范围"}, status=303)
    sign_in(Role.ORGANISER, series=hall.series)
    browser.post(f"{second}/accept", {"name": "样本乙", "over": "y"}, status=303)
    assert "样本乙" in browser.get(listed).text
    browser.get(third, status=303)
    scan(hall, device, tickets[4].text)
    assert "表单尚未上传" in browser.get(listed).text
    assert services.forget_old() == 0
    with transaction():
        for event in hall.events:
            event.ends_at = time.now() - timedelta(days=31)
            event.starts_at = time.now() - timedelta(days=32)
    assert services.forget_old() == 1
    db.session.rollback()
    last = db.session.get_one(OfflineWalkIn, kept[3].id)
    assert (last.settled, last.name, last.settled_by) == (Settled.REJECTED, "", "system")
    assert browser.get(fourth, status=303)
