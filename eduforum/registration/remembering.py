"""A phone remembers whose personal page it has opened, for the pages that a screen's code leads to.

The cookie holds the secret of the personal link and is sent to those pages alone; a renewed link
voids it.
"""

from datetime import timedelta

from flask import Response, current_app, request

from eduforum.core.errors import NotFound
from eduforum.registration.models import Registration
from eduforum.registration.queries import by_link

_COOKIE = "me"
_PATH = "/here"
_KEPT = timedelta(days=30)


def remember(response: Response, secret: str) -> Response:
    """Let this phone be known as the one of that personal link."""
    response.set_cookie(
        _COOKIE,
        secret,
        max_age=_KEPT,
        path=_PATH,
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Lax",
    )
    return response


def remembered() -> Registration | None:
    """Whose phone this is, as far as it is known."""
    secret = request.cookies.get(_COOKIE, "")
    try:
        return by_link(secret) if secret else None
    except NotFound:
        return None


def forget(response: Response) -> Response:
    response.delete_cookie(_COOKIE, path=_PATH)
    return response
