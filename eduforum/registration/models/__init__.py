"""Categories, pools of seats, and the people who registered."""

from eduforum.registration.models.categories import Category, CategoryEvent
from eduforum.registration.models.pools import Pool
from eduforum.registration.models.registrations import (
    Registration,
    RegistrationEvent,
    RegistrationSession,
)

__all__ = [
    "Category",
    "CategoryEvent",
    "Pool",
    "Registration",
    "RegistrationEvent",
    "RegistrationSession",
]
