"""How a category, a delegation or an invitation lets somebody in."""

from uuid import UUID

from eduforum.core import clock
from eduforum.core.db import db
from eduforum.core.errors import NotFound
from eduforum.core.i18n import Text
from eduforum.registration.models import Category, Delegation, Invitation
from eduforum.registration.rules import Admission, RegistrationClosed, check_open
from eduforum.registration.services.invited import check_invitation

_REFUSED = {
    Admission.BY_DELEGATION: Text(
        "此类别由所在单位统一报送。", "Units report the people of this category."
    ),
    Admission.BY_INVITATION: Text("此类别凭邀请参加。", "This category is by invitation only."),
}


def needs_approval(category: Category, invitation: Invitation | None) -> bool:
    """Whether an organiser decides on somebody who comes (by this invitation)."""
    if invitation is not None:
        return category.admission is not Admission.OPEN and not invitation.skip_approval
    return category.admission is Admission.BY_APPROVAL


def check_admitted(
    category: Category,
    delegation_id: UUID | None,
    invitation_id: UUID | None,
    email: str = "",
) -> None:
    """Raise `RegistrationClosed` unless the category lets this person in now.

    A delegation reports until its own deadline, in any category; an invitation lets into its own
    category, one that is locked only the address `email` that it was sent to. Both come from a
    personal link or code that was checked before. Raises `NotFound` for one of another series.
    """
    if delegation_id is not None:
        _check_delegation(category, delegation_id)
        return
    if invitation_id is not None:
        check_invitation(category, invitation_id, email)
    elif category.admission in _REFUSED:
        raise RegistrationClosed(_REFUSED[category.admission])
    check_open(clock.now(), category.opens_at, category.closes_at)


def _check_delegation(category: Category, delegation_id: UUID) -> None:
    delegation = db.session.get(Delegation, delegation_id, populate_existing=True)
    if delegation is None or delegation.series_id != category.series_id:
        raise NotFound
    if delegation.revoked_at is not None or clock.now() >= delegation.edit_until:
        raise RegistrationClosed(
            Text(
                "本单位的报送已截止，如需调整请联系主办方。",
                "Your unit can no longer report people; ask the organiser.",
            )
        )
