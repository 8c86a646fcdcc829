"""A series with a door: point, device, ticket holders. Shared by the tests of this room."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from eduforum.checkin.models import Device, Point
from eduforum.checkin.rules import PointKind, Repeat
from eduforum.checkin.services import enrol, new_enrol_code
from eduforum.core import clock
from eduforum.core.db import db, new_id, transaction
from eduforum.core.i18n import Text
from eduforum.core.names import search_forms
from eduforum.events.models import Event, Series
from eduforum.tickets.models import Ticket
from eduforum.tickets.services import Holder, issue
from tests.factories import make_event, make_series

BASE = "https://forum.example.org"


def make_ticket(
    series: Series, name: str = "林知夏", *events: Event, last4: str = "0123", class_code: int = 1
) -> Ticket:
    """A valid ticket to `events`."""
    forms = search_forms(name)
    return issue(
        series,
        Holder(
            name=name,
            key=f"{name}-{new_id()}",
            pinyin=forms.pinyin,
            initials=forms.initials,
            unit="天津市职业大学",
            mobile_last4=last4,
            category=Text("专家", "Expert"),
            class_code=class_code,
            event_ids=[event.id for event in events],
        ),
    )


def make_point(
    series: Series,
    *events: Event,
    kind: PointKind = PointKind.ARRIVAL,
    repeat: Repeat = Repeat.ONCE,
    opens_at: datetime | None = None,
    closes_at: datetime | None = None,
    capacity: int | None = None,
    zones: str = "",
    checkout_time: str = "",
) -> Point:
    with transaction():
        point = Point(
            series_id=series.id,
            name_zh="主会场 A 门",
            name_en="Main hall, gate A",
            kind=kind,
            repeat=repeat,
            event_ids=[event.id for event in events],
            opens_at=opens_at,
            closes_at=closes_at,
            capacity=capacity,
            zones=list(zones),
            checkout_time=checkout_time,
        )
        db.session.add(point)
    return point


def make_device(
    series: Series, name: str = "A 门 1 号", *, supervisor: bool = False
) -> tuple[Device, str]:
    return enrol(new_enrol_code(series.id, supervisor=supervisor), name)


def scan(code: str, **more: Any) -> dict[str, Any]:
    """One scan as a device sends it."""
    return {
        "id": str(new_id()),
        "seq": 1,
        "code": code,
        "direction": "in",
        "scanned_at": clock.now().isoformat(),
    } | more


@dataclass
class Door:
    """A device at one point, which sends scans over the API."""

    client: FlaskClient
    point: Point
    token: str
    epoch: str = ""

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    def post(self, *scans: dict[str, Any], **more: Any) -> TestResponse:
        body = {"epoch": self.epoch, "device_time": clock.now().isoformat(), "scans": list(scans)}
        return self.client.post(
            f"/api/v1/points/{self.point.id}/scans",
            json=body | more,
            headers=self.headers,
            base_url=BASE,
        )

    def send(self, *scans: dict[str, Any], **more: Any) -> list[dict[str, Any]]:
        """Send scans and return their results; the upload must be accepted."""
        answer = self.post(*scans, **more)
        assert answer.status_code == 200, answer.text
        results: list[dict[str, Any]] = answer.get_json()["results"]
        return results

    def verdict(self, code: str, **more: Any) -> str:
        return str(self.send(scan(code, **more))[0]["verdict"])

    def get(self, path: str, **arguments: str) -> TestResponse:
        return self.client.get(
            f"/api/v1/points/{self.point.id}/{path}",
            query_string=arguments,
            headers=self.headers,
            base_url=BASE,
        )


def make_door(client: FlaskClient, **point: Any) -> tuple[Door, Series, Event]:
    """A series with one event in progress tomorrow, its arrival point and one device."""
    series = make_series()
    event = make_event(series=series, starts_at=clock.now() + timedelta(days=1))
    place = make_point(series, event, **point)
    _, token = make_device(series)
    return Door(client, place, token), series, event
