"""Decisions about applications of the press: who comes, where to, who waits, who does not."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from eduforum.core import audit, clock
from eduforum.core.db import db, transaction
from eduforum.core.errors import NotFound
from eduforum.events.models import Series
from eduforum.press import queries
from eduforum.press.models import Appeal, Application, PressPerson
from eduforum.press.rules import (
    Action,
    Actor,
    CheckResult,
    OutletState,
    PassAction,
    PassState,
    Reason,
    State,
)
from eduforum.press.rules.decisions import (
    AlreadyAccredited,
    CheckNotClear,
    NothingProposed,
    OutletNotVerified,
    bad,
    check_grant,
    split_zones,
)
from eduforum.press.rules.states import NotYours
from eduforum.press.services import admission, letters, places
from eduforum.press.services.inputs import Grant
from eduforum.press.services.moves import move, move_pass, officer
from eduforum.press.services.review import add_note

_OPEN_PASSES = (PassState.UNDECIDED, PassState.HELD)


def approve(
    series_id: int,
    application_id: UUID,
    grants: Mapping[UUID, Grant],
    *,
    refused: Mapping[UUID, str] | None = None,
    note: str = "",
) -> Application:
    """Let people come: zones, events and validity for each. Who is neither granted nor refused is
    put on hold. Zones C and F wait for a second officer; all others stand at once.

    refused: what the outlet is told of each who may not come. Raises `OutletNotVerified`,
    `PlacesFull`, `CheckNotClear`, `AlreadyAccredited`, `BadInput`.
    """
    refused = refused or {}
    _check_given(grants, refused)
    with transaction():
        series = queries.locked_series(series_id)
        application = queries.locked_application(series_id, application_id)
        people = {person.id: person for person in queries.people_of(application_id)}
        if not {*grants, *refused} <= set(people):
            raise NotFound
        actor = officer(application)
        _check_ready(series, application, [people[one] for one in grants])
        places.check(series, application, [grant.events for grant in grants.values()])
        for person_id, grant in grants.items():
            _grant(people[person_id], grant, actor)
        for person_id, told in refused.items():
            _decided(people[person_id], PassAction.REJECT, actor, told)
        for person in people.values():
            if person.state in (PassState.UNDECIDED, PassState.REJECTED) and _is_left(
                person, grants, refused
            ):
                _decided(person, PassAction.HOLD, actor, "")
        application.decided_at = clock.now()
        add_note(application, note)
        move(application, Action.APPROVE, actor, after={"count": len(grants)})
    return application


def _check_given(grants: Mapping[UUID, Grant], refused: Mapping[UUID, str]) -> None:
    if not grants:
        raise bad(
            "people",
            "请至少批准一人，或改用“列为待定”“不予批准”。",
            "Approve somebody, or put the application on hold or reject it.",
        )
    if not all(told.strip() for told in refused.values()):
        raise bad("people", "请写明不予批准的原因。", "Say why somebody is not approved.")
    for grant in grants.values():
        check_grant(grant.zones, grant.valid_from, grant.valid_until)


def _is_left(
    person: PressPerson, grants: Mapping[UUID, Grant], refused: Mapping[UUID, str]
) -> bool:
    return person.id not in grants and person.id not in refused and not person.reason


def _check_ready(series: Series, application: Application, people: Sequence[PressPerson]) -> None:
    if application.outlet is None or application.outlet.state is not OutletState.VERIFIED:
        raise OutletNotVerified
    if queries.settings_of(series.id).security_check:
        for person in people:
            if person.security is not CheckResult.CLEAR:
                raise CheckNotClear(person.name)
    doubles = queries.doubles_of(series.id, people)
    for person in people:
        for other in doubles.get(person.id, ()):
            if other.state in places.TAKES:
                raise AlreadyAccredited(person.name, other.application.outlet_text)


def _grant(person: PressPerson, grant: Grant, actor: Actor) -> None:
    now, later = split_zones(grant.zones)
    person.valid_from, person.valid_until = grant.valid_from, grant.valid_until
    person.zones, person.proposed_zones = now, later
    person.proposed_by = audit.current_actor() if later else ""
    for one in person.events:
        one.granted = one.event_id in grant.events
    _decided(person, PassAction.APPROVE, actor, "")


def _decided(person: PressPerson, action: PassAction, actor: Actor, told: str) -> None:
    person.reason = told.strip()
    person.decided_at = clock.now()
    move_pass(person, action, actor, zones=person.zones)


def agree(series_id: int, application_id: UUID, person_id: UUID, *, agreed: bool) -> PressPerson:
    """The second officer grants, or does not grant, the zones that the first proposed.

    Raises `NothingProposed`, `NotYours` for the first officer and for who is tied to the outlet.
    """
    with transaction():
        application = queries.locked_application(series_id, application_id)
        person = queries.person_or_404(series_id, application_id, person_id)
        if not person.proposed_zones or application.state is not State.APPROVED:
            raise NothingProposed
        actor = officer(application)
        if person.proposed_by == audit.current_actor():
            raise NotYours(Actor.FIRST)
        if actor is not Actor.OFFICER:
            raise NotYours(actor)
        proposed = list(person.proposed_zones)
        if agreed:
            person.zones = sorted({*person.zones, *proposed})
        person.proposed_zones, person.proposed_by = [], ""
        db.session.flush()
        admission.follow(person)
        audit.record(
            "press_person.agree" if agreed else "press_person.disagree",
            f"press_person:{person.id}",
            series_id=series_id,
            after={"zones": proposed},
        )
        letters.write(application, "press-zones")
    return person


def hold(series_id: int, application_id: UUID, *, note: str = "") -> Application:
    """All its people wait for a place, ranked by the published criteria. Nobody moves up by himself."""
    with transaction():
        application = queries.locked_application(series_id, application_id)
        actor = officer(application)
        if application.outlet is None or application.outlet.state is not OutletState.VERIFIED:
            raise OutletNotVerified
        for person in queries.people_of(application_id):
            if person.state in (PassState.UNDECIDED, PassState.REJECTED):
                _decided(person, PassAction.HOLD, actor, "")
        application.ranked_at = application.decided_at = clock.now()
        add_note(application, note)
        move(application, Action.HOLD, actor)
    return application


def reject(
    series_id: int, application_id: UUID, reason_code: str, reason: str = "", *, note: str = ""
) -> Application:
    """Say no. reason_code and reason are what the outlet is told; note stays in the office.

    Raises `BadInput` beside `reason_code`, and beside `reason` where the category says nothing.
    """
    if reason_code not in {one.value for one in Reason}:
        raise bad("reason_code", "请选择原因。", "Choose a reason.")
    if reason_code == Reason.OTHER and not reason.strip():
        raise bad("reason", "请写明原因，原因将写入通知。", "Say why; it goes into the letter.")
    with transaction():
        application = queries.locked_application(series_id, application_id)
        actor = officer(application)
        application.reason_code, application.reason = reason_code, reason.strip()
        application.rejected_by = audit.current_actor()
        application.decided_at = clock.now()
        for person in queries.people_of(application_id):
            if person.state in _OPEN_PASSES:
                _decided(person, PassAction.REJECT, actor, "")
        add_note(application, note)
        move(application, Action.REJECT, actor, after={"reason_code": reason_code})
    return application


def uphold(series_id: int, application_id: UUID, answer: str) -> Application:
    """Another officer finds the rejection right. Raises `BadInput` beside `answer`."""
    return _appealed(series_id, application_id, Action.UPHOLD, answer)


def overturn(series_id: int, application_id: UUID, answer: str) -> Application:
    """Another officer finds it wrong: it is decided anew."""
    return _appealed(series_id, application_id, Action.OVERTURN, answer)


def _appealed(series_id: int, application_id: UUID, action: Action, answer: str) -> Application:
    if not answer.strip():
        raise bad("answer", "请写明复核意见，将写入通知。", "Say why; it goes into the letter.")
    with transaction():
        application = queries.locked_application(series_id, application_id)
        appeal = db.session.get(Appeal, application_id)
        actor = officer(application)
        if appeal is not None:
            appeal.decided_by, appeal.decided_at = audit.current_actor(), clock.now()
            appeal.answer = answer.strip()
        move(application, action, actor, after={"code": action.value})
    return application
