"""Submit what is faultless: everybody at once, or nobody where there are not enough seats."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy import delete, update

from eduforum.core import audit, clock
from eduforum.core.db import db, transaction
from eduforum.core.errors import Refusal
from eduforum.core.i18n import Text
from eduforum.delegations import queries
from eduforum.delegations.choosing import Choices
from eduforum.delegations.entries import application_of, category_of, check_all
from eduforum.delegations.models import Draft
from eduforum.delegations.rules import GuardianMissing, NothingToSubmit, PastDeadline
from eduforum.delegations.services import letters
from eduforum.delegations.services.drafts import entry_of, is_over
from eduforum.registration import services as registration
from eduforum.registration.models import Delegation, Registration
from eduforum.registration.services.group import Group, Member, register_group

NOT_TAKEN = Text(
    "此人已在本次活动报名，未重复提交。请核对姓名和联系方式；如需并入代表团，请联系主办方。",
    "This person is registered already and was not submitted again. Check name and contact; to move "
    "them into the delegation, ask the organiser.",
)


@dataclass(frozen=True, slots=True)
class Submitted:
    """Who was submitted (people), how many answered a return, how many rows are still wrong."""

    people: tuple[Registration, ...]
    answered: int
    faulty: int


def submit(series_id: int, delegation_id: UUID, *, guardians_agree: bool = False) -> Submitted:
    """Register every faultless row, and send back what was returned and is answered.

    Wrong rows stay on the page. Where seats are short nobody is submitted, and the refusal names the
    pool. guardians_agree: the liaison has the consent of the guardians, which categories of minors
    ask for. Raises `NothingToSubmit`, `PastDeadline`, `GuardianMissing`, `PoolFull`.
    """
    with transaction():
        delegation = queries.locked_delegation(series_id, delegation_id)
        choices = queries.choices_for(delegation, clock.now())
        drafts = queries.drafts_of(delegation.id)
        ready, faulty = _ready(delegation, drafts, choices)
        if not ready:
            raise NothingToSubmit(faulty)
        new = [draft for draft in ready if draft.registration_id is None]
        if new and is_over(delegation):
            raise PastDeadline
        _check_guardians(new, choices, guardians_agree)
        answered = sum(
            _answer(delegation, draft, choices) for draft in ready if draft.registration_id
        )
        group = _register(delegation, new, choices, guardians_agree)
        delegation.submitted_at = clock.now()
        faulty += len(group.refused) + (len(ready) - len(new) - answered)
        audit.record(
            "delegation.submit",
            f"delegation:{delegation.id}",
            series_id=series_id,
            after={"submitted": len(group.taken), "answered": answered, "left": faulty},
        )
        if any(not one.email for one in group.taken):
            letters.tell_submitted(delegation, group.taken)
    return Submitted(tuple(group.taken), answered, faulty)


def _ready(
    delegation: Delegation, drafts: Sequence[Draft], choices: Choices
) -> tuple[list[Draft], int]:
    """The faultless rows, and how many are wrong."""
    entries = [entry_of(draft) for draft in drafts]
    taken = taken_by(queries.people_of(delegation), drafts)
    faults = check_all(entries, choices, taken)
    ready = [draft for draft, wrong in zip(drafts, faults, strict=True) if not wrong]
    return ready, len(drafts) - len(ready)


def taken_by(people: Sequence[Registration], drafts: Sequence[Draft] = ()) -> set[tuple[str, str]]:
    """Who is in the delegation already, by name and contact; whoever is being corrected is not."""
    corrected = {draft.registration_id for draft in drafts}
    gone = {"replaced", "declined", "cancelled", "expired"}
    there = [one for one in people if one.id not in corrected and one.state.value not in gone]
    keys: set[tuple[str, str]] = set()
    for one in there:
        contacts = [contact for contact in (one.mobile, one.email) if contact]
        keys.update((one.name_key, contact) for contact in contacts or [""])
    return keys


def _check_guardians(drafts: Sequence[Draft], choices: Choices, agreed: bool) -> None:
    asked = {one.code for one in choices.categories if one.guardian_consent}
    minors = any(category_of(entry_of(draft), choices) in asked for draft in drafts)
    if minors and not agreed:
        raise GuardianMissing


def _register(
    delegation: Delegation, drafts: Sequence[Draft], choices: Choices, guardians_agree: bool
) -> Group:
    if not drafts:
        return Group()
    members = [
        Member(
            f"delegation:{draft.id}",
            replace(
                application_of(entry_of(draft), delegation, choices),
                consents=("guardian",) if guardians_agree else (),
            ),
        )
        for draft in drafts
    ]
    group = register_group(
        delegation.series,
        members,
        reviewed=delegation.reviewed,
        source="delegation",
        sample=delegation.sample,
    )
    wrong = {
        draft.id: group.refused[f"delegation:{draft.id}"]
        for draft in drafts
        if f"delegation:{draft.id}" in group.refused
    }
    done = [draft.id for draft in drafts if draft.id not in wrong]
    db.session.execute(delete(Draft).where(Draft.id.in_(done)))
    if wrong:
        rows: list[dict[str, Any]] = [
            {"id": draft_id, "faults": faults_of(refusal)} for draft_id, refusal in wrong.items()
        ]
        db.session.execute(update(Draft), rows)
    return group


def faults_of(refusal: Refusal) -> dict[str, dict[str, str]]:
    """What only the submission could find, by field, in both languages."""
    sentence = NOT_TAKEN if refusal.code == "already-registered" else refusal.sentence
    field = next(iter(refusal.errors), "name")
    return {field: {"zh": sentence.zh, "en": sentence.en}}


def _answer(delegation: Delegation, draft: Draft, choices: Choices) -> bool:
    """Send one returned registration back to review with what was corrected. Whether it went."""
    if draft.registration_id is None:
        return False
    asked = application_of(entry_of(draft), delegation, choices)
    try:
        registration.resubmit(delegation.series_id, draft.registration_id, asked)
    except Refusal as refusal:
        draft.faults = faults_of(refusal)
        return False
    db.session.delete(draft)
    return True
