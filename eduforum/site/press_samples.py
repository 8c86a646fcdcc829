"""Invented outlets of the press for demonstrations: one in each stage of its life."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from io import BytesIO
from uuid import UUID

from sqlalchemy import func, select

from eduforum.checkin.queries import place_or_404, points_of
from eduforum.checkin.rules import PointKind
from eduforum.checkin.services import Reading, Scanner, record
from eduforum.consents.rules import ID, PRIVACY
from eduforum.core import audit, clock
from eduforum.core.dates import local
from eduforum.core.db import db, new_id, transaction
from eduforum.core.errors import Refusal
from eduforum.core.i18n import Language, Text
from eduforum.events.models import Event, Series
from eduforum.press import queries
from eduforum.press.models import Application, PressPerson
from eduforum.press.rules import (
    Coverage,
    Item,
    JobRole,
    MediaGroup,
    OutletType,
    VerifyMethod,
    Visa,
    Zone,
)
from eduforum.press.rules.words import ROLE_NAMES, group_of
from eduforum.press.services import answers, decide, drafts, passes, pool, review, settings
from eduforum.press.services.inputs import (
    Asked,
    EquipmentInput,
    Grant,
    InterviewInput,
    OutletInput,
    PersonInput,
)
from eduforum.press.services.passes import Handover
from eduforum.press.services.pool import SlotInput
from eduforum.site import press_pictures as pictures

FIRST, SECOND = "command:sample officer 1", "command:sample officer 2"
_PLAIN = (Zone.PUBLIC, Zone.STAND, Zone.CENTRE)
_GEAR = {
    JobRole.PHOTO: ("单反相机", "RF-70-200 镜头"),
    JobRole.CAMERA: ("摄像机", "三脚架"),
    JobRole.LIVE: ("手持云台", "直播编码器"),
    JobRole.TECHNICIAN: ("无线话筒", "音频接口"),
}


class RealOutlets(Refusal):
    """Sample outlets do not mix with real ones."""

    code = "real-outlets"

    def __init__(self, count: int) -> None:
        super().__init__(
            Text(
                "该系列活动已有 {n} 份真实采访申请，未添加样本数据。",
                "The series has {n} real press applications; no samples were added.",
            ).fill(n=count)
        )


@dataclass(frozen=True, slots=True)
class Plan:
    """One outlet: who comes, and what becomes of it. hours: from sending in to the decision;
    ago: how many hours ago it was sent in."""

    outlet: str
    type: OutletType
    people: Sequence[tuple[str, JobRole]]
    course: Callable[["_Made"], None]
    ago: int
    hours: float = 0
    focal: str = "江晚照"
    freelance: bool = False
    language: Language = Language.ZH
    remark: str = ""


@dataclass
class _Made:
    """An application on its way, with what its course needs."""

    series: Series
    id: UUID
    plan: Plan
    events: Sequence[Event]
    last: datetime
    people: list[PressPerson] = field(default_factory=list)

    @property
    def ids(self) -> list[UUID]:
        return [person.id for person in self.people]

    def grants(self, *more: Zone) -> Mapping[UUID, Grant]:
        wanted = Grant(
            zones=(*_PLAIN, *more),
            events=tuple(event.id for event in self.events),
            valid_from=min(clock.now(), self.events[0].starts_at - timedelta(hours=12)),
            valid_until=self.last,
        )
        return dict.fromkeys(self.ids, wanted)

    def verified(self) -> None:
        review.screen(self.series.id, self.id)
        application = queries.application_or_404(self.series.id, self.id)
        known = application.outlet and application.outlet.verified_method
        review.verify_outlet(
            self.series.id, self.id, None if known else VerifyMethod.CALL_BACK, "样本"
        )


def add_press(series: Series) -> list[str]:
    """Make the sample outlets if there are none yet. Returns their names.

    Raises `RealOutlets`, and refuses as everybody would be refused.
    """
    rows = db.session.execute(
        select(Application.sample, func.count())
        .where(Application.series_id == series.id)
        .group_by(Application.sample)
    )
    known = dict(rows.all())
    if real := known.get(False, 0):
        raise RealOutlets(real)
    if known:
        return []
    events = [one for one in queries.events_by_id(series.id).values() if one.ends_at > clock.now()]
    if not events:
        return []
    with audit.acting_as(FIRST):
        _open_windows(series.id, events)
        for number, plan in enumerate(PLANS):
            made = _send_in(series, plan, events, number)
            plan.course(made)
            _date_back(made)
    return [plan.outlet for plan in PLANS]


def _open_windows(series_id: int, events: Sequence[Event]) -> None:
    """Groups whose usual window is over by now may apply until the first event is over."""
    now = clock.now()
    for group, window in queries.windows_of(series_id).items():
        if not window.is_open(now):
            last = max(event.ends_at for event in events)
            begin = now - timedelta(days=20)
            settings.set_window(series_id, group, begin, last, window.required)


def _send_in(series: Series, plan: Plan, events: Sequence[Event], number: int) -> _Made:
    """As the outlet does on the page, with photos, a letter and whatever else its group needs."""
    given = OutletInput(
        outlet=plan.outlet,
        outlet_type=plan.type,
        freelance=plan.freelance,
        focal_name=plan.focal,
        focal_mobile=f"+86138000002{number:02d}",
        focal_email=f"press{number + 1}@example.org",
        remark=plan.remark,
    )
    with audit.acting_as("public"):
        application = drafts.begin(
            series.id, given, submit_id=f"sample:{new_id()}", language=plan.language,
            source="sample", sample=True,
        )  # fmt: skip
        people = [
            drafts.save_person(
                series.id, application.id, _person(plan, name, role, events, number * 10 + place)
            )
            for place, (name, role) in enumerate(plan.people)
        ]
        for person in people:
            portrait = _Sent(pictures.photo(person.name), "照片.jpg")
            drafts.put_photo(series.id, application.id, person.id, portrait)
        days = _days(series, events)
        staff = [(p.name, ROLE_NAMES[p.role].zh, p.press_card or "–") for p in people]
        paper = pictures.letter(series, plan.outlet, staff, days)
        drafts.put_letter(series.id, application.id, _Sent(paper, "派遣函.pdf"))
        if group_of(plan.type) is MediaGroup.FOREIGN:
            drafts.put_customs(series.id, application.id, _Sent(paper, "customs-list.pdf"))
        drafts.submit(series.id, application.id, [PRIVACY, ID])
    last = max(event.ends_at for event in events) + timedelta(hours=6)
    made = _Made(series, application.id, plan, events, last)
    made.people = list(queries.people_of(application.id))
    return made


def _days(series: Series, events: Sequence[Event]) -> tuple[date, date]:
    zone = series.time_zone
    return local(events[0].starts_at, zone).date(), local(events[-1].starts_at, zone).date()


def _person(
    plan: Plan, name: str, role: JobRole, events: Sequence[Event], number: int
) -> PersonInput:
    foreign = group_of(plan.type) is MediaGroup.FOREIGN
    gear = _GEAR.get(role, ("笔记本电脑",) if foreign else ())
    return PersonInput(
        name=name,
        role=role,
        press_card="" if role is JobRole.DRIVER or foreign else f"K{number:08d}",
        mobile=f"+86137000003{number:02d}"[:14],
        id_type="passport",
        id_number=f"E{number:08d}",
        nationality="样本国" if foreign else "",
        visa=Visa.J2 if foreign else Visa.NONE,
        plate=f"津A·{number:05d}" if role is JobRole.DRIVER else "",
        coverage=Coverage.LIVE if role is JobRole.LIVE else Coverage.RECORDED,
        pool=role in (JobRole.PHOTO, JobRole.CAMERA),
        events=tuple(event.slug for event in events),
        equipment=tuple(
            EquipmentInput(name=one, serial=f"SN-{number:04d}-{at}") for at, one in enumerate(gear)
        ),
        interviews=(
            (InterviewInput(with_whom="职业教育论坛主持人", topics="产教融合如何落到课堂"),)
            if role is JobRole.TEXT
            else ()
        ),
    )


@dataclass
class _Sent:
    """A file as a form hands it over."""

    data: bytes
    filename: str | None

    @property
    def stream(self) -> BytesIO:
        return BytesIO(self.data)


def _date_back(made: _Made) -> None:
    """It was sent in and decided some time ago, so that waiting and deciding have lengths."""
    with transaction():
        application = queries.locked_application(made.series.id, made.id)
        sent = clock.now() - timedelta(hours=made.plan.ago)
        application.submitted_at = sent
        application.claimed_by, application.claimed_until = "", None
        if application.decided_at is not None:
            application.decided_at = sent + timedelta(hours=made.plan.hours)


def _printed(made: _Made) -> None:
    made.verified()
    decide.approve(made.series.id, made.id, made.grants())
    passes.print_cards(made.series.id, made.ids)


def _collected(made: _Made) -> None:
    """Everybody has a card, one of them by proxy, and the first two are in already."""
    _printed(made)
    for number, one in enumerate(made.ids):
        proxy = made.plan.focal if number == 1 else ""
        passes.collect(made.series.id, one, Handover(
            id_type="passport", id_last4=f"00{number:02d}", taken_by=proxy, letter=bool(proxy)
        ))  # fmt: skip
    _let_in(made, made.ids[:2])


def _pool(made: _Made) -> None:
    """Zone C, agreed to by two officers, with a time at the stage; one card was lost and replaced."""
    made.verified()
    decide.approve(made.series.id, made.id, made.grants(Zone.STAGE))
    with audit.acting_as(SECOND):
        for one in made.ids:
            decide.agree(made.series.id, made.id, one, agreed=True)
    event = made.events[0]
    slot = pool.add_slot(made.series.id, SlotInput(
        event=event.slug, starts_at=event.starts_at, ends_at=event.starts_at + timedelta(minutes=15),
        places=6, meeting_zh="主会场东门", meeting_en="East door of the main hall", escort="顾清和",
        escort_phone="13800000299",
    ))  # fmt: skip
    pool.fill(made.series.id, slot.id, made.ids)
    passes.print_cards(made.series.id, made.ids)
    passes.collect(made.series.id, made.ids[0], Handover(id_type="passport", id_last4="0010"))
    passes.lose(made.series.id, made.ids[0])
    passes.reissue(made.series.id, made.ids[0])


def _second(made: _Made) -> None:
    """The VIP area waits for a second officer."""
    made.verified()
    decide.approve(made.series.id, made.id, made.grants(Zone.VIP))


def _suspended(made: _Made) -> None:
    _printed(made)
    passes.suspend(made.series.id, made.ids[0], "样本：证件与本人不符，待核实。")


def _held(made: _Made) -> None:
    made.verified()
    decide.hold(made.series.id, made.id, note="样本：名额满后递补")


def _asked(made: _Made) -> None:
    review.screen(made.series.id, made.id)
    asked = [
        Asked(item=Item.LETTER_SEALED, note="派遣函未见公章"),
        Asked(item=Item.PHOTO, person=made.ids[0], note="背景不是纯色"),
        Asked(item=Item.EQUIPMENT, person=made.ids[0], note="请写明序列号"),
    ]
    review.ask(made.series.id, made.id, asked, clock.now() + timedelta(hours=40))


def _rejected(made: _Made) -> None:
    review.screen(made.series.id, made.id)
    decide.reject(made.series.id, made.id, "not_media", note="样本：无新闻信息服务许可")


def _appealed(made: _Made) -> None:
    review.screen(made.series.id, made.id)
    decide.reject(made.series.id, made.id, "letter", "派遣函未盖公章。", note="样本：电话未接通")
    with audit.acting_as("public"):
        answers.appeal(made.series.id, made.id, "公章在派遣函第二页，请复核。")


def _screening(made: _Made) -> None:
    review.screen(made.series.id, made.id)


def _untouched(made: _Made) -> None:
    """Nobody has taken it up."""


def _let_in(made: _Made, ids: Sequence[UUID]) -> None:
    """Scanned at the arrival desk by a supervisor, whatever the hour."""
    points = [p for p in points_of(made.series.id) if p.kind is PointKind.ARRIVAL]
    if not points:
        return
    place = place_or_404([made.series.id], points[0].id)
    people = queries.people_of(made.id)
    batch = [
        Reading(
            id=new_id(), seq=at, code=person.ticket.text, scanned_at=clock.now(), override="样本"
        )
        for at, person in enumerate(people)
        if person.id in ids and person.ticket
    ]
    record(place, Scanner(FIRST, supervisor=True), batch)


_T, _R = OutletType, JobRole
PLANS = (
    Plan("渤海晨报", _T.LOCAL, [("苏沐辰", _R.TEXT), ("白予安", _R.PHOTO), ("单若谷", _R.CAMERA),
         ("仇远舟", _R.DRIVER)], _collected, ago=150, hours=20.5),
    Plan("燕山教育周刊", _T.TRADE, [("顾南枝", _R.PHOTO), ("曾慕云", _R.CAMERA)], _pool, ago=140,
         hours=31, focal="沈听澜"),
    Plan("津沽融媒", _T.NEW_MEDIA, [("解青禾", _R.LIVE), ("陈𠮷", _R.TECHNICIAN)], _second, ago=120,
         hours=46, focal="陆星野"),
    Plan("神州教育电讯", _T.CENTRAL, [("欧阳静姝", _R.TEXT), ("查云帆", _R.PHOTO), ("王㛃", _R.CAMERA)],
         _suspended, ago=100, hours=9, focal="祝怀瑾"),
    Plan("海滨青年网", _T.NEW_MEDIA, [("乐知行", _R.LIVE), ("盖晓星", _R.TEXT)], _held, ago=90,
         hours=52, focal="宁望舒"),
    Plan("海河夜话工作室", _T.NEW_MEDIA, [("翟一鸣", _R.PHOTO)], _asked, ago=70, focal="翟一鸣",
         freelance=True),
    Plan("长芦生活报", _T.TRADE, [("朴世远", _R.TEXT), ("安书瑶", _R.PHOTO)], _rejected, ago=66,
         hours=6, focal="朴世远"),
    Plan("冀中新闻网", _T.LOCAL, [("万俟云飞", _R.TEXT), ("尉迟凌霄", _R.PHOTO)], _appealed, ago=60,
         hours=15, focal="耿修远"),
    Plan("港岛清晨报", _T.HK_MACAO_TAIWAN, [("区望舒", _R.TEXT), ("叶诗涵", _R.CAMERA)], _Made.verified,
         ago=40, focal="区望舒"),
    Plan("The Harbour Ledger", _T.FOREIGN, [("Anna Lindqvist", _R.TEXT), ("Seán O'Connor", _R.PHOTO)],
         _screening, ago=30, focal="Anna Lindqvist", language=Language.EN,
         remark="We arrive the evening before the signing."),
    Plan("京东晚刊", _T.LOCAL, [("冯子衿", _R.TEXT), ("冯若曦", _R.PHOTO)], _untouched, ago=12,
         focal="冯子衿"),
)  # fmt: skip
