"""The desk's pages of walk-ins that were taken down without a network and wait for a decision."""

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from eduforum.core.errors import BadInput, Refusal
from eduforum.core.i18n import Text, t
from eduforum.events.access import guarded_series, principal
from eduforum.registration.queries import category_by_code
from eduforum.tickets.rules import show_staff_code
from eduforum.walkins import queries, services
from eduforum.walkins.forms import AcceptForm, MergeForm, RejectForm
from eduforum.walkins.models import OfflineWalkIn
from eduforum.walkins.rules import (
    REASON_NAMES,
    SETTLED_NAMES,
    Reason,
    Settled,
    SettledBefore,
)
from eduforum.web.access import Role, requires
from eduforum.web.forms import Form

pages = Blueprint("walkins_reconcile", __name__, url_prefix="/desk/s/<series>/walk-ins/reconcile")

_DECIDE = (Role.ORGANISER, Role.REGISTRAR)
_SAID_BY_NAME = (Reason.KNOWN, Reason.SAME_NAME)
"""Reasons of which the sentence was for whoever stood at the door."""
_TONES = {
    Settled.WAITING: "wait",
    Settled.REGISTERED: "ok",
    Settled.MERGED: "ok",
    Settled.REJECTED: "off",
}


@pages.get("")
@requires(*_DECIDE)
def offline(series: str) -> ResponseReturnValue:
    """What devices took down without a network: those that wait first."""
    here = guarded_series()
    return render_template(
        "walkins/reconcile.html",
        forms=queries.offline_of(here.id),
        out=queries.still_out(here.id),
        reasons=REASON_NAMES,
        states=SETTLED_NAMES,
        tones=_TONES,
        show_code=show_staff_code,
    )


@pages.get("/<uuid:walk_in>")
@requires(*_DECIDE)
def one(series: str, walk_in: UUID) -> ResponseReturnValue:
    """One that waits: what was typed, why it was not registered, who it may be."""
    kept = queries.offline_or_404(guarded_series().id, walk_in)
    if kept.settled is not Settled.WAITING:
        flash(str(SettledBefore(kept.settled)), "wait")
        return _back()
    return _show(kept)


@pages.post("/<uuid:walk_in>/accept")
@requires(*_DECIDE)
def accept(series: str, walk_in: UUID) -> ResponseReturnValue:
    form = AcceptForm()
    kept = queries.offline_or_404(guarded_series().id, walk_in)
    if not form.validate():
        return _show(kept, form, status=422)
    mended = form.mended(may_go_over=_may_go_over())
    try:
        made = services.accept(kept.series_id, walk_in, mended)
    except SettledBefore as refusal:
        return _back(refusal)
    except Refusal as refusal:
        return _show(_again(kept), _blamed(form, refusal, "name"), status=refusal.status)
    flash(t("“{name}”已登记。", "“{name}” is registered.", name=made.name), "ok")
    return _back()


@pages.post("/<uuid:walk_in>/merge")
@requires(*_DECIDE)
def merge(series: str, walk_in: UUID) -> ResponseReturnValue:
    form = MergeForm()
    kept = queries.offline_or_404(guarded_series().id, walk_in)
    try:
        who = services.merge(kept.series_id, walk_in, form.registration_of(kept.series_id))
    except SettledBefore as refusal:
        return _back(refusal)
    except Refusal as refusal:
        return _show(_again(kept), merging=_blamed(form, refusal, "person"), status=refusal.status)
    flash(t("已并入“{name}”的报名。", "Merged with the registration of “{name}”.", name=who.name),
          "ok")  # fmt: skip
    return _back()


@pages.post("/<uuid:walk_in>/reject")
@requires(*_DECIDE)
def reject(series: str, walk_in: UUID) -> ResponseReturnValue:
    form = RejectForm()
    kept = queries.offline_or_404(guarded_series().id, walk_in)
    try:
        services.reject(kept.series_id, walk_in, form.note.data or "")
    except SettledBefore as refusal:
        return _back(refusal)
    except BadInput as refusal:
        return _show(_again(kept), rejecting=_blamed(form, refusal, "note"), status=422)
    flash(t("未接受，临时证已作废。", "Not accepted; the ticket is void."), "ok")
    return _back()


def _show(
    kept: OfflineWalkIn,
    form: AcceptForm | None = None,
    merging: MergeForm | None = None,
    rejecting: RejectForm | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    category = category_by_code(kept.series_id, kept.category)
    filled = AcceptForm(
        formdata=None,
        data={"name": kept.name, "organisation": kept.organisation, "mobile": kept.mobile},
    )
    page = render_template(
        "walkins/decide.html",
        one=kept,
        category=category.name if category else kept.category,
        reason=REASON_NAMES[kept.reason or Reason.INVALID],
        told=Text(kept.told["zh"], kept.told["en"])
        if kept.told and kept.reason not in _SAID_BY_NAME
        else "",
        candidates=queries.candidates(kept) if kept.name else (),
        form=form or filled,
        merging=merging or MergeForm(formdata=None),
        rejecting=rejecting or RejectForm(formdata=None),
        may_go_over=_may_go_over(),
        show_code=show_staff_code,
    )
    return page, status


def _again(kept: OfflineWalkIn) -> OfflineWalkIn:
    """What a refused decision has changed in memory is not true."""
    return queries.offline_or_404(kept.series_id, kept.id)


def _blamed(form: Form, refusal: Refusal, otherwise: str) -> Form:
    beside = {name: lines for name, lines in refusal.errors.items() if name in form}
    for name, lines in (beside or {otherwise: [refusal.sentence]}).items():
        for sentence in lines:
            form.refuse(name, sentence)
    return form


def _may_go_over() -> bool:
    """Seats above the size of a pool are the organiser's alone to give."""
    return principal().has_role(guarded_series().id, Role.ORGANISER)


def _back(refusal: SettledBefore | None = None) -> ResponseReturnValue:
    if refusal is not None:
        flash(str(refusal), "wait")
    return redirect(url_for(".offline", series=guarded_series().slug), 303)
