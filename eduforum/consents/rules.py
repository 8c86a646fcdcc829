"""The texts that stand until an organiser writes others."""

from dataclasses import dataclass

from eduforum.core.errors import BadInput
from eduforum.core.i18n import Text

PRIVACY, ID, GUARDIAN, WELCOME = "privacy", "id", "guardian", "welcome"
ANSWER = "answers."
"""In front of the key of a question: its sensitive answer has a consent of its own."""
MOST = 600


@dataclass(frozen=True, slots=True)
class Wording:
    """A text as it is shown, with the version it has; 0 is the one that comes with the product."""

    code: str
    version: int
    text: Text


NAMES = {
    PRIVACY: Text("个人信息处理", "Personal data"),
    ID: Text("证件号码（敏感个人信息）", "ID number (sensitive data)"),
    GUARDIAN: Text("监护人同意（未满十四周岁）", "Guardian's consent (under 14)"),
    WELCOME: Text("在会场大屏显示姓名", "Your name on the hall screen"),
}
SENSITIVE = frozenset({ID, GUARDIAN})
"""What needs a separate consent (Personal Information Protection Law, articles 29 and 31)."""
STANDARD = {
    PRIVACY: Text(
        "仅用于本次报名、通知和签到，到期删除，不提供给第三方。",
        "Used for this registration, notices and check-in only; erased when its period ends; given "
        "to nobody else.",
    ),
    ID: Text(
        "敏感个人信息：用于会场安保核验，加密保存，只在核验时由授权人员查看并留有记录，到期删除。",
        "Sensitive data, for the security check of the venue: kept encrypted, seen only by "
        "authorised staff and on the record, erased when its period ends.",
    ),
    GUARDIAN: Text(
        "依据《个人信息保护法》第三十一条。", "Personal Information Protection Law, article 31."
    ),
    WELCOME: Text(
        "签到后，会场大屏短时显示姓名和单位以示欢迎。自愿选择，可随时撤回。",
        "After check-in the hall screen shows name and unit for a short while, as a welcome. "
        "Voluntary; it can be taken back at any time.",
    ),
}


def name_of(code: str) -> Text:
    """What a consent is about, for people to read."""
    if code.startswith(ANSWER):
        key = code.removeprefix(ANSWER)
        return Text("敏感信息的回答（{key}）", "A sensitive answer ({key})").fill(key=key)
    return NAMES.get(code, Text(code, code))


def check_text(zh: str, en: str) -> None:
    """Both languages, not too long. Raises `BadInput` beside the field."""
    for field, text in (("text_zh", zh), ("text_en", en)):
        if not text.strip():
            sentence = Text("请填写中文和英文。", "Write it in Chinese and in English.")
            raise BadInput(sentence, {field: [sentence]})
        if len(text) > MOST:
            sentence = Text("最多 {most} 字。", "At most {most} characters.").fill(most=MOST)
            raise BadInput(sentence, {field: [sentence]})
