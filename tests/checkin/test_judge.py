"""The judgement, the words for it, and the mending of clocks: pure."""

from datetime import UTC, datetime, time, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eduforum.checkin.rules import (
    FUTURE_TOLERANCE,
    WINDOW_TOLERANCE,
    Direction,
    Movement,
    PointKind,
    PointRules,
    Repeat,
    TicketAtDoor,
    Verdict,
    emptied_at,
    judge,
    mend,
    next_step,
    saying,
    undo_refusal,
)
from eduforum.tickets.rules import Standing, Zone, ZoneGrant

NOW = datetime(2027, 3, 1, 2, 0, tzinfo=UTC)  # 10:00 in Beijing
HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)

moments = st.integers(-96 * 60, 96 * 60).map(lambda minutes: NOW + timedelta(minutes=minutes))
movements = st.lists(
    st.builds(Movement, st.sampled_from([Direction.IN, Direction.OUT]), moments, st.just("p")),
    max_size=6,
)
points = st.builds(
    PointRules,
    kind=st.sampled_from(PointKind),
    repeat=st.sampled_from(Repeat),
    event_ids=st.frozensets(st.integers(1, 3), max_size=2),
    session_ids=st.frozensets(st.sampled_from("ab"), max_size=1),
    classes=st.frozensets(st.integers(1, 3), max_size=1),
    zones=st.frozensets(st.sampled_from("CF").map(Zone), max_size=1),
    opens_at=st.none() | moments,
    closes_at=st.none() | moments,
    capacity=st.none() | st.integers(1, 3),
    checkout=st.none() | st.times().map(lambda at: at.replace(second=0, microsecond=0)),
)
tickets = st.builds(
    TicketAtDoor,
    standing=st.sampled_from(Standing),
    class_code=st.integers(1, 3),
    event_ids=st.frozensets(st.integers(1, 3), max_size=2),
    session_ids=st.frozensets(st.sampled_from("ab"), max_size=1),
    zones=st.lists(
        st.builds(
            ZoneGrant, st.sampled_from("CF").map(Zone), st.none() | moments, st.none() | moments
        ),
        max_size=2,
    ).map(tuple),
    replaced_at=st.none() | moments,
)


def verdict(point: PointRules, ticket: TicketAtDoor | None = None, **more: object) -> Verdict:
    moves = more.pop("moves", [])
    now = more.pop("now", NOW)
    return judge(point, ticket or TicketAtDoor(), moves, now, **more).verdict  # type: ignore[arg-type]


def session(**rules: object) -> PointRules:
    return PointRules(kind=PointKind.SESSION, **rules)  # type: ignore[arg-type]


def was_in(at: datetime) -> Movement:
    return Movement(Direction.IN, at, "p")


def was_out(at: datetime) -> Movement:
    return Movement(Direction.OUT, at, "p")


@pytest.mark.parametrize(
    ("standing", "expected"),
    [
        (Standing.VALID, Verdict.ADMITTED),
        (Standing.SUSPENDED, Verdict.NOT_CONFIRMED),
        (Standing.CANCELLED, Verdict.CANCELLED),
        (Standing.REVOKED, Verdict.REVOKED),
    ],
)
def test_the_standing_decides_first(standing: Standing, expected: Verdict) -> None:
    assert verdict(session(), TicketAtDoor(standing=standing)) is expected


def test_a_replaced_ticket_asks_for_the_new_one() -> None:
    gone = TicketAtDoor(standing=Standing.REVOKED, replaced_at=NOW - 48 * HOUR)
    step = judge(session(), gone, [], NOW).next_step
    assert step.zh == "此证已于 2 月 27 日 10:00 换发，请其出示新证"
    assert step.en == "Replaced on 27 February, 10:00. Ask for their new ticket"
    lost = TicketAtDoor(standing=Standing.REVOKED)
    assert judge(session(), lost, [], NOW).next_step.zh == "请引导到服务台"


def test_every_list_that_is_not_empty_must_be_met() -> None:
    point = session(event_ids=frozenset({1, 2}), classes=frozenset({7}))
    fits = TicketAtDoor(event_ids=frozenset({2, 9}), class_code=7)
    assert verdict(point, fits) is Verdict.ADMITTED
    assert verdict(point, TicketAtDoor(event_ids=frozenset({2}))) is Verdict.NOT_ENTITLED
    assert verdict(point, TicketAtDoor(class_code=7)) is Verdict.NOT_ENTITLED
    booked = session(session_ids=frozenset({"a"}))
    assert verdict(booked, TicketAtDoor(session_ids=frozenset({"a"}))) is Verdict.ADMITTED
    assert verdict(booked) is Verdict.NOT_ENTITLED


def test_hours_have_a_tolerance_before_and_none_after() -> None:
    point = session(opens_at=NOW, closes_at=NOW + HOUR)
    assert verdict(point, now=NOW - WINDOW_TOLERANCE) is Verdict.ADMITTED
    assert verdict(point, now=NOW - WINDOW_TOLERANCE - SECOND) is Verdict.TOO_EARLY
    assert verdict(point, now=NOW + HOUR) is Verdict.ADMITTED
    assert verdict(point, now=NOW + HOUR + SECOND) is Verdict.TOO_LATE


def test_too_early_says_from_when() -> None:
    point = session(opens_at=NOW)
    step = next_step(Verdict.TOO_EARLY, point, TicketAtDoor(), NOW - HOUR)
    assert (step.zh, step.en) == ("09:45 起可入场", "Open from 09:45")
    step = next_step(Verdict.TOO_EARLY, point, TicketAtDoor(), NOW - 24 * HOUR)
    assert (step.zh, step.en) == ("3 月 1 日 09:45 起可入场", "Open from 1 March, 09:45")


def test_too_late_says_since_when() -> None:
    judged = judge(session(closes_at=NOW), TicketAtDoor(), [], NOW + HOUR)
    assert judged.next_step.zh == "已于 10:00 停止入场，请引导到服务台"


STAGE = PointRules(kind=PointKind.ZONE, repeat=Repeat.REENTRY, zones=frozenset({Zone.C}))


def test_a_zone_admits_who_was_given_it_in_its_window() -> None:
    pool = TicketAtDoor(zones=(ZoneGrant(Zone.C, NOW, NOW + HOUR), ZoneGrant(Zone.D)))
    assert verdict(STAGE, pool, now=NOW) is Verdict.ADMITTED
    assert verdict(STAGE, pool, now=NOW + HOUR) is Verdict.ADMITTED
    early = judge(STAGE, pool, [], NOW - SECOND)
    assert (early.verdict, early.next_step.zh) == (Verdict.TOO_EARLY, "10:00 起可入场")
    late = judge(STAGE, pool, [], NOW + HOUR + SECOND)
    assert late.verdict is Verdict.TOO_LATE
    assert late.next_step.en == "Closed since 11:00. Send them to the help desk"
    again = TicketAtDoor(zones=(*pool.zones, ZoneGrant(Zone.C, NOW + 3 * HOUR)))
    assert judge(STAGE, again, [], NOW + 2 * HOUR).next_step.zh == "13:00 起可入场"


def test_without_the_zone_the_zone_is_named() -> None:
    judged = judge(STAGE, TicketAtDoor(zones=(ZoneGrant(Zone.D),)), [], NOW)
    assert judged.verdict is Verdict.NOT_ENTITLED
    assert judged.next_step.zh == "此证不含 C 区，请勿放行"


def test_a_category_of_the_point_needs_no_zone_and_a_zone_no_category() -> None:
    point = PointRules(kind=PointKind.ZONE, zones=frozenset({Zone.F}), classes=frozenset({7}))
    assert verdict(point, TicketAtDoor(class_code=7)) is Verdict.ADMITTED
    assert verdict(point, TicketAtDoor(zones=(ZoneGrant(Zone.F),))) is Verdict.ADMITTED
    assert verdict(point) is Verdict.NOT_ENTITLED


def test_a_counting_point_admits_every_time() -> None:
    point = session(repeat=Repeat.COUNT)
    assert verdict(point, moves=[was_in(NOW - HOUR), was_in(NOW - SECOND)]) is Verdict.ADMITTED


def test_everybody_has_left_at_the_set_time_of_day() -> None:
    point = session(repeat=Repeat.REENTRY, checkout=time(18))
    this_morning = [was_in(NOW - HOUR)]
    assert verdict(point, moves=this_morning) is Verdict.ALREADY_ADMITTED
    assert verdict(point, moves=this_morning, now=NOW + 8 * HOUR) is Verdict.ADMITTED
    assert verdict(point, moves=[was_in(NOW - 20 * HOUR)]) is Verdict.ADMITTED
    assert emptied_at(point, NOW) == NOW - 16 * HOUR
    assert verdict(session(checkout=time(18)), moves=[was_in(NOW - 20 * HOUR)]) is (
        Verdict.ALREADY_ADMITTED  # once is once, whoever has left
    )


def test_once_is_once_whatever_happened_since() -> None:
    first = was_in(NOW - HOUR)
    judged = judge(session(), TicketAtDoor(), [was_out(NOW - SECOND), first], NOW)
    assert judged.verdict is Verdict.ALREADY_ADMITTED
    assert judged.first == first


def test_daily_counts_by_the_days_of_the_series() -> None:
    point = session(repeat=Repeat.DAILY)
    before_midnight = datetime(2027, 2, 28, 15, 59, tzinfo=UTC)
    assert verdict(point, moves=[was_in(before_midnight)]) is Verdict.ADMITTED
    assert verdict(point, moves=[was_in(before_midnight + 2 * timedelta(minutes=1))]) is (
        Verdict.ALREADY_ADMITTED
    )


def test_reentry_needs_a_scan_on_the_way_out() -> None:
    point = session(repeat=Repeat.REENTRY)
    inside = [was_in(NOW - HOUR)]
    assert verdict(point, moves=inside) is Verdict.ALREADY_ADMITTED
    assert verdict(point, moves=[*inside, was_out(NOW - SECOND)]) is Verdict.ADMITTED


def test_a_full_room_admits_nobody_more() -> None:
    point = session(capacity=2)
    assert verdict(point, inside=1) is Verdict.ADMITTED
    assert verdict(point, inside=2) is Verdict.ROOM_FULL


def test_nobody_is_kept_inside() -> None:
    revoked = TicketAtDoor(standing=Standing.REVOKED)
    assert verdict(session(), revoked, direction=Direction.OUT) is Verdict.CHECKED_OUT
    assert verdict(PointRules(kind=PointKind.EXIT), revoked) is Verdict.CHECKED_OUT


@given(points, tickets, movements, moments, st.integers(0, 3), st.randoms())
def test_the_order_of_what_is_known_does_not_matter(
    point: PointRules, ticket: TicketAtDoor, moves: list[Movement], now: datetime, inside: int,
    random: object,
) -> None:  # fmt: skip
    judged = judge(point, ticket, moves, now, inside=inside)
    shuffled = [*moves, *moves]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert judge(point, ticket, shuffled, now, inside=inside) == judged


@given(points, tickets, movements, moments, st.integers(0, 3))
def test_only_a_valid_ticket_with_every_right_is_admitted(
    point: PointRules, ticket: TicketAtDoor, moves: list[Movement], now: datetime, inside: int
) -> None:
    judged = judge(point, ticket, moves, now, inside=inside)
    assert (judged.first is not None) == (judged.verdict is Verdict.ALREADY_ADMITTED)
    assert judged.next_step.zh
    assert judged.next_step.en
    if judged.verdict is Verdict.ADMITTED:
        assert ticket.standing is Standing.VALID
        assert not point.event_ids or point.event_ids & ticket.event_ids
        granted = {one.zone for one in ticket.zones}
        asked = point.classes or point.zones
        assert not asked or ticket.class_code in point.classes or granted & point.zones
        assert point.opens_at is None or now >= point.opens_at - WINDOW_TOLERANCE
        assert point.closes_at is None or now <= point.closes_at
        assert point.capacity is None or inside < point.capacity
        assert point.repeat is not Repeat.ONCE or all(m.direction is Direction.OUT for m in moves)


def test_every_verdict_has_words_everywhere() -> None:
    for kind, found in product(PointKind, Verdict):
        words = saying(found, kind)
        for text in (words.word, words.step):
            assert text.zh, found
            assert text.en, found
            assert "！" not in text.zh


def test_times_within_the_tolerance_are_believed() -> None:
    at = NOW - timedelta(minutes=5)
    mended = mend(at, device_time=NOW + SECOND, now=NOW, earliest=NOW - HOUR)
    assert (mended.effective_at, mended.flags) == (at, ())


def test_a_clock_that_is_wrong_is_corrected_and_flagged() -> None:
    ahead = timedelta(hours=8)
    mended = mend(NOW - SECOND + ahead, device_time=NOW + ahead, now=NOW, earliest=NOW - HOUR)
    assert (mended.effective_at, mended.flags) == (NOW - SECOND, ("clock",))


@given(moments, moments, moments, moments)
def test_no_scan_is_in_the_future_or_before_its_device(
    scanned: datetime, device: datetime, now: datetime, earliest: datetime
) -> None:
    mended = mend(scanned, device_time=device, now=now, earliest=earliest)
    assert min(earliest, now) <= mended.effective_at <= now
    assert ("clock" in mended.flags) == (abs(device - now) > FUTURE_TOLERANCE)


def test_who_may_take_a_scan_back() -> None:
    def refusal(seconds: int, *, same: bool = True, supervisor: bool = False) -> str | None:
        later = NOW + timedelta(seconds=seconds)
        return undo_refusal(same_device=same, supervisor=supervisor, scanned_at=NOW, now=later)

    assert refusal(60) is None
    assert refusal(61) == "undo_too_late"
    assert refusal(1, same=False) == "undo_not_own"
    assert refusal(9000, same=False, supervisor=True) is None
