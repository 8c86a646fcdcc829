"""Faults that reliability tests switch on, to show that they would notice a broken promise."""

import time

from flask import current_app


def active(name: str) -> bool:
    """Whether a test switched this fault on. Always False outside tests: settings refuse it."""
    return name in current_app.config["TEST_FAULTS"].split(",")


def sleep_if(name: str, seconds: float = 0.005) -> None:
    """Widen a gap in which a missing lock shows."""
    if active(name):
        time.sleep(seconds)
