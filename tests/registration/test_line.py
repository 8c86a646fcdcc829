"""The waiting list: who is next, and what organisers may change about it. On both databases."""

from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from eduforum.core import clock as time
from eduforum.core.audit import AuditEntry
from eduforum.core.db import db
from eduforum.core.errors import BadInput
from eduforum.notices.models import Notice
from eduforum.registration import services
from eduforum.registration.models import Category, Registration
from eduforum.registration.queries import pools_of as series_pools
from eduforum.registration.queries import seatable, waiting_for
from eduforum.registration.rules import Admission, State, TransitionNotAllowed
from eduforum.registration.services.letters import place_in_line
from tests.factories import make_category, make_delegation, make_event, make_pool, make_series
from tests.queries import counted
from tests.registration.people import apply, broken, pools_of, state_of


def letters_to(person: Registration) -> list[str]:
    found = select(Notice.kind).where(
        Notice.about == f"registration:{person.id}", Notice.channel == "mail"
    )
    return list(db.session.scalars(found.order_by(Notice.created_at, Notice.id)))


@pytest.fixture
def full(either_app: Flask) -> Category:
    """One seat, and it is taken."""
    category = make_category(seats=1)
    apply(category, "占席者")
    return category


def withdraw_first(category: Category) -> None:
    """Free the one seat."""
    holder = db.session.scalars(
        select(Registration).where(
            Registration.category_id == category.id,
            Registration.state.in_([State.CONFIRMED, State.OFFERED]),
        )
    ).one()
    services.withdraw(holder.series_id, holder.id)


def test_priority_comes_before_time(full: Category, clock: time_machine.Traveller) -> None:
    first = apply(full, "先到")
    clock.shift(60)
    second = apply(full, "后到")
    services.prioritise(second.series_id, second.id, 5, "特邀嘉宾")
    assert (place_in_line(first), place_in_line(second)) == (2, 1)

    withdraw_first(full)

    assert (state_of(first), state_of(second)) == (State.WAITLISTED, State.OFFERED)
    assert letters_to(second) == ["registration-waitlisted", "registration-offered"]
    entry = db.session.scalars(
        select(AuditEntry).where(AuditEntry.action == "registration.prioritise")
    ).one()
    assert (entry.before, entry.after) == ({"priority": 0}, {"priority": 5, "reason": "特邀嘉宾"})


def test_whoever_is_moved_down_or_skipped_is_told(
    full: Category, clock: time_machine.Traveller
) -> None:
    first, second = apply(full, "先到"), apply(full, "后到")
    services.prioritise(first.series_id, first.id, -1, "名额已另行安排")
    assert letters_to(first)[-1] == "registration-line-moved"
    assert place_in_line(first) == 2

    clock.shift(60)
    services.skip(second.series_id, second.id, "单位已有代表")

    assert letters_to(second)[-1] == "registration-line-moved"
    assert (place_in_line(first), place_in_line(second)) == (1, 2)
    moved = db.session.scalars(select(Notice).where(Notice.kind == "registration-line-moved")).all()
    assert {notice.values["reason"] for notice in moved} == {"名额已另行安排", "单位已有代表"}
    assert broken() == {}


def test_somebody_may_be_put_in_line_even_where_it_is_full(either_app: Flask) -> None:
    category = make_category(seats=1, line=0, admission=Admission.BY_APPROVAL)
    person = apply(category)
    services.decline(person.series_id, person.id, "full")
    apply(category, "占席者")

    services.enqueue(person.series_id, person.id, "本人来电")

    assert state_of(person) is State.WAITLISTED
    assert letters_to(person)[-1] == "registration-waitlisted"
    with pytest.raises(TransitionNotAllowed):
        services.enqueue(person.series_id, person.id, "再来一次")
    assert broken() == {}


def test_whoever_is_put_in_line_is_offered_a_free_seat_at_once(either_app: Flask) -> None:
    person = apply(make_category(seats=1))
    services.cancel(person.series_id, person.id, "误操作")

    services.enqueue(person.series_id, person.id, "更正误操作")

    assert state_of(person) is State.OFFERED
    assert broken() == {}


def test_a_change_of_the_order_needs_a_reason_and_somebody_who_waits(full: Category) -> None:
    waiting = apply(full, "候补")
    with pytest.raises(BadInput):
        services.skip(waiting.series_id, waiting.id, " ")
    with pytest.raises(BadInput):
        services.prioritise(waiting.series_id, waiting.id, 1000, "太高")
    services.withdraw(waiting.series_id, waiting.id)
    with pytest.raises(TransitionNotAllowed):
        services.skip(waiting.series_id, waiting.id, "已取消")


def test_an_accepted_seat_that_is_given_back_is_not_offered_to_the_same_person_again(
    full: Category,
) -> None:
    first, second = apply(full, "先到"), apply(full, "后到")
    withdraw_first(full)
    services.accept(first.series_id, first.id)

    services.withdraw(first.series_id, first.id)
    services.withdraw(second.series_id, second.id)
    assert services.serve_lines() == 0

    assert (state_of(first), state_of(second)) == (State.WITHDRAWN, State.WITHDRAWN)
    assert letters_to(first).count("registration-offered") == 1


def test_an_offer_that_nobody_answers_passes_on_with_the_next_chore(
    full: Category, clock: time_machine.Traveller
) -> None:
    first, second = apply(full, "先到"), apply(full, "后到")
    withdraw_first(full)
    clock.shift(timedelta(hours=12))

    assert services.expire_offers() == 1

    assert (state_of(first), state_of(second)) == (State.EXPIRED, State.OFFERED)
    assert broken() == {}


def test_whoever_lacks_a_seat_elsewhere_is_passed_over(either_app: Flask) -> None:
    series = make_series()
    hall, lab = make_event(series=series), make_event(series=series)
    category = make_category(hall, lab, seats=None)
    make_pool(category, 1, event_id=hall.id, name_zh="主会场")
    make_pool(category, 0, event_id=lab.id, name_zh="实验室")
    holder = apply(category, events=(hall.slug,))
    both, only_hall = apply(category, "都去"), apply(category, "只去", events=(hall.slug,))

    services.withdraw(holder.series_id, holder.id)

    assert (state_of(both), state_of(only_hall)) == (State.WAITLISTED, State.OFFERED)


def test_delegations_wait_for_their_own_quotas(either_app: Flask) -> None:
    """Pools that differ by their delegation alone are asked about in one condition."""
    category = make_category(seats=10)
    units = [make_delegation(category.series) for _ in range(3)]
    for unit in units:
        make_pool(category, 1, delegation_id=unit.id)
    holders = [apply(category, "占席", delegation_id=unit.id) for unit in units]
    waiting = [apply(category, "候补", delegation_id=unit.id) for unit in units]
    assert [state_of(one) for one in waiting] == [State.WAITLISTED] * 3
    stranger = apply(category, "散客")
    assert state_of(stranger) is State.CONFIRMED

    services.withdraw(holders[1].series_id, holders[1].id)

    assert [state_of(one) for one in waiting] == [
        State.WAITLISTED,
        State.OFFERED,
        State.WAITLISTED,
    ]
    assert broken() == {}


def test_a_long_line_is_not_read_whole(full: Category) -> None:
    """However many wait: the same few statements, and no more people than are looked at."""
    for number in range(60):
        apply(full, f"候补{number}")
    pools = series_pools(full.series_id)

    with counted() as few:
        assert seatable(full.series_id, pools, time.now()) == []
    assert len(few) == 1
    assert len(waiting_for(pools_of(full)[0], limit=5)) == 5
