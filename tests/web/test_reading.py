"""JSON and queries read into dataclasses."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any, Literal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eduforum.core.errors import BadInput
from eduforum.core.i18n import Text
from eduforum.web.json_schema import Schemas
from eduforum.web.reading import read
from eduforum.web.schema import Items, Like, Line, Prose, Whole

_CODE = Text("须为小写字母。", "Use a-z.")


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


@dataclass(frozen=True, kw_only=True)
class Part:
    name: Annotated[str, Line(5, least=1)]


@dataclass(frozen=True, kw_only=True)
class Order:
    count: Annotated[int, Whole(1, 9)]
    note: Annotated[str, Prose(10)] = ""
    code: Annotated[str, Like("[a-z]+", _CODE)] = "a"
    open: bool = False
    at: datetime | None = None
    id: UUID | None = None
    colour: Colour = Colour.RED
    size: Literal["s", "m"] = "s"
    parts: Annotated[tuple[Part, ...], Items(2)] = ()
    more: Annotated[Mapping[str, str | int | bool], Items(2)] = field(default_factory=dict)


def wrong(value: Any) -> list[str]:
    with pytest.raises(BadInput) as refused:
        read(Order, value)
    return list(refused.value.errors)


def test_everything_is_read_into_its_type() -> None:
    found = read(
        Order,
        {
            "count": 3,
            "note": " one\r\ntwo ",
            "open": True,
            "at": "2027-03-15T09:00:00+08:00",
            "id": "01890a5d-ac96-774b-bcce-b302099a8057",
            "colour": "blue",
            "size": "m",
            "parts": [{"name": " Ａ　B "}],
            "more": {"a": "x", "b": 1},
        },
    )
    assert found == Order(
        count=3,
        note="one\ntwo",
        open=True,
        at=datetime(2027, 3, 15, 1, tzinfo=UTC),
        id=UUID("01890a5d-ac96-774b-bcce-b302099a8057"),
        colour=Colour.BLUE,
        size="m",
        parts=(Part(name="A B"),),
        more={"a": "x", "b": 1},
    )


def test_null_is_as_good_as_nothing_where_nothing_is_needed() -> None:
    assert read(Order, {"count": 1, "open": None, "parts": None}) == Order(count=1)
    assert wrong({"count": None}) == ["count"]


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"count": True}, "count"),
        ({"count": 1.0}, "count"),
        ({"count": "1"}, "count"),
        ({"count": 0}, "count"),
        ({"count": 10**30}, "count"),
        ({"open": 1}, "open"),
        ({"open": "true"}, "open"),
        ({"note": "x" * 11}, "note"),
        ({"note": 1}, "note"),
        ({"note": "\x00"}, "note"),
        ({"note": "\udc80"}, "note"),
        ({"code": "A"}, "code"),
        ({"code": "a\n"}, "code"),
        ({"at": "2027-03-15"}, "at"),
        ({"at": "2027-03-15T09:00:00"}, "at"),
        ({"at": "9999-12-31T23:59:59-14:00"}, "at"),
        ({"at": 1805086800}, "at"),
        ({"id": "x"}, "id"),
        ({"id": []}, "id"),
        ({"colour": "green"}, "colour"),
        ({"colour": ["red"]}, "colour"),
        ({"size": "l"}, "size"),
        ({"parts": {}}, "parts"),
        ({"parts": [1]}, "parts.0"),
        ({"parts": [{"name": ""}]}, "parts.0.name"),
        ({"parts": [{"name": "x" * 6}]}, "parts.0.name"),
        ({"parts": [{"name": "x", "nick": "y"}]}, "parts.0.nick"),
        ({"parts": [{"name": "x"}] * 3}, "parts"),
        ({"more": []}, "more"),
        ({"more": {"a": []}}, "more.a"),
        ({"more": {"a": 1.5}}, "more.a"),
        ({"more": {"a": 1, "b": 2, "c": 3}}, "more"),
        ({"other": 1}, "other"),
    ],
)
def test_a_mistake_is_named_by_its_path(changes: dict[str, Any], path: str) -> None:
    assert wrong({"count": 1} | changes) == [path]


def test_all_mistakes_are_told() -> None:
    assert wrong({"open": 1, "colour": 2, "x": 3}) == ["x", "count", "open", "colour"]
    assert wrong([]) == ["body"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


@given(st.dictionaries(st.sampled_from(sorted(Order.__dataclass_fields__)), JSON))
def test_whatever_is_sent_is_read_or_refused(value: dict[str, Any]) -> None:
    with suppress(BadInput):
        assert isinstance(read(Order, value), Order)


def test_the_schema_says_the_same() -> None:
    schemas = Schemas()
    schemas.of(Order)
    assert schemas.named["Part"] == {
        "type": "object",
        "properties": {"name": {"type": "string", "maxLength": 5, "minLength": 1}},
        "required": ["name"],
        "additionalProperties": False,
    }
    properties = schemas.named["Order"]["properties"]
    assert properties["count"] == {"type": "integer", "minimum": 1, "maximum": 9}
    assert properties["code"] == {"type": ["string", "null"], "pattern": "^(?:[a-z]+)$"}
    assert properties["at"] == {"type": ["string", "null"], "format": "date-time"}
    assert properties["colour"] == {
        "anyOf": [{"type": "string", "enum": ["red", "blue"]}, {"type": "null"}]
    }
    assert properties["parts"]["items"] == {"$ref": "#/components/schemas/Part"}
    assert properties["more"]["additionalProperties"] == {"type": ["string", "integer", "boolean"]}
