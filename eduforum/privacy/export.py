"""Everything that is kept of one person, as a file for the person."""

import io
import json
import zipfile
from collections.abc import Mapping
from typing import Any

from eduforum.core import audit, clock
from eduforum.core.db import transaction
from eduforum.core.i18n import Text, current_language
from eduforum.core.personal import Person
from eduforum.privacy.services import HOLDINGS
from eduforum.privacy.words import LABELS, shown

_NOTE = Text(
    "本文件包含主办方保存的您的全部个人信息。data.json 供程序读取，内容相同。证件号码只显示末位，"
    "完整号码见您的证件。",
    "This holds all personal data that the organiser keeps of you. data.json says the same for "
    "programs. Of an ID number only the end is shown; the whole stands on your document.",
)


def archive_of(person: Person, *, by: str) -> bytes:
    """A ZIP: `data.json`, the same to read, and the files the person sent. It is on record.

    by: `person` or `organiser`.
    """
    with transaction():
        audit.record("privacy.export", person.subject, series_id=person.series_id, after={"by": by})
    data: dict[str, Any] = {"exported_at": clock.now().isoformat(timespec="seconds")}
    for holding in HOLDINGS:
        data |= holding.export(person)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("data.json", json.dumps(data, ensure_ascii=False, indent=2))
        name = str(Text("我的信息.txt", "my-data.txt"))
        # With the mark by which Windows tells UTF-8.
        archive.writestr(name, "\ufeff" + readable(data))
        for holding in HOLDINGS:
            for document in holding.documents(person):
                archive.writestr(f"files/{document.name}", document.data)
    return packed.getvalue()


def readable(data: Mapping[str, Any]) -> str:
    """The data as text, in the reader's language."""
    lines = [str(_NOTE), ""]
    for part, value in data.items():
        label = str(LABELS.get(part, Text(part, part)))
        if isinstance(value, list):
            lines += ["", f"== {label}（{len(value)}）" if _zh() else f"== {label} ({len(value)})"]
            for item in value:
                lines += ["", *_pairs(item)] if isinstance(item, dict) else [f"  {shown(item)}"]
        elif isinstance(value, dict):
            lines += ["", f"== {label}", *_pairs(value)]
        else:
            lines.append(f"{label}{_colon()}{shown(value)}")
    return "\r\n".join([*lines, ""])


def _pairs(values: Mapping[str, Any]) -> list[str]:
    return [
        f"  {LABELS.get(name, Text(name, name))}{_colon()}{shown(value)}"
        for name, value in values.items()
        if value not in (None, "", [], {})
    ]


def _zh() -> bool:
    return current_language().value.startswith("zh")


def _colon() -> str:
    return str(Text("：", ": "))
