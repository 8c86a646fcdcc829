"""What a delegation's people may still do, and the words when they may not. Pure."""

from eduforum.core.errors import Refusal
from eduforum.core.i18n import Text

MOST_PEOPLE = 500
"""Rows on a delegation's page: a larger unit reports in several delegations."""


class PastDeadline(Refusal):
    code = "registration-closed"

    def __init__(self) -> None:
        super().__init__(
            Text(
                "报送已截止，现在只可换人和请假。如需补报，请联系主办方延长期限。",
                "The deadline has passed: you can still replace people and ask leave. To add "
                "anybody, ask the organiser for more time.",
            )
        )


class TooManyRows(Refusal):
    code = "too-many-rows"
    status = 422

    def __init__(self) -> None:
        super().__init__(
            Text(
                "一个代表团最多 {most} 行，请删去空行或分成几个代表团。",
                "A delegation has at most {most} rows; remove some, or make several delegations.",
            ).fill(most=MOST_PEOPLE)
        )


class NothingToSubmit(Refusal):
    code = "nothing-to-submit"
    status = 422

    def __init__(self, faulty: int) -> None:
        some = Text(
            "没有可以提交的人员，请先更正标出的 {n} 行。",
            "There is nobody to submit yet: first correct the {n} marked.",
        ).fill(n=faulty)
        none = Text(
            "没有待提交的人员，请先填写。", "There is nobody to submit; fill in a row first."
        )
        super().__init__(some if faulty else none)


class GuardianMissing(Refusal):
    code = "guardian-consent"
    status = 422

    def __init__(self) -> None:
        super().__init__(
            Text(
                "名单中有未成年人参加的类别，请先勾选“已取得监护人同意”。",
                "Some of these people are minors: first tick that their guardians agree.",
            )
        )


class WrongCode(Refusal):
    code = "wrong-code"
    status = 422

    def __init__(self) -> None:
        sentence = Text(
            "验证码不正确或已过期，请核对或重新获取。",
            "This code is wrong or has expired. Check it, or ask for a new one.",
        )
        super().__init__(sentence, {"code": [sentence]})


def common_end(names: list[str]) -> str:
    """What all names end in: 高等教育论坛, 职业教育论坛 -> 教育论坛; "" if nothing or all of one."""
    if len(names) < 2:
        return ""
    shortest = min(names, key=len)
    for start in range(1, len(shortest)):
        if all(name.endswith(shortest[start:]) for name in names):
            return shortest[start:]
    return ""
