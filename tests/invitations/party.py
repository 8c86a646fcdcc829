"""A series with a category by invitation, guests, and what is true of them now."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from sqlalchemy import select

from eduforum.core import clock
from eduforum.core.db import db
from eduforum.events.models import Event, Series
from eduforum.invitations.services import CodeInput, Guest, Terms, manage
from eduforum.invitations.services.letters import page_url
from eduforum.notices.models import Notice
from eduforum.registration.models import Category, Invitation, Pool, Registration
from eduforum.registration.rules import Admission
from eduforum.registration.services import Application, register
from tests.factories import make_category, make_event, make_pool, make_series

LIN = Guest(name="林知夏", organisation="天津大学", position="教授", email="lin@example.org")


class Party:
    """Guests come to `forum` and `dinner`; the forum has `seats` for everybody together."""

    def __init__(self, *, seats: int = 3, admission: Admission = Admission.BY_INVITATION) -> None:
        self.series: Series = make_series()
        self.forum: Event = make_event(series=self.series, slug="forum")
        self.dinner: Event = make_event(
            series=self.series, slug="dinner", starts_at=self.forum.starts_at + timedelta(hours=6)
        )
        self.category: Category = make_category(
            self.forum, self.dinner, code="guest", admission=admission, seats=None
        )
        self.public: Category = make_category(self.forum, code="public", seats=None)
        self.pool: Pool = make_pool(
            self.category, seats, category_id=None, event_id=self.forum.id, waiting_limit=0
        )

    def terms(self, **more: Any) -> Terms:
        given: dict[str, Any] = {"category": "guest", "skip_approval": True}
        return Terms(**(given | more))

    def invite(self, guest: Guest = LIN, *, send: bool = False, **terms: Any) -> Invitation:
        return manage.invite(self.series, guest, self.terms(**terms), send=send)

    def code(self, uses: int = 1, *, email: str = "", **terms: Any) -> Invitation:
        given = CodeInput(code="MEET-2027", uses=uses, email=email)
        return manage.add_code(self.series, given, self.terms(**terms))

    def come(self, one: Invitation | None = None, **more: Any) -> Registration:
        """Somebody registers, by an invitation if one is named."""
        given: dict[str, Any] = {
            "name": one.name if one and one.is_personal else "周望舒",
            "category": "guest" if one else "public",
            "events": ("forum",),
            "organisation": "天津大学",
            "email": one.email if one and one.is_personal else f"{uuid4().hex}@example.org",
            "invitation_id": one.id if one else None,
        }
        return register(self.series, Application(**(given | more)), submit_id=uuid4().hex)

    def letters(self) -> list[tuple[str, str]]:
        """(kind, recipient) of all letters, first come first."""
        rows = db.session.execute(select(Notice.kind, Notice.recipient).order_by(Notice.created_at))
        return [(kind, recipient) for kind, recipient in rows]

    def seats(self) -> tuple[int, int]:
        """(held, blocked) of the pool that everybody shares."""
        db.session.refresh(self.pool)
        return self.pool.held, self.pool.blocked


def now(one: Invitation) -> Invitation:
    """The invitation as the database has it now."""
    db.session.refresh(one)
    return one


def path(one: Invitation) -> str:
    """The guest's page."""
    return urlsplit(page_url(now(one))).path


def in_days(days: float) -> Any:
    return clock.now() + timedelta(days=days)
