"""What organisers fill in to build a form of questions."""

import re
from collections.abc import Iterator, Sequence
from enum import StrEnum
from itertools import zip_longest
from typing import Any, TypeVar

import wtforms
from wtforms import SelectChoice, ValidationError

from eduforum.core.i18n import Text
from eduforum.core.names import clean
from eduforum.events.forms import MomentField
from eduforum.questions.models import QuestionForm
from eduforum.questions.rules import (
    OP_NAMES,
    RETENTION_NAMES,
    STAGE_NAMES,
    Condition,
    Joined,
    Kind,
    Op,
    Option,
    Question,
    Retention,
    Stage,
    Term,
)
from eduforum.questions.rules.checking import MOST_OPTIONS
from eduforum.questions.rules.shapes import CHOICES, TEXTS, UPLOADS
from eduforum.questions.services import free_key
from eduforum.web.forms import AtMost, Form, LongTextField, Required, TextField

M = TypeVar("M", bound=StrEnum)
TERMS = 3
_SPARE_OPTIONS = 3
_NUMBER = Text("请填写整数。", "Enter a whole number.")


class RowsField(wtforms.Field):
    """The same field in every row of a list; empty ones keep their place."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(default=list, **kwargs)

    def process_formdata(self, values: list[str]) -> None:
        self.data = [clean(value) for value in values]


class NewFormForm(Form):
    """A form's name."""

    name_zh = TextField(
        Text("中文名称", "Name in Chinese"),
        [Required("请填写表单名称，如“代表附加问题”。", "Name the form in Chinese."), AtMost(60)],
    )
    name_en = TextField(Text("英文名称", "Name in English"), [AtMost(60)])


class FormSettingsForm(NewFormForm):
    """Its name, and until when the questions after confirmation are answered."""

    later_until = MomentField(Text("确认后的问题填至", "Answer later questions until"))

    def __init__(self, form: QuestionForm, zone: str, **kwargs: Any) -> None:
        super().__init__(data={"name_zh": form.name_zh, "name_en": form.name_en}, **kwargs)
        self.later_until.zone = zone
        self.later_until.validators = []
        if not self.is_submitted() or not self.later_until.raw_data:
            self.later_until.process_data(form.later_until)


class QuestionEditor(Form):
    """One question. Its kind is chosen before; options and conditions are lists of rows."""

    zh = TextField(Text("问题（中文）", "Question in Chinese"))
    en = TextField(Text("问题（英文）", "Question in English"))
    help_zh = LongTextField(Text("说明（中文）", "Help in Chinese"))
    help_en = LongTextField(Text("说明（英文）", "Help in English"))
    key = TextField(Text("代码", "Code"))
    step_zh = TextField(Text("分步标题（中文）", "Heading of a new step in Chinese"))
    step_en = TextField(Text("分步标题（英文）", "Heading of a new step in English"))
    stage = wtforms.RadioField(
        Text("何时填写", "When it is asked"),
        choices=[SelectChoice(stage.value, name) for stage, name in STAGE_NAMES.items()],
        default=Stage.REGISTER.value,
        validate_choice=False,
    )
    retention = wtforms.RadioField(
        Text("保存期限", "How long it is kept"),
        choices=[SelectChoice(kind.value, name) for kind, name in RETENTION_NAMES.items()],
        default=Retention.STANDARD.value,
        validate_choice=False,
    )
    required = wtforms.BooleanField(Text("必填", "Required"))
    sensitive = wtforms.BooleanField(Text("敏感个人信息", "Sensitive"))
    at_door = wtforms.BooleanField(Text("签到时显示", "Shown at the door"))
    least = TextField(Text("最小值", "Smallest"))
    most = TextField(Text("最大值", "Largest"))
    most_chars = TextField(Text("最多字数", "Most characters"))
    joined = wtforms.RadioField(
        Text("满足", "Show it when"),
        choices=[
            SelectChoice(Joined.ALL.value, Text("全部条件", "all of these hold")),
            SelectChoice(Joined.ANY.value, Text("任一条件", "any of these holds")),
        ],
        default=Joined.ALL.value,
        validate_choice=False,
    )

    option_key = RowsField()
    option_zh = RowsField()
    option_en = RowsField()
    term = RowsField()
    term_value = RowsField()

    def __init__(
        self, kind: Kind, earlier: Sequence[Question], old: Question | None = None, **kwargs: Any
    ) -> None:
        """earlier: the questions that a condition may ask for."""
        super().__init__(data=_data(old, earlier) if old else None, **kwargs)
        self.kind, self.earlier, self.old = kind, earlier, old

    @property
    def has_options(self) -> bool:
        return self.kind in CHOICES

    @property
    def is_text(self) -> bool:
        return self.kind in TEXTS

    @property
    def is_number(self) -> bool:
        return self.kind is Kind.NUMBER

    @property
    def option_rows(self) -> list[tuple[str, str, str]]:
        """(code, Chinese, English) of every option, and a few empty rows."""
        rows = self._options()
        return rows + [("", "", "")] * max(0, min(_SPARE_OPTIONS, MOST_OPTIONS - len(rows)))

    @property
    def term_rows(self) -> list[tuple[str, str]]:
        """(what is chosen, value) of every part of the condition, and empty rows."""
        rows = self._terms()
        return rows + [("", "")] * max(1, TERMS - len(rows))

    @property
    def possible_terms(self) -> list[tuple[Text, list[tuple[str, Text]]]]:
        """What a condition may ask, question by question: (question, [(value, words)])."""
        return [(question.label, list(_choices(question))) for question in self.earlier]

    def validate_least(self, field: wtforms.Field) -> None:
        _whole(field)

    def validate_most(self, field: wtforms.Field) -> None:
        _whole(field)

    def validate_most_chars(self, field: wtforms.Field) -> None:
        _whole(field, least=1)

    def question(self) -> Question:
        """Call after validation; whether it makes sense, the service says."""
        return Question(
            key=self.old.key if self.old else (self.key.data or ""),
            kind=self.kind,
            zh=self.zh.data or "",
            en=self.en.data or "",
            help_zh=self.help_zh.data or "",
            help_en=self.help_en.data or "",
            stage=_member(Stage, self.stage.data),
            required=self.required.data,
            sensitive=self.sensitive.data,
            at_door=self.at_door.data,
            retention=_member(Retention, self.retention.data),
            options=self._made_options() if self.has_options else (),
            least=_number(self.least.data) if self.is_number else None,
            most=_number(self.most.data) if self.is_number else None,
            most_chars=_number(self.most_chars.data) if self.is_text else None,
            step_zh=self.step_zh.data or "",
            step_en=self.step_en.data or "",
            condition=Condition(_member(Joined, self.joined.data), tuple(self._made_terms())),
        )

    def _options(self) -> list[tuple[str, str, str]]:
        keys = [*self.option_key.data, *[""] * len(self.option_zh.data)]
        rows = zip_longest(
            keys[: len(self.option_zh.data)], self.option_zh.data, self.option_en.data, fillvalue=""
        )
        return [row for row in rows if row[1] or row[2]]

    def _made_options(self) -> tuple[Option, ...]:
        made: list[Option] = []
        for key, zh, en in self._options():
            held = [option.key for option in made]
            made.append(Option(key or free_key(zh, en, held), zh, en))
        return tuple(made)

    def _terms(self) -> list[tuple[str, str]]:
        rows = zip_longest(self.term.data, self.term_value.data, fillvalue="")
        return [(chosen, value) for chosen, value in rows if chosen]

    def _made_terms(self) -> list[Term]:
        made = []
        for chosen, value in self._terms():
            key, _, rest = chosen.partition("|")
            op, _, option = rest.partition("|")
            if op in list(Op):
                made.append(Term(key, Op(op), option or value))
        return made


def _choices(question: Question) -> Iterator[tuple[str, Text]]:
    """What may be asked of one earlier question, as the values and words of a list."""
    say = Text("“{label}”{op}{value}", "“{label}” {op} {value}")
    op = Op.CONTAINS if question.kind is Kind.MULTI_CHOICE else Op.EQUALS
    answers = [(option.key, option.label) for option in question.options]
    if question.kind is Kind.BOOLEAN:
        answers = [("true", Text("是", "yes")), ("false", Text("否", "no"))]
    for key, words in answers:
        said = say.fill(label=question.label, op=OP_NAMES[op], value=words)
        yield f"{question.key}|{op}|{key}", said
    if not answers and question.kind not in UPLOADS:
        for typed in (Op.EQUALS, Op.CONTAINS):
            said = say.fill(
                label=question.label,
                op=OP_NAMES[typed],
                value=Text("右侧的文字", "the words beside"),
            )
            yield f"{question.key}|{typed}|", said
    yield (
        f"{question.key}|{Op.IS_SET}|",
        Text("“{label}”{op}", "“{label}” {op}").fill(label=question.label, op=OP_NAMES[Op.IS_SET]),
    )


def _data(old: Question, earlier: Sequence[Question]) -> dict[str, Any]:
    listed = {value for question in earlier for value, _ in _choices(question)}
    whole = [f"{term.question}|{term.op}|{term.value}" for term in old.condition.terms]
    return {
        **{name: getattr(old, name) for name in ("zh", "en", "help_zh", "help_en", "key", "step_zh",
                                                 "step_en", "required", "sensitive", "at_door")},
        "stage": old.stage.value,
        "retention": old.retention.value,
        "least": _shown(old.least),
        "most": _shown(old.most),
        "most_chars": _shown(old.most_chars),
        "joined": old.condition.joined.value,
        "term": [one if one in listed else f"{one.rpartition('|')[0]}|" for one in whole],
        "term_value": [
            "" if one in listed else term.value
            for one, term in zip(whole, old.condition.terms, strict=True)
        ],
        "option_key": [option.key for option in old.options],
        "option_zh": [option.zh for option in old.options],
        "option_en": [option.en for option in old.options],
    }  # fmt: skip


def _whole(field: wtforms.Field, least: int = -(10**9)) -> None:
    if field.data:
        number = _number(field.data)
        if number is None or not least <= number <= 10**9:
            raise ValidationError(_NUMBER)


def _number(typed: str | None) -> int | None:
    return int(typed) if typed and re.fullmatch("-?[0-9]{1,10}", typed) else None


def _shown(number: int | None) -> str:
    return "" if number is None else str(number)


def _member(kind: type[M], value: object) -> M:
    """The member with this value; the first for anything else."""
    return next((one for one in kind if one.value == value), next(iter(kind)))
