"""Every verdict in words: what happened, and the one next step of whoever stands at the door."""

from dataclasses import dataclass
from enum import StrEnum

from eduforum.checkin.rules.kinds import Because, PointKind, Verdict
from eduforum.core.i18n import Text


class Tone(StrEnum):
    """The ground of the screen: green, amber, red."""

    OK = "ok"
    WAIT = "wait"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Saying:
    """One verdict as the operator reads it."""

    word: Text
    step: Text
    tone: Tone


_DESK = Text("请引导到服务台", "Send them to the help desk")

VERDICTS: dict[Verdict, Saying] = {
    Verdict.ADMITTED: Saying(
        Text("请进，已签到", "Come in, checked in"), Text("请引导入场", "Show the way in"), Tone.OK
    ),
    Verdict.CHECKED_OUT: Saying(
        Text("已离场", "Checked out"), Text("离场已登记", "Their leaving is noted"), Tone.OK
    ),
    Verdict.UNDONE: Saying(
        Text("已撤销", "Taken back"),
        Text("上一次扫码不再计入，请重新扫码", "That scan no longer counts. Scan again"),
        Tone.OK,
    ),
    Verdict.ROOM_FULL: Saying(
        Text("会场已满", "Room is full"),
        Text("请引导到等候处，有人离场后再扫码", "Ask them to wait until somebody leaves"),
        Tone.WAIT,
    ),
    Verdict.ALREADY_ADMITTED: Saying(
        Text("已签到过", "Already checked in"),
        Text("请核对本人与证件", "Check that this is the person on the ticket"),
        Tone.WAIT,
    ),
    Verdict.NOT_ENTITLED: Saying(
        Text("不含此处", "Not for this place"),
        Text("证件有效，请引导到其所报的场次", "A valid ticket, but booked elsewhere"),
        Tone.BAD,
    ),
    Verdict.NOT_CONFIRMED: Saying(
        Text("报名待审核", "Under review"),
        Text("信息修改后尚未审核，请引导到服务台", "Send them to the help desk"),
        Tone.WAIT,
    ),
    Verdict.CANCELLED: Saying(Text("报名已取消", "Registration cancelled"), _DESK, Tone.BAD),
    Verdict.REVOKED: Saying(Text("此证已作废", "Ticket is void"), _DESK, Tone.BAD),
    Verdict.TOO_EARLY: Saying(
        Text("未到时间", "Too early"), Text("请稍候再来", "Ask them to come back later"), Tone.WAIT
    ),
    Verdict.TOO_LATE: Saying(
        Text("已过时间", "Too late"),
        Text("本处已停止签到，请引导到服务台", "This place has closed. Send them to the help desk"),
        Tone.WAIT,
    ),
    Verdict.WRONG_SERIES: Saying(
        Text("不是本次活动的证", "Ticket of another series"),
        Text("请其出示本次活动的参会证", "Ask for the ticket of this series"),
        Tone.BAD,
    ),
    Verdict.FORGED: Saying(
        Text("证件系伪造", "Forged ticket"),
        Text("请留住此人，联系主管", "Keep the person here and call a supervisor"),
        Tone.BAD,
    ),
    Verdict.UNKNOWN: Saying(
        Text("不是参会证", "Not a known ticket"),
        Text("请出示参会证，或按姓名查找", "Ask for the ticket, or find them by name"),
        Tone.BAD,
    ),
    Verdict.NEEDS_ANSWER: Saying(
        Text("需补充信息", "An answer is missing"),
        Text("请先询问并填写，再放行", "Ask, fill it in, then let them in"),
        Tone.WAIT,
    ),
}

PROVISIONAL = Saying(
    Text("请进，临时证", "Come in, provisional ticket"),
    Text(
        "现场补报名，信息待上传，请核对姓名", "A walk-in whose form is on its way. Check the name"
    ),
    Tone.WAIT,
)
"""Instead of `admitted`, when the ticket was signed ahead and nobody's form has come up yet."""

_ELSEWHERE: dict[tuple[PointKind, Verdict], Saying] = {
    (PointKind.ARRIVAL, Verdict.ADMITTED): Saying(
        Text("请进，已报到", "Welcome, arrived"),
        Text("发胸牌和资料袋", "Hand out badge and bag"),
        Tone.OK,
    ),
    (PointKind.ARRIVAL, Verdict.ALREADY_ADMITTED): Saying(
        Text("已报到过", "Already arrived"),
        Text("请核对本人，不再发胸牌", "Check that it is them. No second badge"),
        Tone.WAIT,
    ),
    (PointKind.ZONE, Verdict.ADMITTED): Saying(
        Text("请进", "Come in"), Text("可进入本区域", "May enter this zone"), Tone.OK
    ),
    (PointKind.ZONE, Verdict.ALREADY_ADMITTED): Saying(
        Text("已在区域内", "Already inside"),
        Text("请核对本人与证件", "Check that this is the person on the ticket"),
        Tone.WAIT,
    ),
    (PointKind.MEAL, Verdict.ADMITTED): Saying(
        Text("可领取", "Serve them"), Text("请发放一份", "Hand out one portion"), Tone.OK
    ),
    (PointKind.MEAL, Verdict.ALREADY_ADMITTED): Saying(
        Text("已领取过", "Already served"), Text("不再发放", "No second portion"), Tone.WAIT
    ),
    (PointKind.GIFT, Verdict.ADMITTED): Saying(
        Text("可领取", "Hand it over"), Text("请发放一份", "Hand out one"), Tone.OK
    ),
    (PointKind.GIFT, Verdict.ALREADY_ADMITTED): Saying(
        Text("已领取过", "Already handed out"), Text("不再发放", "No second one"), Tone.WAIT
    ),
}

EXPLANATIONS = {
    Because.BOOKED_ELSEWHERE: VERDICTS[Verdict.NOT_ENTITLED].step,
    Because.CATEGORY: Text(
        "证件有效，但此处不对其参会类别开放",
        "A valid ticket, but this place is not for its category",
    ),
    Because.ZONE: Text("此证不含 {zones} 区，请勿放行", "This ticket does not cover zone {zones}"),
    Because.OPENS: Text("{moment} 起可入场", "Open from {moment}"),
    Because.CLOSED: Text(
        "已于 {moment} 停止入场，请引导到服务台",
        "Closed since {moment}. Send them to the help desk",
    ),
    Because.REPLACED: Text(
        "此证已于 {moment} 换发，请其出示新证", "Replaced on {moment}. Ask for their new ticket"
    ),
}
"""The next step where it names the rule that was not met: an hour, a zone, a new ticket."""

QUARANTINE_REASONS = {
    "not_a_ticket": Text("不是参会证的二维码", "Not the code of a ticket"),
    "bad_signature": Text("签名不符，疑为伪造", "Bad signature, perhaps forged"),
    "unknown_serial": Text("签名有效，但没有这张证", "Valid signature, but no such ticket"),
    "other_series": Text("其他系列活动的证", "Ticket of another series"),
    "undo_unknown": Text("要撤销的扫码不存在", "No such scan to take back"),
    "undo_not_own": Text("只能在同一设备上撤销", "Only the same device may take it back"),
    "undo_too_late": Text("超过 60 秒，须由主管撤销", "Past 60 seconds; a supervisor may do it"),
    "undo_twice": Text("此前已撤销", "Taken back before"),
}
"""Why a fact does not fit, as the desk reads it."""


def saying(verdict: Verdict, kind: PointKind) -> Saying:
    """The words of a verdict at a point of this kind."""
    return _ELSEWHERE.get((kind, verdict)) or VERDICTS[verdict]
