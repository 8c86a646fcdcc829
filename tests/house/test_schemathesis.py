"""Generated calls of every operation, sound and broken, by programs with and without rights.

No answer is a server error, and every answer is one that the OpenAPI document describes, field by
field. `SCHEMATHESIS_CALLS` is the number of calls for each operation; 800 make about 20,000.
"""

import os
from dataclasses import dataclass
from random import Random
from typing import Any
from uuid import uuid4

import jsonschema_rs
import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from eduforum.checkin.models import Point
from eduforum.checkin.rules import PointKind
from eduforum.core.db import db, transaction
from eduforum.events import grants
from eduforum.registration.rules import Admission
from eduforum.registration.services import Application, register
from eduforum.site.api import current_document
from eduforum.web.access import Scope
from tests.factories import make_category, make_event, make_series

CALLS = int(os.environ.get("SCHEMATHESIS_CALLS", "8"))
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


@dataclass(frozen=True)
class World:
    """What there is to call, by the names of path arguments, and who may call.

    tokens: the first may do everything. chance: not hypothesis' own, which likes the simplest.
    """

    known: dict[str, list[str]]
    words: dict[str, Any]
    tokens: list[str]
    chance: Random

    def token(self) -> str:
        return self.tokens[0] if self.chance.random() < 0.7 else self.chance.choice(self.tokens)


@pytest.fixture
def world(either_app: Flask) -> World:
    series = make_series(slug="own")
    event = make_event(series=series, slug="forum")
    make_category(event, code="observer", seats=3, line=2)
    make_category(event, code="delegate", admission=Admission.BY_APPROVAL, seats=20)
    make_category(event, code="guest", admission=Admission.BY_INVITATION)
    people = [
        register(
            series,
            Application(name="林知夏", category=code, events=("forum",), mobile=f"+86{number}"),
            submit_id=uuid4().hex,
        )
        for number, code in enumerate(["observer", *["delegate"] * 12], 13900000123)
    ]
    with transaction():
        point = Point(
            series_id=series.id,
            kind=PointKind.ARRIVAL,
            name_zh="报到处",
            name_en="Arrival",
            event_ids=[event.id],
        )
        db.session.add(point)
    tokens = [grants.add_token(scope.value, [scope], [series.id])[1] for scope in Scope]
    _, everything = grants.add_token("everything", list(Scope), [series.id])
    return World(
        known={
            "series": ["own"],
            "registration": [str(person.id) for person in people],
            "point": [str(point.id)],
        },
        words={
            "name": "陈砚秋",
            "category": "observer",
            "events": ["forum"],
            "mobile": "13900000456",
            "email": "chen@example.org",
            "reason": "请填写单位全称。",
            "reason_code": "full",
            "fields": ["organisation"],
            "answer_by": "2027-03-10T09:00:00+08:00",
            "code": people[0].ticket.text if people[0].ticket else "",
        },
        tokens=[everything, *tokens, "wrong", ""],
        chance=Random(1),
    )


def closed(document: dict[str, Any]) -> dict[str, Any]:
    """The document, with answers that may hold nothing but what it describes."""
    schemas = document["components"]["schemas"]
    shut = {
        name: schema | {"additionalProperties": False} if "properties" in schema else schema
        for name, schema in schemas.items()
    }
    return document | {"components": document["components"] | {"schemas": shut}}


def test_generated_calls(either_app: Flask, world: World) -> None:
    document = closed(current_document())
    schema = schemathesis.openapi.from_dict(document)
    schema.app = either_app
    for found in schema.get_all_operations():
        assert isinstance(found, Ok)
        try_operation(found.ok(), world, document)


def try_operation(operation: Any, world: World, document: dict[str, Any]) -> None:
    sound = operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
    broken = operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)
    takes_anything = not operation.body and not operation.query and not operation.path_parameters
    cases = sound if takes_anything else st.one_of(sound, broken)

    @settings(
        max_examples=CALLS,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases)
    def call(case: Any) -> None:
        fill_in(case, world)
        token = world.token()
        headers = {"Accept-Encoding": "identity"}  # what speaks WSGI itself unpacks nothing
        headers |= {"Authorization": f"Bearer {token}"} if token else {}
        answer = case.call(headers=headers)
        case.validate_response(answer, checks=CHECKS)
        assert undescribed(answer, operation, document) == []

    call()


def undescribed(answer: Any, operation: Any, document: dict[str, Any]) -> list[str]:
    """What the answer holds and the document does not describe; schemathesis lets it pass."""
    said = document["paths"][operation.path][operation.method]["responses"]
    media_type = answer.headers.get("content-type", [""])[0].partition(";")[0]
    held = said[str(answer.status_code)].get("content", {}).get(media_type)
    if held is None or not media_type.endswith("json"):
        return []
    whole = held["schema"] | {"components": document["components"]}
    errors = jsonschema_rs.validator_for(whole).iter_errors(answer.json())
    return [error.message for error in errors]


def fill_in(case: Any, world: World) -> None:
    """Mostly ask for things that exist, with values that mean something."""
    for name in case.path_parameters or {}:
        if name in world.known and world.chance.random() < 0.8:
            case.path_parameters[name] = world.chance.choice(world.known[name])
    if isinstance(case.body, dict) and world.chance.random() < 0.6:
        scans = case.body.get("scans")
        for part in [case.body, *(scans if isinstance(scans, list) else [])]:
            if isinstance(part, dict):
                part.update({k: v for k, v in world.words.items() if k in part})
