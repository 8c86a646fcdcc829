"""The kinds of things at the door, and the refusals of this room."""

from datetime import timedelta
from enum import StrEnum

from eduforum.core.errors import Refusal
from eduforum.core.i18n import Text

MOST_SCANS = 1000
"""How many scans one upload may carry."""
CODE_LIFE = timedelta(minutes=10)
"""How long an enrol code is good for."""


LONGEST_GATE = 40
NO_SUPERVISOR = "no_supervisor"
"""Flags a scan that was to be let pass with a reason, by somebody who has no right to."""


class PointKind(StrEnum):
    ARRIVAL = "arrival"
    SESSION = "session"
    ZONE = "zone"
    EXIT = "exit"
    MEAL = "meal"
    GIFT = "gift"


class Repeat(StrEnum):
    """How often one ticket is admitted at a point.

    REENTRY: again after it was scanned on the way out; without that it is still inside.
    COUNT: every time; the point counts how often.
    """

    ONCE = "once"
    DAILY = "daily"
    REENTRY = "reentry"
    COUNT = "count"


class Direction(StrEnum):
    IN = "in"
    OUT = "out"
    UNDO = "undo"


class Verdict(StrEnum):
    """One vocabulary for screen, API and app."""

    ADMITTED = "admitted"
    CHECKED_OUT = "checked_out"
    UNDONE = "undone"
    ROOM_FULL = "room_full"
    ALREADY_ADMITTED = "already_admitted"
    NOT_ENTITLED = "not_entitled"
    NOT_CONFIRMED = "not_confirmed"
    CANCELLED = "cancelled"
    REVOKED = "revoked"
    TOO_EARLY = "too_early"
    TOO_LATE = "too_late"
    WRONG_SERIES = "wrong_series"
    FORGED = "forged"
    UNKNOWN = "unknown"
    NEEDS_ANSWER = "needs_answer"


class Because(StrEnum):
    """Which rule was not met, where a verdict alone does not say it."""

    BOOKED_ELSEWHERE = "booked_elsewhere"
    CATEGORY = "category"
    ZONE = "zone"
    OPENS = "opens"
    CLOSED = "closed"
    REPLACED = "replaced"


class BadEnrolCode(Refusal):
    """The code was never given out, has been used, or is older than `CODE_LIFE`."""

    code = "enrol-code-invalid"
    status = 422

    def __init__(self) -> None:
        sentence = Text(
            "登记码无效或已过期，请在工作台重新生成。",
            "This code is not valid any more. Make a new one at the desk.",
        )
        super().__init__(sentence, {"code": [sentence]})


POINT_KIND_NAMES = {
    PointKind.ARRIVAL: Text("报到", "Arrival"),
    PointKind.SESSION: Text("签到", "Session"),
    PointKind.ZONE: Text("区域", "Zone"),
    PointKind.EXIT: Text("离场", "Exit"),
    PointKind.MEAL: Text("用餐", "Meal"),
    PointKind.GIFT: Text("领取物品", "Gifts"),
}
REPEAT_NAMES = {
    Repeat.ONCE: Text("只准一次", "Once"),
    Repeat.DAILY: Text("每日一次", "Once a day"),
    Repeat.REENTRY: Text("离场扫码后可再次进入", "Again after scanning out"),
    Repeat.COUNT: Text("不限次数，逐次计数", "Every time; each is counted"),
}
