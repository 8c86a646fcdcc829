"""How SQLite finds people: what every registration asks must not walk a whole series."""

import pytest

from eduforum.core.db import db
from eduforum.registration import queries
from tests.factories import make_series
from tests.queries import counted

pytestmark = pytest.mark.usefixtures("app")


def test_an_earlier_registration_is_found_by_contact() -> None:
    series = make_series()
    with counted() as sent:
        queries.seen_before(series.id, "once", "林知夏", "+8613900000123", "lin@example.org")
    (statement,) = sent
    nothing = ("",) * statement.count("?")
    plan = db.session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", nothing)
    searched = [line.detail for line in plan if line.detail.startswith(("SEARCH", "SCAN"))]
    assert [line.rpartition("(")[2] for line in searched] == [
        "submit_id=?)", "mobile=?)", "email=?)"
    ]  # fmt: skip
