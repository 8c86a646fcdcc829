"""The worker runs on, whatever happens to it, and a killed one costs nothing but time."""

import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from sqlalchemy import update

from eduforum.core.db import db, transaction
from eduforum.core.logging import fault, log
from eduforum.notices import worker
from eduforum.notices.models import Notice
from eduforum.notices.services import CHORES, deliver_due, wake
from tests.notices.conftest import queue_letter, set_server
from tests.notices.servers import Mailbox

ROOT = Path(__file__).parents[2]


@contextmanager
def running(app: Flask) -> Iterator[None]:
    stop = threading.Event()
    thread = threading.Thread(target=worker.run, args=(app, stop))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(timeout=10)
        assert not thread.is_alive()


@pytest.fixture(autouse=True)
def _no_chores() -> Iterator[None]:
    kept = list(CHORES)
    CHORES.clear()
    yield
    CHORES[:] = kept


def test_sends_what_is_queued_while_it_runs(app: Flask, mailbox: Mailbox) -> None:
    set_server(app, mailbox.port)
    arrived = threading.Event()
    mailbox.on_data = lambda _: arrived.set()
    with running(app):
        queue_letter()
        assert arrived.wait(30), "the commit rings the bell"


def test_keeps_one_connection_over_many_turns(app: Flask, mailbox: Mailbox) -> None:
    set_server(app, mailbox.port)
    count = 3 * worker.PER_TURN + 1
    for n in range(count):
        queue_letter(f"n{n}@example.org")
    arrived = threading.Event()

    def last(_: str) -> None:
        if len(mailbox.recipients) == count - 1:
            arrived.set()

    mailbox.on_data = last
    with running(app):
        assert arrived.wait(30)
    assert len(set(mailbox.recipients)) == count
    assert len(mailbox.connections) == 1


def test_a_chore_that_fails_stops_nothing(app: Flask, capfd: pytest.CaptureFixture[str]) -> None:
    done = threading.Event()

    def fails() -> None:
        raise ValueError("lin@example.org")

    CHORES.extend([fails, done.set])
    with running(app):
        assert done.wait(30)
    logged = capfd.readouterr().err
    assert '"chore": "fails"' in logged
    assert '"error": "ValueError"' in logged
    assert "lin@example.org" not in logged


def test_an_error_costs_one_turn(
    app: Flask, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_server(app, mailbox.port)
    tries = [RuntimeError, deliver_due]
    arrived = threading.Event()
    mailbox.on_data = lambda _: arrived.set()

    def stumble(*arguments: object) -> int:
        action = tries.pop(0) if len(tries) > 1 else tries[0]
        if action is RuntimeError:
            wake()
            raise RuntimeError
        return deliver_due(10)

    monkeypatch.setattr(worker, "deliver_due", stumble)
    queue_letter()
    with running(app):
        assert arrived.wait(30)


def test_logs_hold_known_keys_only(capfd: pytest.CaptureFixture[str]) -> None:
    try:
        raise KeyError("lin@example.org")
    except KeyError as error:
        log.error("failed", recipient="lin@example.org", kind="event-changed", **fault(error))

    logged = capfd.readouterr().err
    assert "lin@example.org" not in logged
    assert '"kind": "event-changed"' in logged
    assert "test_worker.py:" in logged


def test_no_worker_process_on_sqlite(app: Flask) -> None:
    result = app.test_cli_runner().invoke(args=["worker"])

    assert result.exit_code == 1
    assert result.output == (
        "Error: On SQLite the worker is part of the server, so there is nothing to start here.\n"
    )


def test_deliver_command(app: Flask, mailbox: Mailbox) -> None:
    set_server(app, mailbox.port)
    queue_letter()

    result = app.test_cli_runner().invoke(args=["notices", "deliver"])

    assert (result.exit_code, result.output) == (0, "1 notices sent\n")


def test_deliver_command_without_a_server_says_so(app: Flask) -> None:
    result = app.test_cli_runner().invoke(args=["notices", "deliver"])

    assert "letters stay in the outbox" in result.output


def test_killed_between_sending_and_marking(
    app: Flask, mailbox: Mailbox, clock: time_machine.Traveller
) -> None:
    """Duplicates <= kills, nothing lost: real processes, kill -9 before the server's answer."""
    count, kills = 24, 2
    values = {"name": "林知夏", "user_id": 1, "version": 0}
    for n in range(count):
        queue_letter(f"n{n}@example.org", kind="password-reset", values=values)
    with transaction():  # other processes live at the machine's own time
        db.session.execute(update(Notice).values(next_attempt_at=datetime(2020, 1, 1, tzinfo=UTC)))
    victims: list[subprocess.Popen[bytes]] = []
    arrived: list[str] = []

    def kill_at_the_third(address: str) -> None:
        arrived.append(address)
        if len(arrived) % 3 == 0:
            os.kill(victims[-1].pid, signal.SIGKILL)

    mailbox.on_data = kill_at_the_third
    for _ in range(kills):
        victims.append(_deliver_elsewhere(app, mailbox.port))
        assert victims[-1].wait(timeout=60) == -signal.SIGKILL
    mailbox.on_data = lambda _: None
    clock.shift(timedelta(days=36500))
    set_server(app, mailbox.port)
    deliver_due(count)

    times = Counter(mailbox.recipients)
    assert set(times) == {f"n{n}@example.org" for n in range(count)}
    assert sum(times.values()) - count <= kills
    ids = {message["Message-ID"] for message in mailbox.messages}
    assert len(ids) == count


def _deliver_elsewhere(app: Flask, port: int) -> subprocess.Popen[bytes]:
    settings = {
        "SQLALCHEMY_DATABASE_URI": app.config["SQLALCHEMY_DATABASE_URI"],
        "DATA_DIR": app.config["DATA_DIR"],
        "SECRET_KEY": app.config["SECRET_KEY"],
        "BASE_URL": app.config["BASE_URL"],
        "MAIL_SERVER": "127.0.0.1",
        "MAIL_PORT": str(port),
        "MAIL_USE_TLS": "no",
    }
    return subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", "app", "notices", "deliver"],
        cwd=ROOT,
        env=os.environ | {f"EDUFORUM_{name}": value for name, value in settings.items()},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
