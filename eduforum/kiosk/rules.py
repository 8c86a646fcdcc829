"""What the kiosk says to whoever stands before it: no word of it accuses anybody."""

from dataclasses import dataclass
from enum import StrEnum

from eduforum.checkin.rules import PointKind, Verdict
from eduforum.core.errors import Refusal
from eduforum.core.i18n import Text


class Paper(StrEnum):
    """What the printer of a kiosk holds."""

    BADGE = "badge"
    LABEL = "label"
    NONE = "none"


PAPER_NAMES = {
    Paper.BADGE: Text("胸牌 90 × 130 毫米", "Badge, 90 × 130 mm"),
    Paper.LABEL: Text("标签 80 × 50 毫米", "Label, 80 × 50 mm"),
    Paper.NONE: Text("不打印", "No printer"),
}


@dataclass(frozen=True, slots=True)
class Saying:
    """One verdict for the person it is about: what happened, and what to do now."""

    word: Text
    step: Text


_DESK = Text("请到服务台，工作人员为您办理。", "Please go to the help desk; the staff will help.")
_SAYINGS = {
    Verdict.ADMITTED: Saying(Text("签到成功", "You are checked in"), Text("请入场。", "Come in.")),
    Verdict.CHECKED_OUT: Saying(
        Text("离场已登记", "You are checked out"), Text("再见。", "Goodbye.")
    ),
    Verdict.ROOM_FULL: Saying(
        Text("会场已满", "The room is full"),
        Text("请稍候，有人离场后再试。", "Please wait until somebody leaves, then try again."),
    ),
    Verdict.ALREADY_ADMITTED: Saying(
        Text("您已签到过", "You are checked in already"),
        Text("无需再次办理；如需帮助，请到服务台。", "Nothing more to do. The help desk can help."),
    ),
    Verdict.NOT_ENTITLED: Saying(
        Text("此处不在您的报名范围", "This is not among your events"),
        Text(
            "请查看参会证上的场次，或到服务台。", "See your ticket for the place, or ask the desk."
        ),
    ),
    Verdict.NOT_CONFIRMED: Saying(
        Text("您的报名正在审核", "Your registration is under review"), _DESK
    ),
    Verdict.TOO_EARLY: Saying(Text("未到签到时间", "It is too early"), _DESK),
    Verdict.TOO_LATE: Saying(Text("此处签到已结束", "Check-in has closed here"), _DESK),
    Verdict.WRONG_SERIES: Saying(
        Text("这不是本次活动的参会证", "This ticket is for another event"),
        Text(
            "请出示本次活动的二维码，或到服务台。", "Show the code of this event, or ask the desk."
        ),
    ),
    Verdict.UNKNOWN: Saying(
        Text("未能识别", "We could not read this"),
        Text(
            "请出示参会证二维码，或按姓名办理。", "Show the code of your ticket, or use your name."
        ),
    ),
    Verdict.NEEDS_ANSWER: Saying(Text("还缺少一项信息", "Something is missing"), _DESK),
}
_VOID = Saying(Text("此证不能使用", "This ticket cannot be used"), _DESK)
_ARRIVED = Saying(Text("报到成功", "Welcome"), Text("请取走胸牌。", "Please take your badge."))
_ARRIVED_BEFORE = Saying(
    Text("您已报到过", "You have arrived already"),
    Text("如需补打胸牌，请到服务台。", "For another badge, please go to the help desk."),
)


def say(verdict: Verdict, kind: PointKind) -> Saying:
    """The words for a verdict at a point of this kind."""
    if kind is PointKind.ARRIVAL and verdict is Verdict.ADMITTED:
        return _ARRIVED
    if kind is PointKind.ARRIVAL and verdict is Verdict.ALREADY_ADMITTED:
        return _ARRIVED_BEFORE
    if verdict is Verdict.FORGED:  # the staff sees what it was; a queue need not
        return _SAYINGS[Verdict.UNKNOWN]
    return _SAYINGS.get(verdict, _VOID)


class NotFoundHere(Refusal):
    """Nobody of this name with these digits, or more than one."""

    code = "not-found-here"
    status = 422

    def __init__(self) -> None:
        super().__init__(
            Text(
                "未找到。请核对姓名和报名时所留手机号的后四位，或到服务台办理。",
                "Nobody was found. Check the name and the last four digits of the mobile number "
                "you registered with, or go to the help desk.",
            )
        )
