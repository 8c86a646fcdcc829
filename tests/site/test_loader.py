"""The series file: what it makes, what it changes, and every mistake it can hold."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from eduforum.checkin.models import Point
from eduforum.core.audit import AuditEntry
from eduforum.core.db import Model, db, transaction
from eduforum.core.i18n import Language, Text
from eduforum.events.models import Event, KnownOutlet, Organisation, Region, Series
from eduforum.events.queries import event_or_404, events_of, organisation_named, series_by_slug
from eduforum.events.rules import Field, Mode
from eduforum.notices.models import Notice
from eduforum.questions import services as forms
from eduforum.questions.queries import asked_by, forms_of
from eduforum.questions.rules import Op, Stage, Term
from eduforum.registration.models import Category, Pool, Registration
from eduforum.registration.queries import category_by_code
from eduforum.registration.rules import Admission
from eduforum.registration.services import Application, register
from eduforum.schedule import services as schedule
from eduforum.schedule.models import Plaque, Room, Session
from eduforum.schedule.queries import agreements_of, plaques_of, sessions_of
from eduforum.site.loader import BadFile, load
from eduforum.site.loader.report import CHANGED, UNCHANGED, Report
from tests.factories import ask
from tests.questions.samples import COMING

FILE = Path(__file__).parents[2] / "eduforum" / "site" / "sample" / "jjj-education-2024.yaml"
REAL = FILE.read_bytes()
DAY_1 = date(2027, 3, 15)

pytestmark = pytest.mark.usefixtures("app")


def loaded(content: bytes = REAL, day_1: date = DAY_1) -> Report:
    return load(content, day_1)


def changed(*pairs: tuple[str, str]) -> bytes:
    """The real file with each first text replaced, once, by the second."""
    text = REAL.decode()
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new, 1)
    return text.encode()


def mistakes(*pairs: tuple[str, str]) -> list[str]:
    with pytest.raises(BadFile) as bad:
        load(changed(*pairs), DAY_1)
    assert count(Series) == 0
    return bad.value.mistakes


def count(kind: type[Model]) -> int:
    return db.session.execute(select(func.count()).select_from(kind)).scalar_one()


def the(slug: str) -> Series:
    series = series_by_slug(slug)
    assert series is not None
    return series


def pools(series: Series) -> dict[tuple[str, str], tuple[int, int | None]]:
    rows = db.session.scalars(select(Pool).where(Pool.series_id == series.id))
    return {(p.name_zh, p.mode.value if p.mode else ""): (p.size, p.waiting_limit) for p in rows}


def test_the_real_file_is_loaded_whole() -> None:
    report = loaded()

    assert {thing: made["added"] for thing, made in report.counts.items()} == {
        "regions": 3,
        "organisations": 48,
        "series": 3,
        "rooms": 10,
        "events": 14,
        "agreements": 2,
        "plaques": 2,
        "forms": 0,
        "categories": 13,
        "pools": 29,
        "points": 17,
        "outlets": 6,
    }
    assert [len(events_of(the(slug).id)) for slug in ("jjj-2024", "jinxiong-4", "tongwulang")] == [
        7,
        3,
        4,
    ]
    assert (count(Organisation), count(Session), count(KnownOutlet)) == (48, 14, 6)


def test_series_say_who_hosts_them() -> None:
    loaded()

    jjj, jinxiong, tongwulang = (the(s) for s in ("jjj-2024", "jinxiong-4", "tongwulang"))
    assert [series.number for series in (jjj, jinxiong, tongwulang)] == [1, 2, 3]
    assert [series.host_region_code for series in (jjj, jinxiong, tongwulang)] == ["12", "12", None]
    assert (tongwulang.host, jjj.host_en) == ("天津市武清区", "Tianjin")
    assert (jjj.edition, jinxiong.edition) == (2024, 4)
    assert jinxiong.aliases == ["津雄职教论坛"]
    assert (jjj.sample, jjj.published) == (True, True)
    assert (jjj.press_places, jjj.press_per_outlet) == (60, 4)
    assert jjj.said == "今年,我市轮值牵头京津冀教育协同发展专题工作组。"
    marks = db.session.execute(select(Region.code, Region.mark).order_by(Region.position)).all()
    assert [tuple(row) for row in marks] == [("11", "京"), ("12", "津"), ("13", "冀")]


def test_events_have_times_rooms_and_fields() -> None:
    loaded()

    events = {event.slug: event for event in events_of(the("jjj-2024").id)}
    forum = events["higher-education-forum"]
    assert forum.starts_at == datetime(2027, 3, 15, 6, 0, tzinfo=UTC)
    assert forum.ends_at == datetime(2027, 3, 15, 9, 30, tzinfo=UTC)
    assert (forum.room, forum.room_en) == ("第一分会场", "Forum room 1")
    assert [events[slug].field for slug in events if slug.endswith("forum")] == [
        Field.HIGHER,
        Field.VOCATIONAL,
        Field.BASIC,
    ]
    assert len(forum.topics) == 5
    assert events["signing"].said == "签署新一轮共建协议"
    training = event_or_404(the("tongwulang").id, "teacher-training")
    assert training.mode is Mode.HYBRID
    assert training.starts_at == datetime(2027, 4, 29, 1, 0, tzinfo=UTC)
    rooms = db.session.execute(
        select(Room.name_zh, Room.seats).where(Room.series_id == the("jjj-2024").id)
    )
    assert {row[0]: row[1] for row in rooms} == {
        "主会场": 400,
        "第一分会场": 300,
        "第二分会场": 300,
        "第三分会场": 300,
    }


def test_every_event_has_one_session_of_its_slug() -> None:
    loaded()

    sessions = sessions_of(the("jjj-2024").id)
    assert [(s.slug, s.starts_at, s.name_zh) for s in sessions] == [
        (s.event.slug, s.event.starts_at, s.event.name_zh) for s in sessions
    ]
    assert {s.room.name_en for s in sessions if s.room} >= {"Main hall", "Forum room 3"}


def test_agreements_name_their_parties_in_order() -> None:
    loaded()

    series = the("jjj-2024")
    assert [
        [party.organisation.name_zh for party in agreement.parties]
        for agreement in agreements_of(series.id)
    ] == [
        ["北京市教育委员会", "天津市教育委员会", "河北省教育厅"],
        ["天津市教育委员会", "雄安新区管委会"],
    ]
    assert [a.name_en for a in agreements_of(series.id)] == [
        "New co-building agreement on the coordinated development of education",
        "Cooperation agreement on basic education in Xiong'an New Area",
    ]
    assert [p.name_zh for p in plaques_of(series.id)] == [
        "京津冀生物医药现代产业学院",
        "智能供应链产业学院",
    ]


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("天津一中", "天津市第一中学"),
        (" 市教委 ", "天津市教育委员会"),
        ("北航", "北京航空航天大学"),
        ("\uff13\uff16\uff10", "360"),
        ("清华大学", "清华大学"),
        ("清华大", None),
        ("天津", None),
        ("", None),
    ],
)
def test_organisations_are_found_by_name_or_alias_and_nothing_less(
    typed: str, name: str | None
) -> None:
    loaded()

    found = organisation_named(typed)
    assert (found.name_zh if found else None) == name


def test_categories_and_pools() -> None:
    loaded()

    series = the("jjj-2024")
    mine = select(Category).where(Category.series_id == series.id)
    rows = db.session.scalars(mine.order_by(Category.position)).all()
    assert [(c.code, c.ticket_class, c.admission) for c in rows] == [
        ("delegate", 1, Admission.BY_DELEGATION),
        ("guest", 2, Admission.BY_INVITATION),
        ("expert", 3, Admission.BY_APPROVAL),
        ("enterprise", 4, Admission.BY_APPROVAL),
        ("observer", 5, Admission.OPEN),
        ("staff", 6, Admission.BY_INVITATION),
    ]
    assert pools(series)["旁听", ""] == (50, 20)
    assert pools(series)["专家", ""] == (80, None)
    assert pools(series)["高等教育工作交流论坛", "onsite"] == (300, None)
    hybrid = pools(the("tongwulang"))
    assert hybrid["教师", "onsite"] == (900, None)
    assert hybrid["教师（线上）", "online"] == (6000, None)
    assert hybrid["骨干教师培训（线上）", "online"] == (6000, None)
    assert db.session.scalar(select(Category).where(Category.code == "student")).guardian_consent  # type: ignore[union-attr]


def test_registration_is_open_from_loading_until_it_must_close() -> None:
    loaded()

    rows = db.session.scalars(select(Category).where(Category.series_id == the("jjj-2024").id))
    windows = {c.code: (c.opens_at, c.closes_at, c.edit_until) for c in rows}
    now = datetime(2027, 3, 1, 1, 0, tzinfo=UTC)
    first, last = datetime(2027, 3, 14, 13, tzinfo=UTC), datetime(2027, 3, 15, 6, tzinfo=UTC)
    assert windows["delegate"] == (now, first, first)
    assert windows["observer"] == (now, last, last)


def test_a_series_of_today_has_a_window_that_lies_behind() -> None:
    loaded(day_1=date(2027, 3, 1))

    assert all(c.opens_at < c.closes_at for c in db.session.scalars(select(Category)))


def test_every_series_has_one_arrival_point_and_one_for_each_event() -> None:
    loaded()

    series = the("jjj-2024")
    points = db.session.scalars(select(Point).where(Point.series_id == series.id)).all()
    assert [p.kind.value for p in points].count("arrival") == 1
    assert sorted(p.event_ids for p in points) == [[], *([e.id] for e in events_of(series.id))]


def test_loading_again_changes_nothing() -> None:
    loaded()
    entries = count(AuditEntry)

    again = loaded()

    assert [dict(made) for made in again.counts.values() if made] == [
        {UNCHANGED: sum(made.values())} for made in again.counts.values() if made
    ]
    assert count(AuditEntry) == entries + 1
    assert {event.sequence for event in events_of(the("jjj-2024").id)} == {0}


def test_a_changed_file_changes_what_it_says_and_keeps_the_rest() -> None:
    loaded()
    series = the("jjj-2024")
    with transaction():
        forum = event_or_404(series.id, "basic-education-forum")
        forum.description_zh = "组织者写的简介"
        agreements_of(series.id)[0].parties[0].signatory = "样本签署人"

    report = loaded(
        changed(
            ("第三分会场, seats: 300", "报告厅, seats: 280"),
            ("admission: open, seats: 50, waiting: 20", "admission: open, seats: 40, waiting: 5"),
            ("zh: 智能供应链产业学院,", "zh: 智能供应链现代产业学院,"),
            ("aliases: [天大]", "aliases: [天大, 天津大学北洋园]"),
        )
    )

    counts = {thing: made[CHANGED] for thing, made in report.counts.items() if made[CHANGED]}
    assert counts == {"organisations": 1, "events": 1, "pools": 2}
    forum = event_or_404(series.id, "basic-education-forum")
    assert (forum.room, forum.room_en, forum.sequence) == ("报告厅", "Lecture hall", 1)
    assert forum.description_zh == "组织者写的简介"
    assert [s.room.name_zh for s in sessions_of(series.id) if s.slug == forum.slug and s.room] == [
        "报告厅"
    ]
    assert agreements_of(series.id)[0].parties[0].signatory == "样本签署人"
    assert pools(series)["旁听", ""] == (40, 5)
    assert [p.name_zh for p in plaques_of(series.id)] == [
        "京津冀生物医药现代产业学院",
        "智能供应链现代产业学院",
        "智能供应链产业学院",
    ]
    assert organisation_named("天津大学北洋园") == organisation_named("天大")


def test_registrations_stay_and_seats_above_a_smaller_size_are_kept() -> None:
    loaded()
    for number in range(3):
        register_observer(number)

    loaded(changed(("admission: open, seats: 50, waiting: 20", "admission: open, seats: 2")))

    pool = db.session.scalars(select(Pool).where(Pool.name_zh == "旁听")).one()
    assert (pool.size, pool.held, pool.grandfathered) == (2, 3, 1)
    assert count(Registration) == 3


def test_people_are_told_when_their_event_moves_and_windows_move_along() -> None:
    loaded()
    register_observer(1)
    with transaction():
        moved_by_hand = datetime(2027, 3, 10, 4, tzinfo=UTC)
        guest = db.session.scalars(select(Category).where(Category.code == "guest")).one()
        guest.closes_at = moved_by_hand

    loaded(day_1=date(2027, 3, 22))

    kinds = db.session.scalars(select(Notice.kind)).all()
    assert kinds.count("event-changed") == 1
    rows = db.session.scalars(select(Category).where(Category.series_id == the("jjj-2024").id))
    closes = {category.code: category.closes_at for category in rows}
    assert closes["delegate"] == datetime(2027, 3, 21, 13, tzinfo=UTC)
    assert closes["observer"] == datetime(2027, 3, 22, 6, tzinfo=UTC)
    assert closes["guest"] == moved_by_hand


def test_a_pool_that_comes_late_counts_who_is_there() -> None:
    loaded(changed(("第一分会场, seats: 300", "第一分会场")))
    register_observer(1)

    loaded()

    pool = db.session.scalars(select(Pool).where(Pool.name_zh == "高等教育工作交流论坛")).one()
    assert (pool.size, pool.held) == (300, 1)


FORM = """    forms:
      - zh: 旁听登记
        en: Observers
        sets: [{set}]
        questions:
          - {{key: coming, kind: choice, zh: 如何了解到活动, en: How did you hear of it, required: true,
             options: [{{key: web, zh: 网站, en: Website}}, {{key: other, zh: 其他, en: Otherwise}}]}}
          - {{key: which, kind: text, zh: 请说明, en: Please say, when: {{all: [{{question: {asks}, is: other}}]}}}}
    sample_categories:      # ours"""


def with_form(**words: str) -> bytes:
    said = FORM.format(**({"set": "travel", "asks": "coming"} | words))
    asked = (
        "admission: open, seats: 50",
        "admission: open, form: 旁听登记, asks_id: true, seats: 50",
    )
    return changed(("    sample_categories:      # ours", said), asked)


def test_forms_are_loaded_and_become_another_version_when_the_file_changes() -> None:
    report = loaded(with_form())
    assert report.counts["forms"]["added"] == 1
    series = the("jjj-2024")
    [form] = forms_of(series.id)
    observer = category_by_code(series.id, "observer")
    assert observer
    assert (observer.form_id, observer.asks_id, form.name_en) == (form.id, True, "Observers")
    asked = asked_by(form.id)
    assert asked
    assert [q.key for q in asked.questions][-2:] == ["coming", "which"]
    assert {q.stage for q in asked.questions} == {Stage.REGISTER, Stage.AFTER}
    assert asked.questions[-1].condition.terms == (Term("coming", Op.EQUALS, "other"),)

    assert loaded(with_form()).counts["forms"][UNCHANGED] == 1
    assert loaded(with_form(set="lodging")).counts["forms"][CHANGED] == 1
    newer = asked_by(form.id)
    assert newer
    assert newer.number == 2

    forms.remove_question(series.id, form.id, "which")
    with pytest.raises(BadFile) as bad:
        loaded(with_form())
    assert "not published" in bad.value.mistakes[0]


def test_a_file_without_forms_leaves_those_that_categories_ask() -> None:
    loaded()
    series = the("jjj-2024")
    expert = category_by_code(series.id, "expert")
    assert expert
    form = ask(expert, COMING)
    with transaction():
        expert = db.session.get_one(Category, expert.id)
        expert.transferable = expert.asks_id = True
    loaded()
    kept = category_by_code(series.id, "expert")
    assert kept
    assert (kept.form_id, kept.transferable, kept.asks_id) == (form.id, True, True)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ({"set": "trafel"}, 'forms[0].sets[0]: "trafel" is not known; one of '),
        ({"asks": "where"}, "forms[0].questions[1].when: A condition asks for an earlier question"),
    ],
)
def test_a_mistake_in_a_form_is_named(words: dict[str, str], sentence: str) -> None:
    with pytest.raises(BadFile) as bad:
        loaded(with_form(**words))
    [mistake] = bad.value.mistakes
    assert mistake.startswith(f"series[0].{sentence}")


def test_a_dry_run_says_the_same_and_stores_nothing() -> None:
    tried = load(REAL, DAY_1, dry_run=True)

    assert count(Series) == count(Organisation) == count(AuditEntry) == count(Point) == 0
    assert tried.counts == loaded().counts


MISTAKES: list[tuple[str, str, str]] = [
    (
        'starts: "09:00", ends: "10:30"',
        'starts: "25:00", ends: "10:30"',
        'series[0].events[0].sample.starts: "25:00" is not a time (HH:MM)',
    ),
    (
        'starts: "10:45"',
        "starts: 10:45",
        "series[0].events[1].sample.starts: 645 is not a time (HH:MM); put it in quotes, like "
        '"09:00"',
    ),
    (
        'ends: "10:30"',
        'ends: "09:00"',
        'series[0].events[0].sample.ends: "09:00" is not after starts',
    ),
    ("day: 1,", "day: 0,", "series[0].events[0].sample.day: 0 is not between 1 and 1000000"),
    (
        "seats: 400",
        "seats: -4",
        "series[0].events[0].sample.seats: -4 is not between 1 and 1000000",
    ),
    ("seats: 400", "seats: many", 'series[0].events[0].sample.seats: "many" is not a whole number'),
    ("seats: 400", "seats: true", "series[0].events[0].sample.seats: true is not a whole number"),
    (
        "kind: working_meeting",
        "kind: working_meetin",
        'series[0].events[0].kind: "working_meetin" is not known; did you mean working_meeting?',
    ),
    (
        "slug: jinxiong-4",
        "slug: jjj-2024",
        'series[1].slug: "jjj-2024" stands already at series[0].slug',
    ),
    (
        "- slug: jjj-2024",
        "- slug: JJJ 2024",
        'series[0].slug: "JJJ 2024" does not fit an address: lower-case letters, digits, hyphens, '
        "at most 60",
    ),
    (
        "topics_named:",
        "topic_named:",
        "series[0].events[4].topic_named: unknown key; did you mean topics_named?",
    ),
    (
        "parties: [天津市教育委员会, 雄安新区管委会]",
        "parties: [天津市教育委员会, 雄安新区管委]",
        'series[0].events[1].agreements[1].parties[1]: "雄安新区管委" is not in organisations, by '
        "name or alias; did you mean 雄安新区管委会?",
    ),
    (
        "parties: [天津市教育委员会, 雄安新区管委会]",
        "parties: [天津市教育委员会]",
        "series[0].events[1].agreements[1].parties: 1 named; an agreement has at least two parties",
    ),
    (
        "parties: [天津市教育委员会, 雄安新区管委会]",
        "parties: [天津市教育委员会, 天津市教育委员会]",
        'series[0].events[1].agreements[1].parties[1]: "天津市教育委员会" stands already at '
        "series[0].events[1].agreements[1].parties[0]",
    ),
    (
        "events: [forum]",
        "events: [forun]",
        'series[1].sample_categories[1].events[0]: "forun" is no event of this series; '
        "did you mean forum?",
    ),
    (
        "events: [forum]",
        "events: []",
        "series[1].sample_categories[1].events: is empty; a category is for at least one event",
    ),
    (
        "admission: open,",
        "admission: opne,",
        'series[0].sample_categories[4].admission: "opne" is not known; did you mean open?',
    ),
    (
        "{code: guest,",
        "{code: delegate,",
        'series[0].sample_categories[1].code: "delegate" stands already at '
        "series[0].sample_categories[0].code",
    ),
    (
        "guardian_consent: true",
        "guardian_consent: maybe",
        'series[2].sample_categories[1].guardian_consent: "maybe" is neither true nor false',
    ),
    (
        "seats: 200}}",
        "seats: 200, online_seats: 5}}",
        "series[2].events[0].sample.online_seats: is for events with hybrid: true",
    ),
    (
        "time_zone: Asia/Shanghai",
        "time_zone: Asia/Tianjin",
        'series[0].time_zone: "Asia/Tianjin" is not a time zone, such as Asia/Shanghai',
    ),
    (
        "每日新报]",
        "每日旧报]",
        'series[0].press.outlets_known[5]: "每日旧报" is not in organisations, by name or alias; '
        "did you mean 每日新报?",
    ),
    (
        "aliases: [北大]",
        "aliases: [天大]",
        'organisations[16].aliases[0]: "天大" stands already at organisations[9].aliases[0]',
    ),
    (
        "aliases: [北大]",
        "aliases: [清华大学]",
        'organisations[16].aliases[0]: "清华大学" stands already at organisations[17].zh',
    ),
    (
        "{zh: 武清区教育局, region: 天津市",
        "{zh: 武清区教育局, region: 天津",
        'organisations[4].region: "天津" is not the name of a region; did you mean 天津市?',
    ),
    (
        '{zh: "360"',
        "{zh: 360",
        "organisations[39].zh: 360 is not text; put it in quotes",
    ),
    ("zh: 京津冀教育协同发展工作会议\n", "zh:\n", "series[0].events[0].zh: is missing"),
    (
        "admission: open, seats: 50",
        "admission: open, form: 旁听登记, seats: 50",
        'series[0].sample_categories[4].form: "旁听登记" is not in forms',
    ),
]


@pytest.mark.parametrize(("old", "new", "sentence"), MISTAKES, ids=[m[2][:60] for m in MISTAKES])
def test_a_mistake_is_named_by_its_path_and_nothing_is_loaded(
    old: str, new: str, sentence: str
) -> None:
    assert mistakes((old, new)) == [sentence]


def test_a_slug_that_stands_twice_is_a_mistake_and_so_is_every_use_of_the_other() -> None:
    told = mistakes(("slug: signing", "slug: working-meeting"))

    assert told[-1] == (
        'series[0].sample_categories[5].events[1]: "signing" is no event of this series'
    )
    assert told[0] == (
        'series[0].events[1].slug: "working-meeting" stands already at series[0].events[0].slug'
    )


def test_all_mistakes_are_named_at_once() -> None:
    pairs = [
        ('starts: "09:00", ends: "10:30"', 'starts: "9", ends: "10:30"'),
        ("kind: job_fair", "kind: jobfair"),
        ("type: kindergarten", "type: kindergarden"),
    ]
    assert [line.partition(":")[0] for line in mistakes(*pairs)] == [
        "organisations[33].type",
        "series[0].events[0].sample.starts",
        "series[1].events[1].kind",
    ]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"series: [1\nother: 2", "line 2, column 6: expected ',' or ']', but got ':'"),
        (b"series: []\nseries: []", "line 2, column 1: the key series stands twice"),
        (b"\xff\xfe", "The file is not UTF-8 text (byte 0)."),
        (b"", "null is not a mapping (key: value)"),
        (b"series: &a [1]\nhost_regions: *a", "line 2: references (*) are not read; write the value again"),
        (b"[" * 5000, "The file is nested too deeply."),
        (b"series: 2027-02-30", "The file cannot be read: day is out of range for month."),
        (
            b"series: !!python/object/apply:os.getcwd []",
            "line 1, column 9: could not determine a constructor for the tag "
            "'tag:yaml.org,2002:python/object/apply:os.getcwd'",
        ),
        (b"series: [text]", 'series[0]: "text" is not a mapping (key: value)'),
    ],
)  # fmt: skip
def test_what_is_not_a_series_file_is_refused(content: bytes, sentence: str) -> None:
    with pytest.raises(BadFile) as bad:
        load(content, DAY_1)
    assert bad.value.mistakes == [sentence]


def test_what_is_on_record_forbids_an_ambiguous_name() -> None:
    loaded()

    with pytest.raises(BadFile) as bad:
        load(
            "series: []\norganisations: [{zh: 北洋大学, type: university, aliases: [天大]}]".encode(),
            DAY_1,
        )

    assert bad.value.mistakes == ["organisations[0].aliases: 天大 is on record as 天津大学"]


def test_a_district_is_not_the_province_in_its_name() -> None:
    loaded(changed(("host: 天津市武清区", "host: 天津市河北区")))

    assert the("tongwulang").host_region_code is None


@pytest.fixture
def series_command(app: Flask) -> Callable[..., tuple[int, str]]:
    def run(*words: str) -> tuple[int, str]:
        result = app.test_cli_runner().invoke(args=["series", *words])
        return result.exit_code, result.output

    return run


def test_the_command_tells_what_it_did(
    series_command: Callable[..., tuple[int, str]], tmp_path: Path
) -> None:
    code, told = series_command("load", str(FILE), "--on", "2027-03-15", "--dry-run")
    assert (code, count(Series)) == (0, 0)
    assert told.splitlines()[-1] == "Tried only; nothing was stored."

    code, told = series_command("load", str(FILE), "--on", "2027-03-15")
    assert code == 0
    assert "events        14 added, 0 changed, 0 unchanged" in told.splitlines()
    actors = db.session.scalars(select(AuditEntry.actor).distinct()).all()
    assert actors == ["command:series load"]

    bad = tmp_path / "bad.yaml"
    bad.write_bytes(changed(('starts: "09:00"', 'starts: "25:00"'), ("seats: 400", "seats: 0")))
    code, told = series_command("load", str(bad), "--on", "2027-03-15")
    assert code == 1
    assert told.splitlines() == [
        'series[0].events[0].sample.starts: "25:00" is not a time (HH:MM)',
        "series[0].events[0].sample.seats: 0 is not between 1 and 1000000",
        "Error: 2 mistakes in bad.yaml; nothing was loaded.",
    ]


@pytest.mark.parametrize(
    "words",
    [
        ["load", str(FILE)],
        ["load", str(FILE), "--on", "tomorrow"],
        ["load", "no-such-file.yaml", "--on", "2027-03-15"],
    ],
)
def test_the_command_refuses_wrong_words(
    series_command: Callable[..., tuple[int, str]], words: list[str]
) -> None:
    code, told = series_command(*words)
    assert code == 2
    assert told.splitlines()[-1].startswith("Error: ")


def register_observer(number: int) -> Registration:
    return register(
        the("jjj-2024"),
        Application(
            name=f"样本{'甲乙丙丁'[number]}",
            category="observer",
            events=("higher-education-forum",),
            mobile=f"+86139000001{number:02}",
        ),
        submit_id=f"submit-{number}",
    )


def test_events_made_at_the_desk_get_a_point_and_lose_it_again() -> None:
    loaded()
    series = the("jjj-2024")
    first = events_of(series.id)[0]
    event = schedule.create_event(series, "tea", schedule.input_of(first))
    assert [p.event_ids for p in _points_of("event:tea")] == [[event.id]]

    schedule.delete_event(event.id)

    assert _points_of("event:tea") == []
    assert count(Event) == 14


def _points_of(loaded_as: str) -> list[Point]:
    return list(db.session.scalars(select(Point).where(Point.loaded_as == loaded_as)))


def test_names_without_english_stay_chinese_in_english() -> None:
    loaded()

    school = organisation_named("雄县一中")
    plaque = db.session.scalars(select(Plaque)).first()
    assert school is not None
    assert plaque is not None
    assert (school.name, school.name.to(Language.EN)) == (Text("雄县一中", ""), "雄县一中")
    assert plaque.name == Text("京津冀生物医药现代产业学院", "Biomedicine modern industry college")
