"""The people and tokens of a series at the desk."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from eduforum.accounts import services
from eduforum.accounts.models import SignIn, User
from eduforum.accounts.queries import user_by_email
from eduforum.core.audit import AuditEntry
from eduforum.core.db import db
from eduforum.events import grants
from eduforum.events.access import BEARERS
from eduforum.events.models import Grant, Series
from eduforum.events.rules import LastAdmin
from eduforum.notices.models import Notice
from eduforum.web.access import Role, Scope
from tests.accounts.people import is_signed_in, make_person, try_to_sign_in
from tests.factories import make_series, make_user
from tests.pages import BASE, Browser

SignInAs = Callable[..., None]


@pytest.fixture
def series() -> Series:
    return make_series(slug="tianjin")


PEOPLE = "/desk/s/tianjin/settings/people"


def roles_of(email: str) -> set[tuple[Role, int | None]]:
    db.session.rollback()
    user = user_by_email(email)
    assert user is not None
    held = db.session.scalars(select(Grant).where(Grant.user_id == user.id))
    return {(grant.role, grant.series_id) for grant in held}


def with_role(role: Role, series: Series, email: str = "owner@example.org") -> User:
    user = make_person(email)
    grants.give(user, role, series_id=series.id)
    return user


def test_the_desk_is_empty_for_somebody_new(browser: Browser) -> None:
    make_person()
    try_to_sign_in(browser.client)
    assert "您还没有任何系列活动的权限" in browser.get("/desk/").text


def test_the_desk_lists_my_series_only(browser: Browser, series: Series) -> None:
    foreign = make_series(slug="foreign")
    with_role(Role.DOOR, series)
    try_to_sign_in(browser.client)
    page = browser.get("/desk/")
    assert "/desk/s/tianjin/" in page.text
    assert "现场签到" in page.text
    assert foreign.slug not in page.text


def test_an_administrator_sees_every_series(
    browser: Browser, sign_in: SignInAs, series: Series
) -> None:
    make_series(slug="foreign", published=False)
    sign_in(Role.ADMIN)
    page = browser.get("/desk/")
    assert "/desk/s/tianjin/" in page.text
    assert "/desk/s/foreign/" in page.text


def test_somebody_new_is_invited_by_letter(
    browser: Browser, sign_in: SignInAs, series: Series
) -> None:
    sign_in(Role.ORGANISER, series=series)
    browser.post(PEOPLE, {"email": "New@example.org", "name": "新人（样本）", "role": "registrar"})
    assert roles_of("new@example.org") == {(Role.REGISTRAR, series.id)}
    notice = db.session.scalars(select(Notice)).one()
    assert (notice.recipient, notice.series_id) == ("new@example.org", None)
    link = services.compose_letter(notice).link.removeprefix(BASE)
    page = browser.get(PEOPLE)
    assert "尚未设置密码" in page.text
    browser.post(link, {"password": "another long one", "again": "another long one"})
    answer = try_to_sign_in(browser.client, "new@example.org", "another long one")
    assert answer.status_code == 302
    assert "/desk/s/tianjin/" in browser.get("/desk/").text


def test_somebody_known_gets_no_letter(browser: Browser, sign_in: SignInAs, series: Series) -> None:
    make_person()
    sign_in(Role.ORGANISER, series=series)
    browser.post(PEOPLE, {"email": "owner@example.org", "role": "door"})
    browser.post(PEOPLE, {"email": "owner@example.org", "role": "viewer"})
    assert roles_of("owner@example.org") == {(Role.DOOR, series.id), (Role.VIEWER, series.id)}
    assert db.session.scalars(select(Notice)).all() == []


def test_a_role_that_is_taken_away_ends_at_once(app: Flask, series: Series) -> None:
    with_role(Role.ORGANISER, series, "boss@example.org")
    person = with_role(Role.DOOR, series)
    boss, client = app.test_client(), app.test_client()
    try_to_sign_in(boss, "boss@example.org")
    try_to_sign_in(client)
    assert is_signed_in(client)
    boss.post(f"{PEOPLE}/{person.id}/door/take", base_url=BASE)
    assert not is_signed_in(client)
    assert roles_of("owner@example.org") == set()


def test_a_role_that_is_given_ends_sign_ins(app: Flask, series: Series) -> None:
    with_role(Role.ORGANISER, series, "boss@example.org")
    with_role(Role.DOOR, series)
    boss, client = app.test_client(), app.test_client()
    try_to_sign_in(boss, "boss@example.org")
    try_to_sign_in(client)
    boss.post(PEOPLE, data={"email": "owner@example.org", "role": "viewer"}, base_url=BASE)
    assert not is_signed_in(client)


def test_who_changes_their_own_roles_stays_here(browser: Browser, series: Series) -> None:
    me = with_role(Role.ORGANISER, series)
    try_to_sign_in(browser.client)
    answer = browser.post(PEOPLE, {"email": me.email, "role": "door"})
    assert "已设置 owner@example.org 的角色" in browser.get(answer.location).text
    answer = browser.post(f"{PEOPLE}/{me.id}/organiser/take")
    assert answer.location == "/desk/"
    browser.get("/desk/")
    browser.get(PEOPLE, status=404)


def test_an_organiser_makes_no_administrator(
    browser: Browser, sign_in: SignInAs, series: Series
) -> None:
    sign_in(Role.ORGANISER, series=series)
    assert 'value="admin"' not in browser.get(PEOPLE).text
    for email in ("user1@example.org", "new@example.org"):
        answer = browser.post(PEOPLE, {"email": email, "role": "admin"}, status=403)
        assert "只有管理员可以设置或取消管理员" in answer.text
    assert user_by_email("new@example.org") is None


def test_an_organiser_unmakes_no_administrator(
    browser: Browser, sign_in: SignInAs, series: Series
) -> None:
    make_user(Role.ADMIN, email="admin@example.org")
    make_user(Role.ADMIN, email="admin2@example.org")
    admin = user_by_email("admin@example.org")
    assert admin
    sign_in(Role.ORGANISER, series=series)
    assert f"{admin.id}/admin/take" not in browser.get(PEOPLE).text
    browser.post(f"{PEOPLE}/{admin.id}/admin/take", status=403)
    answer = browser.post(PEOPLE, {"email": admin.email, "role": "viewer"}, status=409)
    assert "已有全部权限" in answer.text
    assert roles_of(admin.email) == {(Role.ADMIN, None)}
    assert db.session.scalars(select(SignIn).where(SignIn.user_id == admin.id)).one()


def test_an_administrator_makes_administrators(
    browser: Browser, sign_in: SignInAs, series: Series
) -> None:
    make_person()
    sign_in(Role.ADMIN)
    browser.post(PEOPLE, {"email": "owner@example.org", "role": "admin"})
    assert roles_of("owner@example.org") == {(Role.ADMIN, None)}


def test_one_administrator_remains(browser: Browser, series: Series) -> None:
    admin = make_person()
    grants.give(admin, Role.ADMIN, series_id=None)
    try_to_sign_in(browser.client)
    answer = browser.post(f"{PEOPLE}/{admin.id}/admin/take", status=409)
    assert "至少须保留一名管理员" in answer.text
    with pytest.raises(LastAdmin):
        grants.set_active(admin, False)
    other = make_person("other@example.org")
    grants.give(other, Role.ADMIN, series_id=None)
    grants.set_active(other, False)
    with pytest.raises(LastAdmin):
        grants.set_only_role(admin, Role.VIEWER, series_id=series.id)


def test_people_of_another_series_are_out_of_reach(
    browser: Browser, sign_in: SignInAs, series: Series
) -> None:
    foreign = make_series(slug="foreign")
    person = with_role(Role.DOOR, foreign)
    sign_in(Role.ORGANISER, series=series)
    assert person.email not in browser.get(PEOPLE).text
    browser.post(f"{PEOPLE}/{person.id}/door/take", status=404)
    browser.post(f"{PEOPLE}/{person.id}/pilot/take", status=404)
    browser.post(f"{PEOPLE}/999999/door/take", status=404)
    browser.get("/desk/s/foreign/settings/people", status=404)
    assert roles_of(person.email) == {(Role.DOOR, foreign.id)}


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"email": "", "role": "door"}, "请填写电子邮箱"),
        ({"email": "nonsense", "role": "door"}, "须有且只有一个 @"),
        ({"email": "new@example.org"}, "请选择一个角色"),
        ({"email": "new@example.org", "role": "pilot"}, "请选择一个角色"),
    ],
)
def test_mistakes_are_explained_and_kept(
    browser: Browser, sign_in: SignInAs, series: Series, typed: dict[str, str], sentence: str
) -> None:
    sign_in(Role.ORGANISER, series=series)
    answer = browser.post(PEOPLE, {"name": "新人", **typed}, status=422)
    assert sentence in answer.text
    assert 'value="新人"' in answer.text


def test_every_change_is_recorded(browser: Browser, sign_in: SignInAs, series: Series) -> None:
    sign_in(Role.ORGANISER, series=series)
    browser.post(PEOPLE, {"email": "new@example.org", "role": "door"})
    new = user_by_email("new@example.org")
    assert new
    browser.post(f"{PEOPLE}/{new.id}/door/take")
    entries = db.session.scalars(
        select(AuditEntry).where(AuditEntry.series_id == series.id).order_by(AuditEntry.id)
    ).all()
    assert [(e.action, e.subject, {**e.before, **e.after}) for e in entries] == [
        ("grant.give", f"user:{new.id}", {"role": "door", "email": "n***@example.org"}),
        ("grant.take", f"user:{new.id}", {"role": "door", "email": "n***@example.org"}),
    ]
    assert {entry.actor for entry in entries} != {"public"}


def secret_on(page: str) -> str:
    found = re.search(r"<code>(eft_[\w-]+)</code>", page)
    assert found
    return found[1]


def test_a_token_is_shown_once_and_dies_at_once(
    browser: Browser, sign_in: SignInAs, series: Series
) -> None:
    sign_in(Role.ORGANISER, series=series)
    assert "还没有令牌" in browser.get(PEOPLE).text
    form = {"token-name": "签到 App", "token-scopes": ["door", "read"]}
    secret = secret_on(browser.post("/desk/s/tianjin/settings/tokens", form, status=200).text)
    page = browser.get(PEOPLE).text
    assert secret not in page
    assert "签到 App" in page
    bearer = grants.bearer_of_token(secret)
    assert bearer
    assert (bearer.kind, bearer.scopes, bearer.series_ids) == (
        "token",
        frozenset({Scope.DOOR, Scope.READ}),
        frozenset({series.id}),
    )
    browser.post(f"/desk/s/tianjin/settings/tokens/{bearer.id}/revoke")
    assert grants.bearer_of_token(secret) is None
    browser.post(f"/desk/s/tianjin/settings/tokens/{bearer.id}/revoke", status=404)


def test_a_token_without_scope_or_name_is_refused(
    browser: Browser, sign_in: SignInAs, series: Series
) -> None:
    sign_in(Role.ORGANISER, series=series)
    answer = browser.post("/desk/s/tianjin/settings/tokens", {"token-name": ""}, status=422)
    assert "请填写令牌的用途" in answer.text
    assert "请至少选择一项权限" in answer.text
    bad = {"token-name": "x", "token-scopes": ["root"]}
    browser.post("/desk/s/tianjin/settings/tokens", bad, status=422)


def test_a_token_of_two_series_ends_in_one(
    browser: Browser, sign_in: SignInAs, series: Series
) -> None:
    foreign = make_series(slug="foreign")
    token, secret = grants.add_token("both", [Scope.READ], [series.id, foreign.id])
    other, other_secret = grants.add_token("theirs", [Scope.READ], [foreign.id])
    sign_in(Role.ORGANISER, series=series)
    browser.post(f"/desk/s/tianjin/settings/tokens/{other.id}/revoke", status=404)
    assert grants.bearer_of_token(other_secret)
    browser.post(f"/desk/s/tianjin/settings/tokens/{token.id}/revoke")
    bearer = grants.bearer_of_token(secret)
    assert bearer
    assert bearer.series_ids == {foreign.id}
    grants.revoke_token(token.id)
    assert grants.bearer_of_token(secret) is None


def test_a_token_opens_no_desk(client: FlaskClient, series: Series) -> None:
    _, secret = grants.add_token("x", [*Scope], [series.id])
    answer = client.get(PEOPLE, base_url=BASE, headers={"Authorization": f"Bearer {secret}"})
    assert answer.status_code == 302
    assert grants.bearer_of_token in BEARERS
