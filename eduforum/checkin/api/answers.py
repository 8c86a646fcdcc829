"""What the door's API takes and gives, as its documents describe it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any, Literal, NotRequired, TypedDict
from uuid import UUID

from eduforum.checkin.rules import (
    MOST_SCANS,
    Direction,
    IncidentKind,
    PointKind,
    Repeat,
    Verdict,
)
from eduforum.core.i18n import Text
from eduforum.tickets.rules import Standing, Zone
from eduforum.web.schema import Both, Id, Items, Line, Moment, Next, Whole

Serial = Annotated[str, Text("14 位十六进制", "14 hexadecimal digits")]


class PointAnswer(TypedDict):
    """A place where tickets are scanned. Counts are people, not scans."""

    id: Id
    name: Both
    kind: PointKind
    repeat: Repeat
    events: list[str]
    sessions: list[Id]
    categories: list[str]
    zones: list[Zone]
    gates: list[str]
    opens_at: Moment | None
    closes_at: Moment | None
    capacity: int | None
    checkout_time: str | None
    time_zone: str
    admitted: int
    times: int
    inside: int
    expected: int


class PointList(TypedDict):
    items: list[PointAnswer]
    next: Next


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """A name in both languages."""

    zh: Annotated[str, Line(60, least=1)]
    en: Annotated[str, Line(60)] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPoint:
    """A point as somebody wants it."""

    name: Name
    kind: PointKind
    repeat: Repeat = Repeat.ONCE
    events: Annotated[tuple[str, ...], Text("活动的 slug", "Slugs of events")] = ()
    sessions: Annotated[tuple[str, ...], Text("场次的 id", "Ids of sessions")] = ()
    categories: Annotated[tuple[str, ...], Text("参会类别的 code", "Codes of categories")] = ()
    zones: Annotated[
        tuple[Zone, ...],
        Text("属于所列类别或持有所列区域之一即可", "One of the categories or of the zones will do"),
    ] = ()
    gates: Annotated[tuple[str, ...], Text("各门的名称", "Names of its doors")] = ()
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    capacity: Annotated[int, Whole(1, 1_000_000)] | None = None
    checkout_time: Annotated[
        str,
        Line(5),
        Text(
            "HH:MM，每日此时视为全部离场", "HH:MM; everybody is taken to have left then, each day"
        ),
    ] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolBody:
    """The one-time code from the desk, and what the device is to be called."""

    code: Annotated[str, Line(40, least=1)]
    name: Annotated[str, Line(60, least=1)]


class Enrolled(TypedDict):
    """A device and its bearer token, which is told this once."""

    id: Id
    name: str
    token: str
    supervisor: bool
    series: str
    series_name: Both
    epoch: str


class _Person(TypedDict):
    """All that a device sees of a person."""

    name: str
    unit: str
    category: Both
    state: Standing
    sample: bool


class FoundPerson(_Person):
    """Somebody found: `code` is sent back as a scan, with `manual`."""

    ticket: Id
    code: str


class FoundList(TypedDict):
    items: list[FoundPerson]
    next: Next


class TicketSeen(_Person):
    """The person on a scanned ticket."""

    answers: dict[str, Any]


class FirstAdmission(TypedDict):
    """The admission that stands in the way."""

    at: Moment
    point: Id
    point_name: Both


class StopAnswer(TypedDict):
    """An event (by slug) or a session (by id) of the programme."""

    event: str | None
    session: Id | None
    name: Both
    room: Both
    starts_at: Moment


class ScanResult(TypedDict):
    """What became of one scan, and the words for whoever stands at the door."""

    id: Id
    result: Literal["stored", "already_stored", "quarantined", "conflict"]
    verdict: Verdict
    tone: Literal["ok", "wait", "bad"]
    word: Both
    next_step: Both
    reason: NotRequired[str]
    ticket: NotRequired[TicketSeen]
    first: NotRequired[FirstAdmission]
    next_session: NotRequired[
        Annotated[
            StopAnswer,
            Text(
                "本人当日的下一场，仅在逐条扫码并放行时返回",
                "Where they go next today; only for a scan sent alone that lets somebody in",
            ),
        ]
    ]


class ScanResults(TypedDict):
    epoch: str
    server_time: Moment
    results: list[ScanResult]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewScan:
    """One scan, perhaps hours ago. The same id again gets the stored answer."""

    id: UUID
    scanned_at: Annotated[datetime, Text("设备时间", "By the device's clock")]
    seq: Annotated[int, Whole(0, 2**53)] = 0
    code: Annotated[
        str,
        Line(4096),
        Text(
            "参会证文本；manual 时为 search 返回的 code",
            "The ticket's text; with manual, the code that search gave",
        ),
    ] = ""
    direction: Direction = Direction.IN
    local_verdict: Annotated[str, Line(40)] = ""
    override: Annotated[
        str,
        Line(500),
        Text(
            "主管放行的理由，仅主管设备有效",
            "Why a supervisor lets in; counts from a supervisor's device only",
        ),
    ] = ""
    answers: Mapping[str, Any] = field(default_factory=dict)
    undoes: Annotated[
        UUID | None, Text("direction 为 undo 时必填", "The scan that undo takes back")
    ] = None
    manual: bool = False
    gate: Annotated[str, Line(40), Text("所在的门", "The door of the point")] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewScans:
    """An upload of scans."""

    scans: Annotated[tuple[NewScan, ...], Items(MOST_SCANS)]
    device_time: datetime | None = None
    epoch: Annotated[str, Line(100)] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchQuery:
    """What is looked for."""

    q: Annotated[
        str,
        Text(
            "姓名、拼音或首字母（至少两字），手机号后四位，或参会证上的八位编号",
            "Name, pinyin or initials (two characters at least), last four digits, or staff code",
        ),
    ] = ""


class SeriesRef(TypedDict):
    slug: str
    number: int


class KeyAnswer(TypedDict):
    """A public key: Ed25519, 32 bytes in hexadecimal."""

    key_id: int
    public_key: str


ClassAnswer = TypedDict("ClassAnswer", {"class": int, "code": str, "name": Both})


class GrantAnswer(TypedDict):
    """A zone that a ticket admits to, and when."""

    zone: Zone
    starts_at: Moment | None
    ends_at: Moment | None


RosterEntry = TypedDict(
    "RosterEntry",
    {
        "serial": Serial,
        "class": int,
        "name": str,
        "unit": str,
        "category": Both,
        "state": Standing,
        "sample": bool,
        "pinyin": str,
        "initials": str,
        "mobile_last4": str,
        "staff_code": str,
        "events": list[str],
        "sessions": list[str],
        "zones": list[GrantAnswer],
        "answers": dict[str, Any],
    },
)


class Words(TypedDict):
    """A verdict for whoever stands at the door."""

    tone: Literal["ok", "wait", "bad"]
    word: Both
    next_step: Both


class Revocation(TypedDict):
    """A ticket that admits nobody any more."""

    serial: Serial
    state: Standing
    replaced_at: Moment | None


class Move(TypedDict):
    """A scan that let somebody in or out, or took such a scan back."""

    id: Id
    serial: Serial
    point: Id
    verdict: Verdict
    at: Moment
    undoes: Id | None
    own: bool


class IncidentPlace(TypedDict):
    """One of the scans that make an incident."""

    scan: Id
    at: Moment
    point: Id
    point_name: Both
    gate: str
    device: str
    own: bool


class SettledAnswer(TypedDict):
    """How it was settled, by whom and when."""

    note: str
    by: str
    at: Moment


class IncidentAnswer(TypedDict):
    """Something that the scans show to have gone wrong. `missing`: first and last number lost."""

    id: Id
    kind: IncidentKind
    word: Both
    ticket: _Person | None
    missing: list[int] | None
    places: list[IncidentPlace]
    settled: SettledAnswer | None


class IncidentList(TypedDict):
    items: list[IncidentAnswer]
    next: Next


@dataclass(frozen=True, slots=True, kw_only=True)
class SettleBody:
    """How an incident was settled."""

    note: Annotated[str, Line(500, least=1)]


class Bundle(TypedDict):
    """All that a device needs to judge without a network; with `cursor`, what is new."""

    epoch: Annotated[str, Text("数据恢复后会变，须重新下载", "Changes after a restore: start anew")]
    server_time: Moment
    cursor: str
    more: bool
    supervisor: Annotated[
        bool, Text("本设备可主管放行和撤销", "Whether this device may override and take back")
    ]
    point: PointAnswer
    series: SeriesRef
    keys: list[KeyAnswer]
    classes: list[ClassAnswer]
    verdicts: Annotated[
        dict[str, dict[str, Words]],
        Text("按签到点类型和结论", "By the kind of a point, and by verdict"),
    ]
    programme: Annotated[
        list[StopAnswer], Text("全部活动和场次", "Every event and session that takes place")
    ]
    roster: list[RosterEntry]
    revocations: list[Revocation]
    admissions: list[Move]
    incidents: Annotated[
        list[IncidentAnswer],
        Text("本设备参与且未处理的", "Those that this device had a part in and that are open"),
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class BundleQuery:
    """Where the last delta ended, and how the device that asks is."""

    cursor: str = ""
    unsent: Annotated[int, Whole(0, 1_000_000)] | None = None
    app: Annotated[str, Line(20)] = ""
