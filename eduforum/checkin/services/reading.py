"""What a device sends for one scan, and what its code turns out to be."""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hmac import compare_digest
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import select

from eduforum.checkin import queries
from eduforum.checkin.rules import Direction, Verdict
from eduforum.core.db import db
from eduforum.events.models import Series
from eduforum.tickets.rules import (
    BadSignature,
    NotATicket,
    ParsedTicket,
    TicketBody,
    check_signature,
    parse,
)
from eduforum.tickets.services import public_key

_FEW = 4
"""As many signatures are verified in the time of one question to the database."""
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
    gate: the door of the point at which the device stands. undoes: for direction `undo`, the scan that is taken back.
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
    gate: str = ""


@dataclass(frozen=True, slots=True)
class Code:
    """What was read: a serial or a ticket id to look up, or a verdict without any look-up."""

    hash: str
    serial: int | None = None
    ticket_id: UUID | None = None
    verdict: Verdict | None = None
    reason: str = ""


def code_hash(code: str) -> str:
    """What a fact keeps of what was read."""
    return hashlib.sha256(code.encode("utf-8", "surrogatepass")).hexdigest()


def content_hash(point_id: UUID, reading: Reading) -> str:
    """What makes two sendings the same scan.

    Without `local_verdict`: a scan that was judged on the device while the server took its time
    is sent again with it.
    """
    content: list[Any] = [
        str(point_id), reading.seq, reading.code, reading.direction,
        reading.scanned_at.astimezone(UTC).isoformat(), reading.override, reading.answers,
        str(reading.undoes), reading.manual,
    ]  # fmt: skip
    if reading.gate:  # those of before there were gates stay the same scan
        content.append(reading.gate)
    text = json.dumps(content, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def read_codes(batch: Sequence[Reading], series_id: int, number: int) -> list[Code]:
    """Read the codes of a batch and verify them.

    A ticket is genuine when a key of its series signed it, or when its text is the one that was
    issued, which a long batch learns for all of them at the price of two signatures.
    """
    texts = [_parsed(reading) for reading in batch]
    issued: Mapping[int, str] = {}
    if len(batch) > _FEW:
        issued = queries.texts_of(series_id, {_serial(text) for text in texts if text})
    checker = _Checker(number, {number: series_id}, issued)
    return [checker.read(reading, text) for reading, text in zip(batch, texts, strict=True)]


def _parsed(reading: Reading) -> ParsedTicket | None:
    try:
        return parse(reading.code)
    except NotATicket:
        return None


@dataclass(frozen=True, slots=True)
class _Checker:
    """Tells genuine tickets of the series with this number from others.

    series: ids of the series that are known by number; others are looked up and added.
    issued: texts that were issued in this series, by serial; those it lacks are verified.
    """

    number: int
    series: dict[int, int | None]
    issued: Mapping[int, str]

    def read(self, reading: Reading, ticket: ParsedTicket | None) -> Code:
        digest = code_hash(reading.code)
        if reading.direction is Direction.UNDO:
            return Code(digest)
        if reading.manual and reading.code.startswith(PICKED):
            return _picked(reading.code.removeprefix(PICKED), digest)
        if reading.manual and reading.code.startswith(PICKED_SERIAL):
            return _picked_serial(reading.code.removeprefix(PICKED_SERIAL), digest)
        if ticket is None:
            return Code(digest, verdict=Verdict.UNKNOWN, reason="not_a_ticket")
        if not self._is_genuine(ticket):
            return Code(digest, verdict=Verdict.FORGED, reason="bad_signature")
        if ticket.body.series != self.number:
            return Code(digest, verdict=Verdict.WRONG_SERIES, reason="other_series")
        return Code(digest, serial=_serial(ticket))

    def _is_genuine(self, ticket: ParsedTicket) -> bool:
        if compare_digest(self.issued.get(_serial(ticket), ""), ticket.text):
            return True
        try:
            check_signature(ticket, self._key_of(ticket.body))
        except BadSignature:
            return False
        return True

    def _key_of(self, body: TicketBody) -> Ed25519PublicKey | None:
        """The key that should have signed; of another series too, to tell its tickets from forged."""
        if body.series not in self.series:
            number = Series.number == body.series
            self.series[body.series] = db.session.scalar(select(Series.id).where(number))
        series_id = self.series[body.series]
        return None if series_id is None else public_key(series_id, body.key_id)


def _serial(ticket: ParsedTicket) -> int:
    return int.from_bytes(ticket.body.serial, "big")


def _picked(text: str, digest: str) -> Code:
    try:
        return Code(digest, ticket_id=UUID(text))
    except ValueError:
        return Code(digest, verdict=Verdict.UNKNOWN, reason="not_a_ticket")


def _picked_serial(text: str, digest: str) -> Code:
    if re.fullmatch("[0-9a-f]{14}", text) is None:
        return Code(digest, verdict=Verdict.UNKNOWN, reason="not_a_ticket")
    return Code(digest, serial=int(text, 16))
