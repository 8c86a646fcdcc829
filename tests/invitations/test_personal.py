"""What invitations keep of people goes at its time, and is handed out before."""

from flask import Flask
from sqlalchemy import select

from eduforum.core.db import db
from eduforum.core.personal import EVERYTHING, Group
from eduforum.invitations import personal
from eduforum.invitations.services import answer
from eduforum.notices.models import Notice
from eduforum.privacy import services as privacy
from tests.invitations.party import Party, now


def test_a_guest_who_never_registered_is_forgotten(either_app: Flask) -> None:
    party = Party()
    one = party.invite(lock_email=True, send=True)
    answer.decline(party.series.id, one.id)
    [person] = personal.SOURCE.holders(party.series.id, Group.GENERAL, 10)
    assert personal.SOURCE.holders(party.series.id, Group.IDENTITY, 10) == []
    assert personal.SOURCE.count(party.series.id, Group.GENERAL) == 1
    exported = personal.HOLDING.export(person)["invitations"]
    assert isinstance(exported, list)
    assert (exported[0]["email"], exported[0]["answer"]) == ("lin@example.org", "no")
    assert privacy.person_of(person.subject) == person

    for holding in privacy.HOLDINGS:
        holding.erase([person], EVERYTHING)
    db.session.commit()

    kept = now(one)
    assert (kept.name, kept.email, kept.organisation, kept.rsvp.value) == ("", "", "", "no")
    assert set(db.session.scalars(select(Notice.recipient))) == {""}
    assert personal.SOURCE.find(person.subject) is None
    assert personal.SOURCE.count(party.series.id, Group.GENERAL) == 0


def test_who_came_by_an_invitation_is_counted_once(app: Flask) -> None:
    party = Party()
    party.come(party.invite())
    assert personal.SOURCE.count(party.series.id, Group.GENERAL) == 0
    assert len(personal.SOURCE.holders(party.series.id, Group.GENERAL, 10)) == 1
