"""Codes: n uses and not one more, for whom, until when."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import UUID

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from eduforum.core import turnstile
from eduforum.core.db import db, transaction
from eduforum.core.errors import BadInput, Refusal
from eduforum.events.models import Series
from eduforum.invitations.samples import NobodyToInvite, add_invitations
from eduforum.invitations.services import CodeInput, Guest, manage
from eduforum.registration import services
from eduforum.registration.models import Category, Invitation, Registration
from eduforum.registration.rules import InvitationNotValid, RegistrationClosed, State
from eduforum.registration.services import Application, register
from tests.invitations.party import Party, in_days, now
from tests.registration.people import broken, state_of

USES, THREADS, EACH = 5, 32, 2


def test_a_code_lets_in_as_many_as_it_says(either_app: Flask) -> None:
    party = Party(seats=10)
    code = party.code(uses=2)
    first = party.come(code)
    assert first.state is State.CONFIRMED
    party.come(code, invitation_id=None, invitation_code=" meet-２０２７ ")
    with pytest.raises(InvitationNotValid) as problem:
        party.come(code)
    assert problem.value.sentence.zh == "邀请已使用。"
    assert now(code).used == 2

    services.withdraw(party.series.id, first.id)

    assert now(code).used == 1
    assert party.come(code).state is State.CONFIRMED
    assert broken() == {}


def test_without_a_code_nobody_comes_in(app: Flask) -> None:
    party = Party()
    code = party.code()
    with pytest.raises(RegistrationClosed):
        party.come(code, invitation_id=None)
    with pytest.raises(BadInput) as unknown:
        party.come(code, invitation_id=None, invitation_code="MEET-2028")
    assert list(unknown.value.errors) == ["invitation_code"]
    with pytest.raises(BadInput) as other:
        party.come(code, invitation_id=None, invitation_code="MEET-2027", category="public")
    assert "旁听" in str(other.value)
    other_party = Party()
    with pytest.raises(BadInput):
        other_party.come(code, invitation_id=None, invitation_code="MEET-2027")


def test_a_code_ends_at_its_time_and_when_it_is_withdrawn(
    app: Flask, clock: time_machine.Traveller
) -> None:
    party = Party()
    code = party.code(uses=5, valid_until=in_days(2))
    party.come(code)
    clock.shift(3 * 86400)
    with pytest.raises(InvitationNotValid, match="过期"):
        party.come(code)
    # Its time is taken away: it ends with the category.
    manage.change(party.series.id, code.id, Guest(name=""), party.terms(), uses=5)
    party.come(code)
    manage.withdraw(party.series.id, code.id)
    with pytest.raises(BadInput):
        party.come(code, invitation_id=None, invitation_code="MEET-2027")
    manage.renew(party.series.id, code.id)
    party.come(code, invitation_id=None, invitation_code="MEET-2027")


def test_a_code_may_be_for_one_address(app: Flask) -> None:
    party = Party()
    code = party.code(email="office@example.org")
    with pytest.raises(BadInput) as problem:
        party.come(code, email="other@example.org")
    assert list(problem.value.errors) == ["email"]
    assert party.come(code, email="office@example.org").state is State.CONFIRMED


def test_who_comes_by_a_code_is_reviewed_unless_it_says_otherwise(app: Flask) -> None:
    party = Party()
    assert party.come(party.code(skip_approval=False)).state is State.SUBMITTED


@pytest.mark.parametrize(
    ("given", "field"),
    [
        (CodeInput(uses=0), "uses"),
        (CodeInput(uses=10_001), "uses"),
        (CodeInput(code="邀请"), "code"),
        (CodeInput(code="ABC"), "code"),
        (CodeInput(code="meet-2027"), "code"),
    ],
)
def test_a_code_that_cannot_be_made(app: Flask, given: CodeInput, field: str) -> None:
    party = Party()
    party.code()
    with pytest.raises(BadInput) as problem:
        manage.add_code(party.series, given, party.terms())
    assert list(problem.value.errors) == [field]


def test_codes_made_here_are_long_and_differ(app: Flask) -> None:
    party = Party()
    made = {manage.add_code(party.series, CodeInput(), party.terms()).code for _ in range(20)}
    assert len(made) == 20
    assert all(len(code) == 8 for code in made)


def test_seats_kept_for_a_code_are_free_for_its_people_only(either_app: Flask) -> None:
    party = Party(seats=3)
    code = party.code(uses=2, events=("forum",), release_at=in_days(5))
    assert party.seats() == (0, 2)
    party.come()
    with pytest.raises(Refusal, match="已满"):
        party.come()
    party.come(code)
    party.come(code)
    assert party.seats() == (3, 0)
    assert broken() == {}


def test_seats_of_a_code_go_to_everybody_at_their_date(
    either_app: Flask, clock: time_machine.Traveller
) -> None:
    party = Party(seats=3)
    code = party.code(uses=3, events=("forum",), release_at=in_days(1))
    party.come(code)
    clock.shift(86401)
    assert services.release_due() == 1
    party.come()
    party.come()
    assert party.seats() == (3, 0)
    assert broken() == {}


def test_more_seats_than_there_are_cannot_be_kept(app: Flask) -> None:
    party = Party(seats=3)
    party.come()
    with pytest.raises(BadInput) as problem:
        party.code(uses=3, events=("forum",), release_at=in_days(1))
    assert "只剩 2 席" in str(problem.value)
    assert party.seats() == (1, 0)
    assert db.session.scalars(select(Invitation)).all() == []


def test_an_organiser_takes_somebody_back_with_or_without_a_use(app: Flask) -> None:
    party = Party()
    code = party.code(uses=1)
    gone = party.come(code)
    services.withdraw(party.series.id, gone.id)
    services.enqueue(party.series.id, gone.id, "本人来电")
    assert (now(code).used, state_of(gone)) == (1, State.OFFERED)
    services.withdraw(party.series.id, gone.id)
    party.come(code)
    services.enqueue(party.series.id, gone.id, "本人来电")
    db.session.refresh(gone)
    assert gone.invitation_id is None
    assert now(code).used == 1
    assert broken() == {}


def test_uses_that_are_miscounted_are_found(either_app: Flask) -> None:
    party = Party()
    code = party.code(uses=5)
    party.come(code)
    with transaction():
        now(code).used = 3
    assert broken() == {"invitations_used": [f"invitation:{code.id} says 3, counted 1"]}


@pytest.fixture
def _groups_form_on_a_slow_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite commits for several at once: that must happen here too, where jobs are slow."""
    monkeypatch.setattr(turnstile, "LONGEST_SECONDS", 5.0)


def rush(app: Flask, crowd: int = THREADS) -> Counter[str]:
    """Everybody of a crowd uses a code for five at once, each twice; count what they were told."""
    party = Party(seats=1000)
    code = party.code(uses=USES)
    series_id, code_id = party.series.id, code.id
    start = Barrier(crowd)

    def person(thread: int) -> list[str]:
        with app.app_context():
            start.wait()  # nobody holds a connection while others still come
            series = db.session.get_one(Series, series_id)
            return [_answer(series, code_id, thread, number) for number in range(EACH)]

    with ThreadPoolExecutor(crowd) as threads:
        return Counter(word for words in threads.map(person, range(crowd)) for word in words)


def _answer(series: Series, code_id: UUID, thread: int, number: int) -> str:
    given = Application(
        name="林知夏",
        category="guest",
        events=("forum",),
        organisation="天津大学",
        mobile=f"+86139{thread:04}{number:04}",
        invitation_id=code_id,
    )
    try:
        return register(series, given, submit_id=f"rush-{thread}-{number}").state.value
    except Refusal as refusal:
        return refusal.code
    except Exception as error:
        db.session.rollback()
        return type(error).__name__


def check(told: Counter[str]) -> None:
    """Exactly the uses are given, everybody else is refused in words, and the code knows it."""
    assert told == {"confirmed": USES, "invitation-not-valid": told.total() - USES}
    came = select(func.count()).where(Registration.state == State.CONFIRMED)
    assert db.session.scalar(came) == USES
    assert db.session.scalars(select(Invitation.used)).one() == USES


@pytest.mark.usefixtures("_groups_form_on_a_slow_machine")
def test_never_one_use_too_many(either_app: Flask) -> None:
    check(rush(either_app))


@pytest.mark.usefixtures("_groups_form_on_a_slow_machine")
def test_the_check_notices_a_missing_lock(either_app: Flask) -> None:
    either_app.config["TEST_FAULTS"] = "skip_lock,sleep_after_check"
    told = rush(either_app, crowd=6)  # each looks aside by a second connection
    with pytest.raises(AssertionError):
        check(told)


def test_samples_of_a_day_when_guests_may_not_register_any_more(app: Flask) -> None:
    party = Party(seats=20)
    with transaction():
        late = db.session.get_one(Category, party.category.id)
        late.opens_at, late.closes_at = in_days(-9), in_days(-1)
        db.session.get_one(Series, party.series.id).sample = False
    with pytest.raises(NobodyToInvite):
        add_invitations(party.series)
    with transaction():
        db.session.get_one(Series, party.series.id).sample = True
    assert add_invitations(party.series) == 14
    assert add_invitations(party.series) == 0
