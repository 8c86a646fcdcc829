"""Issue, change and end tickets; keep the keys that sign them."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from flask import current_app
from sqlalchemy import bindparam, select

from eduforum.core import audit, clock, encryption
from eduforum.core.db import db, new_id, store, transaction
from eduforum.core.i18n import Text
from eduforum.core.rotation import Sealed
from eduforum.events.models import Series
from eduforum.tickets.models import SeriesKey, Ticket
from eduforum.tickets.rules import (
    BadSignature,
    Standing,
    TicketBody,
    ZoneGrant,
    check_zones,
    encode,
    is_signed_ahead,
    new_serial,
    new_serial_ahead,
    new_staff_code,
    parse,
    verify,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """What the door may know of a person.

    key: who it is, from `holder_key`; mobile_last4: all of the mobile that a device ever holds.
    event_ids, session_ids: what the ticket admits to. door_notes: what is shown at the door.
    """

    name: str
    key: str
    pinyin: str
    initials: str
    unit: str
    mobile_last4: str
    category: Text
    class_code: int
    event_ids: Sequence[int]
    session_ids: Sequence[str] = ()
    sample: bool = False
    door_notes: Mapping[str, str] = field(default_factory=dict)


def holder_key(name_key: str, contact: str) -> str:
    """One person in a series, whoever issues the ticket: the name with a mobile or e-mail, hashed."""
    return hashlib.sha256(f"{name_key}\0{contact}".encode()).hexdigest()


def issue(series: Series, holder: Holder) -> Ticket:
    """Issue a signed ticket. One live ticket per person and series: a second is an `IntegrityError`."""
    with transaction():
        ticket = _signed(series, _signing_key(series.id), holder)
        store(ticket)
    return ticket


def issue_many(series: Series, holders: Sequence[Holder]) -> list[Ticket]:
    """Issue a ticket to each, stored together."""
    with transaction():
        signer = _signing_key(series.id)
        tickets = [_signed(series, signer, holder) for holder in holders]
        db.session.add_all(tickets)
        db.session.flush()
    return tickets


def sign_ahead(
    series: Series, category: Text, class_code: int, event_ids: Sequence[int], count: int
) -> list[Ticket]:
    """Tickets of a class that are nobody's yet (`holder` is empty), for a device that will hand them
    out without a network. They admit from the start; `amend` makes one somebody's."""
    nobody = [
        Holder(
            name="", key=f"nobody:{new_id()}", pinyin="", initials="", unit="", mobile_last4="",
            category=category, class_code=class_code, event_ids=event_ids,
        )
        for _ in range(count)
    ]  # fmt: skip
    with transaction():
        signer = _signing_key(series.id)
        tickets = [Ticket(**_columns(series, signer, one, new_serial_ahead())) for one in nobody]
        db.session.add_all(tickets)
        db.session.flush()
    return tickets


def take_back_ahead(series: Series, text: str, category: Text, event_ids: Sequence[int]) -> Ticket:
    """The ticket of a text that a key of the series signed ahead and that this database lost, as
    by a restore. Raises `NotATicket`, `BadSignature`."""
    body = verify(text, keys_of(series.id))
    serial = int.from_bytes(body.serial, "big")
    if body.series != series.number or not is_signed_ahead(serial):
        raise BadSignature("not signed ahead for this series")
    nobody = Holder(
        name="", key=f"nobody:{new_id()}", pinyin="", initials="", unit="", mobile_last4="",
        category=category, class_code=body.class_code, event_ids=event_ids,
    )  # fmt: skip
    with transaction():
        ticket = Ticket(
            series_id=series.id, serial=serial, class_code=body.class_code, text=parse(text).text,
            staff_code=new_staff_code(), **_written(nobody),
        )  # fmt: skip
        db.session.add(ticket)
        db.session.flush()
    return ticket


def prepare_many(series: Series, holders: Sequence[Holder]) -> list[dict[str, Any]]:
    """A signed ticket for each, as columns, stored nowhere yet.

    For whoever stores thousands at once: signing takes longer than storing, and holds up nobody.
    """
    with transaction():
        signer = _signing_key(series.id)
        _private_key(signer)
    return [{"id": new_id()} | _columns(series, signer, holder) for holder in holders]


def amend(ticket: Ticket, holder: Holder) -> None:
    """Write what changed about the person onto the ticket: its text and QR stay valid.

    A change of category changes the class, which is signed: use `reissue`.
    """
    with transaction():
        for name, value in _written(holder).items():
            setattr(ticket, name, value)


def grant_zones(ticket: Ticket, grants: Sequence[ZoneGrant]) -> None:
    """Let a ticket into these zones, each in its window, instead of those it was let into before.

    The text and the QR stay valid; devices learn of it with their next delta. Raises `BadInput`.
    """
    check_zones(grants)
    with transaction():
        before, after = ticket.zones, [one.as_kept() for one in grants]
        if before == after:
            return
        ticket.zones = after
        audit.record("ticket.zones", f"ticket:{ticket.id}", series_id=ticket.series_id,
                     before={"zones": before}, after={"zones": after})  # fmt: skip


def suspend(ticket: Ticket) -> None:
    """Admit nobody for now, as while a changed name is reviewed."""
    with transaction():
        if ticket.standing is Standing.VALID:
            ticket.standing = Standing.SUSPENDED


def reinstate(ticket: Ticket) -> None:
    """Let a suspended ticket admit again."""
    with transaction():
        if ticket.standing is Standing.SUSPENDED:
            ticket.standing = Standing.VALID


def end(ticket: Ticket, standing: Standing) -> None:
    """End a ticket for good: `CANCELLED` with its registration, `REVOKED` when replaced or lost.

    Ending twice keeps the first end.
    """
    with transaction():
        if ticket.standing in (Standing.VALID, Standing.SUSPENDED):
            ticket.standing = standing
            ticket.ended_at = clock.now()


def reissue(series: Series, ticket: Ticket, holder: Holder) -> Ticket:
    """Replace a ticket: the old one is revoked first, then the new serial is made.

    The same person keeps the zones; somebody else has to be given them.
    """
    with transaction():
        end(ticket, Standing.REVOKED)
        db.session.flush()
        replacement = issue(series, holder)
        _succeed(ticket, replacement)
    return replacement


def replace_by(ticket: Ticket, ahead: Ticket, holder: Holder) -> None:
    """Replace a ticket by one that was signed ahead and is in its holder's hands already.

    Both are of the same class: that is signed.
    """
    with transaction():
        end(ticket, Standing.REVOKED)
        db.session.flush()
        amend(ahead, holder)
        db.session.flush()
        _succeed(ticket, ahead)


def void_for(ahead: Ticket, ticket: Ticket) -> None:
    """End a ticket that was signed ahead: its holder has another, to which its scans count."""
    with transaction():
        end(ahead, Standing.REVOKED)
        _succeed(ahead, ticket)


def _succeed(old: Ticket, new: Ticket) -> None:
    """`new` stands in the place of `old`, which is ended; the same person keeps the zones."""
    if new.holder_key == old.holder_key:
        new.zones = old.zones
    old.replaced_by_id = new.id
    audit.record(
        "ticket.reissue",
        f"ticket:{old.id}",
        series_id=old.series_id,
        before={"staff_code": old.staff_code},
        after={"staff_code": new.staff_code},
    )


def keys_of(series_id: int) -> dict[int, Ed25519PublicKey]:
    """The public keys that verify this series' tickets, by key id; retired ones included."""
    rows = db.session.execute(
        select(SeriesKey.key_id, SeriesKey.public_key).where(SeriesKey.series_id == series_id)
    )
    return {key_id: Ed25519PublicKey.from_public_bytes(raw) for key_id, raw in rows}


def public_key(series_id: int, key_id: int) -> Ed25519PublicKey | None:
    """One key of `keys_of`. Keys only ever come along, so a process keeps those it has seen."""
    known: dict[tuple[int, int], Ed25519PublicKey]
    known = current_app.extensions.setdefault("public_keys", {})
    if (series_id, key_id) not in known:
        known |= {(series_id, number): key for number, key in keys_of(series_id).items()}
    return known.get((series_id, key_id))


def rotate_key(series_id: int) -> SeriesKey:
    """Sign new tickets with a new key from now on; tickets of the old keys stay valid."""
    with transaction():
        keys = db.session.scalars(
            select(SeriesKey).where(SeriesKey.series_id == series_id).with_for_update()
        ).all()
        for key in keys:
            key.retired_at = key.retired_at or clock.now()
        fresh = _new_key(series_id, max((key.key_id for key in keys), default=0) + 1)
        audit.record("key.rotate", f"series:{series_id}", series_id=series_id,
                     after={"key_id": fresh.key_id})  # fmt: skip
    return fresh


def _signed(series: Series, signer: SeriesKey, holder: Holder) -> Ticket:
    return Ticket(**_columns(series, signer, holder))


def _columns(series: Series, signer: SeriesKey, holder: Holder, serial: int = 0) -> dict[str, Any]:
    serial = serial or new_serial()
    body = TicketBody(
        key_id=signer.key_id,
        series=series.number,
        serial=serial.to_bytes(7, "big"),
        class_code=holder.class_code,
    )
    return {
        "series_id": series.id,
        "serial": serial,
        "class_code": holder.class_code,
        "text": encode(body, _private_key(signer)),
        "staff_code": new_staff_code(),
        **_written(holder),
    }


def _written(holder: Holder) -> dict[str, object]:
    return {
        "holder": holder.name,
        "holder_key": holder.key,
        "pinyin": holder.pinyin,
        "initials": holder.initials,
        "unit": holder.unit,
        "mobile_last4": holder.mobile_last4,
        "category_zh": holder.category.zh,
        "category_en": holder.category.en,
        "event_ids": list(holder.event_ids),
        "session_ids": list(holder.session_ids),
        "sample": holder.sample,
        "door_notes": dict(holder.door_notes),
    }


_NEWEST = (
    select(SeriesKey)
    .where(SeriesKey.series_id == bindparam("series_id"), SeriesKey.retired_at.is_(None))
    .order_by(SeriesKey.key_id.desc())
    .limit(1)
)


def _signing_key(series_id: int) -> SeriesKey:
    newest = db.session.scalar(_NEWEST, {"series_id": series_id})
    return newest or _new_key(series_id, 1)


def _new_key(series_id: int, key_id: int) -> SeriesKey:
    private = Ed25519PrivateKey.generate()
    key = SeriesKey(
        series_id=series_id,
        key_id=key_id,
        public_key=private.public_key().public_bytes_raw(),
        sealed_private_key=encryption.seal(private.private_bytes_raw(), _place(series_id, key_id)),
    )
    db.session.add(key)
    db.session.flush()
    return key


def _private_key(key: SeriesKey) -> Ed25519PrivateKey:
    """Opened once per process: unsealing for every ticket would be wasted work."""
    opened: dict[int, Ed25519PrivateKey] = current_app.extensions.setdefault("ticket_keys", {})
    if key.id not in opened:
        raw = encryption.unseal(key.sealed_private_key, _place(key.series_id, key.key_id))
        opened[key.id] = Ed25519PrivateKey.from_private_bytes(raw)
    return opened[key.id]


def _place(series_id: int, key_id: int) -> str:
    return f"series_keys:{series_id}:{key_id}"


SEALED = Sealed(
    SeriesKey.sealed_private_key,
    (SeriesKey.id, SeriesKey.series_id, SeriesKey.key_id),
    lambda row: _place(row.series_id, row.key_id),
)
