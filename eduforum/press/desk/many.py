"""One step for many applications: the question with its numbers, the deed, what was skipped."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue

from eduforum.core import clock
from eduforum.core.errors import NotFound
from eduforum.core.i18n import Text, plural
from eduforum.events.access import guarded_series
from eduforum.press import queries, table
from eduforum.press.desk.frame import ACTORS, asked_filter, list_url, pages, told
from eduforum.press.forms.desk import HoldForm, PlainForm, RejectForm, usual_grants
from eduforum.press.rules import PassState
from eduforum.press.services import decide, review
from eduforum.press.services.bulk import bulk as in_bulk
from eduforum.press.services.bulk import names_of
from eduforum.web.access import requires
from eduforum.web.forms import Form

MOST_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Many:
    """A step that can be taken for many. act: makes it of the form that was filled in."""

    name: Text
    explained: Text
    form: type[Form]
    act: Callable[[Form], Callable[[int, UUID], object]]


def _approve_usual(series_id: int, application_id: UUID) -> object:
    """Everybody who waits, with the usual zones and what was asked for."""
    application = queries.application_or_404(series_id, application_id)
    people = [
        person
        for person in queries.people_of(application_id)
        if person.state in (PassState.UNDECIDED, PassState.HELD, PassState.REJECTED)
    ]
    events = list(queries.events_by_id(series_id).values())
    grants = usual_grants(application.series.time_zone, events, people)
    return decide.approve(series_id, application_id, grants)


def _rejecting(form: Form) -> Callable[[int, UUID], object]:
    assert isinstance(form, RejectForm)
    given = form.arguments()
    return lambda series_id, one: decide.reject(series_id, one, **given)


def _holding(form: Form) -> Callable[[int, UUID], object]:
    assert isinstance(form, HoldForm)
    given = form.arguments()
    return lambda series_id, one: decide.hold(series_id, one, **given)


MANY = {
    "screen": Many(
        Text("开始审查", "Begin the review"),
        Text("申请将由您接手审查，并通知媒体。", "They lie before you, and each outlet is told."),
        PlainForm,
        lambda _form: review.screen,
    ),
    "approve": Many(
        Text("批准", "Approve"),
        Text(
            "每人可进入 A、B、D 区和所申请的活动；名额不足、单位未核实的将跳过。",
            "Everybody gets zones A, B and D and the events that were asked for; who finds no place, or "
            "whose outlet is not verified, is skipped.",
        ),
        PlainForm,
        lambda _form: _approve_usual,
    ),
    "hold": Many(
        Text("列为待定", "Put on hold"),
        Text(
            "按公布的标准排序，并通知媒体。", "Ranked by the published criteria; outlets are told."
        ),
        HoldForm,
        _holding,
    ),
    "reject": Many(
        Text("不予批准", "Reject"),
        Text("原因写入通知，媒体可申请复核一次。", "The reason is mailed; each may appeal once."),
        RejectForm,
        _rejecting,
    ),
}


@pages.post("/many/confirm")
@requires(*ACTORS)
def confirm(series: str) -> ResponseReturnValue:
    """Say what would happen and to how many; nothing happens yet."""
    key, many = _many()
    chosen = _chosen()
    if not chosen:
        told(Text("请先选择申请。", "Select applications first."), "wait")
        return redirect(list_url(), 303)
    form = many.form(formdata=None)
    return _question(key, many, form, chosen)


@pages.post("/many/do")
@requires(*ACTORS)
def bulk(series: str) -> ResponseReturnValue:
    """Do it. Whatever it does not fit is skipped, and the answer says which and why."""
    key, many = _many()
    chosen, form = _chosen(), many.form()
    if not form.validate_on_submit() or (key == "reject" and not form["reason_code"].data):
        if key == "reject" and not form["reason_code"].data:
            form.refuse("reason_code", Text("请选择原因。", "Choose a reason."))
        return _question(key, many, form, chosen), 422
    result = in_bulk(guarded_series().id, chosen, many.act(form))
    said = plural(
        len(result.changed),
        "已处理 {n} 份，跳过 {m} 份。",
        "{n} changed, {m} skipped.",
        "{n} changed, {m} skipped.",
        m=len(result.skipped),
    )
    if not result.skipped:
        told(said)
        return redirect(list_url(), 303)
    return render_template(
        "press/desk_done.html", many=many, said=said, skipped=result.skipped, list_url=list_url
    )


def _many() -> tuple[str, Many]:
    key = request.form.get("action", "")
    if key not in MANY:
        raise NotFound
    return key, MANY[key]


def _chosen() -> Sequence[UUID]:
    """Those that were ticked, or everything that the list shows."""
    if request.form.get("all") == "1":
        return table.ids(guarded_series().id, asked_filter(), clock.now(), MOST_AT_ONCE)
    found = []
    for text in request.form.getlist("id")[:MOST_AT_ONCE]:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found


def _question(key: str, many: Many, form: Form, chosen: Sequence[UUID]) -> str:
    return render_template(
        "press/desk_ask.html",
        key=key,
        many=many,
        form=form,
        chosen=chosen,
        names=list(names_of(guarded_series().id, chosen).values())[:20],
        list_url=list_url,
    )
