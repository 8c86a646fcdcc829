"""Change what was registered: by the person until a deadline, by staff, or as an answer."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from eduforum.consents import services as consents
from eduforum.core import audit, clock
from eduforum.core.db import db, transaction
from eduforum.core.i18n import Text
from eduforum.core.names import name_key
from eduforum.events.models import Event
from eduforum.registration import queries
from eduforum.registration.models import Registration
from eduforum.registration.rules import (
    Action,
    Admission,
    AlreadyRegistered,
    RegistrationClosed,
    State,
    after,
    check_open,
    holds_a_seat,
)
from eduforum.registration.services import answers, identity, invited, letters, lines, seats
from eduforum.registration.services.apply import one_person
from eduforum.registration.services.choice import Application, chosen
from eduforum.registration.services.kept import with_region, written_of
from eduforum.registration.services.passes import holder_of
from eduforum.schedule.models import Session
from eduforum.tickets import services as tickets


def edit(
    series_id: int,
    registration_id: UUID,
    application: Application,
    *,
    staff: bool = False,
    until: datetime | None = None,
) -> Registration:
    """Change what was registered, until the category's deadline, or `until` (`staff`: always).

    After an approval, another name, unit or ID number returns to review: the seat is kept and the ticket
    suspended. Other events need seats in their pools. The category stays as it is.
    Raises `RegistrationClosed`, `PoolFull`, `BadInput`, `AlreadyRegistered`.
    """
    with one_person():
        return _change(
            series_id, registration_id, application, staff=staff, action=None, until=until
        )


def resubmit(series_id: int, registration_id: UUID, application: Application) -> Registration:
    """Answer what a registration was returned for: it goes back to review with the new values."""
    with one_person():
        return _change(series_id, registration_id, application, staff=False, action=Action.RESUBMIT)


def _change(
    series_id: int,
    registration_id: UUID,
    application: Application,
    *,
    staff: bool,
    action: Action | None,
    until: datetime | None = None,
) -> Registration:
    with transaction():
        pools = seats.lock_all(series_id)
        registration = queries.locked_registration(series_id, registration_id)
        category, before = registration.category, registration.state
        application = with_region(application, registration)
        if action is not None:
            registration.state = after(action, before)
        _check_allowed(registration, application, staff=staff, deadline=action is None, until=until)
        identity.check(
            category, application, optional=staff or identity.is_on_file_or_not_theirs(registration)
        )
        events, sessions = chosen(series_id, category, application, kept=registration.events)
        check_still_one(registration, application)
        changed = _changed_fields(registration, application, events)
        if action is None and not staff and _needs_review(registration, changed):
            registration.state = after(Action.REVIEW_AGAIN, before)
        written = written_of(application)
        said = answers.changed(registration, application, staff=staff)
        _rechoose(registration, events, sessions, written | said.columns, said, before)
        number = identity.columns_of(series_id, registration_id, application)
        for name, value in (written | said.columns | number).items():
            setattr(registration, name, value)
        answers.keep(registration, said)
        if action is Action.RESUBMIT:
            registration.returned_fields, registration.returned_notes = [], {}
            registration.answer_by = registration.reminded_at = None
        db.session.flush()
        consents.note(series_id, answers.owner_of(registration), registration.consents)
        _bring_ticket_along(registration)
        audit.record(
            f"registration.{action.value if action else 'edit'}",
            f"registration:{registration.id}",
            series_id=series_id,
            before={"state": before.value},
            after={"state": registration.state.value, "changed": changed},
        )
        if registration.state is not before:
            letters.tell(registration)
        if any(pool.waiting for pool in pools):
            lines.offer_line(series_id, pools)
    return registration


def _check_allowed(
    registration: Registration,
    application: Application,
    *,
    staff: bool,
    deadline: bool,
    until: datetime | None,
) -> None:
    """Staff may always; the person until the deadline, and never under another address than the
    one that an invitation was for."""
    if staff:
        return
    if deadline:
        _check_editable(registration, until)
    if registration.invitation is not None:
        invited.check_email(registration.invitation, application.email)


def _check_editable(registration: Registration, until: datetime | None) -> None:
    category = registration.category
    check_open(clock.now(), category.opens_at, until or category.edit_until)
    if registration.state not in (
        State.SUBMITTED, State.WAITLISTED, State.OFFERED, State.CONFIRMED,
    ):  # fmt: skip
        raise RegistrationClosed(
            Text("当前状态不能修改。", "It cannot be changed in its present state.")
        )


def check_still_one(registration: Registration, application: Application) -> None:
    """Raises `AlreadyRegistered` when this is somebody else who is registered."""
    others = queries.same_person(
        registration.series_id,
        name_key(application.name),
        application.mobile,
        application.email,
        identity.index_of(registration.series_id, application),
        besides=registration.id,
    )
    if queries.blocking(others):
        raise AlreadyRegistered


def _changed_fields(
    registration: Registration, application: Application, events: Sequence[Event]
) -> list[str]:
    written = written_of(application)
    watched = ("name", "organisation", "position", "mobile", "email", "mode", "language")
    changed = [name for name in watched if getattr(registration, name) != written[name]]
    if {event.id for event in events} != {event.id for event in registration.events}:
        changed.append("events")
    if application.id_number and (
        identity.index_of(registration.series_id, application) != registration.id_index
    ):
        changed.append("id_number")
    return changed


def _needs_review(registration: Registration, changed: Sequence[str]) -> bool:
    approved = registration.category.admission is not Admission.OPEN
    return (
        approved
        and registration.state is State.CONFIRMED
        and bool({"name", "organisation", "id_number"} & set(changed))
    )


def _rechoose(
    registration: Registration,
    events: list[Event],
    sessions: list[Session],
    written: Mapping[str, Any],
    said: answers.Answered,
    before: State,
) -> None:
    """Give back the seats of what is no longer chosen, and take those of what is new."""
    pending = registration.category.pending_holds
    old = {pool.id: pool for pool in seats.counting(registration)}
    registration.events, registration.sessions = events, sessions
    registration.mode, registration.region = written["mode"], written["region"]
    registration.form_version_id = written.get("form_version_id", registration.form_version_id)
    answers.choose(registration, said)
    db.session.flush()
    new = {pool.id: pool for pool in seats.counting(registration)}
    held_before = holds_a_seat(before, pending_holds=pending)
    held_now = holds_a_seat(registration.state, pending_holds=pending)
    waited, waits = before is State.WAITLISTED, registration.state is State.WAITLISTED
    seats.shift(
        [
            seats.Change(
                pool,
                held=held_now * (number in new) - held_before * (number in old),
                waiting=waits * (number in new) - waited * (number in old),
            )
            for number, pool in (old | new).items()
        ]
    )


def _bring_ticket_along(registration: Registration) -> None:
    ticket = registration.ticket
    if ticket is None:
        return
    tickets.amend(ticket, holder_of(registration))
    if registration.state is State.SUBMITTED:
        tickets.suspend(ticket)
