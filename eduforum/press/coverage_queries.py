"""Named reads of what outlets published, and of whom to write to about it."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from eduforum.core.db import db
from eduforum.core.i18n import Text
from eduforum.press.models import Application, CoverageLink, PressPerson
from eduforum.press.rules import State
from eduforum.press.rules.states import LIVE_PASSES

REPORTING = (State.APPROVED, State.CLOSED)
"""States of outlets that came, or may still."""


def _of_series(series_id: int) -> Select[CoverageLink]:
    return (
        select(CoverageLink)
        .join(Application, Application.id == CoverageLink.application_id)
        .where(Application.series_id == series_id)
        .options(
            joinedload(CoverageLink.application).joinedload(Application.outlet),
            joinedload(CoverageLink.event),
        )
        .order_by(CoverageLink.published_on.desc(), CoverageLink.id.desc())
    )


def links_of(application_id: UUID) -> Sequence[CoverageLink]:
    """What one outlet entered, the newest first."""
    return db.session.scalars(
        select(CoverageLink)
        .where(CoverageLink.application_id == application_id)
        .options(joinedload(CoverageLink.event))
        .order_by(CoverageLink.published_on.desc(), CoverageLink.id.desc())
    ).all()


def page_of(series_id: int, *, offset: int, limit: int) -> Sequence[CoverageLink]:
    return db.session.scalars(_of_series(series_id).offset(offset).limit(limit)).all()


def all_of(series_id: int) -> Sequence[CoverageLink]:
    return db.session.scalars(_of_series(series_id)).all()


def count_of(series_id: int) -> int:
    return db.session.execute(
        select(func.count())
        .select_from(CoverageLink)
        .join(Application, Application.id == CoverageLink.application_id)
        .where(Application.series_id == series_id)
    ).scalar_one()


def counts_by_outlet(series_id: int) -> Sequence[tuple[Text, int]]:
    """How many reports each approved outlet entered, none included; the most first."""
    counts = dict(
        db.session.execute(
            select(CoverageLink.application_id, func.count())
            .join(Application, Application.id == CoverageLink.application_id)
            .where(Application.series_id == series_id)
            .group_by(CoverageLink.application_id)
        ).all()
    )
    applications = db.session.scalars(
        select(Application)
        .where(Application.series_id == series_id, Application.state.in_(REPORTING))
        .options(joinedload(Application.outlet))
        .order_by(Application.submitted_at, Application.id)
    )
    sums: dict[UUID | None, tuple[Text, int]] = {}
    for one in applications:
        before = sums[one.outlet_id][1] if one.outlet_id in sums else 0
        sums[one.outlet_id] = (one.outlet_text, before + counts.get(one.id, 0))
    return sorted(sums.values(), key=lambda line: -line[1])


def counts_by_event(series_id: int) -> Mapping[int | None, int]:
    """How many reports there are of each event; None: of the series as a whole."""
    rows = db.session.execute(
        select(CoverageLink.event_id, func.count())
        .join(Application, Application.id == CoverageLink.application_id)
        .where(Application.series_id == series_id)
        .group_by(CoverageLink.event_id)
    )
    return {row[0]: row[1] for row in rows}


def to_be_thanked(series_id: int) -> Sequence[UUID]:
    """One application of each approved outlet that nobody thanked yet; whoever applied first."""
    rows = db.session.execute(
        select(Application.id, Application.outlet_id, Application.thanked_at)
        .where(
            Application.series_id == series_id,
            Application.state.in_(REPORTING),
            Application.erased_at.is_(None),
        )
        .order_by(Application.submitted_at, Application.id)
        .execution_options(populate_existing=True)
    ).all()
    thanked = {row[1] for row in rows if row[2] is not None}
    first: dict[UUID | None, UUID] = {}
    for application_id, outlet_id, _ in rows:
        if outlet_id not in thanked:
            first.setdefault(outlet_id, application_id)
    return list(first.values())


def accredited(series_id: int) -> Sequence[Application]:
    """Approved outlets as they are written to, each focal person once."""
    found = db.session.scalars(
        select(Application)
        .where(
            Application.series_id == series_id,
            Application.state == State.APPROVED,
            Application.erased_at.is_(None),
        )
        .options(joinedload(Application.outlet), joinedload(Application.series))
        .order_by(Application.outlet_name, Application.submitted_at, Application.id)
    ).all()
    once: dict[str, Application] = {}
    for one in found:
        once.setdefault(one.focal_email, one)
    return list(once.values())


def contacts(series_id: int) -> Sequence[Application]:
    """Every approved application, outlet by outlet: each has a focal person of its own."""
    return db.session.scalars(
        select(Application)
        .where(
            Application.series_id == series_id,
            Application.state == State.APPROVED,
            Application.erased_at.is_(None),
        )
        .options(joinedload(Application.outlet))
        .order_by(Application.outlet_name, Application.submitted_at, Application.id)
    ).all()


def reporters(series_id: int) -> Sequence[PressPerson]:
    """Everybody with a live pass, outlet by outlet."""
    return db.session.scalars(
        select(PressPerson)
        .join(Application, Application.id == PressPerson.application_id)
        .where(
            PressPerson.series_id == series_id,
            PressPerson.state.in_(LIVE_PASSES),
            PressPerson.erased_at.is_(None),
        )
        .options(
            joinedload(PressPerson.application).joinedload(Application.outlet),
            joinedload(PressPerson.ticket),
        )
        .order_by(Application.outlet_name, PressPerson.application_id, PressPerson.place)
    ).all()
