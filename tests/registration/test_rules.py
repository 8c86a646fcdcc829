"""Who gets a seat, and which states follow each other."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eduforum.core.i18n import Text
from eduforum.events.rules import Mode
from eduforum.registration.rules import (
    LIVE,
    TRANSITIONS,
    Action,
    PoolFull,
    Quota,
    RegistrationClosed,
    Scope,
    State,
    TransitionNotAllowed,
    after,
    check_open,
    holds_a_seat,
    place,
)


def quota(size: int, held: int, *, waiting: int = 0, limit: int | None = None) -> Quota:
    name = Text("旁听", "Observer")
    return Quota(name=name, size=size, held=held, waiting=waiting, waiting_limit=limit)


quotas = st.builds(
    quota,
    st.integers(0, 5),
    st.integers(0, 5),
    waiting=st.integers(0, 5),
    limit=st.one_of(st.none(), st.integers(0, 5)),
)


@pytest.mark.parametrize(
    ("pools", "reviewed", "expected"),
    [
        pytest.param([quota(2, 1)], False, State.CONFIRMED, id="a seat is free"),
        pytest.param([quota(2, 1)], True, State.SUBMITTED, id="a seat is free, to be reviewed"),
        pytest.param([quota(2, 2)], False, State.WAITLISTED, id="full, room in the line"),
        pytest.param([quota(9, 0), quota(2, 2)], False, State.WAITLISTED, id="one of two is full"),
        pytest.param([], False, State.CONFIRMED, id="nothing counts"),
    ],
)
def test_place(pools: list[Quota], reviewed: bool, expected: State) -> None:
    assert place(pools, reviewed=reviewed) is expected


def test_place_names_the_pool_whose_line_is_full() -> None:
    with pytest.raises(PoolFull) as refused:
        place([quota(9, 0), quota(2, 2, waiting=3, limit=3)], reviewed=False)
    assert refused.value.pool == Text("旁听", "Observer")


def test_what_is_kept_free_is_free_for_whom_it_is_kept() -> None:
    name = Text("旁听", "Observer")
    kept = Quota(name, size=5, held=3, waiting=0, waiting_limit=None, blocked=2)
    assert (kept.free, replace(kept, promised=2).free) == (0, 2)
    lowered = replace(kept, size=3, promised=2)  # below what was promised: the promise stands
    assert lowered.free == 2


@pytest.mark.parametrize(
    ("inner", "outer", "expected"),
    [
        (Scope(event_id=1, category_id=2), Scope(category_id=2), True),
        (Scope(event_id=1), Scope(), True),
        (Scope(category_id=2), Scope(event_id=1, category_id=2), False),
        (Scope(event_id=1, region="12"), Scope(event_id=2), False),
        (Scope(mode=Mode.ONSITE), Scope(mode=Mode.ONLINE), False),
    ],
)
def test_a_pool_lies_within_another(inner: Scope, outer: Scope, expected: bool) -> None:
    assert inner.within(outer) is expected


@given(st.lists(quotas), st.booleans())
def test_a_seat_is_given_only_where_every_pool_has_one(pools: list[Quota], reviewed: bool) -> None:
    try:
        state = place(pools, reviewed=reviewed)
    except PoolFull:
        assert any(pool.held >= pool.size for pool in pools)
        return
    assert (state is State.WAITLISTED) == any(pool.held >= pool.size for pool in pools)


@given(st.sampled_from(Action), st.sampled_from(State))
def test_what_is_not_in_the_table_is_refused(action: Action, state: State) -> None:
    if state in TRANSITIONS[action]:
        assert after(action, state) is not state
        return
    with pytest.raises(TransitionNotAllowed) as refused:
        after(action, state)
    assert (refused.value.action, refused.value.state) == (action, state)


@pytest.mark.parametrize("action", [Action.WITHDRAW, Action.CANCEL])
def test_whatever_is_live_can_end(action: Action) -> None:
    assert set(TRANSITIONS[action]) == set(LIVE)


def test_pending_people_hold_seats_unless_their_category_says_otherwise() -> None:
    assert holds_a_seat(State.RETURNED, pending_holds=True)
    assert not holds_a_seat(State.RETURNED, pending_holds=False)
    assert holds_a_seat(State.OFFERED, pending_holds=False)
    assert not holds_a_seat(State.ON_LEAVE, pending_holds=True)


def test_the_window_is_closed_at_its_end() -> None:
    start = datetime(2027, 3, 1, tzinfo=UTC)
    check_open(start, start, start + timedelta(days=1))
    for outside in (start - timedelta(seconds=1), start + timedelta(days=1)):
        with pytest.raises(RegistrationClosed):
            check_open(outside, start, start + timedelta(days=1))
