"""What the desk's check-in pages share: the blueprint, its entry in the rail, who may what."""

from flask import Blueprint

from eduforum.core.i18n import Text
from eduforum.events.access import guarded_series, principal
from eduforum.web.access import Role
from eduforum.web.rail import RailItem

pages = Blueprint("checkin_desk", __name__, url_prefix="/desk/s/<series>/checkin")

RAIL_ITEM = RailItem(
    Text("签到", "Check-in"),
    "checkin_desk.checkin",
    frozenset({Role.ORGANISER, Role.DOOR, Role.VIEWER}),
)


def rights() -> dict[str, bool]:
    """What a page offers to whoever reads it; a viewer sees names only in part."""
    here, asker = guarded_series().id, principal()
    return {
        "may_edit": asker.has_role(here, Role.ORGANISER),
        "may_enrol": asker.has_role(here, Role.ORGANISER, Role.DOOR),
        "sees_names": asker.has_role(here, Role.ORGANISER, Role.DOOR, Role.REGISTRAR),
    }
