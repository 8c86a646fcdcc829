"""Answers: read as typed, dropped where they were not asked for, shown in words."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from eduforum.core.dates import YEARS
from eduforum.core.errors import BadInput
from eduforum.core.i18n import Text
from eduforum.core.names import clean
from eduforum.questions.rules.shapes import (
    CHOICES,
    UPLOADS,
    Condition,
    Joined,
    Kind,
    Op,
    Question,
    Term,
)

Value = str | int | bool | list[str]
_YES_NO = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_YES, _NO = Text("是", "Yes"), Text("否", "No")


class BadAnswer(BadInput):
    """An answer that cannot be taken; the sentence stands beside its question."""

    def __init__(self, zh: str, en: str, **values: object) -> None:
        super().__init__(Text(zh, en).fill(**values))


@dataclass(frozen=True, slots=True)
class Accepted:
    """Answers to the questions that were asked, typed; and the consents given with them."""

    answers: Mapping[str, Value]
    consents: tuple[str, ...]


def consent_code(question: Question) -> str:
    """What is ticked to allow a sensitive answer to be kept."""
    return f"answers.{question.key}"


def read_answer(question: Question, given: object) -> Value | None:
    """One answer as its question's kind; None when nothing was said. Raises `BadAnswer`.

    given: what a form sends (text, or a list of texts) or what a program sends (JSON values).
    """
    if given is None or given in ("", [], ()):
        return None
    return _READERS[question.kind](question, given)


def visible(
    questions: Iterable[Question],
    given: Mapping[str, object],
    known: Mapping[str, object] | None = None,
) -> list[Question]:
    """The questions that are asked, in order, given what was answered so far.

    known: typed answers to other questions that conditions may ask for.
    An answer to a question that is not asked counts for nothing, so conditions follow each other.
    An answer that cannot be read counts as none.
    """
    so_far: dict[str, object] = dict(known or {})
    asked = []
    for question in questions:
        if not holds(question.condition, so_far):
            continue
        asked.append(question)
        try:
            value = read_answer(question, given.get(question.key))
        except BadAnswer:
            continue
        if value is not None:
            so_far[question.key] = value
    return asked


def accept(
    questions: Sequence[Question],
    given: Mapping[str, object],
    consents: Collection[str],
    *,
    demand: bool = True,
    demand_uploads: bool = True,
    known: Mapping[str, object] | None = None,
) -> Accepted:
    """Take the answers to the questions that are asked, and drop the others.

    questions: in order. known: answers to other questions that conditions may ask for. demand:
    whether required answers are insisted on; an organiser who registers somebody may not know
    them. demand_uploads: the same for files; a program cannot send any. Raises `BadInput` with the sentences by field (`answers.<key>`).
    """
    errors: dict[str, list[Text]] = {}
    taken: dict[str, Value] = {}
    agreed: list[str] = []
    unknown = set(given) - {question.key for question in questions}
    for key in sorted(unknown):
        errors[f"answers.{key}"] = [Text("没有这个问题。", "There is no such question.")]
    for question in visible(questions, given, known):
        try:
            wanted = demand and (demand_uploads or question.kind not in UPLOADS)
            value = _demanded(question, given.get(question.key), demand=wanted)
            if value is None:
                continue
            _check_consent(question, consents, demand=demand)
        except BadAnswer as bad:
            errors[question.name] = [bad.sentence]
            continue
        taken[question.key] = value
        if question.sensitive:
            agreed.append(consent_code(question))
    if errors:
        raise BadInput(next(iter(errors.values()))[0], errors)
    return Accepted(taken, tuple(agreed))


def holds(condition: Condition, known: Mapping[str, object]) -> bool:
    """Whether a question with this condition is asked."""
    results = [_passes(test, known.get(test.question)) for test in condition.terms]
    if not results:
        return True
    return all(results) if condition.joined is Joined.ALL else any(results)


def chosen_options(questions: Iterable[Question], answers: Mapping[str, Any]) -> list[str]:
    """What was chosen, as `question=option`: the names by which pools of seats count it."""
    found = []
    for question in questions:
        answer = answers.get(question.key)
        if question.kind in CHOICES and answer:
            keys = answer if isinstance(answer, list) else [answer]
            found += [f"{question.key}={key}" for key in keys if question.option(key)]
    return found


def readable(question: Question, answer: object) -> Text:
    """An answer in words. A file says only that it is there: its address is another's business."""
    if answer is None:
        return Text("", "")
    if question.kind is Kind.BOOLEAN:
        return _YES if answer else _NO
    if question.kind in CHOICES:
        keys = answer if isinstance(answer, list) else [answer]
        options = [question.option(key) for key in keys]
        words = [one.label if one else Text(str(key), str(key))
                 for one, key in zip(options, keys, strict=True)]  # fmt: skip
        return Text("、".join(w.zh for w in words), ", ".join(w.en or w.zh for w in words))
    if question.kind in UPLOADS:
        return Text("已上传", "Uploaded")
    return Text(str(answer), str(answer))


def door_notes(questions: Iterable[Question], answers: Mapping[str, Any]) -> dict[str, str]:
    """What the door may see, in the words of the organisers' language. No file, nothing sensitive
    that was not marked for it."""
    return {
        question.zh: readable(question, answers[question.key]).zh
        for question in questions
        if question.at_door and question.key in answers and question.kind not in UPLOADS
    }


def _demanded(question: Question, given: object, *, demand: bool) -> Value | None:
    value = read_answer(question, given)
    if value is None and question.required and demand:
        raise _missing(question)
    return value


def _missing(question: Question) -> BadAnswer:
    if question.kind in CHOICES or question.kind is Kind.BOOLEAN:
        return BadAnswer(
            "请选择“{label}”。", "Choose an answer to “{label}”.", label=question.label
        )
    if question.kind in UPLOADS:
        return BadAnswer("请上传“{label}”。", "Upload “{label}”.", label=question.label)
    return BadAnswer("请填写“{label}”。", "Answer “{label}”.", label=question.label)


def _check_consent(question: Question, consents: Collection[str], *, demand: bool) -> None:
    if question.sensitive and demand and consent_code(question) not in consents:
        raise BadAnswer(
            "“{label}”属于敏感个人信息，请勾选同意后提交；不愿提供的，请清空回答。",
            "“{label}” is sensitive: tick the consent beside it, or leave it unanswered.",
            label=question.label,
        )


def _passes(test: Term, answer: object) -> bool:
    if test.op is Op.IS_SET:
        return answer is not None
    if answer is None:
        return False
    if isinstance(answer, list):
        return test.value in answer if test.op is Op.CONTAINS else answer == [test.value]
    said = ("true" if answer else "false") if isinstance(answer, bool) else str(answer)
    if test.op is Op.CONTAINS:
        return test.value.casefold() in said.casefold()
    return said.casefold() == test.value.casefold()


def _text(question: Question, given: object) -> Value | None:
    if not isinstance(given, str):
        raise BadAnswer("请填写文字。", "Answer with text.")
    lines = given.splitlines() if question.kind is Kind.LONG_TEXT else [given]
    said = "\n".join(clean(line) for line in lines).strip()
    if len(said) > question.longest:
        raise BadAnswer(
            "最多 {most} 字，现为 {n} 字。",
            "At most {most} characters; there are {n}.",
            most=question.longest,
            n=len(said),
        )
    return said or None


def _number(question: Question, given: object) -> Value | None:
    if isinstance(given, bool) or not isinstance(given, str | int):
        raise _no_number(question)
    said = clean(given) if isinstance(given, str) else str(given)
    if not said:
        return None
    try:
        number = int(said) if len(said) <= 12 and said.isascii() else None
    except ValueError:
        number = None
    least = -(10**9) if question.least is None else question.least
    most = 10**9 if question.most is None else question.most
    if number is None or not least <= number <= most:
        raise _no_number(question)
    return number


def _no_number(question: Question) -> BadAnswer:
    if question.least is None and question.most is None:
        return BadAnswer("请填写整数。", "Enter a whole number.")
    if question.most is None:
        return BadAnswer(
            "请填写不小于 {least} 的整数。", "Enter a whole number, {least} or more.",
            least=question.least,
        )  # fmt: skip
    if question.least is None:
        return BadAnswer(
            "请填写不大于 {most} 的整数。", "Enter a whole number, {most} or less.",
            most=question.most,
        )  # fmt: skip
    return BadAnswer(
        "请填写 {least} 至 {most} 的整数。",
        "Enter a whole number from {least} to {most}.",
        least=question.least,
        most=question.most,
    )


def _choice(question: Question, given: object) -> Value | None:
    if isinstance(given, list | tuple) and len(given) == 1:
        given = given[0]
    if question.option(given) is None:
        raise BadAnswer("请从列出的选项中选择。", "Choose one of the options.")
    return str(given)


def _multi_choice(question: Question, given: object) -> Value | None:
    keys = [given] if isinstance(given, str) else given
    if not isinstance(keys, list | tuple) or any(question.option(key) is None for key in keys):
        raise BadAnswer("请从列出的选项中选择。", "Choose among the options.")
    return [option.key for option in question.options if option.key in keys] or None


def _boolean(_question: Question, given: object) -> Value | None:
    if isinstance(given, bool):
        return given
    found = _YES_NO.get(given.lower()) if isinstance(given, str) else None
    if found is None:
        raise BadAnswer("请选择“是”或“否”。", "Choose yes or no.")
    return found


def _date(_question: Question, given: object) -> Value | None:
    try:
        found = date.fromisoformat(clean(given)) if isinstance(given, str) else None
    except ValueError:
        found = None
    if found is None or found.year not in YEARS:
        raise BadAnswer("请按 2026-11-28 的形式填写日期。", "Enter the date like 2026-11-28.")
    return found.isoformat()


def _upload(_question: Question, given: object) -> Value | None:
    try:
        return str(UUID(given)) if isinstance(given, str) else _no_upload()
    except ValueError:
        return _no_upload()


def _no_upload() -> str:
    raise BadAnswer("请重新选择文件。", "Choose the file again.")


_READERS: Mapping[Kind, Callable[[Question, object], Value | None]] = {
    Kind.TEXT: _text,
    Kind.LONG_TEXT: _text,
    Kind.NUMBER: _number,
    Kind.CHOICE: _choice,
    Kind.MULTI_CHOICE: _multi_choice,
    Kind.BOOLEAN: _boolean,
    Kind.DATE: _date,
    Kind.FILE: _upload,
    Kind.PHOTO: _upload,
}
