"""What is asked, what is taken, and what is dropped."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eduforum.core.errors import BadInput
from eduforum.questions.rules import (
    Condition,
    Joined,
    Op,
    Option,
    Question,
    Stage,
    Term,
    accept,
    changes,
    check_questions,
    chosen_options,
    door_notes,
    from_json,
    read_answer,
    readable,
    steps,
    to_json,
    visible,
)
from eduforum.questions.rules.checking import fitted
from eduforum.questions.rules.sets import SETS
from tests.questions.samples import (
    AGE,
    COMING,
    DAY,
    DIET,
    EVERY,
    MEALS,
    NOTE,
    PHOTO,
    PLATE,
    PROOF,
    TRUNK,
)

FILE_ID = "01890a5d-ac96-774b-bcce-b302099a8057"


def refused(questions: tuple[Question, ...], given: dict[str, Any]) -> dict[str, list[str]]:
    with pytest.raises(BadInput) as bad:
        accept(questions, given, ())
    return {name: [line.en for line in lines] for name, lines in bad.value.errors.items()}


@pytest.mark.parametrize(
    ("question", "said", "kept"),
    [
        (COMING, "car", "car"),
        (MEALS, ["dinner", "lunch", "dinner"], ["lunch", "dinner"]),
        (MEALS, "lunch", ["lunch"]),
        (TRUNK, "true", True),
        (TRUNK, False, False),
        (AGE, " １２ ", 12),
        (AGE, 12, 12),
        (DAY, "2027-03-15", "2027-03-15"),
        (PHOTO, FILE_ID, FILE_ID),
        (NOTE, "  一\r\n二  ", "一\n二"),
        (PLATE, "津Ａ１２３４５", "津A12345"),
        (COMING, "", None),
        (MEALS, [], None),
        (AGE, None, None),
    ],
)
def test_answers_are_kept_as_their_kind(question: Question, said: object, kept: object) -> None:
    assert read_answer(question, said) == kept


@pytest.mark.parametrize(
    ("question", "said", "sentence"),
    [
        (COMING, "boat", "Choose one of the options."),
        (COMING, ["car", "train"], "Choose one of the options."),
        (MEALS, ["lunch", "supper"], "Choose among the options."),
        (TRUNK, "perhaps", "Choose yes or no."),
        (AGE, "5", "Enter a whole number from 6 to 120."),
        (AGE, "1e1", "Enter a whole number from 6 to 120."),
        (AGE, True, "Enter a whole number from 6 to 120."),
        (AGE, "9" * 5000, "Enter a whole number from 6 to 120."),
        (replace(AGE, most=None), "-1", "Enter a whole number, 6 or more."),
        (DAY, "15.3.2027", "Enter the date like 2026-11-28."),
        (DAY, "2027-02-30", "Enter the date like 2026-11-28."),
        (DAY, "0001-01-01", "Enter the date like 2026-11-28."),
        (PHOTO, "../../etc/passwd", "Choose the file again."),
        (PHOTO, 5, "Choose the file again."),
        (PLATE, "津A1234567890", "At most 10 characters; there are 12."),
        (NOTE, {"a": 1}, "Answer with text."),
    ],
)
def test_a_wrong_answer_says_what_to_do(question: Question, said: object, sentence: str) -> None:
    with pytest.raises(BadInput) as bad:
        read_answer(question, said)
    assert bad.value.sentence.en == sentence
    assert bad.value.sentence.zh


def test_a_question_is_asked_when_its_condition_holds() -> None:
    def keys(**given: object) -> list[str]:
        return [question.key for question in visible((COMING, PLATE, TRUNK, MEALS, DIET), given)]

    assert keys() == ["coming", "meals"]
    assert keys(coming="car") == ["coming", "plate", "meals"]
    assert keys(coming="car", plate="津A") == ["coming", "plate", "trunk", "meals"]
    assert keys(coming="train") == ["coming", "meals", "diet"]
    assert keys(meals=["lunch", "dinner"]) == ["coming", "meals", "diet"]


def test_an_answer_to_what_is_not_asked_counts_for_nothing() -> None:
    """A plate number without a car does not bring up what follows a plate number."""
    asked = visible((COMING, PLATE, TRUNK), {"coming": "local", "plate": "津A12345"})
    assert [question.key for question in asked] == ["coming"]


def test_hidden_answers_are_dropped() -> None:
    given = {"coming": "local", "plate": "津A12345", "trunk": "true", "diet": "清真"}
    taken = accept((COMING, PLATE, TRUNK, MEALS, DIET), given, ["answers.diet"])
    assert taken.answers == {"coming": "local"}
    assert taken.consents == ()


def test_what_is_required_is_demanded_only_where_it_is_asked() -> None:
    assert refused((COMING, PLATE), {}) == {
        "answers.coming": ["Choose an answer to “How will you come”."]
    }
    assert refused((COMING, PLATE), {"coming": "car"}) == {
        "answers.plate": ["Answer “Plate number”."]
    }
    assert accept((COMING, PLATE), {"coming": "train"}, ()).answers == {"coming": "train"}
    assert refused((PROOF,), {}) == {"answers.proof": ["Upload “Proof of study”."]}
    assert accept((PROOF,), {}, (), demand_uploads=False).answers == {}
    assert accept((COMING,), {}, (), demand=False).answers == {}


def test_an_unknown_question_is_named() -> None:
    assert refused((AGE,), {"shoe_size": 42}) == {
        "answers.shoe_size": ["There is no such question."]
    }


def test_a_sensitive_answer_needs_its_own_consent() -> None:
    open_diet = replace(DIET, condition=Condition())
    wrong = refused((open_diet,), {"diet": "清真"})
    assert list(wrong) == ["answers.diet"]
    assert "tick the consent" in wrong["answers.diet"][0]
    taken = accept((open_diet,), {"diet": "清真"}, ["answers.diet", "answers.other", "privacy"])
    assert taken.consents == ("answers.diet",)
    assert accept((open_diet,), {}, ["answers.diet"]).consents == ()


@given(st.dictionaries(
    st.sampled_from([q.key for q in EVERY]),
    st.one_of(st.text(max_size=12), st.booleans(), st.integers(), st.none(),
              st.lists(st.sampled_from(["lunch", "dinner", "x"]), max_size=3),
              st.sampled_from(["car", "train", "local", "津A", "2027-03-15"])),
    max_size=9,
))  # fmt: skip
def test_what_is_taken_is_what_is_asked(given: dict[str, Any]) -> None:
    """Whatever is sent: only asked questions are answered, and taking it again changes nothing."""
    try:
        taken = accept(EVERY, given, ["answers.diet"], demand=False)
    except BadInput:
        return
    asked = {question.key for question in visible(EVERY, taken.answers)}
    assert set(taken.answers) <= asked
    assert accept(EVERY, taken.answers, ["answers.diet"], demand=False).answers == taken.answers


def test_answers_in_words() -> None:
    assert readable(MEALS, ["lunch", "dinner"]).zh == "午餐、晚餐"
    assert readable(MEALS, ["lunch", "dinner"]).en == "Lunch, Dinner"
    assert readable(COMING, "gone").en == "gone"
    assert readable(TRUNK, False).zh == "否"
    assert readable(PHOTO, FILE_ID).en == "Uploaded"
    assert readable(AGE, 0).en == "0"


def test_only_marked_answers_reach_the_door() -> None:
    assert door_notes(EVERY, {"diet": "清真", "plate": "津A12345"}) == {"饮食要求": "清真"}
    at_door = replace(PHOTO, at_door=True)
    assert door_notes((at_door,), {"photo": FILE_ID}) == {}


def test_chosen_options_have_names_for_pools() -> None:
    answers = {"coming": "car", "meals": ["lunch", "dinner"], "age": 12}
    assert chosen_options(EVERY, answers) == ["coming=car", "meals=lunch", "meals=dinner"]


def test_a_heading_begins_a_new_step() -> None:
    pages = steps((COMING, replace(MEALS, step_zh="用餐", step_en="Meals"), DIET))
    assert [(page.title.en, [q.key for q in page.questions]) for page in pages] == [
        ("More about you", ["coming"]),
        ("Meals", ["meals", "diet"]),
    ]


def test_questions_survive_being_stored() -> None:
    assert from_json(to_json(EVERY)) == EVERY


def wrong_form(*questions: Question) -> str:
    with pytest.raises(BadInput) as bad:
        check_questions(questions)
    return bad.value.sentence.en


def test_a_form_that_makes_no_sense_is_refused_in_words() -> None:
    asks_later = replace(COMING, condition=Condition(terms=(Term("age", Op.IS_SET),)))
    assert "asks for an earlier question" in wrong_form(asks_later, AGE)
    no_such = replace(PLATE, condition=Condition(terms=(Term("coming", Op.EQUALS, "boat"),)))
    assert "asks for an earlier question" in wrong_form(COMING, no_such)
    after = replace(AGE, stage=Stage.AFTER)
    early = replace(NOTE, condition=Condition(terms=(Term("age", Op.IS_SET),)))
    assert "asks for an earlier question" in wrong_form(after, early)
    assert wrong_form(AGE, AGE) == "Two questions have the same code."
    assert "two options" in wrong_form(replace(COMING, options=(Option("a", "甲"),)))
    assert "each once" in wrong_form(
        replace(COMING, options=(Option("a", "甲"), Option("a", "乙")))
    )
    assert "in Chinese" in wrong_form(replace(AGE, zh=" "))
    assert "lower-case" in wrong_form(replace(AGE, key="Age!"))
    assert "must not be below" in wrong_form(replace(AGE, least=9, most=3))
    assert "at most 40" in wrong_form(*(replace(AGE, key=f"q{n}") for n in range(41)))


def test_conditions_that_no_longer_fit_are_dropped() -> None:
    turned = fitted((PLATE, COMING))
    assert turned[0].condition.terms == ()
    assert fitted((COMING, PLATE)) == (COMING, PLATE)


def test_every_ready_made_set_can_be_asked() -> None:
    for one in SETS.values():
        check_questions(one.questions)
        assert all(q.en and (not q.help_zh or q.help_en) for q in one.questions)
        assert all(option.en for q in one.questions for option in q.options)
    check_questions([q for one in SETS.values() for q in one.questions])


def test_what_a_publication_changes_is_said_in_words() -> None:
    old = (COMING, PLATE, AGE, NOTE)
    new = (
        replace(AGE, required=True),
        replace(COMING, options=(*COMING.options[:2], Option("plane", "飞机", "Plane"))),
        replace(PLATE, en="Number plate"),
        replace(DAY, stage=Stage.AFTER, required=True),
    )
    said = [(change.sentence.en, change.concerns) for change in changes(old, new)]
    assert said == [
        ("New and required: “Day of arrival”. People who are confirmed have to answer it.", True),
        ("“Remarks” is no longer asked; answers that were given stay with their version.", True),
        ("“Age” is now required.", True),
        ("“How will you come” loses the option “Local”; who chose it keeps it until the next "
         "change.", True),
        ("“How will you come” gets the option “Plane”.", False),
        ("The words of “Number plate” change.", False),
        ("The questions stand in another order.", False),
    ]  # fmt: skip
    assert changes(old, old) == []


def test_all_and_any() -> None:
    both = (Term("coming", Op.EQUALS, "car"), Term("age", Op.IS_SET))
    question = replace(NOTE, condition=Condition(Joined.ALL, both))
    either = replace(NOTE, condition=Condition(Joined.ANY, both))
    for said, in_all, in_any in (
        ({"coming": "car"}, False, True),
        ({"coming": "car", "age": 20}, True, True),
        ({"coming": "train"}, False, False),
    ):
        assert (question in visible((COMING, AGE, question), said)) is in_all
        assert (either in visible((COMING, AGE, either), said)) is in_any
    yes = replace(NOTE, condition=Condition(terms=(Term("trunk", Op.EQUALS, "true"),)))
    no_plate = replace(TRUNK, condition=Condition())
    assert yes in visible((no_plate, yes), {"trunk": "true"})
    assert yes not in visible((no_plate, yes), {"trunk": "false"})
