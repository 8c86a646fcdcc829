"""What must always hold in the database, checked by reading alone.

Every check is one statement, so that it sees one moment even while people register: what it compares
was true together. Only the signatures are read in pieces; they never change.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    String,
    and_,
    case,
    cast,
    func,
    literal,
    or_,
    select,
    text,
    union_all,
)

from eduforum.checkin.models import Point, Scan
from eduforum.checkin.queries.facts import not_undone
from eduforum.checkin.rules import Repeat, Verdict
from eduforum.core import clock
from eduforum.core.audit import AuditEntry
from eduforum.core.db import db, is_sqlite
from eduforum.core.i18n import Text
from eduforum.events.models import Event, Series
from eduforum.notices.models import Notice
from eduforum.notices.rules import NoticeState
from eduforum.press.models import PressPerson
from eduforum.press.rules import PassState
from eduforum.press.rules.states import LIVE_PASSES
from eduforum.registration.models import Pool, Registration
from eduforum.registration.rules import BLOCKS_ANOTHER, State
from eduforum.reports import seat_counts
from eduforum.schedule.models import Session
from eduforum.tickets.models import Ticket
from eduforum.tickets.rules import (
    BadSignature,
    NotATicket,
    Standing,
    TicketBody,
    verify,
)
from eduforum.tickets.services import keys_of

SAMPLE = 2000
"""How many tickets are verified unless all are asked for: the newest."""
STALE = timedelta(minutes=10)
_EXAMPLES = 5
_CHUNK = 1000
_LIVE = (Standing.VALID, Standing.SUSPENDED)
_NOBODY = ""
"""The holder of a ticket that was signed ahead for a walk-in."""
_SUSPENDABLE = (State.CONFIRMED, State.ON_LEAVE, State.SUBMITTED, State.RETURNED)

Broken = Iterable[str]
Check = Callable[[datetime], Broken]


@dataclass(frozen=True, slots=True)
class Finding:
    """One invariant: what it says, how often it is broken, and where (a few of the places)."""

    name: str
    says: Text
    broken: int
    examples: Sequence[str]


def findings(*, full: bool = False) -> list[Finding]:
    """Check everything. `full` verifies every ticket instead of the newest `SAMPLE`."""
    now = clock.now()
    checks: dict[str, Check] = {**CHECKS, "tickets_verify": partial(_tickets_verify, full=full)}
    return [_finding(name, check(now)) for name, check in checks.items()]


def counts() -> dict[str, Any]:
    """How much there is of everything; states by their words."""
    return {
        "series": _number(Series),
        "events": _number(Event),
        "sessions": _number(Session),
        "registrations": _by(Registration.state),
        "tickets": _by(Ticket.standing),
        "pools": _number(Pool),
        "points": _number(Point),
        "scans": _by(Scan.verdict),
        "quarantined_scans": db.session.scalar(
            select(func.count()).select_from(Scan).where(Scan.quarantined != "")
        ),
        "notices": _by(Notice.state),
        "audit_entries": _number(AuditEntry),
    }


SAYS: Mapping[str, Text] = {
    "pools_not_over": Text(
        "名额池占用不超过名额与保留数。",
        "No pool holds more than its size and what is grandfathered.",
    ),
    "pools_held": Text(
        "名额池占用数与占位的报名一致。", "What a pool holds is what its registrations hold."
    ),
    "pools_waiting": Text(
        "名额池候补数与候补名单一致。", "Who waits in a pool is who is on the waiting list."
    ),
    "pools_blocked": Text(
        "名额池预留数与预留池未用的席位一致。",
        "What a pool keeps free is what pools that reserve in it do not use.",
    ),
    "invitations_used": Text(
        "邀请的已用次数与凭其报名的人数一致。",
        "An invitation was used as often as people are registered by it.",
    ),
    "one_registration_per_person": Text(
        "每人在一个系列活动中只有一份有效报名。", "One open registration per person and series."
    ),
    "confirmed_has_ticket": Text(
        "已确认的报名都有有效的参会证。", "Every confirmed registration has a valid ticket."
    ),
    "confirmed_has_notice": Text(
        "已确认的报名都有对应的通知。", "Every confirmed registration has its letter in the outbox."
    ),
    "live_ticket_has_registration": Text(
        "有效的参会证都有可持证的报名或采访资格。",
        "No live ticket without a registration or a press pass that may have one.",
    ),
    "one_admission": Text(
        "只准一次的签到点没有未经放行的重复签到。",
        "No ticket is admitted twice at a point that admits once, without override.",
    ),
    "scans_immutable": Text(
        "数据库拒绝修改或删除扫码记录。", "The database refuses to change or delete a scan."
    ),
    "undo_fits": Text(
        "撤销与被撤销的扫码属于同一签到点、同一参会证。",
        "What takes a scan back is at the same point and about the same ticket.",
    ),
    "outbox_not_stuck": Text(
        "没有通知超过租期十分钟仍未处理。",
        "No notice is leased past its time for more than ten minutes.",
    ),
    "audit_tells_states": Text(
        "最近一条记录所写的报名状态与现状一致。",
        "The last audit row that names a registration's state names the present one.",
    ),
    "sequences": Text(
        "活动和场次的修订序号均不小于 0。", "The sequences of events and sessions are 0 or more."
    ),
    "offers_hold": Text(
        "候补席位都有期限，其他报名没有。", "Every offer has an end, and nothing else has one."
    ),
    "tickets_verify": Text(
        "参会证均能用本系列密钥验证，内容与登记一致。",
        "Every ticket verifies with its series' keys and says what its row says.",
    ),
}


def _one_registration_per_person(_now: datetime) -> Broken:
    """By name and mobile, and by name and e-mail, as the unique indexes say."""
    parts = []
    for contact in (Registration.mobile, Registration.email):
        key = (Registration.series_id, Registration.name_key, contact)
        parts.append(
            select(cast(func.min(cast(Registration.id, String)), String))
            .where(contact != "", Registration.state.in_(BLOCKS_ANOTHER))
            .group_by(*key)
            .having(func.count() > 1)
        )
    rows = db.session.scalars(union_all(*parts))
    return [f"registration:{one}" for one in rows]


def _confirmed_has_ticket(_now: datetime) -> Broken:
    return _ids(
        "registration",
        select(Registration.id)
        .outerjoin(Ticket, Ticket.id == Registration.ticket_id)
        .where(
            Registration.state == State.CONFIRMED,
            or_(Ticket.id.is_(None), Ticket.standing != Standing.VALID),
        ),
    )


def _confirmed_has_notice(_now: datetime) -> Broken:
    told = select(_bare(Notice.about)).where(Notice.kind == "registration-confirmed")
    subject = literal("registration:") + _bare(cast(Registration.id, String))
    return _ids(
        "registration",
        select(Registration.id).where(Registration.state == State.CONFIRMED, subject.not_in(told)),
    )


def _bare(text: ColumnElement[str] | Any) -> ColumnElement[str]:
    """An id without its hyphens: SQLite keeps ids without, people write them with."""
    return func.replace(text, "-", "")


def _live_ticket_has_registration(_now: datetime) -> Broken:
    fits = or_(
        Registration.state == State.CONFIRMED,
        and_(Ticket.standing == Standing.SUSPENDED, Registration.state.in_(_SUSPENDABLE)),
    )
    passes = or_(
        and_(Ticket.standing == Standing.VALID, PressPerson.state.in_(LIVE_PASSES)),
        and_(Ticket.standing == Standing.SUSPENDED, PressPerson.state == PassState.SUSPENDED),
    )
    return _ids(
        "ticket",
        select(Ticket.id)
        .outerjoin(Registration, and_(Registration.ticket_id == Ticket.id, fits))
        .outerjoin(PressPerson, and_(PressPerson.ticket_id == Ticket.id, passes))
        .where(
            Ticket.standing.in_(_LIVE),
            Ticket.holder != _NOBODY,
            Registration.id.is_(None),
            PressPerson.id.is_(None),
        ),
    )


def _one_admission(_now: datetime) -> Broken:
    """Only since the point's rules last changed: before, it may have admitted more often."""
    changed = (
        select(_bare(AuditEntry.subject).label("subject"), func.max(AuditEntry.at).label("at"))
        .where(AuditEntry.action == "point.change")
        .group_by(AuditEntry.subject)
        .subquery()
    )
    rows = db.session.execute(
        select(Scan.ticket_id, Scan.point_id)
        .join(Point, Point.id == Scan.point_id)
        .outerjoin(
            changed,
            changed.c.subject == literal("point:") + _bare(cast(Point.id, String)),
        )
        .where(
            Point.repeat == Repeat.ONCE,
            Scan.verdict == Verdict.ADMITTED,
            Scan.override == "",
            Scan.ticket_id.is_not(None),
            or_(changed.c.at.is_(None), Scan.received_at > changed.c.at),
            not_undone(),
        )
        .group_by(Scan.ticket_id, Scan.point_id)
        .having(func.count() > 1)
    )
    return [f"ticket:{ticket_id} at point:{point_id}" for ticket_id, point_id in rows]


def _scans_immutable(_now: datetime) -> Broken:
    """Whoever rebuilds the table loses its triggers, and nothing else would notice."""
    query = (
        "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'scans'"
        if is_sqlite()
        else "SELECT tgname FROM pg_trigger WHERE tgrelid = 'scans'::regclass "
        "AND NOT tgisinternal AND tgenabled <> 'D'"
    )
    there = set(db.session.scalars(text(query)))
    wanted = {"scans_stay", "scans_are_kept"} | ({"scans_only_forget"} if is_sqlite() else set())
    return [f"trigger:{name}" for name in sorted(wanted - there)]


def _undo_fits(_now: datetime) -> Broken:
    undone = Scan.__table__.alias("undone")
    return _ids(
        "scan",
        select(Scan.id)
        .join(undone, undone.c.id == Scan.undoes_id)
        .where(
            or_(
                undone.c.point_id != Scan.point_id,
                undone.c.ticket_id.is_distinct_from(Scan.ticket_id),
            )
        ),
    )


def _outbox_not_stuck(now: datetime) -> Broken:
    return _ids(
        "notice",
        select(Notice.id).where(
            Notice.state == NoticeState.SENDING, Notice.leased_until < now - STALE
        ),
    )


def _audit_tells_states(_now: datetime) -> Broken:
    """Every change of state wrote its audit row, and nothing changed without one."""
    said = AuditEntry.after["state"].as_string()
    last = (
        select(_bare(AuditEntry.subject).label("subject"), func.max(AuditEntry.id).label("id"))
        .where(AuditEntry.subject.like("registration:%"), said.is_not(None))
        .group_by(AuditEntry.subject)
        .subquery()
    )
    subject = literal("registration:") + _bare(cast(Registration.id, String))
    return _ids(
        "registration",
        select(Registration.id)
        .outerjoin(last, last.c.subject == subject)
        .outerjoin(AuditEntry, AuditEntry.id == last.c.id)
        .where(said.is_distinct_from(cast(Registration.state, String))),
    )


def _sequences(_now: datetime) -> Broken:
    events = _ids("event", select(Event.id).where(Event.sequence < 0))
    return [*events, *_ids("session", select(Session.id).where(Session.sequence < 0))]


def _offers_hold(_now: datetime) -> Broken:
    is_offered = cast(case((Registration.state == State.OFFERED, 1), else_=0), Integer)
    has_end = case((Registration.offer_expires_at.is_(None), 0), else_=1)
    return _ids("registration", select(Registration.id).where(is_offered != has_end))


def _tickets_verify(_now: datetime, *, full: bool = False) -> Broken:
    newest = select(
        Ticket.id, Ticket.text, Ticket.serial, Ticket.class_code, Ticket.series_id, Series.number
    ).join(Series, Series.id == Ticket.series_id)
    newest = newest.order_by(Ticket.id.desc())
    rows = db.session.execute(newest if full else newest.limit(SAMPLE)).yield_per(_CHUNK)
    return list(_unverified(rows))


def _unverified(rows: Iterable[Any]) -> Iterator[str]:
    rings: dict[int, Any] = {}
    for row in rows:
        if row.series_id not in rings:
            rings[row.series_id] = keys_of(row.series_id)
        try:
            said = verify(row.text, rings[row.series_id])
        except (NotATicket, BadSignature) as problem:
            yield f"ticket:{row.id}: {problem}"
            continue
        serial = row.serial.to_bytes(7, "big")
        if said != TicketBody(said.key_id, row.number, serial, row.class_code):
            yield f"ticket:{row.id}: its text says something else"


CHECKS: Mapping[str, Check] = {
    "pools_not_over": seat_counts.pools_not_over,
    "pools_held": seat_counts.pools_held,
    "pools_waiting": seat_counts.pools_waiting,
    "pools_blocked": seat_counts.pools_blocked,
    "invitations_used": seat_counts.invitations_used,
    "one_registration_per_person": _one_registration_per_person,
    "confirmed_has_ticket": _confirmed_has_ticket,
    "confirmed_has_notice": _confirmed_has_notice,
    "live_ticket_has_registration": _live_ticket_has_registration,
    "one_admission": _one_admission,
    "scans_immutable": _scans_immutable,
    "undo_fits": _undo_fits,
    "outbox_not_stuck": _outbox_not_stuck,
    "audit_tells_states": _audit_tells_states,
    "sequences": _sequences,
    "offers_hold": _offers_hold,
}


def _finding(name: str, broken: Broken) -> Finding:
    places = list(broken)
    return Finding(name, SAYS[name], len(places), places[:_EXAMPLES])


def _ids(kind: str, found: Select[Any]) -> list[str]:
    return [f"{kind}:{one}" for one in db.session.scalars(found)]


def _number(model: Any) -> int:
    return db.session.execute(select(func.count()).select_from(model)).scalar_one()


def _by(column: Any) -> dict[str, int]:
    rows = db.session.execute(select(column, func.count()).group_by(column))
    return dict(sorted((str(word), number) for word, number in rows))
