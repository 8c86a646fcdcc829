"""The OpenAPI document says everything that can be called, and nothing else."""

from collections import Counter
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from schemathesis.specs.openapi.definitions import OPENAPI_31_VALIDATOR

from eduforum.web.access import policy_of
from eduforum.web.operations import api_routes, described
from tests.pages import BASE


@pytest.fixture(params=["zh-Hans", "en"])
def document(request: pytest.FixtureRequest, client: FlaskClient) -> dict[str, Any]:
    answer = client.get(f"/api/v1/openapi.json?lang={request.param}", base_url=BASE)
    found: dict[str, Any] = answer.get_json()
    return found


def test_it_is_openapi_3_1(document: dict[str, Any]) -> None:
    assert [str(error) for error in OPENAPI_31_VALIDATOR.iter_errors(document)] == []


def test_every_route_is_described_and_every_description_is_a_route(
    app: Flask, document: dict[str, Any]
) -> None:
    routes = {f"{method} {rule.rule}" for method, rule in api_routes(app)}
    declared = {f"{one.method} {one.rule.rule}" for one in described(app)}
    assert routes == declared
    written = {
        f"{method.upper()} {path}" for path, calls in document["paths"].items() for method in calls
    }
    assert written == {f"{one.method} {one.path}" for one in described(app)}


def test_every_call_has_a_name_of_its_own(document: dict[str, Any]) -> None:
    names = Counter(
        call["operationId"] for calls in document["paths"].values() for call in calls.values()
    )
    assert [name for name, count in names.items() if count > 1] == []


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    used = set(_references(document))
    assert used == {f"#/components/schemas/{name}" for name in schemas}


def test_the_rights_it_names_are_the_rights_that_hold(app: Flask, document: dict[str, Any]) -> None:
    for one in described(app):
        policy = policy_of(app.view_functions[one.rule.endpoint])
        assert policy is not None
        named = document["paths"][one.path][one.method.lower()]["security"]
        scopes = {scope for way in named for scope in way.get("bearer", ())}
        if policy.kind == "public":
            assert {} in named, one.path
        else:
            assert scopes == {scope.value for scope in policy.scopes}, one.path


def test_whatever_makes_something_takes_a_key(app: Flask) -> None:
    assert [one.path for one in described(app) if 201 in one.operation.answers] == [
        one.path for one in described(app) if one.is_idempotent
    ]


def test_the_languages_differ_in_words_alone(client: FlaskClient) -> None:
    found = [
        client.get(f"/api/v1/openapi.json?lang={language}", base_url=BASE).get_json()
        for language in ("zh-Hans", "en")
    ]
    assert found[0] != found[1]
    assert _wordless(found[0]) == _wordless(found[1])
    assert not any("\u4e00" <= char <= "\u9fff" for text in _said(found[1]) for char in text)


def _references(value: Any) -> list[str]:
    if isinstance(value, dict):
        here = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
        return here + [ref for inner in value.values() for ref in _references(inner)]
    if isinstance(value, list):
        return [ref for inner in value for ref in _references(inner)]
    return []


def _wordless(value: Any) -> Any:
    """The same without what people read."""
    if isinstance(value, dict):
        return {
            name: _wordless(inner)
            for name, inner in value.items()
            if not (name in ("description", "summary") and isinstance(inner, str))
        }
    return [_wordless(inner) for inner in value] if isinstance(value, list) else value


def _said(value: Any) -> list[str]:
    """All that people read."""
    if isinstance(value, dict):
        here = [v for k, v in value.items() if k in ("description", "summary")]
        rest = [text for inner in value.values() for text in _said(inner)]
        return [text for text in here if isinstance(text, str)] + rest
    return [text for inner in value for text in _said(inner)] if isinstance(value, list) else []
