"""Named reads of invitations: by code, by link."""

import re
import unicodedata
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from eduforum.core.db import db
from eduforum.core.errors import NotFound
from eduforum.core.signing import Purpose, read_link_secret
from eduforum.registration.models import Invitation
from eduforum.registration.rules import InvitationKind

_SPACE = re.compile(r"\s+")


def code_key(typed: str) -> str:
    """A code as it is kept and compared: half-width capitals without spaces."""
    return _SPACE.sub("", unicodedata.normalize("NFKC", typed)).upper()


def invitation_by_code(series_id: int, typed: str) -> Invitation | None:
    """The code of this series that was typed, in any case; revoked ones are unknown."""
    key = code_key(typed)
    if not key:
        return None
    return db.session.scalar(
        select(Invitation)
        .where(
            Invitation.series_id == series_id,
            Invitation.code == key,
            Invitation.revoked_at.is_(None),
        )
        .options(joinedload(Invitation.category))
    )


def invitation_by_link(secret: str) -> Invitation:
    """The invitation behind a personal link. Raises `NotFound` for any other secret."""
    opened = read_link_secret(Purpose.INVITATION, secret)
    if opened is None:
        raise NotFound
    found = db.session.scalar(
        select(Invitation)
        .where(Invitation.id == opened[0], Invitation.revoked_at.is_(None))
        .options(joinedload(Invitation.category), joinedload(Invitation.series))
        .execution_options(populate_existing=True)
    )
    if found is None or found.link_version != opened[1]:
        raise NotFound
    return found


def invitation_or_404(series_id: int, invitation_id: UUID) -> Invitation:
    found = db.session.scalar(
        select(Invitation)
        .where(Invitation.series_id == series_id, Invitation.id == invitation_id)
        .options(joinedload(Invitation.category), joinedload(Invitation.series))
    )
    if found is None:
        raise NotFound
    return found


def locked_invitation(series_id: int, invitation_id: UUID) -> Invitation:
    """The invitation as it is now, locked until the transaction ends. Lock pools before it."""
    found = db.session.scalar(
        select(Invitation)
        .where(Invitation.series_id == series_id, Invitation.id == invitation_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound
    return found


def has_codes(series_id: int) -> bool:
    """Whether somebody could type a code of this series."""
    return (
        db.session.scalar(
            select(Invitation.id)
            .where(
                Invitation.series_id == series_id,
                Invitation.kind == InvitationKind.CODE,
                Invitation.revoked_at.is_(None),
            )
            .limit(1)
        )
        is not None
    )
