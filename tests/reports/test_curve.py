"""The arrival curve: from arrivals to geometry."""

from datetime import UTC, date, datetime, timedelta

from eduforum.events.models import Event
from eduforum.events.rules import Kind
from eduforum.reports.curve import BOTTOM, LEFT, RIGHT, TOP, Curve, draw

DAY = date(2027, 3, 15)
NINE = datetime(2027, 3, 15, 1, 0, tzinfo=UTC)
ZONE = "Asia/Shanghai"


def event(hours: float = 0, kind: Kind = Kind.FORUM) -> Event:
    begin = NINE + timedelta(hours=hours)
    return Event(kind=kind, starts_at=begin, ends_at=begin + timedelta(hours=1))


def curve(
    arrivals: dict[int, int], expected: int, *events: Event, now: datetime | None = None
) -> Curve:
    """arrivals: minutes from nine → people."""
    came = {NINE + timedelta(minutes=minutes): people for minutes, people in arrivals.items()}
    return draw(DAY, came, expected, events or [event()], ZONE, now or NINE + timedelta(days=1))


def test_a_morning() -> None:
    drawn = curve({-30: 10, -5: 5, 10: 1}, 20)
    assert drawn.begins == "08:00"
    assert drawn.table == [
        ("08:00", 0),
        ("08:35", 10),
        ("09:00", 15),
        ("09:15", 16),
        ("10:00", 16),
    ]
    assert [mark.label for mark in drawn.hours] == ["08:00", "09:00", "10:00"]
    assert [mark.label for mark in drawn.scale] == ["0", "5", "10", "15", "20"]
    assert (drawn.total, drawn.expected, drawn.target) == (16, 20, TOP)
    assert drawn.path.startswith(f"{LEFT},{BOTTOM} ")
    assert drawn.end == (RIGHT, round(BOTTOM - (BOTTOM - TOP) * 0.8, 1))
    assert drawn.title.zh == "3 月 15 日累计报到人数：至 10:00 为 16 人，应到 20 人"


def test_it_ends_now() -> None:
    drawn = curve({-30: 3, -10: 2}, 20, now=NINE - timedelta(minutes=8))
    assert drawn.table == [("08:00", 0), ("08:35", 3), ("08:52", 5)]


def test_before_anybody_came() -> None:
    drawn = curve({}, 0, now=NINE - timedelta(days=1))
    assert drawn.table == [("08:00", 0)]
    assert drawn.end == (LEFT, BOTTOM)


def test_nobody_is_left_out_however_late_he_came() -> None:
    drawn = curve({-120: 1, 300: 1}, 1)
    assert drawn.begins == "07:00"
    assert drawn.total == 2
    assert drawn.end[1] >= TOP


def test_events_that_start_together_are_one_line() -> None:
    drawn = curve({}, 1, event(0, Kind.WORKING_MEETING), event(5), event(5), event(5))
    assert [(mark.time, str(mark.label), mark.before) for mark in drawn.starts] == [
        ("09:00", "工作会议开始", False),
        ("14:00", "3 场论坛开始", True),
    ]
