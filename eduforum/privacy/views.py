"""Public pages: what a series keeps of people, and what it keeps of me."""

from flask import Blueprint, Response, flash, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from eduforum.consents.queries import given_by, text_of, wordings
from eduforum.consents.rules import ANSWER, SENSITIVE, name_of
from eduforum.core import clock
from eduforum.core.errors import NotFound
from eduforum.core.i18n import Text
from eduforum.core.personal import Group, Person
from eduforum.delegations.queries import by_link as delegation_by_link
from eduforum.events.access import guarded_series
from eduforum.events.queries import days_of_series
from eduforum.privacy import export, queries, services
from eduforum.privacy.forms import ConfirmForm, PlainForm
from eduforum.privacy.rules import GROUP_HOLDS, GROUP_NAMES, goes_at
from eduforum.privacy.words import FIELDS
from eduforum.registration.history import actor_names, fields_text
from eduforum.registration.models import Delegation, Registration
from eduforum.registration.queries import by_link
from eduforum.registration.standing import standing_of
from eduforum.web.access import public
from eduforum.web.headers import never_refer

pages = Blueprint("privacy", __name__)


@pages.get("/s/<series>/privacy")
@public
def notice(series: str) -> ResponseReturnValue:
    """What this series asks for, why, and until when it is kept."""
    found = guarded_series()
    return render_template(
        "privacy/notice.html",
        series=found,
        fields=FIELDS,
        kept=_kept_until(found.id),
        days=queries.days_of(found.id),
        group_names=GROUP_NAMES,
        wordings=wordings(found.id).values(),
        name_of=name_of,
        sensitive=SENSITIVE,
    )


@pages.get("/r/<secret>/data")
@public
def data(secret: str) -> ResponseReturnValue:
    """What is kept of me and until when, what I agreed to, and who looked."""
    registration = by_link(secret)
    subject = _subject(registration)
    looks = queries.looks_at(subject)
    names = actor_names(entry.actor for entry in looks)
    return _private(
        render_template(
            "privacy/data.html",
            mine=standing_of(registration, clock.now()),
            secret=secret,
            kept=_kept_until(registration.series_id),
            days=queries.days_of(registration.series_id),
            group_names=GROUP_NAMES,
            group_holds=GROUP_HOLDS,
            consents=[
                (one, name_of(one.code), text_of(one.series_id, one.code, one.version))
                for one in given_by(subject)
            ],
            may_withdraw=_may_withdraw,
            looks=[
                (one, names[one.actor], fields_text(one.after.get("fields", []))) for one in looks
            ],
        )
    )


@pages.post("/r/<secret>/data/export")
@public
def export_mine(secret: str) -> ResponseReturnValue:
    """Everything that is kept of me, as a ZIP."""
    return _packed(_person(by_link(secret)))


@pages.route("/r/<secret>/data/consents/<code>/withdraw", methods=["GET", "POST"])
@public
def withdraw_consent(secret: str, code: str) -> ResponseReturnValue:
    """GET says what goes with it; POST takes it back."""
    registration = by_link(secret)
    given = [one for one in given_by(_subject(registration)) if one.withdrawn_at is None]
    if not _may_withdraw(code) or code not in {one.code for one in given}:
        raise NotFound
    form = PlainForm()
    if form.validate_on_submit():
        services.withdraw_consent(_person(registration), code)
        flash(
            str(Text("同意已撤回，相应信息已删除。", "Taken back; what was kept on it is erased.")),
            "ok",
        )
        return _private(redirect(url_for(".data", secret=secret), 303))
    page = render_template(
        "privacy/withdraw.html",
        mine=standing_of(registration, clock.now()),
        secret=secret,
        form=form,
        code=code,
        name=name_of(code),
    )
    return _private(page)


@pages.route("/r/<secret>/erase", methods=["GET", "POST"])
@public
def erase(secret: str) -> ResponseReturnValue:
    """GET says what will be gone; POST, with a tick, erases me."""
    registration = by_link(secret)
    form = ConfirmForm()
    if form.validate_on_submit():
        services.erase(_person(registration), by="person")
        return _private(redirect(url_for(".erased"), 303))
    person = _person(registration)
    page = render_template(
        "privacy/erase.html",
        mine=standing_of(registration, clock.now()),
        secret=secret,
        form=form,
        comes=queries.is_still_to_come(person, clock.now()),
    )
    return _private(page, 422 if form.is_submitted() else 200)


@pages.get("/d/<secret>/data")
@public
def liaison_data(secret: str) -> ResponseReturnValue:
    """What is kept of a unit's liaison, and until when."""
    delegation = delegation_by_link(secret)
    _liaison(delegation)
    page = render_template(
        "privacy/liaison.html",
        delegation=delegation,
        secret=secret,
        kept=_kept_until(delegation.series_id)[Group.GENERAL],
        days=queries.days_of(delegation.series_id)[Group.GENERAL],
    )
    return _private(page)


@pages.post("/d/<secret>/data/export")
@public
def export_liaison(secret: str) -> ResponseReturnValue:
    """Everything that is kept of the liaison, as a ZIP."""
    return _packed(_liaison(delegation_by_link(secret)))


@pages.route("/d/<secret>/data/erase", methods=["GET", "POST"])
@public
def erase_liaison(secret: str) -> ResponseReturnValue:
    """GET says what will be gone; POST, with a tick, erases the liaison. The unit's people stay."""
    delegation = delegation_by_link(secret)
    person, form = _liaison(delegation), ConfirmForm()
    if form.validate_on_submit():
        services.erase(person, by="person")
        return _private(redirect(url_for(".erased"), 303))
    page = render_template(
        "privacy/liaison_erase.html", delegation=delegation, secret=secret, form=form
    )
    return _private(page, 422 if form.is_submitted() else 200)


@pages.get("/privacy/erased")
@public
def erased() -> ResponseReturnValue:
    return render_template("privacy/erased.html")


def _may_withdraw(code: str) -> bool:
    """What is needed to take part at all is taken back by erasing everything."""
    return code == "id" or code.startswith(ANSWER)


def _kept_until(series_id: int) -> dict[Group, object]:
    _first, last = days_of_series([series_id]).get(series_id, (None, None))
    return {group: goes_at(last, days) for group, days in queries.days_of(series_id).items()}


def _subject(registration: Registration) -> str:
    return f"registration:{registration.id}"


def _person(registration: Registration) -> Person:
    return services.person_of(_subject(registration))


def _liaison(delegation: Delegation) -> Person:
    return services.person_of(f"delegation:{delegation.id}")


def _packed(person: Person) -> Response:
    response = Response(export.archive_of(person, by="person"), content_type="application/zip")
    response.headers.set("Content-Disposition", "attachment", filename="my-data.zip")
    return _private(response)


def _private(answer: ResponseReturnValue, status: int | None = None) -> Response:
    """For pages whose address is a secret: nobody keeps, indexes or refers to them."""
    response = make_response(answer)
    if status is not None:
        response.status_code = status
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return never_refer(response)
