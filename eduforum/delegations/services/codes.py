"""A new link for a liaison who lost his: a code to the address on file proves who asks."""

from datetime import timedelta

from itsdangerous import BadSignature

from eduforum.core import audit
from eduforum.core.db import transaction
from eduforum.core.signing import Purpose, short_code, timed
from eduforum.delegations import queries
from eduforum.delegations.rules import WrongCode
from eduforum.delegations.services import letters
from eduforum.delegations.services.letters import CODE_LASTS
from eduforum.registration.models import Delegation
from eduforum.web import limits

MOST_TRIES = 5


def send_code(contact: str) -> str:
    """Send a code to the liaison whose mobile or e-mail this is, if there is one with an address.

    Returns the token that the code belongs to, for known and unknown contacts alike.
    """
    token = timed(Purpose.DELEGATION_CODE).dumps(contact)
    with transaction():
        known = next((d for d in queries.with_contact(contact) if d.liaison_email), None)
        if known is not None:
            code = short_code(Purpose.DELEGATION_CODE, token)
            letters.write(known, "delegation-code", {"code": code}, lasts=False)
    return token


def redeem(token: str, code: str) -> list[Delegation]:
    """Give the liaison new links to all his delegations; the old ones are void from now on.

    Raises `WrongCode`, also for contacts that nobody has, and `TooOften` after five tries.
    """
    limits.spend("delegation-code", token, most=MOST_TRIES, per=timedelta(hours=1))
    try:
        contact: str = timed(Purpose.DELEGATION_CODE).loads(
            token, max_age=int(CODE_LASTS.total_seconds())
        )
    except BadSignature:
        raise WrongCode from None
    if code != short_code(Purpose.DELEGATION_CODE, token):
        raise WrongCode
    with transaction():
        found = [
            queries.locked_delegation(one.series_id, one.id)
            for one in queries.with_contact(contact)
        ]
        for delegation in found:
            delegation.link_version += 1
            audit.record("delegation.renew_link", f"delegation:{delegation.id}",
                         series_id=delegation.series_id, after={"by": "code"})  # fmt: skip
    if not found:
        raise WrongCode
    return found
