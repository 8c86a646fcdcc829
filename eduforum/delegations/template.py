"""The workbooks that are handed out to be filled in: drop-downs, and an example that is filled."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from eduforum.core.i18n import Text
from eduforum.delegations.choosing import Choices
from eduforum.delegations.rules import MOST_PEOPLE

_HEAD = {
    "bold": True,
    "bg_color": "#E5F0EF",
    "font_color": "#07464B",
    "bottom": 1,
    "valign": "vcenter",
}
_OPTIONS = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
_LISTS = Text("选项", "Choices")


@dataclass(frozen=True, slots=True)
class Heading:
    """One column to fill in. options: what its drop-down offers. example: of the sample row."""

    label: Text
    width: int
    example: tuple[Text | str, ...]
    options: tuple[Text | str, ...] = ()
    note: Text | None = None


def headings(choices: Choices) -> list[Heading]:
    """The columns of a delegation's people, as `recognise` understands them."""
    category = () if choices.only_category else tuple(c.name for c in choices.categories)
    none = Text("不参加", "None")
    found = [
        Heading(Text("姓名", "Full name"), 16, (Text("江屿白（样本）", "Jiang Yubai (sample)"), Text("沈知远（样本）", "Shen Zhiyuan (sample)"))),
        Heading(Text("职务", "Position"), 18, (Text("副校长", "Vice president"), Text("教师", "Teacher"))),
        Heading(
            Text("手机号", "Mobile number"), 18, ("13800000101", "13800000102"),
            note=Text("本列为文本格式，请勿改为数字。", "This column is text; do not turn it into numbers."),
        ),
        Heading(Text("电子邮箱", "E-mail"), 26, ("jiang@example.org", "")),
    ]  # fmt: skip
    if category:
        found.append(
            Heading(Text("参会类别", "Category"), 14, (category[0], category[0]), category)
        )
    for slot in choices.slots:
        options = (*(event.name for event in slot.events), none)
        found.append(Heading(slot.label, 28, (options[0], options[1]), options))
    for event in choices.rest:
        found.append(
            Heading(
                event.name,
                20,
                (Text("参加", "Yes"), Text("参加", "Yes")),
                (Text("参加", "Yes"), none),
            )
        )
    return found


def write_template(choices: Choices, file: IO[bytes]) -> None:
    """The workbook for a unit's people: a sheet to fill in, one with an example, the lists."""
    write_form(file, headings(choices), Text("人员", "People"), _steps())


def write_form(
    file: IO[bytes], columns: Sequence[Heading], title: Text, steps: Sequence[Text]
) -> None:
    """A workbook with one sheet to fill in, one with an example and what to do, and the lists."""
    with Workbook(file, _OPTIONS) as book:
        head, text = book.add_format(_HEAD), book.add_format({"num_format": "@"})
        fill = book.add_worksheet(str(title))
        shown = book.add_worksheet(str(Text("填写示例", "Example")))
        lists = book.add_worksheet(str(_LISTS))
        lists.hide()
        _heads(fill, columns, head, text)
        _heads(shown, columns, head, text)
        for index, column in enumerate(columns):
            for row, example in enumerate(column.example, 1):
                shown.write_string(row, index, str(example), text)
            _drop_down(fill, lists, index, column)
        for row, step in enumerate(steps, 5):
            shown.write_string(row, 0, f"{row - 4}. {step}")


def _heads(page: Worksheet, columns: Sequence[Heading], head: Format, text: Format) -> None:
    page.set_row(0, 22)
    page.freeze_panes(1, 1)
    for index, column in enumerate(columns):
        page.set_column(index, index, column.width, text)
        page.write_string(0, index, str(column.label), head)
        if column.note:
            page.write_comment(0, index, str(column.note))


def _drop_down(page: Worksheet, lists: Worksheet, index: int, column: Heading) -> None:
    """The choices stand on a sheet of their own: a list inside the rule holds 255 letters only."""
    if not column.options:
        return
    for row, option in enumerate(column.options):
        lists.write_string(row, index, str(option))
    letter = _letters(index)
    page.data_validation(
        1, index, MOST_PEOPLE, index,
        {
            "validate": "list",
            "source": f"='{_LISTS}'!${letter}$1:${letter}${len(column.options)}",
            "error_title": str(Text("请从列表中选择", "Choose from the list"))[:32],
            "error_message": str(
                Text("请点单元格右侧的箭头选择。", "Press the arrow beside the cell and choose.")
            ),
        },
    )  # fmt: skip


def _letters(index: int) -> str:
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _steps() -> list[Text]:
    return [
        Text(
            "每人一行，填写在“人员”页；有下拉箭头的单元格请选择。",
            "One person a row, on the sheet “People”; choose where there is an arrow.",
        ),
        Text(
            "没有手机号或电子邮箱的可留空，通知将发给联络员。",
            "Mobile and e-mail may stay empty; letters then go to the liaison.",
        ),
        Text(
            "保存后在报送页面选择“上传表格”，核对后提交。",
            "Save it, choose “Upload a file” on your page, check and submit.",
        ),
        Text(
            "本页为示例，人员为虚构，不会被读入。",
            "This sheet is an example with invented people and is not read.",
        ),
    ]
