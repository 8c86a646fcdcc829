"""What the API of the press takes and gives."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal, TypedDict
from uuid import UUID

from eduforum.core.contacts import parse_email, parse_mobile
from eduforum.core.i18n import Text
from eduforum.core.id_numbers import IdType
from eduforum.core.names import mask_email, mask_mobile
from eduforum.press.models import Application, PressPerson
from eduforum.press.rules import Coverage, JobRole, OutletType, State, Visa
from eduforum.press.services.inputs import (
    EquipmentInput,
    InterviewInput,
    OutletInput,
    PersonInput,
)
from eduforum.press.services.letters import my_url
from eduforum.web.schema import (
    Both,
    Format,
    Id,
    Items,
    Line,
    Moment,
    Next,
    Prose,
    Through,
    Whole,
    both,
    moment,
)

Code = Annotated[str, Line(60)]
Name = Annotated[str, Line(120, least=1)]
Url = Annotated[str, Format("uri")]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEquipment:
    name: Name
    quantity: Annotated[int, Whole(1, 99)] = 1
    serial: Annotated[str, Line(60)] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewInterview:
    with_whom: Name
    topics: Annotated[str, Prose(500)] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPerson:
    """One member of staff; the photo is added on the page of the application."""

    name: Annotated[str, Line(120, least=1), Text("姓名，与证件一致", "Full name, as on the ID")]
    role: JobRole
    events: Annotated[tuple[Code, ...], Items(100), Text("活动的 slug", "Slugs of events")] = ()
    press_card: Annotated[str, Line(60), Text("记者证号", "Press card number")] = ""
    mobile: Annotated[str, Line(40), Through(parse_mobile)] = ""
    email: Annotated[str, Line(254), Through(parse_email)] = ""
    id_type: IdType | None = None
    id_number: Annotated[
        str, Line(40), Text("证件号码，加密保存", "The ID number; it is kept encrypted")
    ] = ""
    nationality: Annotated[str, Line(60)] = ""
    visa: Visa = Visa.NONE
    plate: Annotated[str, Line(20)] = ""
    coverage: Coverage = Coverage.NONE
    pool: bool = False
    equipment: Annotated[tuple[NewEquipment, ...], Items(8)] = ()
    interviews: Annotated[tuple[NewInterview, ...], Items(3)] = ()

    def person(self) -> PersonInput:
        """As the service takes it."""
        return PersonInput(
            name=self.name, role=self.role, press_card=self.press_card, mobile=self.mobile,
            email=self.email, id_type=self.id_type.value if self.id_type else "",
            id_number=self.id_number, nationality=self.nationality, visa=self.visa,
            plate=self.plate, coverage=self.coverage, pool=self.pool, events=self.events,
            equipment=tuple(
                EquipmentInput(name=one.name, quantity=one.quantity, serial=one.serial)
                for one in self.equipment
            ),
            interviews=tuple(
                InterviewInput(with_whom=one.with_whom, topics=one.topics)
                for one in self.interviews
            ),
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class NewApplication:
    """A draft of an outlet, with its people."""

    outlet: Annotated[str, Line(120, least=1), Text("单位全称", "Name of the outlet")]
    outlet_type: OutletType
    focal_name: Annotated[str, Line(120, least=1), Text("联络人", "Focal person")]
    focal_mobile: Annotated[str, Line(40, least=1), Through(parse_mobile)]
    focal_email: Annotated[str, Line(254, least=1), Through(parse_email)]
    freelance: bool = False
    remark: Annotated[str, Prose(1000)] = ""
    people: Annotated[tuple[NewPerson, ...], Items(20)] = ()
    language: Literal["zh-Hans", "en"] | None = None

    def outlet_input(self) -> OutletInput:
        """As the service takes it."""
        return OutletInput(
            outlet=self.outlet,
            outlet_type=self.outlet_type,
            freelance=self.freelance,
            focal_name=self.focal_name,
            focal_mobile=self.focal_mobile,
            focal_email=self.focal_email,
            remark=self.remark,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationQuery:
    """What to list."""

    state: Annotated[State | None, Text("状态", "The state it is in")] = None
    q: Annotated[str, Line(100), Text("单位、姓名或受理号", "Outlet, name or receipt number")] = ""


class PressPersonAnswer(TypedDict):
    """One of its people; the ID number is never told."""

    id: Id
    name: str
    role: JobRole
    state: str
    press_card: str
    zones: list[str]
    events: list[str]
    valid_from: Moment | None
    valid_until: Moment | None


class PressApplicationAnswer(TypedDict):
    """An application and its people; contacts are masked."""

    id: Id
    number: str
    state: State
    outlet: Both
    outlet_type: OutletType
    outlet_verified: bool
    focal_name: str
    focal_mobile: str
    focal_email: str
    submitted_at: Moment | None
    updated_at: Moment
    people: list[PressPersonAnswer]


class PressApplicationList(TypedDict):
    items: list[PressApplicationAnswer]
    next: Next


class PressCreated(TypedDict):
    """A draft. status_url is the outlet's page: letter and photos are added there."""

    id: Id
    state: State
    status_url: Url


def created_answer(one: Application) -> PressCreated:
    return {"id": str(one.id), "state": one.state, "status_url": my_url(one)}


def application_answer(
    one: Application, people: Sequence[PressPerson], slugs: Mapping[int, str], zone: str
) -> PressApplicationAnswer:
    """What programs of the press office read."""
    return {
        "id": str(one.id),
        "number": one.number,
        "state": one.state,
        "outlet": both(one.outlet_text),
        "outlet_type": one.outlet_type,
        "outlet_verified": one.outlet is not None and one.outlet.state.value == "verified",
        "focal_name": one.focal_name,
        "focal_mobile": mask_mobile(one.focal_mobile),
        "focal_email": mask_email(one.focal_email),
        "submitted_at": _moment(one.submitted_at, zone),
        "updated_at": moment(one.updated_at, zone),
        "people": [_person(person, slugs, zone) for person in people],
    }


def _person(one: PressPerson, slugs: Mapping[int, str], zone: str) -> PressPersonAnswer:
    return {
        "id": str(one.id),
        "name": one.name,
        "role": one.role,
        "state": one.state.value,
        "press_card": one.press_card,
        "zones": list(one.zones),
        "events": [slugs[key] for key in one.wanted_ids if key in slugs],
        "valid_from": _moment(one.valid_from, zone),
        "valid_until": _moment(one.valid_until, zone),
    }


def _moment(value: datetime | None, zone: str) -> str | None:
    return moment(value, zone) if value else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """What one person is granted; events are slugs."""

    person: UUID
    zones: Annotated[tuple[Literal["A", "B", "C", "D", "E", "F"], ...], Items(6, least=1)]
    events: Annotated[tuple[Code, ...], Items(100)] = ()
    valid_from: datetime
    valid_until: datetime
