"""One application: what was sent, what was checked, what can be done, what happened."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from flask import render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from eduforum.core import audit, clock
from eduforum.core.audit import current_actor
from eduforum.core.db import db, transaction
from eduforum.core.i18n import Text
from eduforum.core.id_numbers import ID_TYPE_NAMES
from eduforum.events.access import guarded_series
from eduforum.files import serving
from eduforum.files.queries import file_or_404, files_of
from eduforum.press import queries
from eduforum.press.desk.frame import ACTORS, list_url, pages
from eduforum.press.forms.desk import (
    ApproveForm,
    AskForm,
    FindingForm,
    HoldForm,
    NoteForm,
    PlainForm,
    RejectForm,
    RevealForm,
    VerifyForm,
)
from eduforum.press.history import actor_names, history_of
from eduforum.press.models import Appeal, Application, Check, InfoRequest, OfficeNote, PressPerson
from eduforum.press.rules import APPLICATIONS, Item, State, Verdict, items_of
from eduforum.press.rules.forms import ROUNDS, USUAL_ZONES
from eduforum.press.rules.ranking import Places
from eduforum.press.rules.states import officer_as
from eduforum.press.services import identity, places
from eduforum.press.services.review import snapshot
from eduforum.web.access import requires
from eduforum.web.forms import Form

_FIELDS = {
    "focal_name": Text("联络人", "Focal person"),
    "focal_mobile": Text("联络人手机号", "Mobile of the focal person"),
    "focal_email": Text("联络人邮箱", "E-mail of the focal person"),
    "remark": Text("其他说明", "Remark"),
    "letter": Text("派遣函", "Letter of assignment"),
    "customs": Text("器材报关清单", "Customs list"),
    "name": Text("姓名", "Name"),
    "role": Text("岗位", "Role"),
    "press_card": Text("记者证号", "Press card number"),
    "id_number": Text("证件号码", "ID number"),
    "nationality": Text("国籍", "Nationality"),
    "visa": Text("签证", "Visa"),
    "photo": Text("照片", "Photo"),
    "equipment": Text("器材", "Equipment"),
}
_HIDDEN = frozenset({"letter", "customs", "photo", "id_number"})
"""What is only said to have changed; the file itself is on the page."""


@dataclass(frozen=True, slots=True)
class Change:
    """A field that the outlet changed since it was asked. person: whose, or ""."""

    person: str
    label: Text
    before: str
    after: str
    told_only: bool


@dataclass(frozen=True, slots=True)
class Opened:
    """The form that was sent and is shown again with what is wrong."""

    name: str = ""
    form: Form | None = None
    also: Sequence[Text] = field(default_factory=tuple)


@pages.get("/<uuid:application_id>")
@requires(*ACTORS)
def application(series: str, application_id: UUID) -> ResponseReturnValue:
    return show(queries.application_or_404(guarded_series().id, application_id))


@pages.get("/<uuid:application_id>/files/<uuid:file_id>")
@requires(*ACTORS)
def file(series: str, application_id: UUID, file_id: UUID) -> ResponseReturnValue:
    """A file that was sent, as an attachment; who opens it is noted first."""
    here = guarded_series()
    with transaction():
        one = queries.application_or_404(here.id, application_id)
        stored = file_or_404(one.owner, file_id)
        audit.record("file.open", one.owner, series_id=here.id,
                     after={"file": str(stored.id), "purpose": stored.purpose})  # fmt: skip
    return serving.attachment(stored)


@pages.get("/<uuid:application_id>/photos/<uuid:file_id>")
@requires(*ACTORS)
def photo(series: str, application_id: UUID, file_id: UUID) -> ResponseReturnValue:
    """Somebody's photo, to be seen on the page of the application."""
    one = queries.application_or_404(guarded_series().id, application_id)
    return serving.attachment(file_or_404(one.owner, file_id))


def show(one: Application, opened: Opened | None = None, status: int = 200) -> ResponseReturnValue:
    """The page, with the form that was refused opened again."""
    opened = opened or Opened()
    people = queries.people_of(one.id)
    requests = queries.requests_of(one.id)
    appeal = db.session.get(Appeal, one.id)
    notes = db.session.scalars(
        select(OfficeNote).where(OfficeNote.application_id == one.id).order_by(OfficeNote.id.desc())
    ).all()
    me, now = current_actor(), clock.now()
    first = one.rejected_by if one.state is State.APPEALED else ""
    actor = officer_as(me, first=first, tied=queries.is_tied(one, me))
    events = list(queries.events_by_id(one.series_id).values())
    whole, each = items_of(one.media_group)
    who = {one.claimed_by, *(note.actor for note in notes), *(r.actor for r in requests)}
    who |= {one.rejected_by, *(person.proposed_by for person in people)}
    page = render_template(
        "press/desk_one.html",
        one=one,
        people=people,
        actor=actor.value,
        can={action.value for action in APPLICATIONS.open_to(one.state, actor)},
        me=me,
        claimed=one.claimed_until is not None and one.claimed_until > now,
        names=actor_names(who - {""}),
        checks=_checks(one.id),
        whole=whole,
        each=each,
        Verdict=Verdict,
        requests=requests,
        changes=_changes(one, people, requests),
        rounds_left=ROUNDS - len(requests),
        doubles=queries.doubles_of(one.series_id, people),
        same_outlet=_same_outlet(one),
        files={stored.id: stored for stored in files_of(one.owner)},
        numbers={person.id: identity.masked(person.id, person.id_number) for person in people},
        id_type_names={kind.value: name for kind, name in ID_TYPE_NAMES.items()},
        events=events,
        quotas=_quotas(one),
        appeal=appeal,
        notes=notes,
        history_items=history_of(one, people),
        ask_parts=[
            ("", Text("申请材料", "The application"), whole),
            *((str(person.id), person.name, each) for person in people),
        ],
        opened=opened,
        forms=_forms(one, people, events, opened),
        usual_zones=USUAL_ZONES,
        list_url=list_url,
    )
    return page, status


def _forms(
    one: Application, people: Sequence[PressPerson], events: Sequence[Any], opened: Opened
) -> Mapping[str, Form]:
    """The forms on the page; the one that was sent keeps what was typed."""
    zone, now = one.series.time_zone, clock.now()
    fresh: dict[str, Form] = {
        "verify_outlet": VerifyForm(formdata=None),
        "ask": AskForm(zone, now, formdata=None),
        "reject": RejectForm(formdata=None),
        "hold": HoldForm(formdata=None),
        "finding": FindingForm(formdata=None),
        "note": NoteForm(formdata=None),
        "reveal": RevealForm(formdata=None),
        "plain": PlainForm(formdata=None),
    }
    if events:
        fresh["approve"] = ApproveForm(zone, events, people, formdata=None)
    if opened.form is not None and opened.name in fresh:
        fresh[opened.name] = opened.form
    return fresh


def _checks(application_id: UUID) -> Mapping[tuple[Item, str], Verdict]:
    rows = db.session.scalars(select(Check).where(Check.application_id == application_id))
    return {(row.item, row.subject): row.verdict for row in rows}


def _same_outlet(one: Application) -> Sequence[Application]:
    """Other applications of the same outlet: two desks of one house may each apply."""
    if one.outlet_id is None:
        return ()
    return db.session.scalars(
        select(Application)
        .where(
            Application.series_id == one.series_id,
            Application.outlet_id == one.outlet_id,
            Application.id != one.id,
            Application.state.not_in((State.DRAFT, State.WITHDRAWN, State.CLOSED)),
        )
        .order_by(Application.submitted_at)
    ).all()


def _quotas(one: Application) -> Sequence[Places]:
    return [places.of_series(one.series), *places.of_events(one.series_id).values()]


def _changes(
    one: Application, people: Sequence[PressPerson], requests: Sequence[InfoRequest]
) -> Sequence[Change]:
    """What is other than it was when more was asked for the last time."""
    if not requests or requests[-1].answered_at is None:
        return ()
    before, after = requests[-1].before, snapshot(one, people)
    names = {str(person.id): person.name for person in people}
    found = []
    for key, value in after.items():
        if key in before and before[key] != value:
            subject, _, name = key.rpartition(".")
            told = name in _HIDDEN
            found.append(Change(names.get(subject, ""), _FIELDS[name], before[key], value, told))
    return found
