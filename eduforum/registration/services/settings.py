"""Categories: made, changed, and deleted while nobody needs them."""

import re
from collections.abc import Callable, Collection
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from eduforum.core import audit
from eduforum.core.db import db, transaction
from eduforum.core.errors import BadInput, NotFound
from eduforum.core.i18n import Text
from eduforum.events.changes import Diff, apply
from eduforum.events.models import Event
from eduforum.events.queries import events_of, is_used
from eduforum.events.rules import InUse
from eduforum.questions.queries import form_or_404
from eduforum.registration.models import Category
from eduforum.registration.rules import Admission
from eduforum.registration.services import lines, pools, seats

CODE = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
MOST_CODE = 40

BEFORE_CATEGORY_REMOVED: list[Callable[[Category], None]] = []
"""Called inside the change before a category is deleted; raises where the category is needed."""
_CLASSES = range(1, 255)


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
    asks_id: bool = False
    form_id: int | None = None
    transferable: bool = False
    event_ids: tuple[int, ...]


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
        _check_form(series_id, given.form_id)
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
        every_pool = seats.lock_all(series_id)
        category = _category(series_id, category_id)
        _check_form(series_id, given.form_id)
        diff = apply(category, _category_values(given))
        was = sorted(event.slug for event in category.events)
        category.events = _events(series_id, given.event_ids)
        now = sorted(event.slug for event in category.events)
        if was != now:
            diff.before["events"], diff.after["events"] = was, now
        db.session.flush()
        if "pending_holds" in diff.after:
            pools.count_anew(every_pool)
            lines.offer_line(series_id, every_pool)
        if diff:
            _record("category.edit", f"category:{category_id}", series_id, diff)
    return diff


def delete_category(series_id: int, category_id: int) -> None:
    """Delete a category that nothing uses. Raises `InUse`, `NotFound`."""
    with transaction():
        category = _category(series_id, category_id)
        for object_to in BEFORE_CATEGORY_REMOVED:
            object_to(category)
        if is_used(category, besides=("category_events",)):
            raise InUse(
                Text(
                    "已有报名、邀请或名额池用到这个类别，不能删除；如不再接受报名，请把截止时间改为现在。",
                    "Registrations, invitations or seats use this category, so it cannot be deleted. To take "
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


def _category_values(given: CategoryInput) -> dict[str, Any]:
    if given.closes_at <= given.opens_at:
        raise _bad("closes_at", "截止时间须晚于开放时间。", "It must close after it opens.")
    if given.offer_hours < 1:
        raise _bad("offer_hours", "请填写不小于 1 的整数。", "Enter a whole number, 1 or more.")
    return {name: value for name, value in asdict(given).items() if name != "event_ids"}


def _check_form(series_id: int, form_id: int | None) -> None:
    if form_id is not None:
        form_or_404(series_id, form_id)


def _events(series_id: int, event_ids: Collection[int]) -> list[Event]:
    chosen = [event for event in events_of(series_id) if event.id in event_ids]
    if not chosen or len(chosen) != len(set(event_ids)):
        raise _bad("events", "请至少选择一项活动。", "Choose at least one event.")
    return chosen


def _category(series_id: int, category_id: int) -> Category:
    category = db.session.get(Category, category_id, with_for_update=True, populate_existing=True)
    if category is None or category.series_id != series_id:
        raise NotFound
    return category


def _record(action: str, subject: str, series_id: int, diff: Diff) -> None:
    audit.record(action, subject, series_id=series_id, before=diff.before, after=diff.after)


def _bad(field_name: str, zh: str, en: str) -> BadInput:
    sentence = Text(zh, en)
    return BadInput(sentence, {field_name: [sentence]})
