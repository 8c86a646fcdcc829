"""The organisers' pages of registrations. `pages` holds them all."""

from eduforum.registration.desk import exports, listing, many, one, staff, uploads
from eduforum.registration.desk.frame import RAIL_ITEM, pages

__all__ = ["RAIL_ITEM", "exports", "listing", "many", "one", "pages", "staff", "uploads"]
