"""Whether guests can be invited: everybody of a list is looked at before anybody is."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from eduforum.core import clock
from eduforum.core.errors import BadInput
from eduforum.core.i18n import Text
from eduforum.core.names import clean, name_key
from eduforum.events.models import Event, Series
from eduforum.invitations import queries
from eduforum.registration.models import Category
from eduforum.registration.queries import categories_of

NEEDS_EMAIL = Text(
    "限定邮箱的邀请须填写邮箱。", "An invitation for one address only needs that address."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Guest:
    """Who is invited. email: casefolded; mobile: E.164. Without either, the organiser hands the
    link over himself."""

    name: str
    organisation: str = ""
    position: str = ""
    email: str = ""
    mobile: str = ""
    language: str = "zh-Hans"


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """On what terms. category: a code. valid_until: when the time to answer ends; None: with the
    category. lock_email: nobody with another address may use it. events: slugs where a seat is
    kept free for each, until `release_at` (None: `valid_until`)."""

    category: str
    valid_until: datetime | None = None
    lock_email: bool = False
    skip_approval: bool = False
    events: tuple[str, ...] = ()
    release_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Settled:
    """The terms, looked up and found right."""

    category: Category
    events: list[Event] = field(default_factory=list)
    release_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Fault:
    """Why somebody cannot be invited. known: he is invited or registered already, or stands in the
    list before: whoever sends a list again may leave him out."""

    field: str
    sentence: Text
    known: bool = False

    def refusal(self) -> BadInput:
        return BadInput(self.sentence, {self.field: [self.sentence]})


def settle(series: Series, terms: Terms) -> Settled:
    """Raises `BadInput` beside the field that is wrong."""
    category = next((c for c in categories_of(series.id) if c.code == terms.category), None)
    if category is None:
        raise bad("category", "请选择参会类别。", "Choose a category.")
    now = clock.now()
    if terms.valid_until is not None and terms.valid_until <= now:
        raise bad(
            "valid_until", "答复期限须晚于现在。", "The time to answer must lie in the future."
        )
    by_slug = {event.slug: event for event in category.events}
    if not set(terms.events) <= by_slug.keys():
        raise bad("events", "所选活动不属于此类别，请重新选择。", "One of the events is not open to this category; choose again.")  # fmt: skip
    events = [by_slug[slug] for slug in dict.fromkeys(terms.events)]
    release_at = terms.release_at or terms.valid_until
    if events and release_at is None:
        raise bad("release_at", "请填写保留席位到何时，或填写答复期限。", "Say until when the seats are kept, or until when to answer.")  # fmt: skip
    if events and release_at is not None and release_at <= now:
        raise bad("release_at", "保留席位的时间须晚于现在。", "The seats must be kept until a time to come.")  # fmt: skip
    return Settled(category, events, release_at if events else None)


def faults_of(series: Series, terms: Terms, guests: Sequence[Guest]) -> dict[int, Fault]:
    """What is wrong with whom, by place in the list; nothing for everybody else."""
    keys = [keys_of(guest) for guest in guests]
    invited = {
        key
        for name, email, mobile, unit in queries.invited_now(series.id)
        for key in keys_of(Guest(name=name, email=email, mobile=mobile, organisation=unit))
    }
    registered = queries.registered_now(series.id, {name_key(guest.name) for guest in guests})
    seen: set[tuple[str, str]] = set()
    found: dict[int, Fault] = {}
    for place, (guest, mine) in enumerate(zip(guests, keys, strict=True)):
        if fault := _fault(guest, mine, terms, seen, invited, registered):
            found[place] = fault
        seen.update(mine)
    return found


def keys_of(guest: Guest) -> list[tuple[str, str]]:
    """What makes two guests one: the name with a contact; without any, with the unit."""
    key = name_key(guest.name)
    contacts = [contact for contact in (guest.email, guest.mobile) if contact]
    return [(key, one) for one in contacts or [f"={clean(guest.organisation)}"]]


def _fault(
    guest: Guest,
    mine: Sequence[tuple[str, str]],
    terms: Terms,
    seen: Collection[tuple[str, str]],
    invited: Collection[tuple[str, str]],
    registered: Collection[tuple[str, str]],
) -> Fault | None:
    if not guest.name.strip():
        return Fault("name", Text("请填写姓名。", "Enter the name."))
    if terms.lock_email and not guest.email:
        return Fault("email", NEEDS_EMAIL)
    for known, sentence in (
        (seen, Text("此人在名单中重复。", "The same person stands here twice.")),
        (invited, Text("此人已有邀请，无需再次邀请。", "This person holds an invitation already.")),
        (registered, Text("此人已报名，无需邀请。", "This person is registered already.")),
    ):
        if any(key in known for key in mine):
            return Fault("name", sentence, known=True)
    return None


def bad(field_name: str, zh: str, en: str) -> BadInput:
    sentence = Text(zh, en)
    return BadInput(sentence, {field_name: [sentence]})
