"""Numbers of identity documents: which kinds there are, how they are read, checked and masked."""

import re
from enum import StrEnum

from stdnum.cn import ric
from stdnum.exceptions import ValidationError

from eduforum.core import clock
from eduforum.core.errors import BadInput
from eduforum.core.i18n import Text
from eduforum.core.names import clean


class IdType(StrEnum):
    """The documents that venues accept at their doors."""

    RESIDENT = "resident_id"
    HONG_KONG_MACAO = "hk_macao_permit"
    TAIWAN = "taiwan_permit"
    RESIDENCE_PERMIT = "hk_macao_taiwan_residence_permit"
    FOREIGN_RESIDENT = "foreign_permanent_resident_id"
    PASSPORT = "passport"


ID_TYPE_NAMES = {
    IdType.RESIDENT: Text("居民身份证", "Resident identity card"),
    IdType.HONG_KONG_MACAO: Text(
        "港澳居民来往内地通行证", "Mainland travel permit for Hong Kong and Macao residents"
    ),
    IdType.TAIWAN: Text("台湾居民来往大陆通行证", "Mainland travel permit for Taiwan residents"),
    IdType.RESIDENCE_PERMIT: Text(
        "港澳台居民居住证", "Residence permit for Hong Kong, Macao and Taiwan residents"
    ),
    IdType.FOREIGN_RESIDENT: Text(
        "外国人永久居留身份证", "Foreign permanent resident identity card"
    ),
    IdType.PASSPORT: Text("护照", "Passport"),
}
_SEPARATORS = re.compile(r"[\s.\-\u2010-\u2015\u2212]")
_SHAPES = {
    IdType.RESIDENT: re.compile(r"[1-6][0-9]{16}[0-9X]"),
    # The first letter says Hong Kong or Macao; two more digits counted replacements until 2013.
    IdType.HONG_KONG_MACAO: re.compile(r"[HM][0-9]{8}(?:[0-9]{2})?"),
    IdType.TAIWAN: re.compile(r"[0-9]{8}|[0-9]{10}(?:[A-Z])?"),
    IdType.RESIDENCE_PERMIT: re.compile(r"8[1-3]0000[0-9]{11}[0-9X]"),
    # Three letters for the country and twelve digits until 2023, since then eighteen digits.
    IdType.FOREIGN_RESIDENT: re.compile(r"[A-Z]{3}[0-9]{12}|9[0-9]{16}[0-9X]"),
    IdType.PASSPORT: re.compile(r"(?=.*[0-9])[A-Z0-9]{5,15}"),
}
_WRONG_SHAPE = {
    IdType.RESIDENT: Text(
        "请填写 18 位身份证号码，最后一位可以是 X。",
        "Enter all 18 characters of the identity card; the last may be X.",
    ),
    IdType.HONG_KONG_MACAO: Text(
        "请填写通行证号码：字母 H 或 M，加 8 位数字。",
        "Enter the number of the permit: H or M and 8 digits.",
    ),
    IdType.TAIWAN: Text(
        "请填写通行证号码，8 位数字。", "Enter the number of the permit, 8 digits."
    ),
    IdType.RESIDENCE_PERMIT: Text(
        "请填写 18 位居住证号码，以 81、82 或 83 开头。",
        "Enter all 18 characters of the permit; it begins with 81, 82 or 83.",
    ),
    IdType.FOREIGN_RESIDENT: Text(
        "请填写证件号码：15 位（3 个字母和 12 位数字），或 18 位数字。",
        "Enter the number: 3 letters and 12 digits, or 18 digits.",
    ),
    IdType.PASSPORT: Text(
        "请填写护照号码，5 至 15 个字母和数字。",
        "Enter the passport number, 5 to 15 letters and digits.",
    ),
}
_HAS_CHECK_DIGIT = 18


class BadIdNumber(BadInput):
    """No document can have this number. The sentence says what to change, never the number."""

    def __init__(self, sentence: Text, field: str = "id_number") -> None:
        super().__init__(sentence, {field: [sentence]})


def parse_id_type(code: str) -> IdType:
    """The kind of document with this code. Raises `BadIdNumber`."""
    try:
        return IdType(code)
    except ValueError:
        sentence = Text("请选择证件类型。", "Choose the kind of document.")
        raise BadIdNumber(sentence, "id_type") from None


def parse_id_number(kind: IdType, text: str) -> str:
    """The number as it is compared and kept: `1101 0519…002x` -> `11010519…002X`.

    Eighteen-digit numbers must have a date of birth and the right check character (GB 11643-1999);
    of the place only its form is checked, since districts come and go. Raises `BadIdNumber`.
    """
    number = _SEPARATORS.sub("", clean(text)).upper()
    if not number:
        raise BadIdNumber(Text("请填写证件号码。", "Enter the number of the document."))
    if not _SHAPES[kind].fullmatch(number):
        raise BadIdNumber(_WRONG_SHAPE[kind])
    if len(number) == _HAS_CHECK_DIGIT and not _is_consistent(number):
        raise BadIdNumber(
            Text(
                "证件号码不正确，请与证件逐位核对。",
                "This number cannot be right; compare it with the document, digit by digit.",
            )
        )
    return number


def mask_id_number(number: str) -> str:
    """`11010519491231002X` -> `**************002X`: the end, at most a third, and no date of birth."""
    shown = min(4, len(number) // 3)
    return "*" * (len(number) - shown) + number[len(number) - shown :]


def _is_consistent(number: str) -> bool:
    try:
        born = ric.get_birth_date(number)
    except ValidationError:
        return False
    return number[-1] == ric.calc_check_digit(number) and born <= clock.now().date()
