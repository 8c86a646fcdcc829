"""Forms are built in a draft, and published as a version that never changes again."""

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select

from eduforum.core import audit, clock
from eduforum.core.db import db, transaction
from eduforum.core.errors import BadInput, NotFound
from eduforum.core.i18n import Text
from eduforum.core.names import search_forms
from eduforum.events.queries import is_used
from eduforum.events.rules import InUse
from eduforum.questions.models import FormVersion, QuestionForm
from eduforum.questions.queries import form_or_404
from eduforum.questions.rules import (
    Change,
    Question,
    changes,
    check_question,
    check_questions,
    from_json,
    to_json,
)
from eduforum.questions.rules.checking import fitted
from eduforum.questions.rules.sets import SETS


@dataclass(frozen=True, slots=True)
class Use:
    """A category that asks a form, and how many people have registered in it."""

    name: Text
    people: int


USES: list[Callable[[int], Sequence[Use]]] = []
"""Who asks a form (by its id): the room above enters itself in `factory`."""


def free_key(zh: str, en: str, held: Collection[str]) -> str:
    """A code of the English words, or of the pinyin; numbered if it is taken (`held`)."""
    words = re.sub(r"[^a-z0-9]+", "_", (en or search_forms(zh).pinyin).lower()).strip("_")
    stem = words[:36].rstrip("_")
    stem = stem if stem and stem[0].isalpha() else f"q_{stem}".rstrip("_")
    tries = (stem if n == 1 else f"{stem}_{n}" for n in range(1, len(held) + 2))
    return next(key for key in tries if key not in held)


def is_published(form_id: int) -> bool:
    """Whether the form asks anything yet."""
    return _published(form_id) is not None


def uses_of(form_id: int) -> list[Use]:
    return [use for ask in USES for use in ask(form_id)]


def create_form(series_id: int, name: Text) -> QuestionForm:
    """A form without questions; its draft is number 1. Raises `BadInput` without a name."""
    _check_name(name)
    with transaction():
        form = QuestionForm(series_id=series_id, name_zh=name.zh, name_en=name.en)
        db.session.add(form)
        db.session.flush()
        db.session.add(FormVersion(form_id=form.id, number=1, questions=[]))
        _record("form.create", form, after={"name_zh": name.zh})
    return form


def edit_form(series_id: int, form_id: int, name: Text, later_until: datetime | None) -> None:
    """Its name, and until when the questions after confirmation are answered."""
    _check_name(name)
    with transaction():
        form = _locked(series_id, form_id)
        form.name_zh, form.name_en, form.later_until = name.zh, name.en, later_until
        told = later_until.isoformat() if later_until else None
        _record("form.edit", form, after={"name_zh": name.zh, "later_until": told})


def delete_form(series_id: int, form_id: int) -> None:
    """Delete a form that no category asks and nobody answered. Raises `InUse`, `NotFound`."""
    with transaction():
        form = _locked(series_id, form_id)
        versions = db.session.scalars(
            select(FormVersion).where(FormVersion.form_id == form_id)
        ).all()
        answered = any(is_used(version) for version in versions)
        if answered or is_used(form, besides=("form_versions",)):
            raise InUse(
                Text(
                    "已有类别或报名用到这份表单，不能删除。",
                    "Categories or registrations use this form, so it cannot be deleted.",
                )
            )
        _record("form.delete", form, before={"name_zh": form.name_zh})
        for version in versions:
            db.session.delete(version)
        db.session.flush()
        db.session.delete(form)


def add_question(series_id: int, form_id: int, question: Question) -> Question:
    """Add a question at the end of the draft; without a key, one is made of its English words.

    Raises `BadInput` beside the field that is wrong.
    """
    with transaction():
        draft, questions = _draft(series_id, form_id)
        if not question.key:
            question = replace(
                question, key=free_key(question.zh, question.en, [q.key for q in questions])
            )
        if any(one.key == question.key for one in questions):
            sentence = Text("已有问题使用这个代码。", "Another question has this code.")
            raise BadInput(sentence, {"key": [sentence]})
        check_question(question, questions)
        _write(draft, [*questions, question])
        _record_draft("form.add_question", series_id, form_id, question.key)
    return question


def edit_question(series_id: int, form_id: int, key: str, question: Question) -> None:
    """Replace a question of the draft; its key stays. Conditions that no longer fit are dropped.

    Raises `BadInput`, `NotFound`.
    """
    with transaction():
        draft, questions = _draft(series_id, form_id)
        at = _index(questions, key)
        question = replace(question, key=key)
        check_question(question, questions[:at])
        _write(draft, fitted([*questions[:at], question, *questions[at + 1 :]]))
        _record_draft("form.edit_question", series_id, form_id, key)


def remove_question(series_id: int, form_id: int, key: str) -> None:
    """Take a question out of the draft, and out of the conditions of others."""
    with transaction():
        draft, questions = _draft(series_id, form_id)
        at = _index(questions, key)
        _write(draft, fitted([*questions[:at], *questions[at + 1 :]]))
        _record_draft("form.remove_question", series_id, form_id, key)


def move_question(series_id: int, form_id: int, key: str, to: int) -> None:
    """Put a question at place `to` (0 is the first); conditions that would ask for a later
    question are dropped."""
    with transaction():
        draft, questions = _draft(series_id, form_id)
        moved = questions.pop(_index(questions, key))
        questions.insert(max(0, min(to, len(questions))), moved)
        _write(draft, fitted(questions))
        _record_draft("form.move_question", series_id, form_id, key)


def add_set(series_id: int, form_id: int, set_key: str) -> int:
    """Add the questions of a ready-made set that are not there yet; how many. Raises `NotFound`."""
    if set_key not in SETS:
        raise NotFound
    with transaction():
        draft, questions = _draft(series_id, form_id)
        held = {question.key for question in questions}
        fresh = [one for one in SETS[set_key].questions if one.key not in held]
        together = fitted([*questions, *fresh])
        check_questions(together)
        _write(draft, together)
        _record_draft("form.add_set", series_id, form_id, set_key)
    return len(fresh)


def discard_draft(series_id: int, form_id: int) -> None:
    """Give up what was changed since the last publication."""
    with transaction():
        _locked(series_id, form_id)
        draft = _stored_draft(form_id)
        if draft is not None and draft.number > 1:
            db.session.delete(draft)
            _record_draft("form.discard_draft", series_id, form_id, "")


def publish(series_id: int, form_id: int) -> list[Change]:
    """Ask the draft's questions from now on. Returns what changed.

    Raises `BadInput` if the questions do not fit together, or nothing has changed.
    """
    with transaction():
        form = _locked(series_id, form_id)
        draft = _stored_draft(form_id)
        if draft is None:
            raise _nothing()
        questions = from_json(draft.questions)
        check_questions(questions)
        before = _published(form_id)
        found = changes(from_json(before.questions) if before else (), questions)
        if before is not None and before.questions == draft.questions:
            raise _nothing()
        draft.published_at = clock.now()
        _record("form.publish", form, after={"version": draft.number, "questions": len(questions)})
    return found


def put_questions(
    series_id: int, form_id: int, questions: Sequence[Question], *, over_draft: bool = False
) -> bool:
    """Ask exactly these from now on, as a new version. Whether they were other ones before.

    over_draft: also where a draft lies, as that of a new form. Raises `BadInput` if the questions
    do not fit together, or for changes that nobody has published.
    """
    with transaction():
        _locked(series_id, form_id)
        before = _published(form_id)
        if before is not None and from_json(before.questions) == tuple(questions):
            return False
        if not over_draft and _stored_draft(form_id) is not None:
            raise BadInput(
                Text(
                    "这份表单有未发布的修改，请先发布或放弃。",
                    "This form has changes that are not published; publish or discard them first.",
                )
            )
        draft, _questions = _draft(series_id, form_id)
        _write(draft, questions)
        publish(series_id, form_id)
    return True


def draft_changes(series_id: int, form_id: int) -> list[Change]:
    """What publishing the draft would change."""
    form_or_404(series_id, form_id)
    draft, before = _stored_draft(form_id), _published(form_id)
    if draft is None:
        return []
    return changes(from_json(before.questions) if before else (), from_json(draft.questions))


def current_questions(series_id: int, form_id: int) -> tuple[list[Question], bool]:
    """The questions of the draft, or of what is published; whether it is a draft."""
    form_or_404(series_id, form_id)
    draft = _stored_draft(form_id)
    shown = draft or _published(form_id)
    return list(from_json(shown.questions)) if shown else [], draft is not None


def _draft(series_id: int, form_id: int) -> tuple[FormVersion, list[Question]]:
    """The draft, made from the newest version if there is none; its form is locked."""
    _locked(series_id, form_id)
    draft, before = _stored_draft(form_id), _published(form_id)
    if draft is None:
        draft = FormVersion(
            form_id=form_id,
            number=before.number + 1 if before else 1,
            questions=list(before.questions) if before else [],
        )
        db.session.add(draft)
    return draft, list(from_json(draft.questions))


def _write(draft: FormVersion, questions: Sequence[Question]) -> None:
    check_questions(questions)
    draft.questions = to_json(questions)
    db.session.flush()


def _locked(series_id: int, form_id: int) -> QuestionForm:
    form = db.session.get(QuestionForm, form_id, with_for_update=True, populate_existing=True)
    if form is None or form.series_id != series_id:
        raise NotFound
    return form


def _stored_draft(form_id: int) -> FormVersion | None:
    return db.session.scalar(
        select(FormVersion).where(
            FormVersion.form_id == form_id, FormVersion.published_at.is_(None)
        )
    )


def _published(form_id: int) -> FormVersion | None:
    return db.session.scalar(
        select(FormVersion)
        .where(FormVersion.form_id == form_id, FormVersion.published_at.is_not(None))
        .order_by(FormVersion.number.desc())
        .limit(1)
    )


def _index(questions: Sequence[Question], key: str) -> int:
    found = next((n for n, question in enumerate(questions) if question.key == key), None)
    if found is None:
        raise NotFound
    return found


def _check_name(name: Text) -> None:
    if not name.zh.strip():
        sentence = Text("请填写表单名称。", "Name the form in Chinese.")
        raise BadInput(sentence, {"name_zh": [sentence]})


def _nothing() -> BadInput:
    return BadInput(Text("没有需要发布的修改。", "There is nothing new to publish."))


def _record(action: str, form: QuestionForm, **values: dict[str, object]) -> None:
    audit.record(action, f"form:{form.id}", series_id=form.series_id, **values)


def _record_draft(action: str, series_id: int, form_id: int, what: str) -> None:
    audit.record(action, f"form:{form_id}", series_id=series_id, after={"question": what})
