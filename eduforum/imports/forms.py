"""What is chosen beside a list."""

from collections.abc import Sequence
from typing import Any

import wtforms
from flask_wtf.file import FileField, FileRequired
from wtforms import SelectChoice, SelectMultipleField
from wtforms.widgets import CheckboxInput, ListWidget

from eduforum.core.i18n import Text
from eduforum.events.models import Event
from eduforum.imports.services import Options
from eduforum.registration.models import Category
from eduforum.web.forms import Form


class ImportForm(Form):
    file = FileField(
        Text("名单文件", "The list"),
        [FileRequired(Text("请选择文件。", "Choose a file."))],
    )
    category = wtforms.SelectField(
        Text("未注明类别的行", "Rows without a category"), validate_choice=False
    )
    events = SelectMultipleField(
        Text("未注明活动的行参加", "Rows without events come to"),
        validate_choice=False,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    then = wtforms.RadioField(
        Text("导入后", "Afterwards they are"),
        choices=[
            SelectChoice("confirmed", Text("直接确认并发放参会证", "confirmed, with a ticket")),
            SelectChoice("review", Text("进入待审核", "under review")),
        ],
        default="confirmed",
        validate_choice=False,
    )
    letters = wtforms.BooleanField(
        Text("向有邮箱的人员发送通知", "Write to everybody who has an e-mail address"),
        default=True,
    )
    hidden = wtforms.BooleanField(Text("同时读取隐藏的行", "Read hidden rows as well"))

    def __init__(
        self, *args: Any, categories: Sequence[Category], choosable: Sequence[Event], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        nothing = SelectChoice("", Text("须在文件中注明", "must be named in the file"))
        self.category.choices = [
            nothing, *(SelectChoice(one.code, one.name) for one in categories),
        ]  # fmt: skip
        self.events.choices = [SelectChoice(event.slug, event.name) for event in choosable]
        self._codes = {one.code for one in categories}
        self._slugs = {event.slug for event in choosable}

    def options(self) -> Options:
        """Call after validation. What is no category or event of the series chooses nothing."""
        return Options(
            category=self.category.data if self.category.data in self._codes else "",
            events=tuple(slug for slug in self.events.data or () if slug in self._slugs),
            hidden=self.hidden.data,
            review=self.then.data == "review",
            letters=self.letters.data,
        )
