"""The liaison's pages, behind a personal link; and the way to a new one."""

from eduforum.delegations.views import files, filling, grid, lost, person
from eduforum.delegations.views.frame import pages

__all__ = ["files", "filling", "grid", "lost", "pages", "person"]
