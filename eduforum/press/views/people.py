"""One member of staff after the other, each on a page of a phone."""

from uuid import UUID

from flask import request
from flask.typing import ResponseReturnValue

from eduforum.core.errors import Refusal
from eduforum.core.i18n import Text
from eduforum.files.rules import BadFile
from eduforum.press import queries
from eduforum.press.forms.apply import PersonForm
from eduforum.press.models import Application, PressPerson
from eduforum.press.rules import State
from eduforum.press.rules.forms import PHOTO
from eduforum.press.rules.states import OPEN_TO_APPLICANT
from eduforum.press.services import drafts, identity
from eduforum.press.views.frame import back, blame, page, pages, spend_file, told
from eduforum.web.access import public


@pages.route("/p/<secret>/people/new", methods=["GET", "POST"])
@public
def add(secret: str) -> ResponseReturnValue:
    application = queries.by_link(secret)
    if application.state is not State.DRAFT:
        return back(secret)
    return _form(secret, application, None)


@pages.route("/p/<secret>/people/<uuid:person_id>", methods=["GET", "POST"])
@public
def person(secret: str, person_id: UUID) -> ResponseReturnValue:
    application = queries.by_link(secret)
    if application.state not in OPEN_TO_APPLICANT:
        return back(secret)
    one = queries.person_or_404(application.series_id, application.id, person_id)
    return _form(secret, application, one)


@pages.post("/p/<secret>/people/<uuid:person_id>/remove")
@public
def remove(secret: str, person_id: UUID) -> ResponseReturnValue:
    application = queries.by_link(secret)
    try:
        drafts.remove_person(application.series_id, application.id, person_id)
    except Refusal as refusal:
        told(refusal.sentence, "bad")
    else:
        told(Text("已删去。", "Removed."))
    return back(secret, anchor="people")


def _form(secret: str, application: Application, one: PressPerson | None) -> ResponseReturnValue:
    form = PersonForm(application, one)
    also: list[Text] = []
    if form.validate_on_submit():
        try:
            one = drafts.save_person(
                application.series_id, application.id, form.person_input(), one.id if one else None
            )
            _keep_photo(application, one, form)
        except BadFile as refusal:
            form.refuse("photo", refusal.sentence)
        except Refusal as refusal:
            also = blame(form, refusal)
        else:
            told(Text("已保存。", "Saved."))
            return back(secret, anchor=f"person-{one.id}")
    required = queries.windows_of(application.series_id)[application.media_group].required
    return page(
        "person",
        status=422 if request.method == "POST" else 200,
        application=application,
        series=application.series,
        person=one,
        form=form,
        also=also,
        required=required,
        known_number=identity.masked(one.id, one.id_number) if one else "",
        accept=PHOTO.accept,
        events=list(queries.events_by_id(application.series_id).values()),
        secret=secret,
    )


def _keep_photo(application: Application, one: PressPerson, form: PersonForm) -> None:
    upload = form.photo.data
    if upload is not None and upload.filename:
        spend_file()
        drafts.put_photo(application.series_id, application.id, one.id, upload)
