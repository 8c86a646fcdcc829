"""From the approval to the card in a hand, and what becomes of it at the doors."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from eduforum.core import clock
from eduforum.core.db import db, transaction
from eduforum.core.errors import BadInput, NotFound
from eduforum.press import card_queries, cardpaper, lists
from eduforum.press.models import (
    Application,
    Card,
    Equipment,
    PoolPlace,
    PoolSlot,
    PressPerson,
)
from eduforum.press.rules import PassState, Zone
from eduforum.press.rules.states import TransitionNotAllowed
from eduforum.press.services import decide, drafts, passes, pool
from eduforum.press.services.admission import HasTicket, issue_pass
from eduforum.press.services.passes import Handover, NothingToPrint
from eduforum.press.services.pool import NotInZone, PoolIsFull, SlotInput
from eduforum.tickets.models import Ticket
from eduforum.tickets.rules import Standing
from eduforum.web.access import Role
from tests.checkin.door import BASE, Door, make_device, make_point
from tests.factories import make_series
from tests.pages import Browser
from tests.press.outlets import House, as_, audited, mailed, people
from tests.queries import counted

ONE, TWO = "user:1", "user:2"
ID = {"id_type": "resident_id", "id_last4": "123X"}


@pytest.fixture
def house(app: Flask) -> House:
    return House()


def handed(**more: Any) -> Handover:
    return Handover(id_type=ID["id_type"], id_last4=ID["id_last4"], **more)


def approved(
    house: House, names: tuple[str, ...] = ("苏沐辰",), zones: tuple[Zone, ...] = ()
) -> Application:
    application = house.verified(list(names))
    with as_(ONE):
        decide.approve(
            house.id, application.id, {p.id: house.grant(*zones) for p in people(application)}
        )
    return application


def person_of(application: Application) -> PressPerson:
    return people(application)[0]


def ticket_of(person_id: UUID) -> Ticket:
    person = db.session.get(PressPerson, person_id, populate_existing=True)
    assert person
    assert person.ticket
    return person.ticket


def printed(house: House, application: Application) -> PressPerson:
    with as_(ONE):
        passes.print_cards(house.id, [person.id for person in people(application)])
    return person_of(application)


def at_door(app: Flask, house: House, zones: str = "") -> Door:
    point = make_point(house.series, zones=zones)
    _, token = make_device(house.series)
    door = Door(app.test_client(), point, token)
    answer = door.client.get(
        f"/api/v1/points/{point.id}/bundle",
        headers=door.headers,
        base_url=BASE,
    )
    door.epoch = answer.get_json()["epoch"]
    return door


def test_an_approval_issues_a_ticket_of_the_press(house: House) -> None:
    application = approved(house)
    person = person_of(application)
    ticket = ticket_of(person.id)
    assert (ticket.class_code, ticket.holder, ticket.unit) == (0, "苏沐辰", "海河观察")
    assert (ticket.category_zh, ticket.category_en) == (
        "媒体（摄影记者）",
        "Press (Photographer)",
    )
    assert ticket.event_ids == [house.signing.id, house.forum.id]
    assert [zone["zone"] for zone in ticket.zones] == ["A", "B"]
    assert ticket.standing is Standing.VALID


def test_who_holds_a_ticket_already_is_not_given_a_second(house: House) -> None:
    application = house.verified()
    person = person_of(application)
    with transaction():
        person.mobile = "+8613800001111"
    with as_(ONE):
        decide.approve(house.id, application.id, {person.id: house.grant()})
    other = house.verified(outlet="渤海晨讯")
    twin = person_of(other)
    with transaction():
        twin.mobile, twin.id_index, twin.id_number, twin.press_card = "+8613800001111", "", None, ""
        person.mobile = ""  # so that only the ticket is the same
    with as_(ONE), pytest.raises(HasTicket):
        decide.approve(house.id, other.id, {twin.id: house.grant()})
    assert people(other)[0].state is PassState.UNDECIDED


def test_a_second_officers_zones_reach_the_ticket_and_the_pool_its_slots(house: House) -> None:
    application = approved(house, zones=(Zone.PUBLIC, Zone.STAGE))
    person = person_of(application)
    assert [zone["zone"] for zone in ticket_of(person.id).zones] == ["A"]
    with as_(TWO):
        decide.agree(house.id, application.id, person.id, agreed=True)
    assert [zone["zone"] for zone in ticket_of(person.id).zones] == ["A"]
    start = clock.now() + timedelta(days=1)
    with transaction():
        slot = PoolSlot(
            series_id=house.id, event_id=house.signing.id, starts_at=start, places=4,
            ends_at=start + timedelta(minutes=10), meeting_zh="东门", escort="顾清和",
        )  # fmt: skip
        db.session.add(slot)
        db.session.flush()
        db.session.add(PoolPlace(slot_id=slot.id, person_id=person.id))
        db.session.flush()
        issue_pass(card_queries.locked_person(house.id, person.id))
    stage = [zone for zone in ticket_of(person.id).zones if zone["zone"] == "C"]
    assert [zone["starts_at"] for zone in stage] == [start.isoformat()]


def test_a_run_prints_who_waits_and_names_who_cannot_be(house: House) -> None:
    first = approved(house, ("苏沐辰", "白予安"))
    approved(house, ("顾清和",))
    with transaction():
        people(first)[1].photo_id = None
    with as_(ONE):
        done = passes.print_cards(house.id, [])
    assert (done.run.number, done.run.actor, done.count) == (1, ONE, 2)
    assert [(one.name, one.why.en) for one in done.skipped] == [("白予安", "there is no photo")]
    assert "press_person.print" in audited(f"press_person:{person_of(first).id}")
    assert audited(f"press_print_run:{done.run.id}") == ["press_cards.print"]
    with as_(ONE), pytest.raises(NothingToPrint):
        passes.print_cards(house.id, [])
    assert [line.count for line in card_queries.runs_of(house.id)] == [2]


def test_the_cards_have_two_sides_each(house: House) -> None:
    application = approved(house, ("苏沐", "Alexandra Konstantinopoulou-Smith"))
    printed(house, application)
    cards = db.session.scalars(select(Card)).all()
    document = cardpaper.pdf(house.series, cards)
    assert document.startswith(b"%PDF-")
    assert document.count(b"/Type /Page\n") + document.count(b"/Type/Page/") in (0, 4)


def test_a_card_is_collected_by_its_holder_or_a_proxy_with_a_letter(house: House) -> None:
    application = approved(house, ("苏沐辰", "白予安"))
    first, second = (person.id for person in people(application))
    printed(house, application)
    with as_(ONE):
        with pytest.raises(BadInput) as missing:
            passes.collect(house.id, second, handed(taken_by="顾清和"))
        assert set(missing.value.errors) == {"letter"}
        with pytest.raises(BadInput) as short:
            passes.collect(house.id, first, Handover(id_type="resident_id", id_last4="12"))
        assert set(short.value.errors) == {"id_last4"}
        passes.collect(house.id, first, handed())
        card = passes.collect(house.id, second, handed(taken_by="顾清和", letter=True))
        with pytest.raises(TransitionNotAllowed):
            passes.collect(house.id, first, handed())
    assert (card.taken_by, card.letter, card.id_last4, card.handed_by) == (
        "顾清和", True, "123X", ONE,
    )  # fmt: skip
    assert mailed(application)[-2:] == ["press-card-collected"] * 2


def test_a_lost_card_is_void_before_there_is_a_new_number(app: Flask, house: House) -> None:
    application = approved(house)
    person = printed(house, application)
    old = ticket_of(person.id)
    door = at_door(app, house)
    with as_(ONE):
        passes.collect(house.id, person.id, handed())
        passes.lose(house.id, person.id)
    assert ticket_of(person.id).standing is Standing.REVOKED
    assert door.verdict(old.text) == "revoked"
    with as_(ONE):
        passes.reissue(house.id, person.id)
    new = ticket_of(person.id)
    assert new.serial != old.serial
    assert [zone["zone"] for zone in new.zones] == ["A", "B"]
    assert (door.verdict(old.text), door.verdict(new.text)) == ("revoked", "admitted")
    with as_(ONE):
        assert passes.print_cards(house.id, []).run.number == 2
    first, second = db.session.scalars(select(Card).order_by(Card.printed_at)).all()
    assert first.voided_at is not None
    assert (second.voided_at, second.ticket_id) == (None, new.id)


def test_suspended_and_revoked_passes_stop_at_the_doors(app: Flask, house: House) -> None:
    application = approved(house)
    person = printed(house, application)
    ticket, door = ticket_of(person.id), at_door(app, house)
    with as_(ONE):
        with pytest.raises(BadInput):
            passes.suspend(house.id, person.id, " ")
        passes.suspend(house.id, person.id, "在 C 区超时停留。")
    assert door.verdict(ticket.text) == "not_confirmed"
    with as_(ONE):
        passes.reinstate(house.id, person.id)
    assert person_of(application).state is PassState.PRINTED
    assert door.verdict(ticket.text) == "admitted"
    with as_(ONE):
        passes.revoke(house.id, person.id, "证件转借他人使用。")
    assert door.verdict(ticket.text) == "revoked"
    bundle = door.client.get(
        f"/api/v1/points/{door.point.id}/bundle",
        headers=door.headers,
        base_url=BASE,
    ).get_json()
    assert [one["state"] for one in bundle["revocations"]] == ["revoked"]
    assert mailed(application)[-3:] == [
        "press-card-suspended", "press-card-reinstated", "press-card-revoked",
    ]  # fmt: skip


def test_a_withdrawn_application_ends_its_tickets(house: House) -> None:
    application = approved(house)
    person = person_of(application)
    drafts.withdraw(house.id, application.id)
    assert ticket_of(person.id).standing is Standing.CANCELLED


def test_nobody_is_released_without_a_last_call(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    application = approved(house, ("苏沐辰", "白予安"))
    first, second = (person.id for person in people(application))
    printed(house, application)
    now = clock.now()
    with as_(ONE):
        passes.collect(house.id, first, handed())
        passes.set_collect_by(house.id, now + timedelta(days=3))
    assert passes.release_uncollected() == 0
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(days=2, hours=1))
    passes.release_uncollected()
    passes.release_uncollected()
    assert mailed(application).count("press-last-call") == 1
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(days=3, hours=1))
    assert passes.release_uncollected() == 1
    states = [person.state for person in people(application)]
    assert states == [PassState.COLLECTED, PassState.EXPIRED_UNCOLLECTED]
    assert ticket_of(second).standing is Standing.CANCELLED
    assert mailed(application)[-1] == "press-uncollected"
    assert passes.release_uncollected() == 0


def test_another_series_desk_finds_no_pass(house: House) -> None:
    person = person_of(approved(house))
    elsewhere = make_series()
    with pytest.raises(NotFound):
        card_queries.pass_or_404(elsewhere.id, person.id)
    with as_(ONE), pytest.raises(NotFound):
        passes.lose(elsewhere.id, person.id)


def stage(house: House, names: tuple[str, ...] = ("苏沐辰",)) -> list[PressPerson]:
    """People who hold zone C, as two officers granted it."""
    application = approved(house, names, zones=(Zone.PUBLIC, Zone.STAGE))
    with as_(TWO):
        for person in people(application):
            decide.agree(house.id, application.id, person.id, agreed=True)
    return list(people(application))


def slot_of(house: House, *, minutes: int = 60, places: int = 1) -> PoolSlot:
    start = clock.now() + timedelta(minutes=minutes)
    return pool.add_slot(
        house.id,
        SlotInput(
            event="signing", starts_at=start, ends_at=start + timedelta(minutes=10),
            places=places, meeting_zh="主会场东门", escort="顾清和",
        ),
    )  # fmt: skip


def test_zone_c_opens_at_its_time_alone(
    app: Flask, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    (person,) = stage(house)
    door, text = at_door(app, house, zones="C"), ticket_of(person.id).text
    assert door.verdict(text) == "not_entitled"
    slot = slot_of(house)
    pool.fill(house.id, slot.id, [person.id])
    assert door.verdict(text) == "too_early"
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(minutes=65))
    assert door.verdict(text) == "admitted"
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(minutes=75))
    second = at_door(app, house, zones="C")
    assert second.verdict(text) == "too_late"


def test_the_pool_takes_who_holds_the_zone_and_no_more_than_it_has_places(house: House) -> None:
    first, second = stage(house, ("苏沐辰", "白予安"))
    slot = slot_of(house)
    with pytest.raises(PoolIsFull):
        pool.fill(house.id, slot.id, [first.id, second.id])
    outsider = person_of(approved(house, ("顾清和",)))
    with pytest.raises(NotInZone):
        pool.fill(house.id, slot.id, [outsider.id])
    pool.fill(house.id, slot.id, [first.id])
    pool.fill(house.id, slot.id, [second.id])
    assert mailed(first.application)[-3:] == ["press-pool", "press-pool", "press-pool-cancelled"]
    assert [[p.name for p in line.people] for line in pool.slots_of(house.id)] == [["白予安"]]
    pool.remove_slot(house.id, slot.id)
    assert [zone["zone"] for zone in ticket_of(second.id).zones] == ["A"]
    with pytest.raises(NotFound):
        pool.remove_slot(make_series().id, slot.id)


def test_lists_for_security_name_what_comes_in(house: House) -> None:
    assert lists.equipment(house.series) is None
    assert lists.vehicles(house.series) is None
    (person,) = stage(house)
    with transaction():
        person.plate = "津A12345"
        db.session.add(Equipment(person_id=person.id, place=0, name="摄像机", serial="SN-1"))
    pool.fill(house.id, slot_of(house).id, [person.id])
    db.session.expire_all()
    for made in (
        lists.equipment(house.series),
        lists.vehicles(house.series),
        lists.pool(house.series, pool.slots_of(house.id)),
    ):
        assert made is not None
        assert made.startswith(b"%PDF-")


def test_the_desk_of_the_cards(
    client: FlaskClient, house: House, sign_in: Callable[..., None]
) -> None:
    """Found, printed, handed to a proxy, lost, replaced: on the pages, as an officer does it."""
    sign_in(Role.PRESS_OFFICER, series=house.series)
    browser = Browser(client)
    approved(house, ("苏沐辰", "白予安"))
    root = f"/desk/s/{house.series.slug}/press/passes"
    assert "苏沐辰" in browser.get(root).text
    assert "苏沐辰" not in browser.get(f"{root}?q=白予安").text
    run = browser.post(f"{root}/print", {}, status=303).location or ""
    assert "白予安" in browser.get(run).text
    sheet = client.get(f"{run}/cards.pdf", base_url=BASE)
    assert (sheet.mimetype, sheet.headers["Cache-Control"]) == ("application/pdf", "no-store")
    person = db.session.scalars(
        select(PressPerson.id).where(
            PressPerson.name == "苏沐辰", PressPerson.series_id == house.id
        )
    ).one()
    one = f"{root}/{person}"
    browser.post(one, ID | {"taken_by": "顾清和"}, status=422)
    assert person_state(person) is PassState.PRINTED
    browser.post(one, ID | {"taken_by": "顾清和", "letter": "y"}, status=303)
    assert "顾清和" in browser.get(one).text
    browser.post(f"{one}/lose", {}, status=303)
    browser.post(f"{one}/reissue", {}, status=303)
    assert person_state(person) is PassState.REISSUED
    browser.get(f"{root}/runs")
    browser.get(f"{root}/pool")


def person_state(person_id: UUID) -> PassState:
    person = db.session.get(PressPerson, person_id, populate_existing=True)
    assert person
    return person.state


def test_the_list_asks_the_database_as_often_for_many(
    client: FlaskClient, house: House, sign_in: Callable[..., None]
) -> None:
    sign_in(Role.PRESS_OFFICER, series=house.series)
    root = f"/desk/s/{house.series.slug}/press/passes"
    browser = Browser(client)
    approved(house, ("苏沐辰",))
    browser.get(root)
    with counted() as few:
        browser.get(root)
    approved(house, ("白予安", "顾清和", "江晚照"))
    with counted() as many:
        browser.get(root)
    assert len(many) == len(few)
