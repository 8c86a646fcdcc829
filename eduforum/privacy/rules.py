"""How long what is kept, and what may be asked. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from eduforum.core.errors import BadInput, Refusal
from eduforum.core.i18n import Text
from eduforum.core.personal import Group

DAYS = {Group.IDENTITY: 30, Group.GENERAL: 180}
"""After the last event of the series, until its organisers say otherwise."""
MOST_DAYS = 3650
GROUP_NAMES = {
    Group.IDENTITY: Text("证件号码、照片和敏感信息", "ID numbers, photographs, sensitive answers"),
    Group.GENERAL: Text("其余全部个人信息", "All other personal data"),
}
GROUP_HOLDS = {
    Group.IDENTITY: Text(
        "证件类型和号码，以及表单中标为同期保存的回答和文件。",
        "Kind and number of the ID document, and answers and files that a form keeps as short.",
    ),
    Group.GENERAL: Text(
        "姓名、职务、联系方式、回答、文件、通知内容、参会证上的姓名，以及联络员的姓名和联系方式。单位、"
        "状态和签到人次不含个人信息，继续保留。",
        "Name, position, contacts, answers, files, letters, the name on the ticket, and who the "
        "liaisons are. Unit, state and counts of check-ins name nobody and stay.",
    ),
}


@dataclass(frozen=True, slots=True)
class Due:
    """Data of one group in one series, and when it goes; None while no event has a date.

    people: of how many it is still there.
    """

    series_id: int
    slug: str
    name: Text
    time_zone: str
    group: Group
    days: int
    goes_at: datetime | None
    people: int

    def is_over(self, now: datetime) -> bool:
        return self.goes_at is not None and self.goes_at <= now


class Erased(Refusal):
    """The data of this person is gone already."""

    code = "erased"
    status = 410

    def __init__(self) -> None:
        super().__init__(
            Text("此人的个人信息已经删除。", "The data of this person has been erased already.")
        )


def goes_at(last_end: datetime | None, days: int) -> datetime | None:
    """When data goes that is kept for `days` after the last event."""
    return last_end and last_end + timedelta(days=days)


def check_days(days: dict[Group, int]) -> None:
    """From a day to ten years, and the identity no longer than the rest. Raises `BadInput`."""
    for group, value in days.items():
        if not 1 <= value <= MOST_DAYS:
            sentence = Text(
                "请填写 1 至 {most} 的天数。", "Enter a number of days from 1 to {most}."
            ).fill(most=MOST_DAYS)
            raise BadInput(sentence, {group.value: [sentence]})
    if days[Group.IDENTITY] > days[Group.GENERAL]:
        sentence = Text(
            "证件号码和照片的保存期限不能长于其余信息。",
            "ID numbers and photographs cannot be kept longer than the rest.",
        )
        raise BadInput(sentence, {Group.IDENTITY.value: [sentence]})


def check_reason(reason: str) -> str:
    """Raises `BadInput` beside `reason` when there is none."""
    if not reason.strip():
        sentence = Text(
            "请填写事由，事由将记入审计记录。", "Say why; it is kept in the audit trail."
        )
        raise BadInput(sentence, {"reason": [sentence]})
    return reason.strip()
