"""Days, parts, slots and tracks, without a database."""

from datetime import UTC, datetime, timedelta

import pytest

from eduforum.core.i18n import Language, Text, use_language
from eduforum.events.models import Event
from eduforum.events.rules import EventState, Field, Kind
from eduforum.site import programme, typeset, words

ZONE = "Europe/Berlin"
NIGHT = datetime(2027, 3, 27, 23, 30, tzinfo=UTC)
"""00:30 on the day on which Berlin's clocks go forward, 02:00 to 03:00."""


def event(start: datetime, hours: float = 1, **more: object) -> Event:
    more.setdefault("kind", Kind.FORUM)
    more.setdefault("state", EventState.SCHEDULED)
    return Event(starts_at=start, ends_at=start + timedelta(hours=hours), **more)


def test_days_are_those_of_the_series_clocks() -> None:
    late = event(NIGHT - timedelta(hours=1))
    early = event(NIGHT)
    noon = event(NIGHT + timedelta(hours=10, minutes=30))
    days = programme.days([late, early, noon], ZONE, NIGHT)
    assert [day.date.isoformat() for day in days] == ["2027-03-27", "2027-03-28"]
    assert [part.name.en for part in days[1].parts] == ["Morning", "Afternoon"]


@pytest.mark.parametrize(
    ("minutes", "running", "coming"),
    [(-31, 0, 0), (-29, 0, 1), (0, 1, 2), (59, 1, 2), (60, 0, 2), (150, 2, 0), (181, 0, 0)],
)
def test_now_and_next(minutes: int, running: int, coming: int) -> None:
    first = event(NIGHT)
    pair = [event(NIGHT + timedelta(hours=2)) for _ in range(2)]
    off = event(NIGHT, state=EventState.CANCELLED)
    moment = NIGHT + timedelta(minutes=minutes)
    found = programme.now_next([first, off, *pair], ZONE, moment)
    if not running and not coming:
        assert found is None
    else:
        assert found is not None
        assert (len(found.running), len(found.coming)) == (running, coming)


def test_events_that_start_together_share_a_slot() -> None:
    pair = [event(NIGHT, 1), event(NIGHT, 3)]
    (day,) = programme.days([*pair, event(NIGHT + timedelta(hours=1))], ZONE, NIGHT)
    (part,) = day.parts
    assert [slot.parallel for slot in part.slots] == [True, False]
    assert part.slots[0].ends_at == pair[1].ends_at
    assert part.together is part.slots[0]


def test_tracks_are_fields_else_kinds_else_none() -> None:
    fields = [event(NIGHT, field=Field.HIGHER), event(NIGHT, field=Field.BASIC), event(NIGHT)]
    assert [t.code for t in programme.tracks(fields)] == ["", "higher", "basic", "plenary"]
    kinds = [event(NIGHT, kind=kind) for kind in (*Kind,)]
    assert len(programme.tracks(kinds)) == len(Kind) + 1
    assert programme.tracks(kinds[:3]) == []
    assert programme.on_track(fields, "higher") == fields[:1]
    assert programme.on_track(fields, "' OR 1") == fields


def test_rooms_are_few_by_name_and_many_by_number() -> None:
    rooms = [event(NIGHT, room=f"第{n}会议室", room_en=f"Room {n}") for n in range(8)]
    assert words.rooms([]).main == Text("待定", "To be announced")
    assert words.rooms(rooms[:2]).main == Text("第0会议室、第1会议室", "Room 0, Room 1")
    assert words.rooms(rooms).main == Text("第0会议室等 8 处", "Room 0 and 7 more")


def test_headings_break_between_words_and_keep_their_text() -> None:
    name = "京津冀教育协同发展系列主场活动"
    marked = typeset.by_sense(name)
    assert '<span class="nb">协同发展</span>' in marked
    assert marked.striptags() == name
    assert typeset.by_sense("<b>短</b>") == "&lt;b&gt;短&lt;/b&gt;"
    assert "<i>" not in typeset.by_sense("<i>京津冀教育协同发展系列主场活动</i>")
    with use_language(Language.EN):
        assert typeset.by_sense("Signing of the new co-building agreements") == (
            'Signing of the new <span class="nb">co-building</span> agreements'
        )
        assert typeset.by_sense(name).startswith('<span lang="zh-Hans">')
        assert typeset.named("林") == '<span lang="zh-Hans">林</span>'
        assert (
            typeset.listed([Text("代表", "Delegate"), Text("嘉宾", "Guest")]) == "Delegate, Guest"
        )
