"""What the API's documents say about a view, declared beside the view itself."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ParamSpec, TypeVar

from flask import Flask
from werkzeug.routing import Rule

from eduforum.core.errors import Refusal
from eduforum.core.i18n import Text
from eduforum.web.access import Policy, Scope, policy_of

P = ParamSpec("P")
R = TypeVar("R")
PREFIX = "/api/v1"
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


class Group(StrEnum):
    """The chapters of the reference, in their order."""

    SERIES = "series"
    REGISTRATIONS = "registrations"
    PRESS = "press"
    DOOR = "door"
    REPORTS = "reports"
    WEBHOOKS = "webhooks"
    ABOUT = "about"


GROUP_NAMES = {
    Group.SERIES: Text("系列活动与日程", "Series and schedule"),
    Group.REGISTRATIONS: Text("报名", "Registrations"),
    Group.PRESS: Text("媒体采访", "Press"),
    Group.DOOR: Text("签到", "Check-in"),
    Group.REPORTS: Text("出席统计", "Attendance"),
    Group.WEBHOOKS: Text("Webhook", "Webhooks"),
    Group.ABOUT: Text("接口文档", "This interface"),
}


@dataclass(frozen=True, slots=True)
class File:
    """An answer that is no JSON object of ours: its media type."""

    media_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One call: what it does, takes and gives.

    about: what its summary leaves open. answers: the type of each good answer by status; None is
    an empty one. body, query: dataclasses that `web.reading` reads. body_optional: no body is an
    empty object. upload: the dataclass of the fields beside a `file` (`web.uploads`). lists: takes `limit` and `cursor`. kept: may be kept and asked for again (304).
    refuses: what it says no with, besides what every call of its kind does.
    also: scopes that count for more where anyone may call.
    """

    group: Group
    summary: Text
    answers: Mapping[int, Any]
    about: Text | None = None
    body: type | None = None
    body_optional: bool = False
    example: Mapping[str, Any] | None = None
    query: type | None = None
    upload: type | None = None
    lists: bool = False
    kept: bool = False
    refuses: tuple[type[Refusal], ...] = ()
    also: tuple[Scope, ...] = ()


@dataclass(frozen=True, slots=True)
class Described:
    """A route of the API with its declaration. path: below `PREFIX`, as OpenAPI writes it."""

    method: str
    path: str
    rule: Rule
    operation: Operation
    policy: Policy
    is_idempotent: bool

    @property
    def name(self) -> str:
        return str(self.rule.endpoint).rpartition(".")[2]


def operation(
    group: Group, summary: Text, answers: Mapping[int, Any], **more: Any
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Describe a view; see `Operation`."""
    declared = Operation(group=group, summary=summary, answers=answers, **more)

    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        view.operation = declared  # type: ignore[attr-defined]
        return view

    return decorate


def api_routes(app: Flask) -> Iterator[tuple[str, Rule]]:
    """(method, rule) of everything that can be called below `PREFIX`."""
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith(f"{PREFIX}/"):
            for method in _METHODS:
                if method in (rule.methods or ()):
                    yield method, rule


def described(app: Flask) -> list[Described]:
    """Every route that is described, in the order in which rooms declared them."""
    found = []
    for method, rule in api_routes(app):
        view = app.view_functions[rule.endpoint]
        declared: Operation | None = getattr(view, "operation", None)
        policy = policy_of(view)
        if declared is not None and policy is not None:
            found.append(
                Described(
                    method=method,
                    path=_path(rule),
                    rule=rule,
                    operation=declared,
                    policy=policy,
                    is_idempotent=getattr(view, "is_idempotent", False),
                )
            )
    return sorted(found, key=lambda one: list(Group).index(one.operation.group))


def _path(rule: Rule) -> str:
    """`/series/{series}` for `/api/v1/series/<series>`."""
    parts = (f"{{{text}}}" if is_dynamic else text for is_dynamic, text in rule._trace)
    return "".join(parts).partition(PREFIX)[2]
