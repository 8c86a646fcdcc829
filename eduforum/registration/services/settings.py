"""Categories and pools: made, changed, and deleted while nobody needs them."""

import re
from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select

from eduforum.core import audit
from eduforum.core.db import db, transaction
from eduforum.core.errors import BadInput, NotFound
from eduforum.core.i18n import Text
from eduforum.events.changes import Diff, apply
from eduforum.events.models import Event
from eduforum.events.queries import events_of, is_used
from eduforum.events.rules import InUse, Mode
from eduforum.registration.models import (
    Category,
    Pool,
    Registration,
    RegistrationEvent,
    RegistrationSession,
)
from eduforum.registration.rules import Admission, State
from eduforum.registration.services import seats
from eduforum.schedule.models import Session

CODE = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
MOST_CODE = 40
_CLASSES = range(1, 255)
_HOLD = (State.CONFIRMED, State.OFFERED)
_PENDING = (State.SUBMITTED, State.RETURNED)


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryInput:
    """What organisers decide about a category. event_ids: events of the series, at least one."""

    name_zh: str
    name_en: str = ""
    admission: Admission
    opens_at: datetime
    closes_at: datetime
    edit_until: datetime
    offer_hours: int = 12
    pending_holds: bool = True
    guardian_consent: bool = False
    event_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolInput:
    """A pool to make. What is None it does not ask for; `session_id` stands without `event_id`."""

    name_zh: str
    name_en: str = ""
    event_id: int | None = None
    session_id: UUID | None = None
    category_id: int | None = None
    mode: Mode | None = None
    size: int
    waiting_limit: int | None = None


def create_category(series_id: int, code: str, given: CategoryInput) -> Category:
    """Add a category behind the others. Raises `BadInput` beside the field that is wrong."""
    if not CODE.fullmatch(code) or len(code) > MOST_CODE:
        raise _bad(
            "code",
            "请用小写字母、数字和连字符，如 expert，最多 40 个字符。",
            "Use lower-case letters, digits and hyphens, such as expert, at most 40 characters.",
        )
    with transaction():
        held = db.session.scalars(select(Category).where(Category.series_id == series_id)).all()
        if any(one.code == code for one in held):
            raise _bad("code", "已有类别使用这个代码。", "Another category has this code.")
        used = {one.ticket_class for one in held}
        free = next((number for number in _CLASSES if number not in used), None)
        if free is None:
            raise _bad("code", "一个系列最多 254 个类别。", "A series has at most 254 categories.")
        category = Category(
            series_id=series_id,
            code=code,
            ticket_class=free,
            position=max((one.position for one in held), default=-1) + 1,
            **_category_values(given),
        )
        category.events = _events(series_id, given.event_ids)
        db.session.add(category)
        db.session.flush()
        audit.record(
            "category.create",
            f"category:{category.id}",
            series_id=series_id,
            after={"code": code, "name_zh": given.name_zh},
        )
    return category


def edit_category(series_id: int, category_id: int, given: CategoryInput) -> Diff:
    """Change a category. Registrations keep what they chose, even where it may not be chosen now.

    When people under review begin to hold seats, or no longer do, the pools are counted anew.
    Raises `NotFound`, `BadInput`.
    """
    with transaction():
        pools = seats.lock_all(series_id)
        category = _category(series_id, category_id)
        diff = apply(category, _category_values(given))
        was = sorted(event.slug for event in category.events)
        category.events = _events(series_id, given.event_ids)
        now = sorted(event.slug for event in category.events)
        if was != now:
            diff.before["events"], diff.after["events"] = was, now
        db.session.flush()
        if "pending_holds" in diff.after:
            _count_anew([pool for pool in pools if pool.category_id in (None, category_id)])
            seats.offer_line(series_id, pools)
        if diff:
            _record("category.edit", f"category:{category_id}", series_id, diff)
    return diff


def delete_category(series_id: int, category_id: int) -> None:
    """Delete a category that nothing uses. Raises `InUse`, `NotFound`."""
    with transaction():
        category = _category(series_id, category_id)
        if is_used(category, besides=("category_events",)):
            raise InUse(
                Text(
                    "已有报名或名额池用到这个类别，不能删除；如不再接受报名，请把截止时间改为现在。",
                    "Registrations or seats use this category, so it cannot be deleted. To take "
                    "nobody else, let it close now.",
                )
            )
        audit.record(
            "category.delete",
            f"category:{category_id}",
            series_id=series_id,
            before={"code": category.code, "name_zh": category.name_zh},
        )
        category.events = []
        db.session.delete(category)


def create_pool(series_id: int, given: PoolInput) -> Pool:
    """Make a pool. Whoever it counts holds a seat in it already, even above its size: nobody is
    un-seated, and those seats are not given again (`grandfathered`).

    Raises `BadInput` beside the field that is wrong.
    """
    _check_size(given.size, given.waiting_limit)
    with transaction():
        held = seats.lock_all(series_id)
        _check_scope(series_id, given, held)
        pool = Pool(series_id=series_id, held=0, waiting=0, grandfathered=0, **asdict(given))
        db.session.add(pool)
        _count_anew([pool])
        db.session.flush()
        audit.record(
            "pool.create",
            f"pool:{pool.id}",
            series_id=series_id,
            after={
                "name_zh": given.name_zh,
                "size": given.size,
                "waiting_limit": given.waiting_limit,
                "held": pool.held,
            },
        )
    return pool


def edit_pool(
    series_id: int, pool_id: int, name: Text, size: int, waiting_limit: int | None
) -> list[UUID]:
    """Change a pool's name and size; whom it counts stays. Returns who was offered a seat.

    Raises `NotFound`, `BadInput`.
    """
    _check_size(size, waiting_limit)
    with transaction():
        pool = _pool(series_id, pool_id)
        diff = apply(pool, {"name_zh": name.zh, "name_en": name.en})
        if diff:
            _record("pool.edit", f"pool:{pool_id}", series_id, diff)
        if (pool.size, pool.waiting_limit) == (size, waiting_limit):
            return []
        return seats.resize_pool(series_id, pool_id, size, waiting_limit)


def delete_pool(series_id: int, pool_id: int) -> None:
    """Delete a pool in which nobody holds a seat or waits. Raises `InUse`, `NotFound`."""
    with transaction():
        pools = {pool.id: pool for pool in seats.lock_all(series_id)}
        pool = pools.get(pool_id)
        if pool is None:
            raise NotFound
        if pool.held or pool.waiting:
            raise InUse(
                Text(
                    "已有 {n} 人占有席位或候补，不能删除。",
                    "{n} people hold a seat in it or wait for one, so it cannot be deleted.",
                ).fill(n=pool.held + pool.waiting)
            )
        audit.record(
            "pool.delete",
            f"pool:{pool_id}",
            series_id=series_id,
            before={"name_zh": pool.name_zh, "size": pool.size},
        )
        db.session.delete(pool)


def counted(pool: Pool) -> tuple[int, int]:
    """How many people hold a seat in a pool and how many wait, counted from the registrations."""
    pending = and_(Registration.state.in_(_PENDING), Category.pending_holds)
    held = func.count().filter(or_(Registration.state.in_(_HOLD), pending))
    waiting = func.count().filter(Registration.state == State.WAITLISTED)
    row = db.session.execute(
        select(held, waiting)
        .select_from(Registration)
        .join(Category, Category.id == Registration.category_id)
        .where(Registration.series_id == pool.series_id, *_counts_in(pool))
    ).one()
    return row[0], row[1]


def _counts_in(pool: Pool) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if pool.category_id is not None:
        found.append(Registration.category_id == pool.category_id)
    if pool.mode is not None:
        found.append(Registration.mode == pool.mode)
    if pool.event_id is not None:
        chose = select(RegistrationEvent.registration_id)
        found.append(Registration.id.in_(chose.where(RegistrationEvent.event_id == pool.event_id)))
    if pool.session_id is not None:
        signed = select(RegistrationSession.registration_id).where(
            RegistrationSession.session_id == pool.session_id
        )
        found.append(Registration.id.in_(signed))
    return found


def _count_anew(pools: Collection[Pool]) -> None:
    with db.session.no_autoflush:
        for pool in pools:
            held, pool.waiting = counted(pool)
            pool.grandfathered = max(0, held - pool.size)
            pool.held = held


def _category_values(given: CategoryInput) -> dict[str, Any]:
    if given.closes_at <= given.opens_at:
        raise _bad("closes_at", "截止时间须晚于开放时间。", "It must close after it opens.")
    if given.offer_hours < 1:
        raise _bad("offer_hours", "请填写不小于 1 的整数。", "Enter a whole number, 1 or more.")
    return {name: value for name, value in asdict(given).items() if name != "event_ids"}


def _events(series_id: int, event_ids: Collection[int]) -> list[Event]:
    chosen = [event for event in events_of(series_id) if event.id in event_ids]
    if not chosen or len(chosen) != len(set(event_ids)):
        raise _bad("events", "请至少选择一项活动。", "Choose at least one event.")
    return chosen


def _check_size(size: int, waiting_limit: int | None) -> None:
    for name, number in (("size", size), ("waiting_limit", waiting_limit)):
        if number is not None and number < 0:
            raise _bad(name, "请填写不小于 0 的整数。", "Enter a whole number, 0 or more.")


def _check_scope(series_id: int, given: PoolInput, pools: Collection[Pool]) -> None:
    """What the pool names is of this series, and no other pool counts the same people."""
    if given.category_id is not None:
        _category(series_id, given.category_id)
    if given.event_id is not None and given.event_id not in {e.id for e in events_of(series_id)}:
        raise NotFound
    if given.session_id is not None:
        session = db.session.get(Session, given.session_id)
        if session is None or session.event.series_id != series_id:
            raise NotFound
    scope = (given.event_id, given.session_id, given.category_id, given.mode)
    if any((p.event_id, p.session_id, p.category_id, p.mode) == scope for p in pools):
        raise _bad(
            "place",
            "已有范围相同的名额池，请修改它的数量。",
            "There is a pool for exactly these people; change its size instead.",
        )


def _category(series_id: int, category_id: int) -> Category:
    category = db.session.get(Category, category_id, with_for_update=True, populate_existing=True)
    if category is None or category.series_id != series_id:
        raise NotFound
    return category


def _pool(series_id: int, pool_id: int) -> Pool:
    pool = next((one for one in seats.lock_all(series_id) if one.id == pool_id), None)
    if pool is None:
        raise NotFound
    return pool


def _record(action: str, subject: str, series_id: int, diff: Diff) -> None:
    audit.record(action, subject, series_id=series_id, before=diff.before, after=diff.after)


def _bad(field_name: str, zh: str, en: str) -> BadInput:
    sentence = Text(zh, en)
    return BadInput(sentence, {field_name: [sentence]})
