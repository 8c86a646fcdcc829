"""Links and tokens that carry their own proof. One salt per purpose: none stands in for another."""

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from enum import StrEnum
from typing import Any
from uuid import UUID

from flask import Flask, current_app
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import BadSignature, SignatureExpired, Signer, URLSafeTimedSerializer

from eduforum.core import clock


class Purpose(StrEnum):
    """What a signature is for; also its salt."""

    REGISTRATION = "registration-link"
    DELEGATION = "delegation-link"
    DELEGATION_CODE = "delegation-code"
    PRESS = "press-link"
    PRESS_CODE = "press-code"
    INVITATION = "invitation-link"
    RESET = "password-reset"
    DEVICE = "known-device"
    SCREEN = "hall-screen"
    ROOM_CODE = "room-code"


def link_secret(purpose: Purpose, thing: UUID, version: int) -> str:
    """The part of a personal link that proves it: a signed id with the version of the link.

    Nothing is stored; raising the thing's link version voids every earlier link.
    """
    body = urlsafe_b64encode(thing.bytes + version.to_bytes(2, "big")).rstrip(b"=")
    return _signer(purpose).sign(body).decode()


def read_link_secret(purpose: Purpose, secret: str) -> tuple[UUID, int] | None:
    """The id and version in `secret`, or None if it was not made here for `purpose`."""
    try:
        body = _signer(purpose).unsign(secret)
        raw = urlsafe_b64decode(body + b"=" * (-len(body) % 4))
    except (BadSignature, ValueError):
        return None
    return (UUID(bytes=raw[:16]), int.from_bytes(raw[16:], "big")) if len(raw) == 18 else None


class Timed(URLSafeTimedSerializer):
    """A serializer for values that expire. What is from the future was signed before the clock was
    set back: it is not expired."""

    def loads(  # type: ignore[override]
        self, s: str | bytes, max_age: int | None = None, **more: Any
    ) -> Any:
        try:
            return super().loads(s, max_age=max_age, **more)
        except SignatureExpired as expired:
            if expired.date_signed is None or expired.date_signed < clock.now():
                raise
            return super().loads(s, max_age=None, **more)


class Sessions(SecureCookieSessionInterface):
    """Cookies of sessions, which outlive a clock that is set back as well."""

    def get_signing_serializer(self, app: Flask) -> Timed:
        return Timed(
            app.config["SECRET_KEY"],
            salt=self.salt,
            serializer=self.serializer,
            signer_kwargs={
                "key_derivation": self.key_derivation,
                "digest_method": self.digest_method,
            },
        )


def timed(purpose: Purpose) -> Timed:
    """A serializer for small values that expire."""
    return Timed(
        current_app.config["SECRET_KEY"],
        salt=purpose.value,
        signer_kwargs={"digest_method": hashlib.sha256},
    )


def short_code(purpose: Purpose, token: str) -> str:
    """Six digits that belong to `token` and cannot be known from it: to be sent to somebody."""
    key = f"{current_app.config['SECRET_KEY']}:{purpose.value}:digits".encode()
    digest = hmac.digest(key, token.encode(), "sha256")
    return f"{int.from_bytes(digest[:8], 'big') % 1_000_000:06d}"


def derived_key(purpose: Purpose) -> bytes:
    """A key for one purpose, from which the secret key cannot be known."""
    secret = str(current_app.config["SECRET_KEY"]).encode()
    return hmac.digest(secret, purpose.value.encode(), "sha256")


def new_token(prefix: str) -> str:
    """A bearer secret of 256 random bits; the prefix says what it is when it turns up somewhere."""
    return f"{prefix}_{secrets.token_urlsafe(32)}"


def token_hash(token: str) -> str:
    """How a bearer secret is kept: SHA-256 suffices for 256 random bits."""
    return hashlib.sha256(token.encode()).hexdigest()


def _signer(purpose: Purpose) -> Signer:
    return Signer(
        current_app.config["SECRET_KEY"], salt=purpose.value, sep=".", digest_method=hashlib.sha256
    )
