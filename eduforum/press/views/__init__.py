"""The outlet's pages: apply without an account, behind a personal link; and the way to a new one."""

from eduforum.press.views import after, answer, apply, coverage, interviews, people, status
from eduforum.press.views.frame import pages

__all__ = [
    "after",
    "answer",
    "apply",
    "coverage",
    "interviews",
    "pages",
    "people",
    "status",
]
