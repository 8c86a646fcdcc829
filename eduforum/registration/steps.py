"""The steps of an application: one decision each; the category's questions have steps of their own."""

from collections.abc import Sequence
from dataclasses import dataclass

import wtforms

from eduforum.core.i18n import Text
from eduforum.questions.forms import AsksQuestions
from eduforum.questions.rules import Step

_BEFORE = (
    (Text("参会类别", "Category"), ("category", "invitation_code")),
    (Text("选择活动", "Events"), ("events", "sessions", "mode")),
    (
        Text("个人信息", "Your details"),
        (
            *("name", "organisation", "region", "position", "mobile_code", "mobile", "email"),
            *("id_type", "id_number"),
        ),
    ),
)
_LAST = (Text("核对提交", "Check and submit"), ("consents",))


@dataclass(frozen=True, slots=True)
class FormStep:
    """One page of the form: its heading and the fields on it; asks: the questions, if they are
    what stands on it."""

    title: Text
    fields: tuple[str, ...]
    asks: Step | None = None


class Stepped(AsksQuestions):
    """A form over several pages. Every page sends all that was typed so far."""

    @property
    def steps(self) -> list[FormStep]:
        """The pages, in order, as far as what was typed says; page n is `steps[n - 1]`.

        What is asked on a page depends on pages before it only, so the number of a page that was
        sent still means the same page.
        """
        asked = self.questions.steps if self.questions else []
        return [
            *(FormStep(title, names) for title, names in _BEFORE),
            *(FormStep(one.title, tuple(q.name for q in one.questions), one) for one in asked),
            FormStep(*_LAST),
        ]

    @property
    def last(self) -> int:
        return len(self.steps)

    def first_wrong(self, step: int) -> int | None:
        """The first page up to `step` with a mistake; only its errors are kept, to be shown."""
        self.validate()
        steps = self.steps
        wrong = next((n for n in range(1, step + 1) if self._is_wrong(steps[n - 1].fields)), None)
        for n, one in enumerate(steps, 1):
            if n != wrong:
                self._forget(one.fields)
        return wrong

    def step_of(self, field_name: str) -> int:
        """The page on which a field stands; the last one for a field that stands nowhere."""
        return next(
            (n for n, one in enumerate(self.steps, 1) if field_name in one.fields), self.last
        )

    def _is_wrong(self, names: Sequence[str]) -> bool:
        return any(self._field(name).errors for name in names)

    def _forget(self, names: Sequence[str]) -> None:
        for name in names:
            self._field(name).errors = []

    def _field(self, name: str) -> wtforms.Field:
        asked = self.questions if name.startswith("answers.") else None
        return asked[name] if asked is not None else self[name]
