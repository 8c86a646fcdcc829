"""The door's API: points, enrolling, the bundle, and what is refused."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
import time_machine
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from flask.testing import FlaskClient
from sqlalchemy import func, select

from eduforum.accounts.models import ApiToken
from eduforum.checkin.models import Scan
from eduforum.checkin.rules import MOST_SCANS, PointKind
from eduforum.checkin.services import new_enrol_code, revoke
from eduforum.core.db import db, new_id, transaction
from eduforum.core.signing import new_token, token_hash
from eduforum.events.models import Series, TokenGrant
from eduforum.tickets.rules import Standing, verify
from eduforum.tickets.services import end
from eduforum.web.access import Scope
from tests.checkin.door import BASE, Door, make_device, make_door, make_ticket, scan
from tests.factories import make_category, make_event, make_series
from tests.golden import assert_golden

GOLDEN = Path(__file__).parent / "golden"


def make_api_token(series: Series, *scopes: Scope) -> dict[str, str]:
    token = new_token("eft")
    with transaction():
        row = ApiToken(name="tests", token_hash=token_hash(token), scopes=list(scopes))
        db.session.add(row)
        db.session.flush()
        db.session.add(TokenGrant(token_id=row.id, series_id=series.id))
    return {"Authorization": f"Bearer {token}"}


def golden(name: str, body: Any, **names: object) -> None:
    """Compare an answer with its file, chosen and random values replaced by their names."""
    text = json.dumps(body, ensure_ascii=False, indent=2) + "\n"
    for word, value in names.items():
        text = text.replace(str(value), f"<{word}>")
    assert_golden(text, GOLDEN / f"{name}.json")


def test_enrolling_turns_a_code_into_a_device_once(client: FlaskClient) -> None:
    series = make_series(slug="golden")
    code = new_enrol_code(series.id)
    typed = {"code": f" {code[:4].lower()}-{code[4:]}", "name": "A 门 1 号"}
    answer = client.post("/api/v1/devices:enrol", json=typed, base_url=BASE)
    assert answer.status_code == 201
    body = answer.get_json()
    golden("enrol", body, id=body["id"], token=body["token"], epoch=body["epoch"])
    points = client.get(
        "/api/v1/series/golden/points",
        headers={"Authorization": f"Bearer {body['token']}"},
        base_url=BASE,
    )
    assert points.get_json() == {"items": [], "next": None}
    again = client.post("/api/v1/devices:enrol", json=typed, base_url=BASE)
    assert again.status_code == 422
    golden("enrol-refused", again.get_json())


def test_a_code_expires(client: FlaskClient, clock: time_machine.Traveller) -> None:
    code = new_enrol_code(make_series().id)
    clock.shift(600)
    answer = client.post("/api/v1/devices:enrol", json={"code": code, "name": "x"}, base_url=BASE)
    assert (answer.status_code, answer.get_json()["code"]) == (422, "enrol-code-invalid")


def test_guessing_codes_ends_soon(client: FlaskClient) -> None:
    guess = {"code": "AAAAAAAA", "name": "x"}
    statuses = [
        client.post("/api/v1/devices:enrol", json=guess, base_url=BASE).status_code
        for _ in range(21)
    ]
    assert statuses == [422] * 20 + [429]


def test_a_revoked_device_is_shut_out_at_once(client: FlaskClient) -> None:
    door, series, _ = make_door(client)
    device, token = make_device(series)
    other = Door(client, door.point, token)
    assert other.get("search", q="").status_code == 200
    revoke(series.id, device.id)
    assert other.get("search", q="").status_code == 401


def test_the_points_with_their_counts(client: FlaskClient) -> None:
    door, series, event = make_door(client)
    lin, shan = make_ticket(series, "林知夏", event), make_ticket(series, "单若谷", event)
    wrong = scan(shan.text)
    door.send(scan(lin.text), wrong, scan("", direction="undo", undoes=wrong["id"]))
    answer = client.get(f"/api/v1/series/{series.slug}/points", headers=door.headers, base_url=BASE)
    golden("points", answer.get_json(), point=door.point.id, event=event.slug)


def test_adding_a_point(client: FlaskClient) -> None:
    series = make_series()
    event = make_event(series=series)
    category = make_category(event)
    wanted = {
        "name": {"zh": "第一分会场", "en": "Forum room 1"},
        "kind": "session",
        "repeat": "reentry",
        "events": [event.slug],
        "categories": [category.code],
        "opens_at": "2027-03-15T09:00:00+08:00",
        "closes_at": "2027-03-15T11:00:00+08:00",
        "capacity": 120,
    }
    headers = make_api_token(series, Scope.MANAGE)
    address = f"/api/v1/series/{series.slug}/points"
    made = client.post(address, json=wanted, headers=headers, base_url=BASE)
    assert made.status_code == 201, made.text
    body = made.get_json()
    golden("point", body, id=body["id"], event=event.slug, category=category.code)
    assert client.get(address, headers=headers, base_url=BASE).get_json()["items"] == [body]


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"name": "第一分会场"}, "name"),
        ({"name": {"zh": ""}}, "name.zh"),
        ({"kind": "bar"}, "kind"),
        ({"events": ["elsewhere"]}, "events"),
        ({"categories": ["nobody"]}, "categories"),
        ({"sessions": ["nothing"]}, "sessions"),
        ({"capacity": 0}, "capacity"),
        ({"capacity": True}, "capacity"),
        ({"opens_at": "2027-03-15T09:00:00"}, "opens_at"),
        ({"opens_at": "2027-03-15T09:00Z", "closes_at": "2027-03-15T09:00Z"}, "closes_at"),
    ],
)
def test_a_point_that_cannot_be(client: FlaskClient, change: dict[str, Any], path: str) -> None:
    series = make_series()
    headers = make_api_token(series, Scope.MANAGE)
    address = f"/api/v1/series/{series.slug}/points"
    wanted = {"name": {"zh": "门"}, "kind": "session"} | change
    answer = client.post(address, json=wanted, headers=headers, base_url=BASE)
    assert answer.status_code == 422
    assert list(answer.get_json()["errors"]) == [path]
    assert client.get(address, headers=headers, base_url=BASE).get_json()["items"] == []


def test_scans_and_search_as_documents(client: FlaskClient) -> None:
    door, series, event = make_door(client)
    ticket = make_ticket(series, "林知夏", event)
    answer = door.post(
        scan(ticket.text, id="018f0000-0000-7000-8000-000000000001"),
        scan(ticket.text, id="018f0000-0000-7000-8000-000000000002"),
        scan("junk", id="018f0000-0000-7000-8000-000000000003"),
    ).get_json()
    golden("scans", answer, point=door.point.id, epoch=answer["epoch"])
    golden("search", door.get("search", q="linz").get_json(), ticket=ticket.id)


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"id": "1"}, "scans.1.id"),
        ({"id": None}, "scans.1.id"),
        ({"seq": "1"}, "scans.1.seq"),
        ({"seq": True}, "scans.1.seq"),
        ({"code": 5}, "scans.1.code"),
        ({"code": "a\0"}, "scans.1.code"),
        ({"code": "x" * 4097}, "scans.1.code"),
        ({"direction": "up"}, "scans.1.direction"),
        ({"direction": "undo"}, "scans.1.undoes"),
        ({"undoes": str(new_id())}, "scans.1.undoes"),
        ({"scanned_at": "yesterday"}, "scans.1.scanned_at"),
        ({"scanned_at": "2027-03-01T09:00:00"}, "scans.1.scanned_at"),
        ({"scanned_at": "0001-01-01T00:00:00+14:00"}, "scans.1.scanned_at"),
        ({"answers": []}, "scans.1.answers"),
        ({"manual": "yes"}, "scans.1.manual"),
    ],
)
def test_one_bad_shape_stores_nothing(
    client: FlaskClient, change: dict[str, Any], path: str
) -> None:
    door, series, event = make_door(client)
    ticket = make_ticket(series, "林知夏", event)
    answer = door.post(scan(ticket.text), scan(ticket.text) | change)
    assert answer.status_code == 422
    assert answer.mimetype == "application/problem+json"
    assert list(answer.get_json()["errors"]) == [path]
    assert db.session.scalar(select(func.count(Scan.id))) == 0


@pytest.mark.parametrize("body", ["[]", "{}", '{"scans": {}}', '{"scans": [1]}'])
def test_a_body_that_is_no_upload(client: FlaskClient, body: str) -> None:
    door, _, _ = make_door(client)
    answer = client.post(
        f"/api/v1/points/{door.point.id}/scans",
        data=body,
        headers=door.headers | {"Content-Type": "application/json"},
        base_url=BASE,
    )
    assert answer.status_code == 422, answer.text
    assert answer.get_json()["errors"]


def test_an_empty_upload_and_one_that_is_too_long(client: FlaskClient) -> None:
    door, _, _ = make_door(client)
    assert door.send() == []
    answer = door.post(*[scan("x") for _ in range(MOST_SCANS + 1)])
    assert answer.status_code == 422
    assert list(answer.get_json()["errors"]) == ["scans"]


def test_who_may_not(client: FlaskClient) -> None:
    door, series, _ = make_door(client)
    other, _, _ = make_door(client)
    address = f"/api/v1/points/{door.point.id}/search"

    def status(headers: dict[str, str]) -> int:
        return client.get(address, headers=headers, base_url=BASE).status_code

    assert status({}) == 401
    assert status({"Authorization": "Bearer efd_unknown"}) == 401
    assert status(other.headers) == 404
    assert status(make_api_token(series, Scope.READ)) == 403
    assert status(make_api_token(series, Scope.DOOR)) == 200
    listed = f"/api/v1/series/{series.slug}/points"
    assert client.get(listed, headers=other.headers, base_url=BASE).status_code == 404
    body = {"name": {"zh": "门"}, "kind": "session"}
    made = client.post(listed, json=body, headers=door.headers, base_url=BASE)
    assert (made.status_code, made.get_json()["code"]) == (403, "scope-missing")


def test_a_long_bundle_is_packed_for_those_who_can_unpack_it(client: FlaskClient) -> None:
    door, series, event = make_door(client)
    for number in range(20):
        make_ticket(series, f"样本{number}", event)
    head = door.headers | {"Accept-Encoding": "gzip"}
    path = f"/api/v1/points/{door.point.id}/bundle"
    small = client.get(path, headers=head, base_url=BASE)
    assert small.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in small.headers["Vary"]
    plain = door.get("bundle")
    assert "Content-Encoding" not in plain.headers
    unpacked = gzip.decompress(small.data)
    assert json.loads(unpacked)["roster"] == plain.get_json()["roster"]
    assert len(small.data) < len(unpacked) / 3


def test_the_bundle_whole_and_then_what_is_new(
    client: FlaskClient, clock: time_machine.Traveller
) -> None:
    door, series, event = make_door(client)
    category = make_category(event, code="expert")
    lin = make_ticket(series, "林知夏", event, class_code=category.ticket_class)
    gone = make_ticket(series, "查云帆", event)
    end(gone, Standing.REVOKED)
    door.send(scan(lin.text, id="018f0000-0000-7000-8000-000000000001"))
    clock.shift(60)
    whole = door.get("bundle").get_json()
    golden(
        "bundle",
        whole,
        point=door.point.id,
        event=event.slug,
        number=f'"number": {series.number}',
        series=series.slug,
        epoch=whole["epoch"],
        cursor=whole["cursor"],
        key=whole["keys"][0]["public_key"],
        lin=f"{lin.serial:014x}",
        staff_code=lin.staff_code,
        gone=f"{gone.serial:014x}",
        session=whole["programme"][1]["session"],
        event_zh=f'"zh": "{event.name_zh}"',
        event_en=f'"en": "{event.name_en}"',
        **{"class": f'"class": {category.ticket_class}'},
    )
    assert door.get("bundle", cursor=whole["cursor"]).get_json()["roster"] == []
    clock.shift(60)
    make_ticket(series, "单若谷", event)
    end(lin, Standing.CANCELLED)
    new = door.get("bundle", cursor=whole["cursor"]).get_json()
    assert [line["name"] for line in new["roster"]] == ["单若谷"]
    assert [line["serial"] for line in new["revocations"]] == [f"{lin.serial:014x}"]
    assert new["admissions"] == []
    assert new["epoch"] == whole["epoch"]


def test_the_bundle_comes_in_pages(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    door, series, event = make_door(client)
    tickets = [make_ticket(series, f"林{n}", event) for n in range(5)]
    monkeypatch.setattr("eduforum.checkin.api.BUNDLE_PAGE", 2)
    names: list[str] = []
    cursor, more = "", True
    while more:
        page = door.get("bundle", **({"cursor": cursor} if cursor else {})).get_json()
        names += [line["name"] for line in page["roster"]]
        cursor, more = page["cursor"], page["more"]
    assert sorted(names) == sorted(ticket.holder for ticket in tickets)


def test_the_keys_of_the_bundle_verify_its_tickets(client: FlaskClient) -> None:
    door, series, event = make_door(client)
    ticket = make_ticket(series, "林知夏", event)
    keys = {
        key["key_id"]: Ed25519PublicKey.from_public_bytes(bytes.fromhex(key["public_key"]))
        for key in door.get("bundle").get_json()["keys"]
    }
    assert verify(ticket.text, keys).serial.hex() == f"{ticket.serial:014x}"


@pytest.mark.parametrize("cursor", ["x", "eHx5", "MjAyNy0wMS0wMXx4fDIwMjctMDEtMDF8eA"])
def test_a_made_up_cursor_is_refused(client: FlaskClient, cursor: str) -> None:
    door, _, _ = make_door(client)
    answer = door.get("bundle", cursor=cursor)
    assert (answer.status_code, list(answer.get_json()["errors"])) == (422, ["cursor"])


def test_a_device_never_gets_more_than_the_door_needs(client: FlaskClient) -> None:
    door, series, event = make_door(client)
    ticket = make_ticket(series, "林知夏", event)
    text = door.get("bundle").text + door.get("search", q="林知夏").text
    text += door.post(scan(ticket.text)).text
    assert ticket.text not in text
    assert ticket.holder_key not in text


def test_who_left_came_but_is_not_inside(client: FlaskClient) -> None:
    door, series, event = make_door(client, kind=PointKind.SESSION)
    ticket = make_ticket(series, "林知夏", event)
    door.send(scan(ticket.text), scan(ticket.text, direction="out"))
    items = client.get(
        f"/api/v1/series/{series.slug}/points", headers=door.headers, base_url=BASE
    ).get_json()["items"]
    assert (items[0]["admitted"], items[0]["inside"]) == (1, 0)
