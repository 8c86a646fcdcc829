"""Mobile numbers and e-mail addresses, as people type them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eduforum.core.contacts import BadContact, parse_email, parse_mobile
from eduforum.core.i18n import Text

numberish = st.text(st.sampled_from("0123456789+00 -()８６１３９　\u202dx"), max_size=24)


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("13900000123", "+8613900000123"),
        (" 139 0000-0123 ", "+8613900000123"),
        ("１３９　００００　０１２３", "+8613900000123"),
        ("\u202d13900000123\u202c", "+8613900000123"),
        ("+86 139 0000 0123", "+8613900000123"),
        ("＋86-13900000123", "+8613900000123"),
        ("0086 13900000123", "+8613900000123"),
        ("8613900000123", "+8613900000123"),
        ("16400000123", "+8616400000123"),
        ("+852 9123 4567", "+85291234567"),
        ("00852 91234567", "+85291234567"),
        ("+853 6612 3456", "+85366123456"),
        ("+886 912 345 678", "+886912345678"),
        ("+886 0912 345 678", "+886912345678"),
        ("+1 (415) 555-2671", "+14155552671"),
        ("+49 1512 3456789", "+4915123456789"),
    ],
)
def test_mobile(typed: str, stored: str) -> None:
    assert parse_mobile(typed) == stored


COUNT_10 = Text(
    "请填写 11 位手机号，现为 10 位。", "Enter an 11-digit mobile number; this one has 10 digits."
)
COUNT_1 = Text(
    "请填写 11 位手机号，现为 1 位。", "Enter an 11-digit mobile number; this one has 1 digit."
)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [("1390000012", COUNT_10), ("+86 139 0000 012", COUNT_10), ("1", COUNT_1)],
)
def test_a_mainland_number_of_wrong_length_says_what_is_there(typed: str, sentence: Text) -> None:
    with pytest.raises(BadContact) as refused:
        parse_mobile(typed)
    assert refused.value.sentence == sentence


@pytest.mark.parametrize(
    ("typed", "beginning"),
    [
        ("", "请填写手机号。"),
        (" \u200b ", "请填写手机号。"),
        ("139x0000123", "手机号只能填写数字"),
        ("139+00000123", "手机号只能填写数字"),
        ("٠١٣٩٠٠٠٠٠١٢", "手机号只能填写数字"),
        ("13900000123;13900000124", "手机号只能填写数字"),
        ("010-1234 5678", "请填写手机号，不要填写固定电话"),
        ("12345678901", "请核对手机号；境外号码请以 + "),
        ("85291234567", "请核对手机号；境外号码请以 + "),
        ("+852 1", "请核对号码：+ 后面"),
        ("+999 12345678", "请核对号码：+ 后面"),
        ("+" + "1" * 5000, "请核对号码：+ 后面"),
    ],
)
def test_what_is_no_mobile_number_gets_its_own_sentence(typed: str, beginning: str) -> None:
    with pytest.raises(BadContact) as refused:
        parse_mobile(typed)
    assert refused.value.sentence.zh.startswith(beginning)
    assert refused.value.sentence.en.isascii()


@settings(deadline=None)  # a region's numbering plan is loaded when first met
@given(st.one_of(st.text(), numberish))
def test_a_stored_number_reads_as_itself(text: str) -> None:
    try:
        stored = parse_mobile(text)
    except BadContact:
        return
    assert parse_mobile(stored) == stored


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("lin@example.org", "lin@example.org"),
        (" Lin.Zhi+Xia@Example.ORG\n", "lin.zhi+xia@example.org"),
        ("ｌｉｎ＠ｅｘａｍｐｌｅ．ｏｒｇ", "lin@example.org"),
        ("lin@example。org", "lin@example.org"),
        ("lin\u200b@example.org", "lin@example.org"),
        ("张三@例子.中国", "张三@例子.中国"),
        ("lin@xn--fsqu00a.xn--fiqs8s", "lin@例子.中国"),
        ("Straße@example.org", "straße@example.org"),
    ],
)
def test_email(typed: str, stored: str) -> None:
    assert parse_email(typed) == stored


@pytest.mark.parametrize(
    ("typed", "beginning"),
    [
        ("", "请填写电子邮箱。"),
        ("lin\x00@example.org", "电子邮箱中有不可见的控制字符"),
        ("lin@example.org\r\nBcc: x@example.org", "电子邮箱中有不可见的控制字符"),
        ("lin @example.org", "电子邮箱中不能有空格"),
        ("lin.example.org", "电子邮箱中须有且只有一个 @"),
        ("lin@@example.org", "电子邮箱中须有且只有一个 @"),
        ("a@example.org,b@example.org", "电子邮箱中须有且只有一个 @"),
        (f"{'a' * 60}@{'b' * 200}.org", "电子邮箱过长"),
        ("lin@localhost", "请核对电子邮箱"),
        ("lin@[127.0.0.1]", "请核对电子邮箱"),
        ("@example.org", "请核对电子邮箱"),
        ("lin@example..org", "请核对电子邮箱"),
        ("<lin@example.org>", "请核对电子邮箱"),
    ],
)
def test_what_is_no_address_gets_its_own_sentence(typed: str, beginning: str) -> None:
    with pytest.raises(BadContact) as refused:
        parse_email(typed)
    assert refused.value.sentence.zh.startswith(beginning)
    assert refused.value.sentence.en.isascii()


@given(
    st.one_of(st.text(), st.emails(), st.from_regex(r"\w{1,8}@\w{1,8}\.\w{2,4}", fullmatch=True))
)
def test_a_stored_address_reads_as_itself(text: str) -> None:
    try:
        stored = parse_email(text)
    except BadContact:
        return
    assert parse_email(stored) == stored
