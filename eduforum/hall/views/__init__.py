"""Pages of the hall: the display, and what people do with it on their phones."""

from eduforum.hall.views import here, join, mine, screen
from eduforum.hall.views.frame import pages

__all__ = ["here", "join", "mine", "pages", "screen"]
