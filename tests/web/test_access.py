"""A view that does not say who may open it stops the start."""

import pytest
from flask import Blueprint, Flask

from eduforum import factory
from eduforum.core.settings import Settings
from eduforum.web.access import public, refuse_silent_views


def silent() -> str:
    return ""


def test_a_silent_view_is_named(app: Flask) -> None:
    refuse_silent_views(app)
    app.add_url_rule("/told", "told", public(lambda: ""))
    app.add_url_rule("/one", "one", silent)
    app.add_url_rule("/two", "two", silent, methods=["POST"])
    with pytest.raises(RuntimeError, match=r"No policy on: one, two$"):
        refuse_silent_views(app)


def test_no_application_is_built_with_one(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = Blueprint("room", __name__)
    room.add_url_rule("/silent", view_func=silent)
    monkeypatch.setattr(factory, "PAGES", (*factory.PAGES, room))
    with pytest.raises(RuntimeError, match=r"No policy on: room\.silent$"):
        factory.create_app(settings)
