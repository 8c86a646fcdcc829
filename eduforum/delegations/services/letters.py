"""What a liaison is told, and how he gets to his page."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from eduforum.core import clock
from eduforum.core.dates import clock_text, day_text, local, moment_text
from eduforum.core.db import db
from eduforum.core.i18n import Text, t
from eduforum.core.signing import Purpose, link_secret
from eduforum.notices.models import Notice
from eduforum.notices.services import Extras, queue
from eduforum.registration.models import Delegation, Pool, Registration
from eduforum.registration.rules import STATE_NAMES, State
from eduforum.registration.services import my_url
from eduforum.tickets.rules import Standing, show_staff_code

CODE_LASTS = timedelta(minutes=15)
KINDS = (
    "delegation-invited",
    "delegation-link",
    "delegation-extended",
    "delegation-submitted",
    "delegation-code",
)


def page_url(delegation: Delegation) -> str:
    """The liaison's page: whoever has this address may report the unit's people."""
    secret = link_secret(Purpose.DELEGATION, delegation.id, delegation.link_version)
    return f"{current_app.config['BASE_URL']}/d/{secret}"


def write(
    delegation: Delegation, kind: str, more: Mapping[str, Any] | None = None, *, lasts: bool = True
) -> None:
    """Queue the letter `kind` to the liaison, with what is true now."""
    queue(
        kind,
        series_id=delegation.series_id,
        about=f"delegation:{delegation.id}",
        language=delegation.language,
        recipient=delegation.liaison_email,
        recipient_name=delegation.liaison_name,
        values=_values(delegation) | dict(more or {}),
        useful_until=None if lasts else clock.now() + CODE_LASTS,
    )


def tell_submitted(delegation: Delegation, people: Sequence[Registration]) -> None:
    """One letter about everybody who was submitted together; those with an address of their own
    have got theirs."""
    listed = [
        {
            "name": one.name,
            "state": _both(STATE_NAMES[one.state]),
            "told": bool(one.email),
        }
        for one in people
    ]
    write(delegation, "delegation-submitted", {"people": listed})


def composers() -> dict[str, Callable[[Notice], Extras]]:
    """What each letter of this room carries besides its values: the liaison's link."""
    return dict.fromkeys((kind for kind in KINDS if kind != "delegation-code"), _compose)


def text_for_person(registration: Registration) -> str:
    """What the liaison passes on to somebody in a chat: his link and his ticket number."""
    series, ticket = registration.series, registration.ticket
    zone = series.time_zone
    lines = [
        t("{name}您好：", "Dear {name},", name=registration.name),
        t(
            "“{series}”参会报名：{state}。", "“{series}”, your registration: {state}.",
            series=series.name, state=STATE_NAMES[registration.state],
        ),
    ]  # fmt: skip
    for event in sorted(registration.events, key=lambda event: event.starts_at):
        room = Text(event.room, event.room_en)
        where = t("，{room}", ", {room}", room=room) if event.room else ""
        day = day_text(local(event.starts_at, zone).date())
        lines.append(f"{day} {clock_text(event.starts_at, zone)} {event.name}{where}")
    opens = ticket is not None and ticket.standing is Standing.VALID
    if opens and ticket is not None and registration.state is State.CONFIRMED:
        code = show_staff_code(ticket.staff_code)
        lines.append(t("参会证号：{code}", "Ticket number: {code}", code=code))
        lines.append(t("参会证二维码：", "Your ticket with its QR code:"))
    else:
        lines.append(t("查看进度：", "How it stands:"))
    lines.append(my_url(registration))
    lines.append(
        t("链接仅供本人使用，请勿转发。", "The link is for you alone; please do not pass it on.")
    )
    return "\n".join(lines)


def text_for_liaison(delegation: Delegation, pools: Sequence[Pool]) -> str:
    """What an organiser passes on to the liaison in a chat: his link and until when."""
    series = delegation.series
    seats = total_of(pools)
    name = delegation.liaison_name
    lines = [
        t("{name}您好：", "Dear {name},", name=name) if name else t("您好：", "Hello,"),
        t(
            "请报送“{unit}”参加“{series}”的人员。", "Please report who comes from {unit} to “{series}”.",
            unit=delegation.unit, series=series.name,
        ),
        t("名额：{n} 人", "Seats: {n}", n=seats) if seats is not None else "",
        t("截止：{when}", "Until: {when}", when=moment_text(delegation.edit_until, series.time_zone)),
        t("报送页面：", "Your page:"),
        page_url(delegation),
        t(
            "请保存此链接，不要转发给无关人员。遗失时可在页面“{site}/d/”凭预留邮箱重新获取。",
            "Keep this link and do not pass it on. Lost it? {site}/d/ sends a new one to the address on file.",
            site=current_app.config["BASE_URL"],
        ),
    ]  # fmt: skip
    return "\n".join(line for line in lines if line)


def total_of(pools: Sequence[Pool]) -> int | None:
    """How many people the delegation may have in all; None where only parts are limited."""
    whole = [p.size for p in pools if p.event_id is None and p.category_id is None]
    if whole:
        return min(whole)
    by_category = [p.size for p in pools if p.event_id is None and p.category_id is not None]
    return sum(by_category) if by_category else None


def _compose(notice: Notice) -> Extras:
    delegation = db.session.scalar(
        select(Delegation)
        .where(Delegation.id == UUID(notice.about.partition(":")[2]))
        .options(joinedload(Delegation.series))
    )
    if delegation is None or delegation.revoked_at is not None:
        return Extras()
    return Extras(link=page_url(delegation))


def _values(delegation: Delegation) -> dict[str, Any]:
    series = delegation.series
    pools = db.session.scalars(select(Pool).where(Pool.delegation_id == delegation.id)).all()
    return {
        "name": delegation.liaison_name,
        "unit": delegation.unit,
        "series": _both(series.name),
        "series_slug": series.slug,
        "time_zone": series.time_zone,
        "sample": delegation.sample or series.sample,
        "edit_until": delegation.edit_until.isoformat(),
        "seats": total_of(pools),
    }


def _both(text: Text) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en or text.zh}
