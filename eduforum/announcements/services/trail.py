"""The audit row of whatever happens to a letter."""

from eduforum.announcements.models import Announcement
from eduforum.announcements.rules import AnnouncementState
from eduforum.core import audit


def record(
    action: str, one: Announcement, before: AnnouncementState | None, **more: object
) -> None:
    audit.record(
        f"announcement.{action}",
        f"announcement:{one.id}",
        series_id=one.series_id,
        before={"state": before.value} if before else None,
        after={"state": one.state.value, "subject": one.subject_zh, "reason": one.reason} | more,
    )
