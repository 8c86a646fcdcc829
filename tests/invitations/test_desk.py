"""The organisers' pages of invitations."""

import re
from collections.abc import Callable
from io import BytesIO

import pytest
import time_machine
from sqlalchemy import select
from xlsxwriter import Workbook

from eduforum.core.db import db
from eduforum.invitations.services import Guest, answer, manage
from eduforum.notices.models import Notice
from eduforum.registration.models import Invitation
from eduforum.registration.rules import InvitationKind
from eduforum.web.access import Role
from tests.invitations.party import Party, in_days, now, path
from tests.pages import Browser
from tests.queries import counted

SignIn = Callable[..., None]
pytestmark = pytest.mark.usefixtures("app")


def desk(party: Party, rest: str = "") -> str:
    return f"/desk/s/{party.series.slug}/invitations{rest}"


def guest(**changes: object) -> dict[str, object]:
    return {
        "name": "林知夏",
        "organisation": "天津大学",
        "email": "LIN@example.org",
        "mobile": "139 0000 0123",
        "category": "guest",
        "valid_until": "2027-03-05T18:00",
        "language": "zh-Hans",
        "lock_email": "y",
        "skip_approval": "y",
        "events": ["forum"],
        "release_at": "",
        "send": "y",
        **changes,
    }


def only() -> Invitation:
    return db.session.scalars(select(Invitation)).one()


def test_one_guest_is_invited(browser: Browser, sign_in: SignIn) -> None:
    party = Party()
    sign_in(Role.ORGANISER, series=party.series)
    assert "还没有邀请" in browser.get(desk(party)).text
    browser.get(desk(party, "/new"))
    browser.post(desk(party, "/new"), guest(), status=303)
    one = only()
    assert (one.email, one.mobile, one.lock_email) == ("lin@example.org", "+8613900000123", True)
    assert one.sent_at is not None
    assert party.seats() == (0, 1)
    assert party.letters() == [("invitation", "lin@example.org")]
    assert "林知夏" in browser.get(desk(party)).text
    page = browser.get(desk(party, f"/{one.id}")).text
    assert "待答复" in page
    assert "/i/" not in page


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"name": ""}, "请填写姓名"),
        ({"email": "nonsense"}, "邮箱"),
        ({"email": ""}, "限定邮箱的邀请须填写邮箱"),
        ({"mobile": "1390"}, "请填写 11 位手机号"),
        ({"category": "nonsense"}, "请选择参会类别"),
        ({"valid_until": "2027-02-05T18:00"}, "答复期限须晚于现在"),
        ({"valid_until": "gestern"}, "请按 2026-11-28 09:00 的形式"),
        ({"valid_until": ""}, "请填写保留席位到何时"),
        ({"release_at": "2027-02-05T18:00"}, "保留席位的时间须晚于现在"),
        ({"events": ["nonsense"]}, "不属于此类别"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(
    browser: Browser, sign_in: SignIn, wrong: dict[str, object], sentence: str
) -> None:
    party = Party()
    sign_in(Role.ORGANISER, series=party.series)
    assert sentence in browser.post(desk(party, "/new"), guest(**wrong), status=422).text
    assert db.session.scalars(select(Invitation)).all() == []


def test_a_code_is_made_and_withdrawn(browser: Browser, sign_in: SignIn) -> None:
    party = Party()
    sign_in(Role.REGISTRAR, series=party.series)
    browser.get(desk(party, "/code"))
    typed = {"category": "guest", "uses": "2", "code": "meet-2027", "name": "合作企业"}
    assert (
        "请填写整数" in browser.post(desk(party, "/code"), typed | {"uses": "x"}, status=422).text
    )
    made_as = re.search(
        r'name="made_as"[^>]*value="([\w-]{36})"', browser.get(desk(party, "/code")).text
    )
    assert made_as
    twice = typed | {"made_as": made_as[1]}
    assert {browser.post(desk(party, "/code"), twice, status=303).location for _ in range(2)} == {
        desk(party, f"/{made_as[1]}")
    }
    one = only()
    assert (one.kind, one.code, one.uses_allowed) == (InvitationKind.CODE, "MEET-2027", 2)
    party.come(one)
    page = browser.get(desk(party, f"/{one.id}")).text
    assert "周望舒" in page
    assert "1 / 2" in page
    browser.get(desk(party, f"/{one.id}/edit"))
    change = {"name": "企业", "email": "", "uses": "0", "valid_until": ""}
    assert "已使用 1 次" in browser.post(desk(party, f"/{one.id}/edit"), change, status=422).text
    browser.post(desk(party, f"/{one.id}/edit"), change | {"uses": "5"}, status=303)
    assert now(one).uses_allowed == 5
    browser.post(desk(party, f"/{one.id}/withdraw"), status=303)
    assert "已撤销" in browser.get(desk(party, f"/{one.id}")).text
    browser.post(desk(party, f"/{one.id}/renew"), status=303)
    assert now(one).revoked_at is None
    browser.post(desk(party, f"/{one.id}/send"), status=404)


def test_link_and_letters_of_one(browser: Browser, sign_in: SignIn) -> None:
    party = Party()
    one = party.invite()
    sign_in(Role.ORGANISER, series=party.series)
    here = desk(party, f"/{one.id}")
    shown = browser.post(f"{here}/link", status=200).text
    assert f"https://forum.example.org{path(one)}" in shown
    browser.post(f"{here}/send", status=303)
    old = path(one)
    browser.get(f"{here}/edit")
    change = {"name": "林知夏", "email": "new@example.org", "language": "en"}
    browser.post(f"{here}/edit", change, status=303)
    browser.get(old, status=404)
    browser.post(f"{here}/withdraw", status=303)
    assert [kind for kind, _ in party.letters()] == ["invitation", "invitation-withdrawn"]
    browser.post(f"{here}/link", status=404)
    nobody = party.invite(Guest(name="甲", mobile="+8613800000101"))
    browser.post(desk(party, f"/{nobody.id}/send"), status=303)
    assert "没有邮箱" in browser.get(desk(party, f"/{nobody.id}")).text


def test_the_list_is_filtered_and_searched(
    browser: Browser, sign_in: SignIn, clock: time_machine.Traveller
) -> None:
    party = Party(seats=10)
    party.invite(Guest(name="待答者", email="wait@example.org"))
    party.come(party.invite(Guest(name="接受者", email="yes@example.org")))
    no = party.invite(Guest(name="谢绝者", organisation="南开大学", email="no@example.org"))
    answer.decline(party.series.id, no.id)
    passed = party.invite(Guest(name="转请者", email="pass@example.org"))
    answer.pass_on(party.series.id, passed.id, Guest(name="代替者", email="in@example.org"))
    gone = party.invite(Guest(name="撤销者", email="gone@example.org"))
    manage.withdraw(party.series.id, gone.id)
    party.invite(Guest(name="过期者", email="late@example.org"), valid_until=in_days(0.01))
    party.code(uses=3)
    clock.shift(3600)
    sign_in(Role.ORGANISER, series=party.series)
    shown = {
        "unanswered": {"待答者", "代替者"},
        "yes": {"接受者"},
        "no": {"谢绝者"},
        "passed_on": {"转请者"},
        "codes": {"MEET-2027"},
        "gone": {"撤销者", "过期者"},
    }
    every = {name for names in shown.values() for name in names}
    for tab, names in shown.items():
        page = browser.get(desk(party, f"?show={tab}")).text
        assert {name for name in every if f">{name}<" in page} - {"代替者"} == names - {"代替者"}, (
            tab
        )
    for q, name in {
        "谢绝": "谢绝者", "南开": "谢绝者", "yes@example.org": "接受者", "meet-2027": "MEET-2027",
        "%": "", "_": "",
    }.items():  # fmt: skip
        page = browser.get(desk(party), query_string={"q": q}).text
        assert {one for one in every if f">{one}<" in page} == ({name} if name else set()), q
    assert "没有符合条件的邀请" in browser.get(desk(party, "?category=public&q=x")).text
    browser.get(desk(party, "?category=guest&show=nonsense&page=99"))


def test_a_viewer_sees_no_contacts_and_changes_nothing(browser: Browser, sign_in: SignIn) -> None:
    party = Party()
    one, code = party.invite(), party.code()
    sign_in(Role.VIEWER, series=party.series)
    page = browser.get(desk(party)).text + browser.get(desk(party, f"/{one.id}")).text
    assert "林知夏" in page
    assert "lin@example.org" not in page
    assert code.code not in page + browser.get(desk(party, f"/{code.id}")).text
    found = browser.get(desk(party), query_string={"q": "lin@example.org"}).text
    assert "林知夏" not in found
    browser.post(desk(party, f"/{one.id}/withdraw"), status=404)


def test_a_list_takes_a_fixed_number_of_statements(browser: Browser, sign_in: SignIn) -> None:
    party = Party(seats=100)
    sign_in(Role.ORGANISER, series=party.series)
    numbers = []
    for start in (0, 20):
        for n in range(start, start + 20):
            one = party.invite(Guest(name=f"样本{n}", email=f"{n}@example.org"))
            if n % 2:
                party.come(one)
        with counted() as statements:
            browser.get(desk(party))
        numbers.append(len(statements))
    assert numbers[0] == numbers[1]
    assert numbers[0] <= 14


def send(party: Party, **changes: object) -> dict[str, object]:
    return {
        "pasted": "",
        "category": "guest",
        "valid_until": "2027-03-05T18:00",
        "skip_approval": "y",
        "send": "y",
        "do": "check",
        **changes,
    }


LIST = (
    "姓名\t单位\t邮箱\t手机号\t备注\n"
    "林知夏\t天津大学\tlin@example.org\t13900000123\t主旨发言\n"
    "沈知远\t北京大学\tshen@example\t\t\n"
    "陈砚秋\t南开大学\t\t1390000\t\n"
    "林知夏\t天津大学\tLIN@example.org\t\t\n"
    "\t空名单位\tnoname@example.org\t\t\n"
)


def test_a_list_is_looked_through_before_anybody_is_invited(
    browser: Browser, sign_in: SignIn
) -> None:
    party = Party()
    sign_in(Role.ORGANISER, series=party.series)
    browser.get(desk(party, "/import"))
    page = browser.post(desk(party, "/import"), send(party, pasted=LIST), status=200).text
    assert "3 行需更正" in page
    for place, value in (("C3", "shen@example"), ("D4", "1390000")):
        assert place in page
        assert value in page
    assert "在名单中重复" in page
    assert "请填写姓名" in page
    assert "未读取的列：备注" in page
    assert 'value="invite"' not in page
    browser.post(desk(party, "/import"), send(party, pasted=LIST, do="invite"), status=200)
    assert db.session.scalars(select(Invitation)).all() == []


def test_a_list_is_invited_whole_and_never_twice(browser: Browser, sign_in: SignIn) -> None:
    party = Party(seats=5)
    sign_in(Role.ORGANISER, series=party.series)
    good = "林知夏\t天津大学\t教授\tlin@example.org\n沈知远\t北京大学\t\t\t13800000101\t英文\n"
    kept = {"events": ["forum"], "release_at": ""}
    page = browser.post(desk(party, "/import"), send(party, pasted=good, **kept), status=200).text
    assert "将邀请 2 人" in page
    browser.post(desk(party, "/import"), send(party, pasted=good, do="invite", **kept), status=303)
    assert "已邀请 2 人" in browser.get(desk(party)).text
    found = db.session.scalars(select(Invitation).order_by(Invitation.email)).all()
    assert [(one.name, one.position, one.language) for one in found] == [
        ("沈知远", "", "en"),
        ("林知夏", "教授", "zh-Hans"),
    ]
    assert party.seats() == (0, 2)
    sent = db.session.scalars(select(Notice.recipient).where(Notice.recipient != "")).all()
    assert list(sent) == ["lin@example.org"]
    again = send(party, pasted=f"{good}陈砚秋\t南开大学\n", do="invite")
    browser.post(desk(party, "/import"), again, status=303)
    assert len(db.session.scalars(select(Invitation)).all()) == 3


def test_a_workbook_is_read_and_shown_to_be_corrected(browser: Browser, sign_in: SignIn) -> None:
    party = Party()
    sign_in(Role.ORGANISER, series=party.series)
    blank = browser.get(desk(party, "/template.xlsx"))
    assert blank.data.startswith(b"PK")
    blank.close()
    file = BytesIO()
    with Workbook(file) as book:
        page = book.add_worksheet("嘉宾")
        for row, cells in enumerate([["嘉宾姓名", "电子邮箱"], ["林知夏", "lin@"], ["沈知远", ""]]):
            page.write_row(row, 0, cells)
    file.seek(0)
    typed = send(party) | {"file": (file, "guests.xlsx")}
    text = browser.post(desk(party, "/import"), typed, status=200).text
    assert "1 行需更正" in text
    assert "B2" in text
    assert "沈知远" in text


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"pasted": ""}, "名单中没有内容"),
        ({"pasted": "单位\t邮箱\n天津大学\tlin@example.org"}, "没有找到“姓名”列"),
        ({"pasted": "姓名\n" + "\n".join(f"样本{n}" for n in range(501))}, "一次最多邀请 500 人"),
        ({"pasted": "姓名\n林知夏", "category": "nonsense"}, "请选择参会类别"),
        ({"pasted": "姓名\n林知夏\n沈知远", "events": ["forum"], "do": "invite"}, "不能预留 2 席"),
    ],
)
def test_a_list_that_cannot_be_taken(
    browser: Browser, sign_in: SignIn, changes: dict[str, object], sentence: str
) -> None:
    party = Party(seats=1)
    sign_in(Role.ORGANISER, series=party.series)
    page = browser.post(desk(party, "/import"), send(party, **changes), status=422).text
    assert sentence in page
    assert db.session.scalars(select(Invitation)).all() == []


def test_who_has_not_answered_is_reminded(
    browser: Browser, sign_in: SignIn, clock: time_machine.Traveller
) -> None:
    party = Party()
    party.invite(send=True)
    yes = party.invite(Guest(name="陈砚秋", email="chen@example.org"), send=True)
    party.come(yes)
    clock.shift(2 * 86400)
    sign_in(Role.ORGANISER, series=party.series)
    assert "提醒未答复者" in browser.get(desk(party)).text
    page = browser.get(desk(party, "/remind")).text
    assert "将向以下 1 人发信" in page
    assert "陈砚秋" not in page
    browser.post(desk(party, "/remind"), {"category": ["public"]}, status=303)
    browser.post(desk(party, "/remind"), status=303)
    reminded = [to for kind, to in party.letters() if kind == "invitation-reminder"]
    assert reminded == ["lin@example.org"]
    assert "现在没有需要提醒的人" in browser.get(desk(party, "/remind")).text
