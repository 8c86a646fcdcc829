"""Make rows with sensible values; name only what the test is about."""

from datetime import datetime, timedelta
from itertools import count
from typing import Any

from eduforum.accounts.models import SignIn, User
from eduforum.core import clock
from eduforum.core.db import db, transaction
from eduforum.core.i18n import Text
from eduforum.core.signing import new_token, token_hash
from eduforum.events.models import Event, Grant, Region, Series
from eduforum.events.rules import Kind, Mode
from eduforum.questions import services as question_forms
from eduforum.questions.models import QuestionForm
from eduforum.questions.rules import Question
from eduforum.registration.models import Category, Delegation, Invitation, Pool
from eduforum.registration.rules import Admission, InvitationKind
from eduforum.registration.services.pools import PoolInput, create_pool
from eduforum.schedule.models import Session
from eduforum.web.access import Role

_numbers = count(1)


def make_series(*, slug: str | None = None, published: bool = True) -> Series:
    """A published series of this year, hosted by Tianjin."""
    number = next(_numbers)
    with transaction():
        region = db.session.get(Region, "12")
        if region is None:
            region = Region(code="12", mark="津", name_zh="天津市", name_en="Tianjin", position=0)
            db.session.add(region)
        series = Series(
            number=number,
            slug=slug or f"series-{number}",
            name_zh="京津冀教育协同发展系列主场活动",
            name_en="Coordinated Education Development, host-city events",
            host="天津市",
            host_en="Tianjin",
            host_region=region,
            published=published,
        )
        db.session.add(series)
    return series


def make_event(
    *,
    series: Series | None = None,
    slug: str | None = None,
    starts_at: datetime | None = None,
    hours: float = 2,
    mode: Mode = Mode.ONSITE,
    kind: Kind = Kind.FORUM,
) -> Event:
    """An event in 14 days, with one session of the same slug."""
    number = next(_numbers)
    start = starts_at or clock.now() + timedelta(days=14)
    with transaction():
        event = Event(
            series=series or make_series(),
            slug=slug or f"event-{number}",
            kind=kind,
            mode=mode,
            name_zh=f"论坛{number}",
            name_en=f"Forum {number}",
            room="主会场",
            room_en="Main hall",
            starts_at=start,
            ends_at=start + timedelta(hours=hours),
        )
        db.session.add(event)
        db.session.add(
            Session(
                event=event,
                slug=event.slug,
                name_zh=event.name_zh,
                name_en=event.name_en,
                starts_at=event.starts_at,
                ends_at=event.ends_at,
            )
        )
    return event


def make_category(
    *events: Event,
    code: str | None = None,
    admission: Admission = Admission.OPEN,
    seats: int | None = 10,
    line: int | None = None,
    closes_at: datetime | None = None,
    pending_holds: bool = True,
) -> Category:
    """An open category of `events` (a new one if none), with one pool of `seats` (None: no pool).

    line: the longest waiting list of the pool; None is unlimited.
    """
    number = next(_numbers)
    now = clock.now()
    chosen = list(events) or [make_event()]
    end = closes_at or now + timedelta(days=10)
    with transaction():
        category = Category(
            series_id=chosen[0].series_id,
            code=code or f"category-{number}",
            name_zh="旁听",
            name_en="Observer",
            admission=admission,
            opens_at=min(now, end) - timedelta(days=1),
            closes_at=end,
            edit_until=end,
            ticket_class=number % 250 + 1,
            pending_holds=pending_holds,
            events=chosen,
        )
        db.session.add(category)
        if seats is not None:
            db.session.add(
                Pool(
                    series_id=category.series_id,
                    category=category,
                    name_zh="旁听",
                    name_en="Observer",
                    size=seats,
                    waiting_limit=line,
                )
            )
    return category


def make_pool(category: Category, size: int, **more: Any) -> Pool:
    """Another pool of the category, made as the desk makes it; `more`: what it names, and keeps."""
    given: dict[str, Any] = {
        "category_id": category.id,
        "name_zh": "名额",
        "name_en": "Seats",
    } | more
    return create_pool(category.series_id, PoolInput(size=size, **given))


def make_delegation(series: Series, *, unit: str | None = None, days: float = 7) -> Delegation:
    """A delegation that may report for `days`, with a liaison."""
    number = next(_numbers)
    with transaction():
        delegation = Delegation(
            series_id=series.id,
            unit=unit or f"样本单位{number}",
            liaison_name="联络员（样本）",
            liaison_email=f"liaison{number}@example.org",
            edit_until=clock.now() + timedelta(days=days),
        )
        db.session.add(delegation)
    return delegation


def make_invitation(category: Category, *, code: str | None = None, uses: int = 1) -> Invitation:
    """A code that lets `uses` people into the category."""
    with transaction():
        invitation = Invitation(
            series_id=category.series_id,
            category_id=category.id,
            kind=InvitationKind.CODE,
            code=code or f"CODE-{next(_numbers)}",
            uses_allowed=uses,
        )
        db.session.add(invitation)
    return invitation


def make_user(*roles: Role, series: Series | None = None, email: str | None = None) -> str:
    """Somebody who is signed in with `roles`; returns the token of that sign-in."""
    token = new_token("efs")
    with transaction():
        user = User(
            email=email or f"user{next(_numbers)}@example.org",
            name="组织者（样本）",
            password_hash="!",
        )
        db.session.add(user)
        db.session.flush()
        for role in roles:
            series_id = None if role is Role.ADMIN or series is None else series.id
            db.session.add(Grant(user_id=user.id, series_id=series_id, role=role))
        db.session.add(SignIn(token_hash=token_hash(token), user_id=user.id))
    return token


def make_form(series: Series, *questions: Question) -> QuestionForm:
    """A form of a series that asks these questions: its first version is published."""
    form = question_forms.create_form(series.id, Text("附加问题", "Further questions"))
    for question in questions:
        question_forms.add_question(series.id, form.id, question)
    question_forms.publish(series.id, form.id)
    return form


def ask(category: Category, *questions: Question) -> QuestionForm:
    """Let a category ask these questions."""
    with transaction():
        asking = db.session.get(Category, category.id)
        assert asking
        series = asking.series
    form = make_form(series, *questions)
    with transaction():
        asking = db.session.get(Category, category.id)
        assert asking
        asking.form_id = form.id
    return form
