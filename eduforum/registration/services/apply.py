"""Register, and change what was registered."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.attributes import set_committed_value

from eduforum.consents import services as consents
from eduforum.core import audit, clock, faults
from eduforum.core.db import db, new_id, store, table_of, transaction
from eduforum.core.i18n import Text
from eduforum.core.names import name_key
from eduforum.events.models import Event, Series
from eduforum.files.services import draft_owner
from eduforum.registration import queries
from eduforum.registration.models import (
    Registration,
    RegistrationEvent,
    RegistrationOption,
    RegistrationSession,
)
from eduforum.registration.rules import (
    Action,
    Admission,
    AlreadyRegistered,
    RegistrationClosed,
    State,
    after,
    check_open,
    holds_a_seat,
    place,
)
from eduforum.registration.services import answers, identity, letters, lines, seats
from eduforum.registration.services.choice import Application, category_for, chosen
from eduforum.registration.services.kept import with_region, written_of
from eduforum.registration.services.passes import give_ticket, holder_of
from eduforum.schedule.models import Session
from eduforum.tickets import services as tickets


def register(
    series: Series,
    application: Application,
    *,
    submit_id: str,
    source: str = "web",
    staff: bool = False,
    sample: bool = False,
) -> Registration:
    """Take an application and give it a seat, a place in line, or a no.

    Stores the registration, its ticket if it is confirmed, the audit row and the notices
    together. The same `submit_id` again returns the registration of the first time. `staff`:
    somebody with the right registers another person, in any category, without review.

    Raises `BadInput` with errors by field, `RegistrationClosed`, `PoolFull`, or
    `AlreadyRegistered` (the link has then gone to the contact on file); nothing is stored then.
    """
    try:
        with transaction():
            return _register(series, application, submit_id, source, staff=staff, sample=sample)
    except _Known as known:
        letters.remind(db.session.get_one(Registration, known.registration_id))
        raise AlreadyRegistered from None
    except IntegrityError as error:
        if not _says_one_person(error):
            raise
        # Somebody else took the same name and contact, or the same submit id, in this moment.
        earlier = queries.by_submit_id(series.id, submit_id)
        if earlier is None:
            raise AlreadyRegistered from None
        return earlier


def _says_one_person(error: IntegrityError) -> bool:
    """Whether a unique index of registrations or live tickets was hit (both engines name it)."""
    said = str(error.orig).lower()
    return "unique" in said and ("registrations" in said or "holder_key" in said)


class _Known(Exception):
    """The person is registered already; carries that registration out of the transaction."""

    def __init__(self, registration_id: UUID) -> None:
        self.registration_id = registration_id


def _register(
    series: Series,
    application: Application,
    submit_id: str,
    source: str,
    *,
    staff: bool,
    sample: bool,
) -> Registration:
    known = queries.seen_before(
        series.id, submit_id, name_key(application.name), application.mobile, application.email
    )
    again = next((one.id for one in known if one.again), None)
    if again and not faults.active("forget_submit_id"):
        return db.session.get_one(Registration, again)
    category = category_for(series.id, application, staff=staff)
    identity.check(category, application, optional=staff or bool(application.delegation_id))
    events, sessions = chosen(series.id, category, application)
    drafts = draft_owner(submit_id)
    said = answers.taken(category, application, drafts=drafts, source=source, staff=staff)
    if index := identity.index_of(series.id, application):
        known = [*known, *queries.same_person(series.id, "", "", "", index)]
    if blocker := queries.blocking(known):
        raise _Known(blocker.id)
    came_back = any(one.state in (State.WITHDRAWN, State.EXPIRED) for one in known)
    reviewed = not staff and (category.admission is Admission.BY_APPROVAL or came_back)
    written = written_of(application)
    pools = queries.locked(
        queries.pools_counting(
            series.id,
            category.id,
            [e.id for e in events],
            [x.id for x in sessions],
            application.mode,
            delegation_id=application.delegation_id,
            invitation_id=application.invitation_id,
            region=written["region"],
            options=said.options or (),
        )
    )
    state = place(queries.quotas(pools), reviewed=reviewed)
    registration_id = new_id()
    registration = Registration(
        id=registration_id,
        series_id=series.id,
        category_id=category.id,
        state=state,
        submit_id=submit_id,
        source=source,
        sample=sample,
        waiting_since=clock.now() if state is State.WAITLISTED else None,
        delegation_id=application.delegation_id,
        invitation_id=application.invitation_id,
        **(written | said.columns),
        **identity.columns_of(series.id, registration_id, application),
    )
    chosen_here = {"series": series, "category": category, "events": events, "sessions": sessions}
    for name, value in chosen_here.items():
        set_committed_value(registration, name, value)
    seats.count(
        pools,
        held=holds_a_seat(state, pending_holds=category.pending_holds),
        waiting=state is State.WAITLISTED,
    )
    if state is State.CONFIRMED:
        give_ticket(registration)
    _store(registration, said.options or ())
    answers.keep(registration, said, drafts)
    owner = answers.owner_of(registration)
    consents.note(series.id, owner, registration.consents, is_new=True)
    audit.record(
        "registration.register",
        f"registration:{registration.id}",
        series_id=series.id,
        after={"state": state.value, "category": category.code, "source": source},
    )
    letters.tell(registration)
    return registration


def _store(registration: Registration, options: Iterable[str]) -> None:
    """Write a new registration and what it chose."""
    store(registration)
    mine = registration.id
    if events := [{"registration_id": mine, "event_id": one.id} for one in registration.events]:
        db.session.execute(_CHOOSE_EVENT, events)
    if sessions := [
        {"registration_id": mine, "session_id": one.id} for one in registration.sessions
    ]:
        db.session.execute(_CHOOSE_SESSION, sessions)
    if chosen_options := [{"registration_id": mine, "option": one} for one in options]:
        db.session.execute(_CHOOSE_OPTION, chosen_options)


_CHOOSE_EVENT = insert(table_of(RegistrationEvent))
_CHOOSE_SESSION = insert(table_of(RegistrationSession))
_CHOOSE_OPTION = insert(table_of(RegistrationOption))


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


@contextmanager
def one_person() -> Iterator[None]:
    """Refuse in words what the unique indexes refuse: the same person came in at this moment."""
    try:
        yield
    except IntegrityError as error:
        if not _says_one_person(error):
            raise
        raise AlreadyRegistered from None


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
        elif not staff:
            _check_editable(registration, until)
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
