"""Public pages: register, my registration with its ticket, and find my link again."""

from collections.abc import Callable
from datetime import timedelta
from secrets import token_urlsafe

from flask import (
    Blueprint,
    Response,
    flash,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue

from eduforum.accounts.rules import network_of
from eduforum.core import clock
from eduforum.core.errors import NotFound, Refusal
from eduforum.core.i18n import Text
from eduforum.core.id_numbers import ID_TYPE_NAMES
from eduforum.events.access import guarded_series
from eduforum.events.models import Event
from eduforum.events.queries import published_series
from eduforum.registration import answering, applying, services
from eduforum.registration.choices import counter
from eduforum.registration.edit_form import EditForm
from eduforum.registration.find_form import FindForm
from eduforum.registration.forms import (
    ConfirmForm,
)
from eduforum.registration.models import Registration
from eduforum.registration.newcomer import NewcomerForm
from eduforum.registration.queries import by_link
from eduforum.registration.remembering import remember
from eduforum.registration.rules import (
    STATE_NAMES,
    State,
    TransitionNotAllowed,
)
from eduforum.registration.services.answers import owner_of
from eduforum.registration.standing import Standing, standing_of
from eduforum.schedule.calendar import personal_calendar
from eduforum.schedule.models import Session
from eduforum.tickets import qr
from eduforum.web import limits
from eduforum.web.access import public
from eduforum.web.caching import in_wechat
from eduforum.web.errors import answer_refusal
from eduforum.web.headers import private

pages = Blueprint("registration", __name__)
pages.context_processor(lambda: {"state_names": STATE_NAMES, "id_type_names": ID_TYPE_NAMES})

_FIND_TAKES = 0.5
"""Seconds until /find answers, whether it knows the person or not."""


@pages.route("/s/<series>/register", methods=["GET", "POST"])
@public
def register(series: str) -> ResponseReturnValue:
    """One form over several steps; a code opens the category that it is for."""
    here = guarded_series()
    try:
        invitation = applying.typed_invitation(here)
    except limits.TooOften as refusal:
        return _page("already", series=here, sentence=refusal.sentence), refusal.status
    return applying.apply(counter(here, invitation), request.path)


@pages.get("/r/<secret>")
@public
def mine(secret: str) -> ResponseReturnValue:
    """What became of my registration, and the ticket."""
    return remember(_mine(by_link(secret), secret), secret)


@pages.route("/r/<secret>/edit", methods=["GET", "POST"])
@public
def edit(secret: str) -> ResponseReturnValue:
    registration = by_link(secret)
    standing = standing_of(registration, clock.now())
    if not standing.may_edit:
        return private(_page("edit_closed", mine=standing, secret=secret), 409)
    now_open = counter(registration.series)
    form = EditForm(now_open, registration)
    answering.take_uploads(form.questions, owner_of(registration))
    problems: list[Text] = []
    if form.validate_on_submit():
        change = services.resubmit if registration.state is State.RETURNED else services.edit
        try:
            change(registration.series_id, registration.id, form.application())
        except Refusal as refusal:
            problems = applying.blame(form, refusal)
        else:
            flash(str(Text("修改已保存。", "Your changes are saved.")), "ok")
            return _back(secret)
    status = 422 if request.method == "POST" else 200
    held = answering.files_in(form.questions, owner_of(registration))
    page = _page(
        "correct" if standing.wrong else "edit",
        mine=standing,
        secret=secret,
        form=form,
        also=problems,
        held=held,
        one_id=standing.id_number,
        left=answering.left_of(now_open.pools, registration.category, registration),
    )
    return private(page, status)


@pages.route("/r/<secret>/cancel", methods=["GET", "POST"])
@public
def cancel(secret: str) -> ResponseReturnValue:
    """GET says what will happen; POST does it."""
    return _ask(secret, "cancel", lambda mine: mine.may_cancel, services.withdraw)


@pages.route("/r/<secret>/leave", methods=["GET", "POST"])
@public
def leave(secret: str) -> ResponseReturnValue:
    return _ask(secret, "leave", lambda mine: mine.may_leave, services.leave)


@pages.route("/r/<secret>/transfer", methods=["GET", "POST"])
@public
def transfer(secret: str) -> ResponseReturnValue:
    """Send somebody else in my place, where the category allows it."""
    registration = by_link(secret)
    mine = standing_of(registration, clock.now())
    if not mine.may_transfer:
        return _back(secret)
    form = NewcomerForm(data={"submit_id": token_urlsafe(12)})
    if form.validate_on_submit():
        key = f"transfer:{registration.id}:{form.submit_id.data}"
        try:
            services.substitute(
                registration.series_id, registration.id, form.newcomer(), submit_id=key
            )
        except Refusal as refusal:
            for name in [name for name in refusal.errors if name in form] or ["name"]:
                form.refuse(name, refusal.sentence)
        else:
            return _back(secret)
    status = 422 if request.method == "POST" else 200
    return private(_page("transfer", mine=mine, secret=secret, form=form), status)


@pages.post("/r/<secret>/come-back")
@public
def come_back(secret: str) -> ResponseReturnValue:
    return _act(secret, services.come_back)


@pages.post("/r/<secret>/accept")
@public
def accept(secret: str) -> ResponseReturnValue:
    """Take the seat that was offered."""
    return _act(secret, services.accept)


@pages.get("/r/<secret>/ticket.png")
@public
def ticket_png(secret: str) -> ResponseReturnValue:
    return private(Response(qr.png(_ticket_text(secret)), content_type="image/png"))


@pages.get("/r/<secret>/ticket.svg")
@public
def ticket_svg(secret: str) -> ResponseReturnValue:
    return private(Response(qr.svg(_ticket_text(secret)), content_type="image/svg+xml"))


@pages.get("/r/<secret>/schedule.ics")
@public
def schedule_ics(secret: str) -> ResponseReturnValue:
    """My own events and sessions, for a calendar."""
    registration = by_link(secret)
    series = registration.series
    items: list[Event | Session] = [*registration.events, *registration.sessions]
    response = Response(
        personal_calendar(series, items, series.name),
        content_type="text/calendar; charset=utf-8",
    )
    response.headers.set("Content-Disposition", "attachment", filename=f"{series.slug}.ics")
    return private(response)


@pages.route("/find", methods=["GET", "POST"])
@public
def find() -> ResponseReturnValue:
    """Send the link again. What the page answers never depends on who is registered."""
    form = FindForm()
    if form.validate_on_submit():
        with limits.evenly(_FIND_TAKES):
            _send_links(form)
        return redirect(url_for(".found"), 303)
    return _page("find", form=form), 422 if request.method == "POST" else 200


@pages.get("/find/sent")
@public
def found() -> ResponseReturnValue:
    return _page("found")


@pages.errorhandler(NotFound)
def no_such_link(refusal: NotFound) -> ResponseReturnValue:
    """A wrong or renewed link has a page of its own; the rest is answered as everywhere."""
    if not request.path.startswith("/r/"):
        return answer_refusal(refusal)
    return private(_page("no_link"), 404)


def _page(name: str, **values: object) -> str:
    return render_template(f"registration/{name}.html", **values)


def _ticket_text(secret: str) -> str:
    """The text of my ticket while it opens doors. Raises `NotFound`."""
    registration = by_link(secret)
    if registration.ticket is None or not standing_of(registration, clock.now()).has_ticket:
        raise NotFound
    return registration.ticket.text


def _mine(
    registration: Registration, secret: str, *, also: Text | None = None, status: int = 200
) -> Response:
    page = _page(
        "mine",
        mine=standing_of(registration, clock.now()),
        later=services.later_of(registration, clock.now()),
        secret=secret,
        also=also,
        in_wechat=in_wechat(),
    )
    return private(page, status)


def _ask(
    secret: str,
    page: str,
    allowed: Callable[[Standing], bool],
    change: Callable[..., Registration],
) -> ResponseReturnValue:
    """Before something is taken away: a page that says what, then the same address by POST."""
    registration = by_link(secret)
    standing = standing_of(registration, clock.now())
    if request.method == "GET" and allowed(standing):
        return private(_page(page, mine=standing, secret=secret, form=ConfirmForm()))
    if request.method == "GET":
        return _back(secret)
    return _act(secret, change)


def _act(secret: str, change: Callable[..., Registration]) -> ResponseReturnValue:
    registration = by_link(secret)
    try:
        change(registration.series_id, registration.id)
    except TransitionNotAllowed:
        return _back(secret)  # pressed twice, or overtaken: the page shows what is true now
    except Refusal as refusal:
        return _mine(by_link(secret), secret, also=refusal.sentence, status=refusal.status)
    return _back(secret)


def _back(secret: str) -> ResponseReturnValue:
    return private(redirect(url_for(".mine", secret=secret), 303))


def _send_links(form: FindForm) -> None:
    """Queue the letters. The limits count what was asked for, not what was found."""
    limits.spend("find", network_of(request.remote_addr), most=60, per=timedelta(hours=1))
    limits.spend("find-contact", form.parsed_contact, most=5, per=timedelta(hours=1))
    for series in published_series():
        services.send_link(series.id, form.parsed_contact, form.name.data or "")
