"""Recording scans: one way for one scan and for a thousand, for a device and for the desk."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from eduforum.checkin import queries
from eduforum.checkin.models import Scan
from eduforum.checkin.queries import Place
from eduforum.checkin.rules import (
    NO_SUPERVISOR,
    OVERRIDABLE,
    Direction,
    Movement,
    TicketAtDoor,
    Verdict,
    emptied_at,
    judge,
    mend,
    next_step,
    standing_inside,
    undo_refusal,
)
from eduforum.checkin.services.reading import Code, Reading, content_hash, read_codes
from eduforum.core import audit, clock, faults
from eduforum.core.db import db, in_transaction, new_id, table_of, transaction
from eduforum.core.gathering import Gathering
from eduforum.core.i18n import Text

_TRIES = 3
_MOST_TOGETHER = 8
"""Longer batches have a transaction of their own, so that nobody waits long for the others."""
_REACH = timedelta(days=30)
"""How far back those may report who have no day on which they came."""


class Outcome(StrEnum):
    """What became of one scan that was sent."""

    STORED = "stored"
    ALREADY_STORED = "already_stored"
    QUARANTINED = "quarantined"
    CONFLICT = "conflict"


@dataclass(frozen=True, slots=True)
class Scanner:
    """Who sends scans: a device, or a token or person without one.

    since: before this it could not scan. supervisor: may let pass with a reason, and take back any
    scan at any time.
    """

    name: str
    device_id: UUID | None = None
    since: datetime | None = None
    supervisor: bool = False


@dataclass(frozen=True, slots=True)
class Result:
    """The answer to one scan. `ticket` is the row that the door may see, None without one."""

    id: UUID
    result: Outcome
    verdict: Verdict
    next_step: Text
    ticket: Any = None
    first: Mapping[str, Any] | None = None
    reason: str = ""


_ADD = insert(table_of(Scan))


@dataclass(frozen=True, slots=True)
class _Sending:
    """What one sender sent at once, and when it came."""

    place: Place
    scanner: Scanner
    batch: Sequence[Reading]
    codes: Sequence[Code]
    now: datetime
    device_time: datetime
    flags: tuple[str, ...]


def record(
    place: Place,
    scanner: Scanner,
    batch: Sequence[Reading],
    *,
    device_time: datetime | None = None,
    epoch: str | None = None,
) -> list[Result]:
    """Store what was scanned at a point and answer each scan, in the order given.

    Facts are never refused: what does not fit is stored `quarantined`, with a hash of its code.
    Idempotent on the id that the device chose: the stored answer is given again before any rule
    runs, or `conflict` if the id came with other content. Two gates never both admit a ticket:
    its row is locked while it is judged.

    device_time: what the sender's clock says now. epoch: the history that the sender knows.
    """
    codes = read_codes(batch, place.series_id, place.series_number)  # before there is a lock
    now = clock.now()
    flags = ("other_epoch",) if epoch not in (None, place.epoch) else ()
    sending = _Sending(place, scanner, batch, codes, now, device_time or now, flags)
    if len(batch) > _MOST_TOGETHER or in_transaction() or faults.active("skip_lock"):
        return _store([sending])[0]
    return _GATES.ask(place.id, sending)


def _store(sendings: Sequence[_Sending]) -> list[list[Result]]:
    """Store what several sent at one point in one transaction; the answers for each of them."""
    for attempt in range(_TRIES):
        try:
            with transaction():
                return _Recording(sendings[0].place).run(sendings)
        except IntegrityError:
            # Another process stored one of these ids at the same moment: read it and replay.
            if attempt == _TRIES - 1:
                raise
    raise AssertionError


_GATES = Gathering(_store, most=64)
"""The gates of a point: scans that come while others are stored are stored together."""


def undo(series_id: int, scan_id: UUID, by: str) -> Result:
    """Take back a scan from the desk, as a new fact. Raises `NotFound`."""
    scan = queries.scan_or_404(series_id, scan_id)
    place = queries.place_or_404([series_id], scan.point_id)
    reading = Reading(
        id=new_id(), seq=0, code="", direction=Direction.UNDO,
        scanned_at=clock.now(), undoes=scan_id,
    )  # fmt: skip
    with transaction():
        answer = record(place, Scanner(by, supervisor=True), [reading])[0]
        if answer.result is Outcome.STORED:
            audit.record("scan.undo", f"scan:{scan_id}", series_id=series_id)
    return answer


def _moved(scan: Mapping[str, Any]) -> bool:
    """Whether somebody went in or out by this scan, if only by what the device said alone."""
    moving = (Verdict.ADMITTED, Verdict.CHECKED_OUT)
    return scan["verdict"] in moving or scan["local_verdict"] in moving


class _Recording:
    """What was sent at one point on its way into the database: what is known, what is added."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.sending: _Sending
        self.tickets: dict[UUID, Any] = {}
        self.by_serial: dict[int, Any] = {}
        self.known: dict[UUID, Mapping[str, Any]] = {}
        self.movements: dict[UUID, dict[UUID, Movement]] = {}
        self.inside = 0
        self.rows: list[dict[str, Any]] = []

    def run(self, sendings: Sequence[_Sending]) -> list[list[Result]]:
        self._read(sendings)
        faults.sleep_if("sleep_after_check")
        answers = [self._answer(sending) for sending in sendings]
        if self.rows:
            db.session.execute(_ADD, self.rows)
        return answers

    def _answer(self, sending: _Sending) -> list[Result]:
        self.sending = sending
        return [
            self._take(reading, code)
            for reading, code in zip(sending.batch, sending.codes, strict=True)
        ]

    def _read(self, sendings: Sequence[_Sending]) -> None:
        """Locks first (the point if it has a capacity, then tickets by id), then what they guard."""
        if self.place.rules.capacity is not None:
            emptied = emptied_at(self.place.rules, sendings[0].now)
            self.inside = queries.locked_inside(self.place.id, emptied)
        batch = [reading for sending in sendings for reading in sending.batch]
        codes = [code for sending in sendings for code in sending.codes]
        undone = {reading.undoes for reading in batch if reading.undoes}
        found = queries.tickets_for_scans(
            self.place.series_id,
            {code.serial for code in codes if code.serial},
            {code.ticket_id for code in codes if code.ticket_id},
            undone,
            lock=not faults.active("skip_lock"),
        )
        self.tickets = {ticket.id: ticket for ticket in found}
        self.by_serial = {ticket.serial: ticket for ticket in found}
        self.known = queries.scans_by_id({reading.id for reading in batch} | undone)
        self.movements = queries.movements_of(self.tickets, self.place.id)

    def _take(self, reading: Reading, code: Code) -> Result:
        digest = content_hash(self.place.id, reading)
        known = self.known.get(reading.id)
        if known is not None:
            return self._replay(known, digest)
        fact = self._fact(reading, code, digest)
        if reading.direction is Direction.UNDO:
            answer = self._undo(reading, fact)
        else:
            answer = self._judge(reading, code, fact)
        self._keep(fact, answer)
        return answer

    def _replay(self, known: Mapping[str, Any], digest: str) -> Result:
        """The stored answer; for other content under the same id nothing that could admit."""
        if known["content_hash"] != digest or known["series_id"] != self.place.series_id:
            step = self._step(Verdict.UNKNOWN)
            return Result(known["id"], Outcome.CONFLICT, Verdict.UNKNOWN, step)
        ticket = self.tickets.get(known["ticket_id"])
        facing = ticket and TicketAtDoor.of(ticket)
        step = next_step(known["verdict"], self.place.rules, facing, known["effective_at"])
        return Result(
            known["id"], Outcome.ALREADY_STORED, known["verdict"], step, ticket, known["first"],
            known["quarantined"],
        )  # fmt: skip

    def _fact(self, reading: Reading, code: Code, digest: str) -> dict[str, Any]:
        time = mend(
            reading.scanned_at,
            device_time=self.sending.device_time,
            now=self.sending.now,
            earliest=self.sending.scanner.since or self.sending.now - _REACH,
        )
        manual = ("manual",) if reading.manual else ()
        return {
            "id": reading.id,
            "series_id": self.place.series_id,
            "point_id": self.place.id,
            "device_id": self.sending.scanner.device_id,
            "operator": "" if self.sending.scanner.device_id else self.sending.scanner.name,
            "ticket_id": None,
            "seq": reading.seq,
            "code_hash": code.hash,
            "content_hash": digest,
            "direction": reading.direction,
            "gate": reading.gate,
            "local_verdict": reading.local_verdict,
            "override": reading.override,
            "flags": [*self.sending.flags, *time.flags, *manual],
            "answers": dict(reading.answers),
            "undoes_id": None,
            "scanned_at": reading.scanned_at.astimezone(UTC),
            "received_at": self.sending.now,
            "effective_at": time.effective_at,
        }

    def _judge(self, reading: Reading, code: Code, fact: dict[str, Any]) -> Result:
        if code.verdict is not None:
            return self._quarantine(reading, code.verdict, code.reason)
        ticket = self._ticket(code)
        if ticket is None:
            return self._quarantine(reading, Verdict.UNKNOWN, "unknown_serial")
        fact["ticket_id"] = ticket.id
        moves = self.movements.setdefault(ticket.id, {})
        at = fact["effective_at"]
        judged = judge(
            self.place.rules, TicketAtDoor.of(ticket), moves.values(), at,
            direction=reading.direction, inside=self.inside,
        )  # fmt: skip
        verdict, first = judged.verdict, judged.first
        if reading.override and not self.sending.scanner.supervisor:
            fact["flags"].append(NO_SUPERVISOR)
        elif reading.override and verdict in OVERRIDABLE:
            fact["flags"].append(f"overrode:{verdict}")
            verdict, first = Verdict.ADMITTED, None
        self._move(ticket.id, reading.id, verdict, at)
        step = judged.next_step
        if verdict is not judged.verdict:
            step = self._step(verdict)
        told = {"at": first.at.isoformat(), "point": first.point} if first else None
        return Result(reading.id, Outcome.STORED, verdict, step, ticket, told)

    def _ticket(self, code: Code) -> Any:
        if code.ticket_id is not None:
            return self.tickets.get(code.ticket_id)
        return self.by_serial.get(code.serial or 0)

    def _undo(self, reading: Reading, fact: dict[str, Any]) -> Result:
        target = self.known.get(reading.undoes) if reading.undoes else None
        if target is None or target["point_id"] != self.place.id or not _moved(target):
            return self._quarantine(reading, Verdict.UNKNOWN, "undo_unknown")
        fact["ticket_id"] = target["ticket_id"]
        ticket = self.tickets.get(target["ticket_id"])
        if target["undone_by"] is not None:
            return self._quarantine(reading, Verdict.UNDONE, "undo_twice", ticket)
        reason = undo_refusal(
            same_device=self._same_device(target),
            supervisor=self.sending.scanner.supervisor,
            scanned_at=target["effective_at"],
            now=fact["effective_at"],
        )
        if reason is not None:
            return self._quarantine(reading, Verdict.TOO_LATE, reason, ticket)
        fact["undoes_id"] = target["id"]
        self.known[target["id"]] = {**target, "undone_by": reading.id}
        moves = self.movements.setdefault(target["ticket_id"], {})
        was_in = self._is_inside(moves)
        moves.pop(target["id"], None)
        self.inside += self._is_inside(moves) - was_in
        step = self._step(Verdict.UNDONE)
        return Result(reading.id, Outcome.STORED, Verdict.UNDONE, step, ticket)

    def _same_device(self, target: Mapping[str, Any]) -> bool:
        if self.sending.scanner.device_id is not None:
            return bool(target["device_id"] == self.sending.scanner.device_id)
        return target["device_id"] is None and target["operator"] == self.sending.scanner.name

    def _quarantine(
        self, reading: Reading, verdict: Verdict, reason: str, ticket: Any = None
    ) -> Result:
        step = self._step(verdict)
        return Result(reading.id, Outcome.QUARANTINED, verdict, step, ticket, reason=reason)

    def _step(self, verdict: Verdict) -> Text:
        return next_step(verdict, self.place.rules, None, self.sending.now)

    def _move(self, ticket_id: UUID, scan_id: UUID, verdict: Verdict, at: datetime) -> None:
        """Let the next scans of this batch see what this one did."""
        if verdict not in (Verdict.ADMITTED, Verdict.CHECKED_OUT):
            return
        moves = self.movements.setdefault(ticket_id, {})
        was_in = self._is_inside(moves)
        direction = Direction.IN if verdict is Verdict.ADMITTED else Direction.OUT
        moves[scan_id] = Movement(direction, at, str(self.place.id))
        self.inside += self._is_inside(moves) - was_in

    def _is_inside(self, moves: Mapping[UUID, Movement]) -> bool:
        return standing_inside(self.place.rules, moves.values(), self.sending.now) is not None

    def _keep(self, fact: dict[str, Any], answer: Result) -> None:
        fact |= {
            "verdict": answer.verdict,
            "first": answer.first,
            "quarantined": answer.reason,
        }
        self.rows.append(fact)
        self.known[answer.id] = fact | {"undone_by": None}
