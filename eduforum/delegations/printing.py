"""The tickets of a delegation as one PDF, or as pictures in a ZIP."""

from collections.abc import Sequence
from functools import partial
from typing import IO

from flask import Response

from eduforum.core.i18n import Text
from eduforum.delegations.queries import people_of
from eduforum.files.xlsx import send_written
from eduforum.registration.models import Delegation
from eduforum.registration.rules import State
from eduforum.tickets import sheet
from eduforum.tickets.rules import Standing
from eduforum.tickets.sheet import Card

PDF, ZIP = "pdf", "zip"


def cards_for(delegation: Delegation) -> list[Card]:
    """What is printed for everybody whose ticket opens doors, in the order of the list."""
    tickets = [
        person.ticket
        for person in people_of(delegation)
        if person.state is State.CONFIRMED
        and person.ticket is not None
        and person.ticket.standing is Standing.VALID
    ]
    return sheet.cards_of(delegation.series, tickets)


def send_pdf(delegation: Delegation, cards: Sequence[Card]) -> Response:
    def fill(file: IO[bytes]) -> None:
        file.write(sheet.pdf(cards))

    return send_written(f"{_name(delegation)}.pdf", "application/pdf", fill)


def send_zip(delegation: Delegation, cards: Sequence[Card]) -> Response:
    fill = partial(sheet.write_zip, cards=cards)
    return send_written(f"{_name(delegation)}.zip", "application/zip", fill)


def _name(delegation: Delegation) -> str:
    return str(Text(f"{delegation.unit} 参会证", f"{delegation.unit} tickets"))
