"""The organisers' pages of invitations."""

from eduforum.invitations.desk import deeds, listing, making, many, one, reminding
from eduforum.invitations.desk.frame import RAIL_ITEM, pages

__all__ = ["RAIL_ITEM", "deeds", "listing", "making", "many", "one", "pages", "reminding"]
