"""What an outlet does once it has applied: appeals, withdraws."""

from flask import request
from flask.typing import ResponseReturnValue

from eduforum.core.errors import Refusal
from eduforum.core.i18n import Text
from eduforum.press import queries
from eduforum.press.forms.apply import AppealForm, ConfirmForm
from eduforum.press.rules import Action, Actor, State
from eduforum.press.rules.states import APPLICATIONS
from eduforum.press.services import answers, drafts
from eduforum.press.views.frame import back, blame, page, pages, told
from eduforum.web.access import public


@pages.route("/p/<secret>/appeal", methods=["GET", "POST"])
@public
def appeal(secret: str) -> ResponseReturnValue:
    """Ask another officer to look at the rejection; GET says how it goes on."""
    application = queries.by_link(secret)
    if Action.APPEAL not in APPLICATIONS.open_to(application.state, Actor.APPLICANT):
        return back(secret)
    form, also = AppealForm(), list[Text]()
    if form.validate_on_submit():
        try:
            answers.appeal(application.series_id, application.id, form.grounds.data or "")
        except Refusal as refusal:
            also = blame(form, refusal)
        else:
            told(Text("已提交复核申请。", "The appeal is sent."))
            return back(secret)
    return page(
        "appeal", status=422 if request.method == "POST" else 200, application=application,
        series=application.series, form=form, also=also, secret=secret,
        settings=queries.settings_of(application.series_id),
    )  # fmt: skip


@pages.route("/p/<secret>/withdraw", methods=["GET", "POST"])
@public
def withdraw(secret: str) -> ResponseReturnValue:
    """Take it back: GET says what will happen."""
    application = queries.by_link(secret)
    if Action.WITHDRAW not in APPLICATIONS.open_to(application.state, Actor.APPLICANT):
        return back(secret)
    form = ConfirmForm()
    if form.validate_on_submit():
        was_draft, series = application.state is State.DRAFT, application.series
        drafts.withdraw(application.series_id, application.id)
        if was_draft:
            return page("gone", series=series)
        told(Text("申请已撤回。", "The application is withdrawn."))
        return back(secret)
    return page(
        "withdraw", application=application, series=application.series, form=form, secret=secret,
        people=queries.people_of(application.id),
    )  # fmt: skip
