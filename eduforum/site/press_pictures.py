"""Photos and letters of people who do not exist, for sample applications of the press."""

import random
from collections.abc import Sequence
from datetime import date
from io import BytesIO

from PIL import Image, ImageDraw

from eduforum.core.dates import days_text
from eduforum.events.models import Series
from eduforum.files import typst

_SIZE = (826, 1158)
_FINE = 2
"""Drawn larger and made smaller, so that edges are smooth."""
_GROUNDS = ("#dfe7ec", "#e8e4da", "#d9e4dd", "#e4dde6")
_SKINS = ("#e3b08c", "#d9a27c", "#c98f69", "#efc4a2")
_HAIR = ("#22201f", "#3a2d26", "#4b4743", "#5c3b26")
_CLOTHES = ("#2d3e57", "#3f4b45", "#5a3540", "#444b59", "#6b5a3c")
_LETTER = """
#set page(paper: "a4", margin: (x: 30mm, y: 34mm))
#set text(size: 12.5pt, fill: rgb("#1b1f23"))
#set par(leading: 1.05em, justify: true)
#set document(title: data.title)
#align(center, text(size: 22pt, weight: 700, data.title))
#v(9mm)
#data.to
#v(3mm)
#for line in data.lines { par(first-line-indent: (amount: 2em, all: true), line) }
#v(4mm)
#table(columns: (1.2fr, 1fr, 1.4fr), stroke: 0.5pt + rgb("#8a857b"), inset: 2.4mm,
  ..data.heads.map(h => text(weight: 700, h)), ..data.people.flatten())
#v(16mm)
#align(right, block(width: 70mm, align(center, { data.outlet; linebreak(); data.date })))
#place(bottom + right, dx: -12mm, dy: -52mm, rotate(-7deg, circle(radius: 19mm, stroke: 1.6pt + rgb("#b3261e"),
  align(center + horizon, { set text(fill: rgb("#b3261e"), weight: 700); text(size: 9pt, data.outlet); linebreak(); text(size: 15pt, data.seal) }))))
"""


def photo(seed: str) -> bytes:
    """Head and shoulders in outline before a plain ground: nobody's face. JPEG."""
    chance = random.Random(f"photo {seed}")
    width, height = (side * _FINE for side in _SIZE)
    image = Image.new("RGB", (width, height), chance.choice(_GROUNDS))
    draw = ImageDraw.Draw(image)
    skin, hair, cloth = chance.choice(_SKINS), chance.choice(_HAIR), chance.choice(_CLOTHES)
    middle, long_hair = width // 2, chance.random() < 0.5

    def oval(across: float, down: float, wide: float, high: float, colour: str) -> None:
        x, y = middle + across * width, down * height
        draw.ellipse((x - wide * width, y - high * height, x + wide * width, y + high * height), colour)  # fmt: skip

    if long_hair:
        oval(0, 0.43, 0.245, 0.27, hair)
    oval(0, 1.06, 0.47, 0.36, cloth)
    draw.rounded_rectangle((middle - 0.085 * width, 0.55 * height, middle + 0.085 * width, 0.76 * height), 0.08 * width, skin)  # fmt: skip
    oval(0, 0.745, 0.115, 0.05, skin)
    oval(0, 0.36 if not long_hair else 0.37, 0.205, 0.19, hair)
    oval(0, 0.43, 0.185, 0.195, skin)
    fringe = 0.275 + 0.03 * chance.random()
    draw.pieslice((middle - 0.19 * width, 0.205 * height, middle + 0.19 * width, (fringe + 0.19) * height), 180, 360, hair)  # fmt: skip
    small = image.resize(_SIZE, Image.Resampling.LANCZOS)
    out = BytesIO()
    small.save(out, "JPEG", quality=90)
    return out.getvalue()


def letter(
    series: Series, outlet: str, people: Sequence[tuple[str, str, str]], days: tuple[date, date]
) -> bytes:
    """A letter of assignment as the page asks for: event, dates, staff and a seal. PDF.

    people: (name, role, press card) of each.
    """
    data = {
        "title": "采访人员派遣函",
        "to": f"{series.name.zh}媒体中心：",
        "lines": [
            f"兹派遣下列 {len(people)} 名人员采访“{series.name.zh}”，"
            f"采访日期为{days_text(*days, year=True).zh}，请予办理采访证件。",
            "本函为样本数据，单位与人员均为虚构。",
        ],
        "heads": ["姓名", "岗位", "记者证号"],
        "people": [list(person) for person in people],
        "outlet": outlet,
        "date": days_text(days[0], days[0], year=True).zh,
        "seal": "样本章",
    }
    return typst.pdf(_LETTER, data)
