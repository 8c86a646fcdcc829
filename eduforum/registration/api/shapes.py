"""What the API of registrations takes and gives."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal, NotRequired, TypedDict
from uuid import UUID

from eduforum.core.contacts import parse_email, parse_mobile
from eduforum.core.errors import BadInput
from eduforum.core.i18n import Text, current_language
from eduforum.core.id_numbers import IdType
from eduforum.core.names import mask_email, mask_mobile
from eduforum.events.rules import Mode
from eduforum.registration.models import Registration
from eduforum.registration.rules import State
from eduforum.registration.services import Application, my_url
from eduforum.registration.services.identity import masked
from eduforum.web.schema import Format, Id, Items, Like, Line, Moment, Next, Prose, Through, moment

Code = Annotated[str, Line(60)]
Answer = Annotated[str, Prose(2000)] | bool | int | Annotated[tuple[Code, ...], Items(50)]
Question = Annotated[
    str,
    Like("[a-z0-9_]{1,60}", Text("须为小写字母、数字和下划线。", "Use a-z, 0-9 and underscores.")),
]
Url = Annotated[str, Format("uri")]
_EITHER = Text("请填写手机号或电子邮箱，至少一项。", "Give a mobile number or an e-mail address.")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRegistration:
    """An application, in the words of the form."""

    SCHEMA: ClassVar[Mapping[str, Any]] = {
        "anyOf": [{"required": ["mobile"]}, {"required": ["email"]}]
    }

    name: Annotated[str, Line(120, least=1), Text("姓名，与证件一致", "Full name, as on the ID")]
    category: Annotated[str, Line(60, least=1), Text("参会类别的 code", "The code of a category")]
    events: Annotated[tuple[Code, ...], Items(100, least=1), Text("活动的 slug", "Slugs of events")]
    organisation: Annotated[str, Line(120), Text("单位", "Organisation")] = ""
    position: Annotated[str, Line(60), Text("职务", "Position")] = ""
    mobile: Annotated[
        str,
        Line(40),
        Through(parse_mobile),
        Text(
            "手机号；境外号码以 + 开头。与电子邮箱至少填写一项",
            "Mobile number, + in front if not from mainland China. This or an e-mail address",
        ),
    ] = ""
    email: Annotated[str, Line(254), Through(parse_email), Text("电子邮箱", "E-mail")] = ""
    id_type: Annotated[
        IdType | None,
        Text(
            "证件类型，仅限需要证件号码的类别",
            "The kind of document, for categories that ask for it",
        ),
    ] = None
    id_number: Annotated[
        str,
        Line(40),
        Text("证件号码，加密保存", "The number of the document; it is kept encrypted"),
    ] = field(default="", repr=False)
    sessions: Annotated[
        tuple[UUID, ...], Items(100), Text("需要报名的场次的 id", "Ids of sessions with sign-up")
    ] = ()
    mode: Annotated[Literal["onsite", "online"], Text("参加方式", "How to take part")] = "onsite"
    region: Annotated[
        Code | None,
        Text(
            "单位所在承办地区的代码，其他地区为空字符串；不填则按单位登记的地区",
            "The code of the host region of the unit, empty for another one; left out, it is that "
            "of the unit’s record",
        ),
    ] = None
    answers: Annotated[
        Mapping[Question, Answer], Items(50), Text("类别问题的回答", "Answers to questions")
    ] = field(default_factory=dict)
    consents: Annotated[
        tuple[Code, ...], Items(20), Text("已同意事项的代码，如 privacy", "Codes, such as privacy")
    ] = ()
    invitation_code: Annotated[
        str,
        Line(40),
        Text("邀请码，用于凭邀请的类别", "The code of an invitation, for categories by invitation"),
    ] = ""
    language: Annotated[
        Literal["zh-Hans", "en"] | None,
        Text("通知的语言；默认随请求", "The language of letters; that of the request by default"),
    ] = None

    def application(self) -> Application:
        """What the service takes. Raises `BadInput` without any contact."""
        if not self.mobile and not self.email:
            raise BadInput(_EITHER, {"mobile": [_EITHER]})
        return Application(
            name=self.name,
            category=self.category,
            events=self.events,
            organisation=self.organisation,
            position=self.position,
            mobile=self.mobile,
            email=self.email,
            id_type=self.id_type.value if self.id_type else "",
            id_number=self.id_number,
            sessions=tuple(str(session) for session in self.sessions),
            mode=Mode(self.mode),
            region=self.region,
            answers=self.answers,
            consents=self.consents,
            language=self.language or current_language().value,
            invitation_code=self.invitation_code,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Substitute:
    """Who comes instead. The unit is that of the person replaced unless another is given."""

    name: Annotated[str, Line(120, least=1), Text("姓名，与证件一致", "Full name, as on the ID")]
    organisation: Annotated[str, Line(120), Text("单位", "Organisation")] = ""
    position: Annotated[str, Line(60), Text("职务", "Position")] = ""
    mobile: Annotated[
        str,
        Line(40),
        Through(parse_mobile),
        Text(
            "手机号；不属于代表团的，与电子邮箱至少填写一项",
            "Mobile number; outside delegations, this or an e-mail address",
        ),
    ] = ""
    email: Annotated[str, Line(254), Through(parse_email), Text("电子邮箱", "E-mail")] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationQuery:
    """Which registrations are listed; all conditions hold."""

    state: State | None = None
    category: Annotated[str, Text("参会类别的 code", "The code of a category")] = ""
    event: Annotated[str, Text("活动的 slug", "The slug of an event")] = ""
    q: Annotated[
        str,
        Line(100),
        Text(
            "姓名、拼音、首字母、单位，或手机号后四位",
            "Name, pinyin, initials, organisation, or the last four digits of the mobile",
        ),
    ] = ""
    updated_since: Annotated[
        datetime | None, Text("此后有变动的", "Changed at this moment or later")
    ] = None


class Created(TypedDict):
    """What whoever registered is told. status_url is the person's own page: keep it secret."""

    id: Id
    state: State
    status_url: Annotated[
        Url,
        Text("本人页面，凭此可查看和修改", "The person's own page; who has it may change things"),
    ]
    ticket_url: NotRequired[Annotated[Url, Text("参会证二维码图片", "The picture of the QR code")]]


class RegistrationAnswer(TypedDict):
    """One person's part in a series. Without the right to personal data, contacts are masked."""

    id: Id
    series: str
    state: State
    name: str
    organisation: str
    position: str
    mobile: Annotated[str, Text("无权限时部分遮盖", "Masked without the right to see it")]
    email: Annotated[str, Text("无权限时部分遮盖", "Masked without the right to see it")]
    id_type: Annotated[IdType | None, Text("证件类型", "The kind of document")]
    id_number: Annotated[
        str,
        Text(
            "证件号码，始终遮盖，仅余末位", "The number of the document; always masked, but its end"
        ),
    ]
    category: str
    events: list[str]
    sessions: list[Id]
    mode: Mode
    answers: NotRequired[dict[str, Any]]
    consents: list[str]
    language: str
    source: str
    sample: bool
    applied_at: Moment
    updated_at: Moment
    waiting_since: Moment | None
    offer_expires_at: Moment | None
    priority: int
    returned_fields: list[str]
    returned_notes: dict[str, str]
    reason_code: str
    reason: str
    answer_by: Moment | None
    ticket: NotRequired[
        Annotated[
            str | None,
            Text(
                "参会证文本（EV1），仅限 manage", "The text of the ticket (EV1), for `manage` only"
            ),
        ]
    ]
    staff_code: NotRequired[str | None]


class RegistrationList(TypedDict):
    items: list[RegistrationAnswer]
    next: Next


def created_answer(registration: Registration) -> Created:
    url = my_url(registration)
    answer: Created = {
        "id": str(registration.id),
        "state": registration.state,
        "status_url": url,
    }
    if registration.state is State.CONFIRMED:
        answer["ticket_url"] = f"{url}/ticket.png"
    return answer


def registration_answer(
    registration: Registration, *, personal: bool, with_ticket: bool
) -> RegistrationAnswer:
    """personal: contacts in full, and answers. with_ticket: what opens doors as well."""
    series, ticket = registration.series, registration.ticket
    zone = series.time_zone

    def when(value: datetime | None) -> str | None:
        return moment(value, zone) if value else None

    mobile, email = registration.mobile, registration.email
    answer: RegistrationAnswer = {
        "id": str(registration.id),
        "series": series.slug,
        "state": registration.state,
        "name": registration.name,
        "organisation": registration.organisation,
        "position": registration.position,
        "mobile": mobile if personal else mask_mobile(mobile),
        "email": email if personal else mask_email(email),
        "id_type": IdType(registration.id_type) if registration.id_type else None,
        "id_number": masked(registration.id, registration.id_number) if personal else "",
        "category": registration.category.code,
        "events": [event.slug for event in registration.events],
        "sessions": [str(session.id) for session in registration.sessions],
        "mode": registration.mode,
        "consents": list(registration.consents),
        "language": registration.language,
        "source": registration.source,
        "sample": registration.sample,
        "applied_at": moment(registration.applied_at, zone),
        "updated_at": moment(registration.updated_at, zone),
        "waiting_since": when(registration.waiting_since),
        "offer_expires_at": when(registration.offer_expires_at),
        "priority": registration.priority,
        "returned_fields": list(registration.returned_fields),
        "returned_notes": dict(registration.returned_notes),
        "reason_code": registration.reason_code,
        "reason": registration.reason,
        "answer_by": when(registration.answer_by),
    }
    if personal:
        answer["answers"] = dict(registration.answers)
    if with_ticket:
        answer["ticket"] = ticket.text if ticket else None
        answer["staff_code"] = ticket.staff_code if ticket else None
    return answer
