"""Where an outlet enters what it published."""

from uuid import UUID

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from eduforum.core.errors import NotFound, Refusal
from eduforum.core.i18n import Text
from eduforum.press import coverage_queries, queries
from eduforum.press.forms.coverage import LinkForm
from eduforum.press.rules.coverage import MEDIUM_NAMES
from eduforum.press.services import coverage as service
from eduforum.press.views.frame import back, blame, page, pages, told
from eduforum.web.access import public
from eduforum.web.headers import private


@pages.route("/p/<secret>/coverage", methods=["GET", "POST"])
@public
def coverage(secret: str) -> ResponseReturnValue:
    """The reports that were entered, and one more."""
    application = queries.by_link(secret)
    if application.state not in coverage_queries.REPORTING:
        return back(secret)
    events = queries.events_by_id(application.series_id).values()
    form, also = LinkForm(events), list[Text]()
    if form.validate_on_submit():
        try:
            service.add(application.series_id, application.id, form.link_input())
        except Refusal as refusal:
            also = blame(form, refusal)
        else:
            told(Text("已保存，可以继续填写。", "Saved; enter the next one."))
            return _back(secret)
    return page(
        "coverage",
        status=422 if request.method == "POST" else 200,
        application=application,
        series=application.series,
        links=coverage_queries.links_of(application.id),
        form=form,
        also=also,
        medium_names=MEDIUM_NAMES,
        secret=secret,
    )


@pages.post("/p/<secret>/coverage/<uuid:link_id>/remove")
@public
def remove_coverage(secret: str, link_id: UUID) -> ResponseReturnValue:
    application = queries.by_link(secret)
    if application.state not in coverage_queries.REPORTING:
        raise NotFound
    service.remove(application.series_id, application.id, link_id)
    told(Text("已删除。", "Taken out."))
    return _back(secret)


def _back(secret: str) -> ResponseReturnValue:
    return private(redirect(url_for("press.coverage", secret=secret), 303))
