"""What a change changed: written to the row, kept for the audit trail."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum
from typing import Any
from uuid import UUID

from eduforum.core.db import Model


@dataclass(frozen=True, slots=True)
class Diff:
    """The columns that changed, as JSON values. False when none did."""

    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.after)

    def touches(self, *columns: str) -> bool:
        return any(column in self.after for column in columns)


def apply(row: Model, values: Mapping[str, object]) -> Diff:
    """Set the columns of `row` whose value differs from `values`; say which."""
    diff = Diff()
    for column, value in values.items():
        held = getattr(row, column)
        if held != value:
            diff.before[column], diff.after[column] = _plain(held), _plain(value)
            setattr(row, column, value)
    return diff


def _plain(value: object) -> object:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, date | datetime):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value
