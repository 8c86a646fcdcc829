"""Somebody else comes in a person's place: the seat moves, the old ticket is void, both are told."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID, uuid4

from eduforum.core import audit, clock
from eduforum.core.db import db, transaction
from eduforum.core.names import name_key
from eduforum.registration import queries
from eduforum.registration.models import Pool, Registration
from eduforum.registration.rules import (
    Action,
    Admission,
    AlreadyRegistered,
    State,
    after,
    holds_a_seat,
)
from eduforum.registration.services import invited, letters, seats
from eduforum.registration.services.admission import needs_approval
from eduforum.registration.services.apply import one_person
from eduforum.registration.services.choice import Application, bad
from eduforum.registration.services.kept import written_of
from eduforum.registration.services.passes import give_ticket
from eduforum.tickets import services as tickets
from eduforum.tickets.rules import Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class Newcomer:
    """Who comes instead. mobile: E.164; email: casefolded; one of them, except in a delegation.

    organisation: "" is that of the person who is replaced.
    """

    name: str
    organisation: str = ""
    position: str = ""
    mobile: str = ""
    email: str = ""


def substitute(
    series_id: int,
    registration_id: UUID,
    newcomer: Newcomer,
    *,
    staff: bool = False,
    submit_id: str = "",
) -> Registration:
    """Give a confirmed person's seat, events and sessions to `newcomer`.

    The seat is never free in between. Where people are reviewed, the newcomer waits for it with the
    seat kept (`staff`: confirmed at once). Somebody on leave can be replaced while a seat is free.

    Returns the newcomer's registration; the same `submit_id` again returns it once more. Raises
    `TransitionNotAllowed`, `PoolFull`, `AlreadyRegistered`, `BadInput`, `NotFound`.
    """
    with one_person(), transaction():
        every_pool = seats.lock_all(series_id)
        old = queries.locked_registration(series_id, registration_id)
        submitted = submit_id or f"substitute:{uuid4().hex}"
        if (earlier := queries.by_submit_id(series_id, submitted)) is not None:
            return earlier
        before, now = old.state, after(Action.SUBSTITUTE, old.state)
        application = _application(old, newcomer)
        if old.invitation is not None and not staff:
            invited.check_email(old.invitation, application.email)
        _check_new(old, application)
        fresh = _successor(old, application, submitted, staff=staff)
        _pass_on(every_pool, old, before, fresh)
        old.state = now
        if old.ticket is not None:
            tickets.end(old.ticket, Standing.REVOKED)
        db.session.flush()
        if fresh.state is State.CONFIRMED:
            give_ticket(fresh)
            if old.ticket is not None and fresh.ticket is not None:
                old.ticket.replaced_by_id = fresh.ticket.id
        db.session.add(fresh)
        db.session.flush()
        _record(old, before, fresh)
        letters.tell(old)
        letters.tell(fresh)
    return fresh


def _pass_on(
    every_pool: Sequence[Pool], old: Registration, before: State, fresh: Registration
) -> None:
    """Count the newcomer in place of the old one. Raises `PoolFull` where there was no seat to
    pass on."""
    pending = old.category.pending_holds
    held, holds = (holds_a_seat(state, pending_holds=pending) for state in (before, fresh.state))
    seats.shift(
        [
            seats.Change(
                pool,
                held=holds * queries.counts_in(pool, fresh) - held * queries.counts_in(pool, old),
            )
            for pool in every_pool
        ]
    )


def _application(old: Registration, newcomer: Newcomer) -> Application:
    if not newcomer.name.strip():
        raise bad("name", "请填写姓名，与证件一致。", "Enter the name as on the ID.")
    if old.delegation_id is None and not (newcomer.mobile or newcomer.email):
        raise bad(
            "mobile", "手机号和电子邮箱至少填一项。", "Give a mobile number or an e-mail address."
        )
    return Application(
        name=newcomer.name,
        category=old.category.code,
        events=tuple(event.slug for event in old.events),
        organisation=newcomer.organisation or old.organisation,
        position=newcomer.position,
        mobile=newcomer.mobile,
        email=newcomer.email,
        mode=old.mode,
        language=old.language,
        region=old.region,
        delegation_id=old.delegation_id,
        invitation_id=old.invitation_id,
    )


def _check_new(old: Registration, application: Application) -> None:
    """It is another person, and nobody who is registered already."""
    known = queries.same_person(
        old.series_id, name_key(application.name), application.mobile, application.email
    )
    if any(one.id == old.id for one in known) or _is_same(old, application):
        raise bad(
            "name",
            "接替人员须是另一人；如需更正信息，请修改报名。",
            "It has to be somebody else; to correct details, change the registration.",
        )
    if queries.blocking(known):
        raise AlreadyRegistered


def _is_same(old: Registration, application: Application) -> bool:
    contact = (application.mobile, application.email)
    return old.name_key == name_key(application.name) and not any(contact)


def _successor(
    old: Registration, application: Application, submit_id: str, *, staff: bool
) -> Registration:
    fresh = Registration(
        series=old.series,
        series_id=old.series_id,
        category=old.category,
        category_id=old.category_id,
        delegation_id=old.delegation_id,
        invitation_id=old.invitation_id,
        submit_id=submit_id,
        source=old.source,
        sample=old.sample,
        priority=old.priority,
        applied_at=clock.now(),
        state=State.CONFIRMED if staff or not _reviewed(old) else State.SUBMITTED,
        **written_of(application),
    )
    fresh.events, fresh.sessions = list(old.events), list(old.sessions)
    return fresh


def _reviewed(old: Registration) -> bool:
    if old.delegation is not None and not old.delegation.reviewed:
        return False
    by_unit = old.invitation is None and old.category.admission is Admission.BY_DELEGATION
    return by_unit or needs_approval(old.category, old.invitation)


def _record(old: Registration, before: State, fresh: Registration) -> None:
    audit.record(
        "registration.substitute",
        f"registration:{old.id}",
        series_id=old.series_id,
        before={"state": before.value},
        after={"state": old.state.value, "successor": str(fresh.id)},
    )
    audit.record(
        "registration.register",
        f"registration:{fresh.id}",
        series_id=fresh.series_id,
        after={
            "state": fresh.state.value,
            "category": fresh.category.code,
            "source": fresh.source,
            "predecessor": str(old.id),
        },
    )
