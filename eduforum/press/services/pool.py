"""The stage pool: who stands at the stage when, where they meet, and who leads them there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import joinedload

from eduforum.core import audit
from eduforum.core.db import db, transaction
from eduforum.core.errors import NotFound, Refusal
from eduforum.core.i18n import Text
from eduforum.core.names import clean
from eduforum.press import card_queries, queries
from eduforum.press.models import Application, PoolPlace, PoolSlot, PressPerson
from eduforum.press.rules import Zone
from eduforum.press.rules.decisions import bad
from eduforum.press.rules.states import LIVE_PASSES
from eduforum.press.services import letters
from eduforum.press.services.admission import issue_pass
from eduforum.tickets.rules import show_staff_code


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotInput:
    """A time at the stage. event: its slug."""

    event: str
    starts_at: datetime | None
    ends_at: datetime | None
    places: int
    meeting_zh: str
    meeting_en: str = ""
    escort: str
    escort_phone: str = ""


class PoolIsFull(Refusal):
    code = "pool-full"
    status = 409

    def __init__(self, places: int) -> None:
        super().__init__(
            Text(
                "本时段只有 {n} 个机位，请减少人选或增加时段。",
                "This time has {n} places: choose fewer people, or add a time.",
            ).fill(n=places)
        )


class NotInZone(Refusal):
    """Only who was granted zone C, by two officers, stands in the pool."""

    code = "not-in-zone"
    status = 409

    def __init__(self, name: str) -> None:
        super().__init__(
            Text(
                "“{name}”没有有效的 C 区授权，请先由两位工作人员批准。",
                "{name} holds no zone C; two officers have to grant it first.",
            ).fill(name=name)
        )


def add_slot(series_id: int, given: SlotInput) -> PoolSlot:
    """A new time at the stage. Raises `BadInput` beside the field."""
    if given.starts_at is None or given.ends_at is None or given.ends_at <= given.starts_at:
        raise bad(
            "ends_at", "结束时间须晚于开始时间。", "The end must be later than the beginning."
        )
    if not 1 <= given.places <= 500:
        raise bad("places", "机位为 1 至 500 个。", "A time has 1 to 500 places.")
    with transaction():
        events = {event.slug: event.id for event in queries.events_by_id(series_id).values()}
        if given.event not in events:
            raise bad("event", "请选择活动。", "Choose an event.")
        slot = PoolSlot(
            series_id=series_id,
            event_id=events[given.event],
            starts_at=given.starts_at,
            ends_at=given.ends_at,
            places=given.places,
            meeting_zh=clean(given.meeting_zh),
            meeting_en=clean(given.meeting_en),
            escort=clean(given.escort),
            escort_phone=clean(given.escort_phone),
        )
        db.session.add(slot)
        db.session.flush()
        audit.record("press_pool.add", f"press_pool_slot:{slot.id}", series_id=series_id)
    return slot


def remove_slot(series_id: int, slot_id: UUID) -> None:
    """Take a time away; whoever had a place loses zone C for it, and is told."""
    with transaction():
        slot = _locked(series_id, slot_id)
        gone = _ids_of(slot_id)
        db.session.execute(delete(PoolPlace).where(PoolPlace.slot_id == slot_id))
        _spread(series_id, gone, slot, "press-pool-cancelled")
        db.session.delete(slot)
        audit.record("press_pool.remove", f"press_pool_slot:{slot_id}", series_id=series_id)


def fill(series_id: int, slot_id: UUID, person_ids: Sequence[UUID]) -> None:
    """Exactly these people stand in the slot. Their tickets open zone C for its time, to the minute.

    Who is new or gone is told. Raises `PoolIsFull`, `NotInZone`.
    """
    with transaction():
        slot = _locked(series_id, slot_id)
        wanted = set(person_ids)
        if len(wanted) > slot.places:
            raise PoolIsFull(slot.places)
        before = set(_ids_of(slot_id))
        for person in card_queries.locked_people(series_id, sorted(wanted - before)):
            if Zone.STAGE not in person.zone_set or person.state not in LIVE_PASSES:
                raise NotInZone(person.name)
            db.session.add(PoolPlace(slot_id=slot_id, person_id=person.id))
        gone = before - wanted
        if gone:
            db.session.execute(
                delete(PoolPlace).where(PoolPlace.slot_id == slot_id, PoolPlace.person_id.in_(gone))
            )
        db.session.flush()
        _spread(series_id, sorted(wanted - before), slot, "press-pool")
        _spread(series_id, sorted(gone), slot, "press-pool-cancelled")
        audit.record("press_pool.fill", f"press_pool_slot:{slot_id}", series_id=series_id,
                     before={"count": len(before)}, after={"count": len(wanted)})  # fmt: skip


def _spread(series_id: int, ids: Sequence[UUID], slot: PoolSlot, kind: str) -> None:
    for person in card_queries.locked_people(series_id, ids):
        if person.state in LIVE_PASSES:
            issue_pass(person)
            letters.write(person.application, kind, _about(person, slot))


def _about(person: PressPerson, slot: PoolSlot) -> dict[str, object]:
    return {
        "person": person.name,
        "event": letters.both(slot.event.name),
        "starts_at": slot.starts_at.isoformat(),
        "ends_at": slot.ends_at.isoformat(),
        "meeting": letters.both(slot.meeting),
        "escort": f"{slot.escort} {slot.escort_phone}".strip(),
    }


def _ids_of(slot_id: UUID) -> Sequence[UUID]:
    return db.session.scalars(select(PoolPlace.person_id).where(PoolPlace.slot_id == slot_id)).all()


def _locked(series_id: int, slot_id: UUID) -> PoolSlot:
    found = db.session.scalar(
        select(PoolSlot)
        .where(PoolSlot.series_id == series_id, PoolSlot.id == slot_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound
    return found


@dataclass(frozen=True, slots=True)
class Line:
    """A slot with the people in it."""

    slot: PoolSlot
    people: Sequence[PressPerson]


def slots_of(series_id: int) -> Sequence[Line]:
    """The times at the stage in their order, in two queries whatever their number."""
    slots = db.session.scalars(
        select(PoolSlot)
        .where(PoolSlot.series_id == series_id)
        .options(joinedload(PoolSlot.event))
        .order_by(PoolSlot.starts_at, PoolSlot.id)
    ).all()
    rows = db.session.execute(
        select(PoolPlace.slot_id, PressPerson)
        .join(PressPerson, PressPerson.id == PoolPlace.person_id)
        .where(PressPerson.series_id == series_id)
        .options(
            joinedload(PressPerson.application).joinedload(Application.outlet),
            joinedload(PressPerson.ticket),
        )
        .order_by(PressPerson.pinyin, PressPerson.id)
    ).all()
    return [Line(slot, [row[1] for row in rows if row[0] == slot.id]) for slot in slots]


def candidates(series_id: int) -> Sequence[PressPerson]:
    """Who holds zone C and may stand in the pool."""
    people = db.session.scalars(
        select(PressPerson)
        .where(PressPerson.series_id == series_id, PressPerson.state.in_(LIVE_PASSES))
        .options(joinedload(PressPerson.application).joinedload(Application.outlet))
        .order_by(PressPerson.pinyin, PressPerson.id)
    )
    return [person for person in people if Zone.STAGE in person.zone_set]


def number_of(person: PressPerson) -> str:
    return show_staff_code(person.ticket.staff_code) if person.ticket else "–"
