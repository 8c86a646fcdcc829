"""What a question is."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from eduforum.core.i18n import Text


class Kind(StrEnum):
    """How a question is answered."""

    TEXT = "text"
    LONG_TEXT = "long_text"
    NUMBER = "number"
    CHOICE = "choice"
    MULTI_CHOICE = "multi_choice"
    BOOLEAN = "boolean"
    DATE = "date"
    FILE = "file"
    PHOTO = "photo"


class Stage(StrEnum):
    """When it is asked: while registering, or once a seat is certain."""

    REGISTER = "register"
    AFTER = "after"


class Retention(StrEnum):
    """How long an answer is kept: with the registration, or as short as identity documents."""

    STANDARD = "standard"
    IDENTITY = "identity"


class Op(StrEnum):
    """What a condition asks of an earlier answer."""

    EQUALS = "equals"
    CONTAINS = "contains"
    IS_SET = "is_set"


class Joined(StrEnum):
    """Whether every test of a condition has to hold, or any."""

    ALL = "all"
    ANY = "any"


KIND_NAMES = {
    Kind.TEXT: Text("一行文字", "Text"),
    Kind.LONG_TEXT: Text("多行文字", "Long text"),
    Kind.NUMBER: Text("数字", "Number"),
    Kind.CHOICE: Text("单选", "One of several"),
    Kind.MULTI_CHOICE: Text("多选", "Any of several"),
    Kind.BOOLEAN: Text("是或否", "Yes or no"),
    Kind.DATE: Text("日期", "Date"),
    Kind.FILE: Text("文件（图片或 PDF）", "File (picture or PDF)"),
    Kind.PHOTO: Text("照片", "Photo"),
}
STAGE_NAMES = {
    Stage.REGISTER: Text("报名时", "While registering"),
    Stage.AFTER: Text("确认后", "After confirmation"),
}
RETENTION_NAMES = {
    Retention.STANDARD: Text("与报名资料同期保存", "Kept as long as the registration"),
    Retention.IDENTITY: Text("与证件和照片同期保存（较短）", "Kept as short as ID and photo"),
}
OP_NAMES = {
    Op.EQUALS: Text("等于", "is"),
    Op.CONTAINS: Text("包含", "contains"),
    Op.IS_SET: Text("已填写", "is answered"),
}
CHOICES = frozenset({Kind.CHOICE, Kind.MULTI_CHOICE})
UPLOADS = frozenset({Kind.FILE, Kind.PHOTO})
TEXTS = frozenset({Kind.TEXT, Kind.LONG_TEXT})

_UNTITLED = Text("补充信息", "More about you")


@dataclass(frozen=True, slots=True)
class Option:
    """One of the answers that can be chosen. `key` stays when the words change."""

    key: str
    zh: str
    en: str = ""

    @property
    def label(self) -> Text:
        return Text(self.zh, self.en)


@dataclass(frozen=True, slots=True)
class Term:
    """One thing that is asked of an earlier answer. value: an option's key, a word, `true`."""

    question: str
    op: Op
    value: str = ""


@dataclass(frozen=True, slots=True)
class Condition:
    """When a question is shown. Without terms: always."""

    joined: Joined = Joined.ALL
    terms: tuple[Term, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question, in both languages.

    key: its name for programs, the same in every version. least, most: of a number. most_chars:
    of a text. sensitive: an own consent, unticked, stands beside it. at_door: the answer is shown
    when the ticket is scanned. step_zh: begins a new step of the form, with this heading.
    """

    key: str
    kind: Kind
    zh: str
    en: str = ""
    help_zh: str = ""
    help_en: str = ""
    stage: Stage = Stage.REGISTER
    required: bool = False
    sensitive: bool = False
    at_door: bool = False
    retention: Retention = Retention.STANDARD
    options: tuple[Option, ...] = ()
    least: int | None = None
    most: int | None = None
    most_chars: int | None = None
    step_zh: str = ""
    step_en: str = ""
    condition: Condition = field(default_factory=Condition)

    @property
    def label(self) -> Text:
        return Text(self.zh, self.en)

    @property
    def help(self) -> Text:
        return Text(self.help_zh, self.help_en)

    @property
    def step(self) -> Text:
        return Text(self.step_zh, self.step_en)

    @property
    def name(self) -> str:
        """What its field is called in forms and in the API's errors."""
        return f"answers.{self.key}"

    @property
    def is_private(self) -> bool:
        """Whether the answer is shown only to whoever may act on registrations."""
        return self.sensitive or self.retention is Retention.IDENTITY or self.kind in UPLOADS

    @property
    def longest(self) -> int:
        """The most characters of a text."""
        return self.most_chars or (200 if self.kind is Kind.TEXT else 2000)

    def option(self, key: object) -> Option | None:
        return next((option for option in self.options if option.key == key), None)


@dataclass(frozen=True, slots=True)
class Step:
    """Questions that stand on one page."""

    title: Text
    questions: tuple[Question, ...]


def steps(questions: Sequence[Question]) -> list[Step]:
    """The pages of a form: a question with a heading of its own begins a new one."""
    pages: list[tuple[Text, list[Question]]] = []
    for question in questions:
        if question.step_zh or not pages:
            pages.append((question.step or _UNTITLED, []))
        pages[-1][1].append(question)
    return [Step(title, tuple(together)) for title, together in pages]


def to_json(questions: Sequence[Question]) -> list[dict[str, Any]]:
    """As a version keeps them: JSON values only."""
    return [asdict(question) for question in questions]


def from_json(stored: Sequence[Mapping[str, Any]]) -> tuple[Question, ...]:
    return tuple(_question(one) for one in stored)


def _question(stored: Mapping[str, Any]) -> Question:
    condition = stored.get("condition") or {}
    known = {
        "kind": Kind(stored["kind"]),
        "stage": Stage(stored["stage"]),
        "retention": Retention(stored["retention"]),
        "options": tuple(Option(**option) for option in stored["options"]),
        "condition": Condition(
            Joined(condition.get("joined", Joined.ALL)),
            tuple(
                Term(test["question"], Op(test["op"]), test["value"])
                for test in condition.get("terms", ())
            ),
        ),
    }
    return Question(**{**stored, **known})
