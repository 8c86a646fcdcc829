"""The workbook that organisers hand out to be filled in."""

from collections.abc import Iterator, Sequence
from typing import IO

from eduforum.core.i18n import Text
from eduforum.events.models import Event
from eduforum.events.rules import Mode
from eduforum.files import template
from eduforum.files.template import TemplateColumn
from eduforum.registration import headings
from eduforum.registration.models import Category


def write(file: IO[bytes], categories: Sequence[Category], events: Sequence[Event]) -> None:
    """The list with a drop-down for each choice; each event has a column of its own."""
    columns = [*_PERSON, *_choices(categories, events)]
    template.write(file, Text("名单", "People"), columns)


_PERSON = (
    TemplateColumn(
        headings.NAME.label,
        Text("与证件一致。", "As on the ID."),
        "林知夏（样本）",
        required=True,
    ),
    TemplateColumn(
        headings.ORGANISATION.label,
        Text("单位全称；已登记的简称会自动对应。", "The full name; known short names are found."),
        "天津市职业大学",
        width=28,
    ),
    TemplateColumn(headings.POSITION.label, Text("职务或职称。", "Title."), "教师"),
    TemplateColumn(
        headings.MOBILE.label,
        Text(
            "境外号码以 + 开头。手机和邮箱至少填写一项。",
            "With a + in front if not from mainland China. A mobile number or an e-mail address.",
        ),
        "139 0000 0123",
        width=18,
    ),
    TemplateColumn(
        headings.EMAIL.label,
        Text("通知发送至此邮箱；不填写则不发送。", "Letters go there; without it, there are none."),
        "lin@example.org",
        width=26,
    ),
)


def _choices(categories: Sequence[Category], events: Sequence[Event]) -> Iterator[TemplateColumn]:
    names = [str(category.name) for category in categories]
    yield TemplateColumn(
        headings.CATEGORY.label,
        Text("从列表中选择。", "Choose from the list."),
        names[0] if names else "",
        names,
        width=18,
    )
    if any(event.mode is not Mode.ONSITE for event in events):
        ways = [str(Text("线下", "onsite")), str(Text("线上", "online"))]
        yield TemplateColumn(
            headings.MODE.label,
            Text("留空为线下。", "On site if it is left empty."),
            ways[0],
            ways,
        )
    yes = str(Text("是", "yes"))
    for event in events:
        yield TemplateColumn(
            event.name,
            Text("参加则选“是”，否则留空。", "“yes” for whoever comes, empty otherwise."),
            yes,
            [yes],
            width=14,
        )
