"""The form by which a series is handed over."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import wtforms
from wtforms import SelectChoice

from eduforum.core.i18n import Text
from eduforum.events.forms import LONGEST_NAME, ChoiceField
from eduforum.events.models import Region
from eduforum.site.copy import CopyInput
from eduforum.web.forms import AtMost, Form, Required, TextField


class DayField(wtforms.DateField):
    """A day that must be given."""

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data: date | None = None
        try:
            self.data = date.fromisoformat(valuelist[0].strip())
        except (IndexError, ValueError):
            sentence = Text("请选择第一天的日期。", "Choose the date of the first day.")
            raise ValueError(sentence) from None


class CopyForm(Form):
    """Who hosts next, when, and under which address."""

    slug = TextField(
        Text("新网址", "New address"),
        [Required("请填写新网址，如 jjj-2025。", "Enter a new address, such as jjj-2025.")],
    )
    host = ChoiceField(Text("下一届主办", "Next host"))
    day_1 = DayField(Text("第一天", "First day"))
    name_zh = TextField(Text("新的中文名称", "New Chinese name"), [AtMost(LONGEST_NAME)])
    name_en = TextField(Text("新的英文名称", "New English name"), [AtMost(LONGEST_NAME)])

    def __init__(self, *args: Any, regions: Sequence[Region], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.host.choices = [SelectChoice(region.code, region.name) for region in regions]

    def copy_input(self) -> CopyInput:
        """What was filled in. Call after validation."""
        if self.day_1.data is None:
            raise ValueError("the form was not validated")
        return CopyInput(
            slug=self.slug.data or "",
            region_code=self.host.data or "",
            day_1=self.day_1.data,
            name_zh=self.name_zh.data or "",
            name_en=self.name_en.data or "",
        )
