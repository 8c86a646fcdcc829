"""What a test needs from the machine, and what happens when it is not there."""

import os
from typing import Literal, NoReturn, get_args

import pytest

Need = Literal["postgres", "browser", "redis"]


def required() -> frozenset[str]:
    """The needs that this run insists on: EDUFORUM_REQUIRE, separated by commas.

    Raises `pytest.UsageError` for a name that is no need, so that a slip does not skip quietly.
    """
    names = {name.strip() for name in os.environ.get("EDUFORUM_REQUIRE", "").split(",")} - {""}
    if unknown := names - set(get_args(Need)):
        raise pytest.UsageError(
            f"EDUFORUM_REQUIRE names {', '.join(sorted(unknown))};"
            f" it may name {', '.join(get_args(Need))}."
        )
    return frozenset(names)


def require_or_skip(name: Need, reason: str) -> NoReturn:
    """Call when `name` is missing: fails the test if this run insists on it, else skips it.

    `reason` says what was looked for and not found; the summary of the run shows it.
    """
    if name in required():
        pytest.fail(f"EDUFORUM_REQUIRE insists on {name}: {reason}", pytrace=False)
    pytest.skip(f"{name}: {reason}")
