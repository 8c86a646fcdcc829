"""The base form and the fields we use everywhere."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

import wtforms
from flask_wtf import CSRFProtect, FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import ValidationError

from eduforum.core.dates import YEARS
from eduforum.core.i18n import Text
from eduforum.core.names import clean

csrf = CSRFProtect()
_NO_MOMENT = Text(
    "请按 2026-11-28 09:00 的形式填写日期和时间。",
    "Enter the date and time like 2026-11-28 09:00.",
)


class Form(FlaskForm):
    """A form posted by a page. Carries a CSRF token; its labels and errors are `Text`."""

    def problems(self) -> list[tuple[str, str]]:
        """(field id, sentence) of every error, in the order of the fields, for the summary."""
        return [(field.id, str(error)) for field in self for error in _flat(field.errors)]

    def refuse(self, field_name: str, sentence: Text) -> None:
        """Put a sentence that only the service could know beside its field."""
        field = self[field_name]
        field.errors = [*field.errors, sentence]


def _flat(errors: Any) -> list[object]:
    return [error for error in errors if error] if isinstance(errors, list | tuple) else []


class _Cleaned:
    """Normalise what was typed before validating it: NFC, half-width, no stray white space."""

    def process_formdata(self, values: list[str]) -> None:
        super().process_formdata([clean(value) for value in values])  # type: ignore[misc]


class TextField(_Cleaned, wtforms.StringField):
    pass


class SearchField(_Cleaned, wtforms.SearchField):
    pass


class LongTextField(wtforms.TextAreaField):
    """Several lines, each normalised like a text field; their ends become `\\n`."""

    def process_formdata(self, values: list[str]) -> None:
        lines = ("\n".join(clean(line) for line in value.splitlines()) for value in values)
        super().process_formdata([value.strip() for value in lines])


class ManyField(wtforms.Field):
    """Several values under one name.

    Radio buttons that exclude each other only within their half day need a name of their own: what
    comes under `<name>.<anything>` counts as well.
    """

    def process(self, formdata: Any, *args: Any, **kwargs: Any) -> None:
        if formdata is not None:
            names = [n for n in formdata if n == self.name or n.startswith(f"{self.name}.")]
            values = [value for name in names for value in formdata.getlist(name) if value]
            formdata = MultiDict((self.name, value) for value in dict.fromkeys(values))
        super().process(formdata, *args, **kwargs)

    def process_formdata(self, values: list[str]) -> None:
        self.data = list(values)


class LocalMomentField(wtforms.DateTimeLocalField):
    """A date and time on the clocks of `zone`; `.moment` is aware. Set `zone` before use."""

    data: datetime | None
    zone: str = "Asia/Shanghai"

    def __init__(self, label: Any = None, validators: Any = None, **kwargs: Any) -> None:
        super().__init__(label, validators, format=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"], **kwargs)

    def process_formdata(self, values: list[str]) -> None:
        try:
            super().process_formdata(values)
        except ValueError:
            raise ValueError(_NO_MOMENT) from None
        if self.data and self.data.year not in YEARS:
            self.data = None
            raise ValueError(_NO_MOMENT)

    def process_data(self, value: datetime | None) -> None:
        self.data = value and value.astimezone(ZoneInfo(self.zone)).replace(tzinfo=None)

    @property
    def moment(self) -> datetime | None:
        """The moment meant, aware; None when the field is empty."""
        return self.data and self.data.replace(tzinfo=ZoneInfo(self.zone))


class Required:
    """The field must be filled. The sentence tells what to do, not that it is missing."""

    field_flags: ClassVar[dict[str, bool]] = {"required": True}

    def __init__(self, zh: str, en: str) -> None:
        self.sentence = Text(zh, en)

    def __call__(self, form: object, field: wtforms.Field) -> None:
        if field.data in (None, "", []) or field.data is False:
            field.errors[:] = []
            raise wtforms.validators.StopValidation(self.sentence)


class AtMost:
    """At most `length` characters as people count them (code points)."""

    def __init__(self, length: int) -> None:
        self.length = length
        self.field_flags = {"maxlength": length}

    def __call__(self, form: object, field: wtforms.Field) -> None:
        if field.data and len(field.data) > self.length:
            raise ValidationError(
                Text(
                    "最多 {most} 字，现为 {n} 字。", "At most {most} characters; there are {n}."
                ).fill(most=self.length, n=len(field.data))
            )


class Checked:
    """Validate through a function that raises ValueError with a `Text`, and keep what it returns."""

    def __init__(self, parse: Callable[[str], Any]) -> None:
        self.parse = parse

    def __call__(self, form: object, field: wtforms.Field) -> None:
        if not field.data:
            return
        try:
            field.parsed = self.parse(field.data)
        except ValueError as error:
            raise ValidationError(error.args[0]) from None
