"""Interviews: accepted, moved, declined, cancelled; both sides told, with an entry for calendars."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from eduforum.core import audit, clock
from eduforum.core.contacts import parse_email
from eduforum.core.db import db, transaction
from eduforum.core.errors import BadInput, NotFound
from eduforum.core.i18n import Language, Text, t
from eduforum.core.names import clean, clean_name
from eduforum.notices.letters import Attachment, Extras
from eduforum.notices.models import Notice
from eduforum.notices.services import queue
from eduforum.press import interview_queries, queries
from eduforum.press.interview_queries import Plan
from eduforum.press.models import Interview, PressPerson
from eduforum.press.rules import InterviewState
from eduforum.press.rules.interviews import (
    AGREED,
    Answer,
    Clash,
    after,
    check_accredited,
    check_guest,
    check_reason,
    check_time,
)
from eduforum.press.services import letters
from eduforum.schedule.calendar import Meeting, invitation, meeting_id

SUBJECT = "press_interview"
_KINDS = {
    InterviewState.ACCEPTED: ("press-interview-accepted", "press-interview-guest"),
    InterviewState.MOVED: ("press-interview-moved", "press-interview-guest-moved"),
    InterviewState.DECLINED: ("press-interview-declined", "press-interview-guest-cancelled"),
    InterviewState.CANCELLED: ("press-interview-cancelled", "press-interview-guest-cancelled"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Appointment:
    """When and where an interview is. guest_*: who is written to on the other side, if anybody.

    despite: it stands although somebody, or the room, is spoken for at that time.
    """

    starts_at: datetime | None
    length: timedelta
    room: str = ""
    guest_name: str = ""
    guest_email: str = ""
    guest_language: Language = Language.ZH
    answer: str = ""
    despite: bool = False


def plan_of(one: Interview, given: Appointment, now: datetime) -> Plan:
    """What is asked for, checked. Raises `BadInput` beside the field."""
    starts_at = check_time(given.starts_at, given.length, now)
    room = clean(given.room)
    if not room:
        sentence = Text("请填写地点。", "Enter the place.")
        raise BadInput(sentence, {"room": [sentence]})
    name, email = clean_name(given.guest_name), given.guest_email.strip()
    check_guest(name, email)
    return Plan(
        person_id=one.person_id,
        with_whom=one.with_whom,
        guest_name=name,
        guest_email=_email(email),
        room=room,
        starts_at=starts_at,
        ends_at=starts_at + given.length,
    )


def agree(series_id: int, interview_id: UUID, given: Appointment) -> Interview:
    """Accept a request, or move what was agreed. Both sides are mailed.

    Raises `BadInput`, `Clash`, `NotAccredited`, `InterviewNotAllowed`, `NotFound`.
    """
    with transaction():
        # Times are given out one after the other: two officers cannot give one room away at once.
        queries.locked_series(series_id)
        one = interview_queries.locked_interview(series_id, interview_id)
        deed = Answer.MOVE if one.state in AGREED else Answer.ACCEPT
        state = after(deed, one.state)
        check_accredited(one.person.state)
        now = clock.now()
        plan = plan_of(one, given, now)
        others = interview_queries.agreed_of(series_id, now)
        if not given.despite and interview_queries.clashes(plan, others, but=one.id):
            raise Clash
        if one.state in AGREED and one.guest_email not in ("", plan.guest_email):
            one.sequence += 1
            _tell_guest(one, "press-interview-guest-cancelled", cancelled=True)
        known = one.guest_email == plan.guest_email
        one.starts_at, one.ends_at, one.room = plan.starts_at, plan.ends_at, plan.room
        one.guest_name, one.guest_email = plan.guest_name, plan.guest_email
        one.guest_language = given.guest_language.value
        one.answer = given.answer.strip()
        _step(one, deed, state)
        _tell(one, guest_kind=None if known else "press-interview-guest")
    return one


def decline(series_id: int, interview_id: UUID, reason: str) -> Interview:
    """It is not given, and why; both sides are mailed, whoever knew a time takes it out again.

    Raises `BadInput`, `InterviewNotAllowed`, `NotFound`.
    """
    return _end(series_id, interview_id, Answer.DECLINE, check_reason(reason))


def cancel(series_id: int, interview_id: UUID, reason: str) -> Interview:
    """What was agreed falls away. Raises `BadInput`, `InterviewNotAllowed`, `NotFound`."""
    return _end(series_id, interview_id, Answer.CANCEL, check_reason(reason))


def give_up(series_id: int, application_id: UUID, interview_id: UUID) -> Interview:
    """The outlet takes its own request back. Raises `InterviewNotAllowed`, `NotFound`."""
    with transaction():
        one = interview_queries.locked_interview(series_id, interview_id)
        if one.person.application_id != application_id:
            raise NotFound
        return _end(series_id, interview_id, Answer.CANCEL, "")


def pass_ended(person: PressPerson) -> None:
    """Whoever does not come any more gives no interview; inside the step that ends the pass."""
    for one in interview_queries.open_of_person(person.id, clock.now()):
        one.answer = ""
        _step(one, Answer.CANCEL, after(Answer.CANCEL, one.state), sequence=True)
        _tell(one)


def stand_down(interview_id: UUID) -> None:
    """Whoever gives it is to be forgotten: the outlet learns that it does not take place."""
    with transaction():
        one = db.session.get(Interview, interview_id)
        if one is not None and one.state in AGREED:
            _end(one.person.series_id, one.id, Answer.CANCEL, "")


def _end(series_id: int, interview_id: UUID, deed: Answer, reason: str) -> Interview:
    with transaction():
        one = interview_queries.locked_interview(series_id, interview_id)
        state, was_agreed = after(deed, one.state), one.state in AGREED
        one.answer = reason
        _step(one, deed, state, sequence=was_agreed)
        _tell(one, was_agreed=was_agreed)
    return one


def _step(one: Interview, deed: Answer, state: InterviewState, *, sequence: bool = True) -> None:
    before = one.state
    one.state = state
    if sequence:
        one.sequence += 1
    db.session.flush()
    audit.record(
        f"press_interview.{deed.value}",
        f"{SUBJECT}:{one.id}",
        series_id=one.person.series_id,
        before={"state": before.value},
        after={
            "state": state.value,
            "starts_at": one.starts_at and one.starts_at.isoformat(),
            "room": one.room,
        },
    )


def _tell(one: Interview, *, was_agreed: bool = True, guest_kind: str | None = None) -> None:
    """The focal person, the reporter where there is another address, and the other side."""
    application = one.person.application
    kind, usual = _KINDS[one.state]
    ended = one.state not in AGREED
    more = _values(one, cancelled=ended) if was_agreed or not ended else _asked(one)
    lasts = one.ends_at - clock.now() if one.ends_at and was_agreed else None
    useful = lasts if lasts and lasts > timedelta(0) else None
    letters.write(application, kind, more, lasts=useful)
    if one.person.email and one.person.email != application.focal_email:
        letters.write(application, kind, more, lasts=useful, person=one.person)
    if was_agreed:
        _tell_guest(one, guest_kind or usual, cancelled=ended)


def _tell_guest(one: Interview, kind: str, *, cancelled: bool) -> None:
    if not one.guest_email:
        return
    application = one.person.application
    series = application.series
    queue(
        kind,
        series_id=application.series_id,
        about=f"{SUBJECT}:{one.id}",
        language=one.guest_language,
        recipient=one.guest_email,
        recipient_name=one.guest_name,
        values=_values(one, cancelled=cancelled)
        | {
            "name": one.guest_name,
            "outlet": letters.both(application.outlet_text),
            "series": letters.both(series.name),
            "series_slug": series.slug,
            "time_zone": series.time_zone,
            "sample": application.sample or series.sample,
        },
        useful_until=one.ends_at if one.ends_at and one.ends_at > clock.now() else None,
    )


def _asked(one: Interview) -> dict[str, Any]:
    return {
        "person": one.person.name,
        "with_whom": one.with_whom,
        "topics": one.topics,
        "told": one.answer,
    }


def _values(one: Interview, *, cancelled: bool) -> dict[str, Any]:
    """What the letter says, and all that its calendar entry needs: later changes have their own."""
    assert one.starts_at
    assert one.ends_at
    return _asked(one) | {
        "starts_at": one.starts_at.isoformat(),
        "ends_at": one.ends_at.isoformat(),
        "place": one.room,
        "cancelled": cancelled,
        "sequence": one.sequence,
        "interview": str(one.id),
        "stamped_at": clock.now().isoformat(),
    }


def composers() -> dict[str, Callable[[Notice], Extras]]:
    """The entry for the calendar; the outlet's own link goes to its focal person alone."""
    return dict.fromkeys({kind for kinds in _KINDS.values() for kind in kinds}, _compose)


def _compose(notice: Notice) -> Extras:
    values = notice.values
    link = ""
    if notice.about.startswith("press_application:"):
        link = letters.compose(notice).link
    if "starts_at" not in values:
        return Extras(link=link)
    return Extras(
        link=link,
        attachments=[Attachment("interview.ics", "text/calendar", _calendar(notice, values))],
    )


def _calendar(notice: Notice, values: Mapping[str, Any]) -> bytes:
    said = t("专访：{outlet}采访{whom}", "Interview: {outlet} with {whom}",
             outlet=_text(values["outlet"]), whom=values["with_whom"])  # fmt: skip
    lines = [values["topics"], _text(values["series"])]
    if values.get("sample"):
        lines.append(
            t("样本数据：时间和人员为虚构。", "Sample data: times and people are made up.")
        )
    return invitation(
        Meeting(
            uid=meeting_id("interview", values["interview"]),
            sequence=values["sequence"],
            stamp=datetime.fromisoformat(values["stamped_at"]),
            starts_at=datetime.fromisoformat(values["starts_at"]),
            ends_at=datetime.fromisoformat(values["ends_at"]),
            zone=values["time_zone"],
            summary=said,
            place=values["place"],
            description="\n".join(line for line in lines if line),
            cancelled=values["cancelled"],
        ),
        attendee=(notice.recipient_name, notice.recipient),
    )


def _text(name: Mapping[str, str]) -> str:
    return str(Text(name["zh"], name["en"]))


def _email(typed: str) -> str:
    if not typed:
        return ""
    try:
        return parse_email(typed)
    except BadInput as refusal:
        raise BadInput(refusal.sentence, {"guest_email": [refusal.sentence]}) from None
