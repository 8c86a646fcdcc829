"""Sample people keep every rule that real ones keep, and are marked."""

from collections import Counter

import pytest
from flask import Flask
from sqlalchemy import func, select

from eduforum.core.audit import AuditEntry
from eduforum.core.db import db
from eduforum.events.models import Series
from eduforum.notices.models import Notice
from eduforum.registration.models import Category, Pool, Registration
from eduforum.registration.rules import Admission, State
from eduforum.registration.samples import NothingToJoin, RealPeople, add_people
from eduforum.registration.services.pools import counted
from eduforum.tickets.models import Ticket
from eduforum.tickets.rules import Standing, verify
from eduforum.tickets.services import keys_of
from tests.factories import make_category, make_event, make_series
from tests.registration.desk import apply


@pytest.fixture
def series(app: Flask) -> Series:
    """Three categories of a series with little room."""
    series = make_series()
    one, two = make_event(series=series), make_event(series=series)
    make_category(one, two, code="expert", admission=Admission.BY_APPROVAL, seats=30)
    make_category(one, code="observer", seats=20, line=5)
    make_category(two, code="delegate", admission=Admission.BY_DELEGATION, seats=25, line=10)
    return series


def everybody(series: Series) -> list[Registration]:
    found = select(Registration).where(Registration.series_id == series.id)
    return list(db.session.scalars(found.order_by(Registration.id)).unique())


@pytest.mark.parametrize("single", [120, 20, 0])
def test_every_invariant_holds(series: Series, single: int) -> None:
    result = add_people(series.id, 120, most=single)
    people = everybody(series)
    assert len(people) + result.turned_away == 120
    assert Counter(one.state for one in people) == result.states
    assert all(one.sample and one.source == "sample" for one in people)
    for pool in db.session.scalars(select(Pool)):
        assert (pool.held, pool.waiting) == counted(pool), pool.name_zh
        assert pool.held <= pool.size
        assert pool.waiting_limit is None or pool.waiting <= pool.waiting_limit
    keys = keys_of(series.id)
    for person in people:
        live = person.ticket is not None and person.ticket.standing is Standing.VALID
        assert live == (person.state is State.CONFIRMED)
        if person.ticket is not None:
            assert person.ticket.sample
            assert verify(person.ticket.text, keys).class_code == person.category.ticket_class
        about = f"registration:{person.id}"
        entries = db.session.scalars(
            select(AuditEntry).where(AuditEntry.subject == about).order_by(AuditEntry.id)
        ).all()
        assert entries[0].action == "registration.register"
        assert entries[-1].after["state"] == person.state.value
        kinds = set(db.session.scalars(select(Notice.kind).where(Notice.about == about)))
        if person.state is State.CONFIRMED:
            assert "registration-confirmed" in kinds
        assert kinds or person.state is State.ON_LEAVE
        assert person.mobile or person.email
        assert person.email.endswith(("@example.org", "@example.com", ""))
    assert db.session.scalar(select(func.count()).select_from(Ticket)) == sum(
        one.ticket_id is not None for one in people
    )


def test_there_is_some_of_everything(series: Series) -> None:
    states = add_people(series.id, 200).states
    for state in (
        State.SUBMITTED,
        State.CONFIRMED,
        State.RETURNED,
        State.WAITLISTED,
    ):
        assert states[state], state


def test_names_are_such_as_break_software(series: Series) -> None:
    add_people(series.id, 60)
    names = {one.name for one in everybody(series)}
    text = "".join(names)
    assert set("㛃𬱖䶮𠮷·") <= set(text)
    assert 1 in {len(name) for name in names}
    assert 30 in {len(name) for name in names}
    assert any(name.isascii() or " " in name for name in names)


def test_the_place_in_line_is_told_alike(series: Series) -> None:
    add_people(series.id, 120, most=0)
    told = {
        notice.about: notice.values["place_in_line"]
        for notice in db.session.scalars(
            select(Notice).where(Notice.kind == "registration-waitlisted")
        )
    }
    waiting = [one for one in everybody(series) if one.state is State.WAITLISTED]
    assert len(waiting) == len(told) > 20
    for person in waiting:
        ahead = [
            other
            for other in waiting
            if other.id < person.id
            and other.category_id == person.category_id
            and set(other.events) & set(person.events)
        ]
        assert told[f"registration:{person.id}"] == len(ahead) + 1


def test_the_same_seed_draws_the_same_people(series: Series) -> None:
    add_people(series.id, 30, seed=7)
    first = [(one.name, one.organisation, one.email) for one in everybody(series)]
    other = make_series()
    make_category(make_event(series=other), seats=500)
    again = add_people(other.id, 30, seed=7)
    assert again.turned_away == 0
    assert [one.name for one in everybody(other)][:20] == [name for name, *_ in first][:20]


def test_more_may_follow_but_not_among_real_people(series: Series) -> None:
    add_people(series.id, 10)
    add_people(series.id, 10)
    assert len(everybody(series)) == 20
    other = make_series()
    category: Category = make_category(make_event(series=other))
    apply(category)
    with pytest.raises(RealPeople):
        add_people(other.id, 5)
    assert len(everybody(other)) == 1
    add_people(other.id, 5, among_real=True)
    assert len(everybody(other)) == 6


def test_nothing_to_join(app: Flask) -> None:
    with pytest.raises(NothingToJoin):
        add_people(make_series().id, 1)


def test_command(app: Flask, series: Series) -> None:
    run = app.test_cli_runner().invoke
    told = run(args=["sample", "people", "10", "--series", series.slug])
    assert told.exit_code == 0, told.output
    assert f"Sample people in {series.slug}: " in told.output
    assert "confirmed" in told.output
    missing = run(args=["sample", "people", "1", "--series", "nothing"])
    assert missing.exit_code == 1
    assert "There is no series nothing." in missing.output
    category = make_category(make_event(series=series))
    apply(category)
    refused = run(args=["sample", "people", "1", "--series", series.slug])
    assert refused.exit_code == 1
    assert "Use --yes" in refused.output
    assert run(args=["sample", "people", "1", "--series", series.slug, "--yes"]).exit_code == 0
