"""What else is asked of somebody who is submitted: the ID number, the category's questions."""

from uuid import UUID

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from eduforum.core import clock
from eduforum.core.errors import Refusal
from eduforum.core.i18n import Text
from eduforum.delegations import services
from eduforum.delegations.grid import grid_of, may
from eduforum.delegations.queries import by_link, person_or_404
from eduforum.delegations.views.frame import back, page, pages, told
from eduforum.registration import answering
from eduforum.registration.filling_form import FillingForm
from eduforum.registration.models import Delegation, Registration
from eduforum.registration.queries import pools_of
from eduforum.registration.rules import PoolFull
from eduforum.registration.services.answers import owner_of
from eduforum.registration.services.identity import masked
from eduforum.web.access import public
from eduforum.web.headers import private


@pages.route("/d/<secret>/people/<uuid:registration>/fill-in", methods=["GET", "POST"])
@public
def fill_in(secret: str, registration: UUID) -> ResponseReturnValue:
    """Of a number on file the liaison sees the end, never more; sensitive answers are the person's."""
    delegation = by_link(secret)
    one = person_or_404(delegation, registration)
    form = FillingForm(one, as_answered=False, numbers=True)
    over = clock.now() >= delegation.edit_until
    if not form.asks_anything or not may(one, "fill_in", over=over):
        return _to_person(secret, registration)
    owner, problems = owner_of(one), list[Text]()
    answering.take_uploads(form.questions, owner)
    left = answering.left_of(pools_of(one.series_id), one.category, one)
    if form.validate_on_submit():
        try:
            services.people.fill_in(
                delegation.series_id, delegation.id, registration, form.filling()
            )
        except Refusal as refusal:
            problems = _blame(form, refusal, left)
        else:
            told(Text("已保存补充信息。", "Saved what was asked."))
            return _next(secret, delegation, one)
    status = 422 if request.method == "POST" else 200
    return page(
        "fill_in", status=status, delegation=delegation, person=one, form=form, also=problems,
        left=left, held=answering.files_in(form.questions, owner), secret=secret,
        on_file=masked(one.id, one.id_number),
    )  # fmt: skip


def _next(secret: str, delegation: Delegation, one: Registration) -> ResponseReturnValue:
    """The next person of whom something is asked, where that was wanted; otherwise this one."""
    if request.form.get("do") != "next":
        return _to_person(secret, one.id)
    lacking = [row.person for row in grid_of(delegation, clock.now()).lacking if row.person]
    following = next((person for person in lacking if person.id != one.id), None)
    if following is None:
        return back(secret)
    address = url_for("delegations.fill_in", secret=secret, registration=following.id)
    return private(redirect(address, 303))


def _blame(form: FillingForm, refusal: Refusal, left: dict[str, answering.Left]) -> list[Text]:
    """Put the sentences beside their fields; those that have none are returned."""
    if isinstance(refusal, PoolFull):
        gone = answering.blame_full(form.questions, left, refusal.sentence)
        return [] if gone else [refusal.sentence]
    beside = {name: lines for name, lines in refusal.errors.items() if name in form}
    for name, lines in beside.items():
        for line in lines:
            form.refuse(name, line)
    return [] if beside else [refusal.sentence]


def _to_person(secret: str, registration: UUID) -> ResponseReturnValue:
    address: str = url_for("delegations.person", secret=secret, registration=registration)
    return private(redirect(address, 303))
