"""Rows as people copy them: with and without headings, in any order, partly wrong."""

from datetime import timedelta

import pytest

from eduforum.core import clock
from eduforum.core.db import db, transaction
from eduforum.delegations.choosing import Choices, choices_of
from eduforum.delegations.entries import Entry, check, check_all
from eduforum.delegations.recognise import recognise
from eduforum.events.models import Event
from tests.factories import make_category, make_event, make_series


@pytest.fixture
def choices(app: object) -> Choices:
    series = make_series()
    plenary = make_event(series=series, slug="plenary")
    at = plenary.starts_at + timedelta(hours=5)
    forums = [make_event(series=series, slug=f"forum-{x}", starts_at=at) for x in "ab"]
    _named(forums[0], "职业教育论坛", "Vocational education forum")
    _named(forums[1], "高等教育论坛", "Higher education forum")
    category = make_category(plenary, *forums, code="delegate")
    return choices_of(series, [category], clock.now())


def _named(event: Event, zh: str, en: str) -> None:
    with transaction():
        db.session.add(event)
        event.name_zh, event.name_en = zh, en


def test_the_columns_of_the_page(choices: Choices) -> None:
    assert [str(slot.label.zh) for slot in choices.slots] == ["下午论坛"]
    assert choices.slots[0].label.en == "Afternoon forum"
    assert [event.slug for event in choices.rest] == ["plenary"]
    assert choices.usual(choices.only_category) == ("plenary",)


def test_with_headings_in_any_order(choices: Choices) -> None:
    read = recognise(
        [
            ["序号", "联系电话", "姓 名", "职务/职称", "单位", "下午论坛", "备注"],
            ["1", "139 0000 0001", "林 知夏", "教授", "天津大学", "高等教育论坛", "x"],
            ["2", "13900000002", "陈砚秋", "", "", "不参加", ""],
        ],
        choices,
    )
    assert [(e.name, e.mobile, e.position, e.events) for e in read.entries] == [
        ("林 知夏", "139 0000 0001", "教授", ("plenary", "forum-b")),
        ("陈砚秋", "13900000002", "", ("plenary",)),
    ]


def test_without_headings_columns_are_told_by_what_stands_in_them(choices: Choices) -> None:
    read = recognise(
        [
            ["1", "林知夏", "教务处处长", "13900000001", "lin@example.org", "职业教育"],
            ["2", "陈砚秋", "实训中心主任", "1390000", "", "高等教育"],
            ["3", "阿卜杜拉·买买提", "教师", "13900000003", "", ""],
        ],
        choices,
    )
    assert [(e.name, e.position, e.mobile, e.email, e.events) for e in read.entries] == [
        ("林知夏", "教务处处长", "13900000001", "lin@example.org", ("plenary", "forum-a")),
        ("陈砚秋", "实训中心主任", "1390000", "", ("plenary", "forum-b")),
        ("阿卜杜拉·买买提", "教师", "13900000003", "", ("plenary",)),
    ]


def test_a_cell_that_means_no_choice_is_kept_and_named(choices: Choices) -> None:
    (entry,) = recognise([["姓名", "下午论坛"], ["林知夏", "学前教育论坛"]], choices).entries
    assert entry.unread == {"slot1": "学前教育论坛"}
    faults = check(entry, choices)
    assert "学前教育论坛" in faults["slot1"].zh


def test_rows_without_text_and_a_lonely_heading_are_nobody(choices: Choices) -> None:
    assert recognise([["", " "], []], choices).entries == ()
    assert recognise([["姓名", "手机号"]], choices).entries == ()
    assert [e.name for e in recognise([["林知夏"], ["陈砚秋"]], choices).entries] == [
        "林知夏",
        "陈砚秋",
    ]


@pytest.mark.parametrize(
    ("entry", "field"),
    [
        (Entry(name="", mobile="13900000001", events=("plenary",)), "name"),
        (Entry(name="林1", events=("plenary",)), "name"),
        (Entry(name="林知夏", mobile="1390000", events=("plenary",)), "mobile"),
        (Entry(name="林知夏", email="lin@", events=("plenary",)), "email"),
        (Entry(name="林知夏"), "events"),
    ],
)
def test_what_is_wrong_with_one_row(choices: Choices, entry: Entry, field: str) -> None:
    assert list(check(entry, choices)) == [field]


def test_what_is_wrong_between_rows(choices: Choices) -> None:
    same = Entry(name="林知夏", mobile="13900000001", events=("plenary",))
    bare = Entry(name="陈砚秋", events=("plenary",))
    faults = check_all([same, same, bare, bare], choices, {("林知夏", "+8613900000009")})
    assert [list(found) for found in faults] == [[], ["name"], [], ["name"]]
    taken = check_all([same], choices, {("林知夏", "+8613900000001")})
    assert "已在本代表团" in taken[0]["name"].zh
