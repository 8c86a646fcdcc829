"""Whether the questions of a form make sense together, before anybody is asked."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from eduforum.core.errors import BadInput
from eduforum.core.i18n import Text
from eduforum.questions.rules.shapes import (
    CHOICES,
    Condition,
    Op,
    Question,
    Stage,
)

KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")
MOST_QUESTIONS = 40
MOST_OPTIONS = 40
MOST_TERMS = 6
_LABEL, _HELP = 120, 400
_Wrong = Callable[..., None]
"""Notes one mistake: field, Chinese, English, values."""


def check_question(question: Question, others: Sequence[Question]) -> None:
    """Raises `BadInput` beside the field that is wrong.

    others: the questions before it, in order: only they can be asked for in its condition.
    """
    errors: dict[str, list[Text]] = {}

    def wrong(name: str, zh: str, en: str, **values: object) -> None:
        errors.setdefault(name, []).append(Text(zh, en).fill(**values))

    if not KEY.fullmatch(question.key):
        wrong("key", "代码请用小写字母、数字和下划线，以字母开头，最多 40 个字符。",
              "Use lower-case letters, digits and underscores, a letter first, at most 40.")  # fmt: skip
    if not question.zh.strip():
        wrong("zh", "请填写中文问题。", "Write the question in Chinese.")
    for name, text, most in (
        ("zh", question.zh, _LABEL), ("en", question.en, _LABEL), ("help_zh", question.help_zh, _HELP),
        ("help_en", question.help_en, _HELP), ("step_zh", question.step_zh, 40),
        ("step_en", question.step_en, 40),
    ):  # fmt: skip
        if len(text) > most:
            wrong(name, "最多 {most} 字。", "At most {most} characters.", most=most)
    _check_options(question, wrong)
    if question.least is not None and question.most is not None and question.least > question.most:
        wrong("most", "最大值须不小于最小值。", "The largest must not be below the smallest.")
    _check_condition(question, others, wrong)
    if errors:
        raise BadInput(next(iter(errors.values()))[0], errors)


def check_questions(questions: Sequence[Question]) -> None:
    """Raises `BadInput` if they cannot be asked in this order."""
    if len(questions) > MOST_QUESTIONS:
        _refuse("一份表单最多 {most} 个问题。", "A form has at most {most} questions.")
    keys = [question.key for question in questions]
    if len(set(keys)) != len(keys):
        _refuse("有两个问题使用同一代码。", "Two questions have the same code.")
    for n, question in enumerate(questions):
        try:
            check_question(question, questions[:n])
        except BadInput as bad:
            sentence = Text("“{label}”：{zh}", "“{label}”: {en}").fill(
                label=question.label, zh=bad.sentence.zh, en=bad.sentence.en
            )
            raise BadInput(sentence, {"questions": [sentence]}) from None


def fitted(questions: Sequence[Question]) -> tuple[Question, ...]:
    """The same order without tests of what is gone, comes later, or cannot be so any more."""
    kept: list[Question] = []
    for question in questions:
        terms = tuple(
            test
            for test in question.condition.terms
            if _fits(test.question, test.op, test.value, question, kept)
        )
        kept.append(replace(question, condition=Condition(question.condition.joined, terms)))
    return tuple(kept)


def _fits(key: str, op: Op, value: str, asker: Question, earlier: Sequence[Question]) -> bool:
    asked = next((one for one in earlier if one.key == key), None)
    if asked is None or (asked.stage is Stage.AFTER and asker.stage is Stage.REGISTER):
        return False
    if op is Op.IS_SET:
        return True
    if asked.kind in CHOICES:
        return asked.option(value) is not None
    return bool(value)


def _check_options(question: Question, wrong: _Wrong) -> None:
    if question.kind not in CHOICES:
        if question.options:
            wrong("options", "只有单选和多选有选项。", "Only choices have options.")
        return
    keys = [option.key for option in question.options]
    if len(keys) < 2:
        wrong(
            "options", "请至少填写两个选项，每行一个。", "Write at least two options, one a line."
        )
    if len(keys) > MOST_OPTIONS:
        wrong("options", "最多 {most} 个选项。", "At most {most} options.", most=MOST_OPTIONS)
    if len(set(keys)) != len(keys) or not all(KEY.fullmatch(key) for key in keys):
        wrong("options", "选项代码须为小写字母、数字和下划线，不得重复。",
              "Codes of options are lower-case letters, digits and underscores, each once.")  # fmt: skip
    if any(not option.zh.strip() or len(option.zh) > 60 or len(option.en) > 60
           for option in question.options):  # fmt: skip
        wrong(
            "options", "每个选项请填写 1 至 60 字的中文。", "Each option needs 1 to 60 characters."
        )


def _check_condition(question: Question, others: Sequence[Question], wrong: _Wrong) -> None:
    terms = question.condition.terms
    if len(terms) > MOST_TERMS:
        wrong("condition", "最多 {most} 个条件。", "At most {most} terms.", most=MOST_TERMS)
    for test in terms:
        if not _fits(test.question, test.op, test.value, question, others):
            wrong("condition", "条件只能引用前面的问题，并填写要比较的值。",
                  "A condition asks for an earlier question, and says which answer.")  # fmt: skip
            return


def _refuse(zh: str, en: str) -> None:
    sentence = Text(zh, en).fill(most=MOST_QUESTIONS)
    raise BadInput(sentence, {"questions": [sentence]})
