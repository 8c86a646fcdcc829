"""Rows of a form that are added, removed and put in order without a script.

Each row has its buttons, named `rows`: `add`, `remove-2`, `up-2`, `down-2`. Pressing one sends the
whole form; what was typed comes back with the rows arranged anew, and nothing is stored.
"""

import re
from collections.abc import Sequence

from werkzeug.datastructures import MultiDict

_MOVE = re.compile(r"(remove|up|down)-([0-9]{1,3})")
MOST_ROWS = 60


def arranged(
    typed: MultiDict[str, str], prefix: str, columns: Sequence[str]
) -> MultiDict[str, str]:
    """`typed` after the button that was pressed, the rows `<prefix>-<n>-<column>` numbered anew."""
    row_key = re.compile(rf"{re.escape(prefix)}-([0-9]{{1,4}})-({'|'.join(columns)})")
    kept: MultiDict[str, str] = MultiDict()
    rows: dict[int, dict[str, str]] = {}
    for key, value in typed.items(multi=True):
        found = row_key.fullmatch(key)
        if found:
            rows.setdefault(int(found[1]), {})[found[2]] = value
        elif key != "rows":
            kept.add(key, value)
    order = _moved([rows[number] for number in sorted(rows)], typed.get("rows", ""), columns)
    for number, row in enumerate(order):
        for column, value in row.items():
            kept.add(f"{prefix}-{number}-{column}", value)
    return kept


def _moved(rows: list[dict[str, str]], button: str, columns: Sequence[str]) -> list[dict[str, str]]:
    if button == "add" and len(rows) < MOST_ROWS:
        return [*rows, dict.fromkeys(columns, "")]
    found = _MOVE.fullmatch(button)
    if not found or int(found[2]) >= len(rows):
        return rows
    action, at = found[1], int(found[2])
    row = rows.pop(at)
    if action != "remove":
        rows.insert(max(0, at - 1) if action == "up" else at + 1, row)
    return rows
