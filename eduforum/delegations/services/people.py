"""What a liaison does for one person who is submitted: leave, somebody else, a correction."""

import dataclasses
from collections.abc import Callable
from uuid import UUID

from eduforum.core import clock
from eduforum.core.db import transaction
from eduforum.core.errors import BadInput
from eduforum.core.i18n import Text
from eduforum.delegations import queries
from eduforum.delegations.entries import Entry, application_of, check
from eduforum.delegations.rules import PastDeadline
from eduforum.delegations.services.drafts import is_over
from eduforum.registration import services as registration
from eduforum.registration.models import Registration
from eduforum.registration.rules import State
from eduforum.registration.services.substitute import Newcomer

MOST_REASON = 200


def correct(
    series_id: int, delegation_id: UUID, registration_id: UUID, entry: Entry
) -> Registration:
    """Change what was submitted, until the deadline; a returned one goes back to review with it.

    Raises `BadInput` beside the field, `PastDeadline`, `PoolFull`, `AlreadyRegistered`,
    `TransitionNotAllowed`.
    """
    with transaction():
        delegation = queries.locked_delegation(series_id, delegation_id)
        person = queries.person_or_404(delegation, registration_id)
        returned = person.state is State.RETURNED
        if not returned and is_over(delegation):
            raise PastDeadline
        choices = queries.choices_for(delegation, clock.now())
        faults = check(entry, choices)
        if faults:
            raise BadInput(next(iter(faults.values())), {k: [v] for k, v in faults.items()})
        application = application_of(entry, delegation, choices)
        if returned:
            return registration.resubmit(series_id, registration_id, application)
        return registration.edit(
            series_id, registration_id, application, until=delegation.edit_until
        )


def fill_in(
    series_id: int, delegation_id: UUID, registration_id: UUID, filling: registration.Filling
) -> Registration:
    """Tell what else is asked of somebody who is submitted, until the deadline; of somebody who was
    returned also later. Raises `PastDeadline` and what `registration.fill_in` raises.
    """
    with transaction():
        delegation = queries.locked_delegation(series_id, delegation_id)
        person = queries.person_or_404(delegation, registration_id)
        if person.state is not State.RETURNED and is_over(delegation):
            raise PastDeadline
        return registration.fill_in(series_id, person.id, filling)


def leave(series_id: int, delegation_id: UUID, registration_id: UUID, reason: str) -> Registration:
    """Note that somebody does not come, and why: the seat goes on. Raises `BadInput`."""
    if not reason.strip():
        sentence = Text("请填写请假事由。", "Say why.")
        raise BadInput(sentence, {"reason": [sentence]})

    def change(series: int, person: UUID) -> Registration:
        return registration.leave(series, person, reason.strip()[:MOST_REASON])

    return _act(series_id, delegation_id, registration_id, change)


def come_back(series_id: int, delegation_id: UUID, registration_id: UUID) -> Registration:
    """Back from leave, if a seat is free. Raises `PoolFull`."""
    return _act(series_id, delegation_id, registration_id, registration.come_back)


def accept(series_id: int, delegation_id: UUID, registration_id: UUID) -> Registration:
    """Take the seat that was offered to somebody in line."""
    return _act(series_id, delegation_id, registration_id, registration.accept)


def take_off(series_id: int, delegation_id: UUID, registration_id: UUID) -> Registration:
    """Withdraw somebody before the deadline; later the unit asks leave or sends somebody else.

    Raises `PastDeadline`.
    """
    with transaction():
        delegation = queries.locked_delegation(series_id, delegation_id)
        if is_over(delegation):
            raise PastDeadline
        return _act(series_id, delegation_id, registration_id, registration.withdraw)


def replace(
    series_id: int,
    delegation_id: UUID,
    registration_id: UUID,
    newcomer: Newcomer,
    *,
    submit_id: str,
) -> Registration:
    """Send somebody else of the unit: the seat moves, also after the deadline.

    The liaison's own address is nobody's. Raises what `substitute` raises.
    """
    with transaction():
        delegation = queries.locked_delegation(series_id, delegation_id)
        queries.person_or_404(delegation, registration_id)
        own = (delegation.liaison_mobile, delegation.liaison_email)
        theirs = dataclasses.replace(
            newcomer,
            organisation=delegation.unit,
            mobile="" if newcomer.mobile in own else newcomer.mobile,
            email="" if newcomer.email in own else newcomer.email,
        )
        return registration.substitute(
            series_id, registration_id, theirs, submit_id=f"replace:{delegation_id}:{submit_id}"
        )


def _act(
    series_id: int,
    delegation_id: UUID,
    registration_id: UUID,
    change: Callable[[int, UUID], Registration],
) -> Registration:
    """Do it to somebody of this delegation. Raises `NotFound` for anybody else."""
    with transaction():
        delegation = queries.locked_delegation(series_id, delegation_id)
        person = queries.person_or_404(delegation, registration_id)
        return change(series_id, person.id)
