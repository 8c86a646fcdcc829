"""The press office's pages: the queue, one application, many at once, settings."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from eduforum.core import clock as core_clock
from eduforum.core.db import db
from eduforum.press import queries
from eduforum.press.models import Application, Check, OfficeNote, OutletTie
from eduforum.press.rules import MediaGroup, PassState, State, Visa, Zone
from eduforum.press.services import answers, decide, drafts, mend
from eduforum.press.services.inputs import EquipmentInput
from eduforum.web.access import Role
from tests.files.uploads import PDF, Sent
from tests.pages import Browser
from tests.press.outlets import House, as_, audited, id_number, ids, people, state_of
from tests.queries import counted

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def house(sign_in: Callable[..., None]) -> House:
    """A series whose press officer is signed in."""
    made = House()
    sign_in(Role.PRESS_OFFICER, series=made.series)
    return made


def desk(house: House, rest: str = "") -> str:
    return f"/desk/s/{house.series.slug}/press{rest}"


def granted(house: House, person: object, *zones: str) -> dict[str, object]:
    return {
        f"verdict-{person}": "yes",
        f"zones-{person}": list(zones) or ["A", "B"],
        f"events-{person}": [str(house.signing.id)],
        "valid_from": "2027-03-15T00:00",
        "valid_until": "2027-03-17T00:00",
    }


def test_an_officer_takes_it_up_checks_verifies_and_approves(
    browser: Browser, house: House
) -> None:
    application = house.submitted(["苏沐辰", "白予安"])
    first, second = ids(application)
    page = desk(house, f"/{application.id}")
    assert "海河观察" in browser.get(desk(house)).text
    browser.post(f"{page}/screen", status=303)
    browser.post(
        f"{page}/check", {"check-letter_sealed-": "ok", f"check-photo-{second}": "bad"}, status=303
    )
    browser.post(f"{page}/verify_outlet", status=422)
    browser.post(f"{page}/verify_outlet", {"method": "call_back", "note": "总机"}, status=303)
    assert "还剩 60 / 60" in browser.get(page).text
    sent = granted(house, first) | {f"verdict-{second}": "no", f"reason-{second}": "照片不符"}
    browser.post(f"{page}/approve", sent | {"note": "内部"}, status=303)

    yes, no = people(application)
    assert (yes.state, yes.zones, yes.granted_ids) == (
        PassState.APPROVED,
        ["A", "B"],
        [house.signing.id],
    )
    assert (no.state, no.reason) == (PassState.REJECTED, "照片不符")
    assert len(db.session.scalars(select(Check)).all()) == 2
    assert "内部" in browser.get(page).text


def test_more_is_asked_for_answered_in_one_go_and_compared(browser: Browser, house: House) -> None:
    application = house.submitted()
    [person] = ids(application)
    page = desk(house, f"/{application.id}")
    browser.post(f"{page}/screen", status=303)
    until = (core_clock.now() + timedelta(hours=30)).strftime("%Y-%m-%dT%H:%M")
    browser.post(f"{page}/ask", {"answer_by": until}, status=422)
    asked = {f"ask-card-{person}": "1", f"note-card-{person}": "已过期", "answer_by": until}
    browser.post(f"{page}/ask", asked, status=303)
    assert state_of(application) is State.NEEDS_INFO
    with as_("public"):
        mend.press_card(house.id, application.id, person, "K99999999")
        answers.answer(house.id, application.id)
    shown = browser.get(page).text
    assert "补充后有改动" in shown
    assert "K99999999" in shown
    assert "已过期" in shown


def test_the_queue_asks_as_many_questions_for_many_as_for_few(
    browser: Browser, house: House
) -> None:
    house.submitted(["苏沐辰"], outlet="甲报")
    browser.get(desk(house))
    with counted() as few:
        browser.get(desk(house))
    for n in range(6):
        house.submitted(["白予安", "顾清和"], outlet=f"乙报{n}")
    with counted() as many:
        page = browser.get(desk(house)).text
    assert len(many) == len(few)
    assert page.count("乙报") >= 6


def test_one_application_asks_as_many_questions_for_many_people_as_for_few(
    browser: Browser, house: House
) -> None:
    few_people = house.submitted(["苏沐辰"], outlet="甲报")
    many_people = house.submitted(["白予安", "顾清和", "叶知秋"], outlet="乙报")
    browser.get(desk(house, f"/{few_people.id}"))
    with counted() as few:
        browser.get(desk(house, f"/{few_people.id}"))
    with counted() as many:
        browser.get(desk(house, f"/{many_people.id}"))
    assert len(many) == len(few)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?q=甲", ["甲报"]),
        ("?q=苏沐", ["甲报"]),
        ("?q=smc", ["甲报"]),
        ("?type=foreign", ["Example Tribune"]),
        ("?group=foreign", ["Example Tribune"]),
        ("?claimed=free", ["甲报", "Example Tribune"]),
        ("?claimed=mine", []),
        ("?tab=approved", []),
        ("?tab=nonsense&type=nonsense", ["甲报", "Example Tribune"]),
        ("?overdue=1", []),
        ("?second=1", []),
    ],
)
def test_filters(browser: Browser, house: House, query: str, found: list[str]) -> None:
    house.submitted(["苏沐辰"], outlet="甲报")
    foreign = house.complete(["王予安"], outlet="Example Tribune", outlet_type="foreign")
    with as_("public"):
        person = people(foreign)[0]
        drafts.put_customs(house.id, foreign.id, _pdf())
        _with_gear(house, foreign, person.id)
        drafts.submit(house.id, foreign.id, ["privacy", "id"])
    page = browser.get(desk(house, query)).text
    assert [name for name in ("甲报", "Example Tribune") if f"<b>{name}</b>" in page] == found


def _pdf() -> Sent:
    return Sent(PDF, "customs.pdf")


def _with_gear(house: House, application: Application, person_id: UUID) -> None:
    given = house.person(
        "Ann Lee", id_type="passport", id_number="E12345678", nationality="GB", visa=Visa.J2,
        equipment=(EquipmentInput(name="Camera"),),
    )  # fmt: skip
    drafts.save_person(house.id, application.id, given, person_id)


def test_many_at_once_say_how_many_changed_and_why_others_did_not(
    browser: Browser, house: House
) -> None:
    ready = house.verified(outlet="甲报")
    unread = house.submitted(outlet="乙报")
    chosen = {"action": "approve", "id": [str(ready.id), str(unread.id)]}
    question = browser.post(desk(house, "/many/confirm"), chosen, status=200).text
    assert "批准：2 份申请" in question
    assert state_of(ready) is State.VERIFIED
    done = browser.post(desk(house, "/many/do"), chosen, status=200).text
    assert "已处理 1 份，跳过 1 份。" in done
    assert "单位尚未核实" in done
    assert (state_of(ready), state_of(unread)) == (State.APPROVED, State.SUBMITTED)
    assert people(ready)[0].zones == ["A", "B", "D"]


def test_rejecting_many_takes_a_reason(browser: Browser, house: House) -> None:
    one = house.verified(outlet="甲报")
    chosen = {"action": "reject", "id": [str(one.id)]}
    assert "请选择原因。" in browser.post(desk(house, "/many/do"), chosen, status=422).text
    browser.post(desk(house, "/many/do"), chosen | {"reason_code": "late"}, status=303)
    assert state_of(one) is State.REJECTED


def test_the_second_officer_and_the_appeal_stand_on_the_page(
    browser: Browser, house: House
) -> None:
    application = house.verified()
    [person] = ids(application)
    with as_("user:99"):
        decide.approve(house.id, application.id, {person: house.grant(*_zones("A", "C"))})
    page = desk(house, f"/{application.id}")
    assert "待另一位媒体管理人员复核" in browser.get(page).text
    browser.post(f"{page}/people/{person}/agree", status=303)
    assert people(application)[0].zones == ["A", "C"]

    other = house.rejected(outlet="乙报")
    with as_("public"):
        answers.appeal(house.id, other.id, "公章在第二页")
    page = desk(house, f"/{other.id}")
    assert "公章在第二页" in browser.get(page).text
    browser.post(f"{page}/finding", {"finding": "overturn"}, status=422)
    browser.post(f"{page}/finding", {"finding": "overturn", "answer": "确有公章"}, status=303)
    assert state_of(other) is State.OVERTURNED


def _zones(*codes: str) -> list[Zone]:
    return [Zone(code) for code in codes]


def test_who_belongs_to_an_outlet_is_told_and_refused(browser: Browser, house: House) -> None:
    application = house.submitted()
    browser.get(desk(house, f"/outlets/{application.outlet_id}"))
    browser.post(desk(house, f"/outlets/{application.outlet_id}/tie"), status=303)
    assert len(db.session.scalars(select(OutletTie)).all()) == 1
    page = desk(house, f"/{application.id}")
    assert "须由另一位媒体管理人员办理" in browser.get(page).text
    assert "您与该单位有关联" in browser.post(f"{page}/screen", status=422).text
    assert state_of(application) is State.SUBMITTED


def test_an_id_number_is_shown_with_a_reason_on_record(browser: Browser, house: House) -> None:
    application = house.complete([])
    number = id_number(555)
    with as_("public"):
        person = drafts.save_person(
            house.id, application.id, house.person("苏沐辰", id_number=number)
        )
    page = desk(house, f"/{application.id}")
    assert number not in browser.get(page).text
    browser.post(f"{page}/people/{person.id}/number", {"reason": ""}, status=422)
    shown = browser.post(f"{page}/people/{person.id}/number", {"reason": "核验"}, status=200)
    assert number in shown.text
    assert "press_application.reveal_id" in audited(application.owner)


def test_files_are_opened_on_record(browser: Browser, house: House) -> None:
    application = house.submitted()
    answer = browser.get(desk(house, f"/{application.id}/files/{application.letter_id}"))
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "file.open" in audited(application.owner)


def test_outlets_are_put_right_and_keep_one_name_each(browser: Browser, house: House) -> None:
    one, other = house.submitted(outlet="甲报"), house.submitted(outlet="乙报")
    page = desk(house, f"/outlets/{one.outlet_id}")
    record = {"name_zh": "甲日报", "name_en": "Daily A", "type": "local", "aliases": "甲报\n老甲"}
    browser.post(page, record, status=303)
    assert queries.outlet_named("老甲") is not None
    again = browser.post(page, record | {"aliases": "乙报"}, status=422).text
    assert "“乙报”已是另一单位的名称。" in again
    assert house.submitted(outlet="甲报").outlet_id == one.outlet_id != other.outlet_id


def test_settings_decide_who_may_apply_and_what_is_published(
    browser: Browser, house: House
) -> None:
    sent = {
        "press_places": "40", "press_per_outlet": "", "answer_days": "3", "security_check": "1",
        "rank-early": "1", "rank-live": "2", "criteria_zh": "另见通知", "criteria_en": "See notice",
        f"places-{house.signing.id}": "20",
    }  # fmt: skip
    browser.post(desk(house, "/settings"), sent, status=303)
    browser.post(desk(house, "/settings"), sent | {"answer_days": "x"}, status=422)
    window = {
        "foreign-opens_at": "2027-03-01T00:00", "foreign-closes_at": "2027-03-02T00:00",
        "foreign-required": ["id_number", "visa"],
    }  # fmt: skip
    browser.post(desk(house, "/settings/foreign"), window, status=303)
    wrong = window | {"foreign-closes_at": "2027-02-01T00:00"}
    assert (
        "截止时间须晚于开始时间"
        in browser.post(desk(house, "/settings/foreign"), wrong, status=422).text
    )
    assert {f.value for f in queries.windows_of(house.id)[MediaGroup.FOREIGN].required} == {
        "id_number", "visa",
    }  # fmt: skip
    public = browser.get(house.address).text
    assert public.index("申请早的在先") < public.index("现场直播在先")
    assert "另见通知" in public
    assert "共 40 人" in public
    assert "20" in browser.get(desk(house, "/held")).text


def test_a_registrar_and_another_series_officer_find_nothing(
    browser: Browser, sign_in: Callable[..., None]
) -> None:
    house, elsewhere = House(), House()
    application = house.submitted()
    sign_in(Role.REGISTRAR, series=house.series)
    browser.get(desk(house), status=404)
    sign_in(Role.PRESS_OFFICER, series=elsewhere.series)
    browser.get(desk(house), status=404)
    browser.get(desk(elsewhere, f"/{application.id}"), status=404)
    browser.post(desk(elsewhere, f"/{application.id}/screen"), status=404)
    browser.get(f"/desk/s/{elsewhere.series.slug}/registrations", status=404)


def test_notes_stay_in_the_office(browser: Browser, house: House) -> None:
    application = house.submitted()
    browser.post(desk(house, f"/{application.id}/note"), {"text": "须再电话核实"}, status=303)
    assert db.session.scalars(select(OfficeNote.text)).all() == ["须再电话核实"]
    browser.post(desk(house, f"/{application.id}/note"), {"text": ""}, status=422)
