"""The steps of an application as they are sent: show, go back, refuse, and take it at the end."""

import re
from datetime import timedelta
from urllib.parse import urlsplit

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue

from eduforum.accounts.rules import network_of
from eduforum.core.errors import Refusal
from eduforum.core.i18n import Text
from eduforum.events.models import Series
from eduforum.files.services import draft_owner
from eduforum.registration import answering, services
from eduforum.registration.choices import Counter, counter
from eduforum.registration.forms import ApplicationForm, PersonForm
from eduforum.registration.models import Invitation
from eduforum.registration.queries import has_codes, invitation_by_code
from eduforum.registration.rules import AlreadyRegistered, PoolFull, RegistrationClosed
from eduforum.web import limits

MOST_CODES = 100
"""Codes that nobody gave out, from one network in an hour: they cannot be guessed."""


def apply(now_open: Counter, action: str) -> ResponseReturnValue:
    """One form over several steps, sent to `action`. Every step sends all that was typed; of it
    only files are stored before the last."""
    if request.method == "GET":
        form = ApplicationForm.begun(now_open, request.args)
        return _step(now_open, form, 2 if form.begins_invited else 1, action)
    form = ApplicationForm(now_open)
    answering.take_uploads(form.questions, draft_owner(f"web:{form.submit_id.data}"))
    step = min(_number(request.form.get("step"), form.last), form.last)
    back_to = _number(request.form.get("go"), 0)
    if 0 < back_to < step:
        return _step(now_open, form, back_to if form.offer else 1, action)
    wrong = form.first_wrong(step)
    if wrong:
        return _step(now_open, form, wrong, action, status=422)
    if step < form.last:
        more = answering.asks_more(form, step, request.form.get("seen"))
        return _step(now_open, form, step if more else step + 1, action)
    return _submit(now_open, form, action)


def typed_invitation(series: Series) -> Invitation | None:
    """The invitation whose code was sent with the form. Raises `TooOften` to whoever guesses."""
    typed = request.form.get("invitation_code", "").strip()
    return known_code(series, typed) if typed else None


def known_code(series: Series, typed: str) -> Invitation | None:
    """The invitation with this code, if there is one. Raises `TooOften` to whoever guesses."""
    network = network_of(request.remote_addr)
    limits.spend("invitation-code", network, most=MOST_CODES, per=timedelta(hours=1))
    found = invitation_by_code(series.id, typed)
    if found is not None:
        limits.give_back("invitation-code", network)
    return found


def blame(form: PersonForm, refusal: Refusal) -> list[Text]:
    """Put the refusal's sentences beside their fields; those that have none are returned."""
    beside = {name: lines for name, lines in refusal.errors.items() if name in form}
    for name, lines in beside.items():
        for line in lines:
            form.refuse(name, line)
    return [] if beside else [refusal.sentence]


def _submit(now_open: Counter, form: ApplicationForm, action: str) -> ResponseReturnValue:
    try:
        registration = services.register(
            now_open.series, form.application(), submit_id=f"web:{form.submit_id.data}"
        )
    except AlreadyRegistered as refusal:
        page = _page("already", series=now_open.series, sentence=refusal.sentence)
        return page, refusal.status
    except Refusal as refusal:
        return _refused_step(now_open, form, refusal, action)
    return redirect(urlsplit(services.my_url(registration)).path, 303)


def _step(
    now_open: Counter,
    form: ApplicationForm,
    step: int,
    action: str,
    *,
    also: list[Text] | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    asks_code = step == 1 and form.takes_code and has_codes(now_open.series.id)
    if now_open.open:
        held = answering.files_in(form.questions, draft_owner(f"web:{form.submit_id.data}"))
        left = _left(now_open, form)
        page = _page("register", counter=now_open, form=form, step=step, also=also or [],
                     held=held, left=left, action=action, asks_code=asks_code)  # fmt: skip
        return page, status
    asks_code = form.takes_code and has_codes(now_open.series.id)
    page = _page("register_shut", counter=now_open, form=form, action=action, asks_code=asks_code)
    return page, 409 if request.method == "POST" else 200


def _left(now_open: Counter, form: ApplicationForm) -> dict[str, answering.Left]:
    chosen = form.chosen_category
    return answering.left_of(now_open.pools, chosen) if chosen else {}


def _refused_step(
    now_open: Counter, form: ApplicationForm, refusal: Refusal, action: str
) -> ResponseReturnValue:
    """Show the step where the refusal can be mended, everything else kept."""
    fresh = counter(now_open.series, now_open.invitation)
    form.offer = fresh.offer(form.chosen_category) if form.chosen_category else None
    also = blame(form, refusal)
    step = next((form.step_of(name) for name in refusal.errors), form.last)
    if isinstance(refusal, PoolFull):
        gone = answering.blame_full(form.questions, _left(fresh, form), refusal.sentence)
        step, also = (form.step_of(gone), []) if gone else (2, also)
    elif isinstance(refusal, RegistrationClosed):
        step = 1
    return _step(fresh, form, step, action, also=also, status=refusal.status)


def _page(name: str, **values: object) -> str:
    return render_template(f"registration/{name}.html", **values)


def _number(text: str | None, otherwise: int) -> int:
    return int(text) if text and re.fullmatch("[1-9][0-9]?", text) else otherwise
