"""The organisers' pages of delegations."""

from eduforum.delegations.desk import deeds, importing, listing, one
from eduforum.delegations.desk.frame import ATTENDANCE, RAIL_ITEM, pages

__all__ = ["ATTENDANCE", "RAIL_ITEM", "deeds", "importing", "listing", "one", "pages"]
