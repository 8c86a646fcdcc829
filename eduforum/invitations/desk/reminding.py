"""Remind whoever has not answered: who that is, then the letters."""

from flask import render_template
from flask.typing import ResponseReturnValue

from eduforum.core.i18n import plural
from eduforum.events.access import guarded_series
from eduforum.invitations.desk.frame import ACTORS, ROOT, invitable, pages, to_list
from eduforum.invitations.forms import RemindForm
from eduforum.invitations.services import remind
from eduforum.web.access import requires


@pages.route(f"{ROOT}/remind", methods=["GET", "POST"])
@requires(*ACTORS)
def remind_guests(series: str) -> ResponseReturnValue:
    here = guarded_series()
    form = RemindForm()
    if form.validate_on_submit():
        sent = remind.remind(here.id, tuple(form.category.data or ()))
        return to_list(
            plural(
                sent,
                "已向 {n} 位未答复的受邀人发信。",
                "{n} letter to somebody who has not answered is on its way.",
                "{n} letters to people who have not answered are on their way.",
            )
        )
    return render_template(
        "invitations/desk_remind.html",
        form=form,
        found=remind.unanswered(here.id),
        categories=invitable(),
    )
