"""How an application stands, for who lost the link: number and code. Known and unknown answer alike."""

from datetime import timedelta
from urllib.parse import urlsplit

from flask import redirect, request
from flask.typing import ResponseReturnValue

from eduforum.accounts.rules import network_of
from eduforum.core.errors import Refusal
from eduforum.events.access import guarded_series
from eduforum.press.forms.apply import CodeForm, NumberForm
from eduforum.press.services import codes, letters
from eduforum.press.views.frame import page, pages
from eduforum.web import limits
from eduforum.web.access import public
from eduforum.web.headers import private

_TAKES = 0.5
"""Seconds until the page answers, whether there is such a number or not."""
_AN_HOUR = 120


@pages.route("/s/<series>/press/status", methods=["GET", "POST"])
@public
def ask(series: str) -> ResponseReturnValue:
    """Ask for a code to the address of the focal person."""
    here, form = guarded_series(), NumberForm()
    if not form.validate_on_submit():
        status = 422 if request.method == "POST" else 200
        return page("ask", form=form, series=here, here="press", status=status)
    with limits.evenly(_TAKES):
        _spend()
        token = codes.send_code(here.id, form.number.data or "")
    return page(
        "code", form=CodeForm(formdata=None, data={"token": token}), series=here, here="press"
    )


@pages.post("/s/<series>/press/code")
@public
def code(series: str) -> ResponseReturnValue:
    """Take the code; the link is new then."""
    here, form = guarded_series(), CodeForm()
    if form.validate_on_submit():
        try:
            with limits.evenly(_TAKES):
                _spend()
                application = codes.redeem(here.id, form.token.data or "", form.digits)
        except Refusal as refusal:
            form.refuse("code", refusal.sentence)
        else:
            return private(redirect(urlsplit(letters.my_url(application)).path, 303))
    return page("code", form=form, series=here, here="press", status=422)


def _spend() -> None:
    network = network_of(request.remote_addr)
    limits.spend("press-status", network, most=_AN_HOUR, per=timedelta(hours=1))
