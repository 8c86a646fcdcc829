"""What goes with the people of the press when they are forgotten: cards, questions, letters, state."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, case, select, update
from sqlalchemy.orm import joinedload

from eduforum.core.db import db
from eduforum.notices.personal import blot_out
from eduforum.press import queries
from eduforum.press.models import Application, Card, InfoItem, InfoRequest, PressPerson
from eduforum.press.rules import APPLICATIONS, Action, Actor, PassAction, State
from eduforum.press.services import letters
from eduforum.press.services.moves import move, move_pass
from eduforum.press.services.places import TAKES

APPLICATION = "press_application"


def close(ids: Sequence[UUID]) -> None:
    """The time has come that the privacy notice names: the application is closed, with the passes
    that were granted, and whoever reported is thanked and told what was erased."""
    found = (
        select(Application).where(Application.id.in_(ids)).options(joinedload(Application.series))
    )
    for application in db.session.scalars(found.order_by(Application.id)).all():
        if Action.CLOSE not in APPLICATIONS.open_to(application.state, Actor.SYSTEM):
            continue
        reported = application.state is State.APPROVED
        for person in queries.people_of(application.id):
            if person.state in TAKES:
                move_pass(person, PassAction.CLOSE, Actor.SYSTEM)
        move(application, Action.CLOSE, Actor.SYSTEM, letter=False)
        letters.tell(application) if reported else letters.tell_programs(application)


def forget_cards(which: ColumnElement[bool]) -> None:
    """That a card was handed out, on seeing which kind of document, stays."""
    db.session.execute(
        update(Card)
        .where(which)
        .values(
            taken_by="", id_last4=case((Card.collected_at.is_not(None), "****"), else_=""),
        )
        .execution_options(synchronize_session=False)
    )  # fmt: skip


def forget_questions(ids: Sequence[UUID]) -> None:
    """What was asked and answered about somebody, and what stood in the fields before that."""
    subjects = {str(one) for one in ids}
    applications = select(PressPerson.application_id).where(PressPerson.id.in_(ids))
    for request in db.session.scalars(
        select(InfoRequest).where(InfoRequest.application_id.in_(applications))
    ):
        request.before = {
            key: value
            for key, value in request.before.items()
            if key.partition(".")[0] not in subjects
        }
    db.session.execute(
        update(InfoItem)
        .where(InfoItem.subject.in_(subjects))
        .values(note="", answer="")
        .execution_options(synchronize_session=False)
    )


def forget_in_letters(ids: Sequence[UUID]) -> None:
    """The outlet was written to about its people by name."""
    rows = db.session.execute(
        select(PressPerson.application_id, PressPerson.name).where(
            PressPerson.id.in_(ids), PressPerson.erased_at.is_(None)
        )
    )
    for application_id, name in rows.all():
        blot_out(f"{APPLICATION}:{application_id}", [name])
