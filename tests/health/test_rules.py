"""What the facts mean: one row for everything that can be wrong."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from eduforum.core.i18n import Text
from eduforum.health.rules import Facts, Level, Mail, judge, worst

NOW = datetime(2027, 3, 1, 1, 0, tzinfo=UTC)
GB = 1024**3
MAIL = Mail(configured=True, oldest_due=timedelta(minutes=1), failed=0)
WELL = Facts(
    now=NOW,
    migrations=True,
    worker_seen_at=NOW - timedelta(seconds=40),
    writer_waiting=3,
    mail=MAIL,
    disk_free=40 * GB,
    disk_total=100 * GB,
    redis=True,
    base_url="https://forum.example.org",
    backup_age=timedelta(hours=30),
)


def wrong(facts: Facts) -> list[tuple[str, str]]:
    return [(f.part.en, f.level.name) for f in judge(facts) if f.level is not Level.OK]


def test_all_is_well() -> None:
    assert wrong(WELL) == []
    assert worst(judge(WELL)) is Level.OK
    assert (
        len(judge(WELL))
        == len(judge(replace(WELL, redis=None, writer_waiting=None, backup_age=None))) + 3
    )


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (replace(WELL, migrations=False), ("Database", "BAD")),
        (replace(WELL, worker_seen_at=None), ("Worker", "BAD")),
        (replace(WELL, worker_seen_at=NOW - timedelta(minutes=2)), ("Worker", "BAD")),
        (replace(WELL, mail=replace(MAIL, configured=False)), ("Mail", "WATCH")),
        (
            replace(
                WELL,
                mail=replace(
                    MAIL, paused_until=NOW + timedelta(minutes=5), pause_reason=Text("无", "none")
                ),
            ),
            ("Mail", "BAD"),
        ),
        (replace(WELL, mail=replace(MAIL, oldest_due=timedelta(minutes=11))), ("Mail", "BAD")),
        (replace(WELL, mail=replace(MAIL, failed=2)), ("Failed letters", "WATCH")),
        (replace(WELL, disk_free=GB // 2), ("Disk space", "WATCH")),
        (replace(WELL, disk_free=4 * GB), ("Disk space", "WATCH")),
        (replace(WELL, disk_free=GB // 20), ("Disk space", "BAD")),
        (replace(WELL, base_url="http://forum.example.org"), ("Address", "WATCH")),
        (replace(WELL, writer_waiting=200), ("Queue of the writer", "WATCH")),
        (replace(WELL, redis=False), ("Redis", "WATCH")),
        (replace(WELL, backup_age=timedelta(days=2)), ("Backup", "WATCH")),
    ],
)
def test_what_is_wrong_is_told_first_with_what_to_do(
    facts: Facts, expected: tuple[str, str]
) -> None:
    assert wrong(facts) == [expected]
    first = judge(facts)[0]
    assert first.part.en == expected[0]
    assert first.remedy is not None


@pytest.mark.parametrize(
    "facts",
    [
        replace(WELL, base_url="http://127.0.0.1:8000"),
        replace(WELL, mail=replace(MAIL, paused_until=NOW)),
        replace(WELL, redis=None),
        replace(WELL, writer_waiting=None),
    ],
)
def test_what_only_looks_wrong(facts: Facts) -> None:
    assert wrong(facts) == []
