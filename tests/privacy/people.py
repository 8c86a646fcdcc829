"""Somebody of whom something is kept in every room there is."""

from datetime import timedelta
from uuid import uuid4

from sqlalchemy import select

from eduforum.checkin.models import Point, Scan
from eduforum.core import audit, clock
from eduforum.core.db import db, new_id, transaction
from eduforum.events.models import Series
from eduforum.notices import services as notices
from eduforum.notices.models import Notice
from eduforum.registration import services
from eduforum.registration.models import Category, Registration
from eduforum.registration.services import Application
from tests.factories import make_category, make_event, make_series

NAME, MOBILE, EMAIL, NUMBER = "林知夏", "+8613900000123", "lin@example.org", "11010519491231002X"
SECRETS = (NAME, "zhixia", MOBILE, EMAIL, NUMBER, "少年宫老师", "不吃牛肉", "携带拐杖", "特批入场")
"""What must be gone from every file once the person is."""


def make_open_category() -> Category:
    """A category that asks for an ID number, with two events in 14 days."""
    series = make_series(slug="demo")
    events = [make_event(series=series, slug=slug) for slug in ("opening", "closing")]
    category = make_category(*events, code="guarded", seats=5)
    with transaction():
        db.session.get_one(Category, category.id).asks_id = True
    return category


def make_person(series: Series, *, name: str = NAME, n: int = 0) -> Registration:
    """Registered and confirmed, told of it, seen in full by an organiser."""
    number = NUMBER if n == 0 else f"E{n:08}"
    made = services.register(
        series,
        Application(
            name=name, category="guarded", events=("opening",), position="少年宫老师",
            mobile=MOBILE if n == 0 else f"+86138{n:08}", email=EMAIL if n == 0 else "",
            id_type="resident_id" if n == 0 else "passport", id_number=number,
            consents=("privacy", "id"),
        ),
        submit_id=uuid4().hex,
    )  # fmt: skip
    with transaction():
        db.session.get_one(Registration, made.id).answers = {"diet": "不吃牛肉"}
    if n == 0:
        services.reveal_id(series.id, made.id, "核验林知夏")
        services.reissue_ticket(series.id, made.id)
        for notice in db.session.scalars(select(Notice).where(Notice.recipient != "")).all():
            notices.frozen(notice)
        with transaction():
            audit.record(
                "registration.export", f"series:{series.id}", series_id=series.id,
                after={"count": 1, "filters": {"q": [NAME]}},
            )  # fmt: skip
    return db.session.get_one(Registration, made.id)


def let_in(registration: Registration) -> None:
    """Seen at the door, with an answer and a supervisor's word."""
    with transaction():
        point = Point(
            series_id=registration.series_id, kind="session", name_zh="签到", name_en="Check-in"
        )
        db.session.add(point)
        db.session.flush()
        db.session.add(
            Scan(
                id=new_id(), series_id=registration.series_id, point_id=point.id,
                ticket_id=registration.ticket_id, seq=1, code_hash="x", content_hash="y",
                verdict="admitted", override="特批入场", answers={"aid": "携带拐杖"},
                scanned_at=clock.now(), effective_at=clock.now(),
            )
        )  # fmt: skip


def days(n: int) -> timedelta:
    return timedelta(days=n)
