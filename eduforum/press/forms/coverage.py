"""Forms for what outlets published, and for taking the contacts along."""

from collections.abc import Iterable
from typing import Any

from wtforms import DateField, SelectChoice, SelectField
from wtforms.validators import Optional

from eduforum.core.i18n import Text
from eduforum.events.models import Event
from eduforum.press.rules.coverage import LONGEST_URL, MEDIUM_NAMES, Medium
from eduforum.press.services.coverage import LinkInput
from eduforum.web.forms import AtMost, Form, Required, TextField


class LinkForm(Form):
    """One report: where it is, what it is called, when and where it appeared."""

    url = TextField(
        Text("网址", "Web address"),
        [
            Required(
                "请填写以 http:// 或 https:// 开头的完整网址。",
                "Enter the whole address, beginning with http:// or https://.",
            ),
            AtMost(LONGEST_URL),
        ],
    )
    title = TextField(
        Text("标题", "Title"), [Required("请填写标题。", "Enter the title."), AtMost(200)]
    )
    medium = SelectField(
        Text("媒介", "Medium"),
        choices=[SelectChoice(one.value, name) for one, name in MEDIUM_NAMES.items()],
        default=Medium.ONLINE.value,
    )
    published_on = DateField(Text("发布日期", "Published on"), [Optional()])
    event = SelectField(Text("报道的活动", "About"))

    def __init__(self, events: Iterable[Event], **more: Any) -> None:
        super().__init__(**more)
        self.event.choices = [
            SelectChoice("", Text("整个系列活动", "the series as a whole")),
            *(SelectChoice(event.slug, event.name) for event in events),
        ]

    def link_input(self) -> LinkInput:
        """What was filled in. Call after validation."""
        return LinkInput(
            url=self.url.data or "",
            title=self.title.data or "",
            medium=Medium(self.medium.data),
            published_on=self.published_on.data,
            event=self.event.data or "",
        )


class WhyForm(Form):
    """Why contacts are taken along; it is on record before the file is made."""

    reason = TextField(
        Text("用途", "What for"),
        [Required("请填写用途，将记录在案。", "Say what for; it is put on record."), AtMost(200)],
    )
