"""The door app: one page, which shows nothing about anybody until a device has enrolled."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from eduforum.checkin.rules import OVERRIDABLE, UNDO_WITHIN
from eduforum.web.access import public

pages = Blueprint("checkin", __name__)


@pages.get("/door/")
@public
def door() -> ResponseReturnValue:
    return render_template(
        "checkin/door.html",
        overridable=sorted(OVERRIDABLE),
        undo_seconds=int(UNDO_WITHIN.total_seconds()),
    )
