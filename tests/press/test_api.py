"""Applications of the press for programs: the same steps as on the pages."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from eduforum.core.db import db, transaction
from eduforum.notices.models import Notice, Webhook
from eduforum.press.models import Application
from eduforum.press.rules import State
from eduforum.press.services import drafts
from eduforum.web.access import Scope
from tests.files.uploads import PDF, Sent, picture
from tests.golden import assert_golden
from tests.press.outlets import House, as_, ids, people, state_of
from tests.programs import Program

_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
pytestmark = pytest.mark.usefixtures("app")
NEW: dict[str, Any] = {
    "outlet": "海河观察",
    "outlet_type": "local",
    "focal_name": "江晚照",
    "focal_mobile": "138 0000 0456",
    "focal_email": "press@example.org",
    "people": [{"name": "苏沐辰", "role": "photo", "events": ["signing"]}],
}


@pytest.fixture
def house() -> House:
    return House()


@pytest.fixture
def office(client: FlaskClient, house: House) -> Program:
    return Program(client, Scope.PRESS, series=house.series)


def post(program: Program, at: str, body: Any = None, *, status: int = 200) -> Any:
    answer = program.post(at, body)
    assert answer.status_code == status, answer.text
    return answer.get_json()


def get(program: Program, at: str, *, status: int = 200, **query: Any) -> Any:
    answer = program.get(at, **query)
    assert answer.status_code == status, answer.text
    return answer.get_json()


def path(house: House) -> str:
    return f"/series/{house.series.slug}/press-applications"


def test_anybody_begins_a_draft_and_only_its_outlet_goes_on(
    client: FlaskClient, house: House, office: Program
) -> None:
    public = Program(client)
    made = post(public, path(house), NEW, status=201)
    assert made["state"] == "draft"
    assert "/p/" in made["status_url"]
    [application] = db.session.scalars(select(Application)).all()
    assert [person.name for person in people(application)] == ["苏沐辰"]
    get(public, path(house), status=401)
    assert get(office, path(house))["items"] == []


def test_what_is_wrong_is_said_by_field(client: FlaskClient, house: House) -> None:
    told = post(
        Program(client), path(house), NEW | {"focal_mobile": "1", "outlet_type": "x"}, status=422
    )
    assert set(told["errors"]) == {"focal_mobile", "outlet_type"}
    assert db.session.scalars(select(Application)).all() == []


def test_the_main_road_for_programs(house: House, office: Program) -> None:
    made = post(office, path(house), NEW, status=201)
    at = f"/press-applications/{made['id']}"
    told = post(office, f"{at}/submit", {"consents": ["privacy", "id"]}, status=422)
    assert told["code"] == "incomplete"
    [application] = db.session.scalars(select(Application)).all()
    [person] = people(application)
    with as_("public"):
        drafts.put_letter(house.id, application.id, Sent(PDF))
        drafts.save_person(house.id, application.id, house.person(), person.id)
        drafts.put_photo(house.id, application.id, person.id, Sent(picture()))
    post(office, f"{at}/submit", {"consents": ["privacy", "id"]})
    post(office, f"{at}/screen")
    post(office, f"{at}/verify_outlet", {"method": "call_back"})
    grant = {
        "person": str(person.id),
        "zones": ["A", "C"],
        "events": ["signing"],
        "valid_from": "2027-03-15T00:00:00+08:00",
        "valid_until": "2027-03-16T00:00:00+08:00",
    }
    wrong = post(office, f"{at}/approve", {"grants": [grant | {"events": ["x"]}]}, status=422)
    assert wrong["errors"]["grants"]
    done = post(office, f"{at}/approve", {"grants": [grant]})
    assert done["state"] == "approved"
    assert done["people"][0]["zones"] == ["A"]
    assert done["people"][0]["state"] == "approved"
    again = post(office, f"{at}/screen", status=409)
    assert (again["code"], again["state"]) == ("transition-not-allowed", "approved")
    post(office, f"{at}/withdraw")
    assert state_of(application) is State.WITHDRAWN


def test_reject_appeal_and_the_other_officer(
    client: FlaskClient, house: House, office: Program
) -> None:
    application = house.verified()
    at = f"/press-applications/{application.id}"
    post(office, f"{at}/hold", {"note": ""})
    post(office, f"{at}/reject", {"reason_code": "places"})
    post(office, f"{at}/appeal", {"grounds": "请再看一次"})
    told = post(office, f"{at}/overturn", {"answer": "同意"}, status=403)
    assert told["code"] == "not-yours-to-decide"
    other = Program(client, Scope.PRESS, series=house.series)
    assert post(other, f"{at}/overturn", {"answer": "同意"})["state"] == "overturned"


def test_more_is_asked_for_and_answered(house: House, office: Program) -> None:
    application = house.submitted()
    at = f"/press-applications/{application.id}"
    post(office, f"{at}/screen")
    asked = {"items": [{"item": "photo", "person": str(ids(application)[0])}]}
    post(office, f"{at}/ask", asked | {"answer_by": "2027-03-05T18:00:00+08:00"})
    assert state_of(application) is State.NEEDS_INFO
    assert post(office, f"{at}/answer")["state"] == "screening"


def test_a_list_is_read_page_by_page_and_another_series_sees_nothing(
    client: FlaskClient, house: House, office: Program
) -> None:
    sent = [house.submitted(outlet=f"报{n}") for n in range(3)]
    first = get(office, path(house), limit=2)
    rest = get(office, path(house), limit=2, cursor=first["next"])
    seen = [one["id"] for one in (*first["items"], *rest["items"])]
    assert seen == [str(one.id) for one in sent]
    assert rest["next"] is None
    assert first["items"][0]["focal_mobile"].count("*") == 4
    assert get(office, path(house), state="approved")["items"] == []
    foreign = Program(client, Scope.PRESS, series=House().series)
    get(foreign, path(house), status=404)
    get(foreign, f"/press-applications/{sent[0].id}", status=404)
    reader = Program(client, Scope.READ, series=house.series)
    get(reader, path(house), status=403)


def test_programs_that_listen_are_told_of_each_state(house: House) -> None:
    with transaction():
        db.session.add(
            Webhook(series_id=house.id, url="https://hooks.example.org/press", sealed_secret=b"x")
        )
    application = house.rejected()
    told = db.session.scalars(
        select(Notice.kind).where(Notice.kind.startswith("press_application.")).order_by(Notice.id)
    ).all()
    assert told == [
        f"press_application.{state}" for state in ("submitted", "screening", "verified", "rejected")
    ]
    body = db.session.scalars(
        select(Notice.values).where(Notice.kind == "press_application.rejected")
    ).one()["body"]
    assert body["data"] == {
        "id": str(application.id),
        "series": house.series.slug,
        "state": "rejected",
    }


def test_cards_for_programs_and_every_answer_as_it_was_approved(
    client: FlaskClient, house: House, office: Program
) -> None:
    """From the draft to a card that was replaced; what programs read, and what they are told."""
    with transaction():
        db.session.add(
            Webhook(series_id=house.id, url="https://hooks.example.org/press", sealed_secret=b"x")
        )
    application = house.verified(["苏沐辰", "白予安"])
    first, second = (str(one) for one in ids(application))
    at = f"/press-applications/{application.id}"
    grants = [
        {
            "person": person,
            "zones": ["A", "B"],
            "events": ["signing"],
            "valid_from": "2027-03-01T00:00:00+08:00",
            "valid_until": "2027-03-20T00:00:00+08:00",
        }
        for person in (first, second)
    ]
    hand = {"person": first, "id_type": "passport", "id_last4": "0123"}
    told: dict[str, Any] = {"approve": post(office, f"{at}/approve", {"grants": grants})}
    told["collect too early"] = post(office, f"{at}/collect", hand, status=409)
    told["print"] = post(office, f"{at}/print")
    told["print again"] = post(office, f"{at}/print", status=409)
    told["proxy without letter"] = post(
        office, f"{at}/collect", hand | {"taken_by": "江晚照"}, status=422
    )
    told["collect"] = post(office, f"{at}/collect", hand)
    told["reissue"] = post(office, f"{at}/reissue", {"person": first})
    told["suspend"] = post(office, f"{at}/suspend", {"person": second, "reason": "待核实。"})
    told["revoke"] = post(office, f"{at}/revoke", {"person": second, "reason": "转借他人。"})
    told["somebody else's person"] = post(
        office, f"{at}/suspend", {"person": str(ids(house.verified(outlet="渤海晨讯"))[0]), "reason": "x"},
        status=404,
    )  # fmt: skip
    told["read"] = get(office, at)
    told["list"] = get(office, path(house), state="approved")
    told["webhooks"] = [
        values["body"]
        for values in db.session.scalars(
            select(Notice.values)
            .where(Notice.kind.startswith("press_application."))
            .order_by(Notice.created_at, Notice.id)
        )
    ]
    assert_golden(_steady(told), Path(__file__).parent / "golden" / "api.json")


def _steady(told: Any) -> str:
    """As text, with what is new in each run put in order: ids and receipt numbers."""
    text = json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True)
    for number, found in enumerate(dict.fromkeys(_ID.findall(text)), 1):
        text = text.replace(found, f"id-{number}")
    text = re.sub(r'"number": "[0-9A-Z]{8}"', '"number": "RECEIPT0"', text)
    text = re.sub(r'"(slug|series)": "[^"]+"', r'"\1": "series"', text)
    text = re.sub(r'"press_card": "K\d+"', '"press_card": "K00000000"', text)
    text = re.sub(r"focal\d+|f\*+\d*@", "focal", text)
    return re.sub(r"138\*+\d+", "138****0000", text) + "\n"
