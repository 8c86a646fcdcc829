"""Options of questions with a limit: counted like every pool, exact under a rush, shown truthfully."""

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask

from eduforum.core import turnstile
from eduforum.core.db import db
from eduforum.core.errors import Refusal
from eduforum.events.models import Series
from eduforum.questions.rules import Kind, Option, Question, Stage
from eduforum.registration import personal, services
from eduforum.registration.models import Category, Pool, Registration
from eduforum.registration.rules import PoolFull, State
from eduforum.registration.services import Application
from eduforum.registration.services.pools import PoolInput, create_pool
from eduforum.reports.invariants import findings
from eduforum.web.access import Role
from tests.factories import ask, make_category, make_event, make_series
from tests.pages import BASE, Browser

ROOM = Question(
    key="room", kind=Kind.CHOICE, zh="住宿", en="Room", required=True,
    options=(Option("single", "单人间", "Single"), Option("shared", "合住", "Shared")),
)  # fmt: skip
LATER = replace(ROOM, stage=Stage.AFTER)


def make(question: Question = ROOM, *, rooms: int = 1, line: int | None = 0) -> Category:
    """A category with plenty of seats and few single rooms."""
    event = make_event(series=make_series(slug="demo"), slug="opening")
    category = make_category(event, code="observer", seats=100)
    ask(category, question)
    create_pool(
        category.series_id,
        PoolInput(name_zh="单人间", name_en="Single rooms", option="room=single", size=rooms,
                  waiting_limit=line),
    )  # fmt: skip
    return category


def register(category: Category, room: str | None, n: int) -> Registration:
    series = db.session.get(Series, category.series_id)
    assert series
    said = Application(
        name="林知夏", category="observer", events=("opening",), email=f"p{n}@example.org",
        answers={"room": room} if room else {},
    )  # fmt: skip
    return services.register(series, said, submit_id=f"s{n}")


def edit(category: Category, person: Registration, room: str) -> Registration:
    said = Application(name="林知夏", category="observer", events=("opening",), email=person.email,
                       answers={"room": room})  # fmt: skip
    return services.edit(category.series_id, person.id, said)


def rooms() -> tuple[int, int]:
    """(held, waiting) of the pool of single rooms."""
    db.session.rollback()  # what other threads stored is read anew
    pool = db.session.query(Pool).filter(Pool.option == "room=single").one()
    return pool.held, pool.waiting


def sound() -> bool:
    """Whether the numbers of all pools are those of the registrations."""
    broken = [one for one in findings() if one.name.startswith("pools") and one.broken]
    assert broken == []
    return True


def test_who_chose_it_counts_and_who_did_not_does_not(either_app: Flask) -> None:
    category = make(rooms=2)
    register(category, "single", 1)
    register(category, "shared", 2)
    assert rooms() == (1, 0)
    register(category, "single", 3)
    with pytest.raises(PoolFull):
        register(category, "single", 4)
    assert rooms() == (2, 0)
    assert sound()


def test_a_change_gives_back_and_takes(either_app: Flask) -> None:
    category = make()
    first = register(category, "single", 1)
    second = register(category, "shared", 2)
    with pytest.raises(PoolFull):
        edit(category, second, "single")
    db.session.expire_all()
    edit(category, first, "shared")
    assert rooms() == (0, 0)
    edit(category, second, "single")
    assert rooms() == (1, 0)
    services.withdraw(category.series_id, second.id)
    assert rooms() == (0, 0)
    assert sound()


def test_who_waits_for_an_option_gets_it_when_it_comes_free(app: Flask) -> None:
    category = make(line=None)
    first, second = register(category, "single", 1), register(category, "single", 2)
    assert second.state is State.WAITLISTED
    assert rooms() == (1, 1)
    edit(category, first, "shared")
    db.session.expire_all()
    waited = db.session.get_one(Registration, second.id)
    assert waited.state is State.OFFERED
    assert rooms() == (1, 0)
    assert sound()


def test_a_pool_made_later_counts_who_chose_before(either_app: Flask) -> None:
    event = make_event(series=make_series(slug="demo"), slug="opening")
    category = make_category(event, code="observer", seats=100)
    ask(category, ROOM)
    for n, room in enumerate(("single", "single", "shared")):
        register(category, room, n)
    made = create_pool(
        category.series_id,
        PoolInput(name_zh="单人间", option="room=single", size=1, waiting_limit=0),
    )
    assert (made.held, made.grandfathered) == (2, 1)
    assert sound()


def test_rooms_after_confirmation_are_limited_too(either_app: Flask) -> None:
    category = make(LATER)
    first, second = register(category, None, 1), register(category, None, 2)
    series_id = category.series_id
    services.answer_later(series_id, first.id, {"room": "single"}, ())
    assert rooms() == (1, 0)
    with pytest.raises(PoolFull):
        services.answer_later(series_id, second.id, {"room": "single"}, ())
    db.session.expire_all()
    assert db.session.get_one(Registration, second.id).answers == {}
    services.answer_later(series_id, first.id, {"room": "shared"}, ())
    services.answer_later(series_id, second.id, {"room": "single"}, ())
    assert rooms() == (1, 0)
    assert sound()


def test_an_answer_whose_consent_is_withdrawn_counts_no_longer(either_app: Flask) -> None:
    category = make(replace(ROOM, sensitive=True, required=False))
    series = db.session.get_one(Series, category.series_id)
    said = Application(name="林知夏", category="observer", events=("opening",), email="p@example.org",
                       answers={"room": "single"}, consents=("answers.room",))  # fmt: skip
    person = services.register(series, said, submit_id="s")
    assert rooms() == (1, 0)
    [known] = personal.people_of([person])
    assert personal.SOURCE.withdraw(known, "answers.room")
    assert rooms() == (0, 0)
    assert db.session.get_one(Registration, person.id).answers == {}
    assert sound()


# Never one over


@pytest.fixture
def groups_form(monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite commits for several at once: that must happen here too, where jobs are slow."""
    monkeypatch.setattr(turnstile, "LONGEST_SECONDS", 5.0)


def rush(app: Flask, category: Category, people: Sequence[Any], deed: Any) -> Counter[str]:
    start = Barrier(4)
    series_id = category.series_id

    def worker(mine: Sequence[Any]) -> list[str]:
        told = []
        with app.app_context():
            start.wait()
            for one in mine:
                try:
                    deed(series_id, one)
                    told.append("taken")
                except Refusal as refusal:
                    told.append(refusal.code)
        return told

    parts = [people[n::4] for n in range(4)]
    with ThreadPoolExecutor(4) as threads:
        return Counter(word for words in threads.map(worker, parts) for word in words)


def test_never_one_room_over_while_registering(either_app: Flask, groups_form: None) -> None:
    category = make(rooms=5)

    def deed(series_id: int, n: int) -> None:
        said = Application(name="林知夏", category="observer", events=("opening",),
                           email=f"r{n}@example.org", answers={"room": "single"})  # fmt: skip
        services.register(db.session.get_one(Series, series_id), said, submit_id=f"r{n}")

    told = rush(either_app, category, range(24), deed)
    assert told == {"taken": 5, "pool-full": 19}
    assert rooms() == (5, 0)
    assert sound()


def test_never_one_room_over_after_confirmation(either_app: Flask, groups_form: None) -> None:
    category = make(LATER, rooms=3)
    people = [register(category, None, n).id for n in range(12)]

    def deed(series_id: int, one: Any) -> None:
        services.answer_later(series_id, one, {"room": "single"}, ())

    told = rush(either_app, category, people, deed)
    assert told == {"taken": 3, "pool-full": 9}
    assert rooms() == (3, 0)
    assert sound()


# On the pages


def everything(**changes: Any) -> dict[str, Any]:
    return {
        "name": "周望舒", "email": "zhou@example.org", "category": "observer", "events": ["opening"],
        "consents": ["privacy"], "submit_id": uuid4().hex, "step": "5", **changes,
    }  # fmt: skip


def test_a_page_says_what_is_left_and_refuses_beside_the_question(
    browser: Browser, app: Flask
) -> None:
    category = make()
    page = browser.post("/s/demo/register", everything(step="3"), status=200)
    assert "还剩 1 个" in page.text
    register(category, "single", 1)
    page = browser.post("/s/demo/register", everything(step="3"), status=200)
    assert '<b class="seat-shut">已满</b>' in page.text
    assert 'value="single" disabled' in page.text
    late = everything(**{"answers.room": "single"})
    page = browser.post("/s/demo/register", late, status=409)
    assert "<title>有 1 处需要修改：补充信息" in page.text
    assert 'id="answers.room-e"' in page.text
    browser.post("/s/demo/register", {**late, "answers.room": "shared"}, status=303)


def test_the_later_page_refuses_beside_the_question(browser: Browser, app: Flask) -> None:
    category = make(LATER)
    first, second = register(category, None, 1), register(category, None, 2)
    services.answer_later(category.series_id, first.id, {"room": "single"}, ())
    path = services.my_url(second).removeprefix(BASE) + "/more"
    page = browser.post(path, {"answers.room": "single"}, status=422)
    assert 'id="answers.room-e"' in page.text
    mine = services.my_url(first).removeprefix(BASE) + "/more"
    assert "已选" in browser.get(mine).text


def test_an_organiser_limits_an_option(browser: Browser, app: Flask, sign_in: Any) -> None:
    category = make_category(make_event(series=make_series(slug="demo")), seats=None)
    ask(category, ROOM)
    sign_in(Role.ORGANISER, series=db.session.get(Series, category.series_id))
    url = "/desk/s/demo/settings/categories/pools/new"
    assert "住宿：单人间" in browser.get(url).text
    data = {"name_zh": "单人间", "option": "room=single", "size": "20", "waiting_limit": "0"}
    browser.post(url, {**data, "option": "room=tent"}, status=422)
    browser.post(url, data, status=303)
    page = browser.get("/desk/s/demo/settings/categories")
    assert "住宿：单人间" in page.text
    assert rooms() == (0, 0)
