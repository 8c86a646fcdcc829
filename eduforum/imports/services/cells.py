"""The cells of one row: what they say, and what is wrong with them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from eduforum.core.errors import BadInput
from eduforum.core.i18n import Text
from eduforum.core.id_numbers import ID_TYPE_NAMES, IdType, mask_id_number
from eduforum.core.names import clean_name
from eduforum.events.rules import MODE_NAMES, Mode
from eduforum.files.tables import Cell, Kind
from eduforum.imports.rules import Problem
from eduforum.imports.services.source import EVENT, Item
from eduforum.registration.api.shapes import NewRegistration
from eduforum.registration.headings import BY_KEY
from eduforum.registration.services import Application
from eduforum.web.reading import read

_YES = frozenset({"1", "y", "yes", "true", "x", "v", "是", "√", "✓", "✔", "☑", "参加", "对"})
_NO = frozenset({"", "0", "n", "no", "false", "否", "×", "☐", "不参加", "-", "/", "无"})
_LANGUAGES = {
    "中文": "zh-Hans", "汉语": "zh-Hans", "简体中文": "zh-Hans", "chinese": "zh-Hans",
    "zh": "zh-Hans", "zh-hans": "zh-Hans", "zh-cn": "zh-Hans", "英文": "en", "英语": "en",
    "english": "en", "en": "en",
}  # fmt: skip
_MODES = {
    "线下": "onsite", "现场": "onsite", "onsite": "onsite", "on site": "onsite",
    "in person": "onsite", "线上": "online", "在线": "online", "online": "online",
} | {spelt.casefold(): mode.value for mode, name in MODE_NAMES.items()
     for spelt in (name.zh, name.en) if mode is not Mode.HYBRID}  # fmt: skip
_ID_TYPES = (
    {kind.value: kind.value for kind in IdType}
    | {
        spelt.casefold(): kind.value
        for kind, name in ID_TYPE_NAMES.items()
        for spelt in (name.zh, name.en)
    }
    | {"身份证": IdType.RESIDENT.value, "台胞证": IdType.TAIWAN.value}
)
_ALLOWED = {
    "mode": Text("线下、线上", "onsite, online"),
    "language": Text("中文、英文", "Chinese, English"),
    "id_type": Text(
        "、".join(name.zh for name in ID_TYPE_NAMES.values()),
        ", ".join(name.en for name in ID_TYPE_NAMES.values()),
    ),
}
_TEXTS = ("name", "organisation", "position", "mobile", "email")
_IN_EACH_ROW = ("name", "mobile", "email", "id_number")


class RowReader:
    """The cells of one row; what is wrong with them goes into `problems`."""

    def __init__(self, item: Item, problems: list[Problem]) -> None:
        self.item, self._problems = item, problems
        self._wrong: set[str] = set()
        for key, cell in item.cells.items():
            self._look(key, cell)

    def _look(self, key: str, cell: Cell) -> None:
        if cell.kind is Kind.ERROR:
            self.wrong(key, Text("公式没有结果。请改为文字后重新上传。", "The formula has no result. Replace it by text."))  # fmt: skip
        elif cell.merged and key in _IN_EACH_ROW:
            self.wrong(key, Text("单元格已合并。请取消合并，逐行填写。", "The cell is merged with others. Take them apart and fill in each."))  # fmt: skip
        elif key == "id_number" and cell.kind is Kind.NUMBER:
            self.wrong(
                key,
                Text(
                    "证件号码存为数字，后几位已被 Excel 改为 0。请将该列设为“文本”格式后重新填写。",
                    "This ID number is stored as a number, and Excel has replaced its last digits by"
                    " zeros. Format the column as text and enter it again.",
                ),
            )
        elif key == "mobile" and cell.lost_digits:
            self.wrong(
                key,
                Text(
                    "号码已被表格软件改写。请将该列设为“文本”格式后重新填写。",
                    "The spreadsheet has rewritten this number. Format the column as text and"
                    " enter it again.",
                ),
            )
        elif key == "name" and cell.kind not in (Kind.TEXT, Kind.EMPTY):
            self.wrong(key, Text("姓名须为文字。", "A name is text."))

    def wrong(self, key: str, reason: Text) -> None:
        """Note what is wrong with a cell, once for each."""
        if key in self._wrong:
            return
        self._wrong.add(key)
        cell = self.item.cells.get(key)
        value = cell.text if cell else ""
        if key == "id_number":
            value = mask_id_number(value)  # what is shown here is kept, and not sealed
        self._problems.append(Problem(cell.letter if cell else "", _label(key), value, reason))

    def is_wrong(self, key: str) -> bool:
        return key in self._wrong

    def text(self, key: str) -> str:
        """What stands in the cell, on one line; "" for an empty, missing or wrong one."""
        cell = self.item.cells.get(key)
        return "" if cell is None or key in self._wrong else cell.clean

    def ticked(self) -> Iterator[str]:
        """Slugs of the events whose own column has a tick here."""
        for key, cell in self.item.cells.items():
            if not key.startswith(EVENT) or key in self._wrong:
                continue
            typed = cell.clean.casefold()
            if typed in _YES:
                yield key.removeprefix(EVENT)
            elif typed not in _NO:
                self.wrong(key, Text("请填写“是”或留空。", "Enter “yes”, or leave it empty."))

    def application(self, category: str, events: list[str], *, asks_id: bool) -> Application | None:
        """What the row asks for, by the rules of every other door; None after a mistake.

        asks_id: whether numbers of documents are taken; else nobody keeps what stands there.
        """
        given: dict[str, Any] = {key: text for key in _TEXTS if (text := self.text(key))}
        if asks_id and (number := self.text("id_number")):
            given |= {
                "id_number": number,
                "id_type": self._one_of("id_type", _ID_TYPES, IdType.RESIDENT.value),
            }
        given["name"] = clean_name(given.get("name", ""))
        given |= {"category": category, "events": events}
        given |= {"mode": self._one_of("mode", _MODES, "onsite"),
                  "language": self._one_of("language", _LANGUAGES, "zh-Hans")}  # fmt: skip
        try:
            return read(NewRegistration, given).application()
        except BadInput as refusal:
            self._blame(refusal.errors)
            return None

    def _one_of(self, key: str, known: Mapping[str, str], usual: str) -> str:
        typed = self.text(key).casefold()
        if not typed:
            return usual
        if typed not in known:
            self.wrong(
                key,
                Text("请填写：{names}。", "Enter one of these: {names}.").fill(names=_ALLOWED[key]),
            )
        return known.get(typed, usual)

    def _blame(self, errors: Mapping[str, Sequence[Text]]) -> None:
        for path, sentences in errors.items():
            key = path.partition(".")[0]
            if key == "name" and not self.text("name"):
                self.wrong(key, Text("请填写姓名。", "Enter a name."))
            elif key == "mobile" and not self.text("mobile") and self.is_wrong("email"):
                continue  # a wrong address is told already; that no other contact is there, follows
            else:
                self.wrong(key, sentences[0])


def _label(key: str) -> Text:
    heading = BY_KEY.get("events" if key.startswith(EVENT) else key)
    return heading.label if heading else Text(key, key)
