"""The desk's pages of figures: overview, reports, audit trail."""

from eduforum.reports.desk import overview, reports, trail
from eduforum.reports.desk.frame import RAIL_ITEMS, pages

__all__ = ["RAIL_ITEMS", "overview", "pages", "reports", "trail"]
