"""What officers fill in: decisions, questions to an outlet, how the press is taken."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import wtforms
from flask import request
from wtforms import SelectChoice, SelectField
from wtforms.validators import Optional

from eduforum.core.i18n import Text
from eduforum.events.forms import WholeNumberField
from eduforum.events.models import Event
from eduforum.press.models import Application, PressPerson
from eduforum.press.rules import CheckResult, Item, Verdict, VerifyMethod, Zone, items_of
from eduforum.press.rules.forms import FIELD_NAMES, USUAL_ZONES, Field, Window
from eduforum.press.rules.ranking import CRITERION_NAMES, Criterion
from eduforum.press.rules.words import METHOD_NAMES, REASON_NAMES
from eduforum.press.services.inputs import Asked, Grant
from eduforum.web.forms import AtMost, Form, LocalMomentField, LongTextField, Required, TextField

_LONG, _NAME = 1000, 120
_CHOOSE = Text("请选择", "Choose")
_NOTE = Text("内部备注（不告知媒体）", "Note of the office, never shown to the outlet")


class Between:
    """A whole number in a range; an empty field passes where it may be empty."""

    def __init__(self, least: int, most: int) -> None:
        self.least, self.most = least, most

    def __call__(self, form: object, field: wtforms.Field) -> None:
        if field.data is None or not self.least <= field.data <= self.most:
            raise wtforms.ValidationError(
                Text(
                    "请填写 {least} 至 {most} 的整数。", "A whole number from {least} to {most}."
                ).fill(least=self.least, most=self.most)
            )


class PlainForm(Form):
    """A button."""


class NoteForm(Form):
    text = LongTextField(_NOTE, [Required("请填写备注。", "Write the note first."), AtMost(_LONG)])


class VerifyForm(Form):
    method = SelectField(
        Text("核实方式", "How it was verified"),
        choices=[
            SelectChoice("", _CHOOSE),
            *(SelectChoice(m.value, name) for m, name in METHOD_NAMES.items()),
        ],
    )
    note = TextField(
        Text("核实情况（内部）", "What was found, for the office"),
        [AtMost(_LONG)],
        id="verify-note",
    )

    def chosen(self) -> VerifyMethod | None:
        return VerifyMethod(self.method.data) if self.method.data else None


class RejectForm(Form):
    reason_code = SelectField(
        Text("原因类别", "Reason"),
        choices=[
            SelectChoice("", _CHOOSE),
            *(SelectChoice(one.value, name) for one, name in REASON_NAMES.items()),
        ],
    )
    reason = LongTextField(
        Text("给媒体的说明（写入通知）", "Words to the outlet, in the letter"), [AtMost(_LONG)]
    )
    note = LongTextField(_NOTE, [AtMost(_LONG)], id="reject-note")

    def arguments(self) -> dict[str, Any]:
        return {
            "reason_code": self.reason_code.data or "",
            "reason": self.reason.data or "",
            "note": self.note.data or "",
        }


class HoldForm(Form):
    note = LongTextField(_NOTE, [AtMost(_LONG)], id="hold-note")

    def arguments(self) -> dict[str, Any]:
        return {"note": self.note.data or ""}


class FindingForm(Form):
    """What is said to the outlet about its appeal."""

    answer = LongTextField(
        Text("复核意见（写入通知）", "Finding, in the letter"),
        [
            Required("请写明复核意见，将写入通知。", "Say why; it goes into the letter."),
            AtMost(_LONG),
        ],
    )


class RevealForm(Form):
    reason = TextField(
        Text("查看事由", "Why you need it"),
        [Required("请填写查看事由。", "Say why you need it."), AtMost(_NAME)],
    )


class AskForm(Form):
    """What more is asked for: a tick and a sentence for each item, and a deadline."""

    answer_by = LocalMomentField(Text("答复期限", "Answer until"), [Optional()])

    def __init__(self, zone: str, now: datetime, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.answer_by.zone = zone
        if not self.is_submitted() or kwargs.get("formdata", True) is None:
            self.answer_by.process_data(now + timedelta(days=1))

    def asked(self, application: Application, people: Sequence[PressPerson]) -> list[Asked]:
        """What was ticked, in the order of the page."""
        whole, each = items_of(application.media_group)
        found = [_asked(item, None) for item in whole if _is_on(item, "")]
        for person in people:
            found += [_asked(item, person.id) for item in each if _is_on(item, str(person.id))]
        return found


def _is_on(item: Item, subject: str) -> bool:
    return f"ask-{item.value}-{subject}" in request.form


def _asked(item: Item, person: UUID | None) -> Asked:
    note = request.form.get(f"note-{item.value}-{person or ''}", "")[:_LONG]
    return Asked(item=item, person=person, note=note)


def sent_verdicts(
    application: Application, people: Sequence[PressPerson]
) -> Mapping[tuple[Item, str], Verdict]:
    """The checklist as it was sent: `check-<item>-<person>`."""
    whole, each = items_of(application.media_group)
    places = [(item, "") for item in whole]
    places += [(item, str(person.id)) for person in people for item in each]
    found = {}
    for item, subject in places:
        said = request.form.get(f"check-{item.value}-{subject}", "")
        if said in {one.value for one in Verdict}:
            found[item, subject] = Verdict(said)
    return found


def sent_results(people: Sequence[PressPerson]) -> Mapping[UUID, CheckResult]:
    """The results of the security check: `result-<person>`."""
    codes = {one.value for one in CheckResult}
    sent = {person.id: request.form.get(f"result-{person.id}", "") for person in people}
    return {key: CheckResult(said) for key, said in sent.items() if said in codes}


class ApproveForm(Form):
    """Who comes: for each person yes, wait or no; zones and events; from when until when."""

    valid_from = LocalMomentField(Text("有效期开始", "Valid from"))
    valid_until = LocalMomentField(Text("有效期结束", "Valid until"))
    note = LongTextField(_NOTE, [AtMost(_LONG)], id="approve-note")

    def __init__(
        self, zone: str, events: Sequence[Event], people: Sequence[PressPerson], **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.valid_from.zone = self.valid_until.zone = zone
        if not self.is_submitted() or kwargs.get("formdata", True) is None:
            since, until = usual_validity(zone, events, people)
            self.valid_from.process_data(since)
            self.valid_until.process_data(until)

    def grants(self, people: Sequence[PressPerson]) -> dict[UUID, Grant]:
        """What is granted to whom. Call after validation."""
        since, until = self.valid_from.moment, self.valid_until.moment
        assert since
        assert until
        return {
            person.id: Grant(
                zones=tuple(Zone(z) for z in _many(person, "zones") if z in set(Zone)),
                events=tuple(int(e) for e in _many(person, "events") if e.isdigit()),
                valid_from=since,
                valid_until=until,
            )
            for person in people
            if _verdict(person) == "yes"
        }

    def refused(self, people: Sequence[PressPerson]) -> dict[UUID, str]:
        return {
            person.id: request.form.get(f"reason-{person.id}", "")[:_LONG]
            for person in people
            if _verdict(person) == "no"
        }


def _verdict(person: PressPerson) -> str:
    return request.form.get(f"verdict-{person.id}", "")


def _many(person: PressPerson, what: str) -> list[str]:
    return request.form.getlist(f"{what}-{person.id}")


def usual_validity(
    zone: str, events: Sequence[Event], people: Sequence[PressPerson]
) -> tuple[datetime, datetime]:
    """The whole days of the events that are asked for; of all events where none is."""
    wanted = {event_id for person in people for event_id in person.wanted_ids}
    chosen = [event for event in events if event.id in wanted] or list(events)
    tz = ZoneInfo(zone)
    first = min(event.starts_at for event in chosen).astimezone(tz)
    last = max(event.ends_at for event in chosen).astimezone(tz)
    return _midnight(first), _midnight(last + timedelta(days=1))


def _midnight(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


def usual_grants(
    zone: str, events: Sequence[Event], people: Sequence[PressPerson]
) -> dict[UUID, Grant]:
    """What an approval in bulk grants: zones A, B and D, what was asked for, those days."""
    known = {event.id for event in events}
    since, until = usual_validity(zone, events, people)
    return {
        person.id: Grant(
            zones=USUAL_ZONES,
            events=tuple(one for one in person.wanted_ids if one in known),
            valid_from=since,
            valid_until=until,
        )
        for person in people
    }


class OutletRecordForm(Form):
    name_zh = TextField(
        Text("单位全称", "Name in Chinese"),
        [Required("请填写单位全称。", "Enter the full name of the outlet."), AtMost(_NAME)],
    )
    name_en = TextField(Text("英文名称", "Name in English"), [AtMost(_NAME)])
    type = SelectField(Text("媒体类别", "Kind of media"))
    aliases = LongTextField(
        Text("其他名称（每行一个）", "Other names, one a line"), [AtMost(_LONG)]
    )


class GeneralForm(Form):
    """How the press is taken in this series."""

    press_places = WholeNumberField(
        Text("媒体名额（人）", "Places for the press"),
        [Optional(), Between(0, 100_000)],
    )
    press_per_outlet = WholeNumberField(
        Text("每家不超过（人）", "At most for an outlet"),
        [Optional(), Between(1, 20)],
    )
    answer_days = WholeNumberField(
        Text("答复期限（工作日）", "Answered within (working days)"),
        [Between(1, 30)],
    )
    security_check = wtforms.BooleanField(
        Text("批准前须完成安全核查", "A clear security check is needed before an approval")
    )
    criteria_zh = LongTextField(
        Text("另行公布的标准（中文）", "Further criteria, in Chinese"), [AtMost(_LONG)]
    )
    criteria_en = LongTextField(
        Text("另行公布的标准（英文）", "Further criteria, in English"), [AtMost(_LONG)]
    )


def sent_ranking() -> list[Criterion]:
    """Criteria in the order that was given: `rank-<code>` is a number, or nothing."""
    given = {one: request.form.get(f"rank-{one.value}", "").strip() for one in CRITERION_NAMES}
    ranked = {one: int(text) for one, text in given.items() if text.isdigit() and len(text) < 3}
    return sorted(ranked, key=lambda one: (ranked[one], list(CRITERION_NAMES).index(one)))


class WindowForm(Form):
    """When a group may apply, and what it has to fill in."""

    opens_at = LocalMomentField(Text("开始", "Opens"))
    closes_at = LocalMomentField(Text("截止", "Closes"))
    required = wtforms.SelectMultipleField(
        Text("必填项", "To be filled in"),
        choices=[SelectChoice(field.value, name) for field, name in FIELD_NAMES.items()],
        option_widget=wtforms.widgets.CheckboxInput(),
        widget=wtforms.widgets.ListWidget(prefix_label=False),
    )

    def __init__(self, zone: str, window: Window, now: datetime, **kwargs: Any) -> None:
        super().__init__(data={"required": [field.value for field in window.required]}, **kwargs)
        self.opens_at.zone = self.closes_at.zone = zone
        if not self.is_submitted() or kwargs.get("formdata", True) is None:
            self.opens_at.process_data(window.opens_at or now)
            self.closes_at.process_data(window.closes_at or now + timedelta(days=14))

    def fields(self) -> frozenset[Field]:
        return frozenset(Field(code) for code in self.required.data or [])
