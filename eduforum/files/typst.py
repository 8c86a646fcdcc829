"""Typesetting with typst: a layout and its data become a PDF, or one picture for each page.

The face is Noto Sans CJK from a package, with real bold; nothing of the machine is used, so a sheet
looks the same everywhere. Data reach the layout as JSON and are never read as markup.
"""

import json
import struct
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Literal

import manimgx_fonts_cjk
import typst

FACE = "Noto Sans CJK SC"
_FOLDER = Path(manimgx_fonts_cjk.__file__).parent
_FONT = _FOLDER / "NotoSansCJK-VF.otf.ttc"
# Every layout begins so; `data` is what it draws. A space between Han and Latin is set by hand.
_HEAD = f"""
#set text(font: "{FACE}", lang: "zh", region: "CN", cjk-latin-spacing: none)
#let data = json(bytes(sys.inputs.data))
"""
_SEGMENTED_COVERAGE = 12
"""The one kind of `cmap` table that reaches beyond the first plane (OpenType, `cmap` format 12)."""


def pdf(layout: str, data: Any) -> bytes:
    """The typeset document. Raises `typst.TypstError` if the layout is wrong."""
    (whole,) = _compiled(layout, data, "pdf")
    return whole


def pictures(layout: str, data: Any, *, ppi: float = 200) -> list[bytes]:
    """A PNG for every page of the document."""
    return _compiled(layout, data, "png", ppi=ppi)


def unprintable(texts: Iterable[str]) -> list[str]:
    """Those of `texts` that hold a letter which the face has not; to be named before printing."""
    return [text for text in texts if any(not has_glyph(letter) for letter in text)]


def has_glyph(letter: str) -> bool:
    """Whether the face can draw this letter."""
    code = ord(letter)
    return any(first <= code <= last for first, last in _coverage())


def _compiled(
    layout: str, data: Any, kind: Literal["pdf", "png"], ppi: float | None = None
) -> list[bytes]:
    made = typst.compile(  # type: ignore[misc]  # its stubs leave a type variable open
        (_HEAD + layout).encode(),
        font_paths=[str(_FOLDER)],
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
        format=kind,
        ppi=ppi,
    )
    pages = made if isinstance(made, list) else [made]
    return [page for page in pages if page is not None]


@cache
def _coverage() -> Sequence[tuple[int, int]]:
    """The ranges of characters that the face draws, the most frequent first."""
    raw = _FONT.read_bytes()
    (font,) = struct.unpack_from(">I", raw, 12)  # of the collection's first font; all share `cmap`
    (tables,) = struct.unpack_from(">H", raw, font + 4)
    records = (struct.unpack_from(">4sIII", raw, font + 12 + 16 * n) for n in range(tables))
    cmap = next(offset for tag, _, offset, _ in records if tag == b"cmap")
    (count,) = struct.unpack_from(">H", raw, cmap + 2)
    for n in range(count):
        (offset,) = struct.unpack_from(">I", raw, cmap + 4 + 8 * n + 4)
        kind, _, _, _, groups = struct.unpack_from(">HHIII", raw, cmap + offset)
        if kind == _SEGMENTED_COVERAGE:
            found = [
                struct.unpack_from(">II", raw, cmap + offset + 16 + 12 * group)
                for group in range(groups)
            ]
            return sorted(found, key=lambda pair: pair[0] - pair[1])
    raise ValueError("The face has no table of its characters.")
