"""The migrations go up, down and up again, with rows in between, on both engines."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import flask_migrate
import pytest
from flask import Flask
from sqlalchemy import func, inspect, select

from eduforum.core import audit
from eduforum.core.db import db, transaction
from eduforum.core.settings import Settings
from eduforum.events.models import Event
from eduforum.factory import create_app
from eduforum.web.access import Role
from tests import needs, postgres
from tests.factories import make_category, make_event, make_series, make_user


@contextmanager
def bare(settings: Settings, uri: str) -> Iterator[Flask]:
    app = create_app(replace(settings, sqlalchemy_database_uri=uri))
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def bare_sqlite(settings: Settings, tmp_path: Path) -> Iterator[Flask]:
    with bare(settings, f"sqlite:///{tmp_path}/bare.sqlite3") as app:
        yield app


@pytest.fixture
def bare_postgres(settings: Settings) -> Iterator[Flask]:
    try:
        cluster = postgres.shared_url()
    except postgres.NoPostgres as reason:
        needs.require_or_skip("postgres", str(reason))
    name = f"bare_{uuid4().hex}"
    with bare(settings, postgres.create_database(cluster, name)) as app:
        yield app
    postgres.drop_database(cluster, name)


def tables() -> set[str]:
    return set(inspect(db.engine).get_table_names())


def fill() -> None:
    series = make_series()
    make_category(make_event(series=series))
    make_user(Role.ORGANISER, series=series)
    with transaction():
        audit.record("series.add", "series:1", series_id=series.id)


@pytest.mark.parametrize("engine", ["sqlite", "postgres"])
def test_up_down_and_up_again(request: pytest.FixtureRequest, engine: str) -> None:
    request.getfixturevalue(f"bare_{engine}")
    flask_migrate.upgrade()
    assert tables() == {*db.metadata.tables, "alembic_version"}
    fill()
    flask_migrate.check()  # exits when the models say anything else

    flask_migrate.downgrade(revision="base")
    assert tables() == {"alembic_version"}

    flask_migrate.upgrade()
    fill()
    flask_migrate.check()
    assert db.session.scalar(select(func.count()).select_from(Event)) == 1
