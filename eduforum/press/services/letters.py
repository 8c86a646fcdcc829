"""What outlets are told about their application, and how they get back to it."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from eduforum.core import clock
from eduforum.core.db import db
from eduforum.core.i18n import Text
from eduforum.core.signing import Purpose, link_secret
from eduforum.notices.models import Notice
from eduforum.notices.services import Extras, announce, queue
from eduforum.press import queries
from eduforum.press.models import Appeal, Application, PressPerson
from eduforum.press.rules import Item, PassState, Reason, State, Zone
from eduforum.press.rules.states import STATE_NAMES
from eduforum.press.rules.words import ITEM_ASKS, REASON_NAMES, ROLE_NAMES, ZONE_NAMES
from eduforum.tickets.rules import show_staff_code

CODE_LASTS = timedelta(minutes=15)
KINDS = {
    State.SUBMITTED: "press-received",
    State.SCREENING: "press-screening",
    State.NEEDS_INFO: "press-needs-info",
    State.VERIFIED: "press-verified",
    State.CHECKING: "press-checking",
    State.APPROVED: "press-approved",
    State.HELD: "press-held",
    State.REJECTED: "press-rejected",
    State.APPEALED: "press-appealed",
    State.UPHELD: "press-upheld",
    State.OVERTURNED: "press-overturned",
    State.WITHDRAWN: "press-withdrawn",
    State.CLOSED: "press-closed",
}
OTHERS = (
    "press-draft", "press-link", "press-info-ending", "press-zones", "press-code",
    "press-card-collected", "press-card-lost", "press-card-reissued", "press-card-suspended",
    "press-card-reinstated", "press-card-revoked", "press-last-call", "press-uncollected",
    "press-pool", "press-pool-cancelled",
)  # fmt: skip
GRANTED = (PassState.APPROVED, PassState.PRINTED, PassState.COLLECTED, PassState.REISSUED)


def my_url(application: Application) -> str:
    """The outlet's own page: whoever has this address may see and change the application."""
    secret = link_secret(Purpose.PRESS, application.id, application.link_version)
    return f"{current_app.config['BASE_URL']}/p/{secret}"


def tell(application: Application, more: Mapping[str, Any] | None = None) -> None:
    """Tell the focal person and the programs that listen of the state it is in now."""
    if application.state in KINDS:
        write(application, KINDS[application.state], more)
    tell_programs(application)


def tell_programs(application: Application) -> None:
    """Tell the programs that listen, and nobody else."""
    announce(
        f"press_application.{application.state.value}",
        series_id=application.series_id,
        data={
            "id": str(application.id),
            "series": application.series.slug,
            "state": application.state.value,
        },
    )


def announce_pass(person: PressPerson) -> None:
    """Tell the programs that listen what became of one person's pass."""
    application = person.application
    announce(
        f"press_application.{person.state.value}",
        series_id=person.series_id,
        data={
            "id": str(application.id),
            "series": application.series.slug,
            "state": person.state.value,
            "person": str(person.id),
        },
    )


def write(
    application: Application,
    kind: str,
    more: Mapping[str, Any] | None = None,
    *,
    lasts: timedelta | None = None,
    person: PressPerson | None = None,
) -> None:
    """Queue the letter `kind` to the focal person, with what is true now.

    person: to this member of staff instead, at the own address; such a letter carries no link.
    """
    db.session.flush()
    name, email = application.focal_name, application.focal_email
    about = application.owner
    if person is not None:
        name, email, about = person.name, person.email, f"press_person:{person.id}"
    queue(
        kind,
        series_id=application.series_id,
        about=about,
        language=application.language,
        recipient=email,
        recipient_name=name,
        values=_values(application)
        | {"name": name, "to_reporter": person is not None}
        | dict(more or {}),
        useful_until=clock.now() + lasts if lasts else None,
    )


def composers() -> dict[str, Callable[[Notice], Extras]]:
    """What each letter carries besides its values: the outlet's link, but not with a code."""
    kinds = (*KINDS.values(), *(kind for kind in OTHERS if kind != "press-code"))
    return dict.fromkeys(kinds, compose)


def compose(notice: Notice) -> Extras:
    """The outlet's own link; nothing once it is erased."""
    application = db.session.scalar(
        select(Application)
        .where(Application.id == UUID(notice.about.partition(":")[2]))
        .options(joinedload(Application.series))
    )
    if application is None or application.erased_at is not None:
        return Extras()
    return Extras(link=my_url(application))


def _values(application: Application) -> dict[str, Any]:
    series = application.series
    people = queries.people_of(application.id)
    request = queries.open_request(application.id)
    appeal = db.session.get(Appeal, application.id)
    days = queries.settings_of(series.id).answer_days
    reason = REASON_NAMES.get(Reason(application.reason_code)) if application.reason_code else None
    return {
        "name": application.focal_name,
        "outlet": both(application.outlet_text),
        "series": both(series.name),
        "series_slug": series.slug,
        "time_zone": series.time_zone,
        "sample": application.sample or series.sample,
        "number": show_staff_code(application.number) if application.number else "",
        "state": both(STATE_NAMES[application.state]),
        "people": [_person(person) for person in people],
        "answer_days": days,
        "reason_name": both(reason) if reason else None,
        "reason": application.reason,
        "answer_by": request.answer_by.isoformat() if request else None,
        "appeal_answer": appeal.answer if appeal else "",
        "asked": [
            {
                "person": _name_of(item.subject, people),
                "what": both(ITEM_ASKS[Item(item.item)]),
                "note": item.note,
            }
            for item in (request.items if request else ())
        ],
    }


def _person(person: PressPerson) -> dict[str, Any]:
    granted = person.state in GRANTED
    zones = [Zone(zone) for zone in person.zones]
    return {
        "name": person.name,
        "role": both(ROLE_NAMES[person.role]),
        "standing": person.state.value,
        "zones": [both(_zone(zone)) for zone in zones] if granted else [],
        "second": [both(_zone(Zone(zone))) for zone in person.proposed_zones],
        "valid_until": person.valid_until.isoformat() if granted and person.valid_until else None,
        "reason": person.reason,
    }


def _zone(zone: Zone) -> Text:
    name = ZONE_NAMES[zone]
    return Text(f"{zone.value} {name.zh}", f"{zone.value} {name.en}")


def _name_of(subject: str, people: Any) -> str:
    return next((person.name for person in people if str(person.id) == subject), "")


def both(text: Text) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en or text.zh}
