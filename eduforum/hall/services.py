"""Make and revoke links of displays; let somebody say whether the hall may read their name."""

from uuid import UUID

from flask import current_app

from eduforum.consents import services as consents
from eduforum.consents.rules import WELCOME
from eduforum.core import audit, clock
from eduforum.core.db import db, transaction
from eduforum.core.signing import Purpose, link_secret
from eduforum.events.models import Event
from eduforum.hall import queries
from eduforum.hall.models import Screen
from eduforum.hall.queries.welcomes import agrees
from eduforum.registration.models import Registration
from eduforum.registration.services.answers import owner_of


def make_screen(event: Event, point_id: UUID | None = None) -> Screen:
    """A link that opens the display of an event; with a point it shows the code to check in there."""
    with transaction():
        screen = Screen(series_id=event.series_id, event_id=event.id, point_id=point_id)
        db.session.add(screen)
        db.session.flush()
        audit.record(
            "screen.make",
            f"screen:{screen.id}",
            series_id=event.series_id,
            after={"event": event.slug, "point": str(point_id) if point_id else None},
        )
    return screen


def revoke_screen(series_id: int, screen_id: UUID) -> None:
    """Let the link open nothing any more. Raises `NotFound`."""
    with transaction():
        screen = queries.screen_or_404(series_id, screen_id)
        if screen.revoked_at is None:
            screen.revoked_at = clock.now()
            audit.record("screen.revoke", f"screen:{screen.id}", series_id=series_id)


def screen_url(screen: Screen) -> str:
    """The whole address of a display's link, which is its own proof."""
    secret = link_secret(Purpose.SCREEN, screen.id, 0)
    return f"{current_app.config['BASE_URL']}/screen/{secret}"


def welcome(registration: Registration, *, agrees_now: bool) -> None:
    """Note whether the hall may read this person's name. Saying the same again changes nothing."""
    with transaction():
        if agrees(registration) == agrees_now:
            return
        subject = owner_of(registration)
        if not agrees_now:
            consents.withdraw(registration.series_id, subject, WELCOME)
            return
        consents.note(registration.series_id, subject, [WELCOME])
        audit.record(
            "consent.give", subject, series_id=registration.series_id, after={"code": WELCOME}
        )
