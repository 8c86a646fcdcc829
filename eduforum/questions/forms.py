"""The form that asks the questions of one version: its class is built from them, and kept."""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict
from typing import Any, ClassVar
from uuid import UUID

import wtforms
from flask import current_app
from werkzeug.datastructures import FileStorage

from eduforum.core.errors import BadInput
from eduforum.core.i18n import Text
from eduforum.files import services as files
from eduforum.files.rules import DOCUMENTS, IMAGES, BadFile, Limits
from eduforum.questions.queries import Asked
from eduforum.questions.rules import (
    Accepted,
    Kind,
    Question,
    Stage,
    Step,
    accept,
    consent_code,
    read_answer,
    readable,
    steps,
    visible,
)
from eduforum.web.forms import Form, LongTextField, ManyField, TextField

LIMITS: Mapping[Kind, Limits] = {
    Kind.FILE: Limits(kinds=DOCUMENTS),
    Kind.PHOTO: Limits(kinds=IMAGES, longest_side=1600, shortest_side=200),
}


class UploadField(wtforms.Field):
    """A file that is chosen now (`upload`), or the id of one that was sent before (`data`)."""

    upload: FileStorage | None = None

    def process_formdata(self, values: list[Any]) -> None:
        chosen = [one for one in values if isinstance(one, FileStorage) and one.filename]
        sent = [one for one in values if isinstance(one, str) and one]
        self.upload = chosen[-1] if chosen else None
        self.data = sent[-1] if sent else None


class AnswersForm(Form):
    """Answers to the questions of one version and stage, and the consents that belong to them.

    It says nothing about CSRF: the form around it does. Subclasses are made by `answers_form`.
    """

    class Meta:
        csrf = False

    questions: ClassVar[tuple[Question, ...]] = ()
    demand = True
    """Whether required answers are insisted on."""

    consents = ManyField(Text("同意事项", "Consent"), default=list)

    def __init__(
        self,
        stored: Mapping[str, Any] | None = None,
        agreed: Collection[str] = (),
        known: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        """stored: what was answered before, by key. agreed: codes of consents given before.
        known: answers to questions outside this form that conditions may ask for."""
        kept = dict(stored or {})
        data = {question.name: _as_typed(kept.get(question.key)) for question in self.questions}
        super().__init__(data={**data, "consents": list(agreed)}, **kwargs)
        self.known = dict(known or {})
        self.accepted = Accepted({}, ())

    @property
    def given(self) -> dict[str, Any]:
        """What was typed, by the key of its question."""
        return {question.key: self[question.name].data for question in self.questions}

    @property
    def asked(self) -> list[Question]:
        """The questions that are asked, given what was typed."""
        return visible(self.questions, self.given, self.known)

    @property
    def all_steps(self) -> list[Step]:
        """Every page, also those on which nothing is asked at the moment."""
        return steps(self.questions)

    @property
    def steps(self) -> list[Step]:
        """The pages on which anything is asked; each with all its questions, for a script shows
        and hides them while one types."""
        asked = {question.key for question in self.asked}
        return [step for step in steps(self.questions) if asked & {q.key for q in step.questions}]

    def validate(self, extra_validators: Any = None) -> bool:
        """Judge all answers by the rules that the service applies as well."""
        for field in self:
            field.errors = list(field.process_errors)
        try:
            self.accepted = accept(
                self.questions,
                self.given,
                self.consents.data,
                demand=self.demand,
                known=self.known,
            )
        except BadInput as bad:
            for name, lines in bad.errors.items():
                self[name].errors = [*lines]
        return not any(field.errors for field in self)

    def take_uploads(self, owner: str, admit: Callable[[], None]) -> None:
        """Store what was chosen; its id travels on as the answer. A file that is not taken leaves
        a sentence beside its question. admit: called before each, to refuse who sends too many."""
        for question in self.questions:
            field = self[question.name]
            if isinstance(field, UploadField) and field.upload is not None:
                admit()
                self._take(question, field, field.upload, owner)

    def _take(
        self, question: Question, field: UploadField, upload: FileStorage, owner: str
    ) -> None:
        try:
            stored = files.store(
                upload,
                owner=owner,
                purpose=f"answers.{question.key}",
                limits=LIMITS[question.kind],
            )
        except BadFile as bad:
            field.data = None
            field.process_errors = [bad.sentence]
        else:
            field.data = str(stored.id)

    def unseen(self, step: Step, seen: str) -> bool:
        """Whether what was answered makes questions of this page appear that were not there
        (`seen`: their keys), as without a script: the page is then shown once more."""
        keys = {question.key for question in step.questions}
        return bool(keys & {question.key for question in self.asked} - set(seen.split()))

    @property
    def never_kept(self) -> str:
        """The names of fields that no device keeps while one types: what is sensitive, and files."""
        return " ".join(
            question.name
            for question in self.questions
            if question.sensitive or question.kind in LIMITS
        )

    @property
    def known_json(self) -> str:
        """Answers given elsewhere, as the script compares them."""
        typed = {key: _as_typed(value) for key, value in self.known.items()}
        asked = {term.question for one in self.questions for term in one.condition.terms}
        return json.dumps({key: typed[key] for key in asked & typed.keys()}, ensure_ascii=False)

    def when(self, question: Question) -> str:
        """The condition of a question, for the script that mirrors it."""
        return json.dumps(asdict(question.condition), ensure_ascii=False)

    def said(self, question: Question) -> Text:
        """What was answered, in words; nothing for a mistake."""
        try:
            return readable(question, read_answer(question, self[question.name].data))
        except BadInput:
            return Text("", "")

    def has_agreed(self, question: Question) -> bool:
        return consent_code(question) in self.consents.data

    def accepts(self, question: Question) -> str:
        """What the file field of a question offers to choose."""
        return LIMITS[question.kind].accept


class AsksQuestions(Form):
    """A form that carries the answers to a category's questions as well (`questions`, if any).

    Their mistakes are its mistakes: `problems`, `refuse` and `in` reach through.
    """

    questions: AnswersForm | None = None

    def validate(self, extra_validators: Any = None) -> bool:
        sound = super().validate(extra_validators)
        return (self.questions is None or self.questions.validate()) and sound

    def problems(self) -> list[tuple[str, str]]:
        return super().problems() + (self.questions.problems() if self.questions else [])

    def refuse(self, field_name: str, sentence: Text) -> None:
        if self.questions is not None and field_name.startswith("answers."):
            self.questions.refuse(field_name, sentence)
        else:
            super().refuse(field_name, sentence)

    def __contains__(self, name: str) -> bool:
        if super().__contains__(name):
            return True
        return self.questions is not None and self.questions.__contains__(name)


def answers_form(asked: Asked, stage: Stage) -> type[AnswersForm]:
    """The class that asks these questions. A published version never changes, so it is kept."""
    built: dict[tuple[UUID, Stage], type[AnswersForm]] = current_app.extensions.setdefault(
        "answer_forms", {}
    )
    key = (asked.version_id, stage)
    if key not in built:
        built[key] = build(asked.at(stage))
    return built[key]


def build(questions: Sequence[Question]) -> type[AnswersForm]:
    """A form class with one field for each question."""
    fields = {question.name: _FIELDS[question.kind](question.label) for question in questions}
    return type("AnswersForm", (AnswersForm,), {**fields, "questions": tuple(questions)})


def _as_typed(value: object) -> object:
    """A stored answer as its field holds what is typed."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int) else value


_FIELDS: Mapping[Kind, Callable[[Text], Any]] = {
    Kind.TEXT: TextField,
    Kind.LONG_TEXT: LongTextField,
    Kind.NUMBER: TextField,
    Kind.CHOICE: TextField,
    Kind.MULTI_CHOICE: ManyField,
    Kind.BOOLEAN: TextField,
    Kind.DATE: TextField,
    Kind.FILE: UploadField,
    Kind.PHOTO: UploadField,
}
