"""Named reads of the hall: who may open a display, and what it shows."""

from eduforum.hall.queries.board import Board, board_of
from eduforum.hall.queries.screens import (
    event_named,
    point_with_code,
    screen_by_secret,
    screen_or_404,
    screens_of,
)
from eduforum.hall.queries.welcomes import Welcome, welcomes_at

__all__ = [
    "Board",
    "Welcome",
    "board_of",
    "event_named",
    "point_with_code",
    "screen_by_secret",
    "screen_or_404",
    "screens_of",
    "welcomes_at",
]
