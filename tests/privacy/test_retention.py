"""Personal data goes when its time is over: in chunks, once a day, as the preview said."""

from pathlib import Path

import pytest
import time_machine
from flask import Flask, current_app
from sqlalchemy import func, select

from eduforum.core import clock as time
from eduforum.core.audit import AuditEntry
from eduforum.core.db import db, transaction
from eduforum.core.errors import BadInput
from eduforum.core.personal import ERASED, Group
from eduforum.events.models import Series
from eduforum.privacy import queries, services
from eduforum.registration.models import Registration
from eduforum.registration.rules import State
from tests.privacy.people import NAME, days, make_open_category, make_person


@pytest.fixture
def series(either_app: Flask, tmp_path: Path) -> Series:
    either_app.config["DATA_DIR"] = str(tmp_path)
    return db.session.get_one(Series, make_open_category().series_id)


def rows() -> list[Registration]:
    db.session.expire_all()
    return list(db.session.scalars(select(Registration).order_by(Registration.applied_at)))


def test_the_number_goes_after_30_days_and_the_rest_after_180(
    series: Series, clock: time_machine.Traveller
) -> None:
    make_person(series)
    clock.shift(days(14 + 29))
    assert list(services.run()) == []
    clock.shift(days(2))
    assert [(due.group, count) for due, count in services.run()] == [(Group.IDENTITY, 1)]
    [row] = rows()
    assert (row.name, row.id_number, row.id_index, row.state) == (NAME, None, "", State.CONFIRMED)
    clock.shift(days(150))
    assert [(due.group, count) for due, count in services.run()] == [(Group.GENERAL, 1)]
    [row] = rows()
    assert (row.name, row.mobile, row.state) == (ERASED, "", State.CONFIRMED)
    assert list(services.run()) == []


def test_a_series_has_periods_of_its_own(series: Series, clock: time_machine.Traveller) -> None:
    make_person(series)
    services.set_days(series.id, {Group.IDENTITY: 3, Group.GENERAL: 10})
    clock.shift(days(14 + 4))
    assert [due.group for due, _ in services.run()] == [Group.IDENTITY]
    with pytest.raises(BadInput):
        services.set_days(series.id, {Group.IDENTITY: 11, Group.GENERAL: 10})
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "privacy.days")).one()
    assert entry.before == {"identity": 30, "general": 180}


def test_it_goes_in_chunks_and_on_where_it_was_cut_short(
    series: Series, clock: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(1, 6):
        make_person(series, name=f"样本{n}", n=n)
    monkeypatch.setattr(services, "CHUNK", 2)
    clock.shift(days(14 + 181))
    going = services.run()
    next(going)
    going.close()
    assert sum(row.id_number is None for row in rows()) == 2
    assert sum(count for due, count in services.run() if due.group is Group.GENERAL) == 5
    assert {row.name for row in rows()} == {ERASED}


def test_the_preview_tells_what_goes_when(series: Series, clock: time_machine.Traveller) -> None:
    make_person(series)
    told = {due.group: due for due in services.preview()}
    assert {group: due.people for group, due in told.items()} == {
        Group.IDENTITY: 1,
        Group.GENERAL: 1,
    }
    gone = told[Group.IDENTITY].goes_at
    assert gone
    clock.move_to(gone)
    assert [due.group for due, _ in services.run()] == [Group.IDENTITY]


def test_the_chore_runs_once_a_day(series: Series, clock: time_machine.Traveller) -> None:
    made, other = make_person(series), make_person(series, name="周明远", n=1)
    number = other.id_number, other.id_index
    clock.shift(days(14 + 31))
    assert services.run_daily() == 2
    assert services.run_daily() == 0
    assert len(queries.runs()) == 1
    with transaction():
        row = db.session.get_one(Registration, other.id)
        row.id_number, row.id_index = number
    assert services.run_daily() == 0, "today is done"
    clock.shift(days(1))
    assert services.run_daily() == 1
    assert made.id
    assert db.session.scalar(select(func.count()).select_from(Registration)) == 2


def test_commands(series: Series, clock: time_machine.Traveller) -> None:
    make_person(series)
    runner = current_app.test_cli_runner()
    said = runner.invoke(args=["privacy", "run", "--dry-run"]).output
    assert "demo: All other personal data, 1 people, 180 days" in said
    assert said.endswith("Tried only; nothing was erased.\n")
    assert rows()[0].id_number
    assert runner.invoke(args=["privacy", "run"]).output == "Nothing is over its time.\n"
    clock.shift(days(14 + 31))
    said = runner.invoke(args=["privacy", "run", "--series", "demo"]).output
    assert said == "demo: ID numbers, photographs, sensitive answers, 1 people\nErased.\n"
    assert runner.invoke(args=["privacy", "run", "--series", "x"]).exit_code == 1
    assert time.now()
