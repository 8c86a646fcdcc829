"""The audit trail of a series, filtered and by pages, with names for whom it is about."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import InstrumentedAttribute

from eduforum.accounts.models import ApiToken
from eduforum.checkin.models import Device, Point
from eduforum.core.audit import AuditEntry
from eduforum.core.db import db
from eduforum.core.i18n import Text
from eduforum.events.models import Event, Series
from eduforum.notices.models import Notice
from eduforum.registration.history import actor_names
from eduforum.registration.models import Category, Pool, Registration
from eduforum.schedule.models import Room, Session
from eduforum.tickets.models import Ticket


@dataclass(frozen=True, slots=True)
class Filter:
    """What the page shows. Empty: no condition. first, last: days in the series' zone.

    actor: `user:3`, or a kind of actor as `device`. subject: `registration:<id>`, or a kind.
    """

    actor: str = ""
    action: str = ""
    subject: str = ""
    first: date | None = None
    last: date | None = None

    @property
    def narrows(self) -> bool:
        return bool(self.actor or self.action or self.subject or self.first or self.last)


def entries_page(
    series: Series, shown: Filter, *, number: int, size: int
) -> tuple[Sequence[AuditEntry], int]:
    """The entries of one page (from 1), newest first, and how many there are on all pages."""
    conditions = _conditions(series, shown)
    total = db.session.execute(
        select(func.count()).select_from(AuditEntry).where(*conditions)
    ).scalar_one()
    newest = select(AuditEntry).where(*conditions).order_by(AuditEntry.id.desc())
    return db.session.scalars(newest.limit(size).offset((number - 1) * size)).all(), total


def actors_in(series_id: int) -> Mapping[str, Text]:
    """Everybody who did something in the series, by name; devices and links count as one each."""
    found = db.session.scalars(
        select(AuditEntry.actor).where(AuditEntry.series_id == series_id).distinct()
    )
    singles = {_choice(actor) for actor in found}
    names = actor_names(singles)
    return dict(sorted(names.items(), key=lambda item: (item[0].partition(":")[0], item[1].zh)))


def actions_in(series_id: int) -> Sequence[str]:
    """The actions that there are, in the order of their names."""
    return db.session.scalars(
        select(AuditEntry.action)
        .where(AuditEntry.series_id == series_id)
        .distinct()
        .order_by(AuditEntry.action)
    ).all()


def subject_names(subjects: Iterable[str]) -> dict[str, Text]:
    """What these subjects are called, where they still exist: one statement for each kind."""
    ids: dict[str, set[str]] = {}
    for subject in subjects:
        kind, _, one = subject.partition(":")
        ids.setdefault(kind, set()).add(one)
    names: dict[str, Text] = {}
    for kind, wanted in ids.items():
        if kind in _NAMED:
            key, *columns = _NAMED[kind]
            rows = db.session.execute(_named(key, columns, wanted))
            names |= {f"{kind}:{row[0]}": Text(row[1], row[-1]) for row in rows}
    users = {f"user:{one}" for one in ids.get("user", ())}
    return names | {actor: name for actor, name in actor_names(users).items() if name.zh != actor}


_NAMED: dict[str, tuple[InstrumentedAttribute[Any], ...]] = {
    "registration": (Registration.id, Registration.name),
    "ticket": (Ticket.id, Ticket.holder),
    "notice": (Notice.id, Notice.recipient_name),
    "event": (Event.id, Event.name_zh, Event.name_en),
    "session": (Session.id, Session.name_zh, Session.name_en),
    "room": (Room.id, Room.name_zh, Room.name_en),
    "category": (Category.id, Category.name_zh, Category.name_en),
    "pool": (Pool.id, Pool.name_zh, Pool.name_en),
    "point": (Point.id, Point.name_zh, Point.name_en),
    "device": (Device.id, Device.name),
    "token": (ApiToken.id, ApiToken.name),
}


def _named(
    key: InstrumentedAttribute[Any],
    columns: Sequence[InstrumentedAttribute[Any]],
    wanted: Iterable[str],
) -> Select[*tuple[Any, ...]]:
    is_number = key.type.python_type is int
    ids = [_id(one, is_number=is_number) for one in wanted]
    return select(key, *columns).where(key.in_([one for one in ids if one is not None]))


def _id(text: str, *, is_number: bool) -> int | UUID | None:
    try:
        return int(text) if is_number else UUID(text)
    except ValueError:
        return None


def _choice(actor: str) -> str:
    """What the filter offers for an actor: people and programs one by one, others by kind."""
    kind = actor.partition(":")[0]
    return actor if kind in ("user", "token") else kind


def _conditions(series: Series, shown: Filter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [AuditEntry.series_id == series.id]
    if shown.actor:
        found.append(_is_or_is_of(AuditEntry.actor, shown.actor))
    if shown.action:
        found.append(AuditEntry.action == shown.action)
    if shown.subject:
        found.append(_is_or_is_of(AuditEntry.subject, shown.subject))
    if shown.first:
        found.append(AuditEntry.at >= _midnight(shown.first, series.time_zone))
    if shown.last:
        after = shown.last + timedelta(days=1)
        found.append(AuditEntry.at < _midnight(after, series.time_zone))
    return found


def _is_or_is_of(column: InstrumentedAttribute[str], asked: str) -> ColumnElement[bool]:
    """Exactly `user:3`; for `device` alone, all of that kind."""
    if ":" in asked:
        return column == asked
    return (column == asked) | column.startswith(f"{asked}:", autoescape=True)


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time.min, ZoneInfo(zone))
