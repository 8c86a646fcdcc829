"""What one reader gets: the letter, and what fills it."""

from typing import Any
from uuid import UUID

from flask import current_app

from eduforum.announcements.models import Announcement
from eduforum.announcements.rules import fill
from eduforum.core import dates
from eduforum.core.db import db
from eduforum.core.errors import NotFound
from eduforum.core.i18n import Language, Text
from eduforum.events.models import Event
from eduforum.notices.letters import PERSONAL_LINK, Letter
from eduforum.notices.letters import write as write_letter
from eduforum.notices.models import Notice
from eduforum.notices.services import Extras
from eduforum.registration.models import Registration
from eduforum.registration.services import my_url

KIND = "announcement"
"""The letter, `templates/notices/announcement.txt`."""


def preview(one: Announcement, registration: Registration, language: Language) -> Letter:
    """The letter as this person would read it in `language`. Nothing is stored."""
    notice = Notice(
        kind=KIND, language=language.value, values=values_of(one, registration, language)
    )
    return write_letter(notice, Extras(link=PERSONAL_LINK))


def compose(notice: Notice) -> Extras:
    """The reader's own link; a liaison who reads it for somebody gets none."""
    registration = db.session.get(Registration, UUID(notice.about.partition(":")[2]))
    if registration is None:
        raise NotFound
    return Extras(link="" if notice.values.get("for_person") else my_url(registration))


def values_of(one: Announcement, registration: Registration, language: Language) -> dict[str, Any]:
    """What fills the letter for this person; a liaison reads it for whoever has no address."""
    series, event = one.series, one.event
    delegation = None if registration.email else registration.delegation
    public = f"{current_app.config['BASE_URL']}/s/{series.slug}"
    filled = {
        "name": registration.name,
        "unit": registration.organisation,
        "category": registration.category.name.to(language),
        "series": series.name.to(language),
        "link": public if delegation else PERSONAL_LINK,
    } | _of_event(event, series.time_zone, language)
    zh = language is Language.ZH
    return {
        "name": delegation.liaison_name if delegation else registration.name,
        "for_person": registration.name if delegation else "",
        "series": {"zh": series.name.zh, "en": series.name.en or series.name.zh},
        "time_zone": series.time_zone,
        "sample": registration.sample or series.sample,
        "events": [_facts(event)] if event else [],
        "said_subject": fill(one.subject_zh if zh else one.subject_en, filled | {"link": ""}),
        "said_body": fill(one.body_zh if zh else one.body_en, filled),
    }


def _of_event(event: Event | None, zone: str, language: Language) -> dict[str, str]:
    if event is None:
        return {}
    day = dates.local(event.starts_at, zone).date()
    return {
        "event": event.name.to(language),
        "day": dates.day_text(day, year=True).to(language),
        "time": dates.clock_text(event.starts_at, zone),
        "room": Text(event.room, event.room_en).to(language),
    }


def _facts(event: Event) -> dict[str, Any]:
    return {
        "name": {"zh": event.name.zh, "en": event.name.en or event.name.zh},
        "starts_at": event.starts_at.isoformat(),
        "ends_at": event.ends_at.isoformat(),
        "room": {"zh": event.room, "en": event.room_en or event.room},
    }
