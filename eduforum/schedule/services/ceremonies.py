"""What is signed and unveiled at a ceremony."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from eduforum.core import audit
from eduforum.core.db import db, transaction
from eduforum.core.errors import BadInput, NotFound
from eduforum.core.i18n import Text
from eduforum.events import services as events
from eduforum.events.changes import Diff, apply
from eduforum.schedule.models import Agreement, AgreementParty, Plaque
from eduforum.schedule.rules import TooFewParties
from eduforum.schedule.services.shared import event_with_id, record


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyInput:
    organisation_id: int
    signatory: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementInput:
    """What is signed. parties: at least two, in the order of signing."""

    name_zh: str
    name_en: str = ""
    parties: tuple[PartyInput, ...]
    said: str = ""


def save_agreement(
    event_id: int, given: AgreementInput, agreement_id: int | None = None, *, position: int = -1
) -> tuple[Agreement, Diff]:
    """Add an agreement to a ceremony or change one. position: its place; -1 keeps it, or is last.

    Raises `TooFewParties`, or `BadInput` when an organisation is named twice.
    """
    _check_parties(given.parties)
    with transaction():
        event = event_with_id(event_id)
        agreement = _agreement_to_write(event_id, agreement_id)
        parties = [[p.organisation_id, p.signatory] for p in given.parties]
        held = [[p.organisation_id, p.signatory] for p in agreement.parties]
        values: dict[str, Any] = {"name_zh": given.name_zh, "name_en": given.name_en}
        values |= {"said": given.said} if given.said else {}
        values |= {"position": position} if position >= 0 else {}
        diff = apply(agreement, values)
        db.session.add(agreement)
        if parties != held:
            diff.before["parties"], diff.after["parties"] = held, parties
            agreement.parties.clear()
            db.session.flush()
            agreement.parties = [
                AgreementParty(
                    organisation_id=party.organisation_id, signatory=party.signatory, position=n
                )
                for n, party in enumerate(given.parties)
            ]
        db.session.flush()
        if diff:
            events.touch(event.series)
            action = "agreement.edit" if agreement_id else "agreement.create"
            record(action, f"agreement:{agreement.id}", event.series_id, diff)
    return agreement, diff


def delete_agreement(event_id: int, agreement_id: int) -> None:
    with transaction():
        event, agreement = event_with_id(event_id), _agreement_to_write(event_id, agreement_id)
        before = {"name_zh": agreement.name_zh}
        audit.record(
            "agreement.delete",
            f"agreement:{agreement_id}",
            series_id=event.series_id,
            before=before,
        )
        events.touch(event.series)
        db.session.delete(agreement)


def set_plaques(event_id: int, names: Sequence[Text]) -> Diff:
    """Let exactly these plaques be unveiled at the ceremony, in this order."""
    with transaction():
        event = event_with_id(event_id)
        held = list(
            db.session.scalars(
                select(Plaque)
                .where(Plaque.event_id == event_id)
                .order_by(Plaque.position, Plaque.id)
            )
        )
        before = [[plaque.name_zh, plaque.name_en] for plaque in held]
        after = [[name.zh, name.en] for name in names]
        if before == after:
            return Diff()
        for plaque in held[len(names) :]:
            db.session.delete(plaque)
        for position, name in enumerate(names):
            plaque = held[position] if position < len(held) else Plaque(event_id=event_id)
            apply(plaque, {"name_zh": name.zh, "name_en": name.en, "position": position})
            db.session.add(plaque)
        diff = Diff({"plaques": before}, {"plaques": after})
        events.touch(event.series)
        record("event.plaques", f"event:{event_id}", event.series_id, diff)
    return diff


def _check_parties(parties: Sequence[PartyInput]) -> None:
    if len(parties) < 2:
        raise TooFewParties
    if len({party.organisation_id for party in parties}) < len(parties):
        sentence = Text("同一单位只能列一次。", "Name each organisation once.")
        raise BadInput(sentence, {"parties": [sentence]})


def _agreement_to_write(event_id: int, agreement_id: int | None) -> Agreement:
    if agreement_id is None:
        last = db.session.scalar(
            select(func.max(Agreement.position)).where(Agreement.event_id == event_id)
        )
        return Agreement(event_id=event_id, position=0 if last is None else last + 1)
    agreement = db.session.get(
        Agreement, agreement_id, with_for_update=True, populate_existing=True
    )
    if agreement is None or agreement.event_id != event_id:
        raise NotFound
    return agreement
