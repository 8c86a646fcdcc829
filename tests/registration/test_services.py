"""Registrations through the services that every door calls, on both databases."""

from datetime import timedelta
from itertools import count
from typing import Any, TypeVar
from uuid import uuid4

import pytest
import time_machine
from sqlalchemy import func, select, text

from eduforum.core import clock as time
from eduforum.core.audit import AuditEntry
from eduforum.core.db import db
from eduforum.core.errors import BadInput, NotFound
from eduforum.events import services as events
from eduforum.notices.models import Notice
from eduforum.registration import queries, services
from eduforum.registration.models import Category, Pool, Registration
from eduforum.registration.rules import (
    Admission,
    AlreadyRegistered,
    PoolFull,
    RegistrationClosed,
    State,
    TransitionNotAllowed,
)
from eduforum.registration.services import Application, bulk, register
from eduforum.registration.services.decide import OfferEnded
from eduforum.tickets.models import Ticket
from eduforum.tickets.rules import Standing, verify
from eduforum.tickets.services import keys_of
from tests.factories import make_category, make_event, make_series

pytestmark = pytest.mark.usefixtures("either_app")
_mobiles = count(13900000000)
T = TypeVar("T", Registration, Ticket)


def application(category: Category, /, name: str = "林知夏", **more: Any) -> Application:
    given: dict[str, Any] = {
        "name": name,
        "category": category.code,
        "events": tuple(event.slug for event in category.events),
        "organisation": "天津市职业大学",
        "position": "教师",
        "mobile": f"+86{next(_mobiles)}",
        "email": "",
    }
    return Application(**(given | more))


def apply(category: Category, /, name: str = "林知夏", **more: Any) -> Registration:
    return register(category.series, application(category, name, **more), submit_id=uuid4().hex)


def pool_of(category: Category) -> Pool:
    found = select(Pool).where(Pool.category_id == category.id)
    return db.session.scalars(found.execution_options(populate_existing=True)).one()


def letters() -> list[str]:
    found = select(Notice.kind).where(Notice.channel == "mail")
    return list(db.session.scalars(found.order_by(Notice.created_at, Notice.id)))


def again(row: T) -> T:
    """The row as the database has it now."""
    db.session.refresh(row)
    return row


def standing_of(registration: Registration) -> Standing:
    ticket = again(registration).ticket
    assert ticket is not None
    return again(ticket).standing


def test_a_free_seat_is_confirmed_with_ticket_letter_and_audit_row() -> None:
    category = make_category(seats=1)

    person = apply(category, " 林  知夏 ", email="lin@example.org")

    assert (person.state, person.name) == (State.CONFIRMED, "林知夏")
    assert person.ticket is not None
    body = verify(person.ticket.text, keys_of(person.series_id))
    assert (body.series, body.class_code) == (category.series.number, category.ticket_class)
    assert int.from_bytes(body.serial, "big") == person.ticket.serial
    assert letters() == ["registration-confirmed"]
    assert pool_of(category).held == 1
    actions = db.session.scalars(select(AuditEntry.action)).all()
    assert actions == ["registration.register"]


def test_a_reviewed_application_holds_its_seat_until_it_is_declined() -> None:
    category = make_category(seats=1, admission=Admission.BY_APPROVAL)
    first, second = apply(category), apply(category, "陈砚秋")
    assert (first.state, second.state) == (State.SUBMITTED, State.WAITLISTED)

    services.decline(first.series_id, first.id, "full")

    assert (again(first).state, again(second).state) == (State.DECLINED, State.OFFERED)
    pool = pool_of(category)
    assert (pool.held, pool.waiting) == (1, 0)
    assert letters() == [
        "registration-received",
        "registration-waitlisted",
        "registration-declined",
        "registration-offered",
    ]


def test_approval_sends_the_ticket() -> None:
    person = apply(make_category(admission=Admission.BY_APPROVAL))
    assert person.ticket is None

    services.approve(person.series_id, person.id)

    assert again(person).state is State.CONFIRMED
    assert person.ticket is not None
    with pytest.raises(TransitionNotAllowed):
        services.approve(person.series_id, person.id)


def test_a_full_line_is_refused_and_names_the_pool() -> None:
    category = make_category(seats=0, line=1)
    apply(category)

    with pytest.raises(PoolFull) as refused:
        apply(category, "陈砚秋")

    assert "旁听" in str(refused.value)
    assert db.session.scalar(select(func.count()).select_from(Registration)) == 1
    assert letters() == ["registration-waitlisted"]


def test_a_withdrawn_seat_is_offered_to_the_next_in_line_and_expires(
    clock: time_machine.Traveller,
) -> None:
    category = make_category(seats=1)
    holder, second, third = (apply(category, name) for name in ("甲一", "乙二", "丙三"))
    assert (second.state, third.state) == (State.WAITLISTED, State.WAITLISTED)

    services.withdraw(holder.series_id, holder.id)
    assert standing_of(holder) is Standing.CANCELLED
    assert (again(second).state, again(third).state) == (State.OFFERED, State.WAITLISTED)
    db.session.execute(text("UPDATE pools SET waiting_limit = 1"))
    db.session.commit()
    with pytest.raises(PoolFull):  # the offer holds the seat
        apply(category, "丁四")

    clock.shift(timedelta(hours=13))
    assert services.expire_offers() == 1

    assert (again(second).state, again(third).state) == (State.EXPIRED, State.OFFERED)
    services.accept(third.series_id, third.id)
    assert again(third).state is State.CONFIRMED
    assert (pool_of(category).held, pool_of(category).waiting) == (1, 0)


def test_an_offer_cannot_be_accepted_after_its_end(clock: time_machine.Traveller) -> None:
    category = make_category(seats=1)
    holder, second = apply(category), apply(category, "陈砚秋")
    services.withdraw(holder.series_id, holder.id)
    clock.shift(timedelta(hours=13))

    with pytest.raises(OfferEnded):
        services.accept(second.series_id, second.id)


def test_whoever_cannot_be_seated_is_passed_and_keeps_the_place() -> None:
    series = make_series()
    morning, afternoon = make_event(series=series), make_event(series=series)
    both = make_category(morning, afternoon, seats=None)
    for event, size in ((morning, 1), (afternoon, 1)):
        db.session.add(Pool(series_id=series.id, event=event, name_zh="会场", size=size))
    db.session.commit()
    apply(both, "甲一")  # takes both rooms
    waits_for_both = apply(both, "乙二")
    waits_for_morning = apply(both, "丙三", events=(morning.slug,))

    first = db.session.scalars(select(Registration).where(Registration.name == "甲一")).one()
    services.edit(series.id, first.id, application(both, "甲一", events=(afternoon.slug,),
                                                   mobile=first.mobile))  # fmt: skip

    assert again(waits_for_morning).state is State.OFFERED
    assert again(waits_for_both).state is State.WAITLISTED


def test_raising_a_pool_serves_the_line_and_lowering_it_unseats_nobody() -> None:
    category = make_category(seats=1)
    holder, waiting = apply(category), apply(category, "陈砚秋")
    pool = pool_of(category)

    services.resize_pool(pool.series_id, pool.id, 2, None)
    assert again(waiting).state is State.OFFERED

    services.resize_pool(pool.series_id, pool.id, 1, None)
    pool = pool_of(category)
    assert (pool.size, pool.held, pool.grandfathered) == (1, 2, 1)
    third = apply(category, "丙三")
    services.withdraw(holder.series_id, holder.id)
    assert again(third).state is State.WAITLISTED  # the grandfathered seat is gone
    assert (pool_of(category).held, pool_of(category).grandfathered) == (1, 0)


def test_the_same_submit_id_is_the_same_registration() -> None:
    category = make_category(seats=2)
    given = application(category)

    first = register(category.series, given, submit_id="once")
    second = register(category.series, given, submit_id="once")

    assert first.id == second.id
    assert pool_of(category).held == 1
    assert letters() == ["registration-confirmed"]


@pytest.mark.parametrize("contact", ["mobile", "email"])
def test_the_same_person_gets_the_link_again_and_nothing_is_shown(contact: str) -> None:
    category = make_category()
    known = {"mobile": "", "email": "", contact: "+8613900000001" if contact == "mobile" else "a@example.org"}  # fmt: skip
    apply(category, "张·三", **known)

    with pytest.raises(AlreadyRegistered):
        apply(category, "张三", **known)

    assert letters() == ["registration-confirmed", "registration-link"]


def test_a_shared_address_does_not_merge_two_people() -> None:
    category = make_category()
    shared = {"mobile": "", "email": "office@example.org"}
    assert apply(category, "甲一", **shared).id != apply(category, "乙二", **shared).id


def test_whoever_withdrew_is_reviewed_when_he_comes_again() -> None:
    category = make_category()
    person = apply(category, mobile="+8613900000009")
    services.withdraw(person.series_id, person.id)

    assert apply(category, mobile="+8613900000009").state is State.SUBMITTED


def test_a_declined_person_comes_again_only_when_an_organiser_reopens() -> None:
    category = make_category(admission=Admission.BY_APPROVAL)
    person = apply(category, mobile="+8613900000009")
    services.decline(person.series_id, person.id, "category")

    with pytest.raises(AlreadyRegistered):
        apply(category, mobile="+8613900000009")
    services.reopen(person.series_id, person.id)

    assert again(person).state is State.SUBMITTED


@pytest.mark.parametrize(
    "admission", [Admission.BY_DELEGATION, Admission.BY_INVITATION], ids=lambda kind: kind.value
)
def test_some_categories_are_not_for_self_service(admission: Admission) -> None:
    category = make_category(admission=admission)
    with pytest.raises(RegistrationClosed):
        apply(category)
    by_staff = register(category.series, application(category), submit_id="desk", staff=True)
    assert by_staff.state is State.CONFIRMED


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"events": ()}, "events"),
        ({"events": ("elsewhere",)}, "events"),
        ({"category": "nobody"}, "category"),
        ({"sessions": ("0",)}, "sessions"),
    ],
)
def test_bad_input_names_its_field_and_stores_nothing(change: dict[str, Any], field: str) -> None:
    category = make_category()
    with pytest.raises(BadInput) as refused:
        apply(category, **change)
    assert list(refused.value.errors) == [field]
    assert letters() == []


def test_registration_closes_on_time(clock: time_machine.Traveller) -> None:
    category = make_category(closes_at=time.now() + timedelta(hours=1))
    clock.shift(timedelta(hours=1))
    with pytest.raises(RegistrationClosed):
        apply(category)


def test_another_name_after_approval_is_reviewed_again_and_the_seat_kept() -> None:
    category = make_category(seats=1, admission=Admission.BY_APPROVAL)
    person = apply(category, mobile="+8613900000001")
    services.approve(person.series_id, person.id)

    changed = application(category, "林知秋", mobile="+8613900000001")
    services.edit(person.series_id, person.id, changed)

    assert (again(person).state, person.name) == (State.SUBMITTED, "林知秋")
    assert standing_of(person) is Standing.SUSPENDED
    ticket = person.ticket
    assert ticket is not None
    assert ticket.holder == "林知秋"
    assert pool_of(category).held == 1
    services.approve(person.series_id, person.id)
    assert standing_of(person) is Standing.VALID
    assert again(person).ticket_id == ticket.id


def test_another_position_is_not_reviewed() -> None:
    category = make_category(admission=Admission.BY_APPROVAL)
    person = apply(category, mobile="+8613900000001")
    services.approve(person.series_id, person.id)
    changed = application(category, mobile="+8613900000001", position="系主任")
    services.edit(person.series_id, person.id, changed)
    assert (again(person).state, person.position) == (State.CONFIRMED, "系主任")


def test_returned_applications_are_corrected_and_reviewed() -> None:
    category = make_category(seats=1, admission=Admission.BY_APPROVAL)
    person = apply(category, mobile="+8613900000001")
    services.return_(person.series_id, person.id, ["organisation"], "请填写单位全称。")
    assert again(person).returned_fields == ["organisation"]

    corrected = application(category, mobile="+8613900000001", organisation="天津大学")
    services.resubmit(person.series_id, person.id, corrected)

    assert (again(person).state, person.organisation) == (State.SUBMITTED, "天津大学")
    assert person.returned_fields == []
    assert pool_of(category).held == 1


def test_leave_gives_the_seat_on_and_coming_back_needs_one() -> None:
    category = make_category(seats=1)
    person = apply(category)
    services.leave(person.series_id, person.id)
    assert standing_of(person) is Standing.SUSPENDED
    second = apply(category, "陈砚秋")
    assert second.state is State.CONFIRMED

    with pytest.raises(PoolFull):
        services.come_back(person.series_id, person.id)
    services.withdraw(second.series_id, second.id)
    services.come_back(person.series_id, person.id)

    assert again(person).state is State.CONFIRMED
    assert standing_of(person) is Standing.VALID


def test_bulk_counts_what_changed_and_says_why_the_rest_was_skipped() -> None:
    category = make_category(admission=Admission.BY_APPROVAL)
    people = [apply(category, name) for name in ("甲一", "乙二", "丙三")]
    services.approve(people[0].series_id, people[0].id)

    result = bulk(category.series_id, [one.id for one in people], "approve")

    assert result.changed == [people[1].id, people[2].id]
    [(skipped, name, why)] = result.skipped
    assert (skipped, name) == (people[0].id, "甲一")
    assert "已确认" in str(why)


def test_a_reissued_ticket_revokes_the_old_one_first() -> None:
    person = apply(make_category())
    old = person.ticket
    assert old is not None

    services.reissue_ticket(person.series_id, person.id)

    assert again(old).standing is Standing.REVOKED
    assert again(person).ticket_id == old.replaced_by_id
    assert again(person).ticket_id != old.id


def test_a_renewed_link_voids_the_old_one() -> None:
    person = apply(make_category())
    before = services.my_url(person).rpartition("/")[2]
    assert queries.by_link(before).id == person.id

    services.renew_link(person.series_id, person.id)

    with pytest.raises(NotFound):
        queries.by_link(before)
    assert queries.by_link(services.my_url(again(person)).rpartition("/")[2]).id == person.id


def test_a_moved_event_tells_everybody_who_comes() -> None:
    category = make_category()
    person, gone = apply(category, "甲一"), apply(category, "乙二")
    services.withdraw(gone.series_id, gone.id)
    event = category.events[0]

    events.cancel_event(event.id, "场地维修")

    told = db.session.scalars(select(Notice).where(Notice.kind == "event-cancelled")).all()
    assert [notice.about for notice in told] == [f"registration:{person.id}"]
    assert told[0].values["changes"][0]["what"] == "cancelled"
    assert told[0].values["reason"] == "场地维修"


def test_nothing_is_stored_when_the_letter_cannot_be_written(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    category = make_category(seats=1)

    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("eduforum.registration.services.letters.queue", broken)
    with pytest.raises(ZeroDivisionError):
        apply(category)

    assert db.session.scalar(select(func.count()).select_from(Registration)) == 0
    assert pool_of(category).held == 0
