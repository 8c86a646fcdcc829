"""The guest's page: the invitation, the answer, and a change of mind."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlsplit
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from eduforum.core import clock
from eduforum.core.dates import local
from eduforum.core.errors import NotFound, Refusal
from eduforum.core.i18n import Text
from eduforum.events.models import Event
from eduforum.invitations import queries, services
from eduforum.invitations.forms import InsteadForm
from eduforum.invitations.services.letters import text_for_guest
from eduforum.registration import applying
from eduforum.registration.choices import counter
from eduforum.registration.forms import ConfirmForm
from eduforum.registration.models import Invitation, Registration
from eduforum.registration.queries import invitation_by_link
from eduforum.registration.rules import LIVE, STATE_NAMES, Rsvp
from eduforum.registration.services import my_url
from eduforum.registration.services.invited import why_not
from eduforum.web.access import public
from eduforum.web.errors import answer_refusal
from eduforum.web.headers import private

pages = Blueprint("invitations", __name__)
pages.context_processor(lambda: {"state_names": STATE_NAMES})


@dataclass(frozen=True, slots=True)
class Invited:
    """The invitation as its guest sees it. over: nothing can be answered any more."""

    invitation: Invitation
    registration: Registration | None
    successor: Invitation | None
    kept: list[Event]
    until: datetime
    over: bool

    @property
    def days(self) -> tuple[date, date] | None:
        """The first and the last day of what the category comes to."""
        zone = self.invitation.series.time_zone
        days = [local(e.starts_at, zone).date() for e in self.invitation.category.events]
        return (min(days), max(days)) if days else None

    @property
    def answer(self) -> str:
        return self.invitation.rsvp.value

    @property
    def is_coming(self) -> bool:
        return self.registration is not None and self.registration.state in LIVE

    @property
    def my_path(self) -> str:
        return urlsplit(my_url(self.registration)).path if self.registration else ""

    @property
    def may_register(self) -> bool:
        return not self.over and self.registration is None and why_not(self.invitation) is None

    @property
    def may_decline(self) -> bool:
        said_no = self.invitation.rsvp in (Rsvp.NO, Rsvp.DELEGATED)
        return not self.over and not said_no and (self.registration is None or self.is_coming)

    @property
    def may_pass_on(self) -> bool:
        first = self.invitation.passed_from_id is None
        passed_on = self.invitation.rsvp is Rsvp.DELEGATED
        return not self.over and first and not passed_on and not self.is_declined

    @property
    def is_declined(self) -> bool:
        """Whether the organiser said no."""
        return self.registration is not None and not self.is_coming

    @property
    def may_take_back(self) -> bool:
        passed_on = self.invitation.rsvp is Rsvp.DELEGATED and self.successor is not None
        return not self.over and passed_on and not (self.successor and self.successor.used)


@pages.get("/i/<secret>")
@public
def mine(secret: str) -> ResponseReturnValue:
    """Whom the organiser invites to what, and what was answered."""
    return _page("mine", secret, _invited(secret))


@pages.route("/i/<secret>/register", methods=["GET", "POST"])
@public
def register(secret: str) -> ResponseReturnValue:
    """Yes: the form of everybody, with what is known of the guest filled in."""
    invited = _invited(secret)
    if not invited.may_register:
        return _back(secret)
    here = invited.invitation
    return private(applying.apply(counter(here.series, here), request.path))


@pages.route("/i/<secret>/no", methods=["GET", "POST"])
@public
def decline(secret: str) -> ResponseReturnValue:
    """GET says what will happen; POST does it."""
    invited = _invited(secret)
    if request.method == "GET":
        if not invited.may_decline:
            return _back(secret)
        return _page("no", secret, invited, form=ConfirmForm())
    return _answered(secret, invited, services.answer.decline)


@pages.route("/i/<secret>/instead", methods=["GET", "POST"])
@public
def instead(secret: str) -> ResponseReturnValue:
    """Somebody else comes in the guest's place."""
    invited = _invited(secret)
    if not invited.may_pass_on:
        return _back(secret)
    form = InsteadForm()
    if form.validate_on_submit():
        one = invited.invitation
        try:
            services.answer.pass_on(one.series_id, one.id, form.guest(one.language))
        except Refusal as refusal:
            beside = [name for name in refusal.errors if name in form]
            for name in beside:
                form.refuse(name, refusal.errors[name][0])
            if not beside:
                form.form_errors.append(refusal.sentence)
        else:
            return _back(secret)
    status = 422 if request.method == "POST" else 200
    return _page("instead", secret, invited, status, form=form)


@pages.post("/i/<secret>/myself")
@public
def myself(secret: str) -> ResponseReturnValue:
    """The guest comes after all."""
    return _answered(secret, _invited(secret), services.answer.take_back)


@pages.errorhandler(NotFound)
def no_such_link(refusal: NotFound) -> ResponseReturnValue:
    """A wrong, renewed or withdrawn link has a page of its own."""
    if not request.path.startswith("/i/"):
        return answer_refusal(refusal)
    return private(render_template("invitations/no_link.html"), 404)


def _invited(secret: str) -> Invited:
    """Raises `NotFound` for any secret but that of an invitation that stands."""
    one = invitation_by_link(secret)
    until, now = queries.until_of(one), clock.now()
    kept = [pool.event for pool in queries.kept_for(one.id) if pool.event is not None]
    came = queries.registrations_by([one.id]).get(one.id, [])
    return Invited(
        invitation=one,
        registration=came[-1] if came else None,
        successor=queries.successors_of([one.id]).get(one.id),
        kept=sorted(kept, key=lambda event: (event.starts_at, event.id)),
        until=until,
        over=now >= until,
    )


def _answered(
    secret: str, invited: Invited, change: Callable[[int, UUID], Invitation]
) -> ResponseReturnValue:
    try:
        change(invited.invitation.series_id, invited.invitation.id)
    except Refusal as refusal:
        flash(str(refusal.sentence), "bad")
    else:
        flash(str(Text("您的答复已保存。", "Your answer is saved.")), "ok")
    return _back(secret)


def _page(
    name: str, secret: str, invited: Invited, status: int = 200, **more: object
) -> ResponseReturnValue:
    page = render_template(
        f"invitations/{name}.html",
        mine=invited,
        one=invited.invitation,
        secret=secret,
        text_for_guest=text_for_guest,
        **more,
    )
    return private(page, status)


def _back(secret: str) -> ResponseReturnValue:
    return private(redirect(url_for(".mine", secret=secret), 303))
