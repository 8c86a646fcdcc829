"""The desk's pages for what stands within an event: sessions, agreements, plaques."""

from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from eduforum.core.errors import BadInput, Refusal
from eduforum.core.i18n import Text, t
from eduforum.events.access import guarded_series
from eduforum.events.forms import tell
from eduforum.events.models import Event
from eduforum.events.queries import event_or_404, organisations
from eduforum.schedule import queries, services
from eduforum.schedule.desk import pages
from eduforum.schedule.forms import AgreementForm, PlaquesForm, SessionForm
from eduforum.schedule.models import Agreement, Session
from eduforum.schedule.rows import arranged
from eduforum.web.access import Role, requires

__all__ = ["pages"]

_PERSON = ("part", "name", "organisation", "title", "topic")
_PARTY = ("organisation", "signatory")
_PLAQUE = ("name_zh", "name_en")
_DONE = {
    "cancel": Text("场次已取消。", "The session is cancelled."),
    "restore": Text("场次照常进行。", "The session takes place after all."),
    "delete": Text("场次已删除。", "The session is deleted."),
}


@pages.route("/e/<event>/new-session", methods=["GET", "POST"])
@requires(Role.ORGANISER)
def new_session(series: str, event: str) -> ResponseReturnValue:
    return _session_page(event_or_404(guarded_series().id, event), None)


@pages.route("/e/<event>/sessions/<uuid:session>", methods=["GET", "POST"])
@requires(Role.ORGANISER)
def session(series: str, event: str, session: UUID) -> ResponseReturnValue:
    found = event_or_404(guarded_series().id, event)
    return _session_page(found, queries.session_or_404(found.id, session))


@pages.post("/e/<event>/sessions/<uuid:session>/<any(cancel, restore, delete):action>")
@requires(Role.ORGANISER)
def act_on_session(series: str, event: str, session: UUID, action: str) -> ResponseReturnValue:
    found = event_or_404(guarded_series().id, event)
    held = queries.session_or_404(found.id, session)
    try:
        if action == "delete":
            services.delete_session(held.id)
        else:
            services.set_session_cancelled(held.id, action == "cancel")
    except Refusal as refusal:
        flash(str(refusal.sentence), "bad")
    else:
        flash(str(_DONE[action]), "ok")
    return _to_event(found)


@pages.route("/e/<event>/new-agreement", methods=["GET", "POST"])
@requires(Role.ORGANISER)
def new_agreement(series: str, event: str) -> ResponseReturnValue:
    return _agreement_page(event_or_404(guarded_series().id, event), None)


@pages.route("/e/<event>/agreements/<int:agreement>", methods=["GET", "POST"])
@requires(Role.ORGANISER)
def agreement(series: str, event: str, agreement: int) -> ResponseReturnValue:
    found = event_or_404(guarded_series().id, event)
    return _agreement_page(found, queries.agreement_or_404(found.id, agreement))


@pages.post("/e/<event>/agreements/<int:agreement>/delete")
@requires(Role.ORGANISER)
def delete_agreement(series: str, event: str, agreement: int) -> ResponseReturnValue:
    found = event_or_404(guarded_series().id, event)
    services.delete_agreement(found.id, queries.agreement_or_404(found.id, agreement).id)
    flash(t("协议已删除。", "The agreement is deleted."), "ok")
    return _to_event(found)


@pages.route("/e/<event>/plaques", methods=["GET", "POST"])
@requires(Role.ORGANISER)
def plaques(series: str, event: str) -> ResponseReturnValue:
    here = guarded_series()
    found = event_or_404(here.id, event)
    if "rows" in request.form:
        form = PlaquesForm(formdata=arranged(request.form, "plaques", _PLAQUE))
        return render_template("schedule/plaques_form.html", form=form, event=found)
    held = queries.programme(here).plaques.get(found.id, ())
    rows = [{"name_zh": plaque.name_zh, "name_en": plaque.name_en} for plaque in held]
    form = PlaquesForm(data=_unless_typed({"plaques": rows}))
    if form.validate_on_submit():
        services.set_plaques(found.id, form.names())
        flash(t("已保存。", "Saved."), "ok")
        return _to_event(found)
    page = render_template("schedule/plaques_form.html", form=form, event=found)
    return page, 422 if form.is_submitted() else 200


def _unless_typed(held: dict[str, Any]) -> dict[str, Any] | None:
    """What a form starts with. Of rows that were sent, only what was typed counts."""
    return None if request.method == "POST" else held


def _session_page(event: Event, held: Session | None) -> ResponseReturnValue:
    here = guarded_series()
    own = held if held and held.slug == event.slug else None
    more: dict[str, Any] = {
        "zone": here.time_zone,
        "rooms": queries.rooms_of(here.id),
        "own": own,
    }
    if "rows" in request.form:
        form = SessionForm(formdata=arranged(request.form, "people", _PERSON), **more)
        return _session_form(form, event, held)
    form = SessionForm(data=_unless_typed(_session_data(event, held)), **more)
    if form.validate_on_submit():
        try:
            if held:
                services.edit_session(held.id, form.session_input())
            else:
                services.create_session(event.id, form.session_input())
        except BadInput as refusal:
            tell(form, refusal)
        else:
            flash(t("已保存。", "Saved."), "ok")
            return _to_event(event)
    return _session_form(form, event, held), 422 if form.is_submitted() else 200


def _session_form(form: SessionForm, event: Event, held: Session | None) -> str:
    return render_template(
        "schedule/session_form.html",
        form=form,
        event=event,
        held=held,
        organisations=organisations(),
    )


def _session_data(event: Event, held: Session | None) -> dict[str, Any]:
    if held is None:
        return {"starts_at": event.starts_at, "ends_at": event.ends_at}
    names = (
        "name_zh", "name_en", "starts_at", "ends_at", "room_id", "track", "abstract_zh", "abstract_en"
    )  # fmt: skip
    people = [{name: getattr(person, name) for name in _PERSON} for person in held.people]
    return {**{name: getattr(held, name) for name in names}, "people": people}


def _agreement_page(event: Event, held: Agreement | None) -> ResponseReturnValue:
    if "rows" in request.form:
        form = AgreementForm(formdata=arranged(request.form, "parties", _PARTY))
        return _agreement_form(form, event, held)
    form = AgreementForm(data=_unless_typed(_agreement_data(held)))
    if form.validate_on_submit():
        try:
            services.save_agreement(event.id, form.agreement_input(), held.id if held else None)
        except BadInput as refusal:
            tell(form, refusal)
        else:
            flash(t("已保存。", "Saved."), "ok")
            return _to_event(event)
    return _agreement_form(form, event, held), 422 if form.is_submitted() else 200


def _agreement_form(form: AgreementForm, event: Event, held: Agreement | None) -> str:
    return render_template(
        "schedule/agreement_form.html",
        form=form,
        event=event,
        held=held,
        organisations=organisations(),
    )


def _agreement_data(held: Agreement | None) -> dict[str, Any]:
    if held is None:
        return {}
    parties = [
        {"organisation": party.organisation.name_zh, "signatory": party.signatory}
        for party in held.parties
    ]
    return {"name_zh": held.name_zh, "name_en": held.name_en, "parties": parties}


def _to_event(event: Event) -> ResponseReturnValue:
    return redirect(url_for(".event", series=guarded_series().slug, event=event.slug))
