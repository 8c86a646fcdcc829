"""The desk of interviews: what was asked for, what is agreed, one of them."""

from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from eduforum.core import clock
from eduforum.core.errors import BadInput, Refusal
from eduforum.core.i18n import Text
from eduforum.events.access import guarded_series
from eduforum.events.models import Series
from eduforum.press import interview_queries
from eduforum.press.desk.frame import ACTORS, blame, pages, told
from eduforum.press.forms.interviews import AgreeForm, ReasonForm
from eduforum.press.history import history_of_subjects
from eduforum.press.interview_queries import Plan, Tab
from eduforum.press.models import Interview
from eduforum.press.rules.interviews import AGREED, Answer, Clash, open_to
from eduforum.press.rules.states import LIVE_PASSES
from eduforum.press.rules.words import INTERVIEW_NAMES
from eduforum.press.services import interviews as service
from eduforum.press.tones import INTERVIEW_TONES
from eduforum.web.access import requires
from eduforum.web.forms import Form
from eduforum.web.pagination import PAGE_SIZE, Page, changed_url, page_number

_TABS = {
    Tab.REQUESTED: Text("待答复", "To answer"),
    Tab.AGREED: Text("已约定", "Schedule"),
    Tab.ENDED: Text("未接受和已取消", "Declined or cancelled"),
    Tab.LATER: Text("申请尚未批准", "Not yet approved"),
}
pages.context_processor(
    lambda: {"interview_names": INTERVIEW_NAMES, "interview_tones": INTERVIEW_TONES}
)


@pages.get("/interviews")
@requires(*ACTORS)
def interviews(series: str) -> ResponseReturnValue:
    """What outlets ask for, and the schedule of what was agreed."""
    here = guarded_series()
    asked = request.args.get("tab", "")
    tab = Tab(asked) if asked in set(Tab) else Tab.REQUESTED
    counts, number = interview_queries.counts_of(here.id), page_number()
    items = interview_queries.page_of(
        here.id, tab, offset=(number - 1) * PAGE_SIZE, limit=PAGE_SIZE
    )
    agreed = interview_queries.agreed_of(here.id) if tab is Tab.AGREED else ()
    return render_template(
        "press/desk_interviews.html",
        page=Page(items, number, PAGE_SIZE, counts[tab]),
        tab=tab,
        tabs=[
            {
                "label": label,
                "count": counts[key],
                "current": key is tab,
                "url": changed_url(tab=key.value, page=None),
            }
            for key, label in _TABS.items()
        ],
        clashing={
            one.id: why
            for one in items
            if tab is Tab.AGREED
            and (why := interview_queries.clashes(Plan.of(one), agreed, but=one.id))
        },
    )


@pages.route("/interviews/<uuid:interview_id>", methods=["GET", "POST"])
@requires(*ACTORS)
def interview(series: str, interview_id: UUID) -> ResponseReturnValue:
    """One of them; POST gives it a time, or another."""
    here = guarded_series()
    one = interview_queries.interview_or_404(here.id, interview_id)
    form, also = AgreeForm(here.time_zone, one), list[Text]()
    if form.validate_on_submit():
        try:
            service.agree(here.id, one.id, form.appointment())
        except Clash as refusal:
            also = [refusal.sentence]
            return _page(one, form, also, clashes=_in_the_way(here, one, form)), 409
        except Refusal as refusal:
            also = blame(form, refusal)
        else:
            told(Text("已约定，已通知双方。", "Agreed; both sides are told."))
            return _back(one)
    return _page(one, form, also), 422 if form.is_submitted() else 200


@pages.post("/interviews/<uuid:interview_id>/<any(decline, cancel):deed>")
@requires(*ACTORS)
def end_interview(series: str, interview_id: UUID, deed: str) -> ResponseReturnValue:
    """It is not given, or falls away; the reason goes into the letters."""
    here = guarded_series()
    one = interview_queries.interview_or_404(here.id, interview_id)
    form, also = ReasonForm(prefix=f"{deed}-"), list[Text]()
    act = service.decline if deed == "decline" else service.cancel
    if form.validate_on_submit():
        try:
            act(here.id, one.id, form.reason.data or "")
        except BadInput as refusal:
            also = blame(form, refusal)
        except Refusal as refusal:
            told(refusal.sentence, "bad")
            return _back(one)
        else:
            told(Text("已记录，已通知。", "Noted, and told."))
            return _back(one)
    words = AgreeForm(here.time_zone, one, formdata=None)
    return _page(one, words, also, ended={deed: form}), 422


def _page(
    one: Interview,
    form: AgreeForm,
    also: list[Text] | None = None,
    *,
    ended: dict[str, Form] | None = None,
    clashes: object = (),
) -> str:
    forms = {key: ReasonForm(formdata=None, prefix=f"{key}-") for key in ("decline", "cancel")}
    return render_template(
        "press/desk_interview.html",
        one=one,
        person=one.person,
        application=one.person.application,
        form=form,
        forms=forms | (ended or {}),
        wrong=next(iter((ended or {}).values()), form),
        also=also or [],
        clashes=clashes,
        can=open_to(one.state),
        Answer=Answer,
        agreed=one.state in AGREED,
        may_come=one.person.state in LIVE_PASSES,
        happened=history_of_subjects(
            [f"{service.SUBJECT}:{one.id}"], {}, guarded_series().time_zone
        ),
    )


def _in_the_way(here: Series, one: Interview, form: AgreeForm) -> object:
    now = clock.now()
    plan = service.plan_of(one, form.appointment(), now)
    agreed = interview_queries.agreed_of(here.id, now)
    return interview_queries.clashes(plan, agreed, but=one.id)


def _back(one: Interview) -> ResponseReturnValue:
    slug = guarded_series().slug
    return redirect(url_for(".interview", series=slug, interview_id=one.id), 303)
