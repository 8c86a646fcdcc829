"""Never one seat over: many people want the last seats at the same moment (short form)."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import func, select

from eduforum.core import turnstile
from eduforum.core.db import db
from eduforum.core.errors import Refusal
from eduforum.events.models import Series
from eduforum.registration.models import Pool, Registration
from eduforum.registration.rules import State
from eduforum.registration.services import Application, register
from tests.factories import make_category

SEATS, THREADS, EACH = 10, 8, 12


@pytest.fixture(autouse=True)
def _groups_form_on_a_slow_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite commits for several at once: that must happen here too, where jobs are slow."""
    monkeypatch.setattr(turnstile, "LONGEST_SECONDS", 5.0)


def rush(app: Flask) -> Counter[str]:
    """Let everybody register at once; count what they were told."""
    category = make_category(seats=SEATS, line=0)
    series_id, code = category.series_id, category.code
    slugs = tuple(event.slug for event in category.events)
    start = Barrier(THREADS)

    def person(thread: int) -> list[str]:
        told = []
        with app.app_context():
            series = db.session.get_one(Series, series_id)
            start.wait()
            for number in range(EACH):
                given = Application(
                    name="林知夏",
                    category=code,
                    events=slugs,
                    mobile=f"+86139{thread:04}{number:04}",
                )
                told.append(answer(series, given, f"{thread}-{number}"))
        return told

    with ThreadPoolExecutor(THREADS) as threads:
        return Counter(word for words in threads.map(person, range(THREADS)) for word in words)


def answer(series: Series, given: Application, submit_id: str) -> str:
    try:
        return register(series, given, submit_id=submit_id).state.value
    except Refusal as refusal:
        return refusal.code
    except Exception as error:
        db.session.rollback()
        return type(error).__name__


def check(told: Counter[str]) -> None:
    """Exactly the seats are given, everybody else is refused in words, and the pool knows it."""
    assert told == {"confirmed": SEATS, "pool-full": THREADS * EACH - SEATS}
    confirmed = select(func.count()).where(Registration.state == State.CONFIRMED)
    assert db.session.scalar(confirmed) == SEATS
    assert db.session.scalars(select(Pool.held)).one() == SEATS


def test_never_one_over(either_app: Flask) -> None:
    check(rush(either_app))


def test_the_check_notices_a_missing_lock(either_app: Flask) -> None:
    either_app.config["TEST_FAULTS"] = "skip_lock,sleep_after_check"
    told = rush(either_app)
    with pytest.raises(AssertionError):
        check(told)
