"""Series and events as programs read them."""

from pathlib import Path

import pytest
from flask.testing import FlaskClient

from eduforum.core.db import transaction
from eduforum.events.models import Series
from eduforum.web.access import Scope
from tests.factories import make_event, make_series
from tests.pages import BASE
from tests.programs import Program, assert_answer

ANSWERS = Path(__file__).parent / "answers"


@pytest.fixture
def public(client: FlaskClient) -> Program:
    return Program(client)


@pytest.fixture
def series() -> Series:
    return make_series(slug="tianjin")


@pytest.mark.usefixtures("app")
def test_series_and_events(public: Program, series: Series) -> None:
    event = make_event(series=series, slug="forum")
    names = {"event": event.name_zh, "Event": event.name_en}
    with transaction():
        series.number = 65537

    assert_answer(public.get("/series"), ANSWERS / "series.json", names)
    one = public.get("/series/tianjin")
    assert one.get_json() == public.get("/series").get_json()["items"][0]
    assert_answer(public.get("/series/tianjin/events"), ANSWERS / "events.json", names)


@pytest.mark.usefixtures("app")
def test_times_carry_the_offset_of_the_series(public: Program, series: Series) -> None:
    make_event(series=series)
    with transaction():
        series.time_zone = "Europe/Berlin"
    (event,) = public.get("/series/tianjin/events").get_json()["items"]
    assert event["starts_at"] == "2027-03-15T02:00:00+01:00"


@pytest.mark.usefixtures("app")
def test_an_unpublished_series_is_there_for_its_own_program_only(
    client: FlaskClient, public: Program, series: Series
) -> None:
    draft = make_series(slug="draft", published=False)
    own = Program(client, Scope.READ, series=draft)
    foreign = Program(client, Scope.READ, series=series)

    seen = {
        who: [one["slug"] for one in program.get("/series").get_json()["items"]]
        for who, program in (("public", public), ("own", own), ("foreign", foreign))
    }
    assert seen == {
        "public": ["tianjin"],
        "own": ["tianjin", "draft"],
        "foreign": ["tianjin"],
    }
    statuses = [who.get("/series/draft/events").status_code for who in (public, own, foreign)]
    assert statuses == [404, 200, 404]


@pytest.mark.usefixtures("app")
def test_pages_of_a_list(public: Program, series: Series) -> None:
    slugs = [make_event(series=series).slug for _ in range(5)]
    seen: list[str] = []
    query = {"limit": "2"}
    for _ in range(3):
        page = public.get("/series/tianjin/events", **query).get_json()
        seen += [event["slug"] for event in page["items"]]
        query |= {"cursor": page["next"]}
    assert (seen, page["next"]) == (slugs, None)


@pytest.mark.usefixtures("app", "series")
@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"limit": "0"}, "limit"),
        ({"limit": "201"}, "limit"),
        ({"limit": "ten"}, "limit"),
        ({"cursor": "made-up"}, "cursor"),
        ({"cursor": "LTE"}, "cursor"),
    ],
)
def test_a_list_asked_for_wrongly(public: Program, query: dict[str, str], field: str) -> None:
    answer = public.get("/series/tianjin/events", **query)
    assert (answer.status_code, list(answer.get_json()["errors"])) == (422, [field])


@pytest.mark.usefixtures("app", "series")
def test_what_has_not_changed_is_not_sent_again(public: Program) -> None:
    first = public.get("/series")
    again = public.client.get(
        "/api/v1/series", headers={"If-None-Match": first.headers["ETag"]}, base_url=BASE
    )
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/series/nowhere", 404, "not-found"),
        ("GET", "/no-such-call", 404, "not-found"),
        ("PUT", "/series", 405, "method-not-allowed"),
        ("GET", "/series/nowhere/registrations", 401, "token-missing"),
    ],
)
def test_every_refusal_is_a_problem_document(
    public: Program, method: str, path: str, status: int, code: str
) -> None:
    answer = public.client.open(f"/api/v1{path}", method=method, base_url=BASE)
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    assert answer.get_json()["code"] == code
    if status == 405:
        assert answer.headers["Allow"] == "GET, HEAD, OPTIONS"
    if status == 401:
        assert answer.headers["WWW-Authenticate"] == "Bearer"
