"""A new link for who lost it. What the pages answer never depends on who is a liaison."""

from datetime import timedelta
from urllib.parse import urlsplit

from flask import redirect, request
from flask.typing import ResponseReturnValue

from eduforum.accounts.rules import network_of
from eduforum.core.errors import Refusal
from eduforum.delegations import services
from eduforum.delegations.forms import AskCodeForm, CodeForm
from eduforum.delegations.services.letters import page_url
from eduforum.delegations.views.frame import page, pages
from eduforum.web import limits
from eduforum.web.access import public
from eduforum.web.headers import private

_TAKES = 0.5
"""Seconds until the page answers, whether it knows the contact or not."""


@pages.route("/d/", methods=["GET", "POST"])
@public
def ask() -> ResponseReturnValue:
    """Ask for a code to the liaison's address."""
    form = AskCodeForm()
    if not form.validate_on_submit():
        return page("ask", form=form, status=422 if request.method == "POST" else 200)
    with limits.evenly(_TAKES):
        limits.spend("liaison", network_of(request.remote_addr), most=60, per=timedelta(hours=1))
        limits.spend("liaison-contact", form.parsed_contact, most=5, per=timedelta(hours=1))
        token = services.codes.send_code(form.parsed_contact)
    return page("code", form=CodeForm(formdata=None, data={"token": token}))


@pages.post("/d/code")
@public
def code() -> ResponseReturnValue:
    """Give out new links for the right code."""
    form = CodeForm()
    if form.validate_on_submit():
        try:
            found = services.codes.redeem(form.token.data, form.digits)
        except Refusal as refusal:
            if not refusal.errors:
                raise
            form.refuse("code", refusal.sentence)
        else:
            addresses = [(one, urlsplit(page_url(one)).path) for one in found]
            if len(addresses) == 1:
                return private(redirect(addresses[0][1], 303))
            return page("links", addresses=addresses)
    return page("code", form=form, status=422)
