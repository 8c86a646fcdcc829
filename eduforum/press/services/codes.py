"""A new link for who lost it: the receipt number, and a code to the address on file.

What is answered never depends on whether there is such an application.
"""

from datetime import timedelta

from itsdangerous import BadSignature

from eduforum.core import audit
from eduforum.core.db import transaction
from eduforum.core.signing import Purpose, short_code, timed
from eduforum.press import queries
from eduforum.press.models import Application
from eduforum.press.rules.forms import WrongCode
from eduforum.press.services import letters
from eduforum.press.services.letters import CODE_LASTS
from eduforum.tickets.rules import BadStaffCode, parse_staff_code
from eduforum.web import limits

MOST_TRIES = 5
_CODES_A_DAY = 8


def send_code(series_id: int, number: str) -> str:
    """Mail a code to the focal person of the application with this number, if there is one.

    Returns the token that the code belongs to, for known and unknown numbers alike.
    """
    try:
        bare = parse_staff_code(number)
    except BadStaffCode:
        bare = ""
    token = timed(Purpose.PRESS_CODE).dumps([series_id, bare])
    with transaction():
        known = queries.by_number(series_id, bare) if bare else None
        if known is not None and _may_send(known):
            code = short_code(Purpose.PRESS_CODE, token)
            letters.write(known, "press-code", {"code": code}, lasts=CODE_LASTS)
    return token


def redeem(series_id: int, token: str, code: str) -> Application:
    """The application, with a new link; the old one is void from now on.

    Raises `WrongCode`, also for numbers that do not exist, and `TooOften` after five tries.
    """
    limits.spend("press-code", token, most=MOST_TRIES, per=timedelta(hours=1))
    try:
        of_series, number = timed(Purpose.PRESS_CODE).loads(
            token, max_age=int(CODE_LASTS.total_seconds())
        )
    except (BadSignature, ValueError, TypeError):
        raise WrongCode from None
    if of_series != series_id or code != short_code(Purpose.PRESS_CODE, token):
        raise WrongCode
    with transaction():
        found = queries.by_number(series_id, number)
        if found is None:
            raise WrongCode
        application = queries.locked_application(series_id, found.id)
        application.link_version += 1
        audit.record("press_application.renew_link", application.owner, series_id=series_id,
                     after={"by": "code"})  # fmt: skip
    return application


def _may_send(application: Application) -> bool:
    try:
        limits.spend("press-codes", str(application.id), most=_CODES_A_DAY, per=timedelta(days=1))
    except limits.TooOften:
        return False
    return True
