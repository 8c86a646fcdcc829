"""What people and organisers see and do about personal data."""

import io
import json
import zipfile
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import select

from eduforum.consents import services as consents
from eduforum.consents.models import Consent
from eduforum.core.audit import AuditEntry
from eduforum.core.db import db
from eduforum.core.personal import ERASED
from eduforum.delegations.services.letters import page_url
from eduforum.events.models import Series
from eduforum.registration import services as registration
from eduforum.registration.models import Registration
from eduforum.web.access import Role
from tests.factories import make_delegation
from tests.pages import Browser
from tests.privacy.people import EMAIL, NAME, NUMBER, make_open_category, make_person


@pytest.fixture
def series(app: Flask, tmp_path: Path) -> Series:
    app.config["DATA_DIR"] = str(tmp_path)
    return db.session.get_one(Series, make_open_category().series_id)


def address(made: Registration) -> str:
    return urlsplit(registration.my_url(made)).path


def test_the_person_sees_what_is_kept_until_when_and_who_looked(
    browser: Browser, series: Series
) -> None:
    page = browser.get(f"{address(make_person(series))}/data")
    assert "**************002X" in page.text
    assert NUMBER not in page.text
    assert "2027 年 4 月 14 日" in page.text, "30 days after the last event"
    assert "核验林知夏" in page.text
    assert "证件号码（敏感个人信息）" in page.text
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize("lang", ["zh-Hans", "en"])
def test_everything_comes_as_a_file(browser: Browser, series: Series, lang: str) -> None:
    link = address(make_person(series))
    browser.get(f"{link}/data?lang={lang}")
    answer = browser.post(f"{link}/data/export", status=200)
    assert answer.headers["Content-Disposition"].startswith("attachment")
    with zipfile.ZipFile(io.BytesIO(answer.data)) as packed:
        data = json.loads(packed.read("data.json"))
        [readable] = [n for n in packed.namelist() if n.endswith(".txt")]
        text = packed.read(readable).decode("utf-8-sig")
    assert data["registration"]["email"] == EMAIL
    assert data["registration"]["id_number"] == "**************002X"
    assert data["registration"]["answers"] == {"diet": "不吃牛肉"}
    assert {one["kind"] for one in data["letters"]} == {"registration-confirmed"}
    assert [one["code"] for one in data["consents"]] == ["id", "privacy"]
    assert len(data["tickets"]) == 2, "the one that was replaced as well"
    assert NAME in text
    assert ("手机号" if lang == "zh-Hans" else "Mobile number") in text
    assert NUMBER not in text


def test_a_consent_taken_back_takes_the_number_along(browser: Browser, series: Series) -> None:
    link = address(make_person(series))
    asked = browser.get(f"{link}/data/consents/id/withdraw")
    assert "随即删除" in asked.text
    browser.post(f"{link}/data/consents/id/withdraw", status=303)
    db.session.expire_all()
    row = db.session.scalars(select(Registration)).one()
    assert (row.id_number, row.id_type, "id" in row.consents) == (None, "", False)
    assert "撤回" in browser.get(f"{link}/data").text
    browser.get(f"{link}/data/consents/id/withdraw", status=404)
    browser.get(f"{link}/data/consents/privacy/withdraw", status=404)


def test_erasing_asks_first(browser: Browser, series: Series) -> None:
    link = address(make_person(series))
    assert "席位让给候补者" in browser.get(f"{link}/erase").text
    refused = browser.post(f"{link}/erase", status=422)
    assert "请勾选" in refused.text
    gone = browser.post(f"{link}/erase", {"sure": "y"}, status=303)
    assert browser.get(gone.headers["Location"]).status_code == 200
    browser.get(f"{link}/data", status=404)
    browser.get(link, status=404)


def test_another_text_is_another_version(browser: Browser, series: Series, sign_in: Any) -> None:
    before = make_person(series)
    sign_in(Role.ORGANISER, series=series)
    url = "/desk/s/demo/settings/privacy/texts/id"
    browser.post(url, {"text_zh": "只给公安部门。", "text_en": ""}, status=422)
    new = {"text_zh": "仅供公安部门核验。", "text_en": "For the police alone."}
    browser.post(url, new, status=303)
    browser.post(url, new, status=303)
    assert "第 1 版" in browser.get(url).text
    after = make_person(series, name="周明远", n=1)
    given = db.session.scalars(select(Consent).where(Consent.code == "id")).all()
    assert {one.subject: one.version for one in given} == {
        f"registration:{before.id}": 0,
        f"registration:{after.id}": 1,
    }
    assert "仅供公安部门核验。" in browser.get("/s/demo/privacy").text
    browser.get("/desk/s/demo/settings/privacy/texts/nothing", status=404)


def test_a_text_that_changed_meanwhile_is_read_again(browser: Browser, series: Series) -> None:
    data = {
        "category": "guarded", "events": ["opening"], "name": "周明远", "email": "z@example.org",
        "id_type": "passport", "id_number": "E12345678", "submit_id": uuid4().hex, "step": "4",
        "consents": ["privacy", "id"], "read": ["privacy.0", "id.0", "guardian.0"],
    }  # fmt: skip
    consents.write(series.id, "privacy", "另一文本", "Another text")
    page = browser.post("/s/demo/register", data, status=422)
    assert "刚刚有更新" in page.text
    assert 'value="id" checked' not in page.text
    data["read"] = ["privacy.1", "id.0", "guardian.0"]
    browser.post("/s/demo/register", data, status=303)


def test_the_desk_sees_what_goes_when_and_sets_it(
    browser: Browser, series: Series, sign_in: Any
) -> None:
    make_person(series)
    sign_in(Role.ORGANISER, series=series)
    url = "/desk/s/demo/settings/privacy"
    assert "2027 年 4 月 14 日" in browser.get(url).text
    refused = browser.post(url, {"identity": "0", "general": "x"}, status=422)
    assert "请填写 1 至 3650 的天数" in refused.text
    browser.post(url, {"identity": "200", "general": "100"}, status=422)
    browser.post(url, {"identity": "10", "general": "100"}, status=303)
    assert "2027 年 3 月 25 日" in browser.get(url).text


def test_the_desk_exports_and_erases_one_person(
    browser: Browser, series: Series, sign_in: Any
) -> None:
    made = make_person(series)
    sign_in(Role.ORGANISER, series=series)
    url = f"/desk/s/demo/registrations/{made.id}/data"
    assert url in browser.get(f"/desk/s/demo/registrations/{made.id}").text
    browser.get(url)
    assert browser.post(f"{url}/export", status=200).mimetype == "application/zip"
    browser.post(f"{url}/erase", {"sure": "y"}, status=422)
    browser.post(f"{url}/erase", {"sure": "y", "reason": "来信要求"}, status=303)
    assert ERASED in browser.get(f"/desk/s/demo/registrations/{made.id}").text
    browser.get(url, status=404)
    actions = db.session.scalars(select(AuditEntry.action)).all()
    assert {"privacy.export", "privacy.erase"} <= set(actions)


def test_the_desk_exports_and_erases_a_liaison(
    browser: Browser, series: Series, sign_in: Any
) -> None:
    unit = make_delegation(series)
    name = unit.liaison_name
    sign_in(Role.ORGANISER, series=series)
    page = f"/desk/s/demo/delegations/{unit.id}"
    url = f"{page}/data"
    assert url in browser.get(page).text
    assert name in browser.get(url).text
    packed = browser.post(f"{url}/export", status=200)
    with zipfile.ZipFile(io.BytesIO(packed.data)) as file:
        assert json.loads(file.read("data.json"))["liaison"]["email"] == unit.liaison_email
    browser.post(f"{url}/erase", {"sure": "y"}, status=422)
    browser.post(f"{url}/erase", {"sure": "y", "reason": "来信要求"}, status=303)
    assert name not in browser.get(page).text
    browser.get(url, status=404)
    sign_in(Role.REGISTRAR, series=series)
    browser.get(url, status=404)
    browser.post(f"{url}/erase", {"sure": "y", "reason": "来信要求"}, status=404)


def test_a_liaison_sees_takes_and_erases_the_own_data(browser: Browser, series: Series) -> None:
    unit = make_delegation(series)
    name, page = unit.liaison_name, urlsplit(page_url(unit)).path
    url = f"{page}/data"
    assert url in browser.get(page).text
    told = browser.get(url)
    assert name in told.text
    assert "2027 年 9 月" in told.text
    assert told.headers["Cache-Control"] == "no-store"
    packed = browser.post(f"{url}/export", status=200)
    with zipfile.ZipFile(io.BytesIO(packed.data)) as file:
        assert json.loads(file.read("data.json"))["liaison"]["email"] == unit.liaison_email
    assert "报送链接失效" in browser.get(f"{url}/erase").text
    assert "请勾选" in browser.post(f"{url}/erase", status=422).text
    browser.post(f"{url}/erase", {"sure": "y"}, status=303)
    db.session.refresh(unit)
    assert (unit.liaison_name, unit.liaison_email) == ("", "")
    browser.get(url, status=404)


@pytest.mark.parametrize("role", [Role.REGISTRAR, Role.VIEWER])
def test_others_at_the_desk_do_not(
    browser: Browser, series: Series, sign_in: Any, role: Role
) -> None:
    made = make_person(series)
    sign_in(role, series=series)
    browser.get(f"/desk/s/demo/registrations/{made.id}/data", status=404)
    browser.get("/desk/s/demo/settings/privacy", status=404)
