"""The identity document, as a part of every form that asks for it."""

from typing import Any

import wtforms
from wtforms import SelectChoice, ValidationError

from eduforum.core.i18n import Text
from eduforum.core.id_numbers import (
    ID_TYPE_NAMES,
    BadIdNumber,
    IdType,
    parse_id_number,
    parse_id_type,
)
from eduforum.web.forms import AtMost, Form, TextField

AGREE_TO_ID = Text(
    "请阅读证件号码的用途和保存期限，同意后勾选。",
    "Read what the ID number is for and how long it is kept; tick the box if you agree.",
)


class IdFields(Form):
    """Kind and number; `asks_id` says whether they are asked for, `may_skip_id` whether they may
    be left empty: then the number on file stays, if there is one."""

    id_type = wtforms.SelectField(
        Text("证件类型", "Kind of document"),
        choices=[SelectChoice(kind.value, ID_TYPE_NAMES[kind]) for kind in IdType],
        default=IdType.RESIDENT.value,
        validate_choice=False,
    )
    id_number = TextField(Text("证件号码", "Number of the document"), [AtMost(40)])

    may_skip_id = False

    @property
    def asks_id(self) -> bool:
        raise NotImplementedError

    def validate_id_type(self, field: wtforms.Field) -> None:
        if self._is_needed:
            _through(parse_id_type, field.data or "")

    def validate_id_number(self, field: wtforms.Field) -> None:
        if self._is_needed and self.id_type.data in list(IdType):
            _through(parse_id_number, IdType(self.id_type.data), field.data or "")

    @property
    def _is_needed(self) -> bool:
        return self.asks_id and (bool(self.id_number.data) or not self.may_skip_id)

    @property
    def id_pair(self) -> tuple[str, str]:
        """Kind and number for the application; empty where none is asked for."""
        if not self.asks_id:
            return "", ""
        return self.id_type.data or "", self.id_number.data or ""


def _through(parse: Any, *typed: str) -> None:
    try:
        parse(*typed)
    except BadIdNumber as bad:
        raise ValidationError(bad.sentence) from None
