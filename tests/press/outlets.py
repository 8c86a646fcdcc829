"""Outlets that apply as on the page, and officers who act; all people are made up."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from itertools import count
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy import select

from eduforum.consents.rules import ID, PRIVACY
from eduforum.core import audit, clock
from eduforum.core.db import db, transaction
from eduforum.core.i18n import Language
from eduforum.events.models import Event, Series
from eduforum.notices.models import Notice
from eduforum.press import queries
from eduforum.press.models import Application, PressPerson
from eduforum.press.rules import JobRole, OutletType, State, VerifyMethod, Zone
from eduforum.press.services import decide, drafts, letters, review
from eduforum.press.services.inputs import Grant, OutletInput, PersonInput
from tests.factories import make_event, make_series
from tests.files.uploads import PDF, Sent, picture

OFFICER = "user:71"
_numbers = count(1)
_CARDS = count(21)
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def id_number(n: int) -> str:
    """A made-up number that passes the check; its place code belongs to no district."""
    body = f"11010519900101{n:03d}"
    return body + "10X98765432"[sum(int(d) * w for d, w in zip(body, WEIGHTS, strict=True)) % 11]


class House:
    """A series with two events that takes the press."""

    def __init__(self, *, places: int | None = 60, per_outlet: int | None = 4) -> None:
        self.series: Series = make_series()
        self.signing: Event = make_event(series=self.series, slug="signing")
        self.forum: Event = make_event(series=self.series, slug="forum")
        with transaction():
            series = db.session.get(Series, self.series.id)
            assert series
            series.press_places, series.press_per_outlet = places, per_outlet
        self.id = self.series.id

    @property
    def address(self) -> str:
        return f"/s/{self.series.slug}/press"

    def person(self, name: str = "苏沐辰", **more: Any) -> PersonInput:
        n = next(_numbers)
        given: dict[str, Any] = {
            "name": name,
            "role": JobRole.PHOTO,
            "press_card": f"K{next(_CARDS):08d}",
            "id_type": "resident_id",
            "id_number": id_number(n),
            "events": ("signing", "forum"),
        }
        return PersonInput(**(given | more))

    def draft(self, outlet: str = "海河观察", **more: Any) -> Application:
        n = next(_numbers)
        given: dict[str, Any] = {
            "outlet": outlet,
            "outlet_type": OutletType.LOCAL,
            "focal_name": "江晚照",
            "focal_mobile": f"138{n:08d}",
            "focal_email": f"focal{n}@example.org",
        }
        return drafts.begin(
            self.id, OutletInput(**(given | more)), submit_id=f"test:{n}", language=Language.ZH
        )

    def complete(self, people: Sequence[str] = ("苏沐辰",), **more: Any) -> Application:
        """A draft with all that is needed."""
        application = self.draft(**more)
        drafts.put_letter(self.id, application.id, Sent(PDF, "派遣函.pdf"))
        for name in people:
            person = drafts.save_person(self.id, application.id, self.person(name))
            drafts.put_photo(self.id, application.id, person.id, Sent(picture()))
        return application

    def submitted(self, people: Sequence[str] = ("苏沐辰",), **more: Any) -> Application:
        with as_("public"):
            application = self.complete(people, **more)
            return drafts.submit(self.id, application.id, [PRIVACY, ID])

    def take_up(self, application: Application) -> None:
        """Review it and find the outlet to be what it says."""
        review.screen(self.id, application.id)
        review.verify_outlet(self.id, application.id, VerifyMethod.CALL_BACK)

    def verified(self, people: Sequence[str] = ("苏沐辰",), **more: Any) -> Application:
        application = self.submitted(people, **more)
        with as_(OFFICER):
            self.take_up(application)
        return application

    def rejected(self, **more: Any) -> Application:
        application = self.verified(**more)
        with as_(OFFICER):
            decide.reject(self.id, application.id, "letter", "未盖公章。", note="电话未接通")
        return application

    def grant(self, *zones: Zone, events: Sequence[int] | None = None) -> Grant:
        return Grant(
            zones=zones or (Zone.PUBLIC, Zone.STAND),
            events=tuple(events or (self.signing.id, self.forum.id)),
            valid_from=clock.now(),
            valid_until=clock.now() + timedelta(days=20),
        )


@contextmanager
def as_(actor: str) -> Iterator[None]:
    """Act as this officer, or as the public."""
    with audit.acting_as(actor):
        yield


def people(application: Application) -> Sequence[PressPerson]:
    return queries.people_of(application.id)


def state_of(application: Application) -> State:
    """As the database has it now."""
    db.session.refresh(application)
    return application.state


def path_of(application: Application, rest: str = "") -> str:
    db.session.refresh(application)
    return urlsplit(letters.my_url(application)).path + rest


def mailed(application: Application) -> list[str]:
    """The kinds of letters about it, in the order in which they were queued."""
    return list(
        db.session.scalars(
            select(Notice.kind).where(Notice.about == application.owner).order_by(Notice.id)
        )
    )


def audited(subject: str) -> list[str]:
    return list(
        db.session.scalars(
            select(audit.AuditEntry.action)
            .where(audit.AuditEntry.subject == subject)
            .order_by(audit.AuditEntry.id)
        )
    )


def ids(application: Application) -> list[UUID]:
    return [person.id for person in people(application)]
