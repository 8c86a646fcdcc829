"""The desk page that hands a series over to the next host."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from eduforum.core.errors import BadInput
from eduforum.core.i18n import t
from eduforum.events.access import guarded_series, principal
from eduforum.events.forms import tell
from eduforum.events.queries import regions
from eduforum.site.copy import copy_series
from eduforum.site.forms import CopyForm
from eduforum.web.access import Role, requires

pages = Blueprint("site_desk", __name__)


@pages.route("/desk/s/<series>/settings/copy", methods=["GET", "POST"])
@requires(Role.ORGANISER)
def copy(series: str) -> ResponseReturnValue:
    here, asker = guarded_series(), principal()
    form = CopyForm(regions=regions())
    if form.validate_on_submit():
        organiser_id = None if asker.is_admin else int(asker.id)
        try:
            made = copy_series(here.id, form.copy_input(), organiser_id=organiser_id)
        except BadInput as refusal:
            tell(form, refusal)
        else:
            flash(t("已复制，尚未发布。请核对日程和名额。", "Copied, not public yet. Check the schedule and the seats."), "ok")  # fmt: skip
            return redirect(url_for("schedule_desk.schedule", series=made.slug))
    page = render_template("site/copy.html", form=form, here=here)
    return page, 422 if form.is_submitted() else 200
