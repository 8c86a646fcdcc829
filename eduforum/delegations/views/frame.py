"""What the liaison's pages share."""

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from eduforum.core.errors import NotFound, Refusal
from eduforum.core.i18n import Text
from eduforum.registration.columns import STATE_TONES
from eduforum.registration.rules import STATE_NAMES
from eduforum.web.errors import answer_refusal
from eduforum.web.headers import private

pages = Blueprint("delegations", __name__)
pages.context_processor(lambda: {"state_names": STATE_NAMES, "state_tones": STATE_TONES})

__all__ = ["back", "page", "pages", "refused", "told"]


def page(name: str, *, status: int = 200, **values: object) -> Response:
    """A page whose address is a secret."""
    return private(render_template(f"delegations/{name}.html", **values), status)


def back(secret: str, *, anchor: str | None = None) -> ResponseReturnValue:
    return private(redirect(url_for("delegations.grid", secret=secret, _anchor=anchor), 303))


def told(sentence: Text, tone: str = "ok") -> None:
    flash(str(sentence), tone)


def refused(secret: str, refusal: Refusal) -> ResponseReturnValue:
    """Back to the list with the sentence on top; what was typed is kept there."""
    flash(str(refusal.sentence), "bad")
    return back(secret)


@pages.errorhandler(NotFound)
def no_such_link(refusal: NotFound) -> ResponseReturnValue:
    """A wrong, renewed or revoked link has a page of its own; the rest is answered as everywhere."""
    if not request.path.startswith("/d/"):
        return answer_refusal(refusal)
    return page("no_link", status=404)
