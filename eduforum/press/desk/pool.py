"""The desk of the stage pool, and the lists on paper."""

from collections.abc import Callable
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from eduforum.core import audit
from eduforum.core.db import transaction
from eduforum.core.errors import BadInput, Refusal
from eduforum.core.i18n import Text, t
from eduforum.events.access import guarded_series
from eduforum.events.forms import tell
from eduforum.events.models import Series
from eduforum.press import lists, queries
from eduforum.press.desk.passes import ACTORS, pages, send_pdf
from eduforum.press.forms.passes import SlotForm
from eduforum.press.services import pool as service
from eduforum.web.access import requires

_LISTS: dict[str, tuple[Text, Callable[[Series], bytes | None]]] = {
    "equipment": (Text("媒体器材清单", "press equipment"), lists.equipment),
    "vehicles": (Text("媒体车辆通行证", "press vehicle passes"), lists.vehicles),
    "pool": (
        Text("舞台拍摄名单", "stage pool"),
        lambda series: lists.pool(series, service.slots_of(series.id)),
    ),
}


@pages.route("/pool", methods=["GET", "POST"])
@requires(*ACTORS)
def pool(series: str) -> ResponseReturnValue:
    """The times at the stage; a new one is added below."""
    here = guarded_series()
    form = SlotForm(here.time_zone, queries.events_by_id(here.id).values())
    if form.validate_on_submit():
        try:
            made = service.add_slot(here.id, form.slot_input())
        except BadInput as refusal:
            tell(form, refusal)
        else:
            return _back(made.id, Text("已保存，请选择人员。", "Saved. Choose who stands in it."))
    page = render_template(
        "press/desk_pool.html",
        lines=service.slots_of(here.id),
        candidates=service.candidates(here.id),
        form=form,
    )
    return page, 422 if form.is_submitted() else 200


@pages.post("/pool/<uuid:slot_id>")
@requires(*ACTORS)
def fill_slot(series: str, slot_id: UUID) -> ResponseReturnValue:
    """Who stands in a slot."""
    try:
        chosen = [UUID(one) for one in request.form.getlist("person")]
        service.fill(guarded_series().id, slot_id, chosen)
    except Refusal as refusal:
        return _back(slot_id, refusal.sentence, "bad")
    except ValueError:
        return _back(slot_id, Text("请重新选择人员。", "Please choose the people again."), "bad")
    return _back(
        slot_id, Text("名单已保存，已通知有变动的单位。", "The list is saved; outlets concerned are told.")
    )  # fmt: skip


@pages.post("/pool/<uuid:slot_id>/remove")
@requires(*ACTORS)
def remove_slot(series: str, slot_id: UUID) -> ResponseReturnValue:
    service.remove_slot(guarded_series().id, slot_id)
    return _back(
        None, Text("时段已取消，已通知相关单位。", "The time is taken away; outlets are told.")
    )


@pages.get("/lists/<any(equipment, vehicles, pool):kind>.pdf")
@requires(*ACTORS)
def list_pdf(series: str, kind: str) -> ResponseReturnValue:
    """A list on paper; who took it is on record, for it names people."""
    here = guarded_series()
    name, make = _LISTS[kind]
    data = make(here)
    if data is None:
        flash(t("目前没有可以打印的内容。", "There is nothing to print yet."), "wait")
        return redirect(url_for(".all_passes", series=here.slug), 303)
    with transaction():
        audit.record("press_lists.print", f"series:{here.id}", series_id=here.id,
                     after={"kind": kind})  # fmt: skip
    return send_pdf(data, f"{here.slug} {name}.pdf")


def _back(slot_id: UUID | None, sentence: Text, tone: str = "ok") -> ResponseReturnValue:
    flash(str(sentence), tone)
    anchor = f"slot-{slot_id}" if slot_id else None
    return redirect(url_for(".pool", series=guarded_series().slug, _anchor=anchor), 303)
