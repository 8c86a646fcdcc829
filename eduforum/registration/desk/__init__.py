"""The organisers' pages of registrations. `pages` holds them all."""

from eduforum.registration.desk import (
    exports,
    filling,
    line,
    listing,
    many,
    one,
    queue,
    staff,
    uploads,
    zones,
)
from eduforum.registration.desk.frame import RAIL_ITEM, pages

__all__ = [
    "RAIL_ITEM",
    "exports",
    "filling",
    "line",
    "listing",
    "many",
    "one",
    "pages",
    "queue",
    "staff",
    "uploads",
    "zones",
]
