"""What an organiser decides on walk-ins that could not be registered by themselves."""

from dataclasses import dataclass
from uuid import UUID

from eduforum.core import audit
from eduforum.core.contacts import parse_mobile
from eduforum.core.db import db, transaction
from eduforum.core.errors import BadInput
from eduforum.core.i18n import Text
from eduforum.core.names import clean
from eduforum.registration.models import Registration
from eduforum.registration.rules import State
from eduforum.registration.services import take_over_ticket
from eduforum.tickets import services as tickets
from eduforum.tickets.rules import Standing
from eduforum.walkins import queries
from eduforum.walkins.models import OfflineWalkIn
from eduforum.walkins.rules import NotConfirmedYet, Settled, check_settling
from eduforum.walkins.services.offline import close, fold_scans, is_free, register_form
from eduforum.walkins.services.online import Newcomer

_LONGEST_NOTE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Mended:
    """A form as an organiser corrects it. mobile: as typed.

    another: it is none of those who bear the same name. over: give a seat above the size of a pool
    that is full.
    """

    name: str
    organisation: str = ""
    mobile: str = ""
    another: bool = False
    over: bool = False


def accept(series_id: int, walk_in_id: UUID, mended: Mended) -> Registration:
    """Register who is on a form, as corrected. Raises what `admit` raises, `SettledBefore`,
    `NotFound`."""
    with transaction():
        kept = _waiting(series_id, walk_in_id, Settled.REGISTERED)
        newcomer = Newcomer(
            name=_name(mended.name),
            category=kept.category,
            organisation=mended.organisation,
            mobile=parse_mobile(mended.mobile) if mended.mobile else "",
            language=kept.language,
            another=mended.another,
        )
        made = register_form(kept, newcomer, over=mended.over)
        audit.record(
            "walk_in.accept",
            f"walk_in:{kept.id}",
            series_id=series_id,
            after={"registration": str(made.id), "over": mended.over},
        )
    return made


def merge(series_id: int, walk_in_id: UUID, registration_id: UUID) -> Registration:
    """Say that it is somebody who is registered: the ticket that was handed out takes the place of
    his own, and what was scanned with either counts. Raises `NotConfirmedYet`, `SettledBefore`,
    `NotFound`."""
    with transaction():
        kept = _waiting(series_id, walk_in_id, Settled.MERGED)
        who = db.session.get(Registration, registration_id, populate_existing=True)
        if who is None or who.series_id != series_id or who.state is not State.CONFIRMED:
            raise NotConfirmedYet
        if kept.ticket is not None and is_free(kept.ticket):
            who = take_over_ticket(series_id, registration_id, kept.ticket)
        kept.registration_id = registration_id
        close(kept, Settled.MERGED)
        fold_scans(kept)
        audit.record(
            "walk_in.merge",
            f"walk_in:{kept.id}",
            series_id=series_id,
            after={"registration": str(registration_id)},
        )
    return who


def reject(series_id: int, walk_in_id: UUID, note: str) -> OfflineWalkIn:
    """Register nobody: the ticket that was handed out is void from now on; its scans stay. Raises
    `BadInput`, `SettledBefore`, `NotFound`."""
    text = clean(note)
    if not text or len(text) > _LONGEST_NOTE:
        sentence = Text("请写明原因，最多 500 字。", "Give the reason, in at most 500 characters.")
        raise BadInput(sentence, {"note": [sentence]})
    with transaction():
        kept = _waiting(series_id, walk_in_id, Settled.REJECTED)
        if kept.ticket is not None and is_free(kept.ticket):
            tickets.end(kept.ticket, Standing.REVOKED)
        kept.note = text
        close(kept, Settled.REJECTED)
        audit.record("walk_in.reject", f"walk_in:{kept.id}", series_id=series_id)
    return kept


def _waiting(series_id: int, walk_in_id: UUID, after: Settled) -> OfflineWalkIn:
    kept = queries.offline_or_404(series_id, walk_in_id, lock=True)
    check_settling(kept.settled, after)
    return kept


def _name(typed: str) -> str:
    if not typed.strip():
        sentence = Text("请填写姓名，与证件一致。", "Enter the name as on their ID.")
        raise BadInput(sentence, {"name": [sentence]})
    return typed
