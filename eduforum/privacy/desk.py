"""The organisers' pages of personal data: what goes when, the texts people agree to, one person."""

from uuid import UUID

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from eduforum.consents import services as consents
from eduforum.consents.queries import versions, wordings
from eduforum.consents.rules import SENSITIVE, name_of
from eduforum.core import clock
from eduforum.core.errors import BadInput, NotFound
from eduforum.core.i18n import Text
from eduforum.core.personal import Person
from eduforum.delegations.queries import delegation_or_404
from eduforum.events.access import guarded_series
from eduforum.privacy import export, queries, services
from eduforum.privacy.forms import DaysForm, PlainForm, ReasonForm, TextForm
from eduforum.privacy.rules import GROUP_HOLDS, GROUP_NAMES
from eduforum.registration.queries import registration_or_404
from eduforum.web.access import Role, requires
from eduforum.web.forms import Form

pages = Blueprint("privacy_desk", __name__)

_ROOT = "/desk/s/<series>/settings/privacy"
_LIAISON = "/desk/s/<series>/delegations/<uuid:delegation_id>/data"
_PERSON = "/desk/s/<series>/registrations/<uuid:registration_id>/data"


@pages.route(_ROOT, methods=["GET", "POST"])
@requires(Role.ORGANISER)
def privacy(series: str) -> ResponseReturnValue:
    """What goes when; POST changes how long it stays."""
    here = guarded_series()
    form = DaysForm(data={g.value: str(d) for g, d in queries.days_of(here.id).items()})
    if form.validate_on_submit():
        try:
            services.set_days(here.id, form.days())
        except BadInput as refusal:
            _blame(form, refusal)
        else:
            flash(str(Text("保存期限已更改。", "The periods are changed.")), "ok")
            return redirect(url_for(".privacy", series=series), 303)
    page = render_template(
        "privacy/desk.html",
        form=form,
        dues=queries.dues(services.SOURCES, [here]),
        now=clock.now(),
        group_names=GROUP_NAMES,
        group_holds=GROUP_HOLDS,
        wordings=wordings(here.id).values(),
        name_of=name_of,
        sensitive=SENSITIVE,
        runs=queries.runs(1),
    )
    return page, 422 if form.is_submitted() else 200


@pages.route(f"{_ROOT}/texts/<code>", methods=["GET", "POST"])
@requires(Role.ORGANISER)
def text(series: str, code: str) -> ResponseReturnValue:
    """One text; another wording becomes another version."""
    here = guarded_series()
    wording = wordings(here.id).get(code)
    if wording is None:
        raise NotFound
    form = TextForm.of(wording)
    if form.validate_on_submit():
        made = consents.write(here.id, code, form.text_zh.data, form.text_en.data)
        told = Text("现行文本为第 {n} 版。", "Version {n} stands now.").fill(n=made.version)
        flash(str(told), "ok")
        return redirect(url_for(".privacy", series=series), 303)
    page = render_template(
        "privacy/consent_text.html",
        form=form,
        wording=wording,
        name=name_of(code),
        earlier=versions(here.id, code),
    )
    return page, 422 if form.is_submitted() else 200


@pages.get(_PERSON)
@requires(Role.ORGANISER)
def person(series: str, registration_id: UUID) -> ResponseReturnValue:
    """What can be done with one person's data."""
    return _person_page(registration_id, ReasonForm())


@pages.post(f"{_PERSON}/export")
@requires(Role.ORGANISER)
def export_person(series: str, registration_id: UUID) -> ResponseReturnValue:
    """A copy for somebody who asks for it in another way than by the own link."""
    if not PlainForm().validate_on_submit():
        return redirect(url_for(".person", series=series, registration_id=registration_id), 303)
    return _packed(_found(registration_id))


@pages.post(f"{_PERSON}/erase")
@requires(Role.ORGANISER)
def erase_person(series: str, registration_id: UUID) -> ResponseReturnValue:
    form = ReasonForm()
    if not form.validate_on_submit():
        return _person_page(registration_id, form), 422
    services.erase(_found(registration_id), by="organiser", reason=form.reason.data)
    flash(str(Text("个人信息已删除。", "The personal data is erased.")), "ok")
    return redirect(url_for("registration_desk.registrations", series=series), 303)


@pages.get(_LIAISON)
@requires(Role.ORGANISER)
def liaison(series: str, delegation_id: UUID) -> ResponseReturnValue:
    """What can be done with the data of a unit's liaison."""
    return _liaison_page(delegation_id, ReasonForm())


@pages.post(f"{_LIAISON}/export")
@requires(Role.ORGANISER)
def export_liaison(series: str, delegation_id: UUID) -> ResponseReturnValue:
    if not PlainForm().validate_on_submit():
        return redirect(url_for(".liaison", series=series, delegation_id=delegation_id), 303)
    return _packed(_liaison(delegation_id))


@pages.post(f"{_LIAISON}/erase")
@requires(Role.ORGANISER)
def erase_liaison(series: str, delegation_id: UUID) -> ResponseReturnValue:
    """The link is dead afterwards; the unit and its people stay."""
    form = ReasonForm()
    if not form.validate_on_submit():
        return _liaison_page(delegation_id, form), 422
    services.erase(_liaison(delegation_id), by="organiser", reason=form.reason.data)
    flash(str(Text("联络员的个人信息已删除。", "The data of the liaison is erased.")), "ok")
    address = url_for("delegations_desk.delegation", series=series, delegation_id=delegation_id)
    return redirect(address, 303)


def _liaison(delegation_id: UUID) -> Person:
    delegation_or_404(guarded_series().id, delegation_id)
    return services.person_of(f"delegation:{delegation_id}")


def _liaison_page(delegation_id: UUID, form: ReasonForm) -> str:
    _liaison(delegation_id)
    return render_template(
        "privacy/desk_liaison.html",
        delegation=delegation_or_404(guarded_series().id, delegation_id),
        form=form,
    )


def _packed(person: Person) -> Response:
    response = Response(export.archive_of(person, by="organiser"), content_type="application/zip")
    response.headers.set("Content-Disposition", "attachment", filename="personal-data.zip")
    return response


def _found(registration_id: UUID) -> Person:
    registration_or_404(guarded_series().id, registration_id)
    return services.person_of(f"registration:{registration_id}")


def _person_page(registration_id: UUID, form: ReasonForm) -> str:
    registration = registration_or_404(guarded_series().id, registration_id)
    person = services.person_of(f"registration:{registration_id}")
    return render_template(
        "privacy/desk_person.html",
        person=registration,
        form=form,
        comes=queries.is_still_to_come(person, clock.now()),
        looks=queries.looks_at(person.subject),
        asked=request.method == "POST",
    )


def _blame(form: Form, refusal: BadInput) -> None:
    for name, lines in refusal.errors.items():
        for line in lines:
            form.refuse(name, line)
