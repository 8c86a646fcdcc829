"""Named reads of the door. Presence and counts are derived from facts here, stored nowhere."""

from eduforum.checkin.queries.bundle import Position, classes_of, moves_after, tickets_after
from eduforum.checkin.queries.facts import (
    ScanLine,
    count_strays,
    inside_now,
    locked_inside,
    movements_of,
    recent_scans,
    scan_or_404,
    scans_by_id,
    scans_of_ticket,
    strays,
    texts_of,
    tickets_for_scans,
)
from eduforum.checkin.queries.incidents import Told, incidents_of, settled_scans
from eduforum.checkin.queries.points import (
    Counts,
    Place,
    counts_of,
    device_by_hash,
    device_or_404,
    devices_of,
    epoch_name,
    locked_enrol_code,
    place_or_404,
    point_or_404,
    points_of,
)
from eduforum.checkin.queries.programme import programme_of
from eduforum.checkin.queries.search import MOST_FOUND, search

__all__ = [
    "MOST_FOUND",
    "Counts",
    "Place",
    "Position",
    "ScanLine",
    "Told",
    "classes_of",
    "count_strays",
    "counts_of",
    "device_by_hash",
    "device_or_404",
    "devices_of",
    "epoch_name",
    "incidents_of",
    "inside_now",
    "locked_enrol_code",
    "locked_inside",
    "movements_of",
    "moves_after",
    "place_or_404",
    "point_or_404",
    "points_of",
    "programme_of",
    "recent_scans",
    "scan_or_404",
    "scans_by_id",
    "scans_of_ticket",
    "search",
    "settled_scans",
    "strays",
    "texts_of",
    "tickets_after",
    "tickets_for_scans",
]
