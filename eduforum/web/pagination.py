"""Pages of a long list, by number at the desk and by cursor in the API."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar
from urllib.parse import urlencode

from flask import request

from eduforum.core.errors import BadInput
from eduforum.core.i18n import Text

T = TypeVar("T")
PAGE_SIZE = 50
MOST_ITEMS = 200


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a list. `number` counts from 1."""

    items: Sequence[T]
    number: int
    size: int
    total: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // self.size))

    @property
    def first(self) -> int:
        return (self.number - 1) * self.size + 1 if self.total else 0

    @property
    def last(self) -> int:
        return min(self.total, self.number * self.size)

    @property
    def previous_url(self) -> str | None:
        return page_url(self.number - 1) if self.number > 1 else None

    @property
    def next_url(self) -> str | None:
        return page_url(self.number + 1) if self.number < self.pages else None


def page_number() -> int:
    """The page asked for; 1 when it makes no sense."""
    text = request.args.get("page", "1")
    return max(1, int(text)) if text.isascii() and text.isdigit() and len(text) < 8 else 1


def page_url(number: int) -> str:
    """This list's address at another page, its filters kept."""
    return changed_url(page=str(number) if number > 1 else None)


def changed_url(**changes: str | None) -> str:
    """This address with some arguments changed (None removes one)."""
    kept = [(k, v) for k, v in request.args.items(multi=True) if k not in changes]
    asked = kept + [(name, value) for name, value in changes.items() if value is not None]
    return f"{request.path}?{urlencode(asked)}" if asked else request.path


def cursor_and_limit() -> tuple[str | None, int]:
    """What an API list was asked for. Raises `BadInput` beside the argument that is wrong."""
    text = request.args.get("limit", "50")
    is_number = text.isascii() and text.isdigit() and len(text) < 8
    if not is_number or not 1 <= int(text) <= MOST_ITEMS:
        sentence = Text(
            "limit 须为 1 至 200 的整数。", "limit must be a whole number from 1 to 200."
        )
        raise BadInput(sentence, {"limit": [sentence]})
    cursor = request.args.get("cursor")
    if not cursor:
        return None, int(text)
    try:
        return urlsafe_b64decode(cursor.encode() + b"==").decode(), int(text)
    except ValueError:
        raise unknown_cursor() from None


def unknown_cursor() -> BadInput:
    """What is said to a cursor that no list gave out."""
    sentence = Text("cursor 无法识别。", "cursor is not one that this list gave out.")
    return BadInput(sentence, {"cursor": [sentence]})


def cut(items: Sequence[T]) -> tuple[Sequence[T], str | None]:
    """The part of a short list that the API was asked for, and the cursor of the next part.

    For lists that are read as a whole anyway; the cursor is a place in the list.
    """
    cursor, limit = cursor_and_limit()
    if cursor is not None and not (cursor.isascii() and cursor.isdigit() and len(cursor) < 8):
        raise unknown_cursor()
    start = int(cursor or 0)
    following = start + limit
    return items[start:following], cursor_for(str(following)) if following < len(items) else None


def cursor_for(position: str) -> str:
    """An opaque cursor after `position`."""
    return urlsafe_b64encode(position.encode()).decode().rstrip("=")
