"""Where somebody who is let in goes next, told with the answer to their scan."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from flask import current_app

from eduforum.checkin import queries
from eduforum.checkin.api import shapes
from eduforum.checkin.queries import Place
from eduforum.checkin.rules import Stop, TicketAtDoor, Verdict, next_stop
from eduforum.checkin.services import Result
from eduforum.core import clock

_KEPT_FOR = timedelta(seconds=30)
"""How long a process goes by the programme that it has read: every scan asks for it."""
_KEPT = "eduforum.door_programme"

Kept = dict[int, tuple[datetime, Sequence[Stop]]]


def next_of(place: Place, results: Sequence[Result]) -> dict[str, object]:
    """`next_session` of the one who was let in; nothing for a batch, whose device has shown it."""
    if len(results) != 1 or results[0].verdict is not Verdict.ADMITTED or not results[0].ticket:
        return {}
    ticket = TicketAtDoor.of(results[0].ticket)
    stop = next_stop(_programme(place.series_id), ticket, place.rules, clock.now())
    return {"next_session": shapes.stop_json(stop)} if stop else {}


def _programme(series_id: int) -> Sequence[Stop]:
    kept: Kept = current_app.extensions.setdefault(_KEPT, {})
    now, known = clock.now(), kept.get(series_id)
    if known is None or not timedelta() <= now - known[0] < _KEPT_FOR:
        known = kept[series_id] = (now, queries.programme_of(series_id))
    return known[1]
