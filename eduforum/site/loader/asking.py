"""Question forms of a loaded series: read piece by piece, stored as a published version.

A form is found again by its Chinese name. A file that says other questions than those that are
asked makes a new version; answers keep theirs. Changes that an organiser has not published yet are
nobody's to lose: the file is then refused.
"""

from collections.abc import Mapping, Sequence

from eduforum.core.errors import BadInput
from eduforum.core.i18n import Text
from eduforum.events.models import Series
from eduforum.questions import services as forms
from eduforum.questions.queries import forms_of
from eduforum.questions.rules import (
    Condition,
    Joined,
    Kind,
    Op,
    Option,
    Question,
    Retention,
    Stage,
    Term,
    check_question,
)
from eduforum.questions.rules.sets import SETS
from eduforum.site.loader.nodes import BadFile, Node, near, once, shown
from eduforum.site.loader.plans import FormPlan
from eduforum.site.loader.report import Report

_KEYS = (
    "en help_zh help_en stage required sensitive at_door retention options least most most_chars "
    "step_zh step_en when"
)


def read_forms(node: Node) -> tuple[FormPlan, ...]:
    """The forms that a series lists."""
    once(child["zh"] for child in node.items())
    return tuple(_form(child) for child in node.items())


def store_forms(series: Series, plans: Sequence[FormPlan], report: Report) -> dict[str, int]:
    """Make or change them; the ids of all forms of the series by name. Raises `BadFile`."""
    held = {form.name_zh: form for form in forms_of(series.id)}
    for plan in plans:
        form = held.get(plan.zh)
        new = form is None
        if form is None:
            form = held[plan.zh] = forms.create_form(series.id, Text(plan.zh, plan.en))
        named = bool(plan.en) and plan.en != form.name_en
        if named:
            forms.edit_form(series.id, form.id, Text(plan.zh, plan.en), form.later_until)
        try:
            asked = forms.put_questions(series.id, form.id, plan.questions, over_draft=new)
        except BadInput as bad:
            raise BadFile([f"{plan.path}: {bad.sentence.en}"]) from None
        report.note("forms", new=new, diff=asked or named)
    return {name: form.id for name, form in held.items()}


def form_named(node: Node, plans: Sequence[FormPlan]) -> str:
    """The name of a form of this file, "" for none."""
    name, known = node.text(), [plan.zh for plan in plans]
    if name and name not in known:
        node.wrong(f"{shown(name)} is not in forms{near(name, known)}")
    return name


def _form(node: Node) -> FormPlan:
    node.has("zh", "en sets questions")
    questions: list[Question] = []
    for child in node["sets"].items():
        name = child.text()
        if name not in SETS:
            child.wrong(f"{shown(name)} is not known; one of {', '.join(SETS)}")
            continue
        questions += SETS[name].questions
    once(child["key"] for child in node["questions"].items())
    for child in node["questions"].items():
        questions.append(_question(child, questions))
    if not questions:
        node.wrong("asks nothing; it needs sets or questions")
    return FormPlan(
        path=node.path, zh=node["zh"].text(), en=node["en"].text(), questions=tuple(questions)
    )


def _question(node: Node, before: Sequence[Question]) -> Question:
    node.has("key kind zh", _KEYS)
    question = Question(
        key=node["key"].text(),
        kind=node["kind"].choice(Kind, Kind.TEXT),
        zh=node["zh"].text(),
        en=node["en"].text(),
        help_zh=node["help_zh"].text(),
        help_en=node["help_en"].text(),
        stage=node["stage"].choice(Stage, Stage.REGISTER),
        required=node["required"].flag(),
        sensitive=node["sensitive"].flag(),
        at_door=node["at_door"].flag(),
        retention=node["retention"].choice(Retention, Retention.STANDARD),
        options=tuple(_option(child) for child in node["options"].items()),
        least=node["least"].number(least=0),
        most=node["most"].number(least=0),
        most_chars=node["most_chars"].number(),
        step_zh=node["step_zh"].text(),
        step_en=node["step_en"].text(),
        condition=_condition(node["when"]),
    )
    _check(node, question, before)
    return question


def _check(node: Node, question: Question, before: Sequence[Question]) -> None:
    """The rules of the page where forms are built, with the place in the file."""
    if any(one.key == question.key for one in before) and question.key:
        node["key"].wrong(f"{shown(question.key)} is asked by a set already")
        return
    lacking = [name for name in ("key", "zh") if not getattr(question, name)]
    try:
        check_question(question, before)
    except BadInput as bad:
        for name, sentences in bad.errors.items():
            place = node["when"] if name == "condition" else node[name]
            for sentence in sentences if name not in lacking else ():
                place.wrong(sentence.en)


def _option(node: Node) -> Option:
    node.has("key zh", "en")
    return Option(node["key"].text(), node["zh"].text(), node["en"].text())


def _condition(node: Node) -> Condition:
    """`{all: [term, …]}` or `{any: [term, …]}`; a term is `{question: key, is: value}`."""
    if node.missing:
        return Condition()
    node.has("", "all any")
    joined = Joined.ANY if node["all"].missing else Joined.ALL
    if not (node["all"].missing or node["any"].missing):
        node.wrong("has all and any; it is one of them")
    return Condition(joined, tuple(_term(child) for child in node[_WORDS[joined]].items()))


def _term(node: Node) -> Term:
    """With `is`, what was answered; with `op` and `value`, any comparison."""
    node.has("question", "is op value")
    if not node["is"].missing:
        return Term(node["question"].text(), Op.EQUALS, node["is"].text())
    return Term(node["question"].text(), node["op"].choice(Op, Op.IS_SET), node["value"].text())


_WORDS: Mapping[Joined, str] = {Joined.ALL: "all", Joined.ANY: "any"}
