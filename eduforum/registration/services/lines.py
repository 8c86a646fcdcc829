"""The waiting list: seats are offered in order, and organisers may change the order."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from eduforum.core import audit, clock
from eduforum.core.db import db, transaction
from eduforum.core.errors import BadInput
from eduforum.core.i18n import Text
from eduforum.registration.models import Pool, Registration
from eduforum.registration.queries import (
    blocking,
    counts_in,
    ends_of_line,
    locked_registration,
    pools_of,
    quotas,
    same_person,
    seatable,
    series_with_a_line,
)
from eduforum.registration.rules import (
    KEEPS_A_USE,
    Action,
    AlreadyRegistered,
    State,
    TransitionNotAllowed,
    after,
)
from eduforum.registration.services import invited, seats
from eduforum.registration.services.letters import tell, write

MOST_PRIORITY = 999


def offer_line(series_id: int, pools: Sequence[Pool]) -> list[Registration]:
    """Offer free seats to the first in line whose every pool has one, until nobody fits.

    pools: all pools of the series, locked. Each offer holds its seat and expires; the person is
    told. Returns who was offered a seat. Whatever frees a seat calls this before it ends, so a
    seat that is free afterwards is one that nobody in line could take.
    """
    offered: list[Registration] = []
    while fresh := _offer_some(series_id, pools):
        offered += fresh
    return offered


def _offer_some(series_id: int, pools: Sequence[Pool]) -> list[Registration]:
    """To those of the next few who still find a seat when it is their turn."""
    offered = []
    for person in seatable(series_id, pools, clock.now()):
        mine = [pool for pool in pools if counts_in(pool, person)]
        if all(quota.free for quota in quotas(mine)):
            offered.append(_offer(person, mine))
    return offered


def serve_lines() -> int:
    """Offer seats that came free in no change of ours, as after a repair; how many were offered."""
    offered = 0
    for series_id in series_with_a_line():
        if not seatable(series_id, pools_of(series_id), clock.now()):
            continue
        with transaction():
            offered += len(offer_line(series_id, seats.lock_all(series_id)))
    return offered


def _offer(person: Registration, pools: Sequence[Pool]) -> Registration:
    ends = clock.now() + timedelta(hours=person.category.offer_hours)
    person.offer_expires_at = min(ends, max(event.ends_at for event in person.events))
    person.state = after(Action.OFFER, person.state)
    db.session.flush()
    seats.count(pools, held=1, waiting=-1)
    audit.record(
        "registration.offer",
        f"registration:{person.id}",
        series_id=person.series_id,
        before={"state": State.WAITLISTED.value},
        after={"state": State.OFFERED.value},
    )
    tell(person)
    return person


def prioritise(series_id: int, registration_id: UUID, priority: int, reason: str) -> Registration:
    """Move somebody in line: higher priorities come first, equal ones by time.

    Who is moved down is told. Raises `TransitionNotAllowed` unless the person waits, `BadInput`.
    """
    if abs(priority) > MOST_PRIORITY:
        sentence = Text(
            "请填写 -{most} 至 {most} 的整数。", "Enter a whole number from -{most} to {most}."
        ).fill(most=MOST_PRIORITY)
        raise BadInput(sentence, {"priority": [sentence]})
    return _move(series_id, registration_id, "prioritise", priority, reason)


def skip(series_id: int, registration_id: UUID, reason: str) -> Registration:
    """Move somebody behind everybody who waits now; the person is told why.

    Raises `TransitionNotAllowed` unless the person waits, `BadInput`.
    """
    return _move(series_id, registration_id, "skip", None, reason)


def _move(
    series_id: int, registration_id: UUID, deed: str, priority: int | None, reason: str
) -> Registration:
    reason = _said(reason)
    with transaction():
        every_pool = seats.lock_all(series_id)
        person = locked_registration(series_id, registration_id)
        if person.state is not State.WAITLISTED:
            raise TransitionNotAllowed(Action.OFFER, person.state)
        was = person.priority
        if priority is None:
            priority, person.waiting_since = min(ends_of_line(series_id)[0], was), clock.now()
        person.priority = priority
        db.session.flush()
        audit.record(
            f"registration.{deed}",
            f"registration:{registration_id}",
            series_id=series_id,
            before={"priority": was},
            after={"priority": priority, "reason": reason},
        )
        if deed == "skip" or priority < was:
            write(person, "registration-line-moved", {"reason": reason})
        offer_line(series_id, every_pool)
    return person


def enqueue(series_id: int, registration_id: UUID, reason: str) -> Registration:
    """Put somebody whose registration ended into the line, even where it is full.

    The person waits from now on and is told; a free seat is offered at once. Raises
    `TransitionNotAllowed`, `AlreadyRegistered`, `BadInput`.
    """
    reason = _said(reason)
    with transaction():
        every_pool = seats.lock_all(series_id)
        person = locked_registration(series_id, registration_id)
        before = person.state
        waiting = after(Action.ENQUEUE, before)
        others = same_person(
            series_id, person.name_key, person.mobile, person.email, besides=person.id
        )
        if blocking(others):
            raise AlreadyRegistered
        if before not in KEEPS_A_USE:
            invited.take_again(person)
        person.state, person.waiting_since, person.priority = waiting, clock.now(), 0
        person.reason_code = person.reason = ""
        db.session.flush()
        seats.move(person, seats.counting(person), before)
        audit.record(
            "registration.enqueue",
            f"registration:{registration_id}",
            series_id=series_id,
            before={"state": before.value},
            after={"state": person.state.value, "reason": reason},
        )
        tell(person)
        offer_line(series_id, every_pool)
    return person


def _said(reason: str) -> str:
    if not reason.strip():
        sentence = Text(
            "请填写原因，原因将记入审计记录。", "Give a reason; it is kept in the audit trail."
        )
        raise BadInput(sentence, {"reason": [sentence]})
    return reason.strip()
