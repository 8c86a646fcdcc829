"""Chosen options change: seats in their pools are given back and taken with them."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager

from eduforum.core.db import db
from eduforum.registration.models import Registration
from eduforum.registration.rules import IN_LINE, holds_a_seat
from eduforum.registration.services import lines, seats


@contextmanager
def recounted(registration: Registration) -> Iterator[None]:
    """Inside the block, what the registration counts in may change; its state does not.

    All pools of the series are locked meanwhile, and whoever waits for what came free gets it.
    Raises `PoolFull` when there is no room for what is new.
    """
    every_pool = seats.lock_all(registration.series_id)
    old = {pool.id: pool for pool in seats.counting(registration)}
    yield
    db.session.flush()
    new = {pool.id: pool for pool in seats.counting(registration)}
    pending = registration.category.pending_holds
    held = holds_a_seat(registration.state, pending_holds=pending)
    waits = registration.state in IN_LINE
    seats.shift(
        [
            seats.Change(
                pool,
                held=held * ((number in new) - (number in old)),
                waiting=waits * ((number in new) - (number in old)),
            )
            for number, pool in (old | new).items()
        ]
    )
    if any(pool.waiting for pool in every_pool):
        lines.offer_line(registration.series_id, every_pool)


def forget_options(registration: Registration, questions: Collection[str]) -> None:
    """Forget what was chosen in answer to these questions (their keys). Call it in the transaction
    in which the answers go."""
    gone = [one for one in registration.options if one.option.partition("=")[0] in questions]
    if gone:
        with recounted(registration):
            registration.options = [one for one in registration.options if one not in gone]
