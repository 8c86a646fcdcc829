"""What an outlet does after it has applied: answers what was asked, appeals."""

from collections.abc import Mapping
from uuid import UUID

from eduforum.core import clock
from eduforum.core.db import db, transaction
from eduforum.press import queries
from eduforum.press.models import Appeal, Application
from eduforum.press.rules import Action, Actor
from eduforum.press.rules.decisions import bad
from eduforum.press.services.moves import move

LONGEST = 1000


def answer(
    series_id: int, application_id: UUID, words: Mapping[UUID, str] | None = None
) -> Application:
    """Send the answer to the round that is open. words: what is said of each item, by its id.

    Fields and files were changed before, one by one. The deadline has no teeth: as long as nobody
    decided, a late answer is read.
    """
    with transaction():
        application = queries.locked_application(series_id, application_id)
        request = queries.open_request(application_id)
        if request is not None:
            for item in request.items:
                item.answer = (words or {}).get(item.id, "").strip()[:LONGEST]
            request.answered_at = clock.now()
        move(application, Action.ANSWER, Actor.APPLICANT)
    return application


def appeal(series_id: int, application_id: UUID, grounds: str) -> Application:
    """Ask another officer to look at the rejection; once. Raises `BadInput` beside `grounds`."""
    if not grounds.strip():
        raise bad("grounds", "请写明复核理由。", "Say why the decision should be looked at again.")
    with transaction():
        application = queries.locked_application(series_id, application_id)
        move(application, Action.APPEAL, Actor.APPLICANT)
        db.session.add(Appeal(application_id=application_id, grounds=grounds.strip()[:LONGEST]))
        application.claimed_by, application.claimed_until = "", None
    return application
