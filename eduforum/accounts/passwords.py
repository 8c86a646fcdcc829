"""Passwords are kept as Argon2id hashes (RFC 9106) and checked at most two at a time."""

import secrets
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from eduforum.accounts.rules import TooBusy

MOST_AT_ONCE = 2
_LONGEST_WAIT = 5.0
_MIB = 1024

# Each check takes this much memory, so a crowd at the gate must not take it all.
_hasher = PasswordHasher(time_cost=2, memory_cost=46 * _MIB, parallelism=1)
_slots = BoundedSemaphore(MOST_AT_ONCE)


def hashed(password: str) -> str:
    """The hash to keep. Raises `TooBusy`."""
    with _slot():
        return _hasher.hash(_bytes(password))


def matches(kept: str, password: str) -> bool:
    """Whether `kept` is the hash of `password`. Raises `TooBusy`.

    An empty or foreign hash matches nothing, and takes as long as one that does.
    """
    with _slot():
        dummy = _dummy()
        real = kept.startswith("$argon2id$")
        try:
            return _hasher.verify(kept if real else dummy, _bytes(password)) and real
        except (VerificationError, InvalidHashError):
            return False


def is_outdated(kept: str) -> bool:
    """Whether `kept` was made with other parameters than we use now."""
    return _hasher.check_needs_rehash(kept)


@contextmanager
def _slot() -> Iterator[None]:
    if not _slots.acquire(timeout=_LONGEST_WAIT):
        raise TooBusy
    try:
        yield
    finally:
        _slots.release()


@cache
def _dummy() -> str:
    return _hasher.hash(secrets.token_bytes(32))


def _bytes(password: str) -> bytes:
    """The same password typed on another keyboard is the same bytes (NFKC, as RFC 8265 advises)."""
    return unicodedata.normalize("NFKC", password).encode()
