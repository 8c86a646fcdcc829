"""Reminders and announcements at the desk: write, look at, let go, stop, and see what became of it."""

import re
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from eduforum.announcements import queries, services
from eduforum.announcements.forms import AnnouncementForm, data_of
from eduforum.announcements.models import Announcement, AnnouncementRecipient
from eduforum.announcements.rules import (
    ADVICE,
    ADVICE_ELSE,
    ARRIVED_NAMES,
    KIND_NAMES,
    REASON_NAMES,
    STATE_NAMES,
    AnnouncementKind,
    AnnouncementState,
    Arrived,
    Deed,
    GroupChanged,
    may,
    placeholders,
)
from eduforum.core.errors import BadInput, NotFound, Refusal
from eduforum.core.i18n import Language, Text, plural, t
from eduforum.core.names import mask_email, mask_name
from eduforum.events.access import guarded_series, principal
from eduforum.events.forms import tell
from eduforum.events.queries import events_of
from eduforum.events.rules import EventState
from eduforum.notices.letters import PERSONAL_LINK
from eduforum.notices.rules import Trouble, trouble_text
from eduforum.registration.models import Registration
from eduforum.registration.queries import categories_of
from eduforum.registration.rules import STATE_NAMES as REGISTRATION_STATES
from eduforum.registration.rules import State
from eduforum.web.access import Role, requires
from eduforum.web.pagination import PAGE_SIZE, Page, changed_url, page_number

pages = Blueprint("announcements", __name__, url_prefix="/desk/s/<series>/announcements")

_NUMBER = re.compile("[0-9]{1,9}")
_NAMED = 5
"""People whom the question before sending names."""
_READERS = (Role.ORGANISER, Role.REGISTRAR)
_TONES = {
    AnnouncementState.DRAFT: "idle",
    AnnouncementState.SCHEDULED: "wait",
    AnnouncementState.SENDING: "now",
    AnnouncementState.STOPPED: "wait",
    AnnouncementState.SENT: "ok",
    AnnouncementState.CANCELLED: "idle",
}
_DONE = {
    Deed.REVISE: Text("已退回草稿，可以修改。", "It is a draft again and can be changed."),
    Deed.STOP: Text("已暂停，未发的不再发出。", "Stopped: nothing more is sent."),
    Deed.RESUME: Text("继续发送。", "Sending goes on."),
    Deed.CANCEL: Text("已取消，未发的不再发送。", "Cancelled: whoever is left gets nothing."),
}


@pages.get("")
@requires(*_READERS)
def announcements(series: str) -> ResponseReturnValue:
    here = guarded_series()
    return render_template(
        "announcements/list.html",
        **_IN_TEMPLATES,
        items=queries.announcements_of(here.id),
        progress=queries.progress(here.id),
        may_write=_may_write(),
    )


@pages.route("/new/<any(reminder,announcement):kind>", methods=["GET", "POST"])
@requires(Role.ORGANISER)
def new(series: str, kind: str) -> ResponseReturnValue:
    return _form_page(AnnouncementKind(kind), None)


@pages.route("/<uuid:announcement_id>/edit", methods=["GET", "POST"])
@requires(Role.ORGANISER)
def edit(series: str, announcement_id: UUID) -> ResponseReturnValue:
    one = queries.announcement_or_404(guarded_series().id, announcement_id)
    if not may(Deed.SCHEDULE, one.state):
        flash(str(Text("请先退回草稿，再修改。", "Take it back to a draft first.")), "bad")
        return redirect(_url(one), 303)
    return _form_page(one.kind, one)


@pages.get("/<uuid:announcement_id>")
@requires(*_READERS)
def announcement(series: str, announcement_id: UUID) -> ResponseReturnValue:
    """Whom it reaches, how it reads, how far it is, and what did not arrive."""
    here = guarded_series()
    one = queries.announcement_or_404(here.id, announcement_id)
    total = queries.audience_count(one)
    number = min(page_number(), max(1, -(-total // PAGE_SIZE)))
    people = queries.audience_page(one, number=number, size=PAGE_SIZE)
    reader = _reader(people)
    return render_template(
        "announcements/one.html",
        **_IN_TEMPLATES,
        one=one,
        page=Page(people, number, PAGE_SIZE, total),
        reader=reader,
        letters=_letters(one, reader) if reader else (),
        numbers=queries.progress(here.id, one.id).get(one.id, queries.NOTHING),
        group=_group(one),
        troubled=queries.troubled(one) if one.started_at else (),
        again=_again(one),
        may_send=_may_write() and may(Deed.SCHEDULE, one.state),
        deeds={deed for deed in _DONE if may(deed, one.state)} if _may_write() else set(),
        Deed=Deed,
        preview_url=lambda person: changed_url(reader=str(person.id)) + "#letter",
    )


@pages.get("/<uuid:announcement_id>/send")
@requires(Role.ORGANISER)
def ask(series: str, announcement_id: UUID) -> ResponseReturnValue:
    """The question before it goes: to how many, how they get it, how it reads."""
    one = queries.announcement_or_404(guarded_series().id, announcement_id)
    if not may(Deed.SCHEDULE, one.state):
        return redirect(_url(one), 303)
    return _question(one)


@pages.post("/<uuid:announcement_id>/send")
@requires(Role.ORGANISER)
def send(series: str, announcement_id: UUID) -> ResponseReturnValue:
    """Let it go to the number of people that was shown."""
    one = queries.announcement_or_404(guarded_series().id, announcement_id)
    seen = request.form.get("count", "")
    try:
        services.schedule(one.series_id, one.id, int(seen) if _NUMBER.fullmatch(seen) else -1)
    except GroupChanged as refusal:
        return _question(one, [refusal.sentence]), 409
    except NotFound:
        raise
    except Refusal as refusal:
        flash(str(refusal), "bad")
    else:
        flash(str(Text("已确认，将按时发送。", "Confirmed: it leaves at its time.")), "ok")
    return redirect(_url(one), 303)


@pages.post("/<uuid:announcement_id>/again")
@requires(Role.ORGANISER)
def again(series: str, announcement_id: UUID) -> ResponseReturnValue:
    """Send it once more to those whom it did not reach."""
    one = queries.announcement_or_404(guarded_series().id, announcement_id)
    try:
        count = services.send_again(one.series_id, one.id)
    except NotFound:
        raise
    except Refusal as refusal:
        flash(str(refusal), "bad")
    else:
        done = plural(
            count,
            "将重新发送给 {n} 人。",
            "It goes to {n} person again.",
            "It goes to {n} people again.",
        )
        flash(str(done), "ok")
    return redirect(_url(one), 303)


@pages.post("/<uuid:announcement_id>/<any(revise,stop,resume,cancel):deed>")
@requires(Role.ORGANISER)
def act(series: str, announcement_id: UUID, deed: str) -> ResponseReturnValue:
    try:
        services.act(guarded_series().id, announcement_id, Deed(deed))
    except NotFound:
        raise
    except Refusal as refusal:
        flash(str(refusal), "bad")
    else:
        flash(str(_DONE[Deed(deed)]), "ok")
    return redirect(url_for(".announcement", series=series, announcement_id=announcement_id), 303)


def _form_page(kind: AnnouncementKind, one: Announcement | None) -> ResponseReturnValue:
    here = guarded_series()
    start: dict[str, Any] = {"days_before": 1, "states": [State.CONFIRMED.value], "arrived": "any"}
    form = AnnouncementForm(
        kind=kind,
        zone=here.time_zone,
        events=[e for e in events_of(here.id) if e.state is not EventState.CANCELLED],
        categories=categories_of(here.id),
        delegations=queries.delegations_of(here.id),
        data=None if request.method == "POST" else data_of(one) if one else start,
    )
    if form.validate_on_submit():
        try:
            given = form.announcement_input()
            made = services.edit(here.id, one.id, given) if one else services.create(here.id, given)
        except BadInput as refusal:
            tell(form, refusal)
        else:
            flash(str(Text("草稿已保存，请核对后发送。", "Saved: check it, then send.")), "ok")
            return redirect(_url(made), 303)
    page = render_template(
        "announcements/form.html",
        form=form,
        one=one,
        kind=kind,
        kind_name=KIND_NAMES[kind],
        holders=placeholders(of_event=True),
    )
    return page, 422 if form.is_submitted() else 200


def _question(one: Announcement, also: Sequence[Text] = ()) -> str:
    reach = queries.reach(one)
    people = queries.audience_page(one, number=1, size=_NAMED)
    reader = next((one for one in people if one.email), people[0] if people else None)
    own = Language(reader.language) if reader else Language.ZH
    return render_template(
        "announcements/ask.html",
        **_IN_TEMPLATES,
        one=one,
        also=also,
        reach=reach,
        names=[mask_name(person.name) for person in people],
        unreached=queries.unreached(one, _NAMED) if reach.none else (),
        letters=[letter for letter in _letters(one, reader) if letter[0] == own] if reader else (),
        group=_group(one),
        minutes=-(-reach.total // one.per_minute),
        days=-(-reach.total // one.per_day),
    )


def _again(one: Announcement) -> int:
    """To how many it can be sent again."""
    if not (_may_write() and may(Deed.AGAIN, one.state)):
        return 0
    return queries.count_to_try_again(one.id)


def _url(one: Announcement) -> str:
    slug = guarded_series().slug
    return url_for("announcements.announcement", series=slug, announcement_id=one.id)


def _may_write() -> bool:
    return principal().has_role(guarded_series().id, Role.ORGANISER)


def _reader(people: Sequence[Registration]) -> Registration | None:
    """Whose letter is shown: as the address says, or the first of the page."""
    asked = request.args.get("reader", "")
    return next((one for one in people if str(one.id) == asked), people[0] if people else None)


def _letters(one: Announcement, reader: Registration) -> list[tuple[str, str, str]]:
    """(language, subject, text) as this person reads it; the link opens a page and is not shown."""
    hidden = t("（本人报名网址）", "(address of the own registration)")
    written = [(language, services.preview(one, reader, language)) for language in Language]
    return [
        (language.value, letter.subject, letter.text.replace(PERSONAL_LINK, hidden))
        for language, letter in written
    ]


def _group(one: Announcement) -> list[tuple[str, str]]:
    """Whom it is for, in words."""
    here, joint = guarded_series(), t("、", ", ")
    named: list[tuple[str, list[Any]]] = [
        (t("活动", "Events"), [e.name for e in events_of(here.id) if e.id in one.event_ids]),
        (
            t("参会类别", "Categories"),
            [c.name for c in categories_of(here.id) if c.id in one.category_ids],
        ),
        (
            t("报送单位", "Delegations"),
            [d.unit for d in queries.delegations_of(here.id) if str(d.id) in one.delegation_ids],
        ),
        (t("报名状态", "States"), [REGISTRATION_STATES[State(state)] for state in one.states]),
    ]
    told = [(label, joint.join(str(name) for name in names)) for label, names in named if names]
    if one.arrived is not Arrived.ANY:
        told.append((t("是否到场", "Arrived"), str(ARRIVED_NAMES[one.arrived])))
    return told


def _trouble(row: AnnouncementRecipient) -> tuple[str, str]:
    """What went wrong with this letter, and what to do."""
    if row.notice is None:
        todo = t(
            "请在报名中补填邮箱，或为所在单位填写联络员邮箱，再重新发送。",
            "Enter an address in the registration, or the liaison's, then send it again.",
        )
        return str(REASON_NAMES["no_address"]), todo
    sentence, words = trouble_text(row.notice.last_error)
    kind = row.notice.last_error.partition(":")[0]
    advice = ADVICE.get(Trouble(kind), ADVICE_ELSE) if kind in list(Trouble) else ADVICE_ELSE
    why = t("{why}（{words}）", "{why} ({words})", why=sentence, words=words)
    return why if words else str(sentence), str(advice)


_IN_TEMPLATES: dict[str, Any] = {
    "kind_names": KIND_NAMES,
    "state_names": STATE_NAMES,
    "tones": _TONES,
    "reason_names": REASON_NAMES,
    "mask_email": mask_email,
    "trouble": _trouble,
    "nothing": queries.NOTHING,
}
