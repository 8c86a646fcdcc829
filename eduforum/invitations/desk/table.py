"""A list of guests: which column is what, what each row says, and every cell that is wrong."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from eduforum.core.contacts import BadContact, parse_email, parse_mobile
from eduforum.core.errors import BadInput
from eduforum.core.i18n import Text
from eduforum.core.names import clean_name
from eduforum.events.models import Series
from eduforum.files.tables import Book, Cell, Kind, Row, Sheet, letter
from eduforum.files.tables.headings import Head, columns_in_order, find_head
from eduforum.files.template import TemplateColumn
from eduforum.invitations.rules import MOST_AT_ONCE
from eduforum.invitations.services.guests import Guest, Terms, faults_of
from eduforum.registration import headings

COLUMNS = (
    headings.NAME,
    headings.ORGANISATION,
    headings.POSITION,
    headings.EMAIL,
    headings.MOBILE,
    headings.LANGUAGE,
)
_LONGEST = {"name": 120, "organisation": 120, "position": 60}
_LANGUAGES = {
    "": "zh-Hans", "中文": "zh-Hans", "chinese": "zh-Hans", "zh": "zh-Hans", "zh-hans": "zh-Hans",
    "英文": "en", "英语": "en", "english": "en", "en": "en",
}  # fmt: skip


class Outcome(StrEnum):
    NEW = "new"
    KNOWN = "known"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Line:
    """One row. at: its place as the spreadsheet counts. value: what stands in the wrong cell."""

    row: int
    guest: Guest
    cells: Sequence[str]
    outcome: Outcome = Outcome.NEW
    at: str = ""
    value: str = ""
    reason: Text | None = None


@dataclass(slots=True)
class Read:
    """What a list says. unknown: headings that were not understood."""

    lines: list[Line] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)

    def count(self, outcome: Outcome) -> int:
        return sum(line.outcome is outcome for line in self.lines)

    @property
    def guests(self) -> list[Guest]:
        return [line.guest for line in self.lines]

    @property
    def text(self) -> str:
        """The list as it would be copied from a spreadsheet."""
        heads = "\t".join(str(column.label) for column in COLUMNS)
        return "\n".join([heads, *("\t".join(line.cells) for line in self.lines)])


def read_guests(book: Book, series: Series, terms: Terms) -> Read:
    """Read the first sheet that has rows, and look at everybody. Nothing is stored.

    Raises `BadInput` for a list without names, without rows, or with too many.
    """
    sheet = next((sheet for sheet in book.sheets if sheet.rows), None)
    if sheet is None:
        raise _no_list("名单中没有内容。", "There is nothing in the list.")
    head = find_head(sheet, COLUMNS, at_least=2) or _bare(sheet)
    if head.missing:
        raise _no_list(
            "没有找到“姓名”列。第一行请写列名：姓名、单位、职务、邮箱、手机。",
            "There is no column of names. The first row has to be headings: Name, Organisation, "
            "Position, E-mail, Mobile.",
        )
    rows = [row for row in head.below(sheet) if not row.hidden and _says(row, head)]
    if not rows:
        raise _no_list("没有读到人员。", "No people were found.")
    if len(rows) > MOST_AT_ONCE:
        sentence = Text(
            "一次最多邀请 {most} 人，名单中有 {n} 人，请分批导入。",
            "At most {most} people at once; the list has {n}. Send it in parts.",
        ).fill(most=MOST_AT_ONCE, n=len(rows))
        raise BadInput(sentence, {"pasted": [sentence]})
    lines = [_line(row, head) for row in rows]
    return Read(_judged(lines, series, terms), [cell.clean for cell in head.unknown])


def _bare(sheet: Sheet) -> Head:
    """Rows without headings stand in the known order; one name a row is a list as well."""
    found = find_head(sheet, COLUMNS)
    first = sheet.rows[0]
    alone = found is not None and found.row == first.number and len(list(first.filled())) == 1
    return found if alone and found is not None else columns_in_order(COLUMNS)


def _says(row: Row, head: Head) -> bool:
    return any(row.at(column).clean for column in head.columns.values())


def _line(row: Row, head: Head) -> Line:
    cells = {heading.key: head.cell(row, heading.key) for heading in COLUMNS}
    said = {key: cell.clean if cell else "" for key, cell in cells.items()}
    values, wrong = dict(said), None
    for key, reason in _wrong(cells, values):
        wrong = (key, reason)
        break
    guest = Guest(
        name=clean_name(said["name"]),
        organisation=said["organisation"],
        position=said["position"],
        email=values["email"],
        mobile=values["mobile"],
        language=values["language"],
    )
    line = Line(row.number, guest, [said[heading.key] for heading in COLUMNS])
    return line if wrong is None else _blamed(line, head, *wrong)


def _wrong(cells: Mapping[str, Cell | None], values: dict[str, str]) -> Iterator[tuple[str, Text]]:
    """What cells say that cannot be; what can is put into `values` as it is kept."""
    for key, cell in cells.items():
        if cell is not None and (reason := _unreadable(key, cell)):
            yield key, reason
    for key, parse in (("email", parse_email), ("mobile", parse_mobile)):
        typed, values[key] = values[key], ""
        if reason := _parsed(key, typed, parse, values):
            yield key, reason
    language = _LANGUAGES.get(values["language"].casefold())
    values["language"] = language or "zh-Hans"
    if language is None:
        yield "language", Text("请填写“中文”或“英文”。", "Write “Chinese” or “English”.")


def _unreadable(key: str, cell: Cell) -> Text | None:
    if cell.kind is Kind.ERROR:
        return Text("公式没有结果，请改为文字。", "The formula has no result; replace it by text.")
    if key == "mobile" and cell.lost_digits:
        return Text(
            "号码已被表格软件改写，请将该列设为“文本”格式后重新填写。",
            "The spreadsheet has rewritten this number. Format the column as text and enter it again.",
        )
    if cell.merged and key in ("name", "email", "mobile"):
        return Text("单元格已合并，请取消合并，逐行填写。", "The cell is merged with others. Take them apart and fill in each.")  # fmt: skip
    if len(cell.clean) > _LONGEST.get(key, 254):
        return Text("文字过长，最多 {most} 字。", "Too long: at most {most} characters.").fill(
            most=_LONGEST.get(key, 254)
        )
    return None


def _parsed(
    key: str, typed: str, parse: Callable[[str], str], values: dict[str, str]
) -> Text | None:
    try:
        values[key] = parse(typed) if typed else ""
    except BadContact as bad:
        return bad.sentence
    return None


def _blamed(
    line: Line, head: Head, key: str, reason: Text, outcome: Outcome = Outcome.WRONG
) -> Line:
    column = head.columns.get(key, head.columns["name"])
    place = next(i for i, heading in enumerate(COLUMNS) if heading.key == key)
    return replace(
        line,
        outcome=outcome,
        at=f"{letter(column)}{line.row}",
        value=line.cells[place][:60],
        reason=reason,
    )


def _judged(lines: list[Line], series: Series, terms: Terms) -> list[Line]:
    """With what only the database knows."""
    faults = faults_of(series, terms, [line.guest for line in lines])
    judged = list(lines)
    for place, fault in faults.items():
        line = lines[place]
        if line.outcome is Outcome.NEW:
            outcome = Outcome.KNOWN if fault.known else Outcome.WRONG
            cells = dict(zip((heading.key for heading in COLUMNS), line.cells, strict=True))
            judged[place] = replace(
                line, outcome=outcome, at=str(line.row), value=cells.get(fault.field, ""),
                reason=fault.sentence,
            )  # fmt: skip
    return judged


def template_columns() -> list[TemplateColumn]:
    """The workbook to fill in."""
    return [
        TemplateColumn(headings.NAME.label, Text("与证件一致。", "As on the ID."), "江屿白（样本）", required=True),
        TemplateColumn(headings.ORGANISATION.label, Text("单位全称。", "The full name."), "天津大学", width=28),
        TemplateColumn(headings.POSITION.label, Text("职务或职称。", "Title."), "教授"),
        TemplateColumn(
            headings.EMAIL.label,
            Text("邀请发送至此邮箱；没有的由主办方转交链接。", "The invitation goes there; without it, you hand the link over."),
            "jiang@example.org",
            width=26,
        ),
        TemplateColumn(
            headings.MOBILE.label,
            Text("境外号码以 + 开头。", "With a + in front if not from mainland China."),
            "139 0000 0123",
            width=18,
        ),
        TemplateColumn(
            headings.LANGUAGE.label,
            Text("邀请的语言，留空为中文。", "The language of the invitation; Chinese if empty."),
            str(Text("中文", "Chinese")),
            [str(Text("中文", "Chinese")), str(Text("英文", "English"))],
        ),
    ]  # fmt: skip


def _no_list(zh: str, en: str) -> BadInput:
    sentence = Text(zh, en)
    return BadInput(sentence, {"pasted": [sentence]})
