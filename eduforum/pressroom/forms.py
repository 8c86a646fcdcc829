"""A material of the press room, and a file for it."""

from typing import Any

from flask_wtf.file import FileField, FileRequired
from wtforms import SelectChoice
from wtforms.validators import Optional

from eduforum.core.i18n import Text
from eduforum.events.forms import ChoiceField
from eduforum.pressroom.models import Material
from eduforum.pressroom.rules import KIND_NAMES, MaterialKind
from eduforum.pressroom.services import MaterialInput
from eduforum.web.forms import AtMost, Form, LocalMomentField, LongTextField, Required, TextField

_NAMES = (
    "title_zh", "title_en", "body_zh", "body_en", "credit", "correction_zh", "correction_en",
)  # fmt: skip
_TITLE, _BODY, _SHORT = 120, 8000, 500


class MaterialForm(Form):
    kind = ChoiceField(
        Text("种类", "Kind"),
        choices=[SelectChoice(kind.value, name) for kind, name in KIND_NAMES.items()],
    )
    title_zh = TextField(
        Text("中文标题", "Title in Chinese"),
        [Required("请填写中文标题。", "Enter the title in Chinese."), AtMost(_TITLE)],
    )
    title_en = TextField(
        Text("英文标题", "Title in English"),
        [Required("请填写英文标题。", "Enter the title in English."), AtMost(_TITLE)],
    )
    body_zh = LongTextField(Text("中文正文", "Text in Chinese"), [AtMost(_BODY)])
    body_en = LongTextField(Text("英文正文", "Text in English"), [AtMost(_BODY)])
    credit = TextField(Text("署名", "Credit"), [AtMost(_TITLE)])
    opens_at = LocalMomentField(Text("发布时间", "Opens at"), [Optional()])
    correction_zh = LongTextField(
        Text("更正说明（中文）", "Correction in Chinese"), [AtMost(_SHORT)]
    )
    correction_en = LongTextField(
        Text("更正说明（英文）", "Correction in English"), [AtMost(_SHORT)]
    )

    def __init__(self, *, zone: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.opens_at.zone = zone
        if not self.is_submitted():
            self.opens_at.process_data((kwargs.get("data") or {}).get("opens_at"))

    def material_input(self) -> MaterialInput:
        """What was filled in. Call after validation."""
        words = {name: getattr(self, name).data or "" for name in _NAMES}
        kind = MaterialKind(self.kind.data)
        return MaterialInput(kind=kind, opens_at=self.opens_at.moment, **words)


class FileForm(Form):
    file = FileField(Text("文件", "File"), [FileRequired(Text("请选择文件。", "Choose a file."))])


def data_of(one: Material) -> dict[str, Any]:
    """What the form starts with when a material is edited."""
    return {name: getattr(one, name) for name in _NAMES} | {
        "kind": one.kind.value,
        "opens_at": one.opens_at,
    }
