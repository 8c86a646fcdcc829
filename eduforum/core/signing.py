"""Links and tokens that carry their own proof. One salt per purpose: none stands in for another."""

import hashlib
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from enum import StrEnum
from uuid import UUID

from flask import current_app
from itsdangerous import BadSignature, Signer, URLSafeTimedSerializer


class Purpose(StrEnum):
    """What a signature is for; also its salt."""

    REGISTRATION = "registration-link"
    RESET = "password-reset"
    DEVICE = "known-device"


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


def timed(purpose: Purpose) -> URLSafeTimedSerializer:
    """A serializer for small values that expire."""
    return URLSafeTimedSerializer(
        current_app.config["SECRET_KEY"],
        salt=purpose.value,
        signer_kwargs={"digest_method": hashlib.sha256},
    )


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
