"""Sessions as programs read them."""

from pathlib import Path

import pytest
from flask.testing import FlaskClient

from eduforum.core.db import db, transaction
from eduforum.schedule.models import Room, Session, SessionPerson
from eduforum.schedule.rules import Part
from tests.factories import make_event, make_series
from tests.programs import Program, assert_answer

ANSWERS = Path(__file__).parent / "answers"


@pytest.mark.usefixtures("app")
def test_sessions(client: FlaskClient) -> None:
    event = make_event(series=make_series(slug="tianjin"), slug="forum")
    with transaction():
        room = Room(series_id=event.series_id, name_zh="二号厅", name_en="Hall 2", seats=80)
        inner = Session(
            event=event,
            slug="talk",
            name_zh="主旨报告",
            name_en="Keynote",
            starts_at=event.starts_at,
            ends_at=event.ends_at,
            room=room,
            position=1,
            people=[
                SessionPerson(
                    part=Part.SPEAKER,
                    name="陈砚秋",
                    organisation="天津大学",
                    title="教授",
                    topic="产教融合",
                )
            ],
        )
        db.session.add_all([room, inner])
    answer = Program(client).get("/series/tianjin/sessions")
    ids = {item["slug"]: item["id"] for item in answer.get_json()["items"]}
    names = ids | {"event": event.name_zh, "Event": event.name_en}
    assert_answer(answer, ANSWERS / "sessions.json", names)
