"""Forms of the desk's schedule."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import wtforms
from wtforms import SelectChoice
from wtforms.validators import Optional

from eduforum.core.errors import BadInput
from eduforum.core.i18n import Text
from eduforum.core.names import clean_name
from eduforum.events.forms import LONGEST_NAME, ChoiceField, MomentField, WholeNumberField
from eduforum.events.queries import organisation_named
from eduforum.events.rules import (
    FIELD_NAMES,
    KIND_NAMES,
    MODE_NAMES,
    Field,
    Kind,
    Mode,
    check_period,
)
from eduforum.events.services import EventInput
from eduforum.schedule.models import Room, Session
from eduforum.schedule.rows import MOST_ROWS
from eduforum.schedule.rules import PART_NAMES, Part
from eduforum.schedule.services import (
    AgreementInput,
    PartyInput,
    PersonInput,
    RoomInput,
    SessionInput,
)
from eduforum.web.forms import AtMost, Form, LongTextField, Required, TextField

_LONG = 4000
_TOPICS = 40
NO_ROOM = SelectChoice("", Text("待定", "To be announced"))


class _Timed(Form):
    """A form with times on the clocks of the series."""

    starts_at = MomentField(Text("开始", "Starts"))
    ends_at = MomentField(Text("结束", "Ends"))

    def __init__(self, *args: Any, zone: str, **kwargs: Any) -> None:
        self._zone = zone
        super().__init__(*args, **kwargs)

    def process(self, *args: Any, **kwargs: Any) -> None:
        for field in self:
            if isinstance(field, MomentField):
                field.zone = self._zone
        super().process(*args, **kwargs)

    def validate_ends_at(self, field: MomentField) -> None:
        if self.starts_at.moment and field.moment and not field.errors:
            try:
                check_period(self.starts_at.moment, field.moment)
            except BadInput as refusal:
                raise wtforms.ValidationError(refusal.sentence) from None


class _Rowed(Form):
    """A form with rows: the mistakes in them stand in the summary as well."""

    def problems(self) -> list[tuple[str, str]]:
        return [problem for field in self for problem in _problems(field)]

    def own_faults(self, name: str) -> list[str]:
        """What is wrong with a list of rows as a whole."""
        return [str(error) for error in self[name].errors if isinstance(error, str | Text)]


def _problems(field: wtforms.Field) -> Iterator[tuple[str, str]]:
    if isinstance(field, wtforms.FieldList):
        for entry in field.entries:
            yield from _problems(entry)
    if isinstance(field, wtforms.FormField):
        for part in field.form:
            yield from _problems(part)
    else:
        yield from (
            (field.id, str(error)) for error in field.errors if isinstance(error, str | Text)
        )


class EventForm(_Timed):
    """An event as its organisers describe it."""

    name_zh = TextField(
        Text("中文名称", "Chinese name"),
        [
            Required("请填写活动的中文名称。", "Enter the Chinese name of the event."),
            AtMost(LONGEST_NAME),
        ],
    )
    name_en = TextField(Text("英文名称", "English name"), [AtMost(LONGEST_NAME)])
    kind = ChoiceField(
        Text("类型", "Kind"),
        choices=[SelectChoice(kind.value, KIND_NAMES[kind]) for kind in Kind],
        default=Kind.FORUM.value,
    )
    mode = ChoiceField(
        Text("参加方式", "How people take part"),
        choices=[SelectChoice(mode.value, MODE_NAMES[mode]) for mode in Mode],
        default=Mode.ONSITE.value,
    )
    field = ChoiceField(
        Text("教育领域", "Field of education"),
        choices=[
            SelectChoice("", Text("不限", "None in particular")),
            *(SelectChoice(field.value, FIELD_NAMES[field]) for field in Field),
        ],
    )
    room = ChoiceField(Text("会场", "Room"))
    description_zh = LongTextField(Text("中文简介", "Description in Chinese"), [AtMost(_LONG)])
    description_en = LongTextField(Text("英文简介", "Description in English"), [AtMost(_LONG)])
    topics = LongTextField(Text("发布与启动事项", "What is launched here"), [AtMost(_LONG)])

    def __init__(self, *args: Any, rooms: Sequence[Room], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._rooms = {room.name_zh: room.name_en for room in rooms}
        names = [SelectChoice(room.name_zh, room.name) for room in rooms]
        held = self.room.object_data
        if held and held not in self._rooms:  # a room of before that is not on the list
            names.append(SelectChoice(held, held))
        self.room.choices = [NO_ROOM, *names]

    def validate_topics(self, field: wtforms.Field) -> None:
        if len(self._topics()) > _TOPICS:
            sentence = Text("最多 {n} 项，每行一项。", "At most {n} lines, one for each.")
            raise wtforms.ValidationError(sentence.fill(n=_TOPICS))

    def event_input(self) -> EventInput:
        """What was filled in. Call after validation."""
        starts_at, ends_at = self.starts_at.moment, self.ends_at.moment
        if starts_at is None or ends_at is None:
            raise ValueError("the form was not validated")
        room = self.room.data or ""
        return EventInput(
            name_zh=self.name_zh.data or "",
            name_en=self.name_en.data or "",
            kind=Kind(self.kind.data),
            mode=Mode(self.mode.data),
            field=Field(self.field.data) if self.field.data else None,
            starts_at=starts_at,
            ends_at=ends_at,
            room=room,
            room_en=self._rooms.get(room, ""),
            description_zh=self.description_zh.data or "",
            description_en=self.description_en.data or "",
            topics=self._topics(),
        )

    def _topics(self) -> tuple[str, ...]:
        return tuple(line.strip() for line in (self.topics.data or "").splitlines() if line.strip())


class NewEventForm(EventForm):
    slug = TextField(
        Text("网址", "Address"),
        [Required("请填写网址，如 opening。", "Enter an address, such as opening.")],
    )


class CancelForm(Form):
    reason = LongTextField(
        Text("取消原因", "Why it is cancelled"),
        [
            Required("请填写取消原因，将写入通知。", "Say why: it stands in the letter."),
            AtMost(500),
        ],
    )


class RoomForm(Form):
    name_zh = TextField(
        Text("中文名称", "Chinese name"),
        [Required("请填写会场的中文名称。", "Enter the Chinese name of the room."), AtMost(60)],
    )
    name_en = TextField(Text("英文名称", "English name"), [AtMost(60)])
    seats = WholeNumberField(Text("座位数", "Seats"), [Optional()])

    def room_input(self) -> RoomInput:
        return RoomInput(
            name_zh=self.name_zh.data or "",
            name_en=self.name_en.data or "",
            seats=self.seats.data,
        )


class PersonRow(wtforms.Form):
    """One person on stage. A row without a name is no row, unless something else stands in it."""

    part = ChoiceField(
        Text("身份", "Part"),
        choices=[SelectChoice(part.value, PART_NAMES[part]) for part in Part],
        default=Part.SPEAKER.value,
    )
    name = TextField(Text("姓名", "Name"), [AtMost(60)])
    organisation = TextField(Text("单位", "Organisation"), [AtMost(LONGEST_NAME)])
    title = TextField(Text("职务", "Position"), [AtMost(LONGEST_NAME)])
    topic = TextField(Text("题目", "Topic"), [AtMost(200)])

    def validate_name(self, field: wtforms.Field) -> None:
        if not field.data and (self.organisation.data or self.title.data or self.topic.data):
            raise wtforms.ValidationError(
                Text("请填写姓名，或移除这一行。", "Enter a name, or remove this row.")
            )


class SessionForm(_Rowed, _Timed):
    """A session within an event. The event's own session takes names, times and room from it."""

    name_zh = TextField(
        Text("中文名称", "Chinese name"),
        [
            Required("请填写场次的中文名称。", "Enter the Chinese name of the session."),
            AtMost(LONGEST_NAME),
        ],
    )
    name_en = TextField(Text("英文名称", "English name"), [AtMost(LONGEST_NAME)])
    room_id = ChoiceField(Text("会场", "Room"))
    track = TextField(Text("分组", "Track"), [AtMost(60)])
    abstract_zh = LongTextField(Text("中文简介", "Abstract in Chinese"), [AtMost(_LONG)])
    abstract_en = LongTextField(Text("英文简介", "Abstract in English"), [AtMost(_LONG)])
    people = wtforms.FieldList(wtforms.FormField(PersonRow), max_entries=MOST_ROWS)

    def __init__(
        self, *args: Any, rooms: Sequence[Room], own: Session | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self._own = own
        self.room_id.choices = [
            NO_ROOM,
            *(SelectChoice(str(room.id), room.name) for room in rooms),
        ]
        self.room_id.data = str(self.room_id.data) if self.room_id.data else ""
        if own is not None:
            for name in ("name_zh", "name_en", "starts_at", "ends_at", "room_id"):
                del self[name]

    def session_input(self) -> SessionInput:
        """What was filled in. Call after validation."""
        own = self._own
        starts_at = own.starts_at if own else self.starts_at.moment
        ends_at = own.ends_at if own else self.ends_at.moment
        if starts_at is None or ends_at is None:
            raise ValueError("the form was not validated")
        return SessionInput(
            name_zh=own.name_zh if own else self.name_zh.data or "",
            name_en=own.name_en if own else self.name_en.data or "",
            starts_at=starts_at,
            ends_at=ends_at,
            room_id=own.room_id if own else int(self.room_id.data) if self.room_id.data else None,
            track=self.track.data or "",
            abstract_zh=self.abstract_zh.data or "",
            abstract_en=self.abstract_en.data or "",
            people=tuple(_people(entry.form for entry in self.people)),
        )


def _people(rows: Iterable[PersonRow]) -> Iterator[PersonInput]:
    for row in rows:
        if row.name.data:
            yield PersonInput(
                part=Part(row.part.data),
                name=clean_name(row.name.data),
                organisation=row.organisation.data or "",
                title=row.title.data or "",
                topic=row.topic.data or "",
            )


class PartyRow(wtforms.Form):
    """One party: an organisation on record, by name or alias."""

    organisation = TextField(Text("单位", "Organisation"), [AtMost(LONGEST_NAME)])
    signatory = TextField(Text("签署人", "Signatory"), [AtMost(60)])

    def validate_organisation(self, field: wtforms.Field) -> None:
        if not field.data and self.signatory.data:
            raise wtforms.ValidationError(
                Text("请填写单位，或移除这一方。", "Enter the organisation, or remove this party.")
            )
        self.found = organisation_named(field.data or "")
        if field.data and self.found is None:
            raise wtforms.ValidationError(
                Text(
                    "单位名录中没有“{name}”，请填写全称或常用简称。",
                    "“{name}” is not on record. Enter the full name or a known short one.",
                ).fill(name=field.data)
            )


class AgreementForm(_Rowed):
    """What is signed, and by whom, in the order of signing."""

    name_zh = TextField(
        Text("中文名称", "Chinese name"),
        [
            Required("请填写协议的中文名称。", "Enter the Chinese name of the agreement."),
            AtMost(LONGEST_NAME),
        ],
    )
    name_en = TextField(Text("英文名称", "English name"), [AtMost(LONGEST_NAME)])
    parties = wtforms.FieldList(wtforms.FormField(PartyRow), min_entries=2, max_entries=MOST_ROWS)

    def agreement_input(self) -> AgreementInput:
        """What was filled in. Call after validation."""
        rows = [entry.form for entry in self.parties if entry.form.found]
        return AgreementInput(
            name_zh=self.name_zh.data or "",
            name_en=self.name_en.data or "",
            parties=tuple(
                PartyInput(
                    organisation_id=row.found.id, signatory=clean_name(row.signatory.data or "")
                )
                for row in rows
            ),
        )


class PlaqueRow(wtforms.Form):
    name_zh = TextField(Text("中文名称", "Chinese name"), [AtMost(LONGEST_NAME)])
    name_en = TextField(Text("英文名称", "English name"), [AtMost(LONGEST_NAME)])

    def validate_name_zh(self, field: wtforms.Field) -> None:
        if not field.data and self.name_en.data:
            raise wtforms.ValidationError(
                Text(
                    "请填写中文名称，或移除这一行。", "Enter the Chinese name, or remove this row."
                )
            )


class PlaquesForm(_Rowed):
    """What is unveiled, in order."""

    plaques = wtforms.FieldList(wtforms.FormField(PlaqueRow), min_entries=1, max_entries=MOST_ROWS)

    def names(self) -> list[Text]:
        """What was filled in. Call after validation."""
        rows = [entry.form for entry in self.plaques]
        return [Text(r.name_zh.data, r.name_en.data or "") for r in rows if r.name_zh.data]
