"""One registration: its page or panel, its contact in full, and what is done to it."""

from uuid import UUID

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from eduforum.core.errors import NotFound, Refusal
from eduforum.core.i18n import Text
from eduforum.events.access import guarded_series
from eduforum.events.rules import MODE_NAMES
from eduforum.registration import services
from eduforum.registration.columns import SOURCE_NAMES, STATE_TONES
from eduforum.registration.desk.deed_forms import DeedForm
from eduforum.registration.desk.deeds import DEEDS, Deed, do
from eduforum.registration.desk.detail import Detail, detail_of
from eduforum.registration.desk.forms import RevealForm
from eduforum.registration.desk.frame import (
    ACTORS,
    ID_READERS,
    READERS,
    list_url,
    may_act,
    may_reveal_id,
    pages,
    with_filters,
)
from eduforum.registration.queries import registration_or_404
from eduforum.registration.rules import STATE_NAMES
from eduforum.web.access import requires


@pages.get("/desk/s/<series>/registrations/<uuid:registration_id>")
@requires(*READERS)
def registration(series: str, registration_id: UUID) -> ResponseReturnValue:
    """A page of its own; for the script that opens it beside the table, only the part inside."""
    detail = detail_of(guarded_series(), registration_id)
    if request.headers.get("HX-Request"):
        return _render("_desk_detail", detail, in_panel=True)
    return _render("desk_registration", detail)


@pages.post("/desk/s/<series>/registrations/<uuid:registration_id>/reveal")
@requires(*ACTORS)
def reveal(series: str, registration_id: UUID) -> ResponseReturnValue:
    """Shown once in this answer; the audit trail has it first."""
    form = RevealForm(prefix="reveal-")
    known = guarded_series()
    if not form.validate_on_submit():
        page = _render("desk_registration", detail_of(known, registration_id), reveal=form)
        return page, 422
    seen = services.reveal(known.id, registration_id, form.reason.data)
    detail = detail_of(guarded_series(), registration_id)
    return _render("desk_registration", detail, contact=(seen.mobile, seen.email))


@pages.post("/desk/s/<series>/registrations/<uuid:registration_id>/reveal-id")
@requires(*ID_READERS)
def reveal_id(series: str, registration_id: UUID) -> ResponseReturnValue:
    """Shown once in this answer; the audit trail has it first."""
    form = RevealForm(prefix="id-")
    known = guarded_series()
    if not form.validate_on_submit():
        page = _render("desk_registration", detail_of(known, registration_id), reveal_id=form)
        return page, 422
    number = services.reveal_id(known.id, registration_id, form.reason.data)
    detail = detail_of(guarded_series(), registration_id)
    return _render("desk_registration", detail, whole_id=number)


@pages.route(
    "/desk/s/<series>/registrations/<uuid:registration_id>/<action>", methods=["GET", "POST"]
)
@requires(*ACTORS)
def act(series: str, registration_id: UUID, action: str) -> ResponseReturnValue:
    """GET says what will happen and asks; POST does it."""
    deed = DEEDS.get(action)
    if deed is None:
        raise NotFound
    known = guarded_series()
    person = registration_or_404(known.id, registration_id)
    form = deed.form_for(known.time_zone, person.category)
    if request.method == "GET":
        if person.state not in deed.states:
            return redirect(_place(registration_id))
        return _ask(deed, form, detail_of(known, registration_id))
    if not form.validate_on_submit():
        return _ask(deed, form, detail_of(known, registration_id)), 422
    try:
        do(deed, known.id, registration_id, form)
    except Refusal as refusal:
        return _refused(deed, form, registration_id, refusal)
    flash(str(deed.done), "ok")
    return redirect(_place(registration_id), 303)


def _refused(
    deed: Deed, form: DeedForm, registration_id: UUID, refusal: Refusal
) -> ResponseReturnValue:
    beside = [name for name in refusal.errors if name in form]
    for name in beside:
        for sentence in refusal.errors[name]:
            form.refuse(name, sentence)
    if beside or deed.asks:
        detail = detail_of(guarded_series(), registration_id)
        return _ask(deed, form, detail, [] if beside else [refusal.sentence]), refusal.status
    flash(str(refusal.sentence), "bad")
    return redirect(_place(registration_id), 303)


def _place(registration_id: UUID) -> str:
    """Where somebody came from: the table with the panel open, or the page."""
    if "panel" in request.values:
        return list_url(open=str(registration_id))
    return with_filters(".registration", registration_id=registration_id)


def _ask(deed: Deed, form: DeedForm, detail: Detail, also: list[Text] | None = None) -> str:
    return _render("desk_ask", detail, deed=deed, form=form, also=also or [])


def _render(template: str, detail: Detail, **more: object) -> str:
    return render_template(
        f"registration/{template}.html",
        detail=detail,
        may_act=may_act(),
        may_reveal_id=may_reveal_id(),
        list_url=list_url,
        with_filters=with_filters,
        states=STATE_NAMES,
        tones=STATE_TONES,
        modes=MODE_NAMES,
        sources=SOURCE_NAMES,
        **more,
    )
