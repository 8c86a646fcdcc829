"""Sample outlets of the press: in every stage, marked everywhere, never among real ones."""

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import func, select

from eduforum.checkin.models import Scan
from eduforum.core.db import db
from eduforum.files import disk
from eduforum.files.models import StoredFile
from eduforum.press.models import Application, Card, PressPerson
from eduforum.press.rules import PassState, State
from eduforum.site.press_samples import PLANS, RealOutlets, add_press
from eduforum.tickets.models import Ticket
from tests.checkin.door import make_point
from tests.press.outlets import House


def test_every_stage_is_there_and_marked(app: Flask) -> None:
    house = House(per_outlet=None)
    make_point(house.series)
    assert len(add_press(house.series)) == len(PLANS)
    applications = db.session.scalars(select(Application)).all()
    assert all(one.sample for one in applications)
    assert {one.state for one in applications} == {
        State.APPROVED, State.HELD, State.NEEDS_INFO, State.REJECTED, State.APPEALED,
        State.VERIFIED, State.SCREENING, State.SUBMITTED,
    }  # fmt: skip
    passes = set(db.session.scalars(select(PressPerson.state).distinct()))
    assert {
        PassState.COLLECTED,
        PassState.REISSUED,
        PassState.SUSPENDED,
        PassState.PRINTED,
    } <= passes
    assert all(db.session.scalars(select(Ticket.sample)))
    assert db.session.scalar(select(func.count()).select_from(Card).where(Card.taken_by != "")) == 1
    assert db.session.scalar(select(func.count()).select_from(Scan)) == 2
    photo = db.session.scalars(select(StoredFile).where(StoredFile.purpose == "photo")).first()
    assert photo
    with Image.open(disk.path_of(photo.place)) as image:
        assert image.width >= 413
    assert add_press(house.series) == []  # a second call adds nobody


def test_they_do_not_mix_with_real_outlets(app: Flask) -> None:
    house = House()
    house.draft()
    with pytest.raises(RealOutlets):
        add_press(house.series)
