"""Browsers that somebody has signed in with before: an attacker's tries do not count against them."""

import secrets
from datetime import timedelta
from typing import Any

from flask import current_app, request
from itsdangerous import BadSignature
from werkzeug.wrappers import Response

from eduforum.core.signing import Purpose, timed

_COOKIE = "known_device"
_PATH = "/desk/"
_LIFE = timedelta(days=365)
_MOST_PEOPLE = 5


def device_of(user_id: int | None) -> str | None:
    """This browser's name if `user_id` has signed in with it before, else None."""
    name, people = _read()
    return name if name and user_id in people else None


def remember(response: Response, user_id: int) -> None:
    """Let `response` mark this browser as one of `user_id`'s."""
    name, people = _read()
    kept = [user_id, *(person for person in people if person != user_id)][:_MOST_PEOPLE]
    response.set_cookie(
        _COOKIE,
        timed(Purpose.DEVICE).dumps([name or secrets.token_urlsafe(12), kept]),
        max_age=_LIFE,
        path=_PATH,
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Lax",
    )


def _read() -> tuple[str, list[int]]:
    try:
        value: Any = timed(Purpose.DEVICE).loads(
            request.cookies.get(_COOKIE, ""), max_age=int(_LIFE.total_seconds())
        )
    except BadSignature:
        return "", []
    return value[0], value[1]
