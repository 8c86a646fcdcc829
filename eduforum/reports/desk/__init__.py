"""The desk's pages of figures: overview, reports, audit trail."""

from eduforum.reports.desk import overview, press, reports, trail
from eduforum.reports.desk.frame import AUDIT, OVERVIEW, REPORTS, pages

__all__ = ["AUDIT", "OVERVIEW", "REPORTS", "overview", "pages", "press", "reports", "trail"]
