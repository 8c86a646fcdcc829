"""What a ticket would get, without letting anybody in."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from eduforum.checkin import queries
from eduforum.checkin.queries import Place
from eduforum.checkin.rules import (
    Direction,
    TicketAtDoor,
    Verdict,
    emptied_at,
    judge,
    next_step,
)
from eduforum.checkin.services.reading import PICKED, Reading, read_codes
from eduforum.checkin.services.scans import Outcome, Result
from eduforum.core import clock
from eduforum.core.db import new_id


def foresee(place: Place, code: str, at: datetime, direction: Direction = Direction.IN) -> Result:
    """Say what this code would get at the point at that time. Stores nothing, locks nothing.

    code: a ticket's text, or `id:<ticket>` of somebody found.

    Judged by the rules and the words of a real scan, over what was scanned up to `at`. How full
    the room will be nobody knows: a moment yet to come counts it empty.
    """
    reading = Reading(
        id=new_id(), seq=0, code=code, scanned_at=at, direction=direction,
        manual=code.startswith(PICKED),
    )  # fmt: skip
    (read,) = read_codes([reading], place.series_id, place.series_number)
    serials = {read.serial} if read.serial else set[int]()
    picked = {read.ticket_id} if read.ticket_id else set[UUID]()
    found = queries.tickets_for_scans(place.series_id, serials, picked, (), lock=False)
    if not found:
        verdict = read.verdict or Verdict.UNKNOWN
        step = next_step(verdict, place.rules, None, at)
        reason = read.reason or "unknown_serial"
        return Result(reading.id, Outcome.QUARANTINED, verdict, step, reason=reason)
    ticket = found[0]
    moves = queries.movements_of({ticket.id: ticket}, place.id).get(ticket.id, {}).values()
    now = clock.now()
    rules = place.rules if at <= now else replace(place.rules, capacity=None)
    inside = 0
    if rules.capacity is not None:
        inside = queries.inside_now(place.id, emptied_at(rules, now))
    judged = judge(
        rules, TicketAtDoor.of(ticket), [move for move in moves if move.at <= at], at,
        direction=direction, inside=inside,
    )  # fmt: skip
    first = judged.first
    told = {"at": first.at.isoformat(), "point": first.point} if first else None
    return Result(reading.id, Outcome.STORED, judged.verdict, judged.next_step, ticket, told)
