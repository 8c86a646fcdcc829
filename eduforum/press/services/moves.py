"""One step of an application or of a pass: the state, its audit row, and who is told."""

from collections.abc import Mapping
from typing import Any

from eduforum.core import audit, clock
from eduforum.core.db import db
from eduforum.press import card_queries, queries
from eduforum.press.models import Application, PressPerson
from eduforum.press.rules import (
    APPLICATIONS,
    PASSES,
    Action,
    Actor,
    PassAction,
    PassState,
    State,
)
from eduforum.press.rules.states import LIVE_PASSES, officer_as
from eduforum.press.services import admission, interviews, letters

_MEANT_TO_COME = LIVE_PASSES | {PassState.SUSPENDED, PassState.LOST}
"""A suspended pass may be given back and a lost one replaced: what was agreed stands until then."""

_VOIDS = frozenset(
    {PassAction.LOSE, PassAction.REVOKE, PassAction.EXPIRE, PassAction.WITHDRAW, PassAction.CLOSE}
)
"""Steps after which the card on paper is worth nothing."""
_ANNOUNCED = frozenset(
    {
        *(PassAction.PRINT, PassAction.COLLECT, PassAction.LOSE, PassAction.REISSUE),
        *(PassAction.SUSPEND, PassAction.REINSTATE, PassAction.REVOKE, PassAction.EXPIRE),
    }
)
"""Steps of one pass that programs hear of; the others come with a step of the application."""


def officer(application: Application) -> Actor:
    """What the officer who acts now is to this application."""
    who = audit.current_actor()
    first = application.rejected_by if application.state is State.APPEALED else ""
    return officer_as(who, first=first, tied=queries.is_tied(application, who))


def move(
    application: Application,
    action: Action,
    actor: Actor,
    *,
    after: Mapping[str, Any] | None = None,
    letter: bool = True,
) -> None:
    """Take one step, inside the transaction that locked the application; everybody is told.

    Raises `TransitionNotAllowed`, `NotYours`.
    """
    before = application.state
    application.state = APPLICATIONS.after(action, before, actor)
    db.session.flush()
    audit.record(
        f"press_application.{action.value}",
        application.owner,
        series_id=application.series_id,
        before={"state": before.value},
        after={"state": application.state.value, **(after or {})},
    )
    if letter:
        letters.tell(application)


def move_pass(person: PressPerson, action: PassAction, actor: Actor, **after: Any) -> None:
    """One step of one person's pass, in the same way, and the ticket follows; nobody is written to
    for each. A suspended pass goes back to where it was. Raises `admission.HasTicket`."""
    before = person.state
    person.state = PASSES.after(action, before, actor)
    if action is PassAction.REINSTATE:
        person.state = PassState(person.resume)
    person.resume = before.value if action is PassAction.SUSPEND else ""
    if action in _VOIDS and (card := card_queries.valid_card(person.id)):
        card.voided_at = clock.now()
    db.session.flush()
    admission.follow(person)
    if before in _MEANT_TO_COME and person.state not in _MEANT_TO_COME:
        interviews.pass_ended(person)
    audit.record(
        f"press_person.{action.value}",
        f"press_person:{person.id}",
        series_id=person.series_id,
        before={"state": before.value},
        after={"state": person.state.value, **after},
    )
    if action in _ANNOUNCED:
        letters.announce_pass(person)
