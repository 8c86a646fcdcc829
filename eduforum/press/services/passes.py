"""Passes after the approval: printed, handed out, lost and replaced, suspended, released."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select

from eduforum.core import audit, clock
from eduforum.core.db import db, transaction
from eduforum.core.errors import Refusal
from eduforum.core.i18n import Text
from eduforum.core.id_numbers import parse_id_type
from eduforum.core.names import clean, clean_name
from eduforum.files import typst
from eduforum.press import card_queries, queries
from eduforum.press.models import Card, PressPerson, PressSettings, PrintRun
from eduforum.press.rules import Actor, PassAction, PassState
from eduforum.press.rules.decisions import bad
from eduforum.press.services import letters
from eduforum.press.services.moves import move_pass, officer

MOST_CARDS = 500
CHUNK = 100
LAST_CALL = timedelta(hours=24)
_PRINTABLE = (PassState.APPROVED, PassState.REISSUED)
_LETTERS = {
    PassAction.LOSE: "press-card-lost",
    PassAction.REISSUE: "press-card-reissued",
    PassAction.SUSPEND: "press-card-suspended",
    PassAction.REINSTATE: "press-card-reinstated",
    PassAction.REVOKE: "press-card-revoked",
}


class NothingToPrint(Refusal):
    code = "nothing-to-print"

    def __init__(self, skipped: Sequence["Skipped"]) -> None:
        why = "；".join(f"{one.name}：{one.why.zh}" for one in skipped[:10])
        en = "; ".join(f"{one.name}: {one.why.en}" for one in skipped[:10])
        super().__init__(
            Text(f"没有可以制作的采访证。{why}", f"There is no card to print. {en}".strip())
        )


@dataclass(frozen=True, slots=True)
class Skipped:
    """Somebody whose card was not printed, and why."""

    name: str
    why: Text


@dataclass(frozen=True, slots=True)
class Printed:
    """What a run came to."""

    run: PrintRun
    count: int
    skipped: Sequence[Skipped]


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """Who takes a card. id_last4: the end of the number of the document that was seen.
    taken_by: a proxy; letter: who showed a letter of the outlet."""

    id_type: str
    id_last4: str
    taken_by: str = ""
    letter: bool = False


def print_cards(series_id: int, person_ids: Sequence[UUID]) -> Printed:
    """Print these cards, or those waiting when none is named, as one numbered run of at most 500.

    Cards that cannot be printed whole are left out and named. Raises `NothingToPrint`.
    """
    wanted = list(person_ids) or list(card_queries.waiting_ids(series_id, MOST_CARDS))
    run: PrintRun | None = None
    count, skipped = 0, list[Skipped]()
    for start in range(0, min(len(wanted), MOST_CARDS), CHUNK):
        with transaction():
            people = card_queries.locked_people(series_id, wanted[start : start + CHUNK])
            ready, left = _sorted_out(people)
            skipped += left
            if ready and run is None:
                run = _new_run(series_id)
            for person in ready:
                assert run is not None
                move_pass(person, PassAction.PRINT, officer(person.application), run=run.number)
                assert person.ticket_id
                db.session.add(Card(run=run, person=person, ticket_id=person.ticket_id))
            count += len(ready)
    if run is None:
        raise NothingToPrint(skipped)
    return Printed(run, count, skipped)


def _new_run(series_id: int) -> PrintRun:
    queries.locked_series(series_id)
    last = db.session.scalar(
        select(func.max(PrintRun.number)).where(PrintRun.series_id == series_id)
    )
    run = PrintRun(series_id=series_id, number=(last or 0) + 1, actor=audit.current_actor())
    db.session.add(run)
    db.session.flush()
    audit.record("press_cards.print", f"press_print_run:{run.id}", series_id=series_id,
                 after={"run": run.number})  # fmt: skip
    return run


def _sorted_out(people: Sequence[PressPerson]) -> tuple[list[PressPerson], list[Skipped]]:
    ready, skipped = [], []
    for person in people:
        why = why_not(person)
        if why is None:
            ready.append(person)
        else:
            skipped.append(Skipped(person.name, why))
    return ready, skipped


def why_not(person: PressPerson) -> Text | None:
    """Why a card cannot be printed now; None when it can. Letters without a glyph come to light here."""
    if person.state not in _PRINTABLE:
        return Text("当前状态不能制证", "no card is due in this state")
    if person.photo_id is None:
        return Text("没有照片", "there is no photo")
    if missing := typst.unprintable([person.name, person.application.outlet_text.zh]):
        return Text(f"字体缺字：{'、'.join(missing)}", f"no glyph for: {', '.join(missing)}")
    return None


def collect(series_id: int, person_id: UUID, given: Handover) -> Card:
    """Hand the card out. Raises `BadInput` beside the field, `TransitionNotAllowed`."""
    taken_by, last4 = clean_name(given.taken_by), clean(given.id_last4).upper()
    if len(last4) != 4 or not last4.isascii() or not last4.isalnum():
        raise bad("id_last4", "请填写证件号码后四位。", "Enter the last four of the ID number.")
    if taken_by and not given.letter:
        raise bad(
            "letter",
            "代领须出示单位函件，查验后请勾选。",
            "A proxy shows a letter of the outlet; tick this when you have seen it.",
        )
    kind = parse_id_type(given.id_type)
    with transaction():
        person = card_queries.locked_person(series_id, person_id)
        move_pass(person, PassAction.COLLECT, officer(person.application), proxy=bool(taken_by))
        card = card_queries.valid_card(person_id)
        assert card is not None
        card.collected_at, card.handed_by = clock.now(), audit.current_actor()
        card.id_type, card.id_last4 = kind.value, last4
        card.taken_by, card.letter = taken_by, bool(taken_by)
        letters.write(person.application, "press-card-collected", _about(person, taken_by))
    return card


def lose(series_id: int, person_id: UUID) -> PressPerson:
    """A card is reported lost: it is void at the doors from now on."""
    with transaction():
        person = card_queries.locked_person(series_id, person_id)
        move_pass(person, PassAction.LOSE, officer(person.application))
        _tell(person, PassAction.LOSE)
    return person


def reissue(series_id: int, person_id: UUID) -> PressPerson:
    """Give whoever lost a card a new number; it is printed and collected like the first."""
    with transaction():
        person = card_queries.locked_person(series_id, person_id)
        move_pass(person, PassAction.REISSUE, officer(person.application))
        _tell(person, PassAction.REISSUE)
    return person


def replace(series_id: int, person_id: UUID) -> PressPerson:
    """Report a card lost, unless that was done already, and give the new number at once."""
    with transaction():
        person = card_queries.locked_person(series_id, person_id)
        if person.state is not PassState.LOST:
            lose(series_id, person_id)
        return reissue(series_id, person_id)


def suspend(series_id: int, person_id: UUID, reason: str) -> PressPerson:
    """Admit nobody with this pass for now, at the doors at once. Raises `BadInput` beside `reason`."""
    _check_reason(reason)
    with transaction():
        person = card_queries.locked_person(series_id, person_id)
        move_pass(person, PassAction.SUSPEND, officer(person.application))
        person.reason = reason.strip()
        _tell(person, PassAction.SUSPEND)
    return person


def reinstate(series_id: int, person_id: UUID) -> PressPerson:
    """Back to where the pass was when it was suspended."""
    with transaction():
        person = card_queries.locked_person(series_id, person_id)
        move_pass(person, PassAction.REINSTATE, officer(person.application))
        person.reason = ""
        _tell(person, PassAction.REINSTATE)
    return person


def revoke(series_id: int, person_id: UUID, reason: str) -> PressPerson:
    """End a pass for good, at the doors at once. Raises `BadInput` beside `reason`."""
    _check_reason(reason)
    with transaction():
        person = card_queries.locked_person(series_id, person_id)
        move_pass(person, PassAction.REVOKE, officer(person.application))
        person.reason = reason.strip()
        _tell(person, PassAction.REVOKE)
    return person


def _check_reason(reason: str) -> None:
    if not reason.strip():
        raise bad("reason", "请写明原因，将写入通知。", "Say why; it goes into the letter.")


def _tell(person: PressPerson, action: PassAction) -> None:
    letters.write(person.application, _LETTERS[action], _about(person))


def _about(person: PressPerson, taken_by: str = "") -> dict[str, object]:
    """What a letter about one card says: whose, and what came of it."""
    return {"person": person.name, "proxy": taken_by, "told": person.reason}


def set_collect_by(series_id: int, moment: datetime | None) -> None:
    """Until when cards are collected; None: as long as the series lasts. Raises `BadInput`."""
    if moment is not None and moment <= clock.now():
        raise bad("collect_by", "领证截止须晚于现在。", "The deadline must lie ahead.")
    with transaction():
        settings = db.session.get(PressSettings, series_id)
        if settings is None:
            settings = PressSettings(series_id=series_id)
            db.session.add(settings)
        settings.collect_by = moment
        audit.record("press_settings.collect_by", f"series:{series_id}", series_id=series_id,
                     after={"collect_by": moment and moment.isoformat()})  # fmt: skip


def release_uncollected() -> int:
    """Call outlets once a day ahead, and release what nobody fetched by the deadline; how many."""
    now = clock.now()
    with audit.acting_as("system"):
        for series_id, application_id in card_queries.to_be_called(now, now + LAST_CALL, CHUNK):
            _last_call(series_id, application_id)
        due = card_queries.uncollected(now, now - LAST_CALL / 2, CHUNK)
        for series_id, application_id in due:
            _release(series_id, application_id)
    return len(due)


def _last_call(series_id: int, application_id: UUID) -> None:
    with transaction():
        application = queries.locked_application(series_id, application_id)
        if application.last_called_at is not None:
            return
        application.last_called_at = clock.now()
        names = [p.name for p in queries.people_of(application_id) if p.state in _UNCOLLECTED]
        if names:
            until = queries.settings_of(series_id).collect_by
            letters.write(application, "press-last-call",
                          {"names": names, "collect_by": until and until.isoformat()})  # fmt: skip


_UNCOLLECTED = (PassState.APPROVED, PassState.PRINTED, PassState.REISSUED)


def _release(series_id: int, application_id: UUID) -> None:
    with transaction():
        application = queries.locked_application(series_id, application_id)
        names = []
        for person in queries.people_of(application_id):
            if person.state in _UNCOLLECTED:
                move_pass(person, PassAction.EXPIRE, Actor.SYSTEM)
                names.append(person.name)
        if names:
            letters.write(application, "press-uncollected", {"names": names})
