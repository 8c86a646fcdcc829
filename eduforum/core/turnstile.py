"""How many threads share SQLite's one writer: they pass one by one and are synced in groups.

`core.db.transaction` is the only caller. Why it is built this way, and what else was tried and
measured: docs/decisions/0002-one-writer-group-commit.md.
"""

import fcntl
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from eduforum.core import faults
from eduforum.core.errors import Refusal
from eduforum.core.i18n import Text

MOST_JOBS = 64
LONGEST_SECONDS = 0.020


class StorageFailed(Refusal):
    """The disk or the database could not keep a change; nothing of it was kept."""

    code = "storage-failed"
    status = 503

    def __init__(self) -> None:
        super().__init__(
            Text(
                "系统暂时无法保存，刚才的操作没有生效，请稍后重试。",
                "The system cannot save right now. Nothing was changed; please try again shortly.",
            )
        )


class _FairLock:
    """A lock between processes on the same database file that is given in order of asking.

    Two files: whoever wants `main` waits at the `gate` first, so a process that takes the lock
    again and again cannot starve one that asks once.
    """

    def __init__(self, database: Path) -> None:
        self._paths = [database.with_name(database.name + end) for end in (".gate", ".lock")]
        self._files: list[IO[bytes]] = []

    def __enter__(self) -> None:
        if not self._files:
            self._files = [path.open("ab") for path in self._paths]
        gate, main = self._files
        if not faults.active("skip_gate"):
            fcntl.flock(gate, fcntl.LOCK_EX)
        fcntl.flock(main, fcntl.LOCK_EX)
        fcntl.flock(gate, fcntl.LOCK_UN)

    def __exit__(self, *_: object) -> None:
        fcntl.flock(self._files[1], fcntl.LOCK_UN)

    def close(self) -> None:
        while self._files:
            self._files.pop().close()


class _Connection(sqlite3.Connection):
    """A connection whose transactions are jobs of an open batch once it `writes`."""

    writes = False

    def begin(self) -> None:
        self.execute("SAVEPOINT job" if self.writes else "BEGIN")

    def commit(self) -> None:
        self.execute("RELEASE job" if self.writes else "COMMIT")

    def rollback(self) -> None:
        if not self.writes:
            super().rollback()
        elif self.in_transaction:
            self.execute("ROLLBACK TO job")
            self.execute("RELEASE job")


class _Batch:
    """The jobs that are synced together."""

    def __init__(self) -> None:
        self.done = threading.Event()
        self.failed = False
        self.jobs = 0
        self.started = time.monotonic()

    def may_grow(self) -> bool:
        longest = 5.0 if faults.active("long_batches") else LONGEST_SECONDS
        return self.jobs < MOST_JOBS and time.monotonic() - self.started < longest


class Turnstile:
    """Lets one thread at a time write to a SQLite file, and commits for several at once.

    Each job is a savepoint of the batch's transaction: one that fails leaves nothing behind and
    does not disturb the others. Nobody leaves before the sync, a refused job neither: what it
    read must be durable before it is told.
    """

    def __init__(self, engine: Engine, database: Path) -> None:
        self._engine = engine
        self._between_processes = _FairLock(database)
        self._lock = threading.Lock()
        self._waiting = 0
        self._count = threading.Lock()
        self._connection: Connection | None = None
        self._batch: _Batch | None = None

    @contextmanager
    def pass_through(self, session: Session) -> Iterator[None]:
        """Run the block as one job of a batch. Raises `StorageFailed` if the batch is not kept."""
        self._enter()
        try:
            batch = self._open_batch()
        except BaseException:
            self._lock.release()
            raise
        refused: BaseException | None = None
        try:
            session.info["write_connection"] = self._connection
            yield
            session.commit()
        except BaseException as error:
            refused = error
            with suppress(
                DBAPIError
            ):  # the batch may be lost, and then there is nothing to go back to
                session.rollback()
        finally:
            # SQLite gives up the whole transaction by itself when the disk is full.
            batch.failed = batch.failed or not self._raw().in_transaction
            session.info.pop("write_connection", None)
            self._leave(batch)
        if batch.failed or _is_of_the_disk(refused):
            raise StorageFailed from refused
        if refused is not None:
            raise refused

    @property
    def waiting(self) -> int:
        """How many jobs wait for their turn now."""
        return self._waiting

    def close(self, *_: object) -> None:
        """Give back the connection and the lock files; the next job opens them again."""
        with self._lock:
            self._drop_connection()
            self._between_processes.close()

    def _enter(self) -> None:
        with self._count:
            self._waiting += 1
        self._lock.acquire()
        with self._count:
            self._waiting -= 1

    def _open_batch(self) -> _Batch:
        if self._batch is None:
            try:
                self._between_processes.__enter__()
            except OSError as error:
                raise StorageFailed from error
            try:
                if self._connection is None:
                    self._connection = self._engine.connect()
                    self._raw().writes = True
                self._raw().execute("BEGIN IMMEDIATE")
            except BaseException as error:
                self._drop_connection()
                self._between_processes.__exit__()
                raise StorageFailed from error
            self._batch = _Batch()
        return self._batch

    def _leave(self, batch: _Batch) -> None:
        """Hand the lock to whoever waits, or end the batch; then wait for its end.

        Somebody who waits has been counted before he asks for the lock, so a batch that is
        handed on is always ended by somebody.
        """
        batch.jobs += 1
        if self._waiting and batch.may_grow() and not batch.failed:
            self._lock.release()
            if not faults.active("answer_before_commit"):
                batch.done.wait()
            return
        try:
            self._end(batch)
        finally:
            self._batch = None
            self._between_processes.__exit__()
            self._lock.release()
            batch.done.set()

    def _end(self, batch: _Batch) -> None:
        try:
            if not batch.failed:
                self._raw().execute("COMMIT")
        except sqlite3.Error:
            batch.failed = True  # those who wait are told
        finally:
            if batch.failed:
                self._drop_connection()

    def _raw(self) -> _Connection:
        assert self._connection is not None
        raw = self._connection.connection.driver_connection
        assert isinstance(raw, _Connection)
        return raw

    def _drop_connection(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.invalidate()
            connection.close()


def _is_of_the_disk(error: BaseException | None) -> bool:
    """Whether SQLite says that the disk is full or fails, at whichever statement it noticed."""
    original = getattr(error, "orig", error)
    if not isinstance(original, sqlite3.OperationalError):
        return False
    return original.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR)


def install(engine: Engine) -> Turnstile:
    """Set up SQLite for durable writing on every connection of `engine`, with a turnstile.

    synchronous=FULL with a write-ahead log: a commit that has returned survives a power cut.
    """

    synced = "OFF" if faults.active("no_sync") else "FULL"

    @event.listens_for(engine, "do_connect")
    def _connect(_dialect: object, _record: object, _args: object, how: dict[str, Any]) -> None:
        how["factory"] = _Connection

    @event.listens_for(engine, "connect")
    def _configure(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves
        for pragma in (
            "journal_mode=WAL",
            f"synchronous={synced}",
            "foreign_keys=ON",
            "secure_delete=ON",  # what is erased is not left lying in the file
            "busy_timeout=10000",
            "cache_size=-16000",
            "temp_store=MEMORY",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        raw: Any = connection.connection.driver_connection
        raw.begin()

    database = engine.url.database
    assert database
    turnstile = Turnstile(engine, Path(database))
    event.listen(engine, "engine_disposed", turnstile.close)
    return turnstile
