"""Incidents and scans that did not fit: somebody looked, and says in a note what it was."""

from datetime import datetime
from uuid import UUID

from eduforum.checkin import queries
from eduforum.checkin.models import Settlement
from eduforum.checkin.queries import incidents as reading
from eduforum.checkin.rules import Direction
from eduforum.checkin.services.reading import PICKED, Reading, code_hash
from eduforum.checkin.services.scans import Outcome, Result, Scanner, record
from eduforum.core import audit, clock
from eduforum.core.db import db, new_id, transaction
from eduforum.core.errors import BadInput, NotFound
from eduforum.core.i18n import Text
from eduforum.core.names import clean
from eduforum.events.models import Series
from eduforum.tickets.models import Ticket

_LONGEST_NOTE = 500


def settle_incident(series: Series, incident_id: UUID, note: str, now: datetime) -> Settlement:
    """Say how an incident was settled; the first word stands. Raises `NotFound`, `BadInput`."""
    if all(one.incident.id != incident_id for one in reading.incidents_of(series, now)):
        raise NotFound
    with transaction():
        return _settle(series.id, str(incident_id), note, "incident.settle")


def dismiss_scan(series_id: int, scan_id: UUID, note: str) -> Settlement:
    """Say why a scan that did not fit counts for nobody. Raises `NotFound`, `BadInput`."""
    scan = queries.scan_or_404(series_id, scan_id)
    if not scan.quarantined:
        raise NotFound
    with transaction():
        return _settle(series_id, str(scan_id), note, "quarantine.dismiss")


def assign_scan(series_id: int, scan_id: UUID, ticket_id: UUID, note: str) -> Result:
    """Say whose a scan that did not fit was: it is judged anew, as a scan of its own of that person
    at the time of the first. Raises `NotFound`, `BadInput`."""
    scan = queries.scan_or_404(series_id, scan_id)
    place = queries.place_or_404([series_id], scan.point_id)
    if not scan.quarantined or scan.direction is Direction.UNDO:
        raise NotFound
    who = audit.current_actor()
    meant = Reading(
        id=new_id(), seq=0, code=f"{PICKED}{ticket_id}", scanned_at=scan.effective_at,
        direction=scan.direction, manual=True,
    )  # fmt: skip
    with transaction():
        if reading.settlement(series_id, str(scan_id)) is not None:
            raise NotFound
        (answer,) = record(place, Scanner(who, since=scan.effective_at), [meant])
        if answer.result is Outcome.QUARANTINED:  # no ticket of this series
            raise NotFound
        _settle(series_id, str(scan_id), note, "quarantine.assign", ticket_id)
    return answer


def fold_in(series_id: int, ticket: Ticket, note: str) -> int:
    """Judge anew the scans of a ticket that nobody knew when they came; how many."""
    digest = code_hash(ticket.text)
    strays = reading.of_unknown_code(series_id, digest)
    for scan_id in strays:
        assign_scan(series_id, scan_id, ticket.id, note)
    return len(strays)


def _settle(
    series_id: int, subject: str, note: str, action: str, ticket_id: UUID | None = None
) -> Settlement:
    text = clean(note)
    if not text or len(text) > _LONGEST_NOTE:
        sentence = Text(
            "请写明处理情况，最多 500 字。", "Say how it was settled, in at most 500 characters."
        )
        raise BadInput(sentence, {"note": [sentence]})
    known = reading.settlement(series_id, subject)
    if known is not None:
        return known
    found = Settlement(
        series_id=series_id, subject=subject, note=text, ticket_id=ticket_id,
        settled_by=audit.current_actor(), settled_at=clock.now(),
    )  # fmt: skip
    db.session.add(found)
    db.session.flush()
    audit.record(action, f"{action.partition('.')[0]}:{subject}", series_id=series_id,
                 after={"ticket": str(ticket_id)} if ticket_id else None)  # fmt: skip
    return found
