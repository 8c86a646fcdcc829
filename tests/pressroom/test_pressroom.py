"""The press room: nothing of it is known before its time, at any door, and corrections are told."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from uuid import UUID

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from eduforum.core import clock as our_clock
from eduforum.core.audit import AuditEntry
from eduforum.core.db import db
from eduforum.core.errors import BadInput, NotFound
from eduforum.core.settings import Settings
from eduforum.events.models import Series
from eduforum.factory import create_app
from eduforum.files.models import StoredFile
from eduforum.files.queries import files_of
from eduforum.pressroom import queries, services
from eduforum.pressroom.models import Material
from eduforum.pressroom.rules import AlreadyWithdrawn, MaterialKind, Standing, standing
from eduforum.pressroom.services import MaterialInput
from eduforum.web.access import Role
from tests.factories import make_event, make_series
from tests.files.uploads import PDF, Sent, located_picture, picture
from tests.pages import BASE, Browser
from tests.queries import counted

Clock = time_machine.Traveller
SignIn = Callable[..., None]
SECRET, SECRET_EN, FILE = "绝密签约名单", "Secret signing list", "signing-secret"


@pytest.fixture
def series(app: Flask) -> Series:
    found = make_series(slug="forum")
    make_event(series=found)
    return found


def given(**more: object) -> MaterialInput:
    said = {"kind": MaterialKind.TEXT, "title_zh": SECRET, "title_en": SECRET_EN}
    return MaterialInput(**(said | more))  # type: ignore[arg-type]


def embargoed(series: Series, hours: int = 1) -> tuple[Material, StoredFile]:
    opens = our_clock.now() + timedelta(hours=hours)
    one = services.create(series.id, given(opens_at=opens, body_zh="正文", body_en="Body"))
    services.add_file(series.id, one.id, Sent(PDF, filename=f"{FILE}.pdf"))
    return one, files_of(one.owner)[0]


def file_url(one: Material, stored: StoredFile) -> str:
    return f"/s/forum/press/room/{one.id}/{stored.id}"


def test_it_opens_at_the_very_second() -> None:
    opens = our_clock.now()
    moment = timedelta(microseconds=1)
    assert standing(opens, None, opens - moment) is Standing.WAITING
    assert standing(opens, None, opens) is Standing.OPEN
    assert standing(opens, opens, opens) is Standing.WITHDRAWN


@pytest.mark.parametrize(
    "door",
    [
        "/",
        "/s/forum",
        "/s/forum/press/room",
        "/s/forum/press/room?lang=en",
        "/api/v1/series",
        "/api/v1/series/forum",
        "/api/v1/series/forum/schedule.ics",
        "/api/v1/series/forum/schedule.json",
        "/api/v1/series/forum/schedule.xml",
    ],
)
def test_no_door_tells_of_it_a_second_before(
    client: FlaskClient, series: Series, clock: Clock, door: str
) -> None:
    one, stored = embargoed(series)
    clock.shift(timedelta(hours=1, seconds=-1))
    answer = client.get(door, base_url=BASE)
    assert answer.status_code == 200
    for word in (SECRET, SECRET_EN, FILE, str(one.id), str(stored.id)):
        assert word not in answer.text


def test_page_and_file_open_at_the_second(browser: Browser, series: Series, clock: Clock) -> None:
    one, stored = embargoed(series)
    clock.shift(timedelta(hours=1, seconds=-1))
    assert SECRET not in browser.get("/s/forum/press/room").text
    before = browser.get(file_url(one, stored), status=404)
    unknown = browser.get(f"/s/forum/press/room/{UUID(int=7)}/{stored.id}", status=404)
    assert FILE not in before.text + str(before.headers)
    assert before.status_code == unknown.status_code
    clock.shift(1)
    page = browser.get("/s/forum/press/room", headers={"Accept-Language": "zh"})
    assert SECRET in page.text
    assert f"{FILE}.pdf" in page.text
    got = browser.get(file_url(one, stored))
    assert got.data == PDF
    assert got.headers["Content-Disposition"].startswith("attachment")
    assert got.headers["Cache-Control"] == "no-store"
    assert SECRET_EN in browser.get("/s/forum/press/room?lang=en").text


def test_a_kept_page_does_not_hide_or_show_longer_than_a_second(
    browser: Browser, series: Series, clock: Clock
) -> None:
    one, stored = embargoed(series)
    first = browser.get("/s/forum/press/room")
    clock.shift(timedelta(hours=1))
    again = browser.get("/s/forum/press/room", headers={"If-None-Match": first.headers["ETag"]})
    assert FILE in again.text
    services.withdraw(series.id, one.id)
    clock.shift(2)
    assert FILE not in browser.get("/s/forum/press/room").text
    browser.get(file_url(one, stored), status=404)
    assert not files_of(one.owner)


def test_a_file_is_found_under_its_own_material_and_series_alone(
    browser: Browser, series: Series, clock: Clock
) -> None:
    one, stored = embargoed(series)
    opened = services.create(series.id, given(title_zh="公开", title_en="Open"))
    browser.get(file_url(opened, stored), status=404)
    make_series(slug="other")
    clock.shift(timedelta(hours=2))
    browser.get(f"/s/other/press/room/{one.id}/{stored.id}", status=404)
    browser.get(file_url(one, stored))


def test_words_that_are_out_change_only_with_a_correction(browser: Browser, series: Series) -> None:
    one = services.create(series.id, given(body_zh="三百人", body_en="Three hundred"))
    with pytest.raises(BadInput) as refused:
        services.edit(series.id, one.id, given(body_zh="四百人", body_en="Four hundred"))
    assert "correction_zh" in refused.value.errors
    told = {"correction_zh": "人数应为四百。", "correction_en": "It is four hundred."}
    services.edit(series.id, one.id, given(body_zh="四百人", body_en="Four hundred", **told))
    page = browser.get("/s/forum/press/room?lang=en").text
    assert "It is four hundred." in page
    assert "Three hundred" not in page
    with pytest.raises(BadInput):  # the old correction does not speak for a new change
        services.edit(series.id, one.id, given(body_zh="五百人", body_en="Five hundred", **told))


def test_what_is_open_keeps_its_time_and_what_waits_may_move(series: Series) -> None:
    later = our_clock.now() + timedelta(days=1)
    opened = services.create(series.id, given())
    assert services.edit(series.id, opened.id, given(opens_at=later)).opens_at < later
    waiting, _ = embargoed(series)
    same = {"body_zh": "正文", "body_en": "Body"}
    assert services.edit(series.id, waiting.id, given(opens_at=later, **same)).opens_at == later


def test_one_language_alone_is_refused_beside_the_other(series: Series) -> None:
    with pytest.raises(BadInput) as refused:
        services.create(series.id, given(body_zh="正文"))
    assert list(refused.value.errors) == ["body_en"]


def test_what_is_withdrawn_is_closed(series: Series) -> None:
    one, stored = embargoed(series)
    services.withdraw(series.id, one.id)
    with pytest.raises(AlreadyWithdrawn):
        services.withdraw(series.id, one.id)
    with pytest.raises(AlreadyWithdrawn):
        services.edit(series.id, one.id, given())
    with pytest.raises(AlreadyWithdrawn):
        services.add_file(series.id, one.id, Sent(PDF))
    with pytest.raises(AlreadyWithdrawn):
        services.remove_file(series.id, one.id, stored.id)


def test_every_change_leaves_one_audit_row(series: Series) -> None:
    one = services.create(series.id, given())
    told = {"correction_zh": "更正", "correction_en": "Corrected"}
    services.edit(series.id, one.id, given(title_zh="新题", **told))
    services.withdraw(series.id, one.id)
    rows = db.session.scalars(
        select(AuditEntry.action)
        .where(AuditEntry.subject == f"press_material:{one.id}")
        .order_by(AuditEntry.id)
    )
    assert list(rows) == [f"press_material.{deed}" for deed in ("create", "correct", "withdraw")]


def test_pictures_lose_place_and_maker(browser: Browser, series: Series) -> None:
    one = services.create(series.id, given(kind=MaterialKind.PHOTO))
    services.add_file(series.id, one.id, Sent(located_picture()))
    got = browser.get(file_url(one, files_of(one.owner)[0]))
    assert got.mimetype == "image/jpeg"
    assert b"SecretMaker" not in got.data


def test_the_room_costs_the_same_however_much_it_holds(client: FlaskClient, series: Series) -> None:
    def cost() -> int:
        with counted() as statements:
            client.get("/s/forum/press/room?lang=en", base_url=BASE)
        return len(statements)

    embargoed(series, hours=0)
    before = cost()
    for _ in range(5):
        embargoed(series, hours=0)
    assert cost() == before


def test_the_press_office_writes_adds_a_file_and_withdraws(
    browser: Browser, series: Series, sign_in: SignIn
) -> None:
    sign_in(Role.PRESS_OFFICER, series=series)
    assert "还没有资料" in browser.get("/desk/s/forum/press-room").text
    url = "/desk/s/forum/press-room/new"
    browser.get(url)
    typed = {"kind": "photo", "title_zh": "会场", "title_en": "", "opens_at": "2027-03-02T09:00"}
    assert "请填写英文标题" in browser.post(url, typed, status=422).text
    made = browser.post(url, typed | {"title_en": "The hall"}, status=303).headers["Location"]
    assert "未到发布时间" in browser.get(made).text
    assert 'value="2027-03-02T09:00"' in browser.get(made).text
    assert "请选择" in browser.post(f"{made}/files", {}, status=422).text
    sent = {"file": (BytesIO(picture()), "会场.jpg")}
    browser.post(f"{made}/files", sent, status=303)
    [one] = queries.materials_of(series.id)
    [stored] = files_of(one.owner)
    assert browser.get(f"{made}/files/{stored.id}").mimetype == "image/jpeg"
    assert "会场" in browser.get("/desk/s/forum/press-room").text
    browser.post(f"{made}/files/{stored.id}/remove", status=303)
    browser.post(f"{made}/files/{stored.id}/remove", status=404)
    browser.post(f"{made}/withdraw", status=303)
    assert "已撤下" in browser.get(made).text


def test_nobody_edits_through_another_series(series: Series) -> None:
    one, _ = embargoed(series)
    with pytest.raises(NotFound):
        services.edit(make_series().id, one.id, given())


def test_it_is_kept_on_both_engines(either_app: Flask) -> None:
    with either_app.app_context():
        found = make_series()
        one, stored = embargoed(found)
        now = our_clock.now()
        assert queries.open_materials(found.id, now) == []
        opened = queries.open_materials(found.id, one.opens_at)
        assert [m.id for m in opened] == [one.id]
        assert queries.files_by_owner(opened)[one.owner] == [stored]


def test_answers_kept_for_everybody_are_never_early_and_a_second_late_at_most(
    app: Flask, settings: Settings, series: Series, clock: Clock
) -> None:
    database = app.config["SQLALCHEMY_DATABASE_URI"]
    kept = create_app(replace(settings, sqlalchemy_database_uri=database, public_cache=True))
    asker = kept.test_client()

    def seen() -> bool:
        return SECRET in asker.get("/s/forum/press/room", base_url=BASE).text

    one, _ = embargoed(series)
    clock.shift(timedelta(hours=1, microseconds=-1))
    assert not seen()
    clock.shift(1)
    assert seen()
    services.withdraw(series.id, one.id)
    clock.shift(1)
    assert not seen()
    with kept.app_context():
        db.engine.dispose()
