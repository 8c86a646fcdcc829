"""Numbers of identity documents: read as people type them, refused with what to do."""

import pytest

from eduforum.core.id_numbers import (
    BadIdNumber,
    IdType,
    mask_id_number,
    parse_id_number,
    parse_id_type,
)


@pytest.mark.parametrize(
    ("kind", "typed", "kept"),
    [
        (IdType.RESIDENT, "11010519491231002X", "11010519491231002X"),
        (IdType.RESIDENT, "１１０１０５ 19491231-002x", "11010519491231002X"),
        (IdType.HONG_KONG_MACAO, "h12345678", "H12345678"),
        (IdType.HONG_KONG_MACAO, "M1234567800", "M1234567800"),
        (IdType.TAIWAN, "12345678", "12345678"),
        (IdType.RESIDENCE_PERMIT, "810000199408230021", "810000199408230021"),
        (IdType.FOREIGN_RESIDENT, "CAN110012345678", "CAN110012345678"),
        (IdType.PASSPORT, "e1234567 8", "E12345678"),
    ],
)
def test_numbers_as_people_type_them(kind: IdType, typed: str, kept: str) -> None:
    assert parse_id_number(kind, typed) == kept


@pytest.mark.parametrize(
    ("kind", "typed", "said"),
    [
        (IdType.RESIDENT, "", "请填写证件号码"),
        (IdType.RESIDENT, "110105491231002", "18 位"),
        (IdType.RESIDENT, "110105194912310021", "逐位核对"),
        (IdType.RESIDENT, "110105194913310020", "逐位核对"),
        (IdType.RESIDENT, "110105209912310029", "逐位核对"),
        (IdType.RESIDENT, "810000199408230021", "18 位"),
        (IdType.HONG_KONG_MACAO, "12345678", "H 或 M"),
        (IdType.TAIWAN, "1234567", "8 位数字"),
        (IdType.FOREIGN_RESIDENT, "CAN1100", "15 位"),
        (IdType.PASSPORT, "ABCDEFG", "5 至 15"),
        (IdType.PASSPORT, "<b>1234</b>", "5 至 15"),
    ],
)
def test_impossible_numbers_are_refused_without_being_repeated(
    kind: IdType, typed: str, said: str
) -> None:
    with pytest.raises(BadIdNumber) as refused:
        parse_id_number(kind, typed)
    assert said in refused.value.sentence.zh
    assert len(typed) < 5 or typed not in f"{refused.value}{refused.value.sentence.en}"


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(BadIdNumber) as refused:
        parse_id_type("library_card")
    assert list(refused.value.errors) == ["id_type"]


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("11010519491231002X", "**************002X"),
        ("H12345678", "******678"),
        ("12345678", "******78"),
        ("AB123", "****3"),
        ("", ""),
    ],
)
def test_the_mask_leaves_at_most_a_third(number: str, shown: str) -> None:
    assert mask_id_number(number) == shown
