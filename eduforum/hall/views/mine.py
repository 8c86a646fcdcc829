"""What the personal page asks about the hall: whether it may read one's name."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from eduforum.consents.queries import wordings
from eduforum.consents.rules import WELCOME
from eduforum.core import clock
from eduforum.core.i18n import t
from eduforum.hall import services
from eduforum.hall.forms import PlainForm
from eduforum.hall.queries.welcomes import agrees
from eduforum.hall.views.frame import pages
from eduforum.registration.queries import by_link
from eduforum.registration.standing import standing_of
from eduforum.web.access import public
from eduforum.web.headers import private


@pages.route("/r/<secret>/welcome", methods=["GET", "POST"])
@public
def welcome(secret: str) -> ResponseReturnValue:
    """GET asks, with the text of the consent; POST turns it on, or off again."""
    registration = by_link(secret)
    agreed = agrees(registration)
    form = PlainForm()
    if form.validate_on_submit():
        services.welcome(registration, agrees_now=not agreed)
        flash(
            t("已撤回，大屏不再显示您的姓名。", "Taken back: your name is not shown any more.")
            if agreed
            else t("已同意在大屏显示您的姓名。", "Your name may be shown on the hall screen."),
            "ok",
        )
        return private(redirect(url_for("registration.mine", secret=secret), 303))
    page = render_template(
        "hall/welcome.html",
        mine=standing_of(registration, clock.now()),
        secret=secret,
        form=form,
        agreed=agreed,
        wording=wordings(registration.series_id)[WELCOME],
    )
    return private(page)
