"""A kiosk: a device that may check people in at its points and look nobody up."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from eduforum.checkin.queries import Place, device_by_hash, place_or_404
from eduforum.checkin.services import PICKED, Reading, Result, Scanner, enrol, record, revoke
from eduforum.checkin.services.devices import touch
from eduforum.core import clock
from eduforum.core.audit import acting_as
from eduforum.core.db import transaction
from eduforum.core.errors import NotFound
from eduforum.core.signing import token_hash
from eduforum.kiosk import queries
from eduforum.kiosk.rules import NotFoundHere
from eduforum.web import limits

PREFIX = "efk"
"""In front of the secret of a kiosk: the door's API knows no such device."""
_MOST_TRIES = 40
_WITHIN = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Kiosk:
    """An enrolled kiosk. since: before this it could not scan."""

    id: UUID
    name: str
    series_id: int
    since: datetime


def enrol_kiosk(code: str, name: str, point_id: UUID) -> str:
    """Turn a one-time code from the desk into a kiosk at this point; its secret.

    Raises `BadEnrolCode`, and `NotFound` for a code of a series that has no such point.
    """
    with transaction():
        device, token = enrol(code, name, prefix=PREFIX)
        place_or_404([device.series_id], point_id)
    return token


def find_kiosk(token: str) -> Kiosk | None:
    """The kiosk that holds this secret, unless it was revoked; notes its last contact."""
    found = device_by_hash(token_hash(token)) if token.startswith(f"{PREFIX}_") else None
    if found is None:
        return None
    touch(found)
    return Kiosk(found.id, found.name, found.series_id, found.enrolled_at)


def check_in(kiosk: Kiosk, place: Place, code: str, scan_id: UUID) -> Result:
    """Check in whoever holds this ticket. The same `scan_id` again is the same answer."""
    return _record(kiosk, place, code, scan_id)


def check_in_by_name(kiosk: Kiosk, place: Place, name: str, last4: str, scan_id: UUID) -> Result:
    """Check in somebody by full name and the last four digits of the mobile.

    Raises `NotFoundHere` for nobody and for more than one, and `TooOften` after many misses.
    """
    limits.spend("kiosk-name", str(kiosk.id), most=_MOST_TRIES, per=_WITHIN)
    found = queries.named(place.series_id, name, last4)
    if len(found) != 1:
        raise NotFoundHere
    limits.give_back("kiosk-name", str(kiosk.id))
    return _record(kiosk, place, f"{PICKED}{found[0].id}", scan_id, manual=True)


def leave(kiosk: Kiosk, code: str) -> None:
    """End the kiosk: somebody of the staff proves himself by a fresh one-time code of the desk.

    Raises `BadEnrolCode`, and `NotFound` for a code of another series.
    """
    with transaction():
        staff, _ = enrol(code, kiosk.name, prefix=PREFIX)
        if staff.series_id != kiosk.series_id:
            raise NotFound
        revoke(kiosk.series_id, staff.id)
        revoke(kiosk.series_id, kiosk.id)


def _record(
    kiosk: Kiosk, place: Place, code: str, scan_id: UUID, *, manual: bool = False
) -> Result:
    reading = Reading(id=scan_id, seq=0, code=code, scanned_at=clock.now(), manual=manual)
    with acting_as(f"device:{kiosk.id}"):
        return record(place, Scanner(kiosk.name, kiosk.id, since=kiosk.since), [reading])[0]
