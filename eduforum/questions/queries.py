"""Named reads of forms. Published questions are kept in memory: their version never changes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from flask import current_app
from sqlalchemy import select

from eduforum.core.db import db
from eduforum.core.errors import NotFound
from eduforum.core.i18n import Text
from eduforum.questions.models import FormVersion, QuestionForm
from eduforum.questions.rules import Question, Stage, from_json


@dataclass(frozen=True, slots=True)
class Asked:
    """The published questions of a form."""

    version_id: UUID
    number: int
    questions: tuple[Question, ...]

    def at(self, stage: Stage) -> tuple[Question, ...]:
        return tuple(question for question in self.questions if question.stage is stage)

    def question(self, key: str) -> Question | None:
        return next((question for question in self.questions if question.key == key), None)


def forms_of(series_id: int) -> Sequence[QuestionForm]:
    return db.session.scalars(
        select(QuestionForm).where(QuestionForm.series_id == series_id).order_by(QuestionForm.id)
    ).all()


def form_or_404(series_id: int, form_id: int) -> QuestionForm:
    form = db.session.get(QuestionForm, form_id)
    if form is None or form.series_id != series_id:
        raise NotFound
    return form


def options_of(series_id: int) -> dict[str, Text]:
    """Every option that a form of the series offers, as pools name it, in words."""
    asked = all_asked_by(form.id for form in forms_of(series_id))
    return {
        f"{question.key}={option.key}": Text("{question}：{option}", "{question}: {option}").fill(
            question=question.label, option=option.label
        )
        for one in asked.values()
        for question in one.questions
        for option in question.options
    }


def versions_of(form_id: int) -> Sequence[FormVersion]:
    """Every version, the newest first; a draft is the first."""
    return db.session.scalars(
        select(FormVersion)
        .where(FormVersion.form_id == form_id)
        .order_by(FormVersion.number.desc())
    ).all()


def asked_by(form_id: int | None) -> Asked | None:
    """What a form asks now; None without a form, or while nothing of it is published."""
    return all_asked_by([form_id]).get(form_id) if form_id is not None else None


def all_asked_by(form_ids: Iterable[int | None]) -> dict[int, Asked]:
    """The same for many forms, in at most two queries."""
    wanted = {one for one in form_ids if one is not None}
    if not wanted:
        return {}
    rows = db.session.execute(
        select(FormVersion.form_id, FormVersion.id)
        .where(FormVersion.form_id.in_(wanted), FormVersion.published_at.is_not(None))
        .order_by(FormVersion.number)
    )
    newest = {row.form_id: row.id for row in rows}
    asked = all_asked_in(newest.values())
    return {form_id: asked[version_id] for form_id, version_id in newest.items()}


def asked_in(version_id: UUID | None) -> Asked | None:
    """The questions of one published version, as they were answered."""
    return all_asked_in([version_id]).get(version_id) if version_id else None


def all_asked_in(version_ids: Iterable[UUID | None]) -> dict[UUID, Asked]:
    """The same for many, in at most one query."""
    kept = _kept()
    wanted = {one for one in version_ids if one is not None}
    missing = wanted - kept.keys()
    if missing:
        rows = db.session.execute(
            select(FormVersion.id, FormVersion.number, FormVersion.questions).where(
                FormVersion.id.in_(missing), FormVersion.published_at.is_not(None)
            )
        )
        for row in rows:
            kept[row.id] = Asked(row.id, row.number, from_json(row.questions))
    return {one: kept[one] for one in wanted if one in kept}


def _kept() -> dict[UUID, Asked]:
    """Of this process and database; small: an organiser publishes a few dozen versions."""
    kept: dict[UUID, Asked] = current_app.extensions.setdefault("published_questions", {})
    return kept
