"""`GET /series/{series}/attendance`, as programs see it."""

import json
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from eduforum.events import grants
from eduforum.events.models import Series
from eduforum.registration import services
from eduforum.web.access import Scope
from tests.factories import make_category, make_series
from tests.golden import assert_golden
from tests.pages import BASE
from tests.reports.hall import make_hall

GOLDEN = Path(__file__).parent / "golden"


def ask(client: FlaskClient, series: Series, *scopes: Scope, **query: str) -> TestResponse:
    _, secret = grants.add_token("test", scopes or (Scope.READ,), [series.id])
    return client.get(
        f"/api/v1/series/{series.slug}/attendance",
        query_string=query,
        headers={"Authorization": f"Bearer {secret}"},
        base_url=BASE,
    )


def test_the_whole_answer(client: FlaskClient) -> None:
    hall = make_hall()
    first, second = hall.events
    experts = make_category(first, code="expert")
    there = hall.person("林知夏", first, second, unit="天津大学")
    hall.person("陈砚秋", first, category=experts)
    on_leave = hall.person("周望舒", first)
    services.leave(hall.series.id, on_leave.id)
    hall.scan(there, hall.arrival)
    hall.scan(there, first)
    answer = ask(client, hall.series)
    assert answer.status_code == 200
    text = json.dumps(answer.get_json(), ensure_ascii=False, indent=2) + "\n"
    assert_golden(text, GOLDEN / "attendance.json")


def test_only_one_kind_of_rows(client: FlaskClient) -> None:
    hall = make_hall(events=1)
    hall.person(unit="天津大学")
    hall.person("陈砚秋")

    def rows(by: str) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = ask(client, hall.series, by=by).get_json()["items"]
        return items

    assert [row.keys() & {"category", "organisation"} for row in rows("event")] == [set()]
    assert [row["category"] for row in rows("category")] == ["observer"]
    assert [row["organisation"]["zh"] for row in rows("organisation")] == ["天津大学", "未填单位"]
    assert rows("session") == []
    wrong = ask(client, hall.series, by="moon")
    assert (wrong.status_code, list(wrong.get_json()["errors"])) == (422, ["by"])


def test_who_may_ask(client: FlaskClient) -> None:
    hall = make_hall()
    address = f"/api/v1/series/{hall.series.slug}/attendance"
    assert client.get(address, base_url=BASE).status_code == 401
    assert ask(client, hall.series, Scope.DOOR).status_code == 403
    _, secret = grants.add_token("foreign", [Scope.READ], [make_series().id])
    foreign = client.get(address, headers={"Authorization": f"Bearer {secret}"}, base_url=BASE)
    assert foreign.status_code == 404
