"""The waiting list as a machine: whatever happens in whatever order, nobody is passed over, no seat
is given twice, none stands idle. An oracle that knows no counters judges after every step."""

from collections.abc import Collection, Sequence
from datetime import timedelta
from itertools import count
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from hypothesis.stateful import run_state_machine_as_test as run
from sqlalchemy import select

from eduforum.core import clock
from eduforum.core.db import db
from eduforum.core.errors import Refusal
from eduforum.events.rules import Mode
from eduforum.registration import services
from eduforum.registration.models import Category, Pool, Registration
from eduforum.registration.queries import counts_in
from eduforum.registration.rules import Admission, State, holds_a_seat
from tests.factories import make_category, make_delegation, make_event, make_pool, make_series
from tests.registration.people import apply

_numbers = count(1)
picks = st.integers(0, 30)


class Line(RuleBasedStateMachine):
    """One series with two events, two categories and pools of every kind; people come and go."""

    @initialize()
    def open(self) -> None:
        series = make_series()
        first, second = make_event(series=series), make_event(series=series)
        unit = make_delegation(series)
        self.series_id, self.unit_id = series.id, unit.id
        self.categories = [
            make_category(first, second, seats=4),
            make_category(first, second, seats=3, admission=Admission.BY_APPROVAL),
            make_category(second, seats=None, admission=Admission.BY_APPROVAL, pending_holds=False),
        ]
        everybody: dict[str, Any] = {"category_id": None}
        make_pool(self.categories[0], 5, event_id=first.id, **everybody)
        make_pool(self.categories[0], 5, event_id=second.id, mode=Mode.ONSITE, **everybody)
        make_pool(self.categories[0], 1, delegation_id=unit.id, reserving=True)
        self.state_was: dict[UUID, State] = {}
        self.offers: dict[UUID, int] = {}
        for who in range(7):  # so many that there is a line from the beginning
            self.register(who % 2, who == 5, False)

    @rule(who=picks, alone=st.booleans(), ours=st.booleans())
    def register(self, who: int, alone: bool, ours: bool) -> None:
        self.traveller.shift(1)
        category = self.categories[who % len(self.categories)]
        events = tuple(event.slug for event in category.events)
        more: dict[str, Any] = {"events": events[:1] if alone else events}
        if ours:
            more["delegation_id"] = self.unit_id
        _try(apply, category, f"样本{next(_numbers)}", **more)

    @rule(who=picks, deed=st.sampled_from(["withdraw", "accept", "leave", "come_back", "approve"]))
    def decide(self, who: int, deed: str) -> None:
        self._on_one(who, getattr(services, deed))

    @rule(who=picks)
    def decline(self, who: int) -> None:
        self._on_one(who, services.decline, "full")

    @rule(who=picks, priority=st.integers(-2, 2))
    def move(self, who: int, priority: int) -> None:
        self._on_one(who, services.prioritise, priority, "试验")

    @rule(who=picks)
    def skip(self, who: int) -> None:
        self._on_one(who, services.skip, "试验")

    @rule(who=picks)
    def enqueue(self, who: int) -> None:
        person = self._on_one(who, services.enqueue, "试验")
        if person is not None:
            self.offers.pop(person, None)  # put in line anew: one more offer is right

    @rule(which=picks, size=st.integers(0, 7))
    def resize(self, which: int, size: int) -> None:
        pools = self._pools()
        pool = pools[which % len(pools)]
        _try(services.resize_pool, self.series_id, pool.id, size, None)

    @rule(which=picks)
    def release(self, which: int) -> None:
        keeping = [pool for pool in self._pools() if pool.reserving]
        if keeping and which == 0:
            services.release_pool(self.series_id, keeping[0].id)

    @rule(hours=st.sampled_from([1, 13]))
    def wait(self, hours: int) -> None:
        self.traveller.shift(timedelta(hours=hours))
        services.expire_offers()

    @invariant()
    def judge(self) -> None:
        if not hasattr(self, "series_id"):
            return
        pools, people = self._pools(), self._people()
        check_counts(pools, people)
        check_idle(pools, people)
        fresh = [
            one
            for one in people
            if one.state is State.OFFERED and self.state_was.get(one.id) is not State.OFFERED
        ]
        check_order(pools, people, fresh)
        for one in fresh:
            self.offers[one.id] = self.offers.get(one.id, 0) + 1
            assert self.offers[one.id] == 1, "offered a second time"
        self.state_was = {one.id: one.state for one in people}

    def _on_one(self, who: int, change: Any, *arguments: Any) -> UUID | None:
        people = self._people()
        if not people:
            return None
        person = people[who % len(people)]
        done = _try(change, self.series_id, person.id, *arguments)
        return person.id if done else None

    def _people(self) -> Sequence[Registration]:
        found = select(Registration).where(Registration.series_id == self.series_id)
        order = (Registration.applied_at, Registration.id)
        return db.session.scalars(
            found.order_by(*order).execution_options(populate_existing=True)
        ).all()

    def _pools(self) -> Sequence[Pool]:
        found = select(Pool).where(Pool.series_id == self.series_id).order_by(Pool.id)
        return db.session.scalars(found.execution_options(populate_existing=True)).all()

    traveller: Any


def _try(change: Any, *arguments: Any, **more: Any) -> bool:
    """Whether it was done; a refusal in words is a right answer too."""
    try:
        change(*arguments, **more)
    except Refusal:
        return False
    return True


def holds(person: Registration) -> bool:
    category: Category = person.category
    return holds_a_seat(person.state, pending_holds=category.pending_holds)


def in_pool(pool: Pool, people: Collection[Registration]) -> int:
    return sum(counts_in(pool, one) for one in people)


def has_seat(person: Registration, pools: Sequence[Pool], holders: Sequence[Registration]) -> bool:
    """Whether every pool of the person has a seat, from who holds one alone."""
    unused = {p.id: max(0, p.size - in_pool(p, holders)) for p in pools if p.reserving}
    for pool in pools:
        if not counts_in(pool, person):
            continue
        inside = [
            p for p in pools if p.id in unused and p is not pool and p.scope.within(pool.scope)
        ]
        kept = any(unused[p.id] for p in inside if counts_in(p, person))
        blocked = sum(unused[p.id] for p in inside)
        if not kept and in_pool(pool, holders) + blocked >= pool.size:
            return False
    return True


def check_counts(pools: Sequence[Pool], people: Sequence[Registration]) -> None:
    holders = [one for one in people if holds(one)]
    waiting = [one for one in people if one.state is State.WAITLISTED]
    for pool in pools:
        inside = [p for p in pools if p.reserving and p is not pool and p.scope.within(pool.scope)]
        blocked = sum(max(0, p.size - in_pool(p, holders)) for p in inside)
        counted = (in_pool(pool, holders), in_pool(pool, waiting), blocked)
        assert (pool.held, pool.waiting, pool.blocked) == counted
        assert pool.held + pool.blocked <= pool.size + pool.grandfathered


def check_idle(pools: Sequence[Pool], people: Sequence[Registration]) -> None:
    holders = [one for one in people if holds(one)]
    for one in people:
        if one.state is State.WAITLISTED and _to_come(one):
            assert not has_seat(one, pools, holders), f"{one.name} waits beside a free seat"


def check_order(
    pools: Sequence[Pool], people: Sequence[Registration], offered: Sequence[Registration]
) -> None:
    """Nobody who waits could have had the seat of somebody behind him."""
    for waiting in people:
        if waiting.state is not State.WAITLISTED or not _to_come(waiting):
            continue
        behind = [one for one in offered if _place(one) > _place(waiting)]
        if behind:
            holders = [one for one in people if holds(one) and one not in behind]
            assert not has_seat(waiting, pools, holders), f"{waiting.name} was passed over"


def _place(person: Registration) -> tuple[int, object, UUID]:
    return (-person.priority, person.waiting_since, person.id)


def _to_come(person: Registration) -> bool:
    return any(event.ends_at > clock.now() for event in person.events)


LITTLE = settings(
    max_examples=12,
    stateful_step_count=20,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],  # shrinking would take minutes
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture
def machine(either_app: Flask, clock: Any) -> Any:
    return type("LineHere", (Line,), {"traveller": clock})


def test_nobody_is_passed_over_and_no_seat_stands_idle(machine: Any) -> None:
    run(machine, settings=LITTLE)


def test_the_oracle_notices_the_wrong_order(machine: Any, either_app: Flask) -> None:
    either_app.config["TEST_FAULTS"] = "last_comes_first"
    with pytest.raises(AssertionError, match="was passed over"):
        run(machine, settings=settings(LITTLE, max_examples=100, report_multiple_bugs=False))
