"""How SQLite finds people: what every registration asks must not walk a whole series."""

import pytest

from eduforum.core.db import db
from eduforum.registration import queries
from tests.factories import make_series
from tests.queries import counted

pytestmark = pytest.mark.usefixtures("app")


def searched(statement: str) -> list[str]:
    """By what SQLite finds the rows of a statement."""
    nothing = ("",) * statement.count("?")
    plan = db.session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", nothing)
    found = [line.detail for line in plan if line.detail.startswith(("SEARCH", "SCAN"))]
    return [line.rpartition("(")[2] for line in found]


def test_an_earlier_registration_is_found_by_contact() -> None:
    series = make_series()
    with counted() as sent:
        queries.seen_before(series.id, "once", "林知夏", "+8613900000123", "lin@example.org")
    assert searched(sent[0]) == ["submit_id=?)", "mobile=?)", "email=?)"]


def test_the_same_person_is_found_by_contact_or_id_number() -> None:
    series = make_series()
    with counted() as sent:
        queries.same_person(series.id, "林知夏", "+8613900000123", "lin@example.org", "index")
    assert searched(sent[0]) == ["mobile=?)", "email=?)", "series_id=? AND id_index=?)"]
