"""What every form does with what was typed."""

from datetime import UTC, datetime
from typing import Any

import pytest
import wtforms
from flask import Flask

from eduforum.core.i18n import Language, Text, use_language
from eduforum.web.forms import (
    AtMost,
    Checked,
    Form,
    LocalMomentField,
    LongTextField,
    Required,
    TextField,
)


def parse_even(text: str) -> int:
    if not text.isascii() or int(text) % 2:
        raise ValueError(Text("须为偶数。", "It must be even."))
    return int(text)


class SomeForm(Form):
    name = TextField(Text("姓名", "Name"), [Required("请填写姓名。", "Enter a name."), AtMost(5)])
    about = LongTextField(Text("说明", "About"))
    seats = wtforms.IntegerField(Text("席位", "Seats"), [Required("请填写。", "Enter it.")])
    at = LocalMomentField(Text("时间", "At"), [wtforms.validators.Optional()])
    even = TextField(Text("偶数", "Even"), [Checked(parse_even)])
    agreed = wtforms.BooleanField(Text("同意", "Agreed"), [Required("请勾选。", "Tick it.")])


GOOD = {"name": "张三", "seats": "0", "agreed": "y"}


def posted(app: Flask, **data: str) -> SomeForm:
    with app.test_request_context("/", method="POST", data=GOOD | data):
        form = SomeForm()
        form.validate()
    return form


def problems(form: Form) -> dict[str, str]:
    return dict(form.problems())


def test_what_is_typed_is_normalised(app: Flask) -> None:
    form = posted(app, name="\u3000Ｌｉ\u00a0 e\u0301 ", about=" 一\r\n\r\n二 \r\n", even="４")
    assert form.errors == {}
    assert form.name.data == "Li é"
    assert form.about.data == "一\n\n二"
    assert (form.even.data, vars(form.even)["parsed"]) == ("4", 4)


def test_zero_is_an_answer_but_an_empty_box_is_none(app: Flask) -> None:
    assert posted(app, seats="0").errors == {}
    with app.test_request_context("/", method="POST", data={"name": " "}):
        form = SomeForm()
        assert not form.validate()
    assert problems(form) == {"name": "请填写姓名。", "seats": "请填写。", "agreed": "请勾选。"}


def test_sentences_follow_the_language_at_the_end(app: Flask) -> None:
    form = posted(app, name="一二三四五六", even="3")
    assert problems(form) == {"name": "最多 5 字，现为 6 字。", "even": "须为偶数。"}
    with use_language(Language.EN):
        assert problems(form) == {
            "name": "At most 5 characters; there are 6.",
            "even": "It must be even.",
        }
        assert str(form.name.label.text) == "Name"


def test_what_only_a_service_knows_stands_beside_its_field(app: Flask) -> None:
    form = posted(app)
    form.refuse("name", Text("已有同名。", "There is one already."))
    assert form.problems() == [("name", "已有同名。")]


@pytest.mark.parametrize("typed", ["2027-03-15T09:00", "2027-03-15 09:00"])
def test_a_time_is_read_on_the_clocks_of_the_series(app: Flask, typed: str) -> None:
    form = posted(app, at=typed)
    assert form.at.moment == datetime(2027, 3, 15, 1, 0, tzinfo=UTC)
    form.at.zone = "Europe/Berlin"
    assert form.at.moment == datetime(2027, 3, 15, 8, 0, tzinfo=UTC)
    assert posted(app, at="").at.moment is None


@pytest.mark.parametrize(
    "typed", ["tomorrow", "2027-02-30T09:00", "0001-01-01T00:00", "9999-12-31T23:59"]
)
def test_a_time_that_cannot_be_meets_a_sentence_and_is_kept(app: Flask, typed: str) -> None:
    form = posted(app, at=typed)
    assert problems(form) == {"at": "请按 2026-11-28 09:00 的形式填写日期和时间。"}
    assert form.at._value() == typed


def test_a_kept_time_is_shown_on_the_clocks_of_the_series(app: Flask) -> None:
    moment: Any = datetime(2027, 3, 15, 1, 0, tzinfo=UTC)
    with app.test_request_context("/"):
        assert SomeForm(data={"at": moment}).at._value() == "2027-03-15T09:00"


def test_a_form_needs_its_own_token(app: Flask) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    with app.test_request_context("/", method="POST", data=GOOD):
        form = SomeForm()
        assert not form.validate()
        assert list(form.errors) == ["csrf_token"]
