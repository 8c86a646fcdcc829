"""What guests are told, and how they get to their page."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import current_app
from sqlalchemy import select

from eduforum.core import clock
from eduforum.core.dates import moment_text
from eduforum.core.db import db
from eduforum.core.i18n import Text, t
from eduforum.core.signing import Purpose, link_secret
from eduforum.events.models import Event
from eduforum.invitations import queries
from eduforum.notices.models import Notice
from eduforum.notices.services import Extras, announce, queue
from eduforum.registration.models import Invitation
from eduforum.registration.rules import Rsvp

INVITED, REMINDER = "invitation", "invitation-reminder"
ANSWERED, WITHDRAWN = "invitation-answered", "invitation-withdrawn"
_MOST_EVENTS = 5


def page_url(invitation: Invitation) -> str:
    """The guest's page: whoever has this address may answer for the guest."""
    secret = link_secret(Purpose.INVITATION, invitation.id, invitation.link_version)
    return f"{current_app.config['BASE_URL']}/i/{secret}"


def write(invitation: Invitation, kind: str, *, in_place_of: str | None = None) -> bool:
    """Queue the letter `kind` to the guest, with what is true now. Whether there is an address.

    in_place_of: who asked the guest to come instead; None: whoever passed the invitation on.
    """
    events = _events(invitation)
    queue(
        kind,
        series_id=invitation.series_id,
        about=f"invitation:{invitation.id}",
        language=invitation.language,
        recipient=invitation.email,
        recipient_name=invitation.name,
        values=_values(invitation, events, in_place_of),
        useful_until=queries.until_of(invitation)
        if kind in (INVITED, REMINDER)
        else max((event.ends_at for event in invitation.category.events), default=None),
    )
    return bool(invitation.email)


def tell(invitation: Invitation) -> None:
    """Tell the programs that listen what was answered."""
    announce(
        f"invitation.{invitation.rsvp.value}",
        series_id=invitation.series_id,
        data={
            "id": str(invitation.id),
            "series": invitation.series.slug,
            "state": invitation.rsvp.value,
        },
    )


def composers() -> dict[str, Callable[[Notice], Extras]]:
    """What each letter of this room carries besides its values: the guest's link."""
    return dict.fromkeys((INVITED, REMINDER, ANSWERED, WITHDRAWN), _compose)


def text_for_guest(invitation: Invitation) -> str:
    """What an organiser passes on to the guest in a chat: the link and until when."""
    series = invitation.series
    until = queries.until_of(invitation)
    lines = [
        t("{name}您好：", "Dear {name},", name=invitation.name),
        t("诚邀您参加“{series}”。", "You are invited to “{series}”.", series=series.name),
        t("请打开以下链接查看邀请并答复：", "Please open this link to see the invitation and to answer:"),
        page_url(invitation),
        t("请于 {when} 前答复。", "Please answer before {when}.",
          when=moment_text(until, series.time_zone)),
        t("链接仅供本人使用，请勿转发。", "The link is for you alone; please do not pass it on."),
    ]  # fmt: skip
    return "\n".join(lines)


def _compose(notice: Notice) -> Extras:
    invitation = db.session.scalar(
        select(Invitation).where(Invitation.id == UUID(notice.about.partition(":")[2]))
    )
    if invitation is None or invitation.revoked_at is not None:
        return Extras()
    return Extras(link=page_url(invitation))


def _events(invitation: Invitation) -> list[Event]:
    """At which a seat is kept; else those of the category, if they are few."""
    kept = [pool.event for pool in queries.kept_for(invitation.id) if pool.event is not None]
    to_come = [e for e in invitation.category.events if e.ends_at > clock.now()]
    chosen = kept or (to_come if len(to_come) <= _MOST_EVENTS else [])
    return sorted(chosen, key=lambda event: (event.starts_at, event.id))


def _values(invitation: Invitation, events: list[Event], in_place_of: str | None) -> dict[str, Any]:
    series, passed_from = invitation.series, invitation.passed_from
    if in_place_of is None:
        in_place_of = passed_from.name if passed_from else ""
    return {
        "name": invitation.name,
        "series": _both(series.name),
        "series_slug": series.slug,
        "category": _both(invitation.category.name),
        "time_zone": series.time_zone,
        "sample": invitation.sample or series.sample,
        "events": [_event(event) for event in events],
        "answer_by": queries.until_of(invitation).isoformat(),
        "in_place_of": in_place_of,
        "answer": invitation.rsvp.value if invitation.rsvp is not Rsvp.NONE else "",
    }


def _event(event: Event) -> dict[str, Any]:
    return {
        "name": _both(event.name),
        "starts_at": event.starts_at.isoformat(),
        "ends_at": event.ends_at.isoformat(),
        "room": {"zh": event.room, "en": event.room_en or event.room},
    }


def _both(text: Text) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en or text.zh}
