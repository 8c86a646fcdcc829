"""What was arranged for an outlet, on its own page: nobody else learns with whom it speaks."""

from uuid import UUID

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from eduforum.core import clock
from eduforum.core.errors import NotFound, Refusal
from eduforum.core.i18n import Text
from eduforum.press import interview_queries, queries
from eduforum.press.forms.apply import ConfirmForm
from eduforum.press.models import Application
from eduforum.press.rules import State
from eduforum.press.rules.interviews import Answer, open_to
from eduforum.press.services import interviews as service
from eduforum.press.views.frame import back, page, pages, told
from eduforum.web.access import public
from eduforum.web.headers import private


@pages.get("/p/<secret>/interviews")
@public
def interviews(secret: str) -> ResponseReturnValue:
    """Its own in full; of those of others only when and where, so that it can plan."""
    application = queries.by_link(secret)
    if application.state is not State.APPROVED:
        return back(secret)
    return page(
        "interviews",
        application=application,
        series=application.series,
        people=queries.people_of(application.id),
        taken=interview_queries.taken(application.series_id, application.id, clock.now()),
        may_cancel=lambda one: Answer.CANCEL in open_to(one.state),
        secret=secret,
    )


@pages.route("/p/<secret>/interviews/<uuid:interview_id>/cancel", methods=["GET", "POST"])
@public
def cancel_interview(secret: str, interview_id: UUID) -> ResponseReturnValue:
    """Take one back: GET says what will happen."""
    application = queries.by_link(secret)
    one = interview_queries.interview_or_404(application.series_id, interview_id)
    if one.person.application_id != application.id:
        raise NotFound
    if application.state is not State.APPROVED or Answer.CANCEL not in open_to(one.state):
        return _back(secret)
    form = ConfirmForm()
    if form.validate_on_submit():
        return _cancelled(secret, application, interview_id)
    return page(
        "interview_cancel",
        status=422 if request.method == "POST" else 200,
        application=application,
        series=application.series,
        one=one,
        form=form,
        secret=secret,
    )


def _cancelled(secret: str, application: Application, interview_id: UUID) -> ResponseReturnValue:
    try:
        service.give_up(application.series_id, application.id, interview_id)
    except NotFound:
        raise
    except Refusal as refusal:
        told(refusal.sentence, "bad")
    else:
        told(Text("专访已取消，已通知受访方。", "Cancelled; the other side is told."))
    return _back(secret)


def _back(secret: str) -> ResponseReturnValue:
    return private(redirect(url_for("press.interviews", secret=secret), 303))
