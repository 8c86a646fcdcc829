"""Several people at once, as a unit reports them: all of them, or nobody."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from eduforum.core import audit, clock
from eduforum.core.db import db, transaction
from eduforum.core.errors import Refusal
from eduforum.core.i18n import Text
from eduforum.core.names import name_key
from eduforum.events.models import Organisation, Series
from eduforum.events.queries import organisation_named
from eduforum.registration import queries
from eduforum.registration.models import Category, Pool, Registration
from eduforum.registration.rules import (
    BLOCKS_ANOTHER,
    Admission,
    AlreadyRegistered,
    PoolFull,
    State,
    holds_a_seat,
)
from eduforum.registration.services import answers, letters, seats
from eduforum.registration.services.choice import Application, chosen
from eduforum.registration.services.kept import columns_of
from eduforum.registration.services.passes import holder_of
from eduforum.tickets import services as tickets


class NotForAll(PoolFull):
    """A pool has not enough seats for the whole group; the sentence names it and the numbers."""

    def __init__(self, pool: Text, wanted: int, free: int) -> None:
        super().__init__(pool)
        self.sentence = Text(
            "“{pool}”名额不足：需要 {wanted} 席，还剩 {free} 席。本次未提交任何人员，请减少人数后再提交。",
            "“{pool}” has not enough seats: {wanted} are needed, {free} are left. Nobody was submitted; "
            "take some people off and submit again.",
        ).fill(pool=pool, wanted=wanted, free=free)


@dataclass(frozen=True, slots=True)
class Member:
    """One of a group. submit_id: what makes a second submission the first one."""

    submit_id: str
    application: Application


@dataclass(slots=True)
class Group:
    """What became of a group. refused: why somebody was not taken, by submit id; the others were."""

    taken: list[Registration] = field(default_factory=list)
    refused: dict[str, Refusal] = field(default_factory=dict)


def register_group(
    series: Series,
    members: Sequence[Member],
    *,
    reviewed: bool,
    source: str,
    sample: bool = False,
) -> Group:
    """Register everybody who is no mistake, in one change and a few statements.

    Whoever is registered already, or asks for what cannot be chosen, is left out and named; all
    others get a seat, or nobody does. reviewed: whether what is not open to everybody waits for a
    review. People with an e-mail address are told; about the others the caller tells somebody.

    The caller has checked that the group may come (deadline, category). Raises `PoolFull`.
    """
    with transaction():
        pools = seats.lock_all(series.id)
        group = Group()
        known = _known(series.id, members)
        categories = {one.code: one for one in queries.categories_of(series.id)}
        units = _units(members)
        now = clock.now()
        for place, member in enumerate(members):
            try:
                registration = _made(series, member, categories, units, known)
            except Refusal as refusal:
                group.refused[member.submit_id] = refusal
                continue
            registration.state = _state(registration.category, reviewed)
            registration.source, registration.sample = source, sample
            registration.applied_at = now + timedelta(microseconds=place)  # keeps their order
            group.taken.append(registration)
        _take_seats(pools, group.taken)
        _store(series, group.taken)
    return group


def _known(series_id: int, members: Iterable[Member]) -> dict[tuple[str, str], Registration]:
    """Who leaves no room for another of the same name and contact."""
    keys = {name_key(member.application.name) for member in members}
    found = db.session.scalars(
        select(Registration).where(
            Registration.series_id == series_id,
            Registration.name_key.in_(keys),
            Registration.state.in_(BLOCKS_ANOTHER),
        )
    )
    return {
        (one.name_key, contact): one
        for one in found
        for contact in (one.mobile, one.email)
        if contact
    }


def _units(members: Iterable[Member]) -> dict[str, Organisation | None]:
    names = {member.application.organisation for member in members}
    return {name: organisation_named(name) if name else None for name in names}


def _made(
    series: Series,
    member: Member,
    categories: Mapping[str, Category],
    units: Mapping[str, Organisation | None],
    known: dict[tuple[str, str], Registration],
) -> Registration:
    """A registration that is not stored yet. Raises `BadInput`, `AlreadyRegistered`."""
    asked = member.application
    category = categories[asked.category]
    events, sessions = chosen(series.id, category, asked)
    said = answers.taken(category, asked, drafts="", source="delegation", staff=False)
    who = [(name_key(asked.name), contact) for contact in (asked.mobile, asked.email) if contact]
    if any(key in known for key in who):
        raise AlreadyRegistered
    registration = Registration(
        series=series,
        series_id=series.id,
        category=category,
        category_id=category.id,
        submit_id=member.submit_id,
        delegation_id=asked.delegation_id,
        **(columns_of(asked, units[asked.organisation]) | said.columns),
    )
    registration.events, registration.sessions = list(events), list(sessions)
    answers.choose(registration, said)
    known.update(dict.fromkeys(who, registration))
    return registration


def _state(category: Category, reviewed: bool) -> State:
    waits = reviewed and category.admission is not Admission.OPEN
    return State.SUBMITTED if waits else State.CONFIRMED


def _take_seats(pools: Sequence[Pool], people: Sequence[Registration]) -> None:
    """Count everybody in all their pools together. Raises `NotForAll`."""
    wanted: Counter[int] = Counter()
    for one in people:
        if holds_a_seat(one.state, pending_holds=one.category.pending_holds):
            wanted.update(pool.id for pool in pools if queries.counts_in(pool, one))
    counted = [pool for pool in pools if wanted[pool.id]]
    free = {quota.name: quota.free for quota in queries.quotas(counted)}
    try:
        seats.shift([seats.Change(pool, held=wanted[pool.id]) for pool in counted])
    except PoolFull as full:
        pool = next(pool for pool in counted if pool.name == full.pool)
        raise NotForAll(full.pool, wanted[pool.id], free[pool.name]) from None


def _store(series: Series, people: Sequence[Registration]) -> None:
    confirmed = [one for one in people if one.state is State.CONFIRMED]
    made = tickets.issue_many(series, [holder_of(one) for one in confirmed])
    for registration, ticket in zip(confirmed, made, strict=True):
        registration.ticket = ticket
    db.session.add_all(people)
    db.session.flush()
    with db.session.no_autoflush:  # all rows of a kind are written together
        for registration in people:
            audit.record(
                "registration.register",
                f"registration:{registration.id}",
                series_id=series.id,
                after=_told(registration),
            )
            letters.tell(registration, letter=bool(registration.email))
    db.session.flush()


def _told(registration: Registration) -> dict[str, Any]:
    return {
        "state": registration.state.value,
        "category": registration.category.code,
        "source": registration.source,
    }
