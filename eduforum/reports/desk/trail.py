"""The audit trail: who did what, what was and what is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from eduforum.core.audit import AuditEntry
from eduforum.core.dates import local
from eduforum.core.i18n import Text, t
from eduforum.core.names import clean
from eduforum.events.access import guarded_series
from eduforum.events.models import Series
from eduforum.registration.history import actor_names
from eduforum.reports.desk.frame import pages
from eduforum.reports.queries.attendance import categories_of
from eduforum.reports.queries.trail import (
    Filter,
    actions_in,
    actors_in,
    entries_page,
    subject_names,
)
from eduforum.reports.words import SUBJECTS, Values, action_text, field_text, value_text
from eduforum.web.access import Role, requires
from eduforum.web.pagination import PAGE_SIZE, Page, page_number

_LONGEST = 100
_FIRST_YEAR, _LAST_YEAR = 1900, 9000
_SHORT_ID = 8


@dataclass(frozen=True, slots=True)
class Change:
    """One field of an entry; an empty side is not shown."""

    label: Text
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the page. at: short, in the series' zone; stamp: ISO 8601."""

    at: str
    stamp: str
    who: str
    what: Text
    subject: str
    name: str
    url: str | None
    changes: Sequence[Change]


@pages.get("/desk/s/<series>/audit")
@requires(Role.ORGANISER)
def audit(series: str) -> ResponseReturnValue:
    here, shown = guarded_series(), _asked()
    found, total = entries_page(here, shown, number=page_number(), size=PAGE_SIZE)
    number = min(page_number(), max(1, -(-total // PAGE_SIZE)))
    if number != page_number():
        found, total = entries_page(here, shown, number=number, size=PAGE_SIZE)
    entries = _entries(here, found)
    return render_template(
        "reports/audit.html",
        shown=shown,
        page=Page(entries, number, PAGE_SIZE, total),
        actors=actors_in(here.id),
        actions={action: action_text(action) for action in actions_in(here.id)},
        subjects=SUBJECTS,
        subject_name=_subject_name(shown, entries),
    )


def _asked() -> Filter:
    """What the address asks for; what cannot be read is left out."""
    asked = request.args
    return Filter(
        actor=clean(asked.get("actor", ""))[:_LONGEST],
        action=clean(asked.get("action", ""))[:_LONGEST],
        subject=clean(asked.get("subject", ""))[:_LONGEST],
        first=_day(asked.get("from", "")),
        last=_day(asked.get("to", "")),
    )


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if _FIRST_YEAR < day.year < _LAST_YEAR else None


def _entries(here: Series, found: Sequence[AuditEntry]) -> list[Entry]:
    others = [str(by) for entry in found if (by := entry.after.get("code_by"))]
    actors = actor_names([*(entry.actor for entry in found), *others])
    names = subject_names({entry.subject for entry in found})
    codes = {one.code: one.name for one in categories_of(here.id).values()}
    values = {"category": codes, "categories": codes, "code_by": actors}
    return [_entry(here, entry, actors, names, values) for entry in found]


def _entry(
    here: Series,
    entry: AuditEntry,
    actors: Mapping[str, Text],
    names: Mapping[str, Text],
    values: Values,
) -> Entry:
    kind, _, one = entry.subject.partition(":")
    return Entry(
        at=f"{local(entry.at, here.time_zone):%Y-%m-%d %H:%M}",
        stamp=entry.at.isoformat(),
        who=str(actors[entry.actor]),
        what=action_text(entry.action),
        subject=entry.subject,
        name=_name(kind, one, names.get(entry.subject)),
        url=_url(here, kind, one) if entry.subject in names else None,
        changes=_changes(entry, here.time_zone, values),
    )


def _name(kind: str, one: str, name: Text | None) -> str:
    """What it is and how it is called; of what is gone, the beginning of its id."""
    what = SUBJECTS.get(kind, Text(kind, kind))
    if name:
        return t("{what}“{name}”", "{what} “{name}”", what=what, name=name)
    return f"{what} {one[:_SHORT_ID]}" if one and kind != "series" else str(what)


def _url(here: Series, kind: str, one: str) -> str | None:
    if kind == "registration":
        return url_for("registration_desk.registration", series=here.slug, registration_id=one)
    if kind == "notice":
        return url_for("notices_desk.notice", series=here.slug, notice_id=one)
    return None


def _changes(entry: AuditEntry, zone: str, values: Values) -> list[Change]:
    names = [*entry.before, *(name for name in entry.after if name not in entry.before)]
    every = (
        Change(
            field_text(name, entry.subject),
            value_text(name, entry.before.get(name), zone, values),
            value_text(name, entry.after.get(name), zone, values),
        )
        for name in names
    )
    return [change for change in every if change.before or change.after]


def _subject_name(shown: Filter, entries: Sequence[Entry]) -> str:
    """What the filter by subject says, in words: named only by an entry of this series."""
    kind, _, one = shown.subject.partition(":")
    if one and entries:
        return entries[0].name
    return _name(kind, one, None) if kind else ""
