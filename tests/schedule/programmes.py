"""Rows of a schedule for tests: rooms, sessions with people, agreements, plaques."""

from collections.abc import Sequence
from datetime import datetime

from eduforum.core.db import db, transaction
from eduforum.events.models import Event, Organisation
from eduforum.schedule.models import (
    Agreement,
    AgreementParty,
    Plaque,
    Room,
    Session,
    SessionPerson,
)
from eduforum.schedule.rules import Part


def make_session(
    event: Event,
    *,
    starts_at: datetime,
    ends_at: datetime,
    slug: str = "talk",
    name: str = "主旨报告",
    name_en: str = "Keynote",
    room: str = "",
    track: str = "",
) -> Session:
    """A session within `event`, in a room of its own if named."""
    with transaction():
        place = Room(series_id=event.series_id, name_zh=room, seats=120) if room else None
        session = Session(
            event=event,
            slug=slug,
            name_zh=name,
            name_en=name_en,
            starts_at=starts_at,
            ends_at=ends_at,
            room=place,
            track=track,
        )
        db.session.add(session)
    return session


def make_person(
    session: Session,
    name: str,
    *,
    part: Part = Part.SPEAKER,
    organisation: str = "",
    topic: str = "",
) -> SessionPerson:
    with transaction():
        person = SessionPerson(
            session_id=session.id, part=part, name=name, organisation=organisation, topic=topic
        )
        db.session.add(person)
    return person


def make_agreement(event: Event, name: str, parties: Sequence[str]) -> Agreement:
    """An agreement signed at `event` by organisations of these names, in this order."""
    with transaction():
        agreement = Agreement(event_id=event.id, name_zh=name, position=0)
        db.session.add(agreement)
        for position, party in enumerate(parties):
            unit = Organisation(name_zh=party, name_en=f"Unit {position}")
            agreement.parties.append(AgreementParty(organisation=unit, position=position))
    return agreement


def make_plaque(event: Event, name: str) -> Plaque:
    with transaction():
        plaque = Plaque(event_id=event.id, name_zh=name, position=0)
        db.session.add(plaque)
    return plaque
