"""The database session, and the one way to write to it: `transaction`."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

import uuid6
from flask import Flask, current_app
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session as FlaskSession
from sqlalchemy import JSON, DateTime, Dialect, Enum, MetaData, Table, TypeDecorator, insert
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Connection, CursorResult, Engine
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    Session,
    make_transient_to_detached,
    mapped_column,
    registry,
)

from eduforum.core.i18n import Text
from eduforum.core.turnstile import Turnstile, install


class Moment(TypeDecorator[datetime]):
    """A moment in UTC. Refuses a time without a zone, and always gives one back."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone")
        return value and value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


Json = JSON().with_variant(JSONB(), "postgresql")


class Base(DeclarativeBase):
    registry = registry(
        metadata=MetaData(
            naming_convention={
                "ix": "ix_%(table_name)s_%(column_0_N_name)s",
                "uq": "uq_%(table_name)s_%(column_0_N_name)s",
                "ck": "ck_%(table_name)s_%(constraint_name)s",
                "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
                "pk": "pk_%(table_name)s",
            }
        ),
        type_annotation_map={
            datetime: Moment,
            dict[str, Any]: Json,
            list[str]: Json,
            list[int]: Json,
            StrEnum: Enum(
                StrEnum,
                native_enum=False,
                length=40,
                values_callable=lambda kind: [member.value for member in kind],
            ),
        },
    )


class _Session(FlaskSession):
    """A session that reads on its own connection and writes on the one the turnstile hands it."""

    def get_bind(self, *args: Any, **kwargs: Any) -> Engine | Connection:
        return self.info.get("write_connection") or db.engine


def _render_for_migration(kind: str, item: object, _context: object) -> str | Literal[False]:
    """Write plain SQLAlchemy types into migrations, so old ones never import our code."""
    return "sa.DateTime(timezone=True)" if isinstance(item, Moment) else False


db = SQLAlchemy(
    model_class=Base,
    session_options={
        "class_": _Session,
        "expire_on_commit": False,
    },
)
migrate = Migrate(db=db, render_item=_render_for_migration, render_as_batch=True)

if TYPE_CHECKING:
    Model = Base
else:
    Model = db.Model


def init_app(app: Flask) -> None:
    """Connect `app` to its database; on SQLite put the turnstile in front of it."""
    db.init_app(app)
    migrate.init_app(app)
    with app.app_context():
        if is_sqlite():
            app.extensions["turnstile"] = install(db.engine)


class Named:
    """A thing with a Chinese name and an English one (may be empty: then the Chinese stands)."""

    name_zh: Mapped[str]
    name_en: Mapped[str] = mapped_column(default="")

    @property
    def name(self) -> Text:
        return Text(self.name_zh, self.name_en)


def new_id() -> UUID:
    """A UUIDv7 (RFC 9562): unguessable enough for an opaque id, and in order of time."""
    return UUID(int=uuid6.uuid7().int)


def is_sqlite() -> bool:
    return db.engine.dialect.name == "sqlite"


def forget_log() -> None:
    """Copy SQLite's write-ahead log into the database and empty it: it holds what was erased since.

    Does what it can while others read; on PostgreSQL the server sees to its own log.
    """
    if is_sqlite():
        db.session.rollback()
        with db.engine.connect() as connection:
            connection.exec_driver_sql("ROLLBACK")
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.exec_driver_sql("BEGIN")


def store(row: Model) -> None:
    """Insert a new row at once; afterwards the session holds it as if it had been read.

    For what happens hundreds of times a second: the unit of work costs several times as much.
    The key is made here, not by the database; foreign keys are given as columns.
    """
    table, given = table_of(type(row)), row.__dict__
    names = [column.key for column in table.c]
    result = db.session.execute(
        insert(table), {name: given[name] for name in names if name in given}
    )
    assert isinstance(result, CursorResult)
    stored = result.last_inserted_params()
    assert isinstance(stored, dict)
    given.update(dict.fromkeys(names) | given | stored)
    make_transient_to_detached(row)
    db.session.add(row)


def table_of(kind: type[Model]) -> Table:
    """The table of a model, for statements that make no objects."""
    table = kind.__table__
    assert isinstance(table, Table)
    return table


def in_transaction() -> bool:
    """Whether this thread is inside a `transaction()` block."""
    return bool(db.session().info.get("in_transaction"))


@contextmanager
def transaction() -> Iterator[None]:
    """Commit when the block ends; roll back if it raises.

    When it returns, what was written is on disk. Blocks nest: an inner block is a savepoint of
    the outer one, so a service may call another service and the two still happen together or
    not at all, and a bulk action that skips a refused item keeps nothing of it.

    What was read before the block is forgotten, so that nothing is decided on an old reading.
    Raises `StorageFailed` when the database cannot keep what was written.
    """
    session = db.session()
    if in_transaction():
        with session.begin_nested():
            yield
        return
    session.info["in_transaction"] = True
    try:
        session.rollback()
        session.expire_all()
        turnstile: Turnstile | None = current_app.extensions.get("turnstile")
        with turnstile.pass_through(session) if turnstile else _plain(session):
            yield
    finally:
        session.info["in_transaction"] = False


@contextmanager
def _plain(session: Session) -> Iterator[None]:
    try:
        yield
        session.commit()
    except BaseException:
        session.rollback()
        raise
