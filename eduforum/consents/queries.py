"""Named reads of texts and consents."""

from collections.abc import Collection, Sequence

from sqlalchemy import func, select, tuple_

from eduforum.consents.models import Consent, ConsentText
from eduforum.consents.rules import STANDARD, Wording
from eduforum.core.db import db
from eduforum.core.i18n import Text


def wordings(series_id: int) -> dict[str, Wording]:
    """The texts of a series as they stand now, by code."""
    newest = (
        select(ConsentText.code, func.max(ConsentText.version))
        .where(ConsentText.series_id == series_id)
        .group_by(ConsentText.code)
    )
    rows = db.session.scalars(
        select(ConsentText).where(
            ConsentText.series_id == series_id,
            tuple_(ConsentText.code, ConsentText.version).in_(newest),
        )
    )
    standing = {code: Wording(code, 0, text) for code, text in STANDARD.items()}
    return standing | {
        row.code: Wording(row.code, row.version, Text(row.text_zh, row.text_en)) for row in rows
    }


def versions(series_id: int, code: str) -> Sequence[ConsentText]:
    """What organisers wrote, newest first."""
    return db.session.scalars(
        select(ConsentText)
        .where(ConsentText.series_id == series_id, ConsentText.code == code)
        .order_by(ConsentText.version.desc())
    ).all()


def text_of(series_id: int, code: str, version: int) -> Text | None:
    """The text somebody agreed to; None for one that is kept with a question of a form."""
    if version == 0:
        return STANDARD.get(code)
    row = db.session.scalar(
        select(ConsentText).where(
            ConsentText.series_id == series_id,
            ConsentText.code == code,
            ConsentText.version == version,
        )
    )
    return Text(row.text_zh, row.text_en) if row else None


def given_by(subject: str) -> Sequence[Consent]:
    """Everything somebody agreed to, also what was taken back; oldest first."""
    return db.session.scalars(
        select(Consent).where(Consent.subject == subject).order_by(Consent.given_at, Consent.code)
    ).all()


def standing(subjects: Collection[str], code: str = "") -> Sequence[Consent]:
    """What was agreed to and not taken back."""
    found = select(Consent).where(Consent.subject.in_(subjects), Consent.withdrawn_at.is_(None))
    if code:
        found = found.where(Consent.code == code)
    return db.session.scalars(found).all()
