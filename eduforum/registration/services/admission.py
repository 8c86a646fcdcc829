"""How a category, a delegation or an invitation lets somebody in."""

from uuid import UUID

from eduforum.core import clock
from eduforum.core.db import db
from eduforum.core.errors import NotFound
from eduforum.core.i18n import Text
from eduforum.registration.models import Category, Delegation, Invitation
from eduforum.registration.rules import Admission, RegistrationClosed, check_open

_REFUSED = {
    Admission.BY_DELEGATION: Text(
        "此类别由所在单位统一报送。", "Units report the people of this category."
    ),
    Admission.BY_INVITATION: Text("此类别凭邀请参加。", "This category is by invitation only."),
}


def check_admitted(
    category: Category, delegation_id: UUID | None, invitation_id: UUID | None
) -> None:
    """Raise `RegistrationClosed` unless the category lets this person in now.

    A delegation reports until its own deadline, in any category; an invitation lets into its own
    category. Both come from a personal link or code that was checked before. Raises `NotFound` for
    one of another series.
    """
    if delegation_id is not None:
        _check_delegation(category, delegation_id)
        return
    if invitation_id is not None:
        _check_invitation(category, invitation_id)
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


def _check_invitation(category: Category, invitation_id: UUID) -> None:
    invitation = db.session.get(Invitation, invitation_id, populate_existing=True)
    if invitation is None or invitation.category_id != category.id:
        raise NotFound
    if invitation.valid_until is not None and clock.now() >= invitation.valid_until:
        raise RegistrationClosed(Text("邀请已过期。", "The invitation has expired."))
