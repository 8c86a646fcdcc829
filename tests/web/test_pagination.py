"""Pages of a long list, whatever stands in the address."""

from urllib.parse import quote

import pytest
from flask import Flask

from eduforum.core.errors import BadInput
from eduforum.web.pagination import (
    Page,
    changed_url,
    cursor_and_limit,
    cursor_for,
    cut,
    page_number,
)

LETTERS = tuple("abcdefg")


@pytest.mark.parametrize(
    ("number", "total", "first", "last", "previous_url", "next_url"),
    [
        (1, 0, 0, 0, None, None),
        (1, 50, 1, 50, None, None),
        (1, 51, 1, 50, None, "/list?state=new&state=old&page=2"),
        (2, 51, 51, 51, "/list?state=new&state=old", None),
        (
            2, 120, 51, 100,
            "/list?state=new&state=old", "/list?state=new&state=old&page=3",
        ),
    ],
)  # fmt: skip
def test_a_page_knows_its_place_and_neighbours(
    app: Flask,
    number: int,
    total: int,
    first: int,
    last: int,
    previous_url: str | None,
    next_url: str | None,
) -> None:
    page: Page[str] = Page([], number, 50, total)
    with app.test_request_context(f"/list?state=new&page={number}&state=old"):
        assert (page.first, page.last) == (first, last)
        assert (page.previous_url, page.next_url) == (previous_url, next_url)


@pytest.mark.parametrize(
    ("asked", "number"),
    [("3", 3), ("", 1), ("0", 1), ("-2", 1), ("1.5", 1), ("２", 1), ("²", 1), ("9" * 5000, 1)],
)
def test_a_page_that_makes_no_sense_is_the_first(app: Flask, asked: str, number: int) -> None:
    with app.test_request_context(f"/list?page={quote(asked)}"):
        assert page_number() == number


def test_filters_change_one_by_one(app: Flask) -> None:
    with app.test_request_context("/list?q=%E5%BC%A0&page=2"):
        assert changed_url(page=None, sort="name") == "/list?q=%E5%BC%A0&sort=name"
        assert changed_url(q=None, page=None) == "/list"


@pytest.mark.parametrize(
    "query",
    [
        "limit=0", "limit=201", "limit=-1", "limit=ten", "limit=", "limit=%EF%BC%95",
        "limit=0000001000000", f"limit={'9' * 5000}", "cursor=*", "cursor=_____w", "cursor=%FF",
        f"cursor={cursor_for('x')}", f"cursor={cursor_for('9' * 50)}",
    ],
)  # fmt: skip
def test_what_no_list_gave_out_is_refused_beside_its_name(app: Flask, query: str) -> None:
    with app.test_request_context(f"/list?{query}"), pytest.raises(BadInput) as refused:
        cut(LETTERS)
    assert list(refused.value.errors) == [query.partition("=")[0]]


def test_a_list_is_walked_to_its_end(app: Flask) -> None:
    seen: list[str] = []
    query = "limit=3"
    while query:
        with app.test_request_context(f"/list?{query}"):
            items, following = cut(LETTERS)
        seen += items
        query = f"limit=3&cursor={following}" if following else ""
    assert tuple(seen) == LETTERS


def test_a_cursor_carries_any_text(app: Flask) -> None:
    with app.test_request_context(f"/list?limit=7&cursor={cursor_for('张|2027-03-01')}"):
        assert cursor_and_limit() == ("张|2027-03-01", 7)
    with app.test_request_context("/list"):
        assert cursor_and_limit() == (None, 50)
