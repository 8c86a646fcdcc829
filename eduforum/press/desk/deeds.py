"""What an officer does with one application: each step is one form and one service."""

from collections.abc import Callable, Mapping
from uuid import UUID

from flask import render_template, request
from flask.typing import ResponseReturnValue

from eduforum.core import clock
from eduforum.core.errors import NotFound, Refusal
from eduforum.core.i18n import Text
from eduforum.events.access import guarded_series
from eduforum.press import queries
from eduforum.press.desk.frame import ACTORS, blame, pages, to_one, told
from eduforum.press.desk.one import Opened, show
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
    sent_results,
    sent_verdicts,
)
from eduforum.press.models import Application
from eduforum.press.services import decide, identity, review
from eduforum.web.access import requires
from eduforum.web.forms import Form
from eduforum.web.headers import private

Deed = Callable[[Application, Form], None]


@pages.post("/<uuid:application_id>/<action>")
@requires(*ACTORS)
def act(series: str, application_id: UUID, action: str) -> ResponseReturnValue:
    """Do it and say so; or show the form again with what is wrong."""
    if action not in DEEDS:
        raise NotFound
    one = queries.application_or_404(guarded_series().id, application_id)
    name, make, do, done = DEEDS[action]
    form, also = make(one), list[Text]()
    if form.validate_on_submit():
        try:
            do(one, form)
        except NotFound:
            raise
        except Refusal as refusal:
            also = blame(form, refusal)
        else:
            told(done)
            return to_one(application_id, "checks" if action == "check" else None)
    fresh = queries.application_or_404(one.series_id, one.id)
    return show(fresh, Opened(name, form, also), 422)


@pages.post("/<uuid:application_id>/people/<uuid:person_id>/<verdict>")
@requires(*ACTORS)
def agree(series: str, application_id: UUID, person_id: UUID, verdict: str) -> ResponseReturnValue:
    """The second officer's word on zones C and F."""
    if verdict not in ("agree", "disagree"):
        raise NotFound
    here = guarded_series()
    try:
        decide.agree(here.id, application_id, person_id, agreed=verdict == "agree")
    except NotFound:
        raise
    except Refusal as refusal:
        told(refusal.sentence, "bad")
    else:
        told(Text("区域已复核，已通知媒体。", "The zones are settled; the outlet is told."))
    return to_one(application_id, f"person-{person_id}")


@pages.post("/<uuid:application_id>/people/<uuid:person_id>/number")
@requires(*ACTORS)
def number(series: str, application_id: UUID, person_id: UUID) -> ResponseReturnValue:
    """Show somebody's ID number in full; who looks, and why, is noted first."""
    here, form = guarded_series(), RevealForm()
    one = queries.application_or_404(here.id, application_id)
    person = queries.person_or_404(here.id, application_id, person_id)
    if not form.validate_on_submit():
        return show(one, Opened("reveal", form), 422)
    shown = identity.reveal(here.id, application_id, person_id, form.reason.data or "")
    return private(render_template("press/desk_number.html", one=one, person=person, number=shown))


def _approve(one: Application, form: Form) -> None:
    assert isinstance(form, ApproveForm)
    people = queries.people_of(one.id)
    decide.approve(
        one.series_id, one.id, form.grants(people),
        refused=form.refused(people), note=form.note.data or "",
    )  # fmt: skip


def _approve_form(one: Application) -> Form:
    events = list(queries.events_by_id(one.series_id).values())
    return ApproveForm(one.series.time_zone, events, queries.people_of(one.id))


def _ask(one: Application, form: Form) -> None:
    assert isinstance(form, AskForm)
    items = form.asked(one, queries.people_of(one.id))
    review.ask(one.series_id, one.id, items, form.answer_by.moment)


def _check(one: Application, form: Form) -> None:
    review.check(one.series_id, one.id, sent_verdicts(one, queries.people_of(one.id)))


def _verify(one: Application, form: Form) -> None:
    assert isinstance(form, VerifyForm)
    review.verify_outlet(one.series_id, one.id, form.chosen(), form.note.data or "")


def _end_check(one: Application, form: Form) -> None:
    review.end_check(one.series_id, one.id, sent_results(queries.people_of(one.id)))


def _reject(one: Application, form: Form) -> None:
    assert isinstance(form, RejectForm)
    decide.reject(one.series_id, one.id, **form.arguments())


def _hold(one: Application, form: Form) -> None:
    assert isinstance(form, HoldForm)
    decide.hold(one.series_id, one.id, **form.arguments())


def _finding(one: Application, form: Form) -> None:
    assert isinstance(form, FindingForm)
    settle = decide.overturn if request.form.get("finding") == "overturn" else decide.uphold
    settle(one.series_id, one.id, form.answer.data or "")


def _note(one: Application, form: Form) -> None:
    assert isinstance(form, NoteForm)
    review.note(one.series_id, one.id, form.text.data or "")


def _plain(step: Callable[[int, UUID], object]) -> Deed:
    return lambda one, _form: (step(one.series_id, one.id), None)[1]


DEEDS: Mapping[str, tuple[str, Callable[[Application], Form], Deed, Text]] = {
    "screen": (
        "plain", lambda _: PlainForm(), _plain(review.screen),
        Text("已开始审查，已通知媒体。", "The review has begun; the outlet is told."),
    ),
    "claim": (
        "plain", lambda _: PlainForm(), _plain(review.claim),
        Text("已接手。", "It lies before you now."),
    ),
    "check": (
        "plain", lambda _: PlainForm(), _check, Text("清单已保存。", "The checklist is kept."),
    ),
    "ask": (
        "ask", lambda one: AskForm(one.series.time_zone, clock.now()), _ask,
        Text("已要求补充，已通知媒体。", "More is asked for; the outlet is told."),
    ),
    "verify_outlet": (
        "verify_outlet", lambda _: VerifyForm(), _verify,
        Text("单位已核实，已通知媒体。", "The outlet is verified and told so."),
    ),
    "start_check": (
        "plain", lambda _: PlainForm(), _plain(review.start_check),
        Text("已送安全核查，已通知媒体。", "With the security check; the outlet is told."),
    ),
    "end_check": (
        "plain", lambda _: PlainForm(), _end_check,
        Text("核查结果已登记。", "The results are entered."),
    ),
    "approve": (
        "approve", _approve_form, _approve,
        Text("已批准，已通知媒体。", "Approved; the outlet is told."),
    ),
    "hold": (
        "hold", lambda _: HoldForm(), _hold,
        Text("已列为待定，已通知媒体。", "On hold; the outlet is told."),
    ),
    "reject": (
        "reject", lambda _: RejectForm(), _reject,
        Text("已作出不予批准的决定，已通知媒体。", "Rejected; the outlet is told."),
    ),
    "finding": (
        "finding", lambda _: FindingForm(), _finding,
        Text("复核已办结，已通知媒体。", "The appeal is settled; the outlet is told."),
    ),
    "note": ("note", lambda _: NoteForm(), _note, Text("备注已保存。", "The note is kept.")),
}  # fmt: skip
