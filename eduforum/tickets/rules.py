"""The ticket text `EV1`, the printed staff code, and what a ticket may be worth. Pure.

A ticket's text is 125 letters that can be checked without a network and say nothing about a person:

    text      = "EV1" + BASE32(body + signature), upper case, no padding (RFC 4648)
    body      = key id u8, series number u24 big-endian, serial 7 bytes, class u8    12 bytes
    signature = Ed25519 (RFC 8032) over "EV1" + body                                 64 bytes
"""

import re
import secrets
import unicodedata
from base64 import b32encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import reduce
from typing import Any, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from eduforum.core.errors import BadInput
from eduforum.core.i18n import Text

ISSUABLE_CLASSES = range(255)
TEXT_LENGTH = 125

_PREFIX = "EV1"
_BODY_LENGTH = 12
_SIGNATURE_LENGTH = 64
_SERIAL_LENGTH = 7
# A number in base 32 is read ten times as fast as `base64.b32decode` reads it, and a batch of
# scans is read while people wait. RFC 4648 counts A-Z2-7 where `int` counts 0-9A-V.
_BASE32 = re.compile("[A-Z2-7]+")
_TO_DIGITS = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", "0123456789ABCDEFGHIJKLMNOPQRSTUV")
_UNUSED_BITS = 2
"""Bits of the last letter that hold nothing: 122 letters for 76 bytes."""
# What ECMAScript's trim() takes away, so that browser and server read the same.
_WHITE_SPACE = (
    "\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000\ufeff"
)

# Ed25519 keys of small order would accept signatures that nobody made (RFC 8032, 8.; OpenSSL lets
# them pass, strict browser libraries do not). These are the y of all eight such points.
_P = 2**255 - 19
_Y_OF_ORDER_8 = int.from_bytes(
    bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"), "little"
)
_WEAK_Y = frozenset({0, 1, _P - 1, _Y_OF_ORDER_8, _P - _Y_OF_ORDER_8})

_SIGNED_AHEAD = 0xFF << 48
_CODE_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CODE_LENGTH = 8
_LOOK_ALIKES = str.maketrans({"O": "0", "I": "1", "L": "1"} | dict.fromkeys(" -\u2010\u2013"))


class Standing(StrEnum):
    """What the issuer lets a ticket be worth; the door reads nothing else of a registration."""

    VALID = "valid"
    SUSPENDED = "suspended"
    CANCELLED = "cancelled"
    REVOKED = "revoked"


class Zone(StrEnum):
    """A part of the venue that a ticket admits to only when it says so."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"
    E = "E"
    F = "F"


ZONE_NAMES = {
    Zone.A: Text("A 公共区", "A Public area"),
    Zone.B: Text("B 记者席", "B Press stand"),
    Zone.C: Text("C 台前机位", "C Stage pool"),
    Zone.D: Text("D 新闻中心", "D Press centre"),
    Zone.E: Text("E 采访间", "E Interview room"),
    Zone.F: Text("F 贵宾区", "F VIP area"),
}


@dataclass(frozen=True, slots=True)
class ZoneGrant:
    """A zone that a ticket admits to, from `starts_at` to `ends_at` (aware; None: no bound)."""

    zone: Zone
    starts_at: datetime | None = None
    ends_at: datetime | None = None

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> Self:
        """The grant that `as_kept` wrote."""
        return cls(Zone(kept["zone"]), _moment(kept["starts_at"]), _moment(kept["ends_at"]))

    def as_kept(self) -> dict[str, Any]:
        """Plain values, as a ticket keeps them and a device at the door gets them (UTC)."""
        return {
            "zone": self.zone.value,
            "starts_at": self.starts_at and self.starts_at.astimezone(UTC).isoformat(),
            "ends_at": self.ends_at and self.ends_at.astimezone(UTC).isoformat(),
        }


def check_zones(grants: Sequence[ZoneGrant]) -> None:
    """Raise `BadInput` beside `zones` for a window that ends before it begins."""
    if any(one.starts_at and one.ends_at and one.ends_at <= one.starts_at for one in grants):
        sentence = Text(
            "区域的停止时间须晚于开始时间。", "The end of a zone must be later than its beginning."
        )
        raise BadInput(sentence, {"zones": [sentence]})


class NotATicket(ValueError):
    """The text is no well-formed `EV1` text. At the door this is a verdict, not a refusal."""


class BadSignature(ValueError):
    """A well-formed text that none of the given keys has signed: forged."""


class BadStaffCode(BadInput):
    """What was typed is no staff code; most likely one letter is wrong."""

    def __init__(self) -> None:
        super().__init__(
            Text(
                "请核对参会证上的 8 位编号，可能有一位有误。",
                "Check the 8-letter code on the ticket: a letter may be wrong.",
            )
        )


@dataclass(frozen=True, slots=True)
class TicketBody:
    """What a ticket says. `series` is the series' number below 2**24, `serial` is 7 bytes.

    Serial 0 and class 255 are never issued.
    """

    key_id: int
    series: int
    serial: bytes
    class_code: int

    def __bytes__(self) -> bytes:
        """The 12 bytes that are signed. Raises ValueError for what is never issued."""
        if len(self.serial) != _SERIAL_LENGTH or not any(self.serial):
            raise ValueError("A serial is seven bytes and not zero.")
        if self.class_code not in ISSUABLE_CLASSES:
            raise ValueError("A class is 0 to 254.")
        if not (0 <= self.key_id < 2**8 and 0 <= self.series < 2**24):
            raise ValueError("A key id is one byte, a series number three.")
        head = bytes([self.key_id]) + self.series.to_bytes(3, "big")
        return head + self.serial + bytes([self.class_code])


@dataclass(frozen=True, slots=True)
class ParsedTicket:
    """A well-formed text taken apart. Nothing in it is true before `verify` says so.

    text: as it was issued, whatever case and spaces it was read with.
    """

    body: TicketBody
    signature: bytes
    text: str


def new_serial() -> int:
    """A random serial below those of `new_serial_ahead`; in a body `serial.to_bytes(7, "big")`."""
    return 1 + secrets.randbelow(_SIGNED_AHEAD - 1)


def new_serial_ahead() -> int:
    """A random serial of a ticket that is signed before it is anybody's: its first byte is FF, so
    that a gate without a network tells it from one of somebody it merely has not heard of."""
    return _SIGNED_AHEAD + secrets.randbelow(2**48)


def is_signed_ahead(serial: int) -> bool:
    """Whether a serial is one of `new_serial_ahead`."""
    return serial >= _SIGNED_AHEAD


def encode(body: TicketBody, private_key: Ed25519PrivateKey) -> str:
    """Sign `body`. Always the same text for the same key. Raises ValueError for a bad body."""
    plain = bytes(body)
    signature = private_key.sign(_PREFIX.encode() + plain)
    return _PREFIX + _base32(plain + signature)


def parse(text: str) -> ParsedTicket:
    """Read what a scanner gave, without trusting it. Raises `NotATicket`.

    Space around it, letter case and full-width letters do not matter; else there is exactly one
    text for a ticket. Junk of any length costs next to nothing.
    """
    trimmed = text.strip(_WHITE_SPACE)
    # Neither step below can make a text of ASCII letters shorter.
    if len(trimmed) > TEXT_LENGTH:
        raise NotATicket("too long")
    letters = unicodedata.normalize("NFKC", trimmed).upper()
    if len(letters) != TEXT_LENGTH or not letters.startswith(_PREFIX):
        raise NotATicket("other length or version")
    encoded = letters.removeprefix(_PREFIX)
    if _BASE32.fullmatch(encoded) is None:
        raise NotATicket("not base 32")
    value, unused = divmod(int(encoded.translate(_TO_DIGITS), 32), 1 << _UNUSED_BITS)
    if unused:
        raise NotATicket("not canonical")
    raw = value.to_bytes(_BODY_LENGTH + _SIGNATURE_LENGTH, "big")
    body = _body(raw[:_BODY_LENGTH])
    if not any(body.serial) or body.class_code not in ISSUABLE_CLASSES:
        raise NotATicket("never issued")
    return ParsedTicket(body, raw[_BODY_LENGTH:], letters)


def verify(text: str, keys: Mapping[int, Ed25519PublicKey]) -> TicketBody:
    """Read a ticket that was signed by one of `keys` (key id -> key, of the ticket's series).

    Raises `NotATicket` for other text and `BadSignature` for a forged ticket or an unknown key.
    """
    ticket = parse(text)
    check_signature(ticket, keys.get(ticket.body.key_id))
    return ticket.body


def check_signature(ticket: ParsedTicket, key: Ed25519PublicKey | None) -> None:
    """Raise `BadSignature` unless `key` signed the ticket; None is an unknown key.

    Strict: S must be below the group order and R canonical (OpenSSL sees to both), and keys of
    small order or with a non-canonical point are refused here.
    """
    if key is None:
        raise BadSignature("unknown key")
    if _is_weak(key):
        raise BadSignature("weak key")
    try:
        key.verify(ticket.signature, _PREFIX.encode() + bytes(ticket.body))
    except InvalidSignature as problem:
        raise BadSignature("not signed by this key") from problem


def new_staff_code() -> str:
    """A random code of eight letters, printed beside the QR code; it admits nobody by itself.

    Seven letters of Crockford's base 32 and a check letter.
    """
    letters = "".join(_CODE_LETTERS[byte % 32] for byte in secrets.token_bytes(_CODE_LENGTH - 1))
    return letters + _CODE_LETTERS[_times_alpha(_checksum(letters))]


def parse_staff_code(text: str) -> str:
    """The code that somebody typed, in any case, with spaces or hyphens, O for 0, I or L for 1.

    Raises `BadStaffCode`; always if one letter is wrong or two neighbours are swapped.
    """
    if len(text) > 4 * _CODE_LENGTH:
        raise BadStaffCode
    code = unicodedata.normalize("NFKC", text.strip()).upper().translate(_LOOK_ALIKES)
    if len(code) != _CODE_LENGTH or not set(code) <= set(_CODE_LETTERS) or _checksum(code):
        raise BadStaffCode
    return code


def show_staff_code(code: str) -> str:
    """The code as it is printed: `7K3M Q9TX`."""
    return f"{code[:4]} {code[4:]}"


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _base32(data: bytes) -> str:
    return b32encode(data).decode().rstrip("=")


def _body(raw: bytes) -> TicketBody:
    return TicketBody(raw[0], int.from_bytes(raw[1:4], "big"), raw[4:-1], raw[-1])


def _is_weak(key: Ed25519PublicKey) -> bool:
    y = int.from_bytes(key.public_bytes_raw(), "little") & (2**255 - 1)
    return y >= _P or y in _WEAK_Y


def _checksum(letters: str) -> int:
    """The letters as a polynomial over GF(32), at alpha: 0 for a whole code.

    The weights are powers of alpha. One wrong letter adds e * alpha**i, swapped neighbours add
    (a + b) * (1 + alpha) * alpha**i, and neither is ever 0.
    """
    return reduce(lambda sum_, letter: _times_alpha(sum_) ^ _CODE_LETTERS.index(letter), letters, 0)


def _times_alpha(value: int) -> int:
    """Multiply by alpha in GF(32), modulo x**5 + x**2 + 1."""
    doubled = value << 1
    return doubled ^ 0b100101 if doubled & 32 else doubled
