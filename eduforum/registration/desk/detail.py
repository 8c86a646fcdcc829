"""Everything the desk knows about one registration, for the panel and for its own page."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import joinedload

from eduforum.core import clock
from eduforum.core.db import db
from eduforum.core.i18n import Text
from eduforum.core.id_numbers import ID_TYPE_NAMES, IdType
from eduforum.core.names import mask_email, mask_mobile
from eduforum.events.models import Series
from eduforum.notices.models import Notice
from eduforum.notices.rules import KIND_NAMES, Channel
from eduforum.notices.rules import STATE_NAMES as NOTICE_STATE_NAMES
from eduforum.questions.rules import readable
from eduforum.questions.rules.shapes import UPLOADS
from eduforum.registration.desk.deeds import DEEDS, Deed
from eduforum.registration.history import Correction, Happened, corrections, history_of
from eduforum.registration.models import Pool, Registration
from eduforum.registration.queries import pools_around, quotas, registration_or_404
from eduforum.registration.rules import STATE_NAMES, State
from eduforum.registration.services.answers import asked_of
from eduforum.registration.services.filling import fillable
from eduforum.registration.services.identity import masked
from eduforum.registration.services.letters import REASONS, place_in_line
from eduforum.registration.services.zones import has_live_ticket
from eduforum.tickets.rules import ZONE_NAMES, Standing, Zone, show_staff_code

_MOST_NOTICES = 20
_MOST_RELATIVES = 10


@dataclass(frozen=True, slots=True)
class Seats:
    """One pool that the registration counts in."""

    name: Text
    place: Text
    size: int
    held: int
    waiting: int
    free: int


@dataclass(frozen=True, slots=True)
class Relative:
    """Another registration that may be of the same person, and why we think so."""

    registration: Registration
    same_name: bool
    same_contact: bool = True

    @property
    def hint(self) -> Text:
        other = self.registration
        known = {"category": other.category.name, "state": STATE_NAMES[other.state]}
        if not self.same_contact:
            return Text(
                "同单位有同名报名：{category}，{state}。",
                "Same name and unit: another registration, {category}, {state}.",
            ).fill(**known)
        if self.same_name:
            return Text(
                "同一人另有报名：{category}，{state}。",
                "The same person has another registration: {category}, {state}.",
            ).fill(**known)
        return Text(
            "“{name}”以同一联系方式报名：{category}，{state}。",
            "{name} registered with the same contact: {category}, {state}.",
        ).fill(name=other.name, **known)


@dataclass(frozen=True, slots=True)
class Letter:
    """A notice about the registration."""

    id: UUID
    name: Text
    state: Text
    notice: Notice


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered to one question; file_id: of a file that was sent."""

    label: Text
    words: Text
    sensitive: bool
    private: bool
    file_id: UUID | None


@dataclass(frozen=True, slots=True)
class Detail:
    """One registration; place: in line, 1 is next. Contacts are masked."""

    registration: Registration
    place: int | None
    seats: Sequence[Seats]
    relatives: Sequence[Relative]
    history: Sequence[Happened]
    letters: Sequence[Letter]
    answers: Sequence[Answer] = ()

    @property
    def state(self) -> State:
        return self.registration.state

    @property
    def can_correct(self) -> bool:
        """Whether there are answers that an organiser may correct."""
        one = self.registration
        return one.erased_at is None and bool(fillable(one, as_answered=True))

    @property
    def deeds(self) -> list[Deed]:
        """What can be done in this state."""
        has_email = bool(self.registration.email)
        return [
            deed
            for deed in DEEDS.values()
            if self.state in deed.states and (has_email or not deed.needs_email)
        ]

    @property
    def mobile(self) -> str:
        return mask_mobile(self.registration.mobile)

    @property
    def email(self) -> str:
        return mask_email(self.registration.email)

    @property
    def id_name(self) -> Text | None:
        kind = self.registration.id_type
        return ID_TYPE_NAMES[IdType(kind)] if kind else None

    @property
    def id_number(self) -> str:
        return masked(self.registration.id, self.registration.id_number)

    @property
    def staff_code(self) -> str:
        """The code on the ticket while it opens doors."""
        ticket = self.registration.ticket
        valid = ticket is not None and ticket.standing is Standing.VALID
        return show_staff_code(ticket.staff_code) if ticket and valid else ""

    @property
    def has_live_ticket(self) -> bool:
        """Whether zones can be granted."""
        return has_live_ticket(self.registration)

    @property
    def zones(self) -> list[Text]:
        """The zones that the ticket admits to while it opens doors."""
        ticket = self.registration.ticket
        kept = ticket.zones if ticket is not None and self.has_live_ticket else []
        return [ZONE_NAMES[zone] for zone in sorted({Zone(one["zone"]) for one in kept})]

    @property
    def reason(self) -> Text | None:
        """What the person was told: why declined, cancelled or returned."""
        told = self.registration.reason
        named = REASONS.get(self.registration.reason_code)
        words = [part for part in (named, Text(told, told) if told else None) if part]
        if not words:
            return None
        return Text("：".join(one.zh for one in words), ": ".join(one.en for one in words))

    @property
    def wrong(self) -> list[Correction]:
        """What is to be corrected."""
        return corrections(self.registration)

    @property
    def is_overdue(self) -> bool:
        """Whether the time to answer is over."""
        answer_by = self.registration.answer_by
        return self.state is State.RETURNED and answer_by is not None and answer_by <= clock.now()


def detail_of(series: Series, registration_id: UUID) -> Detail:
    """Read it. Raises `NotFound`."""
    registration = registration_or_404(series.id, registration_id)
    return Detail(
        registration=registration,
        place=place_in_line(registration),
        seats=_seats(registration),
        relatives=_relatives(registration),
        history=history_of(registration.id, series.time_zone),
        letters=_letters(registration),
        answers=_answers(registration),
    )


def _answers(registration: Registration) -> list[Answer]:
    """In the order in which they were asked, under the version that asked."""
    said = registration.answers
    return [
        Answer(
            question.label,
            readable(question, said[question.key]),
            question.sensitive,
            question.is_private,
            UUID(said[question.key]) if question.kind in UPLOADS else None,
        )
        for question in asked_of(registration)
        if question.key in said
    ]


def _seats(registration: Registration) -> list[Seats]:
    counting = pools_around(registration)
    pools = db.session.scalars(
        counting.options(joinedload(Pool.event), joinedload(Pool.session))
    ).all()
    return [
        Seats(pool.name, place_of(pool), pool.size, pool.held, pool.waiting, quota.free)
        for pool, quota in zip(pools, quotas(pools), strict=True)
    ]


def place_of(pool: Pool) -> Text:
    """Where a pool's seats are."""
    if pool.session:
        return pool.session.name
    if pool.event:
        room = Text(pool.event.room, pool.event.room_en or pool.event.room)
        return room or pool.event.name
    return Text("全部活动", "All events")


def _relatives(registration: Registration) -> list[Relative]:
    """Others with the same mobile or e-mail, or with the same name at the same unit."""
    contact = [
        column == value
        for column, value in (
            (Registration.mobile, registration.mobile),
            (Registration.email, registration.email),
        )
        if value
    ]
    alike = [*contact]
    if registration.organisation:
        alike.append(
            and_(
                Registration.name_key == registration.name_key,
                Registration.organisation == registration.organisation,
            )
        )
    if not alike:
        return []
    others = db.session.scalars(
        select(Registration)
        .where(
            Registration.series_id == registration.series_id,
            Registration.id != registration.id,
            or_(*alike),
        )
        .order_by(Registration.applied_at.desc())
        .limit(_MOST_RELATIVES)
        .options(joinedload(Registration.category))
    ).all()
    return [
        Relative(
            other,
            other.name_key == registration.name_key,
            (bool(other.mobile) and other.mobile == registration.mobile)
            or (bool(other.email) and other.email == registration.email),
        )
        for other in others
    ]


def _letters(registration: Registration) -> list[Letter]:
    notices = db.session.scalars(
        select(Notice)
        .where(Notice.about == f"registration:{registration.id}", Notice.channel == Channel.MAIL)
        .order_by(Notice.created_at.desc(), Notice.id.desc())
        .limit(_MOST_NOTICES)
    ).all()
    return [
        Letter(
            one.id,
            KIND_NAMES.get(one.kind, Text(one.kind, one.kind)),
            NOTICE_STATE_NAMES[one.state],
            one,
        )
        for one in notices
    ]
