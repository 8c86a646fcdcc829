"""The OpenAPI document as people read it: chapters of calls, each with tables of its fields."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from flask import Flask

from eduforum.core.i18n import Text
from eduforum.schedule.links import site_url
from eduforum.web.openapi import refusals
from eduforum.web.operations import GROUP_NAMES, PREFIX, Described, described

Schema = Mapping[str, Any]
_DEEPEST = 3


@dataclass(frozen=True, slots=True)
class Row:
    """One field: its path below the whole, its type in words, what it means."""

    name: str
    kind: str
    required: bool
    note: str


@dataclass(frozen=True, slots=True)
class Call:
    """One operation. refusals: (status, codes). answers: (status, media type, fields)."""

    id: str
    method: str
    path: str
    summary: str
    about: str
    who: str
    parameters: Sequence[Row]
    body: Sequence[Row]
    answers: Sequence[tuple[str, str, Sequence[Row]]]
    refusals: Sequence[tuple[int, str]]
    curl: str


@dataclass(frozen=True, slots=True)
class Chapter:
    id: str
    name: Text
    calls: Sequence[Call]


def chapters(app: Flask, spec: Schema) -> list[Chapter]:
    """Every call, by chapter; `spec` is the OpenAPI document in the current language."""
    found = groupby(described(app), key=lambda one: one.operation.group)
    return [
        Chapter(group.value, GROUP_NAMES[group], [_call(one, spec) for one in calls])
        for group, calls in found
    ]


def _call(one: Described, spec: Schema) -> Call:
    said = spec["paths"][one.path][one.method.lower()]
    body = said.get("requestBody", {}).get("content", {}).get("application/json", {})
    return Call(
        id=said["operationId"],
        method=one.method,
        path=one.path,
        summary=said["summary"],
        about=said.get("description", ""),
        who=_who(one),
        parameters=[_parameter(each) for each in said.get("parameters", ())],
        body=[_sent(row) for row in _rows(body.get("schema", {}), spec)],
        answers=list(_answers(one, said, spec)),
        refusals=[(status, ", ".join(codes)) for status, codes in refusals(one).items()],
        curl=_curl(one, body.get("example")),
    )


def _who(one: Described) -> str:
    if one.policy.kind != "scopes":
        return str(Text("无需令牌", "no token needed"))
    scopes = " / ".join(scope.value for scope in sorted(one.policy.scopes))
    return str(Text("令牌权限：{scopes}", "token with {scopes}").fill(scopes=scopes))


def _answers(
    one: Described, said: Schema, spec: Schema
) -> Iterator[tuple[str, str, Sequence[Row]]]:
    for status in one.operation.answers:
        content: Schema = said["responses"][str(status)].get("content", {})
        if not content:
            yield str(status), "", ()
        for media_type, held in content.items():
            yield str(status), media_type, list(_rows(held["schema"], spec))


def _parameter(said: Schema) -> Row:
    place = "?" if said["in"] == "query" else ""
    return Row(
        name=f"{place}{said['name']}",
        kind=_kind(said["schema"], {}),
        required=bool(said.get("required")),
        note=said.get("description", ""),
    )


def _sent(row: Row) -> Row:
    """A field of a body, where null is as good as nothing and not worth a word."""
    return replace(row, kind=row.kind.removesuffix(", null"))


def _rows(schema: Schema, spec: Schema, path: str = "", depth: int = 0) -> Iterator[Row]:
    """The fields of an object, those of objects inside it behind their path."""
    whole = _opened(schema, spec)
    required = whole.get("required", ())
    for name, member in whole.get("properties", {}).items():
        here = f"{path}{name}"
        yield Row(here, _kind(member, spec), name in required, member.get("description", ""))
        inner, suffix = _inside(member, spec)
        if inner.get("properties") and depth < _DEEPEST and not _is_both(inner):
            yield from _rows(inner, spec, f"{here}{suffix}", depth + 1)


def _inside(member: Schema, spec: Schema) -> tuple[Schema, str]:
    whole = _opened(member, spec)
    if "items" in whole:
        return _opened(whole["items"], spec), "[]."
    return whole, "."


def _opened(schema: Schema, spec: Schema) -> Schema:
    """The schema itself, behind a reference and beside null."""
    if "anyOf" in schema and {"type": "null"} in schema["anyOf"]:
        return _opened(schema["anyOf"][0], spec)
    if "$ref" in schema:
        found: Schema = spec["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        return found
    return schema


def _is_both(schema: Schema) -> bool:
    return set(schema.get("properties", ())) == {"zh", "en"}


def _kind(schema: Schema, spec: Schema) -> str:
    whole = _opened(schema, spec)
    if _is_both(whole):
        word = "{zh, en}"
    elif "enum" in whole:
        word = " | ".join(str(value) for value in whole["enum"])
    elif "items" in whole:
        word = f"[{_kind(whole['items'], spec)}]"
    else:
        word = _plain(whole)
    return f"{word}, null" if _may_be_null(schema) else word


def _plain(schema: Schema) -> str:
    kinds = schema.get("type", "any")
    words = [kinds] if isinstance(kinds, str) else [kind for kind in kinds if kind != "null"]
    named = schema.get("format") or ", ".join(words)
    most = schema.get("maxLength")
    return f"{named} ≤ {most}" if most else named


def _may_be_null(schema: Schema) -> bool:
    kinds = schema.get("type", ())
    return {"type": "null"} in schema.get("anyOf", ()) or (
        not isinstance(kinds, str) and "null" in kinds
    )


def _curl(one: Described, example: Any) -> str:
    """The call as somebody types it into a shell."""
    path = re.sub(r"{(\w+)}", lambda found: found[1].upper(), one.path)
    lines = [f"curl {_method(one.method)}'{site_url()}{PREFIX}{path}'"]
    if one.policy.kind == "scopes":
        lines.append("-H 'Authorization: Bearer '\"$TOKEN\"")
    if one.is_idempotent:
        lines.append("-H 'Idempotency-Key: '\"$(uuidgen)\"")
    if example is not None:
        lines.append(f"--json '{json.dumps(example, ensure_ascii=False, indent=2)}'")
    return " \\\n  ".join(lines)


def _method(method: str) -> str:
    return "" if method == "GET" else f"-X {method} "
