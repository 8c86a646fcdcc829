"""Kinds and states of events, refusals about them and about roles."""

import re
from datetime import datetime
from enum import StrEnum

from eduforum.core.errors import BadInput, Refusal
from eduforum.core.i18n import Text

SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
MOST_SLUG = 60


class Kind(StrEnum):
    """What sort of event it is: a preset for words and colour, not a class of its own."""

    WORKING_MEETING = "working_meeting"
    SIGNING_CEREMONY = "signing_ceremony"
    UNVEILING_CEREMONY = "unveiling_ceremony"
    RELEASE = "release"
    FORUM = "forum"
    TRAINING = "training"
    JOB_FAIR = "job_fair"
    CONTEST = "contest"


class Mode(StrEnum):
    """How people may take part."""

    ONSITE = "onsite"
    ONLINE = "online"
    HYBRID = "hybrid"


class EventState(StrEnum):
    SCHEDULED = "scheduled"
    CANCELLED = "cancelled"


class Field(StrEnum):
    """The field of education a forum is about: gives it its hue and its filter."""

    HIGHER = "higher"
    VOCATIONAL = "vocational"
    BASIC = "basic"


KIND_NAMES = {
    Kind.WORKING_MEETING: Text("工作会议", "Working meeting"),
    Kind.SIGNING_CEREMONY: Text("签约仪式", "Signing ceremony"),
    Kind.UNVEILING_CEREMONY: Text("揭牌仪式", "Unveiling ceremony"),
    Kind.RELEASE: Text("发布", "Release"),
    Kind.FORUM: Text("论坛", "Forum"),
    Kind.TRAINING: Text("培训", "Training"),
    Kind.JOB_FAIR: Text("招聘会", "Job fair"),
    Kind.CONTEST: Text("赛事", "Contest"),
}
MODE_NAMES = {
    Mode.ONSITE: Text("现场", "On site"),
    Mode.ONLINE: Text("线上", "Online"),
    Mode.HYBRID: Text("现场与线上", "On site and online"),
}
FIELD_NAMES = {
    Field.HIGHER: Text("高等教育", "Higher"),
    Field.VOCATIONAL: Text("职业教育", "Vocational"),
    Field.BASIC: Text("基础教育", "Basic"),
}


class InUse(Refusal):
    """It cannot be deleted: something else needs it."""

    code = "in-use"


class AlreadyCancelled(Refusal):
    code = "already-cancelled"

    def __init__(self) -> None:
        super().__init__(Text("活动已经取消。", "The event has been cancelled already."))


class NotCancelled(Refusal):
    code = "not-cancelled"

    def __init__(self) -> None:
        super().__init__(Text("活动没有取消。", "The event has not been cancelled."))


def check_slug(slug: str) -> None:
    """Raise `BadInput` beside `slug` unless it fits an address: a-z, 0-9 and single hyphens."""
    if SLUG.fullmatch(slug) and len(slug) <= MOST_SLUG:
        return
    sentence = Text(
        "请用小写字母、数字和连字符，如 jjj-2025，最多 {most} 个字符。",
        "Use lower-case letters, digits and hyphens, such as jjj-2025, at most {most} characters.",
    ).fill(most=MOST_SLUG)
    raise BadInput(sentence, {"slug": [sentence]})


def check_period(starts_at: datetime, ends_at: datetime) -> None:
    """Raise `BadInput` beside `ends_at` unless it lies after `starts_at`."""
    if ends_at <= starts_at:
        sentence = Text("结束时间须晚于开始时间。", "The end must be later than the start.")
        raise BadInput(sentence, {"ends_at": [sentence]})


class NotYoursToGive(Refusal):
    """Only an administrator makes administrators, or takes that role away."""

    code = "not-yours-to-give"
    status = 403

    def __init__(self) -> None:
        super().__init__(
            Text(
                "只有管理员可以设置或取消管理员。",
                "Only an administrator can make or unmake administrators.",
            )
        )


class AlreadyAdmin(Refusal):
    """An administrator holds every role already."""

    code = "already-admin"

    def __init__(self) -> None:
        super().__init__(
            Text(
                "此人是管理员，已有全部权限，无需再设角色。",
                "This person is an administrator and already holds every role.",
            )
        )


class LastAdmin(Refusal):
    """Somebody must be left who can open everything."""

    code = "last-admin"

    def __init__(self) -> None:
        super().__init__(
            Text(
                "至少须保留一名管理员，请先设置另一名管理员。",
                "One administrator must remain. Make somebody else an administrator first.",
            )
        )
