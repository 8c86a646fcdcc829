"""The press office at work: takes up, checks, asks for more, verifies, sends to the security check."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from eduforum.core import audit, clock
from eduforum.core.db import db, new_id, transaction
from eduforum.core.errors import NotFound
from eduforum.press import queries
from eduforum.press.models import (
    Application,
    Check,
    InfoItem,
    InfoRequest,
    OfficeNote,
    PressPerson,
)
from eduforum.press.rules import (
    Action,
    CheckResult,
    Item,
    OutletState,
    State,
    Verdict,
    VerifyMethod,
)
from eduforum.press.rules.decisions import NoMoreRounds, bad, check_deadline
from eduforum.press.rules.forms import ROUNDS
from eduforum.press.services import letters, outlets
from eduforum.press.services.inputs import Asked
from eduforum.press.services.moves import move, officer

CLAIM = timedelta(minutes=30)
"""How long an application stays with an officer who does nothing more about it."""
_REMIND_AHEAD = timedelta(hours=24)
_CHUNK = 50


def screen(series_id: int, application_id: UUID) -> Application:
    """Take it up: it lies before this officer, and the outlet hears that it is being read."""
    with transaction():
        application = queries.locked_application(series_id, application_id)
        request = queries.open_request(application_id)
        move(application, Action.SCREEN, officer(application))
        if request is not None:
            request.answered_at = clock.now()
        _keep(application)
    return application


def claim(series_id: int, application_id: UUID) -> Application:
    """Have it before one for a while, whoever had it before; it keeps nobody from deciding."""
    with transaction():
        application = queries.locked_application(series_id, application_id)
        _keep(application)
        audit.record("press_application.claim", application.owner, series_id=series_id)
    return application


def _keep(application: Application) -> None:
    application.claimed_by = audit.current_actor()
    application.claimed_until = clock.now() + CLAIM


def check(
    series_id: int, application_id: UUID, verdicts: Mapping[tuple[Item, str], Verdict]
) -> None:
    """Note what was seen of each item; (item, person's id or "")."""
    with transaction():
        application = queries.locked_application(series_id, application_id)
        people = {str(person.id) for person in queries.people_of(application_id)}
        for (item, subject), verdict in verdicts.items():
            if subject and subject not in people:
                raise NotFound
            db.session.merge(
                Check(
                    application_id=application_id,
                    item=item,
                    subject=subject,
                    verdict=verdict,
                    actor=audit.current_actor(),
                    at=clock.now(),
                )
            )
        _keep(application)
        audit.record("press_application.check", application.owner, series_id=series_id,
                     after={"count": len(verdicts)})  # fmt: skip


def ask(
    series_id: int, application_id: UUID, items: Sequence[Asked], answer_by: datetime | None
) -> Application:
    """Ask the outlet for more, item by item, until a deadline; at most three times.

    Raises `NoMoreRounds`, `BadInput`.
    """
    deadline = check_deadline(answer_by, clock.now())
    if not items:
        raise bad("items", "请至少选择一项。", "Choose at least one item.")
    with transaction():
        application = queries.locked_application(series_id, application_id)
        people = queries.people_of(application_id)
        known = {person.id for person in people}
        if any(one.person is not None and one.person not in known for one in items):
            raise NotFound
        rounds = len(queries.requests_of(application_id))
        if rounds >= ROUNDS:
            raise NoMoreRounds
        request = InfoRequest(
            id=new_id(),
            application_id=application_id,
            round=rounds + 1,
            actor=audit.current_actor(),
            asked_at=clock.now(),
            answer_by=deadline,
            before=snapshot(application, people),
            items=[
                InfoItem(
                    place=at,
                    item=one.item,
                    subject=str(one.person or ""),
                    note=one.note.strip(),
                )
                for at, one in enumerate(items)
            ],
        )
        db.session.add(request)
        move(application, Action.ASK, officer(application),
             after={"fields": sorted({one.item.value for one in items})})  # fmt: skip
    return application


def verify_outlet(
    series_id: int, application_id: UUID, method: VerifyMethod | None = None, note: str = ""
) -> Application:
    """The outlet is what it says. method: how that was made sure; not asked once it is verified.

    Raises `BadInput` beside `method`.
    """
    with transaction():
        application = queries.locked_application(series_id, application_id)
        assert application.outlet
        told = application.state is State.SCREENING
        move(application, Action.VERIFY_OUTLET, officer(application), letter=told)
        if application.outlet.state is not OutletState.VERIFIED:
            if method is None:
                raise bad("method", "请选择核实方式。", "Say how the outlet was verified.")
            outlets.verify(application.outlet, method, note)
        _keep(application)
    return application


def start_check(series_id: int, application_id: UUID) -> Application:
    """Its people go to the security check; only the result will come back."""
    with transaction():
        application = queries.locked_application(series_id, application_id)
        move(application, Action.START_CHECK, officer(application))
    return application


def end_check(
    series_id: int, application_id: UUID, results: Mapping[UUID, CheckResult]
) -> Application:
    """Enter the result for each person. Raises `BadInput` when somebody's is missing."""
    with transaction():
        application = queries.locked_application(series_id, application_id)
        for person in queries.people_of(application_id):
            result = results.get(person.id, CheckResult.NONE)
            if result is CheckResult.NONE:
                raise bad("results", "请登记每个人的核查结果。", "Enter everybody's result.")
            person.security = result
        move(application, Action.END_CHECK, officer(application))
    return application


def note(series_id: int, application_id: UUID, text: str) -> None:
    """Keep a note for the office; the outlet never reads it. Raises `BadInput`."""
    if not text.strip():
        raise bad("text", "请填写备注。", "Write the note first.")
    with transaction():
        application = queries.locked_application(series_id, application_id)
        add_note(application, text)
        audit.record("press_application.note", application.owner, series_id=series_id)


def add_note(application: Application, text: str) -> None:
    """Inside the transaction of another step."""
    if text.strip():
        db.session.add(
            OfficeNote(
                application_id=application.id, actor=audit.current_actor(), text=text.strip()
            )
        )


def remind() -> int:
    """Remind outlets whose time to answer ends within a day; once for each round. How many."""
    reminded = 0
    due = queries.to_be_reminded(clock.now(), _REMIND_AHEAD, _CHUNK)
    with audit.acting_as("system"):
        for series_id, application_id, request_id in due:
            with transaction():
                application = queries.locked_application(series_id, application_id)
                request = db.session.get(InfoRequest, request_id)
                if application.state is not State.NEEDS_INFO or request is None:
                    continue
                if request.reminded_at or request.answered_at:
                    continue
                request.reminded_at = clock.now()
                letters.write(application, "press-info-ending")
                reminded += 1
    return reminded


def snapshot(application: Application, people: Sequence[PressPerson]) -> dict[str, Any]:
    """What the outlet may change, as plain values, to compare the answer with. No ID numbers: only
    whether they changed."""
    kept: dict[str, Any] = {
        "focal_name": application.focal_name,
        "focal_mobile": application.focal_mobile,
        "focal_email": application.focal_email,
        "remark": application.remark,
        "letter": str(application.letter_id or ""),
        "customs": str(application.customs_id or ""),
    }
    for person in people:
        kept |= {f"{person.id}.{name}": value for name, value in _of_person(person).items()}
    return kept


def _of_person(person: PressPerson) -> dict[str, str]:
    gear = "; ".join(f"{one.name} ×{one.quantity} {one.serial}".strip() for one in person.equipment)
    return {
        "name": person.name,
        "role": person.role.value,
        "press_card": person.press_card,
        "id_number": person.id_index[:12],
        "nationality": person.nationality,
        "visa": person.visa.value,
        "photo": str(person.photo_id or ""),
        "equipment": gear,
    }
