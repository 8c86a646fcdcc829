"""Registrations through the API."""

from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from eduforum.core.db import db
from eduforum.events.models import Series
from eduforum.notices.models import Notice
from eduforum.registration.api import registrations
from eduforum.registration.models import Category, Registration
from eduforum.registration.rules import Admission
from eduforum.tickets.rules import verify
from eduforum.tickets.services import keys_of
from eduforum.web.access import Scope
from tests.factories import make_category, make_event, make_series
from tests.pages import BASE
from tests.programs import Program, assert_answer
from tests.queries import counted
from tests.site.counting import queries

pytestmark = pytest.mark.usefixtures("app")
ANSWERS = Path(__file__).parent / "answers"
PATH = "/series/tianjin/registrations"
PERSON: dict[str, Any] = {
    "name": "林知夏",
    "organisation": "天津市职业大学",
    "position": "教师",
    "mobile": "139 0000 0123",
    "email": "Lin@Example.org",
    "category": "observer",
    "events": ["forum"],
    "consents": ["privacy"],
}


@pytest.fixture
def series() -> Series:
    return make_series(slug="tianjin")


@pytest.fixture
def observer(series: Series) -> Category:
    """Two seats, and nobody may wait."""
    return make_category(make_event(series=series, slug="forum"), code="observer", seats=2, line=0)


@pytest.fixture
def public(client: FlaskClient, observer: Category) -> Program:
    return Program(client)


@pytest.fixture
def manager(client: FlaskClient, series: Series, observer: Category) -> Program:
    return Program(client, Scope.MANAGE, series=series)


@pytest.fixture
def reader(client: FlaskClient, series: Series, observer: Category) -> Program:
    return Program(client, Scope.READ, series=series)


def people() -> int:
    return db.session.execute(select(func.count()).select_from(Registration)).scalar_one()


def test_anyone_registers_for_a_public_category(public: Program) -> None:
    made = public.post(PATH, PERSON)
    assert_answer(made, ANSWERS / "created.json", {"id": made.get_json()["id"]})
    page = public.client.get(made.get_json()["status_url"])
    assert "林知夏" in page.text
    picture = public.client.get(made.get_json()["ticket_url"])
    assert (picture.status_code, picture.mimetype) == (200, "image/png")


def test_what_is_stored_is_what_the_form_would_store(public: Program) -> None:
    public.post(PATH, PERSON, Accept_Language="en")
    person = db.session.scalars(select(Registration)).one()
    assert (person.mobile, person.email) == ("+8613900000123", "lin@example.org")
    assert (person.source, person.language, person.consents) == ("api", "en", ["privacy"])


def test_a_full_pool_is_named(public: Program) -> None:
    for name in ("林知夏", "陈砚秋"):
        public.post(PATH, PERSON | {"name": name})
    refused = public.post(PATH, PERSON | {"name": "周若谷"})
    assert_answer(refused, ANSWERS / "pool-full.json", {})


def test_a_second_attempt_is_told_nothing_and_the_link_goes_to_the_contact(
    public: Program,
) -> None:
    public.post(PATH, PERSON)
    refused = public.post(PATH, PERSON | {"position": ""})
    assert_answer(refused, ANSWERS / "already-registered.json", {})
    kinds = db.session.scalars(select(Notice.kind).where(Notice.channel == "mail")).all()
    assert sorted(kinds) == ["registration-confirmed", "registration-link"]


def test_a_category_that_is_not_open(public: Program, series: Series) -> None:
    event = make_event(series=series, slug="dinner")
    make_category(event, code="guest", admission=Admission.BY_INVITATION)
    refused = public.post(PATH, PERSON | {"category": "guest", "events": ["dinner"]})
    assert (refused.status_code, refused.get_json()["code"]) == (409, "registration-closed")


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"name": None}, ["name"]),
        ({"name": "  "}, ["name"]),
        ({"name": "林" * 121}, ["name"]),
        ({"name": 7}, ["name"]),
        ({"organisation": "校" * 121}, ["organisation"]),
        ({"position": "长" * 61}, ["position"]),
        ({"mobile": "12345"}, ["mobile"]),
        ({"mobile": 13900000123}, ["mobile"]),
        ({"mobile": "", "email": ""}, ["mobile"]),
        ({"mobile": None, "email": None}, ["mobile"]),
        ({"email": "lin"}, ["email"]),
        ({"events": []}, ["events"]),
        ({"events": "forum"}, ["events"]),
        ({"events": ["elsewhere"]}, ["events"]),
        ({"category": "nobody"}, ["category"]),
        ({"sessions": ["first"]}, ["sessions.0"]),
        ({"mode": "hybrid"}, ["mode"]),
        ({"answers": {"Diet!": "none"}}, ["answers.Diet!"]),
        ({"answers": {"diet": {"deep": 1}}}, ["answers.diet"]),
        ({"language": "fr"}, ["language"]),
        ({"state": "confirmed"}, ["state"]),
        ({"staff": True, "priority": 9}, ["staff", "priority"]),
        ({"name": "\ud800\x00"}, ["name"]),
    ],
)
def test_a_mistake_is_named_by_its_field_and_nothing_is_stored(
    public: Program, changes: dict[str, Any], fields: list[str]
) -> None:
    answer = public.post(PATH, PERSON | changes)
    assert (answer.status_code, answer.get_json()["code"]) == (422, "invalid")
    assert list(answer.get_json()["errors"]) == fields
    assert people() == 0


def test_mistakes_are_told_together_in_the_language_asked_for(public: Program) -> None:
    body = PERSON | {"mobile": "1390000", "email": "lin at example.org", "colour": "red"}
    answer = public.post(f"{PATH}?lang=en", body)
    assert_answer(answer, ANSWERS / "invalid.json", {})


@pytest.mark.parametrize(
    ("body", "content_type", "status", "code"),
    [
        ("{", "application/json", 400, "bad-json"),
        ("", "application/json", 400, "bad-json"),
        ('{"name": NaN}', "application/json", 400, "bad-json"),
        ("[" * 200_000, "application/json", 400, "bad-json"),
        ("\xff", "application/json", 400, "bad-json"),
        ("[]", "application/json", 422, "invalid"),
        ("null", "application/json", 422, "invalid"),
        ("name=x", "application/x-www-form-urlencoded", 415, "unsupported-media-type"),
        (" " * (12 * 1024 * 1024 + 1), "application/json", 413, "too-large"),
    ],
)
def test_a_body_that_cannot_be_read(
    public: Program, body: str, content_type: str, status: int, code: str
) -> None:
    answer = public.client.post(
        f"/api/v1{PATH}", data=body.encode("latin-1"), content_type=content_type, base_url=BASE
    )
    assert (answer.status_code, answer.get_json()["code"]) == (status, code)
    assert answer.mimetype == "application/problem+json"


def test_a_network_may_register_only_so_often(
    public: Program, client: FlaskClient, series: Series, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registrations, "MOST_A_MINUTE", 2)

    def post(headers: dict[str, str], address: str) -> int:
        return client.post(
            f"/api/v1{PATH}",
            json={},
            headers=headers,
            base_url=BASE,
            environ_base={"REMOTE_ADDR": address},
        ).status_code

    trusted = Program(client, Scope.REGISTER, series=series).headers
    assert [post({}, "192.0.2.7") for _ in range(4)] == [422, 422, 429, 429]
    assert post({}, "192.0.2.8") == 422
    assert post(trusted, "192.0.2.7") == 422
    assert [post({}, "127.0.0.1") for _ in range(4)] == [422] * 4


def test_a_program_with_manage_registers_as_staff(manager: Program, series: Series) -> None:
    event = make_event(series=series, slug="dinner")
    make_category(event, code="guest", admission=Admission.BY_INVITATION)
    made = manager.post(PATH, PERSON | {"category": "guest", "events": ["dinner"]})
    assert (made.status_code, made.get_json()["state"]) == (201, "confirmed")
    foreign = Program(manager.client, Scope.MANAGE, series=make_series())
    refused = foreign.post(PATH, PERSON | {"category": "guest", "events": ["dinner"]})
    assert refused.get_json()["code"] == "registration-closed"


def test_the_list_and_one_of_it(public: Program, manager: Program, reader: Program) -> None:
    made = public.post(PATH, PERSON).get_json()["id"]
    names: dict[str, object] = {"id": made}

    masked = reader.get(f"/registrations/{made}")
    assert_answer(masked, ANSWERS / "masked.json", names)
    assert reader.get(PATH).get_json() == {"items": [masked.get_json()], "next": None}

    whole = manager.get(f"/registrations/{made}")
    ticket, code = whole.get_json()["ticket"], whole.get_json()["staff_code"]
    assert_answer(whole, ANSWERS / "whole.json", names | {"ticket": ticket, "code": code})
    person = db.session.scalars(select(Registration)).one()
    assert verify(ticket, keys_of(person.series_id)).series == person.series.number


def test_contacts_are_whole_with_the_right_to_register(
    public: Program, client: FlaskClient, series: Series
) -> None:
    public.post(PATH, PERSON)
    program = Program(client, Scope.READ, Scope.REGISTER, series=series)
    (item,) = program.get(PATH).get_json()["items"]
    assert (item["mobile"], "ticket" in item) == ("+8613900000123", False)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, ["林知夏", "陈砚秋"]),
        ({"state": "submitted"}, ["陈砚秋"]),
        ({"state": "declined"}, []),
        ({"category": "observer"}, ["林知夏"]),
        ({"category": "unknown"}, []),
        ({"event": "talk"}, ["陈砚秋"]),
        ({"event": "talk", "state": "confirmed"}, []),
        ({"q": "lin"}, ["林知夏"]),
        ({"q": "cyq"}, ["陈砚秋"]),
        ({"q": "职业大学"}, ["林知夏", "陈砚秋"]),
        ({"q": "0123"}, ["林知夏"]),
        ({"q": "13900000123"}, ["林知夏"]),
        ({"q": "lin@example.org"}, ["林知夏"]),
        ({"updated_since": "2027-03-01T09:00:00+08:00"}, ["林知夏", "陈砚秋"]),
        ({"updated_since": "2027-03-01T01:00:01Z"}, []),
        ({"state": "", "q": ""}, ["林知夏", "陈砚秋"]),
    ],
)
def test_filters(
    public: Program, manager: Program, series: Series, query: dict[str, str], found: list[str]
) -> None:
    talk = make_event(series=series, slug="talk")
    make_category(talk, code="delegate", admission=Admission.BY_APPROVAL)
    public.post(PATH, PERSON)
    other = {"name": "陈砚秋", "mobile": "13900000456", "email": "chen@example.org"}
    public.post(PATH, PERSON | other | {"category": "delegate", "events": ["talk"]})

    items = manager.get(PATH, **query).get_json()["items"]
    assert [item["name"] for item in items] == found


@pytest.mark.parametrize("query", ["13900000123", "+8613900000123", "lin@example.org"])
def test_who_sees_masks_cannot_look_up_contacts(
    public: Program, reader: Program, query: str
) -> None:
    public.post(PATH, PERSON)
    assert reader.get(PATH, q=query).get_json()["items"] == []


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"state": "open"}, "state"),
        ({"updated_since": "yesterday"}, "updated_since"),
        ({"updated_since": "2027-03-01T09:00:00"}, "updated_since"),
        ({"stat": "confirmed"}, "stat"),
        ({"cursor": "bm8"}, "cursor"),
    ],
)
def test_a_query_that_is_wrong(reader: Program, query: dict[str, str], field: str) -> None:
    answer = reader.get(PATH, **query)
    assert (answer.status_code, list(answer.get_json()["errors"])) == (422, [field])


def test_pages_lose_nobody(manager: Program, series: Series) -> None:
    make_category(make_event(series=series, slug="talk"), code="open", seats=20)
    made = [
        manager.post(
            PATH,
            PERSON | {"name": f"李{n}", "category": "open", "events": ["talk"]},
        ).get_json()["id"]
        for n in range(7)
    ]
    seen: list[str] = []
    query: dict[str, str] = {"limit": "3"}
    for _ in range(3):
        page = manager.get(PATH, **query).get_json()
        seen += [item["id"] for item in page["items"]]
        query["cursor"] = page["next"]
    assert (seen, page["next"]) == (made, None)


def test_the_list_takes_few_queries(manager: Program, series: Series) -> None:
    make_category(make_event(series=series, slug="talk"), code="open", seats=50)

    def registered(count: int) -> None:
        for _ in range(count):
            person = PERSON | {"name": f"李{uuid4().hex[:8]}", "category": "open"}
            manager.post(PATH, person | {"events": ["talk"]})

    registered(3)
    with queries() as few:
        manager.get(PATH)
    registered(20)
    with queries() as many:
        manager.get(PATH)
    assert len(many) == len(few) <= 12


def test_actions(public: Program, manager: Program, series: Series) -> None:
    talk = make_event(series=series, slug="talk")
    make_category(talk, code="delegate", admission=Admission.BY_APPROVAL)
    made = public.post(PATH, PERSON | {"category": "delegate", "events": ["talk"]}).get_json()
    one = f"/registrations/{made['id']}"
    assert made["state"] == "submitted"

    steps: list[tuple[str, Any, str]] = [
        ("return", {"fields": ["organisation"], "reason": "请填写全称。"}, "returned"),
        ("approve", None, "confirmed"),
        ("leave", {}, "on_leave"),
        ("come_back", None, "confirmed"),
        ("cancel", {"reason": "论坛改期。"}, "cancelled"),
    ]
    for action, body, state in steps:
        answer = manager.post(f"{one}/{action}", body)
        assert (answer.status_code, answer.get_json().get("state")) == (200, state), action
    assert answer.get_json() == manager.get(one).get_json()
    refused = manager.post(f"{one}/approve")
    assert_answer(refused, ANSWERS / "transition.json", {})


def test_declined_and_reviewed_again(public: Program, manager: Program, series: Series) -> None:
    talk = make_event(series=series, slug="talk")
    make_category(talk, code="delegate", admission=Admission.BY_APPROVAL)
    made = public.post(PATH, PERSON | {"category": "delegate", "events": ["talk"]}).get_json()
    one = f"/registrations/{made['id']}"

    declined = manager.post(f"{one}/decline", {"reason_code": "full", "reason": "名额已满。"})
    told = declined.get_json()
    assert (told["state"], told["reason_code"], told["reason"]) == (
        "declined",
        "full",
        "名额已满。",
    )
    assert manager.post(f"{one}/reopen").get_json()["state"] == "submitted"


@pytest.mark.parametrize(
    ("action", "body", "field"),
    [
        ("decline", {}, "reason_code"),
        ("decline", {"reason_code": "ugly"}, "reason_code"),
        ("return", {"fields": ["state"], "reason": "x"}, "fields.0"),
        ("return", {"fields": ["name"]}, "reason"),
        ("return", {"reason": "x", "answer_by": "2020-01-01T00:00:00Z"}, "answer_by"),
        ("cancel", {"reason": " "}, "reason"),
        ("approve", {"force": True}, "force"),
    ],
)
def test_an_action_asked_for_wrongly(
    public: Program, manager: Program, action: str, body: dict[str, Any], field: str
) -> None:
    made = public.post(PATH, PERSON).get_json()["id"]
    answer = manager.post(f"/registrations/{made}/{action}", body)
    assert (answer.status_code, list(answer.get_json()["errors"])) == (422, [field])
    assert manager.get(f"/registrations/{made}").get_json()["state"] == "confirmed"


def test_a_foreign_registration_does_not_exist(
    public: Program, client: FlaskClient, manager: Program
) -> None:
    made = public.post(PATH, PERSON).get_json()["id"]
    foreign = Program(client, Scope.MANAGE, Scope.READ, series=make_series())
    unknown = foreign.get(f"/registrations/{uuid4()}")
    assert foreign.get(f"/registrations/{made}").get_json() == unknown.get_json()
    assert foreign.post(f"/registrations/{made}/cancel", {"reason": "x"}).status_code == 404
    assert manager.get(f"/registrations/{made}").get_json()["state"] == "confirmed"


def test_categories_tell_the_truth_about_seats(public: Program) -> None:
    answer = public.get("/series/tianjin/categories")
    assert_answer(answer, ANSWERS / "categories.json", {})
    public.post(PATH, PERSON)
    (category,) = public.get("/series/tianjin/categories").get_json()["items"]
    assert (category["events"][0]["free"], category["events"][0]["state"]) == (1, "open")


def test_a_registration_needs_few_statements(public: Program) -> None:
    """While they run, nobody else can write. The first also makes the key of the series."""
    people = [PERSON | {"name": f"林{name}", "email": "", "mobile": f"139 0000 012{n}"}
              for n, name in enumerate("甲乙")]  # fmt: skip
    for n, person in enumerate(people):
        db.session.remove()
        with counted() as sent:
            assert public.post(PATH, person, Idempotency_Key=f"{n}").status_code == 201
    assert len(sent) == 19
