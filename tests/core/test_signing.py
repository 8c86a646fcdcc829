"""Links and tokens that carry their own proof."""

from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from itsdangerous import BadSignature, SignatureExpired

from eduforum.core.db import new_id
from eduforum.core.signing import (
    Purpose,
    link_secret,
    new_token,
    read_link_secret,
    timed,
    token_hash,
)

LINK = Purpose.REGISTRATION


def test_a_link_tells_whose_it_is_and_which_version(app: Flask) -> None:
    thing = new_id()
    assert read_link_secret(LINK, link_secret(LINK, thing, 258)) == (thing, 258)
    assert link_secret(LINK, thing, 1) != link_secret(LINK, thing, 2)


def test_no_change_to_a_link_is_accepted(app: Flask) -> None:
    """The last character is left out: two of its bits are padding (RFC 4648, 3.5)."""
    secret = link_secret(LINK, new_id(), 1)
    for place in range(len(secret) - 1):
        other = "A" if secret[place] != "A" else "B"
        assert read_link_secret(LINK, secret[:place] + other + secret[place + 1 :]) is None


@pytest.mark.parametrize("secret", ["", ".", "a.b", "链接", "A" * 24, "\0", "a" * 5000])
def test_what_was_not_made_here_is_no_link(app: Flask, secret: str) -> None:
    assert read_link_secret(LINK, secret) is None


def test_no_purpose_and_no_key_stands_in_for_another(app: Flask) -> None:
    secret = link_secret(LINK, new_id(), 1)
    assert all(read_link_secret(p, secret) is None for p in Purpose if p is not LINK)
    token = timed(Purpose.RESET).dumps("someone")
    with pytest.raises(BadSignature):
        timed(Purpose.DEVICE).loads(token)
    app.config["SECRET_KEY"] = "another secret altogether"
    assert read_link_secret(LINK, secret) is None
    with pytest.raises(BadSignature):
        timed(Purpose.RESET).loads(token)


def test_a_timed_value_expires(app: Flask, clock: time_machine.Traveller) -> None:
    token = timed(Purpose.RESET).dumps({"id": 7})
    clock.shift(timedelta(minutes=30))
    assert timed(Purpose.RESET).loads(token, max_age=1800) == {"id": 7}
    clock.shift(timedelta(seconds=1))
    with pytest.raises(SignatureExpired):
        timed(Purpose.RESET).loads(token, max_age=1800)


def test_bearer_secrets_say_what_they_are_and_are_kept_as_hashes() -> None:
    token = new_token("eft")
    assert token.startswith("eft_")
    assert len(token) == 4 + 43  # 256 bits
    assert token != new_token("eft")
    assert token not in token_hash(token)
    assert token_hash(token) == token_hash(token)


def test_what_was_signed_before_the_clock_was_set_back_still_holds(
    app: Flask, clock: time_machine.Traveller
) -> None:
    signed = timed(Purpose.RESET).dumps([1, 2])
    clock.shift(-timedelta(hours=1))
    assert timed(Purpose.RESET).loads(signed, max_age=60) == [1, 2]
    clock.shift(timedelta(hours=1, seconds=61))
    with pytest.raises(SignatureExpired):
        timed(Purpose.RESET).loads(signed, max_age=60)
