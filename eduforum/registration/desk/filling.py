"""An organiser corrects what somebody answered."""

from uuid import UUID

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from eduforum.core.errors import NotFound, Refusal
from eduforum.core.i18n import Text
from eduforum.events.access import guarded_series
from eduforum.registration import answering, services
from eduforum.registration.desk.frame import ACTORS, pages, with_filters
from eduforum.registration.filling_form import FillingForm
from eduforum.registration.queries import pools_of, registration_or_404
from eduforum.registration.rules import PoolFull
from eduforum.registration.services.answers import owner_of
from eduforum.web.access import requires


@pages.route(
    "/desk/s/<series>/registrations/<uuid:registration_id>/answers", methods=["GET", "POST"]
)
@requires(*ACTORS)
def answers(series: str, registration_id: UUID) -> ResponseReturnValue:
    """The questions as they were asked when the person answered them, sensitive ones left out."""
    here = guarded_series()
    person = registration_or_404(here.id, registration_id)
    form = FillingForm(person, as_answered=True, numbers=False)
    if person.erased_at is not None or form.questions is None:
        raise NotFound
    owner, problems = owner_of(person), list[Text]()
    answering.take_uploads(form.questions, owner)
    left = answering.left_of(pools_of(here.id), person.category, person)
    if form.validate_on_submit():
        try:
            services.fill_in(here.id, registration_id, form.filling(), as_answered=True)
        except Refusal as refusal:
            gone = isinstance(refusal, PoolFull) and answering.blame_full(
                form.questions, left, refusal.sentence
            )
            problems = [] if gone else answering.blame(form.questions, refusal)
        else:
            flash(str(Text("回答已更正。", "The answers are corrected.")), "ok")
            return redirect(with_filters(".registration", registration_id=registration_id), 303)
    page = render_template(
        "registration/desk_answers.html",
        person=person,
        form=form,
        also=problems,
        left=left,
        held=answering.files_in(form.questions, owner),
        back=with_filters(".registration", registration_id=registration_id),
    )
    return page, 422 if request.method == "POST" else 200
