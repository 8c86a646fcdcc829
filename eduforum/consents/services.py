"""Write another text, note that somebody agreed, take it back."""

from collections.abc import Collection

from sqlalchemy import insert, update

from eduforum.consents import queries
from eduforum.consents.models import Consent, ConsentText
from eduforum.consents.rules import STANDARD, Wording, check_text
from eduforum.core import audit, clock
from eduforum.core.db import db, new_id, transaction
from eduforum.core.errors import NotFound


def write(series_id: int, code: str, text_zh: str, text_en: str) -> Wording:
    """Let another text stand from now on; who agreed before, agreed to the earlier one.

    The same text again is no new version. Raises `BadInput` beside the field, `NotFound`.
    """
    if code not in STANDARD:
        raise NotFound
    check_text(text_zh, text_en)
    with transaction():
        now = queries.wordings(series_id)[code]
        if (now.text.zh, now.text.en) == (text_zh, text_en):
            return now
        db.session.add(
            ConsentText(
                series_id=series_id,
                code=code,
                version=now.version + 1,
                text_zh=text_zh,
                text_en=text_en,
            )
        )
        db.session.flush()
        audit.record(
            "consent.write",
            f"series:{series_id}",
            series_id=series_id,
            before={"version": now.version},
            after={"code": code, "version": now.version + 1},
        )
        return queries.wordings(series_id)[code]


def note(series_id: int, subject: str, codes: Collection[str], *, is_new: bool = False) -> None:
    """Write down that somebody agrees to the texts as they stand. Inside the change it is for.

    codes: `answers.diet@3` is a consent beside a question, as version 3 of its form words it.

    What the person had agreed to already, in any version, stays as it was; nobody asks for that of
    a subject that `is_new`.
    """
    if not codes:
        return
    had = set() if is_new else {one.code for one in queries.standing([subject])}
    split = {one.partition("@")[0]: one.partition("@")[2] for one in codes}
    fresh = {code: version for code, version in split.items() if code not in had}
    if not fresh:
        return
    wordings, now = queries.wordings(series_id), clock.now()
    rows = [
        {
            "id": new_id(),
            "series_id": series_id,
            "subject": subject,
            "code": code,
            "version": wordings[code].version if code in wordings else int(version or 0),
            "given_at": now,
        }
        for code, version in fresh.items()
    ]
    db.session.execute(insert(Consent), rows)


def withdraw(series_id: int, subject: str, code: str) -> None:
    """Note that a consent was taken back. Raises `NotFound` when it does not stand."""
    with transaction():
        if not queries.standing([subject], code):
            raise NotFound
        db.session.execute(
            update(Consent)
            .where(Consent.subject == subject, Consent.code == code, Consent.withdrawn_at.is_(None))
            .values(withdrawn_at=clock.now())
        )
        audit.record("consent.withdraw", subject, series_id=series_id, after={"code": code})
