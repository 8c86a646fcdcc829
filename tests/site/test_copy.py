"""A series handed over to the next host."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from eduforum.accounts.models import User
from eduforum.checkin.models import Point
from eduforum.core.audit import AuditEntry
from eduforum.core.db import db
from eduforum.core.errors import BadInput
from eduforum.events.models import Grant, Series
from eduforum.events.queries import event_or_404, events_of, series_by_slug
from eduforum.events.rules import EventState
from eduforum.questions import services as forms
from eduforum.questions.queries import asked_by, forms_of
from eduforum.questions.rules import Question
from eduforum.registration.models import Pool, Registration
from eduforum.registration.queries import categories_of, pools_of
from eduforum.schedule import services as schedule
from eduforum.schedule.queries import agreements_of, plaques_of, rooms_of, sessions_of
from eduforum.schedule.rules import Part
from eduforum.schedule.services import PersonInput, SessionInput
from eduforum.site.copy import CopyInput, copy_series
from eduforum.web.access import Role
from tests.factories import ask
from tests.pages import Browser
from tests.questions.samples import AGE, COMING, DAY, PLATE
from tests.site.test_loader import loaded, register_observer

ON = date(2028, 3, 20)

pytestmark = pytest.mark.usefixtures("app")


def the(slug: str) -> Series:
    series = series_by_slug(slug)
    assert series is not None
    return series


def handed_over(slug: str = "jjj-2025", old: str = "jjj-2024") -> tuple[Series, Series]:
    new = copy_series(the(old).id, CopyInput(slug=slug, region_code="11", day_1=ON))
    return the(old), new


def test_the_programme_is_copied_to_the_new_days() -> None:
    loaded()
    _old, new = handed_over("next", "tongwulang")

    assert [(e.slug, e.starts_at) for e in events_of(new.id)] == [
        ("principals-forum", datetime(2028, 3, 20, 1, tzinfo=UTC)),
        ("teacher-training", datetime(2028, 3, 21, 1, tzinfo=UTC)),
        ("class-teachers-forum", datetime(2028, 3, 22, 1, tzinfo=UTC)),
        ("student-arts-festival", datetime(2028, 4, 4, 0, 30, tzinfo=UTC)),
    ]
    assert (new.host, new.host_en, new.host_region_code) == ("北京市", "Beijing", "11")
    assert (new.number, new.published, new.copied_from_id) == (4, False, the("tongwulang").id)
    assert new.edition is None


def test_rooms_categories_pools_and_points_come_along_without_people() -> None:
    loaded()
    register_observer(1)
    old, new = handed_over()

    assert new.edition == 2025
    assert [r.name for r in rooms_of(new.id)] == [r.name for r in rooms_of(old.id)]
    assert [
        (c.code, c.ticket_class, [e.slug for e in c.events]) for c in categories_of(new.id)
    ] == [(c.code, c.ticket_class, [e.slug for e in c.events]) for c in categories_of(old.id)]
    assert {e.series_id for c in categories_of(new.id) for e in c.events} == {new.id}
    assert [(p.name_zh, p.size, p.waiting_limit) for p in pools_of(new.id)] == [
        (p.name_zh, p.size, p.waiting_limit) for p in pools_of(old.id)
    ]
    assert sum(p.held for p in pools_of(old.id)) == 2
    assert sum(p.held + p.waiting + p.grandfathered for p in pools_of(new.id)) == 0
    assert _owners(new) == (
        {e.id for e in events_of(new.id)},
        {c.id for c in categories_of(new.id)},
    )
    points = db.session.scalars(select(Point).where(Point.series_id == new.id)).all()
    assert sorted(p.event_ids for p in points) == [[], *([e.id] for e in events_of(new.id))]
    assert db.session.scalars(select(Registration.series_id)).all() == [old.id]


def test_forms_come_along_with_what_they_ask_now() -> None:
    loaded()
    old = the("jjj-2024")
    [observer] = [one for one in categories_of(old.id) if one.code == "observer"]
    form = ask(observer, COMING, PLATE)
    forms.publish(old.id, _changed(old, form.id, AGE))
    _changed(old, form.id, DAY)
    until = old_until(old)
    forms.edit_form(old.id, form.id, form.name, until)

    _old, new = handed_over()

    [copied] = forms_of(new.id)
    assert copied.later_until == datetime(2028, 3, 19, 4, tzinfo=UTC)
    asked = asked_by(copied.id)
    assert asked
    assert (asked.number, [q.key for q in asked.questions]) == (1, ["coming", "plate", "age"])
    questions, drafted = forms.current_questions(new.id, copied.id)
    assert (drafted, questions[-1].key) == (True, "day")
    uses = {one.code: one.form_id for one in categories_of(new.id)}
    assert uses.pop("observer") == copied.id
    assert set(uses.values()) == {None}
    assert [one.form_id for one in categories_of(old.id) if one.form_id] == [form.id]


def _changed(series: Series, form_id: int, question: Question) -> int:
    forms.add_question(series.id, form_id, question)
    return form_id


def old_until(series: Series) -> datetime:
    """Noon in Beijing, the day before day 1."""
    return events_of(series.id)[0].starts_at.replace(hour=4, minute=0) - timedelta(days=1)


def test_sessions_lose_their_people_and_ceremonies_their_contents() -> None:
    loaded()
    event = event_or_404(the("jjj-2024").id, "topics")
    schedule.create_session(
        event.id,
        SessionInput(
            name_zh="解读",
            starts_at=event.starts_at,
            ends_at=event.ends_at,
            people=(PersonInput(part=Part.SPEAKER, name="样本甲"),),
        ),
    )
    schedule.cancel_event(event.id, "样本")
    old, new = handed_over()

    assert [s.name_zh for s in sessions_of(new.id)] == [s.name_zh for s in sessions_of(old.id)]
    assert [s.people for s in sessions_of(new.id) if s.people] == []
    assert {e.state for e in events_of(new.id)} == {EventState.SCHEDULED}
    assert [e.topics for e in events_of(new.id) if e.topics] == []
    assert (agreements_of(new.id), plaques_of(new.id)) == ([], [])
    assert [e.sequence for e in events_of(new.id) if e.sequence] == []


@pytest.mark.parametrize(
    ("given", "field"),
    [
        (CopyInput(slug="jjj-2024", region_code="11", day_1=ON), "slug"),
        (CopyInput(slug="JJJ", region_code="11", day_1=ON), "slug"),
        (CopyInput(slug="jjj-2025", region_code="99", day_1=ON), "host"),
    ],
)
def test_what_cannot_be_copied_is_refused_and_nothing_stays(given: CopyInput, field: str) -> None:
    loaded()

    with pytest.raises(BadInput) as refused:
        copy_series(the("jjj-2024").id, given)

    assert list(refused.value.errors) == [field]
    assert len(db.session.scalars(select(Series)).all()) == 3


def test_the_command(app: Flask) -> None:
    loaded()
    run = app.test_cli_runner()

    def copied(*words: str) -> tuple[int, str]:
        result = run.invoke(args=["series", "copy", *words])
        return result.exit_code, result.output.strip()

    on = ("--on", "2028-03-20")
    assert copied("jjj-2024", "jjj-2025", "--host", "Beijing", *on, "--name-zh", "新名") == (
        0,
        "Copied jjj-2024 to jjj-2025 (number 4); it is not published yet.",
    )
    assert (the("jjj-2025").name_zh, the("jjj-2025").name_en) == ("新名", "")
    assert copied("jjj-2024", "jjj-2025", "--host", "11", *on)[0] == 1
    assert copied("nothing", "jjj-2026", "--host", "11", *on) == (
        1,
        "Error: There is no series nothing.",
    )
    assert copied("jjj-2024", "jjj-2026", "--host", "北京", *on) == (
        1,
        "Error: 北京 is no region; these are: 11 Beijing, 12 Tianjin, 13 Hebei.",
    )


URL = "/desk/s/jjj-2024/settings/copy"


def test_an_organiser_hands_over_and_organises_the_copy(
    browser: Browser, sign_in: Callable[..., None]
) -> None:
    loaded()
    sign_in(Role.ORGANISER, series=the("jjj-2024"))
    browser.get(URL)
    form = {"slug": "jjj-2025", "host": "13", "day_1": "2028-03-20", "name_zh": "", "name_en": ""}

    answer = browser.post(URL, form)

    assert answer.location.endswith("/desk/s/jjj-2025/schedule")
    assert "已复制" in browser.get(answer.location).text
    me = db.session.scalars(select(User)).one()
    held = db.session.scalars(select(Grant).where(Grant.series_id == the("jjj-2025").id)).one()
    assert (held.user_id, held.role) == (me.id, Role.ORGANISER)
    actor = db.session.scalar(select(AuditEntry.actor).where(AuditEntry.action == "series.copy"))
    assert actor == f"user:{me.id}"


def test_mistakes_stand_beside_their_fields_and_what_was_typed_stays(
    browser: Browser, sign_in: Callable[..., None]
) -> None:
    loaded()
    sign_in(Role.ADMIN)

    answer = browser.post(
        URL,
        {"slug": "jjj-2024", "host": "13", "day_1": "2028-03-20", "name_zh": "明年的名称"},
        status=422,
    )
    assert "这个网址已被使用，请换一个。" in answer.text
    assert 'value="明年的名称"' in answer.text
    answer = browser.post(URL, {"slug": "x", "host": "99", "day_1": "20280399"}, status=422)
    assert "请选择第一天的日期。" in answer.text
    assert "请从列表中选择。" in answer.text
    assert len(db.session.scalars(select(Series)).all()) == 3


def test_others_do_not_copy(
    client: FlaskClient, browser: Browser, sign_in: Callable[..., None]
) -> None:
    loaded()
    sign_in(Role.REGISTRAR, series=the("jjj-2024"))
    browser.get(URL, status=404)
    browser.post(URL, {"slug": "x"}, status=404)


def _owners(series: Series) -> tuple[set[int | None], set[int | None]]:
    rows = db.session.scalars(select(Pool).where(Pool.series_id == series.id)).all()
    return {p.event_id for p in rows} - {None}, {p.category_id for p in rows} - {None}
