"""Reports that outlets published: entered on their page, taken out again; outlets thanked once."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import CursorResult, delete, select

from eduforum.core import audit, clock
from eduforum.core.dates import local
from eduforum.core.db import db, transaction
from eduforum.core.errors import BadInput, NotFound
from eduforum.core.i18n import Text
from eduforum.core.names import clean
from eduforum.events.queries import days_of_series
from eduforum.notices.letters import Extras
from eduforum.notices.models import Notice
from eduforum.press import coverage_queries, queries
from eduforum.press.models import CoverageLink
from eduforum.press.rules.coverage import (
    MOST_LINKS,
    Medium,
    NotOverYet,
    NotReporting,
    NumberChanged,
    check_day,
    check_url,
)
from eduforum.press.services import letters

THANKS = "press-thanks"
CHUNK = 25


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkInput:
    """A report. event: the slug of what it is about, "" for the series."""

    url: str
    title: str
    medium: Medium
    published_on: date | None
    event: str = ""


def add(series_id: int, application_id: UUID, given: LinkInput) -> CoverageLink:
    """Keep one report of an outlet. Raises `BadInput` beside the field, `NotReporting`."""
    with transaction():
        application = queries.locked_application(series_id, application_id)
        if application.state not in coverage_queries.REPORTING:
            raise NotReporting
        url, title = check_url(given.url), clean(given.title)
        if not title:
            raise _bad("title", "请填写标题。", "Enter the title.")
        today = local(clock.now(), application.series.time_zone).date()
        day = check_day(given.published_on, today)
        _check_new(application_id, url)
        link = CoverageLink(
            application_id=application_id,
            event_id=_event_id(series_id, given.event),
            url=url,
            title=title,
            medium=given.medium,
            published_on=day,
        )
        db.session.add(link)
        db.session.flush()
        audit.record("press_coverage.add", application.owner, series_id=series_id)
    return link


def remove(series_id: int, application_id: UUID, link_id: UUID) -> None:
    """Take one out again. Raises `NotFound`."""
    with transaction():
        application = queries.locked_application(series_id, application_id)
        gone = db.session.execute(
            delete(CoverageLink).where(
                CoverageLink.id == link_id, CoverageLink.application_id == application_id
            )
        )
        assert isinstance(gone, CursorResult)
        if gone.rowcount != 1:
            raise NotFound
        audit.record("press_coverage.remove", application.owner, series_id=series_id)


def thank(series_id: int, seen: int) -> int:
    """Thank every outlet that was approved, each once, with the way to enter its reports.

    seen: how many the officer was told. Returns how many. Raises `NotOverYet`, `NumberChanged`.
    """
    with transaction():
        check_over(series_id)
        waiting = coverage_queries.to_be_thanked(series_id)
    if len(waiting) != seen:
        raise NumberChanged(seen, len(waiting))
    count = 0
    for start in range(0, len(waiting), CHUNK):
        with transaction():
            count += sum(_thank(series_id, one) for one in waiting[start : start + CHUNK])
    with transaction():
        audit.record("press_coverage.thank", f"series:{series_id}", series_id=series_id,
                     after={"count": count})  # fmt: skip
    return count


def check_over(series_id: int) -> None:
    """Raises `NotOverYet` until the last event has ended."""
    days = days_of_series([series_id]).get(series_id)
    if days is None or days[1] > clock.now():
        raise NotOverYet


def _thank(series_id: int, application_id: UUID) -> bool:
    application = queries.locked_application(series_id, application_id)
    if application.thanked_at is not None or application.erased_at is not None:
        return False
    application.thanked_at = clock.now()
    letters.write(application, THANKS)
    audit.record("press_application.thank", application.owner, series_id=series_id)
    return True


def composers() -> dict[str, Callable[[Notice], Extras]]:
    """The letter of thanks leads to where reports are entered."""
    return {THANKS: _compose}


def _compose(notice: Notice) -> Extras:
    link = letters.compose(notice).link
    return Extras(link=f"{link}/coverage" if link else "")


def _check_new(application_id: UUID, url: str) -> None:
    known = db.session.scalars(
        select(CoverageLink.url).where(CoverageLink.application_id == application_id)
    ).all()
    if url in known:
        raise _bad("url", "这个链接已经填写过。", "This address is there already.")
    if len(known) >= MOST_LINKS:
        sentence = Text("最多填写 {n} 条链接。", "At most {n} addresses.").fill(n=MOST_LINKS)
        raise BadInput(sentence, {"url": [sentence]})


def _event_id(series_id: int, slug: str) -> int | None:
    if not slug:
        return None
    events = {event.slug: event.id for event in queries.events_by_id(series_id).values()}
    if slug not in events:
        raise _bad("event", "请选择活动。", "Choose an event.")
    return events[slug]


def _bad(field: str, zh: str, en: str) -> BadInput:
    sentence = Text(zh, en)
    return BadInput(sentence, {field: [sentence]})
