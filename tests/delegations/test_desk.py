"""The organisers' pages of delegations."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
from sqlalchemy import select

from eduforum.core import clock
from eduforum.core.db import db, transaction
from eduforum.core.errors import BadInput
from eduforum.delegations.queries import delegations_of, pools_of
from eduforum.delegations.services import DelegationInput, manage
from eduforum.events.models import Organisation, OrganisationAlias, Series
from eduforum.notices.models import Notice
from eduforum.registration.models import Pool
from eduforum.web.access import Role
from tests.delegations.units import Unit, entry
from tests.pages import Browser
from tests.queries import counted

SignIn = Callable[..., None]
pytestmark = pytest.mark.usefixtures("app")


def desk(series: Series, rest: str = "") -> str:
    return f"/desk/s/{series.slug}/delegations{rest}"


def typed(of: Unit, **more: str) -> dict[str, str]:
    return {
        "unit": "北大",
        "liaison_name": "沈知远",
        "liaison_mobile": "13800000102",
        "liaison_email": "",
        "edit_until": "2027-03-10T18:00",
        "language": "zh-Hans",
        "reviewed": "y",
        "release_at": "",
        "q-any-any": "12",
        f"q-any-{of.category.id}": "10",
        f"q-{of.forum.id}-any": "3",
    } | more


def make_unit(name: str, alias: str) -> None:
    with transaction():
        known = Organisation(name_zh=name)
        db.session.add(known)
        db.session.flush()
        db.session.add(OrganisationAlias(alias=alias, organisation_id=known.id))


def test_a_delegation_is_made_its_unit_found_by_alias(browser: Browser, sign_in: SignIn) -> None:
    unit = Unit()
    make_unit("北京大学", "北大")
    sign_in(Role.ORGANISER, series=unit.series)
    browser.get(desk(unit.series, "/new"))
    browser.post(desk(unit.series, "/new"), typed(unit), status=303)
    made = next(one for one in delegations_of(unit.series.id) if one.unit == "北京大学")
    assert made.organisation_id is not None
    assert made.liaison_mobile == "+8613800000102"
    pools = pools_of([made.id])[made.id]
    assert [(p.event_id, p.category_id, p.size) for p in pools] == [
        (None, None, 12),
        (None, unit.category.id, 10),
        (unit.forum.id, None, 3),
    ]
    assert "北京大学" in browser.get(desk(unit.series)).text
    browser.get(desk(unit.series, f"/{made.id}"))
    page = browser.get(desk(unit.series, f"/{made.id}/edit")).text
    assert 'value="12"' in page
    change = typed(unit, **{"q-any-any": "15", f"q-{unit.forum.id}-any": ""})
    browser.post(desk(unit.series, f"/{made.id}/edit"), change, status=303)
    assert [p.size for p in pools_of([made.id])[made.id]] == [15, 10]


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"unit": ""}, "请填写单位全称"),
        ({"unit": "天津大学"}, "“天津大学”已有代表团"),
        ({"liaison_mobile": ""}, "手机号和电子邮箱至少填一项"),
        ({"liaison_mobile": "1380"}, "请填写 11 位手机号"),
        ({"q-any-any": "十"}, "名额表中有的数字不能识别"),
        ({"reserving": "y"}, ""),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(
    browser: Browser, sign_in: SignIn, wrong: dict[str, str], sentence: str
) -> None:
    unit = Unit()
    sign_in(Role.ORGANISER, series=unit.series)
    status = 422 if sentence else 303
    page = browser.post(desk(unit.series, "/new"), typed(unit, **wrong), status=status)
    assert sentence in page.text


def test_seats_are_kept_free_where_a_category_is_named() -> None:
    unit = Unit(seats=4, pool=10, reserving=True)
    pools = db.session.scalars(select(Pool).where(Pool.series_id == unit.series.id)).all()
    assert {pool.delegation_id is None: pool.blocked for pool in pools} == {True: 4, False: 0}
    with pytest.raises(BadInput, match="活动或类别"):
        manage.create(
            unit.series,
            DelegationInput(
                unit="北京大学",
                liaison_mobile="+8613800000102",
                edit_until=clock.now() + timedelta(days=1),
                reserving=True,
                quotas={(None, None): 5},
            ),
        )
    assert [one.unit for one in delegations_of(unit.series.id)] == ["天津大学"]


def test_the_link_is_shown_on_request_mailed_renewed_revoked(
    browser: Browser, sign_in: SignIn
) -> None:
    unit = Unit()
    sign_in(Role.REGISTRAR, series=unit.series)
    here = desk(unit.series, f"/{unit.delegation.id}")
    assert "/d/" not in browser.get(here).text
    shown = browser.post(f"{here}/link", status=200).text
    assert f"https://forum.example.org{unit.path}" in shown
    browser.post(f"{here}/send", status=303)
    old = unit.path
    browser.post(f"{here}/renew", status=303)
    assert unit.path != old
    browser.post(f"{here}/revoke", status=303)
    assert "链接已停用" in browser.get(desk(unit.series)).text
    sent = db.session.scalars(select(Notice.kind).order_by(Notice.created_at)).all()
    assert list(sent) == ["delegation-invited", "delegation-link"]
    browser.post(f"{here}/renew", status=303)
    browser.get(unit.path)


def test_one_unit_gets_more_time(browser: Browser, sign_in: SignIn) -> None:
    unit = Unit()
    sign_in(Role.ORGANISER, series=unit.series)
    here = desk(unit.series, f"/{unit.delegation.id}")
    browser.post(f"{here}/extend", {"until": "2026-01-01T10:00"}, status=422)
    browser.post(f"{here}/extend", {"until": "2027-03-20T18:00"}, status=303)
    assert unit.now().edit_until == datetime(2027, 3, 20, 10, tzinfo=UTC)


def test_another_liaison_s_contact_voids_the_old_link(browser: Browser, sign_in: SignIn) -> None:
    unit = Unit()
    old = unit.path
    sign_in(Role.ORGANISER, series=unit.series)
    change = typed(unit, unit="天津大学", liaison_email="new@example.org")
    browser.post(desk(unit.series, f"/{unit.delegation.id}/edit"), change, status=303)
    browser.get(old, status=404)


def test_only_what_reported_nobody_is_deleted(browser: Browser, sign_in: SignIn) -> None:
    unit = Unit()
    sign_in(Role.ORGANISER, series=unit.series)
    here = desk(unit.series, f"/{unit.delegation.id}")
    unit.report(entry())
    browser.post(f"{here}/delete", status=303)
    assert "已有报送的人员，不能删除" in browser.get(here).text
    other = Unit()
    sign_in(Role.ORGANISER, series=other.series)
    other.write(entry())
    browser.post(desk(other.series, f"/{other.delegation.id}/delete"), status=303)
    assert delegations_of(other.series.id) == []


def test_a_viewer_reads_and_sees_no_contact(browser: Browser, sign_in: SignIn) -> None:
    unit = Unit()
    unit.report(entry())
    sign_in(Role.VIEWER, series=unit.series)
    page = browser.get(desk(unit.series, f"/{unit.delegation.id}")).text
    assert "13800000101" not in page
    assert "liaison@example.org" not in page
    assert "/link" not in page


def send_file(browser: Browser, series: Series, text: str, status: int) -> str:
    data = {"file": (BytesIO(text.encode("utf-8-sig")), "delegations.csv")}
    answer = browser.post(
        desk(series, "/import"), data, status=status, content_type="multipart/form-data"
    )
    return answer.text


def test_a_table_of_delegations(browser: Browser, sign_in: SignIn) -> None:
    unit = Unit()
    make_unit("北京大学", "北大")
    sign_in(Role.ORGANISER, series=unit.series)
    browser.get(desk(unit.series, "/import"))
    browser.get(desk(unit.series, "/template.xlsx")).close()
    table = (
        "单位,联络员,手机号,电子邮箱,截止时间,名额\n"
        "北大,沈知远,13800000102,,2027-03-10 12:30,12\n"
        "清华大学,,,tsinghua@example.org,2027年3月11日,\n"
    )
    send_file(browser, unit.series, table, 303)
    made = {one.unit: one for one in delegations_of(unit.series.id)}
    assert set(made) == {"天津大学", "北京大学", "清华大学"}
    assert made["北京大学"].edit_until == datetime(2027, 3, 10, 4, 30, tzinfo=UTC)
    assert made["清华大学"].edit_until == datetime(2027, 3, 11, 10, tzinfo=UTC)


def test_a_wrong_table_makes_nothing_and_names_every_cell(
    browser: Browser, sign_in: SignIn
) -> None:
    unit = Unit()
    sign_in(Role.ORGANISER, series=unit.series)
    table = (
        "单位,联络员,手机号,电子邮箱,截止时间,名额\n"
        "天津大学,甲,13800000102,,2027-03-10,12\n"
        "清华大学,乙,1380,,2020-01-01,十二\n"
        ",丙,,,2027-03-10,1\n"
    )
    page = send_file(browser, unit.series, table, 422)
    assert [cell for cell in ("A2", "C3", "E3", "F3", "A4", "C4") if f">{cell}<" not in page] == []
    assert len(delegations_of(unit.series.id)) == 1
    assert "要有“单位”" in send_file(browser, unit.series, "甲,乙\n1,2\n", 422)


def test_the_list_is_a_few_statements(browser: Browser, sign_in: SignIn) -> None:
    unit = Unit()
    for n in range(5):
        manage.create(
            unit.series,
            DelegationInput(
                unit=f"学校{n}",
                liaison_mobile=f"+861380000020{n}",
                edit_until=clock.now() + timedelta(days=1),
                quotas={(None, None): 5},
            ),
        )
    unit.report(entry())
    sign_in(Role.ORGANISER, series=unit.series)
    with counted() as seen:
        page = browser.get(desk(unit.series)).text
    assert "学校4" in page
    assert len(seen) <= 26


def test_who_reported_a_person_is_said_in_words(browser: Browser, sign_in: SignIn) -> None:
    unit = Unit()
    (person,) = unit.report(entry())
    sign_in(Role.ORGANISER, series=unit.series)
    page = browser.get(f"/desk/s/{unit.series.slug}/registrations/{person.id}").text
    assert "代表团填报" in page
