"""Named reads of interviews. Each names its series."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import joinedload

from eduforum.core.db import db
from eduforum.core.errors import NotFound
from eduforum.core.i18n import Text
from eduforum.core.names import clean
from eduforum.press.models import Application, Interview, PressPerson
from eduforum.press.rules import InterviewState, State
from eduforum.press.rules.interviews import AGREED
from eduforum.press.rules.states import LIVE_PASSES


class Tab(StrEnum):
    """Which interviews the list shows. LATER: asked for by people who are not approved yet."""

    REQUESTED = "requested"
    AGREED = "agreed"
    ENDED = "ended"
    LATER = "later"


_ENDED = (InterviewState.DECLINED, InterviewState.CANCELLED)
_GONE = (State.DRAFT, State.WITHDRAWN, State.CLOSED, State.REJECTED, State.UPHELD)


def _where(tab: Tab) -> ColumnElement[bool]:
    live = PressPerson.state.in_(LIVE_PASSES)
    requested = Interview.state == InterviewState.REQUESTED
    return {
        Tab.REQUESTED: and_(requested, live),
        Tab.AGREED: Interview.state.in_(AGREED),
        Tab.ENDED: Interview.state.in_(_ENDED),
        Tab.LATER: and_(requested, ~live, Application.state.not_in(_GONE)),
    }[tab]


def _of_series(series_id: int) -> Select[Interview]:
    return (
        select(Interview)
        .join(PressPerson, PressPerson.id == Interview.person_id)
        .join(Application, Application.id == PressPerson.application_id)
        .where(PressPerson.series_id == series_id)
    )


_WITH_OUTLET = (
    joinedload(Interview.person)
    .joinedload(PressPerson.application)
    .options(joinedload(Application.outlet), joinedload(Application.series))
)


def page_of(series_id: int, tab: Tab, *, offset: int, limit: int) -> Sequence[Interview]:
    """The schedule by time; requests in the order in which their outlets applied."""
    by_time = (Interview.starts_at, Interview.id)
    by_turn = (Application.submitted_at, Interview.person_id, Interview.place)
    return db.session.scalars(
        _of_series(series_id)
        .where(_where(tab))
        .options(_WITH_OUTLET)
        .order_by(*(by_time if tab is Tab.AGREED else by_turn))
        .offset(offset)
        .limit(limit)
    ).all()


def counts_of(series_id: int) -> Mapping[Tab, int]:
    """How many each list holds, in one question."""
    sums = [func.count().filter(_where(tab)) for tab in Tab]
    row = db.session.execute(
        select(*sums)
        .select_from(Interview)
        .join(PressPerson, PressPerson.id == Interview.person_id)
        .join(Application, Application.id == PressPerson.application_id)
        .where(PressPerson.series_id == series_id)
    ).one()
    return dict(zip(Tab, row, strict=True))


def agreed_of(series_id: int, not_before: datetime | None = None) -> Sequence[Interview]:
    """Everything that has a time, the first first."""
    found = _of_series(series_id).where(Interview.state.in_(AGREED)).options(_WITH_OUTLET)
    if not_before is not None:
        found = found.where(Interview.ends_at > not_before)
    return db.session.scalars(found.order_by(Interview.starts_at, Interview.id)).all()


def interview_or_404(series_id: int, interview_id: UUID) -> Interview:
    found = db.session.scalar(
        _of_series(series_id).where(Interview.id == interview_id).options(_WITH_OUTLET)
    )
    if found is None:
        raise NotFound
    return found


def locked_interview(series_id: int, interview_id: UUID) -> Interview:
    """As it is now, locked until the transaction ends. Raises `NotFound`."""
    found = db.session.scalar(
        _of_series(series_id)
        .where(Interview.id == interview_id)
        .with_for_update(of=Interview)
        .options(_WITH_OUTLET)
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound
    return found


@dataclass(frozen=True, slots=True)
class Plan:
    """A time somebody thinks of: who asks, who gives it, and where."""

    person_id: UUID
    with_whom: str
    guest_name: str
    guest_email: str
    room: str
    starts_at: datetime
    ends_at: datetime

    @classmethod
    def of(cls, one: Interview) -> "Plan":
        """The plan of an interview that was agreed."""
        assert one.starts_at
        assert one.ends_at
        return cls(one.person_id, one.with_whom, one.guest_name, one.guest_email, one.room,
                   one.starts_at, one.ends_at)  # fmt: skip


_REPORTER = Text("同一记者", "the same reporter")
_GUEST = Text("同一受访方", "the same person interviewed")
_ROOM = Text("同一地点", "the same place")


def why_clash(one: Plan, other: Plan) -> Sequence[Text]:
    """Why the two cannot be at the same time; nothing where their times do not touch."""
    if one.ends_at <= other.starts_at or other.ends_at <= one.starts_at:
        return ()
    reasons = [
        (one.person_id == other.person_id, _REPORTER),
        (bool(_guests(one) & _guests(other)), _GUEST),
        (_key(one.room) == _key(other.room) != "", _ROOM),
    ]
    return [reason for true, reason in reasons if true]


def clashes(
    plan: Plan, agreed: Sequence[Interview], *, but: UUID | None = None
) -> Sequence[tuple[Interview, Sequence[Text]]]:
    """Which of those agreed stand in the way of `plan`, and why."""
    found = ((other, why_clash(plan, Plan.of(other))) for other in agreed if other.id != but)
    return [(other, why) for other, why in found if why]


def _guests(plan: Plan) -> set[str]:
    names = (plan.with_whom, plan.guest_name, plan.guest_email)
    return {key for name in names if (key := _key(name))}


def _key(text: str) -> str:
    return clean(text).casefold().replace(" ", "")


def taken(series_id: int, application_id: UUID, now: datetime) -> Sequence[Interview]:
    """Times that other outlets have, for one that plans its own."""
    return db.session.scalars(
        _of_series(series_id)
        .where(
            Interview.state.in_(AGREED),
            Interview.ends_at > now,
            PressPerson.application_id != application_id,
        )
        .order_by(Interview.starts_at, Interview.id)
    ).all()


def open_of_person(person_id: UUID, now: datetime) -> Sequence[Interview]:
    """What was agreed with somebody and is still to come; locked."""
    return db.session.scalars(
        select(Interview)
        .where(
            Interview.person_id == person_id,
            Interview.state.in_(AGREED),
            or_(Interview.ends_at.is_(None), Interview.ends_at > now),
        )
        .order_by(Interview.place)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
