"""What the desk's pages of invitations share."""

from collections.abc import Sequence
from uuid import UUID

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue

from eduforum.core import clock
from eduforum.core.errors import Refusal
from eduforum.core.i18n import Text
from eduforum.events.access import guarded_series, principal
from eduforum.events.models import Event
from eduforum.events.queries import events_of
from eduforum.invitations.rules import STANDING_NAMES, STANDING_TONES, Standing, standing_of
from eduforum.registration.columns import STATE_TONES
from eduforum.registration.models import Category, Invitation
from eduforum.registration.queries import categories_of
from eduforum.registration.rules import STATE_NAMES, Admission
from eduforum.web.access import Role
from eduforum.web.forms import Form
from eduforum.web.rail import RailItem

pages = Blueprint("invitations_desk", __name__)
pages.context_processor(
    lambda: {
        "state_names": STATE_NAMES,
        "state_tones": STATE_TONES,
        "standing_names": STANDING_NAMES,
        "standing_tones": STANDING_TONES,
    }
)

ROOT = "/desk/s/<series>/invitations"
ONE = f"{ROOT}/<uuid:invitation_id>"
READERS = (Role.ORGANISER, Role.REGISTRAR, Role.VIEWER)
ACTORS = (Role.ORGANISER, Role.REGISTRAR)
RAIL_ITEM = RailItem(
    Text("邀请", "Invitations"), "invitations_desk.invitations", frozenset(READERS)
)


def may_act() -> bool:
    """Whether whoever is signed in may invite, and see codes and contacts."""
    return principal().has_role(guarded_series().id, *ACTORS)


def standing(one: Invitation) -> Standing:
    return standing_of(
        one.kind,
        one.rsvp,
        revoked=one.revoked_at is not None,
        used=one.used,
        uses_allowed=one.uses_allowed,
        valid_until=one.valid_until,
        now=clock.now(),
    )


def invitable() -> Sequence[Category]:
    """The categories that somebody can be invited to; those by invitation come first."""
    found = categories_of(guarded_series().id)
    return sorted(found, key=lambda one: one.admission is not Admission.BY_INVITATION)


def events_to_come() -> list[Event]:
    return [event for event in events_of(guarded_series().id) if event.ends_at > clock.now()]


def blame(form: Form, refusal: Refusal) -> None:
    """Put the refusal's sentences beside their fields, or on top of the page."""
    beside = [name for name in refusal.errors if name in form]
    for name in beside:
        for line in refusal.errors[name]:
            form.refuse(name, line)
    if not beside:
        form.form_errors.append(refusal.sentence)


def to_list(sentence: Text, tone: str = "ok") -> ResponseReturnValue:
    flash(str(sentence), tone)
    slug = guarded_series().slug
    return redirect(url_for("invitations_desk.invitations", series=slug), 303)


def to_one(invitation_id: UUID, sentence: Text, tone: str = "ok") -> ResponseReturnValue:
    flash(str(sentence), tone)
    slug = guarded_series().slug
    return redirect(
        url_for("invitations_desk.invitation", series=slug, invitation_id=invitation_id), 303
    )
