"""A person's pages of what is asked after confirmation, and of the files they sent."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from eduforum.core import clock
from eduforum.core.errors import NotFound, Refusal
from eduforum.core.i18n import Text
from eduforum.files import serving
from eduforum.files.queries import file_or_404
from eduforum.questions.rules import Stage
from eduforum.registration import answering, services
from eduforum.registration.models import Registration
from eduforum.registration.queries import by_link, pools_of
from eduforum.registration.rules import PoolFull
from eduforum.registration.services.answers import owner_of
from eduforum.registration.standing import standing_of
from eduforum.registration.views import pages
from eduforum.web.access import public
from eduforum.web.headers import private

__all__ = ["pages"]


@pages.route("/r/<secret>/more", methods=["GET", "POST"])
@public
def more(secret: str) -> ResponseReturnValue:
    """Arrival, lodging, meals: answered, and changed until the date that the page names."""
    registration = by_link(secret)
    later = services.later_of(registration, clock.now())
    form = answering.questions_for(registration.category, registration, Stage.AFTER)
    if later is None or form is None or not later.open:
        return private(redirect(url_for(".mine", secret=secret), 303))
    owner, problems = owner_of(registration), list[Text]()
    answering.take_uploads(form, owner)
    if form.is_submitted() and form.validate():
        said = form.accepted
        try:
            services.answer_later(
                registration.series_id, registration.id, said.answers, said.consents
            )
        except Refusal as refusal:
            gone = isinstance(refusal, PoolFull) and answering.blame_full(
                form, _left(registration), refusal.sentence
            )
            problems = [] if gone else answering.blame(form, refusal)
        else:
            flash(
                str(Text("已保存，截止前可再修改。", "Saved. You can change it until the date.")),
                "ok",
            )
            return private(redirect(url_for(".mine", secret=secret), 303))
    page = render_template(
        "registration/more.html",
        mine=standing_of(registration, clock.now()),
        later=later,
        form=form,
        also=problems,
        held=answering.files_in(form, owner),
        left=_left(registration),
        secret=secret,
    )
    return private(page, 422 if request.method == "POST" else 200)


def _left(registration: Registration) -> dict[str, answering.Left]:
    pools = pools_of(registration.series_id)
    return answering.left_of(pools, registration.category, registration)


@pages.get("/r/<secret>/files/<uuid:file_id>")
@public
def my_file(secret: str, file_id: UUID) -> ResponseReturnValue:
    """A file that this person sent, as an attachment."""
    registration = by_link(secret)
    if str(file_id) not in map(str, registration.answers.values()):
        raise NotFound
    return private(serving.attachment(file_or_404(owner_of(registration), file_id)))
