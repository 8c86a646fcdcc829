"""What a device sends for one scan, and what its code turns out to be."""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import select

from eduforum.checkin.rules import Direction, Verdict
from eduforum.core.db import db
from eduforum.events.models import Series
from eduforum.tickets.rules import BadSignature, NotATicket, TicketBody, check_signature, parse
from eduforum.tickets.services import public_key

PICKED = "id:"
"""In front of the opaque id of a ticket that the operator picked from a search."""
PICKED_SERIAL = "serial:"
"""In front of the serial, 14 hexadecimal digits, of somebody picked on a device without a network."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A scan as a device sends it, perhaps hours later.

    id, seq: chosen by the device; the id makes sending again harmless.
    code: a ticket's text, or `id:<ticket>` from a search, then with `manual`.
    scanned_at: aware, by the device's clock. local_verdict: what the device showed by itself.
    undoes: for direction `undo`, the scan that is taken back.
    """

    id: UUID
    seq: int
    code: str
    scanned_at: datetime
    direction: Direction = Direction.IN
    local_verdict: str = ""
    override: str = ""
    answers: Mapping[str, Any] = field(default_factory=dict)
    undoes: UUID | None = None
    manual: bool = False


@dataclass(frozen=True, slots=True)
class Code:
    """What was read: a serial or a ticket id to look up, or a verdict without any look-up."""

    hash: str
    serial: int | None = None
    ticket_id: UUID | None = None
    verdict: Verdict | None = None
    reason: str = ""


def content_hash(point_id: UUID, reading: Reading) -> str:
    """What makes two sendings the same scan.

    Without `local_verdict`: a scan that was judged on the device while the server took its time
    is sent again with it.
    """
    content = [
        str(point_id), reading.seq, reading.code, reading.direction,
        reading.scanned_at.astimezone(UTC).isoformat(), reading.override, reading.answers,
        str(reading.undoes), reading.manual,
    ]  # fmt: skip
    text = json.dumps(content, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def read_codes(batch: Sequence[Reading], series_id: int, number: int) -> list[Code]:
    """Read the codes of a batch and verify them with the keys of their series."""
    series: dict[int, int | None] = {number: series_id}
    return [_read(reading, number, series) for reading in batch]


def _read(reading: Reading, number: int, series: dict[int, int | None]) -> Code:
    """series: ids of the series that are known by number; others are looked up and added."""
    digest = hashlib.sha256(reading.code.encode("utf-8", "surrogatepass")).hexdigest()
    if reading.direction is Direction.UNDO:
        return Code(digest)
    if reading.manual and reading.code.startswith(PICKED):
        return _picked(reading.code.removeprefix(PICKED), digest)
    if reading.manual and reading.code.startswith(PICKED_SERIAL):
        return _picked_serial(reading.code.removeprefix(PICKED_SERIAL), digest)
    try:
        ticket = parse(reading.code)
        check_signature(ticket, _key_of(ticket.body, series))
    except NotATicket:
        return Code(digest, verdict=Verdict.UNKNOWN, reason="not_a_ticket")
    except BadSignature:
        return Code(digest, verdict=Verdict.FORGED, reason="bad_signature")
    if ticket.body.series != number:
        return Code(digest, verdict=Verdict.WRONG_SERIES, reason="other_series")
    return Code(digest, serial=int.from_bytes(ticket.body.serial, "big"))


def _picked(text: str, digest: str) -> Code:
    try:
        return Code(digest, ticket_id=UUID(text))
    except ValueError:
        return Code(digest, verdict=Verdict.UNKNOWN, reason="not_a_ticket")


def _picked_serial(text: str, digest: str) -> Code:
    if re.fullmatch("[0-9a-f]{14}", text) is None:
        return Code(digest, verdict=Verdict.UNKNOWN, reason="not_a_ticket")
    return Code(digest, serial=int(text, 16))


def _key_of(body: TicketBody, known: dict[int, int | None]) -> Ed25519PublicKey | None:
    """The key that should have signed; of another series too, to tell its tickets from forged ones."""
    if body.series not in known:
        number = Series.number == body.series
        known[body.series] = db.session.scalar(select(Series.id).where(number))
    series_id = known[body.series]
    return None if series_id is None else public_key(series_id, body.key_id)
