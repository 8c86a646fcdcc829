"""A category's questions on the pages of a person: their form, and the files sent with it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import request

from eduforum.accounts.rules import network_of
from eduforum.core.errors import Refusal
from eduforum.core.i18n import Text
from eduforum.files.models import StoredFile
from eduforum.files.queries import files_of
from eduforum.questions.forms import AnswersForm, answers_form, build
from eduforum.questions.queries import asked_by
from eduforum.questions.rules import Stage
from eduforum.registration.models import Category, Pool, Registration
from eduforum.registration.queries import quota
from eduforum.registration.services.answers import agreed_of
from eduforum.registration.services.filling import fillable
from eduforum.registration.steps import Stepped
from eduforum.web import limits


def questions_for(
    category: Category | None,
    registration: Registration | None = None,
    stage: Stage = Stage.REGISTER,
    *,
    formdata: Any = True,
    **_form: Any,
) -> AnswersForm | None:
    """The form of the questions that a category asks at this stage; None if it asks nothing.

    registration: whose answers it starts with. formdata: as WTForms takes it; by default what
    the request sent.
    """
    asked = asked_by(category.form_id) if category else None
    if asked is None or not asked.at(stage):
        return None
    sent = {} if formdata is True else {"formdata": formdata}
    if registration is None:
        return answers_form(asked, stage)(**sent)
    mine = {question.key for question in asked.at(stage)}
    return answers_form(asked, stage)(
        stored=registration.answers,
        agreed=agreed_of(registration, stage),
        known={k: v for k, v in registration.answers.items() if k not in mine},
        **sent,
    )


def filling_form(registration: Registration, *, as_answered: bool) -> AnswersForm | None:
    """The questions that somebody else may answer for this person (see `services.fillable`)."""
    questions = fillable(registration, as_answered=as_answered)
    if not questions:
        return None
    shown = {question.key for question in questions}
    form = build(questions)(
        stored=registration.answers,
        known={key: value for key, value in registration.answers.items() if key not in shown},
    )
    form.demand = False
    return form


def plain_consents(registration: Registration) -> list[str]:
    """The consents of a registration but for those that belong to answers."""
    return [code for code in registration.consents if not code.startswith("answers.")]


def take_uploads(form: AnswersForm | None, owner: str) -> None:
    """Store the files that came with a form; so many from one network in an hour."""
    if form is not None:
        network = network_of(request.remote_addr)
        form.take_uploads(
            owner, lambda: limits.spend("upload", network, most=300, per=timedelta(hours=1))
        )


def files_in(form: AnswersForm | None, owner: str) -> Mapping[str, StoredFile]:
    """The files that an owner has sent, by id, as far as a form may show them."""
    return {str(file.id): file for file in files_of(owner)} if form is not None else {}


@dataclass(frozen=True, slots=True)
class Left:
    """What is left of a limited option. kept: the person holds one already. may_wait: it can be
    chosen all the same, and one waits for it."""

    free: int
    kept: bool
    may_wait: bool


def left_of(
    pools: Iterable[Pool], category: Category, registration: Registration | None = None
) -> dict[str, Left]:
    """What is left of every limited option, for somebody of this category."""
    mine = registration.option_names if registration else []
    left: dict[str, Left] = {}
    for pool in pools:
        if pool.option is None or pool.category_id not in (None, category.id):
            continue
        now, before = quota(pool), left.get(pool.option)
        least = min(now.free, before.free) if before else now.free
        waits = (now.free > 0 or not now.line_is_full) and (before is None or before.may_wait)
        left[pool.option] = Left(least, pool.option in mine, waits)
    return left


def blame_full(form: AnswersForm | None, left: Mapping[str, Left], sentence: Text) -> str | None:
    """Put `sentence` beside the question whose chosen option has run out; the field's name."""
    for question in form.asked if form else ():
        chosen = form[question.name].data if form else None
        keys = chosen if isinstance(chosen, list) else [chosen]
        gone = [left.get(f"{question.key}={key}") for key in keys]
        if form and any(one and not (one.free or one.kept or one.may_wait) for one in gone):
            form.refuse(question.name, sentence)
            return question.name
    return None


def blame(form: AnswersForm, refusal: Refusal) -> list[Text]:
    """Put the refusal's sentences beside their questions; those that have none are returned."""
    beside = {name: lines for name, lines in refusal.errors.items() if name in form}
    for name, lines in beside.items():
        for line in lines:
            form.refuse(name, line)
    return [] if beside else [refusal.sentence]


def asks_more(form: Stepped, step: int, seen: str | None) -> bool:
    """Whether the answers on a page make further questions of it appear, which whoever sent it
    without a script has not seen (`seen`: keys of those that were shown, None if it says nothing)."""
    asks = form.steps[step - 1].asks
    if asks is None or form.questions is None or seen is None:
        return False
    return form.questions.unseen(asks, seen)
