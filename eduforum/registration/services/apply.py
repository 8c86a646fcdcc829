"""Register."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.attributes import set_committed_value

from eduforum.consents import services as consents
from eduforum.core import audit, clock, faults
from eduforum.core.db import db, new_id, store, table_of, transaction
from eduforum.core.names import name_key
from eduforum.events.models import Event, Series
from eduforum.files.services import draft_owner
from eduforum.registration import queries
from eduforum.registration.models import (
    Category,
    Invitation,
    Registration,
    RegistrationEvent,
    RegistrationOption,
    RegistrationSession,
)
from eduforum.registration.rules import (
    AlreadyRegistered,
    State,
    holds_a_seat,
    place,
)
from eduforum.registration.services import answers, identity, invited, letters, rsvp, seats
from eduforum.registration.services.admission import needs_approval
from eduforum.registration.services.choice import Application, by_code, category_for, chosen
from eduforum.registration.services.kept import written_of
from eduforum.registration.services.passes import give_ticket
from eduforum.tickets.models import Ticket


@dataclass(frozen=True, slots=True, kw_only=True)
class AtTheDoor:
    """How somebody comes who has been let in before he was registered.

    ticket: signed ahead and in his hands; it becomes his. events: what he came to, also if it is over
    by now. over: he gets a seat above the size of a full pool.
    """

    ticket: Ticket | None = None
    events: Sequence[Event] = ()
    over: bool = False


def register(
    series: Series,
    application: Application,
    *,
    submit_id: str,
    source: str = "web",
    staff: bool = False,
    sample: bool = False,
    door: AtTheDoor | None = None,
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
            return _register(
                series, application, submit_id, source, door or AtTheDoor(),
                staff=staff, sample=sample,
            )  # fmt: skip
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
    door: AtTheDoor,
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
    application = by_code(series.id, application)
    category = category_for(series.id, application, staff=staff)
    identity.check(category, application, optional=staff or bool(application.delegation_id))
    events, sessions = chosen(series.id, category, application, door.events)
    drafts = draft_owner(submit_id)
    said = answers.taken(category, application, drafts=drafts, source=source, staff=staff)
    if index := identity.index_of(series.id, application):
        known = [*known, *queries.same_person(series.id, "", "", "", index)]
    if blocker := queries.blocking(known):
        raise _Known(blocker.id)
    came_back = any(one.state in (State.WITHDRAWN, State.EXPIRED) for one in known)
    reviewed = not staff and _is_reviewed(category, application, came_back=came_back)
    written = written_of(application)
    every_pool = seats.lock_all(series.id) if application.invitation_id else []
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
    state = State.CONFIRMED if door.over else place(queries.quotas(pools), reviewed=reviewed)
    if application.invitation_id is not None:
        invited.take_use(application.invitation_id)
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
        over=door.over,
    )
    if state is State.CONFIRMED:
        give_ticket(registration, door.ticket)
    _store(registration, said.options or ())
    answers.keep(registration, said, drafts)
    owner = answers.owner_of(registration)
    consents.note(series.id, owner, registration.consents, is_new=True)
    audit.record(
        "registration.register",
        f"registration:{registration.id}",
        series_id=series.id,
        after={"state": state.value, "category": category.code, "source": source}
        | ({"invitation": str(registration.invitation_id)} if registration.invitation_id else {}),
    )
    letters.tell(registration)
    rsvp.follow(registration, None, every_pool)
    return registration


def _is_reviewed(category: Category, application: Application, *, came_back: bool) -> bool:
    """Who gave up a seat before is always reviewed, but for guests whom nobody reviews."""
    key = application.invitation_id
    invitation = db.session.get_one(Invitation, key) if key else None
    trusted = invitation is not None and invitation.skip_approval
    return needs_approval(category, invitation) or (came_back and not trusted)


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


@contextmanager
def one_person() -> Iterator[None]:
    """Refuse in words what the unique indexes refuse: the same person came in at this moment."""
    try:
        yield
    except IntegrityError as error:
        if not _says_one_person(error):
            raise
        raise AlreadyRegistered from None
