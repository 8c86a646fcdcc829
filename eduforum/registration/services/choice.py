"""What a person asks for, and whether it can be had: category, events, sessions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from sqlalchemy import select

from eduforum.core import clock
from eduforum.core.db import db
from eduforum.core.errors import BadInput
from eduforum.core.i18n import Text
from eduforum.events.models import Event, Region
from eduforum.events.rules import EventState, Mode
from eduforum.registration import queries
from eduforum.registration.models import Category, Pool
from eduforum.registration.services import invited
from eduforum.registration.services.admission import check_admitted
from eduforum.schedule.models import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """What a person tells us. The form, the API, the import and the desk all produce one.

    category: a category's code. events: slugs, at least one. sessions: ids, only where sign-up is
    asked. mobile: E.164; email: casefolded; at least one of them. answers: by the key of their
    question; None leaves what is on file. region: the code of the host region that was chosen, ""
    for another one; None where it was not asked: then it is that of the unit's record.
    delegation_id, invitation_id: of the link or code that was used; checked by the caller, never
    taken from a form. invitation_code: as it was typed. id_type, id_number: of an identity document, as typed, only where the
    category asks for it; an empty number leaves the one on file.
    """

    name: str
    category: str
    events: tuple[str, ...]
    organisation: str = ""
    position: str = ""
    mobile: str = ""
    email: str = ""
    id_type: str = ""
    id_number: str = field(default="", repr=False)
    sessions: tuple[str, ...] = ()
    mode: Mode = Mode.ONSITE
    answers: Mapping[str, Any] | None = None
    consents: tuple[str, ...] = ()
    language: str = "zh-Hans"
    region: str | None = None
    delegation_id: UUID | None = None
    invitation_id: UUID | None = None
    invitation_code: str = ""


def by_code(series_id: int, application: Application) -> Application:
    """The same application by the invitation whose code was typed; without a code as it is.

    Raises `BadInput` beside `invitation_code`, or beside `category` if the code is for another.
    """
    if not application.invitation_code or application.invitation_id is not None:
        return application
    found = queries.invitation_by_code(series_id, application.invitation_code)
    if found is None:
        raise invited.no_such_code()
    if found.category.code != application.category:
        sentence = Text(
            "此邀请码用于“{category}”，请选择该类别。",
            "This code is for “{category}”; choose that category.",
        ).fill(category=found.category.name)
        raise BadInput(sentence, {"category": [sentence]})
    return replace(application, invitation_id=found.id, invitation_code="")


def category_for(series_id: int, application: Application, *, staff: bool) -> Category:
    category = queries.category_by_code(series_id, application.category)
    if category is None:
        raise bad("category", "请选择参会类别。", "Choose a category.")
    if not staff:
        check_admitted(
            category, application.delegation_id, application.invitation_id, application.email
        )
        if category.guardian_consent and "guardian" not in application.consents:
            raise bad("consents", "请由监护人同意。", "A guardian must consent.")
    return category


def chosen(
    series_id: int, category: Category, application: Application, kept: Sequence[Event] = ()
) -> tuple[list[Event], list[Session]]:
    """The chosen events and sessions. Raises `BadInput` for one that cannot be chosen (now).

    kept: what was chosen before and may stay, even if it is over by now.
    """
    if application.region and db.session.get(Region, application.region) is None:
        raise bad("region", "请从列表中选择地区。", "Choose a region from the list.")
    slugs = list(dict.fromkeys(application.events))
    offered = queries.choosable(category.id, slugs)
    by_slug = {event.slug: event for event in [*offered, *kept]}
    if not slugs or any(slug not in by_slug for slug in slugs):
        raise bad(
            "events",
            "请至少选择一项可参加的活动。",
            "Choose at least one event that is open to you.",
        )
    events = [by_slug[slug] for slug in slugs]
    for event in events:
        if event in kept:
            continue
        if event.state is EventState.CANCELLED or event.ends_at <= clock.now():
            sentence = Text("“{event}”已取消或已结束。", "“{event}” is cancelled or over.")
            raise BadInput(sentence.fill(event=event.name),
                           {"events": [sentence.fill(event=event.name)]})  # fmt: skip
        if event.mode not in (Mode.HYBRID, application.mode):
            sentence = Text("“{event}”没有这种参加方式。", "“{event}” cannot be joined this way.")
            raise BadInput(sentence.fill(event=event.name),
                           {"mode": [sentence.fill(event=event.name)]})  # fmt: skip
    return events, _chosen_sessions(series_id, application, events)


def _chosen_sessions(
    series_id: int, application: Application, events: Sequence[Event]
) -> list[Session]:
    if not application.sessions:
        return []
    asks = select(Pool.session_id).where(Pool.series_id == series_id, Pool.session_id.is_not(None))
    offered = db.session.scalars(
        select(Session).where(
            Session.event_id.in_([event.id for event in events]),
            Session.id.in_(asks),
            Session.cancelled.is_(False),
        )
    ).all()
    by_id = {str(session.id): session for session in offered}
    if any(wanted not in by_id for wanted in application.sessions):
        raise bad("sessions", "所选场次不可报名。", "One of the sessions does not ask for sign-up.")
    return [by_id[wanted] for wanted in dict.fromkeys(application.sessions)]


def bad(field_name: str, zh: str, en: str) -> BadInput:
    sentence = Text(zh, en)
    return BadInput(sentence, {field_name: [sentence]})
