"""Categories, pools of seats, and the people who registered."""

from eduforum.registration.models.categories import Category, CategoryEvent
from eduforum.registration.models.delegations import Delegation
from eduforum.registration.models.invitations import Invitation
from eduforum.registration.models.pools import Pool
from eduforum.registration.models.registrations import (
    Registration,
    RegistrationEvent,
    RegistrationOption,
    RegistrationSession,
)
from eduforum.registration.models.reviews import Review

__all__ = [
    "Category",
    "CategoryEvent",
    "Delegation",
    "Invitation",
    "Pool",
    "Registration",
    "RegistrationEvent",
    "RegistrationOption",
    "RegistrationSession",
    "Review",
]
