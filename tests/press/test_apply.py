"""An outlet applies on its pages: without an account, on a phone, step by step."""

from io import BytesIO

import pytest
from sqlalchemy import select

from eduforum.core.db import db, transaction
from eduforum.events.models import KnownOutlet, Organisation, OrganisationAlias
from eduforum.files.models import StoredFile
from eduforum.files.rules import BadFile
from eduforum.notices.models import Notice
from eduforum.press import queries
from eduforum.press.models import Application
from eduforum.press.rules import OutletState, State
from eduforum.press.services import drafts
from tests.files.uploads import HTML, PDF, SVG, Sent, located_picture, picture, png_header, zipped
from tests.pages import Browser
from tests.press.outlets import House, audited, id_number, mailed, path_of, people, state_of

pytestmark = pytest.mark.usefixtures("app")

OUTLET = {
    "outlet": "海河观察",
    "outlet_type": "local",
    "focal_name": "江晚照",
    "focal_mobile": "13800000456",
    "focal_email": "Focal@Example.org",
}
PERSON = {
    "name": "苏沐辰",
    "role": "photo",
    "press_card": "k 0000 0021",
    "id_type": "resident_id",
    "id_number": id_number(777),
    "events": ["signing"],
    "coverage": "live",
    "pool": "1",
    "equipment-0-name": "摄像机",
    "equipment-0-quantity": "2",
    "equipment-0-serial": "SN-1",
    "equipment-1-name": "",
    "equipment-1-quantity": "",
    "equipment-1-serial": "",
    "plate": "津A 12345",
    "interviews-0-with_whom": "教委负责人",
    "interviews-0-topics": "协同发展",
}


def sent(data: bytes, name: str = "照片.jpg") -> tuple[BytesIO, str]:
    return BytesIO(data), name


def the_one(house: House) -> Application:
    found = db.session.scalars(select(Application).where(Application.series_id == house.id)).one()
    db.session.refresh(found)
    return found


def test_from_the_first_field_to_the_receipt(browser: Browser) -> None:
    house = House()
    browser.get(house.address)

    answer = browser.post(house.address, OUTLET | {"submit_id": "one"}, status=303)
    mine = answer.headers["Location"]
    draft = the_one(house)
    assert mine == path_of(draft)
    assert (draft.focal_email, draft.focal_mobile) == ("focal@example.org", "+8613800000456")
    browser.get(mine)
    browser.post(f"{mine}/letter", {"file": sent(PDF, "派遣函.pdf")}, status=303)
    browser.get(f"{mine}/people/new")
    browser.post(f"{mine}/people/new", PERSON | {"photo": sent(picture())}, status=303)
    browser.get(mine)
    browser.post(f"{mine}/submit", {"agree_privacy": "1", "agree_id": "1"}, status=303)

    page = browser.get(mine).text
    assert "待审查" in page
    application = the_one(house)
    assert f"{application.number[:4]} {application.number[4:]}" in page
    assert application.state is State.SUBMITTED
    [person] = people(application)
    assert (person.press_card, person.plate) == ("K00000021", "津A12345")
    assert [(e.name, e.quantity, e.serial) for e in person.equipment] == [("摄像机", 2, "SN-1")]
    assert [i.with_whom for i in person.interviews] == ["教委负责人"]
    assert person.id_number
    assert id_number(777).encode() not in person.id_number
    assert mailed(application) == ["press-draft", "press-received"]
    assert "press_application.submit" in audited(application.owner)


def test_the_same_form_sent_twice_is_one_draft(browser: Browser) -> None:
    house = House()
    first = browser.post(house.address, OUTLET | {"submit_id": "same"}, status=303)
    again = browser.post(house.address, OUTLET | {"submit_id": "same"}, status=303)
    assert first.headers["Location"] == again.headers["Location"]


def test_what_is_wrong_stands_beside_its_field_and_is_kept(browser: Browser) -> None:
    house = House()
    page = browser.post(
        house.address,
        OUTLET | {"submit_id": "x", "focal_mobile": "138", "focal_email": "a"},
        status=422,
    ).text
    assert "请填写 11 位手机号，现为 3 位。" in page
    assert 'value="海河观察"' in page
    assert db.session.scalars(select(Application)).all() == []


def test_what_is_missing_is_listed_with_its_place(browser: Browser) -> None:
    house = House()
    draft = house.draft()
    person = drafts.save_person(
        house.id, draft.id, house.person(id_number="", id_type="", press_card="", events=())
    )

    page = browser.post(path_of(draft, "/submit"), {"agree_privacy": "1"}, status=422).text

    for sentence in ("请上传派遣函", "请上传照片", "请填写证件号码", "请选择活动"):
        assert sentence in page
    assert f"/people/{person.id}#photo" in page
    assert state_of(draft) is State.DRAFT


def test_nothing_is_sent_in_without_consent_of_the_staff(browser: Browser) -> None:
    house = House()
    draft = house.complete()
    page = browser.post(path_of(draft, "/submit"), {"agree_privacy": "1"}, status=422).text
    assert "请确认已告知并取得每位采访人员的同意。" in page
    assert state_of(draft) is State.DRAFT


def test_a_known_outlet_is_found_under_its_other_names() -> None:
    house = House()
    with transaction():
        unit = Organisation(name_zh="新华通讯社", name_en="Xinhua News Agency", type="media")
        db.session.add(unit)
        db.session.flush()
        db.session.add(OrganisationAlias(alias="新华社", organisation_id=unit.id))
        db.session.add(KnownOutlet(series_id=house.id, organisation_id=unit.id))
    first = house.submitted(outlet="新华社")
    again = house.submitted(outlet="新华通讯社")
    other = house.submitted(outlet="新华")

    assert first.outlet
    assert first.outlet.name_zh == "新华通讯社"
    assert first.outlet.state is OutletState.VERIFIED
    assert first.outlet_id == again.outlet_id != other.outlet_id
    assert other.outlet
    assert other.outlet.state is OutletState.PROPOSED
    assert "新华通讯社" in queries.names_to_choose(house.id)


def test_windows_close_for_each_group_by_itself(browser: Browser) -> None:
    house = House()
    windows = queries.windows_of(house.id)
    closing = [windows[group].closes_at for group in windows]
    assert all(closing)
    assert len(set(closing)) == 3
    page = browser.get(house.address).text
    assert page.count("受理中") == 3


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (HTML, "photo.jpg"),
        (SVG, "photo.png"),
        (zipped(), "photo.jpg"),
        (PDF, "photo.jpg"),
        (b"", "photo.jpg"),
        (picture(412, 900), "small.jpg"),
        (picture(900, 578), "flat.jpg"),
        (png_header(20_000, 20_000), "bomb.png"),
        (picture()[:500], "cut.jpg"),
    ],
    ids=["html", "svg", "zip", "pdf", "empty", "narrow", "flat", "400-megapixels", "cut-off"],
)
def test_photos_that_are_none_are_refused_in_words(
    browser: Browser, data: bytes, name: str
) -> None:
    house = House()
    draft = house.draft()
    fields = PERSON | {"photo": sent(data, name)}
    page = browser.post(path_of(draft, "/people/new"), fields, status=422).text
    assert 'id="photo-e"' in page
    [person] = people(draft)
    assert person.photo_id is None
    assert person.name == "苏沐辰", "what was typed is kept"


def test_a_photo_is_cut_to_the_card_and_loses_where_it_was_taken(browser: Browser) -> None:
    house = House()
    draft = house.draft()
    fields = PERSON | {"photo": sent(located_picture())}
    browser.post(path_of(draft, "/people/new"), fields, status=303)
    [person] = people(draft)
    stored = db.session.get(StoredFile, person.photo_id)
    assert stored
    assert stored.width
    assert stored.height
    assert (stored.width, stored.height) >= (413, 579)
    assert abs(stored.width / stored.height - 413 / 579) < 0.01
    answer = browser.get(path_of(draft, f"/files/{stored.id}"))
    assert b"SecretMaker" not in answer.data
    assert b"Exif" not in answer.data
    assert answer.headers["Content-Disposition"].startswith("attachment")


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (HTML, "letter.pdf"),
        (zipped(), "letter.pdf"),
        (PDF[:-6] + b"\n" * 2000, "letter.pdf"),
        (PDF + zipped(), "letter.pdf"),
    ],
    ids=["html", "zip", "cut-off", "pdf-and-zip"],
)
def test_letters_that_are_none_are_refused_in_words(
    browser: Browser, data: bytes, name: str
) -> None:
    house = House()
    draft = house.draft()
    page = browser.post(path_of(draft, "/letter"), {"file": sent(data, name)}, status=422).text
    assert 'id="letter-file-e"' in page
    db.session.refresh(draft)
    assert draft.letter_id is None


def test_a_letter_is_no_larger_than_is_said() -> None:
    house = House()
    draft = house.draft()
    large = Sent(b"%PDF-1.7\n" + b"0" * (8 * 1024 * 1024) + b"\n%%EOF", "large.pdf")
    with pytest.raises(BadFile) as refused:
        drafts.put_letter(house.id, draft.id, large)
    assert "5 MB" in refused.value.sentence.zh
    assert large.taken == 5 * 1024 * 1024 + 1, "no more is read than is taken"


def test_another_letter_takes_the_place_of_the_first(browser: Browser) -> None:
    house = House()
    draft = house.complete()
    first = draft.letter_id
    browser.post(path_of(draft, "/letter"), {"file": sent(PDF, "新.pdf")}, status=303)
    db.session.refresh(draft)
    assert draft.letter_id != first
    browser.get(path_of(draft, f"/files/{first}"), status=404)


def test_files_are_for_the_outlet_alone(browser: Browser) -> None:
    house = House()
    one, other = house.complete(), house.complete()
    browser.get(path_of(one, f"/files/{one.letter_id}"))
    browser.get(path_of(other, f"/files/{one.letter_id}"), status=404)
    person = people(one)[0]
    browser.get(path_of(other, f"/people/{person.id}"), status=404)
    browser.get("/p/AZGqRcR6cf2RcvVAJzAmWQAA.u1", status=404)


def test_one_outlet_keeps_only_so_many_files() -> None:
    house = House()
    draft = house.draft()
    person = drafts.save_person(house.id, draft.id, house.person())
    for _ in range(3):
        drafts.put_photo(house.id, draft.id, person.id, Sent(picture()))
    kept = db.session.scalars(
        select(StoredFile).where(StoredFile.owner == draft.owner, StoredFile.removed_at.is_(None))
    ).all()
    assert len(kept) == 1


def test_what_was_sent_in_is_not_changed_any_more(browser: Browser) -> None:
    house = House()
    application = house.submitted()
    person = people(application)[0]
    browser.get(path_of(application, f"/people/{person.id}"), status=303)
    browser.get(path_of(application, "/outlet"), status=303)
    browser.post(path_of(application, "/letter"), {"file": sent(PDF)}, status=303)
    browser.post(path_of(application, f"/people/{person.id}/remove"), status=303)
    assert len(people(application)) == 1
    assert "不能自行修改" in browser.get(path_of(application)).text


def test_a_draft_that_is_given_up_is_gone(browser: Browser) -> None:
    house = House()
    draft = house.complete()
    owner, mine = draft.owner, path_of(draft)
    assert "立即删除" in browser.get(f"{mine}/withdraw").text
    browser.post(f"{mine}/withdraw", status=200)
    assert db.session.scalars(select(Application)).all() == []
    assert db.session.scalars(
        select(StoredFile).where(StoredFile.owner == owner, StoredFile.removed_at.is_(None))
    ).all() == []  # fmt: skip
    browser.get(mine, status=404)


def test_old_drafts_are_forgotten(clock: object) -> None:
    house = House()
    house.complete()
    kept = house.submitted()
    clock.shift(61 * 24 * 3600)  # type: ignore[attr-defined]
    assert drafts.forget_old() == 1
    assert [one.id for one in db.session.scalars(select(Application))] == [kept.id]


def code_in_letter(application: Application) -> str:
    notice = db.session.scalars(
        select(Notice)
        .where(Notice.about == application.owner, Notice.kind == "press-code")
        .order_by(Notice.id.desc())
    ).first()
    assert notice
    return str(notice.values["code"])


def token_in(page: str) -> str:
    return page.split('name="token" value="')[1].split('"')[0]


def test_number_and_code_open_the_status_and_renew_the_link(browser: Browser) -> None:
    house = House()
    application = house.submitted()
    old = path_of(application)
    browser.get(f"{house.address}/status")
    page = browser.post(
        f"{house.address}/status", {"number": application.number.lower()}, status=200
    )
    token = token_in(page.text)

    browser.post(f"{house.address}/code", {"token": token, "code": "000000"}, status=422)
    opened = browser.post(
        f"{house.address}/code", {"token": token, "code": code_in_letter(application)}, status=303
    )

    browser.get(opened.headers["Location"])
    browser.get(old, status=404)


def test_status_and_code_tell_nobody_whether_there_is_such_a_number(browser: Browser) -> None:
    house, elsewhere = House(), House()
    known = house.submitted()
    pages = [
        browser.post(f"{house.address}/status", {"number": number}, status=200).text
        for number in (known.number, "7K3MQ9TX", "nothing")
    ]
    bare = {page.replace(token_in(page), "") for page in pages}
    assert len(bare) == 1
    browser.post(f"{elsewhere.address}/status", {"number": known.number}, status=200)
    assert mailed(known).count("press-code") == 1


def test_foreign_media_are_asked_for_passport_visa_and_customs_list(browser: Browser) -> None:
    house = House()
    draft = house.draft(outlet="Example Tribune", outlet_type="foreign")
    page = browser.get(path_of(draft, "/people/new")).text
    assert 'name="visa"' in page
    assert 'name="nationality"' in page
    assert page.index("护照") < page.index("居民身份证")
    assert "器材报关清单" in browser.get(path_of(draft)).text
