"""The types of `web.schema` as JSON Schema (2020-12), as OpenAPI 3.1 takes it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import datetime
from types import NoneType
from typing import Any, NotRequired, Required, get_args, get_origin, is_typeddict
from uuid import UUID

from eduforum.core.i18n import Text
from eduforum.web.schema import (
    Format,
    Items,
    Like,
    Line,
    Prose,
    Whole,
    choices_of,
    hints_of,
    is_required,
    is_union,
    split,
)

Schema = dict[str, Any]
_PLAIN: Mapping[Any, Schema] = {
    str: {"type": "string"},
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: {"type": "number"},
    NoneType: {"type": "null"},
    datetime: {"type": "string", "format": "date-time"},
    UUID: {"type": "string", "format": "uuid"},
    Any: {},
}


class Schemas:
    """Turns types into schemas; those with members are collected by name and referred to."""

    def __init__(self) -> None:
        self.named: dict[str, Schema] = {}
        self._kinds: dict[str, Any] = {}

    def of(self, kind: Any) -> Schema:
        """The schema of one type. Raises `TypeError` for one that cannot be described."""
        bare, notes = split(kind)
        if get_origin(bare) in (Required, NotRequired):
            return self.of(get_args(bare)[0])
        return _noted(self._bare(bare), notes)

    def form(self, kind: type) -> Schema:
        """The fields of a form that a dataclass reads: what is not filled in is not sent."""
        hints, known = hints_of(kind), fields(kind)
        return {
            "type": "object",
            "properties": {field.name: self.of(hints[field.name]) for field in known},
            "required": [field.name for field in known if is_required(field)],
            "additionalProperties": False,
        }

    def _bare(self, kind: Any) -> Schema:
        if kind in _PLAIN:
            return dict(_PLAIN[kind])
        if is_union(kind):
            return self._union([self.of(member) for member in get_args(kind)])
        if choices := choices_of(kind):
            return {"type": "string", "enum": list(choices)}
        if is_dataclass(kind) or is_typeddict(kind):
            return self._reference(kind)
        return self._container(kind)

    def _container(self, kind: Any) -> Schema:
        origin, inner = get_origin(kind), get_args(kind)
        if origin in (tuple, list, Sequence):
            return {"type": "array", "items": self.of(inner[0])}
        if origin in (dict, Mapping):
            names = {k: v for k, v in self.of(inner[0]).items() if k != "type"}
            found = {"type": "object", "additionalProperties": self.of(inner[1])}
            return found | ({"propertyNames": names} if names else {})
        raise TypeError(f"{kind} cannot be described")

    def _union(self, members: list[Schema]) -> Schema:
        simple = [member["type"] for member in members if set(member) == {"type"}]
        if len(simple) == len(members):
            return {"type": simple}
        return or_null(members[0]) if _is_optional(members) else {"anyOf": members}

    def _reference(self, kind: Any) -> Schema:
        name = kind.__name__
        if self._kinds.setdefault(name, kind) is not kind:
            raise TypeError(f"two types are called {name}")
        if name not in self.named:
            self.named[name] = {}
            members = self._dataclass if is_dataclass(kind) else self._typed_dict
            self.named[name] = members(kind)
        return {"$ref": f"#/components/schemas/{name}"}

    def _dataclass(self, kind: Any) -> Schema:
        """What is read: unknown members are refused; null is as good as nothing."""
        hints, known = hints_of(kind), fields(kind)
        properties = {
            field.name: self.of(hints[field.name])
            if is_required(field)
            else or_null(self.of(hints[field.name]))
            for field in known
        }
        found: Schema = {
            "type": "object",
            "properties": properties,
            "required": [field.name for field in known if is_required(field)],
            "additionalProperties": False,
        }
        return found | dict(getattr(kind, "SCHEMA", {}))

    def _typed_dict(self, kind: Any) -> Schema:
        hints = hints_of(kind)
        return {
            "type": "object",
            "properties": {name: self.of(hint) for name, hint in hints.items()},
            "required": [name for name in hints if name in kind.__required_keys__],
        }


def or_null(schema: Schema) -> Schema:
    """The same, or null."""
    kind = schema.get("type")
    if isinstance(kind, str) and "enum" not in schema:
        return schema | {"type": [kind, "null"]}
    if kind is not None and "enum" not in schema:
        return schema
    said = {k: v for k, v in schema.items() if k == "description"}
    rest = {k: v for k, v in schema.items() if k != "description"}
    return {"anyOf": [rest, {"type": "null"}], **said}


def _is_optional(members: Sequence[Schema]) -> bool:
    return len(members) == 2 and members[1] == {"type": "null"}


def _noted(schema: Schema, notes: Sequence[Any]) -> Schema:
    """The schema with what its annotations add."""
    is_object = schema.get("type") == "object"
    for note in notes:
        say = _NOTES.get(type(note))
        if say is not None:
            schema = schema | say(note, is_object)
    return schema


_NOTES: Mapping[type, Callable[[Any, bool], Schema]] = {
    Text: lambda note, _: {"description": str(note)},
    Format: lambda note, _: {"format": note.name},
    Line: lambda note, _: {
        "maxLength": note.most,
        **({"minLength": note.least} if note.least else {}),
    },
    Prose: lambda note, _: {"maxLength": note.most},
    Like: lambda note, _: {"pattern": f"^(?:{note.pattern})$"},
    Whole: lambda note, _: {"minimum": note.least, "maximum": note.most},
    Items: lambda note, is_object: {
        "maxProperties" if is_object else "maxItems": note.most,
        **({"minProperties" if is_object else "minItems": note.least} if note.least else {}),
    },
}
