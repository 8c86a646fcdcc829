"""The press: who is erased is gone from cards, letters, questions and files, and stays erased."""

import io
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from eduforum.backup.services import create, restore
from eduforum.core import clock as time
from eduforum.core.db import db
from eduforum.core.errors import NotFound
from eduforum.core.personal import ERASED, Person
from eduforum.files import disk
from eduforum.files import services as files
from eduforum.files.models import StoredFile
from eduforum.notices import services as notices
from eduforum.notices.models import Notice
from eduforum.press import card_queries, cardpaper, queries
from eduforum.press.models import Application, Card, PressPerson
from eduforum.press.rules import Item, VerifyMethod
from eduforum.press.services import answers, decide, drafts, identity, mend, passes, review
from eduforum.press.services.inputs import Asked, EquipmentInput, InterviewInput
from eduforum.press.services.passes import Handover
from eduforum.privacy import ledger, services
from eduforum.privacy.export import archive_of
from eduforum.reports.invariants import findings
from tests.files.uploads import Sent, picture
from tests.press.outlets import House, as_, id_number, ids, path_of
from tests.privacy.test_erasure import everything

STAFF = ("苏沐辰", "muchen", "13700000777", "muchen@example.org", "K77777777", "SN-4711", "职教改革话题",
         "苏沐辰的照片", "QX78")  # fmt: skip
"""What only one member of the staff says of himself, or is said of him."""
FOCAL = ("江晚照", "13800000456", "desk@example.org", "晚照致歉", "公章在第二页", "电话问过江老师")
NUMBER = id_number(901)


@pytest.fixture(autouse=True)
def _own_ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "path", lambda: tmp_path / "erased")


def whole_story() -> tuple[House, Application]:
    """Two people: asked for more, rejected, appealed, approved, printed, one card handed out by proxy."""
    house = House()
    with as_("public"):
        application = house.complete(
            [], focal_name="江晚照", focal_mobile="13800000456", focal_email="desk@example.org",
            remark="晚照致歉",
        )  # fmt: skip
        for given in (
            house.person(
                "苏沐辰", press_card="K77777777", mobile="13700000777", email="muchen@example.org",
                id_number=NUMBER, equipment=(EquipmentInput(name="相机", serial="SN-4711"),),
                interviews=(InterviewInput(with_whom="院长", topics="职教改革话题"),),
            ),
            house.person("白予安"),
        ):  # fmt: skip
            person = drafts.save_person(house.id, application.id, given)
            photo = Sent(picture(), f"{given.name}的照片.jpg")
            drafts.put_photo(house.id, application.id, person.id, photo)
        drafts.submit(house.id, application.id, ["privacy", "id"])
    first, second = ids(application)
    with as_("user:1"):
        review.screen(house.id, application.id)
        review.note(house.id, application.id, "电话问过江老师")
        asked = [Asked(item=Item.CARD, person=first, note="苏沐辰的证号不清")]
        review.ask(house.id, application.id, asked, time.now() + timedelta(days=1))
    with as_("public"):
        mend.press_card(house.id, application.id, first, "K77777777")
        [item] = queries.requests_of(application.id)[0].items
        answers.answer(house.id, application.id, {item.id: "苏沐辰已换证"})
    with as_("user:1"):
        decide.reject(house.id, application.id, "letter", "未盖公章。")
    with as_("public"):
        answers.appeal(house.id, application.id, "公章在第二页")
    with as_("user:2"):
        decide.overturn(house.id, application.id, "属实")
        review.verify_outlet(house.id, application.id, VerifyMethod.CALL_BACK)
        decide.approve(house.id, application.id, {first: house.grant(), second: house.grant()})
        passes.print_cards(house.id, [first, second])
        passes.collect(
            house.id, first,
            Handover(id_type="passport", id_last4="QX78", taken_by="江晚照", letter=True),
        )  # fmt: skip
        identity.reveal(house.id, application.id, first, "核对苏沐辰")
    for notice in db.session.scalars(select(Notice).where(Notice.recipient != "")).all():
        notices.frozen(notice)
    return house, application


def handed_out(person: Person) -> tuple[str, list[str]]:
    """What the person gets: the data, and the names of the files with it."""
    with zipfile.ZipFile(io.BytesIO(archive_of(person, by="person"))) as archive:
        names = [name for name in archive.namelist() if name.startswith("files/")]
        return archive.read("data.json").decode(), names


def said(words: tuple[str, ...]) -> list[str]:
    text = everything()
    return [word for word in words if word in text]


def test_a_journalist_is_forgotten_and_the_outlet_stays(either_app: Flask) -> None:
    house, application = whole_story()
    first, second = ids(application)
    assert said((*STAFF, *FOCAL)) == [*STAFF, *FOCAL]
    assert NUMBER not in everything()  # sealed from the beginning
    [photo] = db.session.scalars(select(StoredFile).where(StoredFile.name == "苏沐辰的照片.jpg"))
    place = disk.path_of(photo.place)
    assert place.exists()
    person = services.person_of(f"press_person:{first}")
    told, documents = handed_out(person)
    assert documents == ["files/苏沐辰的照片.jpg"]
    assert "SN-4711" in told
    assert "QX78" in told

    services.erase(person, by="person")

    assert said(STAFF) == []
    assert said(FOCAL) == list(FOCAL)
    files.sweep()
    assert not place.exists()
    rows = {one.id: one.name for one in db.session.scalars(select(PressPerson))}
    assert rows == {first: ERASED, second: "白予安"}
    card = db.session.scalars(select(Card).where(Card.person_id == first)).one()
    assert card.voided_at is not None  # still to come: the pass ended, the card with it
    run = card_queries.cards_of_run(card.run_id)
    assert [one.person_id for one in run] == [second]
    assert cardpaper.pdf(house.series, run).startswith(b"%PDF-")
    with pytest.raises(NotFound):
        services.person_of(f"press_person:{first}")
    assert [one.name for one in findings(full=True) if one.broken] == []


def test_the_focal_person_is_forgotten_with_what_the_outlet_sent(either_app: Flask) -> None:
    _house, application = whole_story()
    secret = path_of(application).rpartition("/")[2]
    told, documents = handed_out(services.person_of(application.owner))
    assert "desk@example.org" in told
    assert len(documents) == 3  # the letter and two photos
    services.erase(services.person_of(application.owner), by="organiser", reason="来信要求")
    assert said(FOCAL) == []
    assert "苏沐辰的证号不清" not in everything()
    kept = db.session.scalars(select(StoredFile).where(StoredFile.purpose == "letter")).all()
    assert [one for one in kept if one.removed_at is None] == []
    with pytest.raises(NotFound):
        queries.by_link(secret)
    assert [one.name for one in findings(full=True) if one.broken] == []


def test_an_erased_journalist_stays_erased_after_a_restore(home: Flask, tmp_path: Path) -> None:
    _house, application = whole_story()
    first, key = ids(application)[0], application.id
    backup = create(tmp_path / "backups").archive
    services.erase(services.person_of(f"press_person:{first}"), by="person")
    services.erase(services.person_of(f"press_application:{key}"), by="person")
    db.session.remove()

    restore(backup, force=True)

    assert said((*STAFF, *FOCAL)) == []
    assert "白予安" in everything()  # who asked for nothing is there as before
    files.sweep()
    folder = Path(home.config["FILES_DIR"])
    kept = {one.place for one in db.session.scalars(select(StoredFile)) if one.removed_at is None}
    assert {str(one.relative_to(folder)) for one in folder.rglob("*") if one.is_file()} <= kept
