"""Take in what devices took down without a network: register it, or put it before an organiser."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from eduforum.checkin.models import Point
from eduforum.checkin.rules import mend
from eduforum.checkin.services import fold_in
from eduforum.core import audit, clock
from eduforum.core.contacts import parse_mobile
from eduforum.core.db import db, transaction
from eduforum.core.errors import BadInput, Refusal
from eduforum.core.i18n import Text, t
from eduforum.registration import queries as people
from eduforum.registration.models import Category, Registration
from eduforum.registration.rules import AlreadyRegistered, PoolFull
from eduforum.registration.services import AtTheDoor, take_over_ticket
from eduforum.tickets.models import Ticket
from eduforum.tickets.rules import BadSignature, NotATicket, Standing
from eduforum.tickets.services import take_back_ahead
from eduforum.walkins import queries
from eduforum.walkins.models import OfflineWalkIn
from eduforum.walkins.rules import KnownHere, NotForWalkIns, Reason, SameName, Settled
from eduforum.walkins.services.online import Newcomer, admit

_REACH = timedelta(days=30)
_KEPT = timedelta(days=30)
_REASONS: tuple[tuple[type[Refusal], Reason], ...] = (
    (PoolFull, Reason.FULL),
    (KnownHere, Reason.KNOWN),
    (AlreadyRegistered, Reason.KNOWN),
    (SameName, Reason.SAME_NAME),
    (NotForWalkIns, Reason.CLOSED),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A form as a device sends it, perhaps hours later. ticket: the text that was handed out.

    taken_at: by the device's clock. Everything else as it was typed.
    """

    id: UUID
    ticket: str
    taken_at: datetime
    name: str
    category: str
    organisation: str = ""
    mobile: str = ""
    consents: Sequence[str] = ()
    another: bool = False
    language: str = "zh-Hans"


class BadTicket(Refusal):
    """What was handed out is no ticket that was signed ahead, or is somebody else's by now."""

    code = "ticket-not-usable"

    def __init__(self) -> None:
        super().__init__(
            Text(
                "临时证无效、已作废或已归他人，接受后将另出新证。",
                "The ticket is not valid, void, or somebody else's. Accepted, they get a new one.",
            )
        )


def take_in(
    point: Point, device_id: UUID, forms: Sequence[Form], device_time: datetime | None = None
) -> list[OfflineWalkIn]:
    """Register each by the service that walk-ins with a network go through, and make the ticket that
    was handed out theirs. What does not fit waits for an organiser; nothing is refused, and the
    same id again is the same form, whatever became of it.
    """
    return [_take_one(point, device_id, form, device_time or clock.now()) for form in forms]


def forget_old() -> int:
    """Reject what nobody decided on a month after the series was over; how many."""
    old = queries.waiting_of_old(clock.now() - _KEPT)
    for walk_in_id in old:
        with transaction(), audit.acting_as("system"):
            found = db.session.get_one(OfflineWalkIn, walk_in_id)
            close(found, Settled.REJECTED)
            audit.record("walk_in.expire", f"walk_in:{found.id}", series_id=found.series_id)
    return len(old)


def _take_one(point: Point, device_id: UUID, form: Form, device_time: datetime) -> OfflineWalkIn:
    try:
        with transaction():
            known = db.session.get(OfflineWalkIn, form.id, populate_existing=True)
            return known or _keep(point, device_id, form, device_time)
    except IntegrityError:
        # The same form came on another line at the same moment.
        with transaction():
            return db.session.get_one(OfflineWalkIn, form.id, populate_existing=True)


def _keep(point: Point, device_id: UUID, form: Form, device_time: datetime) -> OfflineWalkIn:
    now = clock.now()
    came = mend(form.taken_at, device_time=device_time, now=now, earliest=now - _REACH)
    kept = OfflineWalkIn(
        id=form.id, series_id=point.series_id, point_id=point.id, device_id=device_id,
        name=form.name, organisation=form.organisation, mobile=form.mobile,
        category=form.category, consents=list(form.consents), language=form.language,
        another=form.another, taken_at=came.effective_at,
        reason=Reason.INVALID, told={"zh": "", "en": ""},
    )  # fmt: skip
    kept.point = point
    db.session.add(kept)
    db.session.flush()
    audit.record("walk_in.take_in", f"walk_in:{kept.id}", series_id=kept.series_id)
    try:
        kept.ticket = _handed_out(kept, form.ticket)
        db.session.flush()
        with transaction():
            register_form(kept, newcomer_of(kept))
        kept.reason = kept.told = None
    except Refusal as refusal:
        kept.reason = _reason_of(refusal)
        kept.told = {"zh": refusal.sentence.zh, "en": refusal.sentence.en}
        db.session.flush()
    return kept


def newcomer_of(kept: OfflineWalkIn) -> Newcomer:
    """What was taken down, read as every form is read. Raises `BadInput`."""
    if "privacy" not in kept.consents:
        sentence = Text("未记录本人同意。", "It was not noted that the person agreed.")
        raise BadInput(sentence, {"consents": [sentence]})
    if not kept.name:
        sentence = Text("请填写姓名。", "Enter the name.")
        raise BadInput(sentence, {"name": [sentence]})
    return Newcomer(
        name=kept.name,
        category=kept.category,
        organisation=kept.organisation,
        mobile=parse_mobile(kept.mobile) if kept.mobile else "",
        language=kept.language,
        another=kept.another,
    )


def register_form(kept: OfflineWalkIn, newcomer: Newcomer, *, over: bool = False) -> Registration:
    """Register who is on a form; with the ticket that was handed out, if that can be. Raises what
    `admit` raises."""
    point = kept.point
    ticket = kept.ticket if kept.ticket is not None and is_free(kept.ticket) else None
    submit_id = f"walk-in:{kept.id}"
    earlier = people.by_submit_id(kept.series_id, submit_id)
    if earlier is not None and ticket is not None:
        # It came up while the network still answered, but the answer was lost on its way.
        made = take_over_ticket(kept.series_id, earlier.id, ticket)
    else:
        made = admit(
            point.series, newcomer, submit_id=submit_id, point=point, came_at=kept.taken_at,
            door=AtTheDoor(ticket=ticket, over=over),
        )  # fmt: skip
    kept.registration_id = made.id
    close(kept, Settled.REGISTERED)
    fold_scans(kept)
    return made


def fold_scans(kept: OfflineWalkIn) -> None:
    """Scans of the ticket that came before anybody knew it, as after a restore, count now."""
    if kept.ticket is not None:
        fold_in(kept.series_id, kept.ticket, t("现场补报名已登记", "The walk-in was registered"))


def close(kept: OfflineWalkIn, outcome: Settled) -> None:
    """It is settled: what it held of a person is not needed any more."""
    kept.settled, kept.settled_at = outcome, clock.now()
    kept.settled_by = audit.current_actor()
    kept.name = kept.organisation = kept.mobile = ""
    db.session.flush()


def is_free(ticket: Ticket) -> bool:
    """Whether a ticket that was signed ahead is nobody's yet and still good."""
    return not ticket.holder and ticket.standing is Standing.VALID


def _handed_out(kept: OfflineWalkIn, text: str) -> Ticket:
    """The ticket of a form: of this device's, of the form's category, and of no other form.

    One that this database does not know, as after a restore, is taken by its signature.
    """
    category = people.category_by_code(kept.series_id, kept.category)
    ticket = queries.ticket_of_text(kept.series_id, text) or _taken_back(kept, category, text)
    fits = (
        is_free(ticket)
        and queries.holding_device(ticket.id) in (None, kept.device_id)
        and not queries.is_handed_out(ticket.id)
        and (category is None or category.ticket_class == ticket.class_code)
    )
    if not fits:
        raise BadTicket
    return ticket


def _taken_back(kept: OfflineWalkIn, category: Category | None, text: str) -> Ticket:
    if category is None:
        raise BadTicket
    events = [event.id for event in category.events]
    try:
        return take_back_ahead(kept.point.series, text, category.name, events)
    except (NotATicket, BadSignature):
        raise BadTicket from None


def _reason_of(refusal: Refusal) -> Reason:
    if isinstance(refusal, BadTicket):
        return Reason.TICKET
    if isinstance(refusal, BadInput):
        return Reason.CLOSED if {"category", "events"} & set(refusal.errors) else Reason.INVALID
    return next((why for kind, why in _REASONS if isinstance(refusal, kind)), Reason.INVALID)
