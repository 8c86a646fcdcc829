"""What letters to many may say, what may happen to them, and when they may go. Pure."""

import re
from collections.abc import Collection, Mapping
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from eduforum.core.errors import BadInput, Refusal
from eduforum.core.i18n import Text
from eduforum.notices.rules import Trouble


class AnnouncementKind(StrEnum):
    """REMINDER goes so long before an event and moves with it; ANNOUNCEMENT at a time, or at once."""

    REMINDER = "reminder"
    ANNOUNCEMENT = "announcement"


class AnnouncementState(StrEnum):
    DRAFT = "draft"
    SCHEDULED = "scheduled"
    SENDING = "sending"
    STOPPED = "stopped"
    SENT = "sent"
    CANCELLED = "cancelled"


class Deed(StrEnum):
    """Everything that can happen to an announcement after it was written."""

    SCHEDULE = "schedule"
    REVISE = "revise"
    START = "start"
    STOP = "stop"
    RESUME = "resume"
    FINISH = "finish"
    AGAIN = "again"
    CANCEL = "cancel"


class RecipientState(StrEnum):
    WAITING = "waiting"
    QUEUED = "queued"
    SKIPPED = "skipped"


class Arrived(StrEnum):
    ANY = "any"
    YES = "yes"
    NO = "no"


_S = AnnouncementState
TRANSITIONS: dict[Deed, dict[AnnouncementState, AnnouncementState]] = {
    Deed.SCHEDULE: {_S.DRAFT: _S.SCHEDULED},
    Deed.REVISE: {_S.SCHEDULED: _S.DRAFT},
    Deed.START: {_S.SCHEDULED: _S.SENDING},
    Deed.STOP: {_S.SENDING: _S.STOPPED},
    Deed.RESUME: {_S.STOPPED: _S.SENDING},
    Deed.FINISH: {_S.SENDING: _S.SENT},
    Deed.AGAIN: {_S.SENT: _S.SENDING, _S.SENDING: _S.SENDING},
    Deed.CANCEL: dict.fromkeys((_S.DRAFT, _S.SCHEDULED, _S.SENDING, _S.STOPPED), _S.CANCELLED),
}
STATE_NAMES = {
    _S.DRAFT: Text("草稿", "Draft"),
    _S.SCHEDULED: Text("待发送", "Scheduled"),
    _S.SENDING: Text("发送中", "Sending"),
    _S.STOPPED: Text("已暂停", "Stopped"),
    _S.SENT: Text("已发完", "Sent"),
    _S.CANCELLED: Text("已取消", "Cancelled"),
}
KIND_NAMES = {
    AnnouncementKind.REMINDER: Text("活动提醒", "Reminder"),
    AnnouncementKind.ANNOUNCEMENT: Text("群发通告", "Announcement"),
}
ARRIVED_NAMES = {
    Arrived.ANY: Text("不限", "Whether or not"),
    Arrived.YES: Text("已到场", "Has arrived"),
    Arrived.NO: Text("未到场", "Has not arrived"),
}
REASON_NAMES = {
    "no_address": Text(
        "本人和联络员均无电子邮箱", "Neither the person nor a liaison has an address"
    ),
    "no_longer": Text("发送前已不在范围内", "Left the group before the letter was sent"),
    "event_cancelled": Text("活动已取消", "The event is cancelled"),
    "event_over": Text("活动已开始", "The event has begun"),
}
_OF_EVENT = {
    "event": Text("活动名称", "name of the event"),
    "day": Text("活动日期", "day of the event"),
    "time": Text("开始时间", "when it starts"),
    "room": Text("活动地点", "where it is"),
}
PLACEHOLDERS = {
    "name": Text("姓名", "name"),
    "unit": Text("单位", "unit"),
    "category": Text("参会类别", "category"),
    "series": Text("系列活动名称", "name of the series"),
    "link": Text("本人报名网址", "address of the own registration"),
} | _OF_EVENT
"""All that letters may have filled in; those of an event only where the letter is about one."""
ADVICE = {
    Trouble.RECIPIENT: Text(
        "与本人核对邮箱并在报名中更正，再在本页重新发送。",
        "Check the address with the person, correct it in the registration, then send it again here.",
    ),
    Trouble.MESSAGE: Text(
        "对方拒收内容。请改用较短的文字和标题，或请对方将发件地址加入白名单。",
        "The content was refused: use shorter words and subject, or ask to be let through.",
    ),
}
ADVICE_ELSE = Text(
    "服务器恢复后，在本页重新发送。",
    "Send it again here once the server works.",
)
CHUNK = 200
"""Letters that one turn hands to the outbox at most."""
DRAWN = 2000
"""Recipients that one turn writes down at most."""
_HOLDER = re.compile(r"\{([^{}\n]*)\}")
_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


class DeedNotAllowed(Refusal):
    code = "transition-not-allowed"

    def __init__(self, state: AnnouncementState) -> None:
        super().__init__(
            Text(
                "当前状态为“{state}”，不能进行此操作。",
                "This cannot be done: the state is “{state}”.",
            ).fill(state=STATE_NAMES[state])
        )


class CannotSend(Refusal):
    """What was asked for would reach nobody, or comes too late."""

    code = "cannot-send"


class GroupChanged(CannotSend):
    """Somebody joined or left the group since its number was shown."""

    code = "group-changed"

    def __init__(self, seen: int, count: int) -> None:
        super().__init__(
            Text(
                "符合条件的人数已由 {seen} 变为 {count}，没有发送。请核对后再确认。",
                "{seen} were in the group and now {count} are, so nothing was sent. "
                "Check the numbers and confirm again.",
            ).fill(seen=seen, count=count)
        )


def after(deed: Deed, state: AnnouncementState) -> AnnouncementState:
    """The state that `deed` leads to. Raises `DeedNotAllowed`."""
    try:
        return TRANSITIONS[deed][state]
    except KeyError:
        raise DeedNotAllowed(state) from None


def may(deed: Deed, state: AnnouncementState) -> bool:
    return state in TRANSITIONS[deed]


def placeholders(*, of_event: bool) -> Mapping[str, Text]:
    """The names that a letter may use."""
    return {k: v for k, v in PLACEHOLDERS.items() if of_event or k not in _OF_EVENT}


def fill(text: str, values: Mapping[str, str]) -> str:
    """Put values in place of `{name}` in one pass: what a value contains is never read again."""
    return _HOLDER.sub(lambda found: values.get(found[1], found[0]), text)


def check_words(text: str, *, of_event: bool) -> Text | None:
    """What is wrong with the placeholders of a text, with those that may be used; None: nothing."""
    allowed = placeholders(of_event=of_event)
    wrong = [name for name in dict.fromkeys(_HOLDER.findall(text)) if name not in allowed]
    if not wrong:
        return None
    return Text(
        "无法识别 {wrong}。可以使用 {allowed}。",
        "{wrong} is not known here. These are: {allowed}.",
    ).fill(
        wrong=" ".join(f"{{{name}}}" for name in wrong)[:100],
        allowed=" ".join(f"{{{name}}}" for name in allowed),
    )


def read_clock(text: str) -> time:
    """`09:00`. Raises `BadInput`."""
    if not _CLOCK.fullmatch(text):
        raise BadInput(Text("请按 09:00 的形式填写时间。", "Enter a time like 09:00."))
    return time.fromisoformat(text)


def reminder_at(starts_at: datetime, days_before: int, at_clock: str, zone: str) -> datetime:
    """So many days before the event's day, at that time on the clocks of `zone`."""
    day: date = starts_at.astimezone(ZoneInfo(zone)).date() - timedelta(days=days_before)
    return datetime.combine(day, read_clock(at_clock), ZoneInfo(zone))


def is_quiet(now: datetime, zone: str, quiet_from: str, quiet_until: str) -> bool:
    """Whether nothing may be sent now; the hours may span midnight. Equal ends: never quiet."""
    start, end = read_clock(quiet_from), read_clock(quiet_until)
    at = now.astimezone(ZoneInfo(zone)).time()
    return start <= at < end if start <= end else at >= start or at < end


def check_states(states: Collection[str]) -> None:
    """Raises `BadInput` beside `states` when none is chosen: nobody would be reached."""
    if not states:
        sentence = Text("请至少选择一种状态。", "Choose one state at least.")
        raise BadInput(sentence, {"states": [sentence]})
