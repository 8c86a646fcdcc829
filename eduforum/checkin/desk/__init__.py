"""The organisers' pages of the doors. `pages` holds them all."""

from eduforum.checkin.desk import gates, incidents, inside, main, simulate
from eduforum.checkin.desk.frame import RAIL_ITEM, pages

__all__ = ["RAIL_ITEM", "gates", "incidents", "inside", "main", "pages", "simulate"]
