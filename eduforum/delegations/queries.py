"""Named reads and locks of delegations, their people and their drafts. Never writes."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from eduforum.core.db import db
from eduforum.core.errors import NotFound
from eduforum.core.signing import Purpose, read_link_secret
from eduforum.delegations.choosing import Choices, choices_of
from eduforum.delegations.models import Draft
from eduforum.events.models import Event
from eduforum.registration.models import Category, Delegation, Pool, Registration
from eduforum.registration.queries import categories_of
from eduforum.registration.rules import Admission, State


@dataclass(frozen=True, slots=True)
class Counts:
    """How many people of a delegation are in which state, and how many rows wait to be submitted."""

    states: Mapping[State, int] = field(default_factory=dict)
    drafts: int = 0

    @property
    def reported(self) -> int:
        """Everybody who is submitted and not gone again."""
        return sum(self.states.get(state, 0) for state in REPORTED)


REPORTED = (
    State.SUBMITTED, State.RETURNED, State.WAITLISTED, State.OFFERED, State.CONFIRMED,
    State.ON_LEAVE,
)  # fmt: skip
SHOWN = (*REPORTED, State.REPLACED, State.DECLINED, State.CANCELLED, State.EXPIRED)
"""States of people whom the liaison's page lists; who was taken off it is gone."""


def by_link(secret: str) -> Delegation:
    """The delegation behind a liaison's link. Raises `NotFound` for any other secret."""
    opened = read_link_secret(Purpose.DELEGATION, secret)
    if opened is None:
        raise NotFound
    found = db.session.scalar(
        select(Delegation)
        .where(Delegation.id == opened[0], Delegation.revoked_at.is_(None))
        .options(joinedload(Delegation.series), joinedload(Delegation.organisation))
    )
    if found is None or found.link_version != opened[1]:
        raise NotFound
    return found


def delegation_or_404(series_id: int, delegation_id: UUID) -> Delegation:
    found = db.session.scalar(
        select(Delegation)
        .where(Delegation.series_id == series_id, Delegation.id == delegation_id)
        .options(joinedload(Delegation.series), joinedload(Delegation.organisation))
    )
    if found is None:
        raise NotFound
    return found


def locked_delegation(series_id: int, delegation_id: UUID) -> Delegation:
    """The delegation as it is now, locked until the transaction ends."""
    found = db.session.scalar(
        select(Delegation)
        .where(Delegation.series_id == series_id, Delegation.id == delegation_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound
    return found


def delegations_of(series_id: int) -> Sequence[Delegation]:
    """The delegations of a series by the reading of their units' names."""
    return db.session.scalars(
        select(Delegation)
        .where(Delegation.series_id == series_id)
        .options(joinedload(Delegation.organisation))
        .order_by(Delegation.unit, Delegation.id)
    ).all()


def with_contact(contact: str) -> Sequence[Delegation]:
    """Delegations whose liaison has this mobile or e-mail and whose link works."""
    return db.session.scalars(
        select(Delegation)
        .where(
            Delegation.revoked_at.is_(None),
            or_(Delegation.liaison_email == contact, Delegation.liaison_mobile == contact),
        )
        .options(joinedload(Delegation.series))
        .order_by(Delegation.created_at.desc())
        .limit(10)
    ).all()


def pools_of(delegation_ids: Collection[UUID]) -> dict[UUID, list[Pool]]:
    """The quotas of each delegation, the widest first."""
    found = db.session.scalars(
        select(Pool)
        .where(Pool.delegation_id.in_(delegation_ids))
        .options(joinedload(Pool.event), joinedload(Pool.category))
        .order_by(Pool.id)
    )
    pools: dict[UUID, list[Pool]] = {one: [] for one in delegation_ids}
    for pool in found:
        if pool.delegation_id is not None:
            pools[pool.delegation_id].append(pool)
    for own in pools.values():
        own.sort(key=lambda pool: (bool(pool.event_id), bool(pool.category_id), pool.id))
    return pools


def counts_of(series_id: int) -> dict[UUID, Counts]:
    """The counts of every delegation of the series, by id."""
    states: dict[UUID, dict[State, int]] = {}
    rows = db.session.execute(
        select(Registration.delegation_id, Registration.state, func.count())
        .where(Registration.series_id == series_id, Registration.delegation_id.is_not(None))
        .group_by(Registration.delegation_id, Registration.state)
    )
    for delegation_id, state, people in rows:
        if delegation_id is not None:
            states.setdefault(delegation_id, {})[state] = people
    drafts = dict(
        db.session.execute(
            select(Draft.delegation_id, func.count())
            .join(Delegation, Delegation.id == Draft.delegation_id)
            .where(Delegation.series_id == series_id, Draft.registration_id.is_(None))
            .group_by(Draft.delegation_id)
        ).all()
    )
    return {one: Counts(states.get(one, {}), drafts.get(one, 0)) for one in {*states, *drafts}}


def people_of(delegation: Delegation) -> Sequence[Registration]:
    """Everybody whom the delegation reported and whom its page lists, first come first."""
    return db.session.scalars(
        select(Registration)
        .where(
            Registration.series_id == delegation.series_id,
            Registration.delegation_id == delegation.id,
            Registration.state.in_(SHOWN),
        )
        .options(
            joinedload(Registration.category),
            joinedload(Registration.ticket),
            selectinload(Registration.events),
        )
        .order_by(Registration.applied_at, Registration.id)
    ).all()


def person_or_404(delegation: Delegation, registration_id: UUID) -> Registration:
    """Somebody of this delegation."""
    found = db.session.scalar(
        select(Registration)
        .where(
            Registration.series_id == delegation.series_id,
            Registration.delegation_id == delegation.id,
            Registration.id == registration_id,
            Registration.state.in_(SHOWN),
        )
        .options(
            joinedload(Registration.category),
            joinedload(Registration.ticket),
            joinedload(Registration.series),
            selectinload(Registration.events),
            selectinload(Registration.sessions),
        )
    )
    if found is None:
        raise NotFound
    return found


def drafts_of(delegation_id: UUID) -> Sequence[Draft]:
    """The rows that are not submitted, as they stand on the page."""
    return db.session.scalars(
        select(Draft).where(Draft.delegation_id == delegation_id).order_by(Draft.place, Draft.id)
    ).all()


def submitted_as(draft_ids: Collection[UUID]) -> dict[UUID, str]:
    """Which rows are submitted already, by their ids: the key of the name that was."""
    if not draft_ids:
        return {}
    marks = {f"delegation:{one}": one for one in draft_ids}
    rows = db.session.execute(
        select(Registration.submit_id, Registration.name_key).where(
            Registration.submit_id.in_(marks)
        )
    )
    return {marks[submit_id]: key for submit_id, key in rows}


def drafts_before(moment: datetime) -> Sequence[UUID]:
    """Rows of series whose last event ended before `moment`."""
    over = (
        select(Event.series_id).group_by(Event.series_id).having(func.max(Event.ends_at) < moment)
    )
    return db.session.scalars(
        select(Draft.id)
        .join(Delegation, Delegation.id == Draft.delegation_id)
        .where(Delegation.series_id.in_(over))
    ).all()


def draft_or_404(delegation_id: UUID, draft_id: UUID) -> Draft:
    found = db.session.scalar(
        select(Draft).where(Draft.delegation_id == delegation_id, Draft.id == draft_id)
    )
    if found is None:
        raise NotFound
    return found


def choices_for(delegation: Delegation, now: datetime) -> Choices:
    """What the delegation's people may choose: the categories that its quotas name; if a quota
    is for any category, those that units report; if the series has none, those open to all."""
    every = categories_of(delegation.series_id)
    pools = pools_of([delegation.id])[delegation.id]
    named = {pool.category_id for pool in pools}
    if named and None not in named:
        return choices_of(delegation.series, [c for c in every if c.id in named], now)
    reported = [c for c in every if c.admission is Admission.BY_DELEGATION or c.id in named]
    public = [c for c in every if c.admission is not Admission.BY_INVITATION]
    return choices_of(delegation.series, reported or public, now)


def reportable(series_id: int) -> list[Category]:
    """The categories that a delegation may be given seats in."""
    return [c for c in categories_of(series_id) if c.admission is not Admission.BY_INVITATION]
