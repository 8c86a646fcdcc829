"""Sets of questions that such meetings ask again and again, ready to be added and changed."""

from collections.abc import Mapping
from dataclasses import dataclass

from eduforum.core.i18n import Text
from eduforum.questions.rules.shapes import (
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


@dataclass(frozen=True, slots=True)
class QuestionSet:
    name: Text
    questions: tuple[Question, ...]


def _when(*terms: Term, joined: Joined = Joined.ALL) -> Condition:
    return Condition(joined, terms)


def _is(question: str, value: str) -> Term:
    return Term(question, Op.EQUALS, value)


_WAYS = (
    Option("train", "高铁或火车", "Train"),
    Option("flight", "飞机", "Plane"),
    Option("car", "自驾", "Own car"),
    Option("local", "本地，不需要安排", "Local, nothing needed"),
)
_BY_NUMBER = (_is("arrival", "train"), _is("arrival", "flight"))

TRAVEL = QuestionSet(
    Text("交通", "Travel"),
    (
        Question(
            key="arrival", kind=Kind.CHOICE, zh="您如何到达", en="How will you arrive",
            stage=Stage.AFTER, required=True, options=_WAYS, step_zh="交通", step_en="Travel",
        ),
        Question(
            key="arrival_number", kind=Kind.TEXT, zh="到达车次或航班号",
            en="Train or flight number of arrival", help_zh="如 G8837、CA1234。",
            help_en="Such as G8837 or CA1234.", stage=Stage.AFTER, most_chars=20,
            condition=_when(*_BY_NUMBER, joined=Joined.ANY),
        ),
        Question(
            key="arrival_date", kind=Kind.DATE, zh="到达日期", en="Date of arrival",
            stage=Stage.AFTER, condition=_when(*_BY_NUMBER, joined=Joined.ANY),
        ),
        Question(
            key="pick_up", kind=Kind.BOOLEAN, zh="是否需要接站或接机", en="Shall we pick you up",
            stage=Stage.AFTER, condition=_when(*_BY_NUMBER, joined=Joined.ANY),
        ),
        Question(
            key="return_number", kind=Kind.TEXT, zh="返程车次或航班号",
            en="Train or flight number of return", stage=Stage.AFTER, most_chars=20,
            condition=_when(*_BY_NUMBER, joined=Joined.ANY),
        ),
        Question(
            key="plate", kind=Kind.TEXT, zh="车牌号", en="Plate number",
            help_zh="用于办理入场车证。", help_en="For the car pass.", stage=Stage.AFTER,
            required=True, most_chars=12, retention=Retention.IDENTITY,
            condition=_when(_is("arrival", "car")),
        ),
    ),
)  # fmt: skip
LODGING = QuestionSet(
    Text("住宿", "Lodging"),
    (
        Question(
            key="lodging", kind=Kind.CHOICE, zh="住宿安排", en="Lodging", stage=Stage.AFTER,
            required=True, step_zh="住宿", step_en="Lodging",
            options=(
                Option("none", "不需要", "None needed"),
                Option("single", "单人间", "Single room"),
                Option("shared", "双人间合住", "Shared double room"),
            ),
        ),
        Question(
            key="check_in", kind=Kind.DATE, zh="入住日期", en="First night", stage=Stage.AFTER,
            required=True,
            condition=_when(_is("lodging", "single"), _is("lodging", "shared"), joined=Joined.ANY),
        ),
        Question(
            key="check_out", kind=Kind.DATE, zh="离店日期", en="Day of leaving",
            stage=Stage.AFTER, required=True,
            condition=_when(_is("lodging", "single"), _is("lodging", "shared"), joined=Joined.ANY),
        ),
        Question(
            key="room_mate", kind=Kind.TEXT, zh="希望与谁合住", en="Whom to share with",
            help_zh="填写姓名和单位；没有可不填。", help_en="Name and organisation, if any.",
            stage=Stage.AFTER, most_chars=80, condition=_when(_is("lodging", "shared")),
        ),
    ),
)  # fmt: skip
MEALS = QuestionSet(
    Text("用餐", "Meals"),
    (
        Question(
            key="meals", kind=Kind.MULTI_CHOICE, zh="您在会场用哪几餐", en="Which meals will you take",
            stage=Stage.AFTER, step_zh="用餐", step_en="Meals",
            options=(
                Option("lunch", "午餐", "Lunch"),
                Option("dinner", "晚餐", "Dinner"),
            ),
        ),
        Question(
            key="diet", kind=Kind.CHOICE, zh="饮食要求", en="Diet",
            help_zh="仅用于备餐；没有要求可不填。", help_en="Only to prepare your meals; optional.",
            stage=Stage.AFTER, sensitive=True, at_door=True, retention=Retention.IDENTITY,
            options=(
                Option("halal", "清真", "Halal"),
                Option("vegetarian", "素食", "Vegetarian"),
                Option("allergy", "过敏", "Allergy"),
            ),
            condition=_when(Term("meals", Op.IS_SET)),
        ),
        Question(
            key="allergy", kind=Kind.TEXT, zh="对什么过敏", en="Allergic to what",
            stage=Stage.AFTER, required=True, sensitive=True, at_door=True,
            retention=Retention.IDENTITY, most_chars=100,
            condition=_when(_is("diet", "allergy")),
        ),
    ),
)  # fmt: skip

SETS: Mapping[str, QuestionSet] = {"travel": TRAVEL, "lodging": LODGING, "meals": MEALS}
