"""What the machines that watch are told."""

from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from alembic.script import ScriptDirectory
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from eduforum.core import clock as clocks
from eduforum.core.db import db, migrate, transaction
from eduforum.core.settings import Settings
from eduforum.factory import create_app
from eduforum.notices.models import Notice
from eduforum.registration.queries import pools_of
from eduforum.registration.services import Application, register
from tests.factories import make_category, make_event, make_series
from tests.pages import BASE


def stamp(*revisions: str) -> None:
    """Say that the database is at `revisions`, as the migrations do."""
    with transaction():
        db.session.execute(text("DELETE FROM alembic_version"))
        for revision in revisions:
            db.session.execute(
                text("INSERT INTO alembic_version VALUES (:name)"), {"name": revision}
            )


def newest() -> tuple[str, ...]:
    return tuple(ScriptDirectory.from_config(migrate.get_config()).get_heads())


def queue_notice() -> None:
    with transaction():
        db.session.add(
            Notice(kind="registration-link", message_id="<1@x>", next_attempt_at=clocks.now())
        )


def test_alive_needs_no_database(settings: Settings) -> None:
    nowhere = "postgresql+psycopg://nobody@127.0.0.1:1/nothing"
    client = create_app(replace(settings, sqlalchemy_database_uri=nowhere)).test_client()
    assert client.get("/healthz", base_url=BASE).get_json() == {"status": "ok"}
    answer = client.get("/readyz", base_url=BASE)
    assert answer.status_code == 503
    assert answer.get_json() == {"status": "unavailable", "database": "no answer"}


def test_ready_when_the_migrations_are_those_of_the_code(
    client: FlaskClient, clock: time_machine.Traveller
) -> None:
    answer = client.get("/readyz", base_url=BASE)
    assert answer.status_code == 200
    assert answer.get_json() == {
        "status": "ok",
        "migration": newest()[0],
        "oldest_due_notice_seconds": 0,
        "problems": [
            {"part": "Worker", "level": "bad", "says": "None has run: no letters, no offers."},
            {
                "part": "Mail",
                "level": "watch",
                "says": "No mail server is set: letters are only read at the desk.",
            },
        ],
    }
    queue_notice()
    clock.shift(timedelta(seconds=90))
    assert client.get("/readyz", base_url=BASE).get_json()["oldest_due_notice_seconds"] == 90


@pytest.mark.parametrize("revisions", [(), ("0000_older",), ("0000_older", "9999_newer")])
def test_not_ready_on_another_database(client: FlaskClient, revisions: tuple[str, ...]) -> None:
    stamp(*revisions)
    answer = client.get("/readyz", base_url=BASE)
    assert answer.status_code == 503
    assert answer.get_json()["database"] == "other migrations"


def test_not_ready_before_the_first_migration(client: FlaskClient) -> None:
    with transaction():
        db.session.execute(text("DROP TABLE alembic_version"))
    assert client.get("/readyz", base_url=BASE).status_code == 503


def test_numbers_are_given_where_they_are_wanted(settings: Settings, app: Flask) -> None:
    assert app.test_client().get("/metrics", base_url=BASE).status_code == 404
    series = make_series(slug="spring")
    category = make_category(make_event(series=series))
    (pool,) = pools_of(series.id)
    application = Application(
        name="张三", category=category.code, events=(category.events[0].slug,),
        mobile="+8613800138000",
    )  # fmt: skip
    register(series, application, submit_id="one")
    measured = replace(
        settings,
        sqlalchemy_database_uri=app.config["SQLALCHEMY_DATABASE_URI"],
        metrics=True,
        public_cache=True,
    )
    client = create_app(measured).test_client()
    with time_machine.travel(clocks.now(), tick=False):
        for _ in range(3):  # of which the second and third are given from memory
            client.get("/s/spring", base_url=BASE)
    client.open("/s/spring", method="BREW", base_url=BASE)
    answer = client.get("/metrics", base_url=BASE)
    assert answer.status_code == 200
    assert answer.mimetype == "text/plain"
    for line in (
        'eduforum_registrations{state="confirmed"} 1.0',
        'eduforum_notices{state="no_address"} 1.0',
        "eduforum_oldest_due_notice_seconds 0.0",
        "eduforum_writer_waiting 0.0",
        f'eduforum_pool_held{{name="{pool.name_zh}",pool="{pool.id}",series="spring"}} 1.0',
        'eduforum_request_seconds_count{endpoint="site.series",method="GET",status="2xx"} 1.0',
        "eduforum_answers_from_memory_total 2.0",
        'method="other",status="4xx"} 1.0',
    ):
        assert line in answer.text
    assert "张三" not in answer.text
