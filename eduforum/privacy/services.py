"""Forget people: on request, when their time is over, and again after a restore."""

from collections.abc import Generator, Mapping, Sequence

from sqlalchemy.exc import IntegrityError

from eduforum.consents import services as consents
from eduforum.core import audit, clock
from eduforum.core.audit import acting_as
from eduforum.core.db import db, forget_log, transaction
from eduforum.core.errors import NotFound
from eduforum.core.personal import EVERYTHING, Group, Holding, Person, Source
from eduforum.events.queries import all_series
from eduforum.privacy import ledger, queries
from eduforum.privacy.models import RetentionRun, RetentionSetting
from eduforum.privacy.rules import Due, Erased, check_days, check_reason

CHUNK = 200
_TURN = 5
"""Chunks that the daily chore does before other chores have their turn."""
HOLDINGS: list[Holding] = []
"""What every room keeps of people; filled by the factory."""
SOURCES: list[Source] = []
"""The rooms by which people come in; filled by the factory."""


def person_of(subject: str) -> Person:
    """Whose data is meant. Raises `NotFound` for what is unknown, or erased already."""
    for source in SOURCES:
        if person := source.find(subject):
            return person
    raise NotFound


def erase(person: Person, *, by: str, reason: str = "") -> None:
    """Forget everything about one person, in every room, and never learn it again.

    by: `person` or `organiser`. Who was still to come gives the seat back; who came goes on being
    counted, without a name. What is kept of it outside the database, in backups, is erased again
    when one is restored. Raises `BadInput` when an organiser gives no reason, `Erased`.
    """
    said = check_reason(reason) if by == "organiser" else ""
    ledger.note(person.subject)
    _forget(person, by=by, reason=said)


def withdraw_consent(person: Person, code: str) -> None:
    """Take a consent back, and with it what was kept on its strength. Raises `NotFound`."""
    with transaction():
        consents.withdraw(person.series_id, person.subject, code)
        for source in SOURCES:
            if source.kind == person.subject.partition(":")[0]:
                source.withdraw(person, code)


def set_days(series_id: int, days: Mapping[Group, int]) -> None:
    """Keep data of a series for so long after its last event. Raises `BadInput`."""
    check_days(dict(days))
    with transaction():
        before = queries.days_of(series_id)
        changed = {group: value for group, value in days.items() if before[group] != value}
        for group, value in changed.items():
            db.session.merge(RetentionSetting(series_id=series_id, group=group, days=value))
        if changed:
            audit.record(
                "privacy.days",
                f"series:{series_id}",
                series_id=series_id,
                before={group.value: before[group] for group in changed},
                after={group.value: value for group, value in changed.items()},
            )


def preview() -> list[Due]:
    """What is kept in all series, and when it goes."""
    return queries.dues(SOURCES, all_series())


def run(slug: str = "") -> Generator[tuple[Due, int], None, None]:
    """Forget what is over its time, a chunk at a time; yields what, and how many people.

    slug: of one series only. Cut short, the next run goes on with whoever is left.
    """
    now = clock.now()
    for due in preview():
        if due.is_over(now) and slug in ("", due.slug):
            for source in SOURCES:
                yield from ((due, count) for count in _purge(source, due))
    forget_log()


def run_daily() -> int:
    """The chore: once a day everything that is over its time. Returns how many people."""
    day = f"{clock.now():%Y-%m-%d}"
    if queries.is_done(day):
        return 0
    count, chunks = 0, 0
    with acting_as("system"):
        going = run()
        for _due, people in going:
            count, chunks = count + people, chunks + 1
            if chunks == _TURN:
                going.close()
                return count
        _finish(day)
    return count


def replay() -> int:
    """After a restore: erase again whom the ledger knows, then what is over its time.

    Returns how many people were erased again.
    """
    known = ledger.Ledger()
    count = 0
    for source in SOURCES if len(known) else ():
        behind = None
        while ids := source.known(behind, CHUNK):
            behind = ids[-1]
            marked = [f"{source.kind}:{one}" for one in ids]
            for subject in filter(known.holds, marked):
                if person := source.find(subject):
                    _forget(person, by="restore", reason="")
                    count += 1
    for _due, _people in run():
        pass
    return count


def _forget(person: Person, *, by: str, reason: str) -> None:
    with transaction():
        source = next(
            (one for one in SOURCES if one.kind == person.subject.partition(":")[0]), None
        )
        current = source.find(person.subject) if source else None
        if source is None or current is None:
            raise Erased
        if queries.is_still_to_come(current, clock.now()):
            source.step_back(current)
            db.session.flush()
        _erase_in_all_rooms([current], EVERYTHING)
        audit.redact(current.series_id, current.words)
        audit.record(
            "privacy.erase",
            current.subject,
            series_id=current.series_id,
            after={"by": by} | ({"reason": reason} if reason else {}),
        )


def _purge(source: Source, due: Due) -> Generator[int, None, None]:
    groups = EVERYTHING if due.group is Group.GENERAL else frozenset({due.group})
    while True:
        with transaction():
            people = source.holders(due.series_id, due.group, CHUNK)
            if people:
                _erase_in_all_rooms(people, groups)
                audit.record(
                    "privacy.purge",
                    f"series:{due.series_id}",
                    series_id=due.series_id,
                    after={"group": due.group.value, "count": len(people)},
                )
        if not people:
            return
        yield len(people)


def _erase_in_all_rooms(people: Sequence[Person], groups: frozenset[Group]) -> None:
    for holding in HOLDINGS:
        holding.erase(people, groups)
    if Group.GENERAL in groups:
        audit.forget([person.subject for person in people])
        audit.forget([f"ticket:{one}" for person in people for one in person.tickets])
    db.session.expire_all()


def _finish(day: str) -> None:
    try:
        with transaction():
            db.session.add(RetentionRun(day=day))
    except IntegrityError:
        db.session.rollback()  # another worker was as quick
