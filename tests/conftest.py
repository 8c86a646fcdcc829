"""Fixtures every test may use. Data comes from `tests.factories`."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade

from eduforum.core.audit import acting_as
from eduforum.core.db import db
from eduforum.core.i18n import Language, use_language
from eduforum.core.settings import Settings
from eduforum.events.models import Series
from eduforum.factory import create_app
from eduforum.web.access import Role
from tests import needs, postgres
from tests.factories import make_user
from tests.pages import Browser

NOW = datetime(2027, 3, 1, 1, 0, tzinfo=UTC)
"""Monday, 09:00 in Beijing."""


def pytest_configure(config: pytest.Config) -> None:
    needs.required()
    postgres.share(config)


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of the tests, with a data directory of its own."""
    return Settings(
        data_dir=str(tmp_path_factory.mktemp("data")),
        secret_key="tests only, not a secret",
        base_url="https://forum.example.org",
        testing=True,
        public_cache=False,  # with the clock stopped it would never be asked again
        wtf_csrf_enabled=False,
    ).checked()


@pytest.fixture(scope="session")
def empty_database(settings: Settings) -> Path:
    """A migrated SQLite file that every test copies."""
    app = create_app(settings)
    with app.app_context():
        upgrade()
        db.engine.dispose()
    return Path(settings.data_dir) / "eduforum.sqlite3"


@pytest.fixture(scope="session")
def empty_postgres(settings: Settings) -> str:
    """The name of a migrated PostgreSQL database that every test on it copies."""
    try:
        cluster = postgres.shared_url()
    except postgres.NoPostgres as reason:
        needs.require_or_skip("postgres", str(reason))
    name = f"template_{os.environ.get('PYTEST_XDIST_WORKER', 'gw')}"
    url = postgres.create_database(cluster, name)
    app = create_app(replace(settings, sqlalchemy_database_uri=url))
    with app.app_context():
        upgrade()
        db.engine.dispose()
    return name


@contextmanager
def _running(settings: Settings) -> Iterator[Flask]:
    application = create_app(settings)
    with application.app_context(), use_language(Language.ZH), acting_as("system"):
        yield application
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def app(settings: Settings, empty_database: Path, tmp_path: Path) -> Iterator[Flask]:
    """An application on an empty SQLite database."""
    copy = tmp_path / "test.sqlite3"
    shutil.copy(empty_database, copy)
    with _running(replace(settings, sqlalchemy_database_uri=f"sqlite:///{copy}")) as application:
        yield application


@pytest.fixture
def postgres_app(settings: Settings, empty_postgres: str) -> Iterator[Flask]:
    """An application on an empty PostgreSQL database."""
    cluster = postgres.shared_url()
    name = f"test_{uuid4().hex}"
    url = postgres.create_database(cluster, name, template=empty_postgres)
    with _running(replace(settings, sqlalchemy_database_uri=url)) as application:
        yield application
    postgres.drop_database(cluster, name)


@pytest.fixture(params=["sqlite", "postgresql"])
def either_app(request: pytest.FixtureRequest) -> Flask:
    """The application on SQLite, and once more on PostgreSQL."""
    name = "app" if request.param == "sqlite" else "postgres_app"
    application: Flask = request.getfixturevalue(name)
    return application


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def browser(client: FlaskClient) -> Browser:
    """A client that checks every page it opens."""
    return Browser(client)


@pytest.fixture
def sign_in(client: FlaskClient) -> Callable[..., None]:
    """Sign the client in with roles in a series: `sign_in(Role.DOOR, series=series)`."""

    def _sign_in(*roles: Role, series: Series | None = None) -> None:
        token = make_user(*roles, series=series)
        with client.session_transaction(base_url="https://forum.example.org") as session:
            session["sign_in"] = token

    return _sign_in


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """The stopped clock; `clock.shift(60)` moves it on by a minute."""
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture(autouse=True)
def _stopped_clock(clock: time_machine.Traveller) -> None:
    """No test depends on the day it runs on."""
