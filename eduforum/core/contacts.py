"""Mobile numbers and e-mail addresses: read as people type them, stored in one form."""

import re
import unicodedata

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from eduforum.core.errors import BadInput
from eduforum.core.i18n import Text, plural
from eduforum.core.names import clean

_SEPARATORS = re.compile(r"[\s().\-\u2010-\u2015\u2212]")
_NUMBER = re.compile(r"(\+|00)?([0-9]+)")
# The ranges of the numbering plan (MIIT), not the ones in use: new ones open every few years.
_MAINLAND_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_MAINLAND_DIGITS = 11
_LONGEST_EMAIL = 254  # RFC 5321, 4.5.3.1.3


class BadContact(BadInput):
    """This is no number or address that could reach anybody; the sentence says what to change."""


def parse_mobile(text: str) -> str:
    """The number in E.164: `139 0000 0123` -> `+8613900000123`.

    Mainland China unless it starts with + or 00, and then a mobile number; elsewhere every number
    that exists. Raises `BadContact`.
    """
    typed = _SEPARATORS.sub("", clean(text))
    if not typed:
        raise BadContact(Text("请填写手机号。", "Enter a mobile number."))
    number = _NUMBER.fullmatch(typed)
    if number is None:
        raise BadContact(
            Text(
                "手机号只能填写数字，境外号码可以 + 开头，请修改。",
                "Use digits only, with a + in front of a number from abroad.",
            )
        )
    international, digits = number.groups()
    if international is None:
        # Copied from an address book without its plus sign.
        bare = digits.removeprefix("86") if len(digits) == _MAINLAND_DIGITS + 2 else digits
        return _mainland(bare)
    return _mainland(digits[2:]) if digits.startswith("86") else _abroad(digits)


def parse_email(text: str) -> str:
    """The address in lower case, its domain in Unicode; equal addresses are the same mailbox to us.

    Syntax only, nothing is looked up; local parts and domains in any script are allowed (RFC 6531),
    quoted local parts and addresses without a public domain are not. Raises `BadContact`.
    """
    if any(unicodedata.category(char) == "Cc" for char in text.strip()):
        raise BadContact(
            Text(
                "电子邮箱中有不可见的控制字符，请重新填写。",
                "The e-mail address has invisible control characters in it; type it again.",
            )
        )
    typed = clean(text)
    _check_shape(typed)
    try:
        # Not casefold(): letters such as ß would become another mailbox.
        lower = _normalized(typed.lower() if typed.isascii() else _normalized(typed).lower())
    except EmailNotValidError as problem:
        raise BadContact(
            Text(
                "请核对电子邮箱，格式如 lin@example.org。",
                "Check the e-mail address; it should look like lin@example.org.",
            )
        ) from problem
    return lower


def _mainland(digits: str) -> str:
    if len(digits) != _MAINLAND_DIGITS:
        raise BadContact(
            plural(
                len(digits),
                "请填写 11 位手机号，现为 {n} 位。",
                "Enter an 11-digit mobile number; this one has {n} digit.",
                "Enter an 11-digit mobile number; this one has {n} digits.",
            )
        )
    if digits.startswith("0"):
        raise BadContact(
            Text(
                "请填写手机号，不要填写固定电话。",
                "Enter a mobile number, not a landline.",
            )
        )
    if not _MAINLAND_MOBILE.fullmatch(digits):
        raise BadContact(
            Text(
                "请核对手机号；境外号码请以 + 和国家或地区代码开头，例如 +852。",
                "Check the number; one from outside mainland China starts with + and the code"
                " of its country or region, such as +852.",
            )
        )
    return f"+86{digits}"


def _abroad(digits: str) -> str:
    try:
        number = phonenumbers.parse(f"+{digits}")
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_valid_number(number):
        raise BadContact(
            Text(
                "请核对号码：+ 后面须为国家或地区代码和完整的号码。",
                "Check the number: after the + come the code of the country or region and the"
                " whole number.",
            )
        )
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _check_shape(typed: str) -> None:
    if not typed:
        raise BadContact(Text("请填写电子邮箱。", "Enter an e-mail address."))
    if len(typed) > _LONGEST_EMAIL:
        raise BadContact(
            Text(
                "电子邮箱过长，最多 254 个字符，请核对。",
                "The e-mail address is too long: 254 characters at most.",
            )
        )
    if " " in typed:
        raise BadContact(
            Text(
                "电子邮箱中不能有空格，请删去；只填写一个邮箱。",
                "Remove the space from the e-mail address; enter one address only.",
            )
        )
    if typed.count("@") != 1:
        raise BadContact(
            Text(
                "电子邮箱中须有且只有一个 @，例如 lin@example.org。",
                "An e-mail address has exactly one @, such as lin@example.org.",
            )
        )


def _normalized(address: str) -> str:
    return validate_email(address, check_deliverability=False).normalized
