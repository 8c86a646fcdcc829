"""What a press room holds, and from when anybody may know of it. Pure."""

from datetime import datetime
from enum import StrEnum

from eduforum.core.errors import BadInput, Refusal
from eduforum.core.i18n import Text
from eduforum.files.rules import MEBIBYTE, Limits


class MaterialKind(StrEnum):
    NOTES = "notes"
    TEXT = "text"
    PHOTO = "photo"


KIND_NAMES = {
    MaterialKind.NOTES: Text("采访须知", "Practical notes"),
    MaterialKind.TEXT: Text("新闻稿", "Press releases"),
    MaterialKind.PHOTO: Text("图片", "Photographs"),
}
LIMITS = Limits(
    size=10 * MEBIBYTE, longest_side=6000, pixels=80_000_000, files=20, volume=200 * MEBIBYTE
)
"""Papers print pictures: they keep more pixels than other uploads do."""


class Standing(StrEnum):
    """Where a material stands at a moment."""

    WAITING = "waiting"
    OPEN = "open"
    WITHDRAWN = "withdrawn"


STANDING_NAMES = {
    Standing.WAITING: Text("未到发布时间", "Under embargo"),
    Standing.OPEN: Text("已发布", "Published"),
    Standing.WITHDRAWN: Text("已撤下", "Withdrawn"),
}


def standing(opens_at: datetime, withdrawn_at: datetime | None, now: datetime) -> Standing:
    """Open from the very second of `opens_at` until it is withdrawn."""
    if withdrawn_at is not None:
        return Standing.WITHDRAWN
    return Standing.OPEN if opens_at <= now else Standing.WAITING


def check_both(name: str, zh: str, en: str) -> None:
    """What is said in one language is said in the other. Raises `BadInput` beside the empty one."""
    if bool(zh) == bool(en):
        return
    empty = f"{name}_{'en' if zh else 'zh'}"
    sentence = Text(
        "另一种语言已填写，请同时填写这一种，或两种都留空。",
        "The other language is filled in: write this one too, or leave both empty.",
    )
    raise BadInput(sentence, {empty: [sentence]})


def check_correction(changed: bool, told: bool) -> None:
    """Words that the press may have printed do not change in silence. Raises `BadInput`."""
    if changed and not told:
        sentence = Text(
            "材料已经发布，修改标题或正文时请写明更正内容。",
            "It is published already: say what is corrected when its words change.",
        )
        raise BadInput(sentence, {"correction_zh": [sentence]})


def check_to_tell(stands: Standing, corrected: bool, told: bool) -> None:
    """The press is told of a correction of what it can read, once. Raises `NothingToTell`."""
    if stands is not Standing.OPEN or not corrected or told:
        raise NothingToTell


class NothingToTell(Refusal):
    code = "nothing-to-tell"
    status = 409

    def __init__(self) -> None:
        super().__init__(
            Text(
                "没有待通知的更正：资料须已发布、有更正内容，每次更正通知一次。",
                "There is no correction to tell of: it must be published and corrected, and the "
                "press is told once.",
            )
        )


class CorrectionChanged(Refusal):
    """It was corrected again, or other outlets are told, since the number was shown."""

    code = "number-changed"
    status = 409

    def __init__(self, count: int) -> None:
        super().__init__(
            Text(
                "更正内容或收件单位已有变化（现为 {count} 家），没有发送。请核对后再确认。",
                "The correction or the outlets have changed ({count} now), so nothing was sent. "
                "Check and confirm again.",
            ).fill(count=count)
        )


class AlreadyWithdrawn(BadInput):
    code = "already-withdrawn"
    status = 409

    def __init__(self) -> None:
        super().__init__(
            Text("材料已撤下，不能再修改。", "It is withdrawn and cannot be changed any more.")
        )
