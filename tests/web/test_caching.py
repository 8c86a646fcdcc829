"""What is the same for everybody is made once a second; what is not never gets in."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from flask_wtf.csrf import generate_csrf
from werkzeug.test import TestResponse

from eduforum.core.audit import acting_as
from eduforum.core.db import db, transaction
from eduforum.core.settings import Settings
from eduforum.events.models import Series
from eduforum.factory import create_app
from eduforum.web.access import Role, public
from eduforum.web.caching import FRESH, shared
from tests.factories import make_event, make_series
from tests.pages import BASE
from tests.queries import counted

PAGE = "/s/jjj"
ENGLISH = {"Accept-Language": "en"}
WECHAT = {"User-Agent": "Mozilla/5.0 (iPhone) AppleWebKit/605.1.15 MicroMessenger/8.0.50"}
SHARED = {
    "categories_api.list_categories", "events_api.get_series", "events_api.list_events",
    "events_api.list_series", "pressroom.room", "schedule.event_ics", "schedule.series_ics",
    "schedule_api.list_sessions", "schedule_feeds.schedule_ics", "schedule_feeds.schedule_json",
    "schedule_feeds.schedule_xml", "site.event", "site.home", "site.privacy", "site.series",
    "site_api.api_docs", "site_api.openapi_document",
}  # fmt: skip
"""Who is asked once for many. A view joins them only if nobody's answer differs."""


@pytest.fixture
def app(app: Flask, settings: Settings) -> Iterator[Flask]:
    """The application as it runs for people, with its answers kept."""
    database = app.config["SQLALCHEMY_DATABASE_URI"]
    kept = create_app(replace(settings, sqlalchemy_database_uri=database, public_cache=True))
    with kept.app_context(), acting_as("system"):
        yield kept
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def series(app: Flask) -> Series:
    series = make_series(slug="jjj")
    make_event(series=series, slug="talk")
    return series


@pytest.fixture
def get(client: FlaskClient) -> Callable[..., TestResponse]:
    def _get(url: str = PAGE, **headers: str) -> TestResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return client.get(url, base_url=BASE, headers=named)

    return _get


Get = Callable[..., TestResponse]


def rename(series: Series, name: str, **values: object) -> None:
    with transaction():
        series.name_zh = name
        for key, value in values.items():
            setattr(series, key, value)
        db.session.add(series)


def test_the_views_that_share_their_answers(app: Flask) -> None:
    found = {name for name, view in app.view_functions.items() if hasattr(view, "is_shared")}
    assert found == SHARED


def test_it_is_made_once_and_anew_within_a_second(
    get: Get, series: Series, clock: time_machine.Traveller
) -> None:
    first = get()
    rename(series, "改了名字")
    clock.shift(0.5)
    with counted() as sent:
        assert get().data == first.data
    assert sent == [], "from memory"
    clock.shift(FRESH - timedelta(seconds=0.5))
    second = get()
    assert "改了名字" in second.text
    assert second.headers["ETag"] != first.headers["ETag"]


def test_whoever_asks_late_in_the_second_makes_it_anew(
    get: Get, series: Series, clock: time_machine.Traveller
) -> None:
    get()
    rename(series, "改了名字")
    clock.shift(0.9)
    assert "改了名字" in get().text


def test_nothing_stays_when_the_clock_is_put_back(
    get: Get, series: Series, clock: time_machine.Traveller
) -> None:
    get()
    rename(series, "改了名字")
    clock.shift(-3600)
    assert "改了名字" in get().text


@pytest.mark.usefixtures("series")
def test_what_is_kept_answers_304_and_head(get: Get, client: FlaskClient) -> None:
    first = get()
    tag = first.headers["ETag"]
    assert tag.startswith('"'), "strong"
    assert first.headers["Cache-Control"] == "public, max-age=0, must-revalidate"
    again = get(If_None_Match=f'"other", {tag}')
    assert (again.status_code, again.data) == (304, b"")
    for name in ("ETag", "Cache-Control", "Vary", "Content-Security-Policy"):
        assert again.headers[name] == first.headers[name]
    assert "Content-Type" not in again.headers
    assert get(If_None_Match='"other"').data == first.data
    head = client.head(PAGE, base_url=BASE)
    assert (head.data, head.headers["Content-Length"]) == (b"", str(len(first.data)))
    assert head.headers["ETag"] == tag


@pytest.mark.usefixtures("series")
def test_each_language_has_its_own(get: Get, client: FlaskClient) -> None:
    chinese, english = get(), get(**ENGLISH)
    assert 'lang="en"' in english.text
    assert 'lang="zh-Hans"' in chinese.text
    assert english.headers["Content-Language"] == "en"
    assert english.headers["ETag"] != chinese.headers["ETag"]
    assert get().data == chinese.data
    assert get(Accept_Language="en-GB, zh;q=0.5").data == english.data
    client.set_cookie("lang", "en", domain="forum.example.org")
    assert get().data == english.data
    assert get("/privacy").headers["Content-Language"] == "en"


@pytest.mark.usefixtures("series")
def test_a_choice_of_language_is_remembered_every_time(get: Get) -> None:
    for _ in range(2):
        answer = get(f"{PAGE}?lang=en")
        assert "lang=en" in answer.headers["Set-Cookie"]
        assert answer.headers["Cache-Control"].startswith("private")


@pytest.mark.usefixtures("series")
def test_wechat_has_its_own(get: Get) -> None:
    assert "请在浏览器中打开" in get(**WECHAT).text
    assert "请在浏览器中打开" not in get().text
    assert "private" in get(**WECHAT).headers["Cache-Control"]
    assert "public" in get().headers["Cache-Control"]


@pytest.mark.usefixtures("series")
def test_a_filter_is_another_answer(get: Get) -> None:
    assert get("/api/v1/series/jjj/events?limit=1").json != get("/api/v1/series?limit=1").json
    assert get("/api/v1/series?limit=1").status_code == 200
    assert get("/api/v1/series?limit=nonsense").status_code == 422


def test_somebody_signed_in_leaves_nothing_behind(
    app: Flask, get: Get, series: Series, sign_in: Callable[..., None]
) -> None:
    rename(series, "尚未公布", published=False)
    sign_in(Role.VIEWER, series=series)
    theirs = get()
    assert theirs.status_code == 200
    assert theirs.headers["Cache-Control"] == "no-store"
    stranger = app.test_client()
    assert stranger.get(PAGE, base_url=BASE).status_code == 404
    assert get().status_code == 200
    assert stranger.get(PAGE, base_url=BASE).status_code == 404


@pytest.mark.usefixtures("series")
def test_somebody_signed_in_is_not_given_what_is_kept(
    get: Get, series: Series, sign_in: Callable[..., None]
) -> None:
    get()
    sign_in(Role.VIEWER, series=series)
    rename(series, "改了名字")
    assert "改了名字" in get().text


def test_a_token_passes_by(get: Get, series: Series) -> None:
    get("/api/v1/series")
    assert get("/api/v1/series", Authorization="Bearer nonsense").status_code == 401
    assert get("/api/v1/series").status_code == 200


@pytest.mark.usefixtures("series")
def test_what_was_just_done_is_told_once_to_one(get: Get, client: FlaskClient) -> None:
    get()
    with client.session_transaction(base_url=BASE) as session:
        session["_flashes"] = [("ok", "已取消报名。")]
    told = get()
    assert "已取消报名。" in told.text
    assert told.headers["Cache-Control"] == "no-store"
    assert "已取消报名。" not in get().text


@pytest.mark.usefixtures("series")
def test_somebody_who_opened_a_form_sees_what_all_see(get: Get, client: FlaskClient) -> None:
    first = get()
    with client.session_transaction(base_url=BASE) as session:
        session["csrf_token"] = "theirs"
    with counted() as sent:
        again = get()
    assert sent == []
    assert again.data == first.data
    assert "Set-Cookie" not in again.headers


@pytest.mark.parametrize("url", ["/s/nowhere", "/s/jjj/e/nothing"])
@pytest.mark.usefixtures("series")
def test_refusals_are_not_kept(get: Get, series: Series, url: str) -> None:
    assert get(url).status_code == 404
    assert 'lang="en"' in get(url, **ENGLISH).text
    series = make_series(slug="nowhere") if url == "/s/nowhere" else series
    make_event(series=series, slug="nothing")
    assert get(url).status_code == 200


def test_a_series_that_is_withdrawn_is_gone_within_a_second(
    get: Get, series: Series, clock: time_machine.Traveller
) -> None:
    assert get().status_code == 200
    rename(series, "撤回", published=False)
    clock.shift(FRESH)
    assert get().status_code == 404


def test_a_page_with_a_token_of_somebody_is_not_kept(app: Flask) -> None:
    app.add_url_rule("/form", "form", public(shared(generate_csrf)))
    with ThreadPoolExecutor(1) as pool:  # outside the context that this test stands in
        first, second = (
            pool.submit(app.test_client().get, "/form", base_url=BASE).result() for _ in range(2)
        )
    assert first.text != second.text
    assert "ETag" not in first.headers


def test_nothing_of_who_asks_first_reaches_the_view(app: Flask) -> None:
    def view() -> str:
        return "; ".join(f"{k}: {v}" for k, v in sorted(seen_headers().items()))

    def seen_headers() -> dict[str, str]:
        from flask import request  # noqa: PLC0415

        return dict(request.headers)

    app.add_url_rule("/seen", "seen", public(shared(view)))
    answer = app.test_client().get(
        "/seen", base_url=BASE,
        headers={"Cookie": "a=b", "X-Forwarded-For": "192.0.2.1", "Referer": "https://x.example/",
                 "User-Agent": "Somebody's", "HX-Request": "true"},
    )  # fmt: skip
    assert answer.text == "Accept-Language: zh-Hans; User-Agent: "


def test_many_who_ask_at_once_wait_for_one(app: Flask) -> None:
    made, all_here = [], threading.Barrier(8)

    def view() -> str:
        made.append(1)
        return "slow"

    app.add_url_rule("/slow", "slow", public(shared(view)))

    def ask() -> str:
        all_here.wait(10)
        return app.test_client().get("/slow", base_url=BASE).text

    with ThreadPoolExecutor(8) as pool:
        answers = [job.result() for job in [pool.submit(ask) for _ in range(8)]]
    assert answers == ["slow"] * 8
    assert len(made) == 1


def test_addresses_that_somebody_makes_up_do_not_fill_the_memory(
    app: Flask, clock: time_machine.Traveller
) -> None:
    made = []

    def view() -> str:
        made.append(1)
        return "x"

    app.add_url_rule("/x", "x", public(shared(view)))
    client = app.test_client()
    for number in range(300):
        client.get(f"/x?{number}", base_url=BASE)
    client.get("/x?0", base_url=BASE)
    assert len(made) == 300, "the first are kept"
    client.get("/x?299", base_url=BASE)
    assert len(made) == 301, "beyond that, none is"
    clock.shift(FRESH)
    client.get("/x?299", base_url=BASE)
    client.get("/x?299", base_url=BASE)
    assert len(made) == 302, "room again for those who ask now"
