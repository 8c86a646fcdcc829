"""What the outlet's pages share."""

from collections.abc import Mapping
from datetime import timedelta

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from eduforum.core.errors import NotFound, Refusal
from eduforum.core.i18n import Text
from eduforum.press.rules.forms import FIELD_NAMES, PHOTO_HEIGHT, PHOTO_WIDTH
from eduforum.press.rules.states import PASS_NAMES, STATE_NAMES
from eduforum.press.rules.words import (
    COVERAGE_NAMES,
    GROUP_NAMES,
    INTERVIEW_NAMES,
    ITEM_ASKS,
    OUTLET_TYPE_NAMES,
    REASON_NAMES,
    ROLE_NAMES,
    VISA_NAMES,
    ZONE_NAMES,
)
from eduforum.press.tones import INTERVIEW_TONES, PASS_TONES, STATE_TONES
from eduforum.web import limits
from eduforum.web.errors import answer_refusal
from eduforum.web.forms import Form
from eduforum.web.headers import private

pages = Blueprint("press", __name__)
pages.context_processor(
    lambda: {
        "state_names": STATE_NAMES,
        "state_tones": STATE_TONES,
        "pass_names": PASS_NAMES,
        "pass_tones": PASS_TONES,
        "group_names": GROUP_NAMES,
        "field_names": FIELD_NAMES,
        "item_asks": ITEM_ASKS,
        "outlet_type_names": OUTLET_TYPE_NAMES,
        "reason_names": REASON_NAMES,
        "role_names": ROLE_NAMES,
        "coverage_names": COVERAGE_NAMES,
        "interview_names": INTERVIEW_NAMES,
        "interview_tones": INTERVIEW_TONES,
        "visa_names": VISA_NAMES,
        "zone_names": ZONE_NAMES,
        "photo_width": PHOTO_WIDTH,
        "photo_height": PHOTO_HEIGHT,
    }
)
DRAFTS_AN_HOUR, FILES_AN_HOUR = 120, 900
"""From one network: a newsroom behind one address applies at once, a flood does not."""
_HOUR = timedelta(hours=1).total_seconds()


def page(name: str, *, status: int = 200, **values: object) -> Response:
    """A page whose address is a secret."""
    return private(render_template(f"press/{name}.html", **values), status)


def back(secret: str, *, anchor: str | None = None) -> ResponseReturnValue:
    return private(redirect(url_for("press.mine", secret=secret, _anchor=anchor), 303))


def told(sentence: Text, tone: str = "ok") -> None:
    flash(str(sentence), tone)


def spend_draft() -> None:
    limits.spend_network("press-draft", request.remote_addr, most=DRAFTS_AN_HOUR, seconds=_HOUR)


def spend_file() -> None:
    limits.spend_network("press-file", request.remote_addr, most=FILES_AN_HOUR, seconds=_HOUR)


def blame(form: Form, refusal: Refusal, names: Mapping[str, str] | None = None) -> list[Text]:
    """Put the sentences of a refusal beside their fields; what belongs to none is returned."""
    place = {field: (names or {}).get(field, field) for field in refusal.errors}
    beside = {field: at for field, at in place.items() if at in form}
    for field, at in beside.items():
        for sentence in refusal.errors[field]:
            form.refuse(at, sentence)
    return [] if beside else [refusal.sentence]


@pages.errorhandler(NotFound)
def no_such_link(refusal: NotFound) -> ResponseReturnValue:
    """A wrong or renewed link has a page of its own; the rest is answered as everywhere."""
    if not request.path.startswith("/p/"):
        return answer_refusal(refusal)
    return page("no_link", status=404)
