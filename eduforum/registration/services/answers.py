"""Answers to a category's questions: taken as its form asks now, kept with that version."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from eduforum.core.db import db
from eduforum.core.errors import BadInput
from eduforum.core.i18n import Text
from eduforum.files import services as files
from eduforum.files.queries import files_of
from eduforum.questions.queries import Asked, asked_by, asked_in
from eduforum.questions.rules import (
    Accepted,
    Question,
    Stage,
    accept,
    chosen_options,
    door_notes,
    visible,
)
from eduforum.questions.rules.shapes import UPLOADS
from eduforum.questions.services import Use
from eduforum.registration.models import Category, Registration, RegistrationOption
from eduforum.registration.services.choice import Application

_OF_ANSWERS = "answers."


@dataclass(frozen=True, slots=True)
class Answered:
    """What a registration keeps of answers. columns: values of its own columns. uploads: ids
    of the files that are part of it. options: what was chosen, as pools name it. Both are None
    when they stay as they are."""

    columns: dict[str, Any]
    uploads: frozenset[UUID] | None
    options: tuple[str, ...] | None


def owner_of(registration: Registration) -> str:
    """Who owns the files of a registration."""
    return f"registration:{registration.id}"


def taken(
    category: Category, application: Application, *, drafts: str, source: str, staff: bool
) -> Answered:
    """The answers of a new registration. drafts: who owns what was uploaded with them.

    A person and a program have to answer what is required; whoever registers another person
    need not know it. Raises `BadInput` by field (`answers.<key>`).
    """
    asked = asked_by(category.form_id)
    accepted = accept(
        asked.at(Stage.REGISTER) if asked else (),
        application.answers or {},
        _agreed(application.consents),
        demand=not staff and source in ("web", "api"),
        demand_uploads=source == "web",
    )
    return _answered(asked, Stage.REGISTER, accepted, application.consents, owners=[drafts])


def changed(
    registration: Registration, application: Application, *, staff: bool, drafts: str = ""
) -> Answered:
    """The answers of a registration that is changed; without new ones they stay as they are.

    What was answered after confirmation is kept as far as it is still asked.
    """
    if application.answers is None:
        same = {"answers": registration.answers, "consents": list(application.consents)}
        return Answered(same, None, None)
    asked = asked_by(registration.category.form_id)
    accepted = accept(
        asked.at(Stage.REGISTER) if asked else (),
        application.answers,
        _agreed(application.consents),
        demand=not staff,
    )
    return _answered(
        asked,
        Stage.REGISTER,
        accepted,
        application.consents,
        owners=[drafts, owner_of(registration)],
        others=_still_asked(registration, accepted),
        stamps=registration.consents,
    )


def answered_later(
    registration: Registration, given: Mapping[str, Any], consents: Collection[str]
) -> Answered:
    """The answers after confirmation. Raises `BadInput` by field."""
    asked = asked_by(registration.category.form_id)
    questions = asked.at(Stage.AFTER) if asked else ()
    mine = {question.key for question in questions}
    others = {key: value for key, value in registration.answers.items() if key not in mine}
    accepted = accept(questions, given, _agreed(consents), known=others)
    return _answered(
        asked,
        Stage.AFTER,
        accepted,
        registration.consents,
        owners=[owner_of(registration)],
        others=others,
        stamps=registration.consents,
    )


def choose(registration: Registration, answered: Answered) -> None:
    """Keep what was chosen, by which pools count it."""
    if answered.options is None:
        return
    held = {one.option: one for one in registration.options}
    registration.options = [held.get(one) or RegistrationOption(option=one)
                            for one in answered.options]  # fmt: skip


def keep(registration: Registration, answered: Answered, drafts: str = "") -> None:
    """Hand the files over to a stored registration, and remove those that are no longer part of
    it. Call it in the transaction of the change, once the registration has its id."""
    if answered.uploads is None:
        return
    owner = owner_of(registration)
    if drafts:
        files.hand_over(drafts, owner, answered.uploads)
    elif left := {file.id for file in files_of(owner)} - answered.uploads:
        files.remove(owner, left)


def agreed_of(registration: Registration, stage: Stage) -> list[str]:
    """The codes of consents to sensitive answers that still cover what is asked: those given
    under a version that asked in the same words."""
    asked = asked_by(registration.category.form_id)
    before = asked_in(version_of(registration, stage))
    if asked is None or before is None:
        return []
    return [
        code
        for code in _agreed(registration.consents)
        if _same_words(
            asked.question(code.removeprefix(_OF_ANSWERS)),
            before.question(code.removeprefix(_OF_ANSWERS)),
        )
    ]


def asked_of(registration: Registration) -> list[Question]:
    """The questions that a registration's answers belong to, in order."""
    first, later = asked_in(registration.form_version_id), asked_in(registration.later_version_id)
    return [
        *(first.at(Stage.REGISTER) if first else ()),
        *(later.at(Stage.AFTER) if later else ()),
    ]


def uses_of_form(form_id: int) -> list[Use]:
    """The categories that ask a form, and how many people have registered in each."""
    rows = db.session.execute(
        select(Category.name_zh, Category.name_en, func.count(Registration.id))
        .outerjoin(Registration, Registration.category_id == Category.id)
        .where(Category.form_id == form_id)
        .group_by(Category.id)
        .order_by(Category.position, Category.id)
    )
    return [Use(Text(zh, en), people) for zh, en, people in rows]


def first_asked(category: Category) -> Sequence[Question]:
    """The questions that a category asks at registration now, in order."""
    asked = asked_by(category.form_id)
    return asked.at(Stage.REGISTER) if asked else ()


def door_notes_of(registration: Registration) -> dict[str, str]:
    """What the door may see of the answers."""
    return door_notes(asked_of(registration), registration.answers or {})


def _answered(
    asked: Asked | None,
    stage: Stage,
    accepted: Accepted,
    consents: Collection[str],
    *,
    owners: Collection[str],
    others: Mapping[str, Any] | None = None,
    stamps: Collection[str] = (),
) -> Answered:
    answers = {**(others or {}), **accepted.answers}
    plain = [code for code in consents if not code.startswith(_OF_ANSWERS)]
    kept = [code for code in stamps if _key_of(code) in (others or {})]
    given = [f"{code}@{asked.number}" for code in accepted.consents] if asked else []
    column = "form_version_id" if stage is Stage.REGISTER else "later_version_id"
    return Answered(
        {
            "answers": answers,
            "consents": list(dict.fromkeys([*plain, *kept, *given])),
            column: asked.version_id if asked else None,
        },
        uploads_of(asked.questions if asked else (), answers, owners),
        tuple(chosen_options(asked.questions, answers)) if asked else (),
    )


def uploads_of(
    questions: Sequence[Question], answers: Mapping[str, Any], owners: Collection[str]
) -> frozenset[UUID]:
    """The files among the answers. Raises `BadInput` for one that is not the person's."""
    sent = [one for one in questions if one.kind in UPLOADS and one.key in answers]
    wanted = {one: UUID(answers[one.key]) for one in sent}
    if not wanted:
        return frozenset()
    held = {file.id for owner in owners if owner for file in files_of(owner)}
    errors = {
        question.name: [Text("请重新选择文件。", "Choose the file again.")]
        for question, file_id in wanted.items()
        if file_id not in held
    }
    if errors:
        raise BadInput(next(iter(errors.values()))[0], errors)
    return frozenset(wanted.values())


def _still_asked(registration: Registration, accepted: Accepted) -> dict[str, Any]:
    later = asked_in(registration.later_version_id)
    after = later.at(Stage.AFTER) if later else ()
    held = {
        one.key: registration.answers[one.key] for one in after if one.key in registration.answers
    }
    asked = visible(after, held, accepted.answers)
    return {one.key: held[one.key] for one in asked if one.key in held}


def still_given(consents: Collection[str], held: Mapping[str, Any]) -> list[str]:
    """These consents without those to answers that are no longer there."""
    return [code for code in consents if not _key_of(code) or _key_of(code) in held]


def _agreed(consents: Collection[str]) -> list[str]:
    """Codes of consents to sensitive answers, without the version under which they were given."""
    return [code.partition("@")[0] for code in consents if code.startswith(_OF_ANSWERS)]


def _key_of(code: str) -> str:
    return code.partition("@")[0].removeprefix(_OF_ANSWERS) if code.startswith(_OF_ANSWERS) else ""


def version_of(registration: Registration, stage: Stage) -> UUID | None:
    """The version of the form that was answered at this stage."""
    if stage is Stage.REGISTER:
        return registration.form_version_id
    return registration.later_version_id


def note_version(registration: Registration, stage: Stage, version_id: UUID) -> None:
    """Say which version was answered at this stage."""
    if stage is Stage.REGISTER:
        registration.form_version_id = version_id
    else:
        registration.later_version_id = version_id


def _same_words(now: Question | None, then: Question | None) -> bool:
    return now is not None and then is not None and (now.label, now.help) == (then.label, then.help)
