"""Write letters to many, let them go, and hand them to the outbox a few at a time."""

from eduforum.announcements.services.letters import KIND, compose, preview
from eduforum.announcements.services.sending import send_due
from eduforum.announcements.services.writing import (
    AnnouncementInput,
    act,
    create,
    edit,
    keep_category,
    keep_event,
    schedule,
    send_again,
)

__all__ = [
    "KIND",
    "AnnouncementInput",
    "act",
    "compose",
    "create",
    "edit",
    "keep_category",
    "keep_event",
    "preview",
    "schedule",
    "send_again",
    "send_due",
]
