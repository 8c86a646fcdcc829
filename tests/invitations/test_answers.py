"""What guests answer: yes by registering, no, somebody else, and a change of mind."""

from dataclasses import replace

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from eduforum.core import clock
from eduforum.core.db import db, transaction
from eduforum.core.errors import BadInput, NotFound
from eduforum.invitations.rules import AnswerNotAllowed
from eduforum.invitations.services import Guest, answer, manage, remind
from eduforum.notices.models import Notice
from eduforum.registration import services
from eduforum.registration.models import Invitation, Pool
from eduforum.registration.queries import invitation_by_link
from eduforum.registration.rules import (
    InvitationNotValid,
    PoolFull,
    RegistrationClosed,
    Rsvp,
    State,
)
from eduforum.reports import seat_counts
from tests.factories import make_pool
from tests.invitations.party import LIN, Party, in_days, now, path
from tests.registration.people import broken, state_of

SHEN = Guest(name="沈知远", email="shen@example.org")


def pools_of(one: Invitation) -> list[Pool]:
    return list(db.session.scalars(select(Pool).where(Pool.invitation_id == one.id)))


def test_yes_takes_the_seat_that_was_kept(either_app: Flask) -> None:
    party = Party(seats=1)
    one = party.invite(events=("forum",), release_at=in_days(5))
    assert party.seats() == (0, 1)
    with pytest.raises(PoolFull):
        party.come()
    came = party.come(one)
    assert came.state is State.CONFIRMED
    assert (now(one).rsvp, one.used, one.answered_at is not None) == (Rsvp.YES, 1, True)
    assert party.seats() == (1, 0)
    assert pools_of(one) == []
    with pytest.raises(InvitationNotValid):
        party.come(one, name="陈砚秋", email="chen@example.org")
    assert broken() == {}


def test_a_kept_seat_that_is_not_chosen_is_free_again(either_app: Flask) -> None:
    party = Party(seats=1)
    one = party.invite(events=("forum", "dinner"), release_at=in_days(5))
    party.come(one, events=("dinner",))
    assert party.seats() == (0, 0)
    assert party.come().state is State.CONFIRMED
    assert broken() == {}


def test_a_guest_of_several_events_is_kept_one_seat_where_people_are_counted_once(
    either_app: Flask,
) -> None:
    party = Party(seats=9)
    overall = make_pool(party.category, 3, name_zh="来宾总额", waiting_limit=0)
    both = {"events": ("forum", "dinner"), "release_at": in_days(1)}
    one, code = party.invite(**both), party.code(uses=2, **both)
    assert (held(overall), party.seats()) == ((0, 3), (0, 3))
    came = party.come(one, events=("forum", "dinner"))
    assert (held(overall), party.seats()) == ((1, 2), (1, 2))
    by_code = party.come(code, events=("dinner",))
    assert (held(overall), party.seats()) == ((2, 1), (1, 2)), "the forum's seat is still kept"
    with pytest.raises(BadInput, match="来宾总额"):
        party.invite(replace(LIN, name="周望舒", email="zhou@example.org"), **both)
    services.withdraw(by_code.series_id, by_code.id)
    services.withdraw(came.series_id, came.id)
    assert (held(overall), party.seats()) == ((0, 2), (0, 2))
    assert seat_counts.pools_blocked(clock.now()) == []
    with transaction():
        db.session.get_one(Pool, overall.id).blocked = 3
    assert seat_counts.pools_blocked(clock.now()) == [f"pool:{overall.id} says 3, counted 2"]
    with transaction():
        db.session.get_one(Pool, overall.id).blocked = 2
    with time_machine.travel(in_days(2), tick=False):
        services.release_due()
    assert (held(overall), party.seats()) == ((0, 0), (0, 0))


def held(pool: Pool) -> tuple[int, int]:
    db.session.refresh(pool)
    return pool.held, pool.blocked


def test_who_has_to_wait_keeps_what_is_kept(either_app: Flask) -> None:
    party = Party(seats=1)
    full = make_pool(party.category, 0, category_id=None, event_id=party.dinner.id)
    one = party.invite(events=("forum",), release_at=in_days(5))
    came = party.come(one, events=("forum", "dinner"))
    assert came.state is State.WAITLISTED
    assert party.seats() == (0, 1)
    services.resize_pool(party.series.id, full.id, 1, None)
    assert state_of(came) is State.OFFERED
    services.accept(party.series.id, came.id)
    assert party.seats() == (1, 0)
    assert pools_of(one) == []
    assert broken() == {}


def test_no_frees_the_seat_and_is_said_once(either_app: Flask) -> None:
    party = Party(seats=1)
    one = party.invite(events=("forum",), release_at=in_days(5), send=True)
    answer.decline(party.series.id, one.id)
    answer.decline(party.series.id, one.id)
    assert now(one).rsvp is Rsvp.NO
    assert party.seats() == (0, 0)
    assert party.come().state is State.CONFIRMED
    kinds = [kind for kind, to in party.letters() if to == "lin@example.org"]
    assert kinds == ["invitation", "invitation-answered"]
    assert broken() == {}


def test_no_serves_the_line(either_app: Flask) -> None:
    party = Party(seats=1)
    services.resize_pool(party.series.id, party.pool.id, 1, None)
    one = party.invite(events=("forum",), release_at=in_days(5))
    waits = party.come()
    assert waits.state is State.WAITLISTED
    answer.decline(party.series.id, one.id)
    assert state_of(waits) is State.OFFERED


def test_a_change_of_mind_both_ways(either_app: Flask) -> None:
    party = Party(seats=1)
    one = party.invite(valid_until=in_days(3))
    answer.decline(party.series.id, one.id)
    came = party.come(one)
    assert (came.state, now(one).rsvp) == (State.CONFIRMED, Rsvp.YES)
    answer.decline(party.series.id, one.id)
    assert (state_of(came), now(one).rsvp, one.used) == (State.WITHDRAWN, Rsvp.NO, 0)
    assert party.seats() == (0, 0)
    assert party.come(one).state is State.CONFIRMED
    assert broken() == {}


def test_who_withdraws_on_his_own_page_has_said_no(app: Flask) -> None:
    party = Party()
    one = party.invite()
    services.withdraw(party.series.id, party.come(one).id)
    assert (now(one).rsvp, one.used) == (Rsvp.NO, 0)


def test_who_is_cancelled_cannot_come_back_by_the_same_link(app: Flask) -> None:
    party = Party()
    one = party.invite()
    services.cancel(party.series.id, party.come(one).id, "名额调整")
    with pytest.raises(InvitationNotValid):
        party.come(one)


def test_no_answer_after_the_time(app: Flask, clock: time_machine.Traveller) -> None:
    party = Party()
    one = party.invite(valid_until=in_days(1))
    clock.shift(86400)
    with pytest.raises(AnswerNotAllowed):
        answer.decline(party.series.id, one.id)
    with pytest.raises(AnswerNotAllowed):
        answer.pass_on(party.series.id, one.id, SHEN)
    with pytest.raises(InvitationNotValid, match="过期"):
        party.come(one)


def test_somebody_else_comes_on_the_kept_seat(either_app: Flask) -> None:
    party = Party(seats=1)
    one = party.invite(events=("forum",), release_at=in_days(5), lock_email=True)
    other = answer.pass_on(party.series.id, one.id, SHEN)
    assert now(one).rsvp is Rsvp.DELEGATED
    assert party.seats() == (0, 1)
    assert (other.lock_email, other.skip_approval, other.passed_from_id) == (True, False, one.id)
    assert party.letters() == [
        ("invitation-answered", "lin@example.org"),
        ("invitation", "shen@example.org"),
    ]
    with pytest.raises(InvitationNotValid, match="转给"):
        party.come(one)
    came = party.come(other)
    assert came.state is State.SUBMITTED
    assert party.seats() == (1, 0)
    with pytest.raises(AnswerNotAllowed, match="沈知远"):
        answer.take_back(party.series.id, one.id)
    with pytest.raises(AnswerNotAllowed, match="不能再转"):
        answer.pass_on(party.series.id, other.id, replace(SHEN, email="x@example.org"))
    assert broken() == {}


def test_the_guest_comes_after_all(either_app: Flask) -> None:
    party = Party(seats=1)
    one = party.invite(events=("forum",), release_at=in_days(5))
    other = answer.pass_on(party.series.id, one.id, SHEN)
    was = path(other)
    answer.take_back(party.series.id, one.id)
    answer.take_back(party.series.id, one.id)
    assert (now(one).rsvp, one.answered_at) == (Rsvp.NONE, None)
    assert party.seats() == (0, 1)
    with pytest.raises(NotFound):
        invitation_by_link(was.removeprefix("/i/"))
    assert party.letters()[-1] == ("invitation-withdrawn", "shen@example.org")
    assert party.come(one).state is State.CONFIRMED
    assert broken() == {}


def test_who_has_registered_gives_it_up_for_somebody_else(either_app: Flask) -> None:
    party = Party(seats=1)
    one = party.invite()
    came = party.come(one)
    other = answer.pass_on(party.series.id, one.id, SHEN)
    assert (state_of(came), now(one).rsvp) == (State.WITHDRAWN, Rsvp.DELEGATED)
    assert party.come(other).state is State.SUBMITTED
    assert broken() == {}


@pytest.mark.parametrize(
    ("guest", "field"),
    [
        (Guest(name="沈知远"), "mobile"),
        (Guest(name="沈知远", mobile="+8613800000101"), "email"),
        (LIN, "name"),
    ],
)
def test_whom_nobody_can_send(app: Flask, guest: Guest, field: str) -> None:
    party = Party()
    one = party.invite(lock_email=True)
    with pytest.raises(BadInput) as problem:
        answer.pass_on(party.series.id, one.id, guest)
    assert list(problem.value.errors) == [field]
    assert now(one).rsvp is Rsvp.NONE


def test_a_locked_address_stays(app: Flask) -> None:
    party = Party()
    one = party.invite(lock_email=True)
    with pytest.raises(BadInput):
        party.come(one, email="other@example.org")
    came = party.come(one)
    changed = services.Application(
        name="林知夏", category="guest", events=("forum",), organisation="天津大学",
        email="other@example.org",
    )  # fmt: skip
    with pytest.raises(BadInput):
        services.edit(party.series.id, came.id, changed)


def test_withdrawn_frees_seats_and_tells_who_waits(either_app: Flask) -> None:
    party = Party(seats=1)
    one = party.invite(events=("forum",), release_at=in_days(5), send=True)
    was = path(one)
    manage.withdraw(party.series.id, one.id)
    manage.withdraw(party.series.id, one.id)
    assert party.seats() == (0, 0)
    assert party.letters() == [
        ("invitation", "lin@example.org"),
        ("invitation-withdrawn", "lin@example.org"),
    ]
    with pytest.raises(NotFound):
        invitation_by_link(was.removeprefix("/i/"))
    assert broken() == {}


def test_nobody_is_invited_twice_or_when_registered(app: Flask) -> None:
    party = Party()
    party.invite()
    with pytest.raises(BadInput, match="已有邀请"):
        party.invite(replace(LIN, organisation="另一单位"))
    party.come(name="陈砚秋", email="chen@example.org")
    with pytest.raises(BadInput, match="已报名"):
        party.invite(Guest(name="陈砚秋", email="chen@example.org"))
    party.invite(replace(LIN, email="", mobile="+8613800000101"))


def test_only_who_has_not_answered_is_reminded_once_a_day(
    app: Flask, clock: time_machine.Traveller
) -> None:
    party = Party()
    waits = party.invite(send=True)
    unsent = party.invite(Guest(name="周望舒", email="zhou@example.org"))
    party.invite(Guest(name="无邮箱", mobile="+8613800000101"))
    yes = party.invite(Guest(name="陈砚秋", email="chen@example.org"), send=True)
    party.come(yes)
    no = party.invite(SHEN, send=True)
    answer.decline(party.series.id, no.id)
    gone = party.invite(Guest(name="甲", email="jia@example.org"), send=True)
    manage.withdraw(party.series.id, gone.id)
    over = party.invite(Guest(name="乙", email="yi@example.org"), valid_until=in_days(0.5))
    clock.shift(86400 - 1)
    before = len(party.letters())
    found = remind.unanswered(party.series.id)
    assert [one.id for one in found.due] == [unsent.id]
    assert [one.id for one in found.resting] == [waits.id]
    assert [one.name for one in found.unreachable] == ["无邮箱"]
    clock.shift(2)
    assert remind.remind(party.series.id) == 2
    assert remind.remind(party.series.id) == 0
    fresh = db.session.execute(select(Notice.kind, Notice.recipient)).all()[before:]
    assert sorted(tuple(row) for row in fresh) == [
        ("invitation", "zhou@example.org"),
        ("invitation-reminder", "lin@example.org"),
    ]
    assert now(over).sent_at is None


def test_another_category_s_door_stays_shut(app: Flask) -> None:
    party = Party()
    one = party.invite()
    with pytest.raises(NotFound):
        party.come(one, category="public")
    with pytest.raises(RegistrationClosed):
        party.come(category="guest", name="陈砚秋")
