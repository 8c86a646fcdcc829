"""The OpenAPI 3.1 document of the API, made from what stands beside its views."""

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Annotated, Any, NotRequired, TypedDict

from flask import Flask

from eduforum.core.i18n import Text
from eduforum.web.json_schema import Schema, Schemas
from eduforum.web.operations import (
    GROUP_NAMES,
    PREFIX,
    Described,
    File,
    Group,
    Operation,
    described,
)
from eduforum.web.pagination import MOST_ITEMS
from eduforum.web.schema import hints_of, is_required

JSON_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_SLUG = {"type": "string", "pattern": "^[a-z0-9]+(-[a-z0-9]+)*$", "maxLength": 60}
_ARGUMENTS: Mapping[str, Text] = {
    "series": Text("系列活动的 slug", "The slug of a series"),
    "registration": Text("报名的 id", "The id of a registration"),
    "file": Text("文件的 id", "The id of a file"),
    "application": Text("采访申请的 id", "The id of a press application"),
    "finding": Text("uphold 维持原决定，overturn 改判", "uphold or overturn"),
    "point": Text("签到点的 id", "The id of a point"),
    "walk_in": Text("离线补报名的 id", "The id of a walk-in without a network"),
    "incident": Text("签到异常的 id", "The id of an incident"),
    "webhook": Text("Webhook 的 id", "The id of a webhook"),
}


class Problem(TypedDict):
    """What is said instead of an answer (RFC 9457)."""

    type: str
    title: Annotated[str, Text("英文说明", "What it is, in English")]
    status: int
    code: Annotated[str, Text("不变的代码，供程序判断", "A word that never changes, for programs")]
    detail: Annotated[
        str, Text("给人看的说明，语言随请求", "What people may read, in the language asked for")
    ]
    errors: NotRequired[
        Annotated[
            dict[str, list[str]],
            Text("有误的栏目及说明", "What is wrong, by the path of each field"),
        ]
    ]
    pool: NotRequired[
        Annotated[dict[str, str], Text("已满的名额池", "The pool that is full, zh and en")]
    ]
    state: NotRequired[
        Annotated[str, Text("报名当前的状态", "The state that the registration is in")]
    ]
    cells: NotRequired[
        Annotated[
            list[dict[str, Any]],
            Text(
                "需更正的单元格：sheet、row、column、heading、value、reason",
                "Cells to be corrected: sheet, row, column, heading, value, reason",
            ),
        ]
    ]


def document(app: Flask, *, title: str, about: Text, webhooks: Mapping[str, Any]) -> Schema:
    """The whole document in the current language.

    webhooks: the type of the body that is sent, by its name.
    """
    schemas = Schemas()
    schemas.of(Problem)
    paths: dict[str, Schema] = {}
    operations = described(app)
    for one in operations:
        paths.setdefault(one.path, {})[one.method.lower()] = _operation(one, schemas)
    sent = {name: _webhook(kind, schemas) for name, kind in webhooks.items()}
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": "1", "description": str(about)},
        "jsonSchemaDialect": JSON_DIALECT,
        "servers": [{"url": PREFIX}],
        "tags": [
            {"name": group.value, "description": str(GROUP_NAMES[group])}
            for group in Group
            if any(one.operation.group is group for one in operations)
        ],
        "paths": paths,
        "webhooks": sent,
        "components": {
            "schemas": dict(sorted(schemas.named.items())),
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
        },
    }


def refusals(one: Described) -> dict[int, list[str]]:
    """The codes of every problem that this call can answer with, by status."""
    found: dict[int, list[str]] = {}
    for status, code in _refusals(one):
        codes = found.setdefault(status, [])
        if code not in codes:
            codes.append(code)
    return dict(sorted(found.items()))


def _refusals(one: Described) -> Iterator[tuple[int, str]]:
    declared = one.operation
    yield 401, "token-missing"
    if one.policy.kind == "scopes":
        yield 403, "scope-missing"
    if one.rule.arguments:
        yield 404, "not-found"
    yield from _of_what_is_sent(declared)
    if one.is_idempotent:
        yield from ((409, "idempotency-in-flight"), (422, "idempotency-mismatch"))
    if one.method != "GET":
        yield 503, "storage-failed"
    for refusal in declared.refuses:
        yield refusal.status, refusal.code


def _of_what_is_sent(declared: Operation) -> Iterator[tuple[int, str]]:
    if declared.body is not None:
        yield from ((400, "bad-json"), (413, "too-large"), (415, "unsupported-media-type"))
    if declared.upload is not None:
        yield 413, "too-large"
    if declared.lists or any((declared.body, declared.upload, declared.query)):
        yield 422, "invalid"


def _operation(one: Described, schemas: Schemas) -> Schema:
    declared = one.operation
    found: Schema = {
        "operationId": one.name,
        "tags": [declared.group.value],
        "summary": str(declared.summary),
    }
    if declared.about:
        found["description"] = str(declared.about)
    if parameters := list(_parameters(one, schemas)):
        found["parameters"] = parameters
    if declared.body is not None:
        found["requestBody"] = _body(one, schemas)
    if declared.upload is not None:
        found["requestBody"] = _upload(declared.upload, schemas)
    found["responses"] = {
        **{
            str(status): _answer(status, kind, schemas) for status, kind in declared.answers.items()
        },
        **({"304": {"description": "Not Modified"}} if declared.kept else {}),
        **{str(status): _problem(codes) for status, codes in refusals(one).items()},
    }
    found["security"] = _security(one)
    return found


def _security(one: Described) -> list[dict[str, list[str]]]:
    """Any one of them suffices; scopes stand as OpenAPI 3.1 allows for bearer tokens."""
    scopes = one.policy.scopes or one.operation.also
    named = [{"bearer": [scope.value]} for scope in sorted(scopes)]
    anybody: list[dict[str, list[str]]] = [] if one.policy.kind == "scopes" else [{}]
    return anybody + named


def _parameters(one: Described, schemas: Schemas) -> Iterator[Schema]:
    for name in sorted(one.rule.arguments):
        is_uuid = f"<uuid:{name}>" in one.rule.rule
        yield {
            "name": name,
            "in": "path",
            "required": True,
            "description": str(_ARGUMENTS[name]),
            "schema": {"type": "string", "format": "uuid"} if is_uuid else dict(_SLUG),
        }
    if one.operation.query is not None:
        yield from _query(one.operation.query, schemas)
    if one.operation.lists:
        yield from _paging()
    if one.is_idempotent:
        yield {
            "name": "Idempotency-Key",
            "in": "header",
            "description": str(
                Text(
                    "相同的键和内容只生效一次，至少保存 24 小时",
                    "The same key with the same body counts once, for 24 hours at least",
                )
            ),
            "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
        }


def _query(kind: Any, schemas: Schemas) -> Iterator[Schema]:
    hints = hints_of(kind)
    for name, field in kind.__dataclass_fields__.items():
        schema = schemas.of(hints[name])
        said = schema.pop("description", None)
        yield {
            "name": name,
            "in": "query",
            **({"required": True} if is_required(field) else {}),
            **({"description": said} if said else {}),
            "schema": schema,
        }


def _paging() -> Iterator[Schema]:
    limit = {"type": "integer", "minimum": 1, "maximum": MOST_ITEMS, "default": 50}
    yield {"name": "limit", "in": "query", "schema": limit}
    yield {
        "name": "cursor",
        "in": "query",
        "description": str(Text("上一页的 next", "next of the page before")),
        "schema": {"type": "string"},
    }


def _body(one: Described, schemas: Schemas) -> Schema:
    content: Schema = {"schema": schemas.of(one.operation.body)}
    if one.operation.example is not None:
        content["example"] = dict(one.operation.example)
    return {
        "required": not one.operation.body_optional,
        "content": {"application/json": content},
    }


def _upload(kind: type, schemas: Schemas) -> Schema:
    """The fields of a form and the file among them, as OpenAPI 3.1 describes both."""
    form = schemas.form(kind)
    file = {"type": "string", "contentMediaType": "application/octet-stream"}
    form["properties"] = {"file": file} | form["properties"]
    form["required"] = ["file", *form["required"]]
    return {"required": True, "content": {"multipart/form-data": {"schema": form}}}


def _answer(status: int, kind: Any, schemas: Schemas) -> Schema:
    said: Schema = {"description": HTTPStatus(status).phrase}
    if kind is None:
        return said
    if isinstance(kind, File):
        return said | {"content": {kind.media_type: {"schema": {"type": "string"}}}}
    return said | {"content": {"application/json": {"schema": schemas.of(kind)}}}


def _problem(codes: list[str]) -> Schema:
    schema = {
        "allOf": [
            {"$ref": "#/components/schemas/Problem"},
            {"properties": {"code": {"enum": codes}}},
        ]
    }
    return {
        "description": ", ".join(codes),
        "content": {"application/problem+json": {"schema": schema}},
    }


def _webhook(kind: Any, schemas: Schemas) -> Schema:
    received = Text("返回 2xx 即为收到；410 停止推送", "2xx is received; 410 ends the webhook")
    return {
        "post": {
            "requestBody": {"content": {"application/json": {"schema": schemas.of(kind)}}},
            "responses": {"200": {"description": str(received)}},
        }
    }
