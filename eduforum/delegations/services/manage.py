"""What organisers do with delegations: make, change, extend, and hand out links."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select

from eduforum.core import audit, clock
from eduforum.core.db import db, transaction
from eduforum.core.errors import BadInput
from eduforum.core.i18n import Text
from eduforum.core.names import clean
from eduforum.delegations import queries
from eduforum.delegations.models import Draft
from eduforum.delegations.services import letters
from eduforum.events.changes import apply
from eduforum.events.models import Event, Series
from eduforum.events.queries import events_of, organisation_named
from eduforum.events.rules import InUse
from eduforum.registration.models import Category, Delegation, Pool, Registration
from eduforum.registration.services import pools
from eduforum.registration.services.pools import Keeping, PoolInput

Place = tuple[int | None, int | None]
"""(event id, category id) of a quota; None: any."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DelegationInput:
    """What organisers decide. mobile: E.164; email: casefolded; at least one of them.

    quotas: seats by event and category. reviewed: whether the people are reviewed before they are
    confirmed. reserving: unused seats are kept from everybody else until `release_at`.
    """

    unit: str
    liaison_name: str = ""
    liaison_mobile: str = ""
    liaison_email: str = ""
    language: str = "zh-Hans"
    edit_until: datetime
    reviewed: bool = True
    reserving: bool = False
    release_at: datetime | None = None
    quotas: Mapping[Place, int] = field(default_factory=dict)


def create(series: Series, given: DelegationInput, *, sample: bool = False) -> Delegation:
    """Make a delegation with its quotas. Its unit is found by alias.

    Raises `BadInput` beside the field that is wrong.
    """
    with transaction():
        values = _values(series.id, given)
        delegation = Delegation(series_id=series.id, sample=sample, **values)
        delegation.series = series
        db.session.add(delegation)
        db.session.flush()
        audit.record(
            "delegation.create",
            f"delegation:{delegation.id}",
            series_id=series.id,
            after={"unit": delegation.unit, "edit_until": delegation.edit_until.isoformat()},
        )
        _set_quotas(delegation, given)
    return delegation


def create_many(series: Series, given: Sequence[DelegationInput]) -> list[Delegation]:
    """Make all of them, or none. Raises `BadInput` of the first that is wrong."""
    with transaction():
        return [create(series, one) for one in given]


def change(series_id: int, delegation_id: UUID, given: DelegationInput) -> Delegation:
    """Change a delegation and its quotas. Another liaison's link voids the old one.

    Lowering a quota below what is held takes nobody's seat. Raises `BadInput`, `InUse`.
    """
    with transaction():
        delegation = queries.locked_delegation(series_id, delegation_id)
        was = (delegation.liaison_mobile, delegation.liaison_email)
        diff = apply(delegation, _values(series_id, given, besides=delegation_id))
        if (delegation.liaison_mobile, delegation.liaison_email) != was:
            delegation.link_version += 1
        db.session.flush()
        _set_quotas(delegation, given)
        if diff:
            audit.record(
                "delegation.edit",
                f"delegation:{delegation.id}",
                series_id=series_id,
                before=_without_contacts(diff.before),
                after=_without_contacts(diff.after),
            )
    return delegation


def extend(series_id: int, delegation_id: UUID, until: datetime) -> Delegation:
    """Give one unit more time (or less), and tell its liaison. Raises `BadInput`."""
    if until <= clock.now():
        raise _bad("until", "截止时间须晚于现在。", "The deadline must lie in the future.")
    with transaction():
        delegation = queries.locked_delegation(series_id, delegation_id)
        before, delegation.edit_until = delegation.edit_until, until
        audit.record(
            "delegation.extend",
            f"delegation:{delegation.id}",
            series_id=series_id,
            before={"edit_until": before.isoformat()},
            after={"edit_until": until.isoformat()},
        )
        letters.write(delegation, "delegation-extended")
    return delegation


def renew_link(series_id: int, delegation_id: UUID) -> Delegation:
    """Void the liaison's link and send a new one; also after it was revoked."""
    with transaction():
        delegation = queries.locked_delegation(series_id, delegation_id)
        _check_unit_free(series_id, delegation.unit, besides=delegation.id)
        delegation.link_version += 1
        delegation.revoked_at = None
        _record("delegation.renew_link", delegation)
        letters.write(delegation, "delegation-link")
    return delegation


def revoke_link(series_id: int, delegation_id: UUID) -> Delegation:
    """Close the liaison's page until a new link is made; the people stay as they are."""
    with transaction():
        delegation = queries.locked_delegation(series_id, delegation_id)
        delegation.link_version += 1
        delegation.revoked_at = delegation.revoked_at or clock.now()
        _record("delegation.revoke_link", delegation)
    return delegation


def send_link(series_id: int, delegation_id: UUID) -> bool:
    """Mail the liaison the link that works. Whether there is an address to send it to."""
    with transaction():
        delegation = queries.locked_delegation(series_id, delegation_id)
        _record("delegation.send_link", delegation)
        letters.write(delegation, "delegation-invited")
        return bool(delegation.liaison_email)


def show_link(series_id: int, delegation_id: UUID) -> Delegation:
    """Note who takes the link to hand it on himself; only then is it shown."""
    with transaction():
        delegation = queries.locked_delegation(series_id, delegation_id)
        _record("delegation.show_link", delegation)
    return queries.delegation_or_404(series_id, delegation_id)


def remove(series_id: int, delegation_id: UUID) -> None:
    """Delete a delegation that reported nobody. Raises `InUse`."""
    with transaction():
        delegation = queries.locked_delegation(series_id, delegation_id)
        used = select(Registration.id).where(Registration.delegation_id == delegation_id).limit(1)
        if db.session.scalar(used) is not None:
            raise InUse(
                Text(
                    "已有报送的人员，不能删除；如不再接受报送，请停用链接。",
                    "It has reported people and cannot be deleted. To take nobody else, revoke the link.",
                )
            )
        for pool in queries.pools_of([delegation_id])[delegation_id]:
            pools.delete_pool(series_id, pool.id)
        db.session.execute(delete(Draft).where(Draft.delegation_id == delegation_id))
        audit.record(
            "delegation.delete",
            f"delegation:{delegation_id}",
            series_id=series_id,
            before={"unit": delegation.unit},
        )
        db.session.delete(delegation)


def _values(series_id: int, given: DelegationInput, besides: UUID | None = None) -> dict[str, Any]:
    if not clean(given.unit):
        raise _bad("unit", "请填写单位。", "Enter the unit.")
    if not (given.liaison_mobile or given.liaison_email):
        raise _bad(
            "liaison_mobile",
            "联络员的手机号和电子邮箱至少填一项。",
            "Give the liaison’s mobile number or e-mail address.",
        )
    if given.reserving and given.release_at and given.release_at <= clock.now() and besides is None:
        raise _bad("release_at", "释放时间须晚于现在。", "The release must lie in the future.")
    known = organisation_named(given.unit)
    unit = known.name_zh if known else clean(given.unit)
    _check_unit_free(series_id, unit, besides=besides)
    return {
        "unit": unit,
        "organisation_id": known.id if known else None,
        "liaison_name": given.liaison_name,
        "liaison_mobile": given.liaison_mobile,
        "liaison_email": given.liaison_email,
        "language": given.language,
        "edit_until": given.edit_until,
        "reviewed": given.reviewed,
    }


def _check_unit_free(series_id: int, unit: str, *, besides: UUID | None) -> None:
    other = select(Delegation.id).where(
        Delegation.series_id == series_id,
        Delegation.unit == unit,
        Delegation.revoked_at.is_(None),
    )
    found = db.session.scalars(other).all()
    if any(one != besides for one in found):
        sentence = Text("“{unit}”已有代表团。", "“{unit}” has a delegation already.").fill(
            unit=unit
        )
        raise BadInput(sentence, {"unit": [sentence]})


def _set_quotas(delegation: Delegation, given: DelegationInput) -> None:
    """Make the pools what the quotas say: resize, add, and take away those without a number."""
    events = {event.id: event for event in events_of(delegation.series_id)}
    categories = {one.id: one for one in queries.reportable(delegation.series_id)}
    there = {
        (p.event_id, p.category_id): p for p in queries.pools_of([delegation.id])[delegation.id]
    }
    for place, pool in there.items():
        if place not in given.quotas:
            _take_away(delegation, pool)
    keeping = _keeping(given)
    for place, size in given.quotas.items():
        kept = place in keeping
        wanted = PoolInput(
            name_zh=quota_name(delegation.unit, place, events, categories).zh,
            name_en=quota_name(delegation.unit, place, events, categories).en,
            event_id=place[0],
            category_id=place[1],
            delegation_id=delegation.id,
            size=size,
            waiting_limit=0,
            reserving=kept,
            release_at=given.release_at if kept else None,
        )
        _make_so(delegation, there.get(place), wanted)


def _keeping(given: DelegationInput) -> set[Place]:
    """Which quotas keep their seats free: the widest that name a category or, if none does, an
    event, so that no seat is kept twice. Raises `BadInput` when there is none."""
    if not given.reserving:
        return set()
    named = {place for place in given.quotas if place != (None, None)}
    if not named:
        raise _bad(
            "reserving",
            "预留席位须填写到活动或类别，请在相应的格中填写数字。",
            "To keep seats free, say of which event or category: put the number into that cell.",
        )
    by_category = {place for place in named if place[1] is not None}
    kept = by_category or named
    return {one for one in kept if not any(_is_within(one, other) for other in kept - {one})}


def _is_within(place: Place, other: Place) -> bool:
    return all(theirs in (None, mine) for mine, theirs in zip(place, other, strict=True))


def _make_so(delegation: Delegation, pool: Pool | None, wanted: PoolInput) -> None:
    if pool is None:
        pools.create_pool(delegation.series_id, wanted)
        return
    pools.edit_pool(
        delegation.series_id,
        pool.id,
        Text(wanted.name_zh, wanted.name_en),
        wanted.size,
        wanted.waiting_limit,
        Keeping(wanted.reserving, wanted.release_at),
    )


def _take_away(delegation: Delegation, pool: Pool) -> None:
    try:
        pools.delete_pool(delegation.series_id, pool.id)
    except InUse:
        sentence = Text(
            "“{pool}”已有 {n} 人占用，不能去掉，可改为较小的数。",
            "“{pool}” holds {n} people; it cannot be removed, but the number may be lowered.",
        ).fill(pool=pool.name, n=pool.held + pool.waiting)
        raise BadInput(sentence, {"quotas": [sentence]}) from None


def quota_name(
    unit: str, place: Place, events: Mapping[int, Event], categories: Mapping[int, Category]
) -> Text:
    """What people read when the quota is full: 天津大学代表团“代表”名额."""
    event, category = events.get(place[0] or 0), categories.get(place[1] or 0)
    named = [one.name for one in (event, category) if one is not None]
    zh = "".join(f"“{name.zh}”" for name in named)
    en = ", ".join(str(name.en or name.zh) for name in named)
    return Text(f"{unit}代表团{zh}名额", f"{unit} delegation{': ' if en else ''}{en}")


def _without_contacts(values: Mapping[str, Any]) -> dict[str, Any]:
    """What is kept in the trail: that a contact changed, not which one."""
    hidden = ("liaison_mobile", "liaison_email", "liaison_name")
    return {name: "***" if name in hidden and value else value for name, value in values.items()}


def _record(action: str, delegation: Delegation) -> None:
    audit.record(action, f"delegation:{delegation.id}", series_id=delegation.series_id)


def _bad(field_name: str, zh: str, en: str) -> BadInput:
    sentence = Text(zh, en)
    return BadInput(sentence, {field_name: [sentence]})
