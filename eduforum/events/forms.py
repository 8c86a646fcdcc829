"""Forms of series, and the fields that desk forms share."""

from collections.abc import Sequence
from typing import Any

import wtforms
from wtforms import SelectChoice
from wtforms.validators import Optional

from eduforum.core.errors import BadInput
from eduforum.core.i18n import Text
from eduforum.events.models import Region, Series
from eduforum.events.services import SeriesInput
from eduforum.web.forms import AtMost, Form, LocalMomentField, Required, TextField

LONGEST_NAME = 120


class WholeNumberField(wtforms.IntegerField):
    """A whole number, or nothing. What is neither gets a sentence, and is kept as typed."""

    def process_formdata(self, valuelist: list[str]) -> None:
        text = valuelist[0].strip() if valuelist else ""
        self.data = None
        if not text:
            return
        if not (text.isascii() and text.isdigit() and len(text) < 8):
            raise ValueError(Text("请填写整数，如 300。", "Enter a whole number, such as 300."))
        self.data = int(text)


class MomentField(LocalMomentField):
    """A date and time that must be given."""

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = None
        if not valuelist or not valuelist[0].strip():
            raise ValueError(Text("请选择日期和时间。", "Choose a date and a time."))
        super().process_formdata(valuelist)


class ChoiceField(wtforms.SelectField):
    """One of a list. Anything else gets a sentence."""

    def pre_validate(self, form: object) -> None:
        if self.data not in [choice.value for choice in self.iter_choices()]:
            raise wtforms.ValidationError(Text("请从列表中选择。", "Choose from the list."))


def tell(form: Form, refusal: BadInput) -> None:
    """Put what a service refused beside its fields; what belongs to none goes on top."""
    left = [s for name, lines in refusal.errors.items() if name not in form for s in lines]
    for name, lines in refusal.errors.items():
        for sentence in lines if name in form else ():
            form.refuse(name, sentence)
    form.form_errors.extend(left if refusal.errors else [refusal.sentence])


class SeriesForm(Form):
    """A series as its organisers describe it."""

    name_zh = TextField(
        Text("中文名称", "Chinese name"),
        [Required("请填写中文名称。", "Enter the Chinese name."), AtMost(LONGEST_NAME)],
    )
    name_en = TextField(Text("英文名称", "English name"), [AtMost(LONGEST_NAME)])
    edition = WholeNumberField(Text("年份或届次", "Year or edition"), [Optional()])
    host = TextField(Text("主办", "Host"), [AtMost(LONGEST_NAME)])
    host_en = TextField(Text("主办（英文）", "Host in English"), [AtMost(LONGEST_NAME)])
    host_region_code = ChoiceField(Text("轮值地区", "Region in turn"))
    time_zone = TextField(
        Text("时区", "Time zone"),
        [Required("请填写时区，如 Asia/Shanghai。", "Enter a time zone, such as Asia/Shanghai.")],
        default="Asia/Shanghai",
    )
    sample = wtforms.BooleanField(Text("样本数据", "Sample data"))

    def __init__(
        self, *args: Any, regions: Sequence[Region], obj: Series | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, obj=obj, **kwargs)
        self.host_region_code.choices = [
            SelectChoice("", Text("不属于轮值地区", "None of the regions")),
            *(SelectChoice(region.code, region.name) for region in regions),
        ]
        if self.host_region_code.data in (None, "None"):
            self.host_region_code.data = ""

    def series_input(self) -> SeriesInput:
        """What was filled in. Call after validation."""
        return SeriesInput(
            name_zh=self.name_zh.data or "",
            name_en=self.name_en.data or "",
            edition=self.edition.data,
            host=self.host.data or "",
            host_en=self.host_en.data or "",
            host_region_code=self.host_region_code.data or None,
            time_zone=self.time_zone.data or "",
            sample=self.sample.data,
        )


class NewSeriesForm(SeriesForm):
    slug = TextField(
        Text("网址", "Address"),
        [Required("请填写网址，如 jjj-2025。", "Enter an address, such as jjj-2025.")],
    )
