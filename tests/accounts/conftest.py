"""Cheap password hashes, so that a hundred wrong tries take no minute."""

from collections.abc import Iterator

import pytest
from argon2 import PasswordHasher

from eduforum.accounts import passwords

REAL = passwords._hasher


@pytest.fixture
def real_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """For a test of what a hash costs."""
    monkeypatch.setattr(passwords, "_hasher", REAL)
    passwords._dummy.cache_clear()


@pytest.fixture(autouse=True)
def _cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    cheap = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    monkeypatch.setattr(passwords, "_hasher", cheap)
    passwords._dummy.cache_clear()
    yield
    passwords._dummy.cache_clear()
