"""The guest's page, and codes in the public form, as people meet them."""

import re
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from sqlalchemy import select

from eduforum.core.db import db
from eduforum.invitations.services import manage
from eduforum.registration import services
from eduforum.registration.models import Invitation, Registration
from eduforum.registration.rules import Rsvp, State
from tests.invitations.party import Party, in_days, now, path
from tests.pages import Browser

pytestmark = pytest.mark.usefixtures("app")


def application(**changes: object) -> dict[str, object]:
    return {
        "name": "林知夏",
        "organisation": "天津大学",
        "position": "教授",
        "email": "lin@example.org",
        "category": "guest",
        "events": ["forum"],
        "consents": ["privacy"],
        "submit_id": uuid4().hex,
        "step": "4",
        **changes,
    }


def came() -> Registration:
    return db.session.scalars(select(Registration)).one()


def test_yes_by_the_link_prefilled(browser: Browser) -> None:
    party = Party()
    one = party.invite(events=("forum",), release_at=in_days(3), lock_email=True)
    page = browser.get(path(one)).text
    assert "林知夏" in page
    assert "为您预留席位" in page
    form = browser.get(f"{path(one)}/register").text
    assert 'name="events" value="forum" id="event-forum" checked' in form or "checked" in form
    last = browser.post(f"{path(one)}/register", application(step="2"), status=200).text
    email = re.search(r'<input[^>]*name="email"[^>]*>', last)
    assert email
    assert "readonly" in email[0]
    assert "lin@example.org" in email[0]
    browser.post(f"{path(one)}/register", application(email="x@example.org"), status=422)
    browser.post(f"{path(one)}/register", application(), status=303)
    assert came().state is State.CONFIRMED
    page = browser.get(path(one)).text
    assert "您已接受邀请" in page
    assert re.search(r'href="/r/', page)
    browser.get(f"{path(one)}/register", status=303)


def test_no_and_a_change_of_mind(browser: Browser) -> None:
    party = Party(seats=1)
    one = party.invite(events=("forum",), release_at=in_days(3))
    assert "让给他人" in browser.get(f"{path(one)}/no").text
    browser.post(f"{path(one)}/no", status=303)
    assert "您已答复不能参加" in browser.get(path(one)).text
    assert now(one).rsvp is Rsvp.NO
    browser.post(f"{path(one)}/register", application(), status=303)
    assert now(one).rsvp is Rsvp.YES
    assert "参会证作废" in browser.get(f"{path(one)}/no").text
    browser.post(f"{path(one)}/no", status=303)
    assert came().state is State.WITHDRAWN
    browser.get(f"{path(one)}/no", status=303)


def test_somebody_else_and_back(browser: Browser) -> None:
    party = Party()
    one = party.invite()
    browser.get(f"{path(one)}/instead")
    wrong = browser.post(f"{path(one)}/instead", {"name": "", "email": "nonsense"}, status=422).text
    assert "请填写姓名" in wrong
    assert "邮箱" in wrong
    wrong = browser.post(f"{path(one)}/instead", {"name": "沈知远"}, status=422).text
    assert "至少填一项" in wrong
    browser.post(f"{path(one)}/instead", {"name": "沈知远", "mobile": "13800000101"}, status=303)
    page = browser.get(path(one)).text
    assert "您已请沈知远代为参加" in page
    other = db.session.scalars(select(Invitation).where(Invitation.name == "沈知远")).one()
    assert path(other) in page
    assert "代为参加" in browser.get(path(other)).text
    browser.get(f"{path(other)}/instead", status=303)
    browser.post(f"{path(one)}/myself", status=303)
    assert now(one).rsvp is Rsvp.NONE
    assert "您的答复已保存" in browser.get(path(one)).text


def test_too_late_to_answer(browser: Browser, clock: time_machine.Traveller) -> None:
    party = Party()
    one = party.invite(valid_until=in_days(1))
    clock.shift(86400)
    assert "答复期限已过" in browser.get(path(one)).text
    for part in ("/register", "/no", "/instead"):
        browser.get(f"{path(one)}{part}", status=303)
    browser.post(f"{path(one)}/no", status=303)
    assert "如需更改请联系主办方" in browser.get(path(one)).text
    assert now(one).rsvp is Rsvp.NONE


def test_a_guest_who_was_declined_reads_so(browser: Browser) -> None:
    party = Party()
    one = party.invite(skip_approval=False)
    came = party.come(one)
    services.decline(party.series.id, came.id, "full")
    assert "未通过您的报名" in browser.get(path(one)).text
    browser.get(f"{path(one)}/no", status=303)


@pytest.mark.parametrize("rest", ["", "/register", "/no", "/instead"])
def test_a_link_that_is_wrong_renewed_or_withdrawn(browser: Browser, rest: str) -> None:
    party = Party()
    one = party.invite()
    old = path(one)
    manage.renew(party.series.id, one.id)
    assert "邀请链接无效" in browser.get(f"{old}{rest}", status=404).text
    fresh = path(one)
    browser.get(fresh)
    manage.withdraw(party.series.id, one.id)
    browser.get(f"{fresh}{rest}", status=404)
    browser.get(f"/i/AAAA.BBBB{rest}", status=404)


def test_the_page_is_nobody_else_s_to_keep(browser: Browser) -> None:
    answer_ = browser.get(path(Party().invite()))
    assert answer_.headers["Cache-Control"] == "no-store"
    assert "noindex" in answer_.text


def test_a_code_opens_its_category_and_refuses_the_third(browser: Browser) -> None:
    party = Party()
    code = party.code(uses=2)
    url = f"/s/{party.series.slug}/register"
    assert "我有邀请码" in browser.get(url).text
    step = {"step": "1", "category": "", "invitation_code": "meet-2027", "submit_id": uuid4().hex}
    page = browser.post(url, step, status=200).text
    assert "event-dinner" in page
    for number in range(2):
        typed = application(
            invitation_code="meet-2027", name=f"样本{'甲乙'[number]}",
            email=f"{number}@example.org", category="",
        )  # fmt: skip
        browser.post(url, typed, status=303)
    third = application(invitation_code="meet-2027", email="3@example.org")
    refused = browser.post(url, third, status=422).text
    assert "邀请已使用。" in refused
    assert 'value="meet-2027"' in refused
    assert now(code).used == 2
    unknown = browser.post(url, application(invitation_code="meet-2028"), status=422).text
    assert "邀请码不正确或已停用" in unknown


def test_codes_cannot_be_guessed(browser: Browser) -> None:
    party = Party()
    party.code()
    url = f"/s/{party.series.slug}/register"
    step = {"step": "1", "invitation_code": "guess-1", "submit_id": uuid4().hex}
    for _ in range(100):
        assert browser.client.post(url, data=step, base_url="https://forum.example.org").status_code == 422  # fmt: skip
    browser.post(url, step, status=429)


def test_a_series_without_codes_asks_for_none(browser: Browser) -> None:
    party = Party()
    party.invite()
    assert "邀请码" not in re.sub(
        "邀请链接或邀请码", "", browser.get(f"/s/{party.series.slug}/register").text
    )


def test_the_api_takes_a_code(browser: Browser) -> None:
    party = Party()
    code = party.code(uses=1)
    url = f"/api/v1/series/{party.series.slug}/registrations"
    body = {
        "name": "林知夏", "organisation": "天津大学", "email": "lin@example.org",
        "category": "guest", "events": ["forum"], "consents": ["privacy"],
    }  # fmt: skip

    def post(**more: str) -> tuple[int, dict[str, Any]]:
        answered = browser.client.post(url, json=body | more)
        assert isinstance(answered.json, dict)
        return answered.status_code, answered.json

    status, said = post()
    assert (status, said["code"]) == (409, "registration-closed")
    status, said = post(invitation_code="nonsense")
    assert (status, list(said["errors"])) == (422, ["invitation_code"])
    assert post(invitation_code=code.code.lower())[0] == 201
    status, said = post(name="沈知远", email="shen@example.org", invitation_code=code.code)
    assert (status, said["code"]) == (409, "invitation-not-valid")
