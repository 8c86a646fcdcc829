"""What organisers do with invitations. Each function is one whole change."""

import secrets
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from eduforum.core import audit, clock
from eduforum.core.db import db, new_id, transaction
from eduforum.core.errors import BadInput, NotFound
from eduforum.core.i18n import Text
from eduforum.core.names import clean, clean_name
from eduforum.events.changes import apply
from eduforum.events.models import Series
from eduforum.invitations.rules import CODE, LETTERS, MOST_KEPT, MOST_USES, ListChanged
from eduforum.invitations.services import letters
from eduforum.invitations.services.guests import (
    NEEDS_EMAIL,
    Guest,
    Settled,
    Terms,
    bad,
    faults_of,
    settle,
)
from eduforum.registration.models import Invitation
from eduforum.registration.queries import code_key, locked_invitation
from eduforum.registration.rules import InvitationKind, Rsvp
from eduforum.registration.services import seats, withheld

_LENGTH = 8
_HIDDEN = ("name", "email", "mobile", "organisation", "position")


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeInput:
    """A code for several people. code: "" makes one. name: what it is for, read at the desk only.
    email: "" or the one address that may use it. id: chosen by the page that asks, so that the same
    page sent twice makes one code."""

    id: UUID | None = None
    code: str = ""
    name: str = ""
    uses: int = 1
    email: str = ""


def invite(
    series: Series, guest: Guest, terms: Terms, *, send: bool = False, sample: bool = False
) -> Invitation:
    """Invite one person by name; `send` writes the letter at once. Raises `BadInput`."""
    with transaction():
        if fault := faults_of(series, terms, [guest]).get(0):
            raise fault.refusal()
        made = _make(series, [guest], terms, sample=sample)[0]
        if send and guest.email:
            _write(made)
    return made


def invite_all(series: Series, guests: Sequence[Guest], terms: Terms) -> list[UUID]:
    """Invite everybody of a list, or nobody; who is invited or registered already is left out, so
    the same list again invites nobody twice. Nothing is sent yet (`remind.send_all`).

    Raises `ListChanged` when somebody cannot be invited any more, `BadInput`.
    """
    if terms.events and len(guests) > MOST_KEPT:
        sentence = Text(
            "一次最多为 {most} 人预留席位，请分批导入，或不预留。",
            "Seats can be kept for {most} people at once: send the list in parts, or keep none.",
        ).fill(most=MOST_KEPT)
        raise BadInput(sentence, {"events": [sentence]})
    with transaction():
        faults = faults_of(series, terms, guests)
        wrong = next((n for n, fault in faults.items() if not fault.known), None)
        if wrong is not None:
            raise ListChanged(guests[wrong].name)
        fresh = [guest for place, guest in enumerate(guests) if place not in faults]
        return [one.id for one in _make(series, fresh, terms)] if fresh else []


def add_code(series: Series, given: CodeInput, terms: Terms, *, sample: bool = False) -> Invitation:
    """Make a code for `uses` people. Raises `BadInput` beside what is wrong."""
    if not 1 <= given.uses <= MOST_USES:
        sentence = Text(
            "请填写 1 至 {most} 的整数。", "Enter a whole number from 1 to {most}."
        ).fill(most=MOST_USES)
        raise BadInput(sentence, {"uses": [sentence]})
    with transaction():
        if made := _made_before(series.id, given.id):
            return made
        settled = settle(series, terms)
        made = Invitation(
            id=given.id or new_id(),
            series=series,
            category=settled.category,
            kind=InvitationKind.CODE,
            code=_free_code(series.id, given.code),
            name=clean(given.name),
            uses_allowed=given.uses,
            email=given.email,
            lock_email=bool(given.email),
            skip_approval=terms.skip_approval,
            valid_until=terms.valid_until,
            sample=sample,
        )
        with _code_is_free():
            _store([made], settled)
    return made


def _made_before(series_id: int, invitation_id: UUID | None) -> Invitation | None:
    """What the same page made when it was sent before. Raises `NotFound` for what is no code."""
    found = invitation_id and db.session.get(Invitation, invitation_id)
    if found and (found.series_id != series_id or found.is_personal):
        raise NotFound
    return found or None


def change(
    series_id: int, invitation_id: UUID, guest: Guest, terms: Terms, uses: int | None = None
) -> Invitation:
    """Change whom or what it is for and its terms; category and kept seats stay.

    Another address voids the link that was sent. Raises `BadInput`, `NotFound`.
    """
    with transaction():
        every_pool = seats.lock_all(series_id)
        one = locked_invitation(series_id, invitation_id)
        _check_change(one, guest, terms, uses)
        values = _values_of(one, guest, terms) | ({"uses_allowed": uses} if uses else {})
        moved = one.is_personal and values["email"] != one.email
        diff = apply(one, values)
        if moved:
            one.link_version += 1
        if terms.release_at is not None:
            withheld.extend(one.id, terms.release_at, every_pool)
        if diff:
            audit.record(
                "invitation.edit",
                f"invitation:{one.id}",
                series_id=series_id,
                before=_masked(diff.before),
                after=_masked(diff.after),
            )
    return one


def _check_change(one: Invitation, guest: Guest, terms: Terms, uses: int | None) -> None:
    now = clock.now()
    if one.is_personal and not guest.name.strip():
        raise bad("name", "请填写姓名。", "Enter the name.")
    if terms.lock_email and not guest.email:
        raise BadInput(NEEDS_EMAIL, {"email": [NEEDS_EMAIL]})
    if terms.valid_until != one.valid_until and terms.valid_until and terms.valid_until <= now:
        raise bad(
            "valid_until", "答复期限须晚于现在。", "The time to answer must lie in the future."
        )
    if terms.release_at is not None and terms.release_at <= now:
        raise bad("release_at", "保留席位的时间须晚于现在。", "The seats must be kept until a time to come.")  # fmt: skip
    if uses is not None and not max(1, one.used) <= uses <= MOST_USES:
        sentence = Text(
            "已使用 {used} 次，请填写 {least} 至 {most} 的整数。",
            "It was used {used} times; enter a whole number from {least} to {most}.",
        ).fill(used=one.used, least=max(1, one.used), most=MOST_USES)
        raise BadInput(sentence, {"uses": [sentence]})


def _values_of(one: Invitation, guest: Guest, terms: Terms) -> dict[str, Any]:
    return {
        "name": clean_name(guest.name) if one.is_personal else clean(guest.name),
        "organisation": guest.organisation,
        "position": guest.position,
        "email": guest.email,
        "mobile": guest.mobile,
        "language": guest.language,
        "lock_email": terms.lock_email if one.is_personal else bool(guest.email),
        "skip_approval": terms.skip_approval,
        "valid_until": terms.valid_until,
    }


def withdraw(series_id: int, invitation_id: UUID) -> Invitation:
    """Take it back: code or link let nobody in any more, kept seats are given to everybody.

    Who has registered by it stays registered. A guest who was written to and has not answered is
    told.
    """
    with transaction():
        every_pool = seats.lock_all(series_id)
        one = locked_invitation(series_id, invitation_id)
        if one.revoked_at is not None:
            return one
        waits = one.is_personal and one.rsvp is Rsvp.NONE and one.sent_at is not None
        one.revoked_at = clock.now()
        one.link_version += 1
        db.session.flush()
        withheld.let_go(one, every_pool)
        _record("invitation.withdraw", one)
        if waits and one.email:
            letters.write(one, letters.WITHDRAWN, in_place_of="")
    return one


def renew(series_id: int, invitation_id: UUID) -> Invitation:
    """Void the guest's link and make a new one; also after it was withdrawn. A code works again."""
    with transaction():
        one = locked_invitation(series_id, invitation_id)
        one.link_version += 1
        one.revoked_at = None
        _record("invitation.renew", one)
    return one


def send(series_id: int, invitation_id: UUID) -> bool:
    """Mail the guest the invitation (again). Whether there is an address to send it to.

    Raises `NotFound` for a code, or one that was withdrawn.
    """
    with transaction():
        one = locked_invitation(series_id, invitation_id)
        if not one.is_personal or one.revoked_at is not None:
            raise NotFound
        if not one.email:
            return False
        _write(one)
        _record("invitation.send", one)
    return True


def show_link(series_id: int, invitation_id: UUID) -> Invitation:
    """Note who takes the link to hand it on himself; only then is it shown."""
    with transaction():
        one = locked_invitation(series_id, invitation_id)
        if not one.is_personal or one.revoked_at is not None:
            raise NotFound
        _record("invitation.show_link", one)
    return one


def _make(
    series: Series, guests: Iterable[Guest], terms: Terms, *, sample: bool = False
) -> list[Invitation]:
    settled = settle(series, terms)
    made = [
        Invitation(
            id=new_id(),
            series=series,
            category=settled.category,
            kind=InvitationKind.PERSONAL,
            name=clean_name(guest.name),
            organisation=guest.organisation,
            position=guest.position,
            email=guest.email,
            mobile=guest.mobile,
            language=guest.language,
            lock_email=terms.lock_email,
            skip_approval=terms.skip_approval,
            valid_until=terms.valid_until,
            sample=sample,
        )
        for guest in guests
    ]
    _store(made, settled)
    return made


def _store(made: Sequence[Invitation], settled: Settled) -> None:
    db.session.add_all(made)
    db.session.flush()
    withheld.keep(made[0].series_id, made, settled.events, settled.release_at)
    with db.session.no_autoflush:  # all rows of a kind are written together
        for one in made:
            audit.record(
                "invitation.create",
                f"invitation:{one.id}",
                series_id=one.series_id,
                after={
                    "kind": one.kind.value,
                    "category": settled.category.code,
                    "uses_allowed": one.uses_allowed,
                    "kept": [event.slug for event in settled.events],
                },
            )


def _write(one: Invitation) -> None:
    letters.write(one, letters.INVITED)
    one.sent_at = clock.now()
    db.session.flush()


@contextmanager
def _code_is_free() -> Iterator[None]:
    """Say in words what the unique index says: somebody made the same code in this moment."""
    try:
        yield
    except IntegrityError as error:
        if "invitations" not in str(error.orig):
            raise
        raise _taken() from None


def _taken() -> BadInput:
    return bad("code", "这个邀请码已在使用，请换一个。", "This code is taken; choose another.")


def _free_code(series_id: int, typed: str) -> str:
    """The code that was typed, or one that cannot be guessed. Raises `BadInput`."""
    if not typed.strip():
        return "".join(secrets.choice(LETTERS) for _ in range(_LENGTH))
    code = code_key(typed)
    if not CODE.fullmatch(code):
        raise bad("code", "请用 6 至 24 位字母、数字或连字符，或留空自动生成。", "Use 6 to 24 letters, digits or hyphens, or leave it empty to have one made.")  # fmt: skip
    here = select(Invitation.id).where(Invitation.series_id == series_id, Invitation.code == code)
    if db.session.scalar(here) is not None:
        raise _taken()
    return code


def _masked(values: dict[str, Any]) -> dict[str, Any]:
    """What is kept in the trail: that a person's detail changed, not which one."""
    return {name: "***" if name in _HIDDEN and value else value for name, value in values.items()}


def _record(action: str, one: Invitation) -> None:
    audit.record(action, f"invitation:{one.id}", series_id=one.series_id)
