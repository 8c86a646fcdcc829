"""How often somebody may try, exactly, whoever asks at the same moment."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from eduforum.core.db import db
from eduforum.core.settings import Settings
from eduforum.factory import create_app
from eduforum.web.limits import (
    Tally,
    TooOften,
    Window,
    forgive,
    give_back,
    spend,
    spend_network,
)
from tests import redis_server

HOUR = timedelta(hours=1)


def try_once(subject: str = "13800138000", purpose: str = "sign-in", most: int = 3) -> bool:
    try:
        spend(purpose, subject, most=most, per=HOUR)
    except TooOften:
        return False
    return True


def test_the_limit_is_per_purpose_and_subject_and_ends(
    either_app: Flask, clock: time_machine.Traveller
) -> None:
    assert [try_once() for _ in range(5)] == [True, True, True, False, False]
    assert try_once("another")
    assert try_once(purpose="find")
    clock.shift(HOUR - timedelta(seconds=1))
    assert not try_once()
    clock.shift(timedelta(seconds=1))
    assert [try_once() for _ in range(4)] == [True, True, True, False]


def test_a_clock_that_is_set_back_locks_nobody_out_for_longer(
    either_app: Flask, clock: time_machine.Traveller
) -> None:
    assert [try_once() for _ in range(4)] == [True, True, True, False]
    clock.shift(-timedelta(days=1))
    assert [try_once() for _ in range(4)] == [True, True, True, False]
    clock.shift(timedelta(minutes=59))
    assert not try_once()


def test_tries_may_be_forgiven_or_given_back(app: Flask) -> None:
    for _ in range(3):
        try_once()
    give_back("sign-in", "13800138000")
    assert [try_once(), try_once()] == [True, False]
    forgive("sign-in", "13800138000")
    give_back("sign-in", "13800138000")  # there is none to give back
    assert [try_once() for _ in range(4)] == [True, True, True, False]


def test_whom_it_counts_cannot_be_read_and_old_counts_go(
    app: Flask, clock: time_machine.Traveller
) -> None:
    try_once()
    clock.shift(HOUR)
    try_once("another")
    (tally,) = db.session.scalars(select(Tally))
    assert "another" not in tally.key


def test_tries_at_the_same_moment_all_count(either_app: Flask) -> None:
    """Also the first two, which find no row yet."""
    start = threading.Barrier(8)
    allowed: list[bool] = []

    def _try() -> None:
        with either_app.app_context():
            start.wait(30)
            allowed.append(try_once())
            db.session.remove()

    threads = [threading.Thread(target=_try) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(allowed) == [False] * 5 + [True] * 3


def test_a_window_counts_each_subject_alone() -> None:
    window = Window(most=2, seconds=3600)
    for subject in ("a", "a", "b"):
        window.spend(subject)
    with pytest.raises(TooOften):
        window.spend("a")
    window.spend("b")


def test_a_window_forgets() -> None:
    window = Window(most=1, seconds=0.001)
    window.spend("a")
    threading.Event().wait(0.01)
    window.spend("a")


@pytest.mark.parametrize(
    ("address", "neighbour", "stranger"),
    [
        ("192.0.2.1", "192.0.2.1", "192.0.2.2"),
        ("::ffff:192.0.2.1", "192.0.2.1", "::ffff:192.0.2.2"),
        ("2001:db8:0:1::5", "2001:db8:0:1:ffff::6", "2001:db8:0:2::5"),
        ("10.0.0.7", "10.0.0.7", "10.0.0.8"),
        ("unreadable", "unreadable", "other"),
    ],
)
def test_a_network_is_one_subject(app: Flask, address: str, neighbour: str, stranger: str) -> None:
    spend_network("scan", address, most=1, seconds=3600)
    with pytest.raises(TooOften):
        spend_network("scan", neighbour, most=1, seconds=3600)
    spend_network("scan", stranger, most=1, seconds=3600)
    spend_network("find", address, most=1, seconds=3600)


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "::ffff:127.0.0.1"])
def test_this_machine_is_not_counted(app: Flask, address: str) -> None:
    for _ in range(3):
        spend_network("scan", address, most=1, seconds=3600)


@contextmanager
def host(app: Flask, settings: Settings, redis_url: str) -> Iterator[None]:
    """Another server process on the same database, with a Redis."""
    more = replace(
        settings,
        redis_url=redis_url,
        sqlalchemy_database_uri=app.config["SQLALCHEMY_DATABASE_URI"],
    )
    with create_app(more).app_context():
        yield
        db.session.remove()
        db.engine.dispose()


def rows_of_tallies() -> int:
    return len(db.session.scalars(select(Tally)).all())


def test_redis_counts_for_all_hosts_and_the_database_has_no_work(
    app: Flask, settings: Settings, tmp_path: Path
) -> None:
    with redis_server.running(tmp_path) as url:
        with host(app, settings, url):
            assert [try_once(), try_once()] == [True, True]
        with host(app, settings, url):
            assert [try_once(), try_once()] == [True, False]
            assert try_once("another")
            give_back("sign-in", "13800138000")
            give_back("sign-in", "13800138000")
            assert [try_once(), try_once()] == [True, False]
            forgive("sign-in", "13800138000")
            give_back("sign-in", "13800138000")
            assert [try_once() for _ in range(4)] == [True, True, True, False]
            assert rows_of_tallies() == 0


def test_a_window_in_redis_ends(app: Flask, settings: Settings, tmp_path: Path) -> None:
    with redis_server.running(tmp_path) as url, host(app, settings, url):
        spend("sign-in", "x", most=1, per=timedelta(milliseconds=50))
        with pytest.raises(TooOften):
            spend("sign-in", "x", most=1, per=timedelta(milliseconds=50))
        threading.Event().wait(0.1)
        spend("sign-in", "x", most=1, per=timedelta(milliseconds=50))


def test_limits_hold_while_redis_is_away(app: Flask, settings: Settings, tmp_path: Path) -> None:
    with redis_server.running(tmp_path) as url:
        pass
    with host(app, settings, url):
        assert [try_once() for _ in range(4)] == [True, True, True, False]
        assert rows_of_tallies() == 1
