"""What the API answers: points, scans, people found, the bundle."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from eduforum.checkin.models import Point, Settlement
from eduforum.checkin.queries import Counts, Place, Told
from eduforum.checkin.rules import INCIDENT_NAMES, PROVISIONAL, PointKind, Stop, Verdict, saying
from eduforum.checkin.services import PICKED, Result
from eduforum.core.i18n import Text
from eduforum.registration.models import Category
from eduforum.tickets.models import Ticket
from eduforum.tickets.rules import is_signed_ahead


def both(text: Text) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en}


def moment(value: datetime | None) -> str | None:
    return value.astimezone(UTC).isoformat() if value else None


def point_json(
    point: Point, counts: Counts, slugs: Mapping[int, str], codes: Mapping[int, str]
) -> dict[str, Any]:
    """A point. `slugs` by event id, `codes` by ticket class; `counts` are people, not scans."""
    return {
        "id": str(point.id),
        "name": both(point.name),
        "kind": point.kind,
        "repeat": point.repeat,
        "events": [slugs[event_id] for event_id in point.event_ids if event_id in slugs],
        "sessions": list(point.session_ids),
        "categories": [codes[code] for code in point.category_classes if code in codes],
        "zones": list(point.zones),
        "gates": list(point.gates),
        "opens_at": moment(point.opens_at),
        "closes_at": moment(point.closes_at),
        "capacity": point.capacity,
        "checkout_time": point.checkout_time or None,
        "time_zone": point.series.time_zone,
        "admitted": counts.admitted,
        "times": counts.times,
        "inside": counts.inside,
        "expected": counts.expected,
    }


def result_json(result: Result, place: Place) -> dict[str, Any]:
    """The answer to one scan, with the words for whoever stands at the door."""
    is_provisional = result.verdict is Verdict.ADMITTED and _is_nobodys(result.ticket)
    words = PROVISIONAL if is_provisional else saying(result.verdict, place.rules.kind)
    answer: dict[str, Any] = {
        "id": str(result.id),
        "result": result.result,
        "verdict": result.verdict,
        "tone": words.tone,
        "word": both(words.word),
        "next_step": both(words.step if is_provisional else result.next_step),
    }
    if result.reason:
        answer["reason"] = result.reason
    if result.ticket is not None:
        answer["ticket"] = {**_person(result.ticket), "answers": dict(result.ticket.door_notes)}
    if result.first is not None:
        # The admission that stands in the way is always at the same point.
        answer["first"] = {**result.first, "point_name": both(place.name)}
    return answer


def _is_nobodys(ticket: Any) -> bool:
    """Whether it was signed ahead for a walk-in whose form has not come up yet."""
    return ticket is not None and not ticket.holder and is_signed_ahead(ticket.serial)


def stop_json(stop: Stop) -> dict[str, Any]:
    """An event or session of the programme: what it is, where, and when it begins."""
    return {
        "event": stop.event,
        "session": stop.session_id,
        "name": both(stop.name),
        "room": both(stop.room),
        "starts_at": moment(stop.starts_at),
    }


def found_json(ticket: Any) -> dict[str, Any]:
    """Somebody found by name: `code` is sent back, with `manual`, to let him in."""
    return {**_person(ticket), "ticket": str(ticket.id), "code": f"{PICKED}{ticket.id}"}


def _person(ticket: Any) -> dict[str, Any]:
    """All that a door device sees of a person."""
    return {
        "name": ticket.holder,
        "unit": ticket.unit,
        "category": {"zh": ticket.category_zh, "en": ticket.category_en},
        "state": ticket.standing,
        "sample": ticket.sample,
    }


def class_json(category: Category) -> dict[str, Any]:
    return {"class": category.ticket_class, "code": category.code, "name": both(category.name)}


def roster_json(ticket: Ticket, slugs: Mapping[int, str]) -> dict[str, Any]:
    """One line of the roster. `serial` is 14 hexadecimal digits, as in the ticket's text."""
    return {
        "serial": serial_text(ticket.serial),
        "class": ticket.class_code,
        **_person(ticket),
        "pinyin": ticket.pinyin,
        "initials": ticket.initials,
        "mobile_last4": ticket.mobile_last4,
        "staff_code": ticket.staff_code,
        "events": [slugs[event_id] for event_id in ticket.event_ids if event_id in slugs],
        "sessions": list(ticket.session_ids),
        "zones": list(ticket.zones),
        "answers": dict(ticket.door_notes),
    }


def revocation_json(ticket: Ticket) -> dict[str, Any]:
    """A ticket that admits nobody any more, and since when another stands in its place."""
    replaced = ticket.replaced_by_id is not None
    return {
        "serial": serial_text(ticket.serial),
        "state": ticket.standing,
        "replaced_at": moment(ticket.ended_at) if replaced else None,
    }


def verdicts_json() -> dict[str, dict[str, Any]]:
    """Every verdict at every kind of point, so that a device without a network says the same."""
    return {kind: {verdict: _words(verdict, kind) for verdict in Verdict} for kind in PointKind}


def _words(verdict: Verdict, kind: PointKind) -> dict[str, Any]:
    words = saying(verdict, kind)
    return {"tone": words.tone, "word": both(words.word), "next_step": both(words.step)}


def move_json(row: Any, own: UUID | None) -> dict[str, Any]:
    """A scan that let somebody in or out, or took such a scan back (`undoes`)."""
    return {
        "id": str(row.id),
        "serial": serial_text(row.serial),
        "point": str(row.point_id),
        "verdict": row.verdict,
        "at": row.effective_at.isoformat(),
        "undoes": str(row.undoes_id) if row.undoes_id else None,
        "own": own is not None and row.device_id == own,
    }


def incident_json(told: Told, own: UUID | None) -> dict[str, Any]:
    """What went wrong, where and when. `own`: the device that asks."""
    return {
        "id": str(told.incident.id),
        "kind": told.incident.kind,
        "word": both(INCIDENT_NAMES[told.incident.kind]),
        "ticket": _person(told.ticket) if told.ticket else None,
        "missing": list(told.incident.missing) if told.incident.missing else None,
        "places": [
            {
                "scan": str(fact.id),
                "at": moment(fact.at),
                "point": str(fact.point),
                "point_name": both(told.points[fact.point].name),
                "gate": fact.gate,
                "device": told.device(fact),
                "own": own is not None and fact.device == own,
            }
            for fact in told.incident.facts
        ],
        "settled": settled_json(told.settled) if told.settled else None,
    }


def settled_json(said: Settlement) -> dict[str, Any]:
    return {"note": said.note, "by": said.settled_by, "at": moment(said.settled_at)}


def serial_text(serial: int) -> str:
    return f"{serial:014x}"


def keys_json(keys: Mapping[int, Any]) -> Sequence[dict[str, Any]]:
    """Public keys: Ed25519, 32 bytes in hexadecimal."""
    return [
        {"key_id": key_id, "public_key": key.public_bytes_raw().hex()}
        for key_id, key in sorted(keys.items())
    ]
