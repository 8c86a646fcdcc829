"""The press office's pages: the queue, one application, many at once, outlets, settings."""

from eduforum.press.desk import (
    coverage,
    deeds,
    interviews,
    listing,
    many,
    one,
    outlets,
    passes,
    pool,
    settings,
)
from eduforum.press.desk.frame import RAIL_ITEM, pages

__all__ = [
    "RAIL_ITEM",
    "coverage",
    "deeds",
    "interviews",
    "listing",
    "many",
    "one",
    "outlets",
    "pages",
    "passes",
    "pool",
    "settings",
]
