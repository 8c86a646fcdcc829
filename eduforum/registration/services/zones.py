"""Which zones of the venue a registered person may enter."""

from collections.abc import Sequence
from uuid import UUID

from eduforum.core.db import transaction
from eduforum.core.errors import Refusal
from eduforum.core.i18n import Text
from eduforum.registration import queries
from eduforum.registration.models import Registration
from eduforum.tickets.rules import Standing, ZoneGrant
from eduforum.tickets.services import grant_zones

_LIVE = (Standing.VALID, Standing.SUSPENDED)


class NoLiveTicket(Refusal):
    """There is no ticket that a zone could be written on, or it has ended."""

    code = "no-live-ticket"

    def __init__(self) -> None:
        super().__init__(
            Text(
                "此人没有有效的参会证，不能授予区域。",
                "This person has no valid ticket: no zone can be granted.",
            )
        )


def has_live_ticket(registration: Registration) -> bool:
    ticket = registration.ticket
    return ticket is not None and ticket.standing in _LIVE


def set_zones(series_id: int, registration_id: UUID, grants: Sequence[ZoneGrant]) -> Registration:
    """Let the person into these zones instead of those before. The ticket's text and QR stay valid;
    doors learn of it with their next delta. Raises `NotFound`, `NoLiveTicket`, `BadInput`."""
    with transaction():
        registration = queries.registration_or_404(series_id, registration_id)
        ticket = registration.ticket
        if ticket is None or ticket.standing not in _LIVE:
            raise NoLiveTicket
        grant_zones(ticket, grants)
    return registration
