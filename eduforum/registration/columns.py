"""A row of the desk's table of registrations, and the columns that show it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from eduforum.core.dates import local
from eduforum.core.i18n import Text
from eduforum.core.id_numbers import ID_TYPE_NAMES, IdType
from eduforum.core.names import mask_email, mask_mobile
from eduforum.events.models import Event, Series
from eduforum.events.rules import FIELD_NAMES, MODE_NAMES, Field, Mode
from eduforum.files.columns import Column
from eduforum.questions.rules import Question, readable
from eduforum.registration.models import Category
from eduforum.registration.rules import STATE_NAMES, State
from eduforum.registration.services.identity import masked
from eduforum.tickets.rules import show_staff_code

SOURCE_NAMES = {
    "web": Text("本人在线报名", "Registered online"),
    "desk": Text("工作台代为报名", "Registered at the desk"),
    "door": Text("现场补报名", "Walk-in"),
    "delegation": Text("代表团填报", "Reported by the delegation"),
    "import": Text("导入", "Imported"),
    "api": Text("接口", "Another program"),
    "sample": Text("样本数据", "Sample data"),
}


STATE_TONES = dict.fromkeys(State, "idle") | {
    State.SUBMITTED: "wait",
    State.OFFERED: "wait",
    State.RETURNED: "bad",
    State.CONFIRMED: "ok",
}
"""The tone of each state's tag."""


@dataclass(frozen=True, slots=True)
class Known:
    """The series' categories and events, by id: read once for a page or a file."""

    series: Series
    categories: Mapping[int, Category]
    events: Mapping[int, Event]
    questions: tuple[Question, ...] = ()

    @property
    def has_forums(self) -> bool:
        return any(event.field for event in self.events.values())


@dataclass(frozen=True, slots=True)
class Row:
    """One person in the table."""

    id: UUID
    name: str
    organisation: str
    position: str
    category: Category
    state: State
    mode: Mode
    mobile: str
    email: str
    id_type: str
    id_number: bytes | None = field(repr=False)
    source: str
    sample: bool
    applied_at: datetime
    updated_at: datetime
    deadline: datetime | None
    staff_code: str
    answers: Mapping[str, Any]
    events: tuple[Event, ...]

    @property
    def fields(self) -> list[Field]:
        """The fields of the forums the person comes to, each once."""
        return list(dict.fromkeys(event.field for event in self.events if event.field))


def columns_of(known: Known) -> list[Column[Row]]:
    """Every column there is, in order."""
    zone = known.series.time_zone
    return [
        Column("name", Text("姓名", "Name"), lambda row: row.name, 14),
        Column("organisation", Text("单位", "Unit"), lambda row: row.organisation, 32),
        Column("position", Text("职务", "Position"), lambda row: row.position, 16),
        Column("category", Text("类别", "Category"), lambda row: row.category.name, 12),
        Column("forum", Text("论坛", "Forum"), _forums, 12),
        Column("events", Text("活动", "Events"), _events, 48),
        Column("mode", Text("方式", "How"), lambda row: MODE_NAMES[row.mode], 8),
        Column("state", Text("状态", "State"), lambda row: STATE_NAMES[row.state], 14),
        Column(
            "submitted", Text("提交时间", "Submitted"), lambda row: _time(row.applied_at, zone), 18
        ),
        Column("updated", Text("更新时间", "Changed"), lambda row: _time(row.updated_at, zone), 18),
        Column(
            "deadline", Text("答复期限", "Answer by"), lambda row: _time(row.deadline, zone), 18
        ),
        Column(
            "mobile",
            Text("手机号", "Mobile"),
            lambda row: row.mobile,
            18,
            personal=True,
            masked=lambda row: mask_mobile(row.mobile),
        ),
        Column(
            "email",
            Text("电子邮箱", "E-mail"),
            lambda row: row.email,
            28,
            personal=True,
            masked=lambda row: mask_email(row.email),
        ),
        Column("id_type", Text("证件类型", "Kind of ID"), _id_type, 22),
        Column(
            "id_number",
            Text("证件号码", "ID number"),
            lambda row: masked(row.id, row.id_number),
            22,
        ),
        Column(
            "source",
            Text("来源", "Source"),
            lambda row: SOURCE_NAMES.get(row.source, row.source),
            16,
        ),
        Column(
            "code",
            Text("参会证编号", "Ticket code"),
            lambda row: show_staff_code(row.staff_code) if row.staff_code else "",
            12,
        ),
        Column(
            "sample",
            Text("样本", "Sample"),
            lambda row: Text("样本", "Sample") if row.sample else "",
            8,
        ),
        *(_of_question(question) for question in known.questions),
    ]


def _of_question(question: Question) -> Column[Row]:
    """An answer, in words; of a private one, lists say only that there is one."""
    return Column(
        f"answer-{question.key}",
        question.label,
        lambda row: readable(question, row.answers.get(question.key)),
        20,
        personal=question.is_private,
    )


def usual_columns(known: Known) -> tuple[str, ...]:
    """The keys of the columns shown until somebody chooses others."""
    third = "forum" if known.has_forums else "events"
    return ("name", "organisation", "position", "category", third, "state", "submitted")


def _id_type(row: Row) -> Text:
    return ID_TYPE_NAMES[IdType(row.id_type)] if row.id_type else Text("", "")


def _time(moment: datetime | None, zone: str) -> str:
    """With the year: files outlive it."""
    return f"{local(moment, zone):%Y-%m-%d %H:%M}" if moment else ""


def _forums(row: Row) -> Text:
    return _joined([FIELD_NAMES[field] for field in row.fields])


def _events(row: Row) -> Text:
    return _joined([event.name for event in row.events])


def _joined(names: Sequence[Text]) -> Text:
    return Text(
        "、".join(name.zh for name in names), ", ".join(name.en or name.zh for name in names)
    )
