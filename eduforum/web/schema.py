"""What the API takes and gives: one declaration is read, checked and described.

A body or a query is a frozen dataclass; `web.reading` makes one from JSON and names every mistake
by its path. An answer is a TypedDict, so the type checker compares what a view gives with what is
described. `web.openapi` turns both into JSON Schema (2020-12).

What stands beside a type in `Annotated` says more about it: a `Text` describes it, `Line`,
`Prose`, `Whole`, `Items` and `Like` limit it, `Through` parses it, `Format` names its format.
"""

from collections.abc import Callable
from dataclasses import MISSING, dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from types import UnionType
from typing import Annotated, Any, Literal, TypedDict, Union, get_args, get_origin
from typing import get_type_hints as type_hints

from eduforum.core.dates import local
from eduforum.core.i18n import Text


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text, cleaned as forms clean it: `least` to `most` characters."""

    most: int
    least: int = 0


@dataclass(frozen=True, slots=True)
class Prose:
    """Text of several lines, at most `most` characters."""

    most: int


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number from `least` to `most`."""

    least: int
    most: int


@dataclass(frozen=True, slots=True)
class Items:
    """A list of `least` to `most` items, or an object of as many members."""

    most: int
    least: int = 0


@dataclass(frozen=True, slots=True)
class Like:
    """Text that matches a pattern as a whole; `sentence` says what is asked for."""

    pattern: str
    sentence: Text


@dataclass(frozen=True, slots=True)
class Through:
    """Text that a function turns into its stored form; it raises `BadInput`."""

    parse: Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Format:
    """The name of a format that JSON Schema knows, as `date-time` or `uri`."""

    name: str


class Both(TypedDict):
    """Something that is said in both languages; `en` is empty where there is no English form."""

    zh: str
    en: str


Moment = Annotated[str, Format("date-time")]
Id = Annotated[str, Format("uuid")]
Slug = Annotated[str, Text("网址中的名称", "Its name in addresses")]
Next = Annotated[
    str | None,
    Text("下一页的 cursor；没有下一页时为 null", "The cursor of the next page; null on the last"),
]


def both(text: Text) -> Both:
    """A name or sentence as answers hold it."""
    return {"zh": text.zh, "en": text.en}


def moment(value: datetime, zone: str) -> str:
    """RFC 3339, with the offset of `zone` (an IANA name) at that moment."""
    return local(value, zone).isoformat()


def hints_of(kind: type) -> dict[str, Any]:
    """The types of a dataclass's or TypedDict's members, with what is said beside them."""
    return _hints(kind)


@cache
def _hints(kind: type) -> dict[str, Any]:
    return type_hints(kind, include_extras=True)


def is_required(field: Any) -> bool:
    """Whether a dataclass's field has no default."""
    return field.default is MISSING and field.default_factory is MISSING


def split(kind: Any) -> tuple[Any, tuple[Any, ...]]:
    """A type without its annotations, and the annotations."""
    if get_origin(kind) is Annotated:
        return kind.__origin__, kind.__metadata__
    return kind, ()


def is_union(kind: Any) -> bool:
    return get_origin(kind) in (Union, UnionType)


def choices_of(kind: Any) -> tuple[str, ...]:
    """The words that a StrEnum or a Literal allows; none for other types."""
    if get_origin(kind) is Literal:
        return tuple(str(word) for word in get_args(kind))
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return tuple(member.value for member in kind)
    return ()
