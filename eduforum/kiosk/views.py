"""The kiosk's pages. A kiosk proves itself by a cookie that scripts cannot read."""

from datetime import timedelta
from uuid import UUID, uuid4

from flask import (
    Blueprint,
    Response,
    current_app,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue

from eduforum.checkin.queries import Place, place_or_404
from eduforum.checkin.rules import PointKind, Verdict
from eduforum.checkin.services import Result
from eduforum.core.errors import NotFound, Refusal
from eduforum.core.i18n import current_language
from eduforum.events.models import Series
from eduforum.events.queries import series_with_ids
from eduforum.kiosk import queries, services
from eduforum.kiosk.forms import CodeForm, EnrolForm, ExitForm, NameForm
from eduforum.kiosk.rules import Paper, say
from eduforum.kiosk.services import Kiosk
from eduforum.tickets import qr
from eduforum.tickets.rules import show_staff_code
from eduforum.web import limits
from eduforum.web.access import public
from eduforum.web.headers import private

pages = Blueprint("kiosk", __name__, url_prefix="/kiosk")

COOKIE, PAPER_COOKIE = "kiosk", "kiosk_paper"
_KEPT = timedelta(days=30)
_SHOWN, _SHOWN_WITH_BADGE = 12, 25
"""Seconds that an answer stands before the next person's page comes back."""


@pages.get("/<uuid:point>")
@public
def start(point: UUID) -> ResponseReturnValue:
    """The page that waits for people; on a machine that is no kiosk yet, the one to enrol it."""
    kiosk = _kiosk()
    if kiosk is None:
        return _enrol_page(point, EnrolForm())
    return _page("start", kiosk, point, form=CodeForm(), scan_id=uuid4())


@pages.post("/<uuid:point>/enrol")
@public
def enrol(point: UUID) -> ResponseReturnValue:
    form = EnrolForm()
    if not form.validate_on_submit():
        return _enrol_page(point, form, 422)
    limits.spend("enrol", request.remote_addr or "", most=20, per=timedelta(minutes=10))
    try:
        token = services.enrol_kiosk(form.code.data, form.name.data, point)
    except Refusal as refusal:
        form.refuse("code", refusal.sentence)
        return _enrol_page(point, form, 422)
    response = private(redirect(url_for(".start", point=point), 303))
    for name, value in ((COOKIE, token), (PAPER_COOKIE, form.paper.data)):
        response.set_cookie(
            name,
            value,
            max_age=_KEPT,
            path="/kiosk",
            secure=current_app.config["SESSION_COOKIE_SECURE"],
            httponly=True,
            samesite="Strict",
        )
    return response


@pages.post("/<uuid:point>/scan")
@public
def scan(point: UUID) -> ResponseReturnValue:
    """The answer to one ticket; the start comes back by itself."""
    kiosk, place = _here(point)
    form = CodeForm()
    if not form.validate_on_submit():
        return private(redirect(url_for(".start", point=point), 303))
    return _answer(kiosk, place, services.check_in(kiosk, place, form.code.data, form.id_of_scan))


@pages.route("/<uuid:point>/name", methods=["GET", "POST"])
@public
def name(point: UUID) -> ResponseReturnValue:
    """By name and the last four digits, for whoever has no code at hand."""
    kiosk, place = _here(point)
    form = NameForm()
    status = 200
    if form.validate_on_submit():
        try:
            result = services.check_in_by_name(
                kiosk, place, form.name.data, form.last4.data, form.id_of_scan
            )
        except Refusal as refusal:
            form.refuse("name", refusal.sentence)
            status = refusal.status
        else:
            return _answer(kiosk, place, result)
    elif form.is_submitted():
        status = 422
    page = _page("name", kiosk, point, form=form, scan_id=uuid4())
    page.status_code = status
    return page


@pages.route("/<uuid:point>/exit", methods=["GET", "POST"])
@public
def leave(point: UUID) -> ResponseReturnValue:
    """Only the staff gets out: with a code that the desk makes now."""
    kiosk, _ = _here(point)
    form = ExitForm()
    if form.validate_on_submit():
        limits.spend("enrol", request.remote_addr or "", most=20, per=timedelta(minutes=10))
        try:
            services.leave(kiosk, form.code.data)
        except Refusal as refusal:
            form.refuse("code", refusal.sentence)
        else:
            response = private(redirect(url_for(".start", point=point), 303))
            response.delete_cookie(COOKIE, path="/kiosk")
            return response
    page = _page("exit", kiosk, point, form=form)
    page.status_code = 422 if form.is_submitted() else 200
    return page


def _kiosk() -> Kiosk | None:
    return services.find_kiosk(request.cookies.get(COOKIE, ""))


def _here(point: UUID) -> tuple[Kiosk, Place]:
    """This kiosk at this point. Raises `NotFound` on any other machine."""
    kiosk = _kiosk()
    if kiosk is None:
        raise NotFound
    return kiosk, place_or_404([kiosk.series_id], point)


def _paper() -> Paper:
    given = request.cookies.get(PAPER_COOKIE, "")
    return Paper(given) if given in list(Paper) else Paper.BADGE


def _series(kiosk: Kiosk) -> Series:
    return series_with_ids([kiosk.series_id])[0]


def _enrol_page(point: UUID, form: EnrolForm, status: int = 200) -> Response:
    page = render_template("kiosk/enrol.html", form=form, point_id=point)
    return private(make_response(page), status)


def _page(page: str, kiosk: Kiosk, point: UUID, **values: object) -> Response:
    place = place_or_404([kiosk.series_id], point)
    html = render_template(
        f"kiosk/{page}.html",
        place=place,
        series=_series(kiosk),
        point_id=point,
        arrives=place.rules.kind is PointKind.ARRIVAL,
        **values,
    )
    return private(make_response(html))


def _answer(kiosk: Kiosk, place: Place, result: Result) -> Response:
    saying = say(result.verdict, place.rules.kind)
    arrived = place.rules.kind is PointKind.ARRIVAL and result.verdict is Verdict.ADMITTED
    # Of a walk-in whose form has not come up yet there is no name to print.
    named = result.ticket is not None and bool(result.ticket.holder)
    printed = arrived and named and _paper() is not Paper.NONE
    found = queries.ticket_or_none(kiosk.series_id, result.ticket.id) if result.ticket else None
    return _page(
        "answer",
        kiosk,
        place.id,
        result=result,
        saying=saying,
        early=result.next_step if result.verdict is Verdict.TOO_EARLY else None,
        paper=_paper().value,
        ticket=found,
        qr=qr.svg(found.text) if found and printed else "",
        code=show_staff_code(found.staff_code) if found else "",
        seconds=_SHOWN_WITH_BADGE if printed else _SHOWN,
        printed=printed,
        lang=current_language().value,
    )
