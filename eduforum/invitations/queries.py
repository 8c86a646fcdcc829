"""Named reads of invitations. Never writes."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import joinedload

from eduforum.core.db import db
from eduforum.core.i18n import Text
from eduforum.events.models import Event
from eduforum.registration.models import Category, Invitation, Pool, Registration
from eduforum.registration.queries import code_key
from eduforum.registration.rules import BLOCKS_ANOTHER, InvitationKind, Rsvp

REMINDER_RESTS = timedelta(hours=24)
"""Nobody is reminded more often."""
_PERSONAL = Invitation.kind == InvitationKind.PERSONAL
_LIVE = Invitation.revoked_at.is_(None)


class Tab(StrEnum):
    """The parts of the list; nobody is in two of them."""

    UNANSWERED = "unanswered"
    YES = "yes"
    NO = "no"
    PASSED_ON = "passed_on"
    CODES = "codes"
    GONE = "gone"


TAB_NAMES = {
    Tab.UNANSWERED: Text("待答复", "No answer yet"),
    Tab.YES: Text("接受", "Come"),
    Tab.NO: Text("不参加", "Do not come"),
    Tab.PASSED_ON: Text("转请他人", "Somebody else"),
    Tab.CODES: Text("邀请码", "Codes"),
    Tab.GONE: Text("过期、撤销", "Expired, withdrawn"),
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the list is asked for. by_contact: whether an address or number may be searched for."""

    tab: Tab | None = None
    q: str = ""
    categories: tuple[str, ...] = ()
    by_contact: bool = False

    @property
    def narrows(self) -> bool:
        return bool(self.q or self.categories)


def until_of(invitation: Invitation) -> datetime:
    """When the time to answer ends: that of the invitation, at the latest with its category."""
    closes_at = invitation.category.closes_at
    return min(invitation.valid_until or closes_at, closes_at)


def is_over(now: datetime) -> ColumnElement[bool]:
    """Whether the time to answer or to use it has passed."""
    return and_(Invitation.valid_until.is_not(None), Invitation.valid_until <= now)


def _tab(tab: Tab, now: datetime) -> ColumnElement[bool]:
    nothing_said = and_(_PERSONAL, Invitation.rsvp == Rsvp.NONE)
    conditions = {
        Tab.UNANSWERED: and_(_LIVE, nothing_said, ~is_over(now)),
        Tab.YES: and_(_LIVE, _PERSONAL, Invitation.rsvp == Rsvp.YES),
        Tab.NO: and_(_LIVE, _PERSONAL, Invitation.rsvp == Rsvp.NO),
        Tab.PASSED_ON: and_(_LIVE, _PERSONAL, Invitation.rsvp == Rsvp.DELEGATED),
        Tab.CODES: and_(_LIVE, ~_PERSONAL, ~is_over(now)),
        Tab.GONE: or_(~_LIVE, and_(is_over(now), or_(~_PERSONAL, nothing_said))),
    }
    return conditions[tab]


def counts(series_id: int, wanted: Wanted, now: datetime) -> dict[Tab, int]:
    """How many of each part fit what is searched for."""
    columns = [func.count().filter(_tab(tab, now)) for tab in Tab]
    row = db.session.execute(
        select(*columns)
        .select_from(Invitation)
        .join(Category, Category.id == Invitation.category_id)
        .where(*_found(series_id, wanted))
    ).one()
    return dict(zip(Tab, row, strict=True))


def listed(
    series_id: int, wanted: Wanted, now: datetime, *, limit: int, offset: int
) -> Sequence[Invitation]:
    """The newest first."""
    found = _found(series_id, wanted)
    if wanted.tab is not None:
        found.append(_tab(wanted.tab, now))
    return db.session.scalars(
        select(Invitation)
        .join(Invitation.category)
        .where(*found)
        .order_by(Invitation.created_at.desc(), Invitation.id.desc())
        .limit(limit)
        .offset(offset)
        .options(joinedload(Invitation.category))
    ).all()


def _found(series_id: int, wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [Invitation.series_id == series_id]
    if wanted.categories:
        found.append(Category.code.in_(wanted.categories))
    if wanted.q:
        typed = wanted.q.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
        columns = (Invitation.name, Invitation.organisation)
        here: list[ColumnElement[bool]] = [
            column.ilike(f"%{typed}%", escape="\\") for column in columns
        ]
        if wanted.by_contact:
            here += [
                Invitation.code == code_key(wanted.q),
                Invitation.email == wanted.q.casefold(),
                and_(Invitation.mobile != "", Invitation.mobile == _number(wanted.q)),
            ]
        found.append(or_(*here))
    return found


def _number(typed: str) -> str:
    """A whole mobile number as it is kept; a part of one finds nobody."""
    digits = typed.replace(" ", "")
    return digits if digits.startswith("+") else f"+86{digits}"


def registrations_by(invitation_ids: Collection[UUID]) -> Mapping[UUID, list[Registration]]:
    """Who came by each invitation and is not gone again, first come first."""
    found: dict[UUID, list[Registration]] = {}
    rows = db.session.scalars(
        select(Registration)
        .where(
            Registration.invitation_id.in_(invitation_ids),
            Registration.state.in_(BLOCKS_ANOTHER),
        )
        .order_by(Registration.applied_at, Registration.id)
    )
    for row in rows:
        if row.invitation_id is not None:
            found.setdefault(row.invitation_id, []).append(row)
    return found


def successors_of(invitation_ids: Collection[UUID]) -> Mapping[UUID, Invitation]:
    """Whom guests sent instead, by the id of their own invitation."""
    rows = db.session.scalars(
        select(Invitation).where(Invitation.passed_from_id.in_(invitation_ids))
    )
    return {row.passed_from_id: row for row in rows if row.passed_from_id is not None}


def kept_for(invitation_id: UUID) -> Sequence[Pool]:
    """The pools that keep seats for it now, one for each event."""
    return db.session.scalars(
        select(Pool)
        .where(Pool.invitation_id == invitation_id, Pool.reserving, Pool.event_id.is_not(None))
        .order_by(Pool.event_id)
        .options(joinedload(Pool.event))
    ).all()


def unanswered(series_id: int, categories: Collection[str], now: datetime) -> Sequence[Invitation]:
    """Guests of whom nothing is known yet, by category; all categories if none is named."""
    found = [Invitation.series_id == series_id, _tab(Tab.UNANSWERED, now)]
    if categories:
        found.append(Category.code.in_(categories))
    return db.session.scalars(
        select(Invitation)
        .join(Invitation.category)
        .where(*found)
        .order_by(Invitation.created_at, Invitation.id)
        .options(joinedload(Invitation.category))
    ).all()


def locked_many(series_id: int, ids: Collection[UUID]) -> Sequence[Invitation]:
    """These invitations as they are now, locked in the order of their ids."""
    return db.session.scalars(
        select(Invitation)
        .where(Invitation.series_id == series_id, Invitation.id.in_(ids))
        .order_by(Invitation.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()


def invited_now(series_id: int) -> Sequence[tuple[str, str, str, str]]:
    """(name, e-mail, mobile, organisation) of everybody who holds an invitation by name."""
    rows = db.session.execute(
        select(Invitation.name, Invitation.email, Invitation.mobile, Invitation.organisation).where(
            Invitation.series_id == series_id, _LIVE, _PERSONAL
        )
    )
    return [(name, email, mobile, unit) for name, email, mobile, unit in rows]


def registered_now(series_id: int, name_keys: Collection[str]) -> set[tuple[str, str]]:
    """(name key, contact) of people with these names who are registered."""
    rows = db.session.execute(
        select(Registration.name_key, Registration.email, Registration.mobile).where(
            Registration.series_id == series_id,
            Registration.state.in_(BLOCKS_ANOTHER),
            Registration.name_key.in_(name_keys),
        )
    )
    return {(key, contact) for key, *both in rows for contact in both if contact}


def ended_before(moment: datetime, limit: int) -> Sequence[UUID]:
    """Invitations by name, not erased, of series whose last event ended before `moment`."""
    over = (
        select(Event.series_id).group_by(Event.series_id).having(func.max(Event.ends_at) < moment)
    )
    return db.session.scalars(
        select(Invitation.id)
        .where(Invitation.series_id.in_(over), _PERSONAL, Invitation.erased_at.is_(None))
        .order_by(Invitation.id)
        .limit(limit)
    ).all()
