"""The API about itself: its OpenAPI document, and the page that explains it."""

from typing import Any

from flask import Blueprint, current_app, jsonify, render_template
from flask.typing import ResponseReturnValue

from eduforum.core.i18n import Text, current_language
from eduforum.events.api_webhooks import WebhookMessage
from eduforum.schedule.links import site_url
from eduforum.site import api_reference
from eduforum.web.access import public
from eduforum.web.caching import shared
from eduforum.web.openapi import document
from eduforum.web.operations import PREFIX, File, Group, operation

endpoints = Blueprint("site_api", __name__)

_ABOUT = Text(
    "系列活动、日程、报名、签到和出席统计的接口。说明见 /api/v1/docs。",
    "Series, schedule, registrations, check-in and attendance. Explained at /api/v1/docs.",
)


@endpoints.get("/openapi.json")
@public
@shared
@operation(
    Group.ABOUT,
    Text("OpenAPI 3.1 文档", "The OpenAPI 3.1 document"),
    {200: dict[str, Any]},
    kept=True,
)
def openapi_document() -> ResponseReturnValue:
    """This interface, for programs."""
    return jsonify(current_document())


@endpoints.get("/docs")
@public
@shared
@operation(
    Group.ABOUT, Text("接口说明", "The reference, as a page"), {200: File("text/html")}, kept=True
)
def api_docs() -> ResponseReturnValue:
    """This interface, for people."""
    return render_template(
        "site/api_docs.html",
        base=f"{site_url()}{PREFIX}",
        chapters=api_reference.chapters(current_app, current_document()),
        address=f"{site_url()}{PREFIX}/docs",
    )


def current_document() -> dict[str, Any]:
    """The OpenAPI document in the current language; made once for each."""
    made: dict[str, dict[str, Any]] = current_app.extensions.setdefault("openapi", {})
    language = current_language().value
    if language not in made:
        title = f"{current_app.config['SITE_NAME']} API"
        messages = {"state-change": WebhookMessage}
        made[language] = document(current_app, title=title, about=_ABOUT, webhooks=messages)
    return made[language]
