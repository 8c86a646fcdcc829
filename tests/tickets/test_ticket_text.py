"""The text `EV1` and the staff code: only what was issued is read, in one spelling."""

import json
import random
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from eduforum.tickets.rules import (
    ISSUABLE_CLASSES,
    TEXT_LENGTH,
    BadSignature,
    BadStaffCode,
    NotATicket,
    ParsedTicket,
    TicketBody,
    encode,
    new_serial,
    new_staff_code,
    parse,
    parse_staff_code,
    show_staff_code,
    verify,
)

VECTORS: dict[str, Any] = json.loads(
    (Path(__file__).parent / "ticket_vectors.json").read_text(encoding="utf-8")
)
KEY = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(VECTORS["key"]["private_seed_hex"]))
KEYS = {VECTORS["key"]["id"]: KEY.public_key()}
BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
CODE_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
GROUP_ORDER = 2**252 + 27742317777372353535851937790883648493
BODY = TicketBody(key_id=1, series=2024, serial=bytes.fromhex("00112233445566"), class_code=3)
TEXT = encode(BODY, KEY)

bodies = st.builds(
    TicketBody,
    key_id=st.integers(0, 255),
    series=st.integers(0, 2**24 - 1),
    serial=st.binary(min_size=7, max_size=7).filter(any),
    class_code=st.sampled_from(ISSUABLE_CLASSES),
)


@pytest.mark.parametrize("vector", VECTORS["valid"], ids=lambda vector: vector.get("why", "valid"))
def test_valid_vectors(vector: dict[str, Any]) -> None:
    body = TicketBody(1, vector["series"], bytes.fromhex(vector["serial_hex"]), vector["class"])
    assert verify(vector["text"], KEYS) == body
    assert encode(body, KEY) == vector["text"].strip().upper()


@pytest.mark.parametrize("vector", VECTORS["refused"], ids=lambda vector: vector["why"])
def test_refused_vectors(vector: dict[str, Any]) -> None:
    with pytest.raises((NotATicket, BadSignature)):
        verify(vector["text"], KEYS)


@given(bodies)
def test_what_is_encoded_is_read_back(body: TicketBody) -> None:
    text = encode(body, KEY)
    assert len(text) == TEXT_LENGTH == 125
    assert verify(text, {body.key_id: KEY.public_key()}) == body
    assert parse(text).body == body


@pytest.mark.parametrize(
    "seen",
    [f"\ufeff\t{TEXT}\r\n", TEXT.lower(), "".join(chr(ord(char) + 0xFEE0) for char in TEXT)],
    ids=["space", "lower case", "full width"],
)
def test_how_it_was_read_does_not_matter(seen: str) -> None:
    assert verify(seen, KEYS) == BODY


@given(bodies, st.data())
def test_one_other_letter_and_it_is_refused(body: TicketBody, data: st.DataObject) -> None:
    text = encode(body, KEY)
    at = data.draw(st.integers(0, TEXT_LENGTH - 1))
    letter = data.draw(st.sampled_from(BASE32 + "01 =").filter(lambda other: other != text[at]))
    with pytest.raises((NotATicket, BadSignature)):
        verify(text[:at] + letter + text[at + 1 :], {body.key_id: KEY.public_key()})


def test_no_mutation_is_accepted() -> None:
    chance = random.Random(1)
    accepted = []
    for _ in range(20_000):
        letters = list(TEXT)
        for _ in range(chance.randint(1, 3)):
            at = chance.randrange(len(letters))
            kind = chance.randrange(4)
            if kind == 0:
                letters[at] = chance.choice(BASE32)
            elif kind == 1:
                letters.insert(at, chance.choice(BASE32))
            elif kind == 2:
                del letters[at]
            else:
                letters[at], letters[at - 1] = letters[at - 1], letters[at]
        mutated = "".join(letters)
        if mutated != TEXT and _is_accepted(mutated):
            accepted.append(mutated)
    assert accepted == []


@pytest.mark.parametrize(
    "junk",
    ["A" * 4096, "EV1" + "\ufdfa" * 4093, " " * 4096, "\ud800" * 125, "=" * 125, "EV1" + "ß" * 61],
)
def test_junk_is_refused(junk: str) -> None:
    with pytest.raises(NotATicket):
        parse(junk)


@given(
    st.text(st.one_of(st.sampled_from(BASE32 + "=\u017fß\u0131"), st.characters()), max_size=140)
)
def test_any_text_is_a_ticket_or_is_refused(text: str) -> None:
    for seen in (text, TEXT[: TEXT_LENGTH - len(text)] + text):
        try:
            found = parse(seen)
        except NotATicket:
            continue
        assert isinstance(found, ParsedTicket)


@pytest.mark.parametrize(
    "body",
    [
        TicketBody(1, 1, bytes(7), 0),
        TicketBody(1, 1, b"\1" * 6, 0),
        TicketBody(1, 1, b"\1" * 8, 0),
        TicketBody(1, 1, b"\1" * 7, 255),
        TicketBody(1, 1, b"\1" * 7, -1),
        TicketBody(256, 1, b"\1" * 7, 0),
        TicketBody(-1, 1, b"\1" * 7, 0),
        TicketBody(1, 2**24, b"\1" * 7, 0),
        TicketBody(1, -1, b"\1" * 7, 0),
    ],
)
def test_what_is_never_issued_cannot_be_encoded(body: TicketBody) -> None:
    with pytest.raises(ValueError, match=r"serial|class|key id"):
        encode(body, KEY)


@pytest.mark.parametrize("raw", ["01000001" + "00" * 7 + "03", "01000001" + "11" * 7 + "ff"])
def test_what_is_never_issued_is_not_read_even_if_signed(raw: str) -> None:
    body = bytes.fromhex(raw)
    with pytest.raises(NotATicket):
        parse(_text(body + KEY.sign(b"EV1" + body)))


def test_a_signature_has_one_form() -> None:
    signature = parse(TEXT).signature
    s = int.from_bytes(signature[32:], "little")
    for multiple in range(1, 15):
        other = signature[:32] + (s + multiple * GROUP_ORDER).to_bytes(32, "little")
        with pytest.raises(BadSignature):
            verify(_text(bytes(BODY) + other), KEYS)


@pytest.mark.parametrize("sign", [0, 0x80])
@pytest.mark.parametrize(
    "y",
    [
        0,
        1,
        2**255 - 20,
        2**255 - 19,
        2**255 - 18,
        int("05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826", 16),
        int("7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd83d3d706a17c7", 16),
    ],
    ids=hex,
)
def test_a_key_of_small_order_accepts_nothing(y: int, sign: int) -> None:
    raw = bytearray(y.to_bytes(32, "little"))
    raw[31] |= sign
    weak = Ed25519PublicKey.from_public_bytes(bytes(raw))
    neutral = (1).to_bytes(32, "little") + bytes(32)
    for class_code in range(40):
        body = TicketBody(1, 2024, BODY.serial, class_code)
        with pytest.raises(BadSignature):
            verify(_text(bytes(body) + neutral), {1: weak})


def test_serials_are_random_and_fit() -> None:
    serials = {new_serial() for _ in range(1000)}
    assert len(serials) == 1000
    assert all(0 < serial < 2**56 for serial in serials)


@given(st.lists(st.sampled_from(CODE_LETTERS), min_size=7, max_size=7))
def test_exactly_one_check_letter_fits(letters: list[str]) -> None:
    assert sum(_is_code("".join(letters) + check) for check in CODE_LETTERS) == 1


def test_one_wrong_letter_or_any_two_swapped_are_noticed() -> None:
    for _ in range(20):
        code = new_staff_code()
        assert parse_staff_code(code) == code
        for at in range(8):
            others = set(CODE_LETTERS) - {code[at]}
            assert not any(_is_code(code[:at] + other + code[at + 1 :]) for other in others)
        for one, two in combinations(range(8), 2):
            letters = list(code)
            letters[one], letters[two] = letters[two], letters[one]
            assert code[one] == code[two] or not _is_code("".join(letters))


def test_a_code_is_read_as_people_type_it() -> None:
    code = next(code for code in iter(new_staff_code, "") if "0" in code and "1" in code)
    shown = show_staff_code(code)
    assert (len(shown), shown[4]) == (9, " ")
    misread = code.replace("0", "o").replace("1", "l")
    for typed in (
        shown,
        shown.lower(),
        f" {code[:4]}-{code[4:]} ",
        misread,
        code.replace("1", "I"),
    ):
        assert parse_staff_code(typed) == code


@pytest.mark.parametrize("typed", ["", "7K3M", "UUUU UUUU", "A" * 5000, "林之夏", "\ud800" * 8])
def test_what_is_no_code_is_refused(typed: str) -> None:
    with pytest.raises(BadStaffCode):
        parse_staff_code(typed)


def _text(raw: bytes) -> str:
    bits = f"{int.from_bytes(raw, 'big'):0{len(raw) * 8}b}00"
    return "EV1" + "".join(BASE32[int(bits[at : at + 5], 2)] for at in range(0, len(bits), 5))


def _is_accepted(text: str) -> bool:
    try:
        verify(text, KEYS)
    except (NotATicket, BadSignature):
        return False
    return True


def _is_code(text: str) -> bool:
    try:
        parse_staff_code(text)
    except BadStaffCode:
        return False
    return True
