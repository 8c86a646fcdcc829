"""The API of webhooks: programs that are told of state changes. Its room, notices, lies below series."""

from dataclasses import dataclass
from typing import Annotated, NotRequired, TypedDict
from uuid import UUID

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from eduforum.core.errors import BadInput, NotFound
from eduforum.core.i18n import Text
from eduforum.events.access import principal
from eduforum.events.models import Series
from eduforum.events.queries import series_with_ids
from eduforum.notices.models import Webhook
from eduforum.notices.queries import webhooks_of
from eduforum.notices.rules import BadWebhook
from eduforum.notices.services import add_webhook, end_webhook
from eduforum.web.access import Scope, scoped
from eduforum.web.idempotency import idempotent
from eduforum.web.operations import Group, operation
from eduforum.web.pagination import cut
from eduforum.web.reading import sent_body
from eduforum.web.schema import Format, Id, Items, Like, Line, Moment, Next, moment

endpoints = Blueprint("webhooks_api", __name__)

_TYPE = Text("须如 registration.confirmed。", "Types look like registration.confirmed.")
Type = Annotated[str, Line(60), Like(r"[a-z][a-z_]*\.[a-z][a-z_]*", _TYPE)]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewWebhook:
    """Where to call, and what about."""

    url: Annotated[
        str,
        Line(2000, least=1),
        Format("uri"),
        Text(
            "https 地址，主机须在 EDUFORUM_WEBHOOK_HOSTS 中",
            "https, on a host that EDUFORUM_WEBHOOK_HOSTS names",
        ),
    ]
    types: Annotated[tuple[Type, ...], Items(50), Text("为空即全部", "None: all of them")] = ()
    series: Annotated[
        str | None,
        Text("令牌可及多个系列活动时必填", "Needed where the token reaches several series"),
    ] = None


class WebhookAnswer(TypedDict):
    """A program that is told of state changes."""

    id: Id
    series: Annotated[str, Text("系列活动的 slug", "The slug of its series")]
    url: str
    types: list[str]
    created_at: Moment
    secret: NotRequired[
        Annotated[
            str, Text("签名密钥，只在创建时给出", "Signs every call; told once, when it is made")
        ]
    ]


class WebhookList(TypedDict):
    items: list[WebhookAnswer]
    next: Next


class StateChange(TypedDict):
    """What changed. No personal data: whoever may know more reads it with a token."""

    id: Id
    series: str
    state: str


class WebhookMessage(TypedDict):
    """The body of a call (Standard Webhooks)."""

    type: Annotated[str, Text("如 registration.confirmed", "As registration.confirmed")]
    timestamp: Moment
    data: StateChange


@endpoints.get("/webhooks")
@scoped(Scope.MANAGE)
@operation(
    Group.WEBHOOKS,
    Text("列出 Webhook", "List the webhooks"),
    {200: WebhookList},
    lists=True,
)
def list_webhooks() -> ResponseReturnValue:
    """The webhooks of every series that the token reaches."""
    found = [(one, hook) for one in _reached() for hook in webhooks_of(one.id)]
    items, following = cut(found)
    answer: WebhookList = {
        "items": [webhook_answer(hook, series) for series, hook in items],
        "next": following,
    }
    return jsonify(answer)


@endpoints.post("/webhooks")
@scoped(Scope.MANAGE)
@operation(
    Group.WEBHOOKS,
    Text("添加 Webhook", "Add a webhook"),
    {201: WebhookAnswer},
    body=NewWebhook,
    example={"url": "https://example.org/eduforum", "types": ["registration.confirmed"]},
    refuses=(BadWebhook,),
)
@idempotent
def create_webhook() -> ResponseReturnValue:
    """Tell a program of state changes from now on."""
    body = sent_body(NewWebhook)
    series = _series(body.series)
    hook, secret = add_webhook(series.id, body.url, body.types)
    return jsonify(webhook_answer(hook, series) | {"secret": secret}), 201


@endpoints.delete("/webhooks/<uuid:webhook>")
@scoped(Scope.MANAGE)
@operation(Group.WEBHOOKS, Text("停用 Webhook", "End a webhook"), {204: None})
def delete_webhook(webhook: UUID) -> ResponseReturnValue:
    """Tell it nothing more."""
    for series in _reached():
        if webhook in {hook.id for hook in webhooks_of(series.id)}:
            end_webhook(series.id, webhook)
            return "", 204
    raise NotFound


def webhook_answer(hook: Webhook, series: Series) -> WebhookAnswer:
    return {
        "id": str(hook.id),
        "series": series.slug,
        "url": hook.url,
        "types": list(hook.types),
        "created_at": moment(hook.created_at, series.time_zone),
    }


def _reached() -> list[Series]:
    return list(series_with_ids(principal().series_ids))


def _series(slug: str | None) -> Series:
    """The series that is meant. Raises `BadInput`, the same for a foreign and an unknown one."""
    reached = _reached()
    found = [one for one in reached if slug in (None, one.slug)]
    if len(found) == 1:
        return found[0]
    sentence = Text("请填写令牌可及的系列活动。", "Name a series that the token reaches.")
    raise BadInput(sentence, {"series": [sentence]})
