"""One writer, synced in groups: what is kept, what is not, and who hears of it when."""

import os
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert, select, text

from eduforum.core import turnstile
from eduforum.core.db import db, transaction
from eduforum.core.turnstile import StorageFailed
from eduforum.events.models import Grant, Region
from eduforum.web.access import Role

ROOT = Path(__file__).parents[2]
OTHER_PROCESS = """
from eduforum.core.db import db, transaction
from eduforum.events.models import Region
from eduforum.factory import create_app

with create_app().app_context():
    for number in range(20):
        with transaction():
            db.session.add(Region(code=f"other{number}", mark="津", name_zh="天津", position=0))
"""


def add(code: str) -> None:
    db.session.add(Region(code=code, mark="津", name_zh="天津", position=0))
    db.session.flush()


def add_core(code: str) -> None:
    """As the hot paths write, past the ORM."""
    db.session.execute(
        insert(Region).values(code=code, mark="津", name_zh="津" * 2000, name_en="", position=0)
    )


def kept() -> set[str]:
    db.session.rollback()
    return set(db.session.scalars(select(Region.code)))


class Jobs:
    """Threads that each run one block in a transaction; what became of each, by its name."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.outcome: dict[str, BaseException | None] = {}
        self._threads: list[threading.Thread] = []

    def start(self, name: str, block: Callable[[], None]) -> None:
        thread = threading.Thread(target=self._run, args=(name, block), daemon=True)
        self._threads.append(thread)
        thread.start()

    def finish(self) -> None:
        for thread in self._threads:
            thread.join(30)
        assert not any(thread.is_alive() for thread in self._threads), "somebody waits forever"

    def _run(self, name: str, block: Callable[[], None]) -> None:
        with self.app.app_context():
            try:
                with transaction():
                    block()
                self.outcome[name] = None
            except Exception as error:
                self.outcome[name] = error


@pytest.fixture
def jobs(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Jobs:
    # A group stays open as long as a test needs, however slow the machine.
    monkeypatch.setattr(turnstile, "LONGEST_SECONDS", 60)
    return Jobs(app)


@pytest.fixture
def together(app: Flask, jobs: Jobs) -> Callable[[dict[str, Callable[[], None]]], Jobs]:
    """Run blocks in one group: the first holds the turnstile until all others queue for it."""

    def _together(blocks: dict[str, Callable[[], None]]) -> Jobs:
        inside, go = threading.Event(), threading.Event()
        first, *others = blocks.items()

        def _hold() -> None:
            first[1]()
            inside.set()
            assert go.wait(30)

        jobs.start(first[0], _hold)
        assert inside.wait(30)
        for name, block in others:
            jobs.start(name, block)
        gate = app.extensions["turnstile"]
        while gate._waiting < len(others):
            time.sleep(0.002)
        go.set()
        jobs.finish()
        return jobs

    return _together


Together = Callable[[dict[str, Callable[[], None]]], Jobs]


@pytest.fixture
def commits(app: Flask, jobs: Jobs) -> Iterator[list[set[str]]]:
    """One entry for every commit: who had been answered when it began."""
    seen: list[set[str]] = []

    def _note(statement: str) -> None:
        if statement == "COMMIT":
            seen.append(set(jobs.outcome))

    with transaction():
        raw: Any = db.session.connection().connection.driver_connection
    raw.set_trace_callback(_note)
    yield seen
    raw.set_trace_callback(None)


def refuse() -> None:
    add("refused")
    raise LookupError("no")


def break_commit() -> None:
    """Something that only COMMIT finds wrong."""
    db.session.connection().exec_driver_sql("PRAGMA defer_foreign_keys = ON")
    db.session.add(Grant(user_id=987654, series_id=None, role=Role.ADMIN))
    db.session.flush()


def fill_disk(add_row: Callable[[str], None]) -> None:
    """Let SQLite find no room, as on a full disk."""
    connection = db.session.connection()
    pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    for number in range(1000):
        add_row(f"big{number}")
    pytest.fail("the disk did not fill up")


def test_blocks_nest_as_savepoints(either_app: Flask) -> None:
    with transaction():
        add("outer")
        with pytest.raises(LookupError), transaction():
            refuse()
        with transaction():
            add("inner")
    assert kept() == {"outer", "inner"}


def test_an_outer_block_that_fails_takes_the_inner_ones_along(either_app: Flask) -> None:
    with suppress(LookupError), transaction():
        with transaction():
            add("inner")
        raise LookupError
    assert kept() == set()


def test_what_was_read_before_is_read_anew_inside(either_app: Flask) -> None:
    """Also what an earlier transaction of the same request has read or written."""
    with transaction():
        add("12")
    region = db.session.get_one(Region, "12")
    for name in ("北京", "河北"):
        with db.engine.connect() as other, other.begin():
            other.execute(text("UPDATE regions SET name_zh = :name"), {"name": name})
        with transaction():
            assert db.session.get_one(Region, "12").name_zh == name
            assert region.name_zh == name
        assert region.name_zh == name, "reading after the block needs no query"


def test_a_group_is_synced_once_and_nobody_is_answered_before(
    together: Together, commits: list[set[str]]
) -> None:
    blocks: dict[str, Callable[[], None]] = {code: partial(add, code) for code in "abcd"}
    jobs = together({**blocks, "refused": refuse})
    assert commits == [set()]
    assert isinstance(jobs.outcome.pop("refused"), LookupError)
    assert jobs.outcome == dict.fromkeys("abcd")
    assert kept() == set("abcd")


def test_a_group_ends_at_its_limit(
    together: Together, commits: list[set[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turnstile, "MOST_JOBS", 2)
    together({code: partial(add, code) for code in "abcde"})
    assert len(commits) == 3
    assert kept() == set("abcde")


def test_nobody_sees_a_group_before_it_is_committed(app: Flask, together: Together) -> None:
    path = db.engine.url.database
    seen: list[tuple[int, int]] = []

    def _look() -> None:
        inside = db.session.scalar(text("SELECT count(*) FROM regions"))
        with closing(sqlite3.connect(str(path))) as reader:
            seen.append((inside, *reader.execute("SELECT count(*) FROM regions").fetchone()))

    together({"writer": partial(add, "a"), "next": _look})
    assert seen == [(1, 0)]
    assert kept() == {"a"}


def test_a_failed_commit_is_told_to_everybody_in_the_group(app: Flask, together: Together) -> None:
    jobs = together({"a": partial(add, "a"), "b": partial(add, "b"), "bad": break_commit})
    assert {name: type(error) for name, error in jobs.outcome.items()} == dict.fromkeys(
        ("a", "b", "bad"), StorageFailed
    )
    assert kept() == set()
    with transaction():
        add("after")
    assert kept() == {"after"}


@pytest.mark.parametrize("add_row", [add, add_core])
def test_a_full_disk_fails_the_group_and_nothing_after_it(
    app: Flask, together: Together, add_row: Callable[[str], None]
) -> None:
    def _fill_nested() -> None:
        with transaction():
            fill_disk(add_row)

    def _fill() -> None:
        fill_disk(lambda code: add_row(code * 200))

    jobs = together({"a": partial(add, "a"), "full": _fill})
    jobs.start("full in a savepoint", _fill_nested)
    jobs.finish()
    assert [type(error) for error in jobs.outcome.values()] == [StorageFailed] * 3
    assert kept() == set()
    with transaction():
        add("after")  # there is room again
    assert kept() == {"after"}


def test_another_process_is_not_starved(app: Flask) -> None:
    stop = threading.Event()
    written: list[int] = []

    def _write(number: int) -> None:
        with app.app_context():
            turn = 0
            while not stop.is_set():
                with transaction():
                    add(f"{number}-{turn}")
                turn += 1
            written.append(turn)

    threads = [threading.Thread(target=_write, args=(number,), daemon=True) for number in (1, 2)]
    for thread in threads:
        thread.start()
    env = os.environ | {
        "EDUFORUM_SQLALCHEMY_DATABASE_URI": f"sqlite:///{db.engine.url.database}",
        "EDUFORUM_DATA_DIR": app.config["DATA_DIR"],
    }
    other = subprocess.run(
        [sys.executable, "-c", OTHER_PROCESS],
        cwd=ROOT, env=env, timeout=120, check=False, capture_output=True, text=True,
    )  # fmt: skip
    stop.set()
    for thread in threads:
        thread.join(30)
    assert (other.returncode, other.stderr) == (0, "")
    codes = kept()
    assert sum(code.startswith("other") for code in codes) == 20
    assert len(written) == 2
    assert len(codes) == sum(written) + 20
