"""Press cards on paper: 90 × 130 mm, front and back, one after the other for a card printer."""

from base64 import b64encode
from collections.abc import Sequence
from datetime import datetime
from io import BytesIO

from PIL import Image
from sqlalchemy import select

from eduforum.core.dates import days_text, local
from eduforum.core.db import db
from eduforum.core.i18n import Language, Text, current_language, t
from eduforum.events.models import Series
from eduforum.files import disk, typst
from eduforum.files.models import StoredFile
from eduforum.press.models import Card
from eduforum.press.rules import JobRole, Zone
from eduforum.press.rules.words import ROLE_NAMES, ZONE_NAMES
from eduforum.tickets import qr
from eduforum.tickets.rules import show_staff_code

ROLE_COLOURS = {
    JobRole.TEXT: "#2f4a8a",
    JobRole.PHOTO: "#0b6b63",
    JobRole.CAMERA: "#6b3578",
    JobRole.LIVE: "#a3312a",
    JobRole.TECHNICIAN: "#4a5660",
    JobRole.DRIVER: "#8a5a12",
}
"""White letters on each reach 5:1."""
_PHOTO = (413, 579)
_PRESS = Text("媒体", "PRESS")
"""In both languages on every card: doorkeepers read either."""

_LAYOUT = """
#let ink = rgb("#1b1f23")
#let soft = rgb("#565e65")
#let line-grey = rgb("#d9d5cb")
#let fitted(body, size, width, least: 6pt) = context {
  let at = size
  while at > least and measure(text(size: at, body)).width > width { at -= 0.5pt }
  text(size: at, body)
}
#let spaced(name) = if name.clusters().len() == 2 and name.match(regex("^[\\\\p{Han}]{2}$")) != none {
  name.clusters().join(h(0.5em))
} else { name }
#let band(one, height, body) = block(width: 100%, height: height, fill: rgb(one.colour), inset: (x: 6mm), {
  set text(fill: white)
  align(horizon, body)
})
#let zones(one, side) = grid(
  columns: data.zones.map(z => 1fr), column-gutter: 1.6mm,
  ..data.zones.map(z => {
    let on = one.zones.contains(z.letter)
    block(width: 100%, height: side, radius: 1.2mm,
      fill: if on { rgb(one.colour) } else { none },
      stroke: if on { none } else { 0.5pt + line-grey },
      align(center + horizon, text(size: 25pt, weight: 700, fill: if on { white } else { rgb("#c9c4b8") }, z.letter)))
  })
)
#let front(one) = {
  set text(fill: ink)
  block(width: 100%, height: 130mm, {
    set block(spacing: 0mm)
    band(one, 25mm, grid(columns: (1fr, auto), column-gutter: 3mm, align: (left + horizon, right + horizon),
      layout(s => { set par(leading: 0.45em); text(size: 9pt, weight: 700, one.series) }),
      stack(spacing: 1.6mm, text(size: 19pt, weight: 700, data.words.press), text(size: 9.5pt, weight: 700, tracking: 0.16em, data.words.press_other))))
    block(width: 100%, inset: (x: 6mm, top: 5mm), grid(columns: (35mm, 1fr), column-gutter: 5mm,
      box(width: 35mm, height: 49mm, stroke: 0.5pt + line-grey, clip: true, image(bytes(one.photo), format: "svg", width: 35mm, height: 49mm, fit: "cover")),
      block(height: 49mm, layout(s => {
        set align(left)
        set par(leading: 0.5em)
        v(0.5mm)
        fitted(text(weight: 700, spaced(one.name)), 23pt, s.width, least: 11pt)
        v(3mm)
        text(size: 11.5pt, weight: 700, fill: rgb(one.colour), one.role)
        v(2.6mm)
        text(size: 11pt, one.outlet)
        if one.sample { v(2mm); box(stroke: 0.6pt + ink, inset: (x: 1.6mm, y: 0.8mm), radius: 0.8mm, text(size: 8pt, data.words.sample)) }
      }))))
    block(width: 100%, inset: (x: 6mm, top: 5mm), { text(size: 8pt, fill: soft, data.words.zones); v(1.6mm); zones(one, 15mm) })
    place(bottom, block(width: 100%, inset: (x: 6mm, bottom: 5.5mm), {
      line(length: 100%, stroke: 0.5pt + line-grey)
      v(2.4mm)
      grid(columns: (auto, 1fr), column-gutter: 3mm, align: (left + bottom, right + bottom),
        stack(spacing: 1.7mm, text(size: 7.5pt, fill: soft, data.words.number), text(size: 12.5pt, weight: 700, one.number)),
        stack(spacing: 1.7mm, text(size: 7.5pt, fill: soft, data.words.valid), layout(s => fitted(text(weight: 700, one.valid), 10.5pt, s.width, least: 7pt))))
    }))
  })
}
#let back(one) = {
  set text(fill: ink)
  block(width: 100%, height: 130mm, {
    set block(spacing: 0mm)
    band(one, 11mm, grid(columns: (1fr, auto), align: horizon, text(size: 11pt, weight: 700, one.role), text(size: 10pt, weight: 700, one.number)))
    align(center, block(inset: (top: 1.5mm), image(bytes(one.qr), format: "svg", width: 54mm)))
    align(center, layout(s => fitted(text(weight: 700, one.name + "  " + one.outlet), 9pt, s.width - 12mm)))
    block(width: 100%, inset: (x: 6mm, top: 3.5mm), grid(columns: (auto, 1fr, auto, 1fr), column-gutter: 1.8mm, row-gutter: 1.9mm, align: horizon,
      ..data.zones.map(z => {
        let on = one.zones.contains(z.letter)
        (text(size: 9pt, weight: 700, fill: if on { rgb(one.colour) } else { rgb("#b7b2a6") }, z.letter),
         text(size: 8pt, fill: if on { ink } else { rgb("#8a857b") }, z.name))
      }).flatten()))
    place(bottom, block(width: 100%, inset: (x: 6mm, bottom: 5mm), {
      line(length: 100%, stroke: 0.5pt + line-grey)
      v(2mm)
      set par(leading: 0.55em)
      set text(size: 7.2pt, fill: soft)
      for (n, rule) in data.words.rules.enumerate() { if n > 0 { v(1mm) }; [#(n + 1). #rule] }
    }))
  })
}
#set document(title: data.words.title)
#set page(width: 90mm, height: 130mm, margin: 0mm, fill: white)
#for (n, one) in data.cards.enumerate() {
  if n > 0 { pagebreak() }
  front(one)
  pagebreak()
  back(one)
}
"""


def pdf(series: Series, cards: Sequence[Card]) -> bytes:
    """Front and back of every card, in the language of the moment; the QR is 46 mm wide."""
    photos = _photos(cards)
    return typst.pdf(
        _LAYOUT,
        {
            "cards": [_drawn(series, card, photos) for card in cards],
            "zones": [{"letter": zone.value, "name": str(ZONE_NAMES[zone])} for zone in Zone],
            "words": _words(),
        },
    )


def _words() -> dict[str, object]:
    other = Language.EN if current_language() is Language.ZH else Language.ZH
    return {
        "title": t("采访证", "Press cards"),
        "press": str(_PRESS),
        "press_other": _PRESS.to(other),
        "zones": t("可进入区域", "Zones"),
        "number": t("证件编号", "Card number"),
        "valid": t("有效期", "Valid"),
        "sample": t("样本，不得使用", "Sample, not valid"),
        "rules": [
            t(
                "请全程佩戴，照片一面朝外；一人一证，不得转借。",
                "Wear it with the photo to the front. One person, one card; do not lend it.",
            ),
            t(
                "只可进入正面实色标出的区域；C 区仅限约定时段，由引导员带入。",
                "It admits to the zones in solid colour only; zone C at the agreed time, with the escort.",
            ),
            t(
                "遗失请立即告知媒体中心，旧证随即作废。",
                "If it is lost, tell the press centre at once; the card becomes void.",
            ),
        ],
    }


def _drawn(series: Series, card: Card, photos: dict[object, bytes]) -> dict[str, object]:
    person = card.person
    assert person.valid_from
    assert person.valid_until
    return {
        "series": str(series.name),
        "name": person.name,
        "outlet": str(person.application.outlet_text),
        "role": str(ROLE_NAMES[person.role]),
        "colour": ROLE_COLOURS[person.role],
        "zones": list(person.zones),
        "number": show_staff_code(card.ticket.staff_code),
        "valid": _valid(person.valid_from, person.valid_until, series.time_zone),
        "qr": qr.svg(card.ticket.text),
        "photo": _in_svg(photos.get(person.photo_id)),
        "sample": person.application.sample,
    }


def _valid(start: datetime, end: datetime, zone: str) -> str:
    first, last = local(start, zone).date(), local(end, zone).date()
    shown: Text = days_text(first, last, year=False)
    return str(shown)


def _photos(cards: Sequence[Card]) -> dict[object, bytes]:
    """The photos by file id, small enough for paper (300 dpi at 35 mm)."""
    wanted = [card.person.photo_id for card in cards if card.person.photo_id]
    files = db.session.scalars(
        select(StoredFile).where(StoredFile.id.in_(wanted), StoredFile.removed_at.is_(None))
    )
    return {one.id: _small(disk.path_of(one.place).read_bytes()) for one in files}


def _small(data: bytes) -> bytes:
    with Image.open(BytesIO(data)) as image:
        flat = image.convert("RGB")
        flat.thumbnail(_PHOTO)
        out = BytesIO()
        flat.save(out, "JPEG", quality=88)
    return out.getvalue()


def _in_svg(photo: bytes | None) -> str:
    """A picture as text, which is how data reach the layout; without one, an empty frame."""
    width, height = _PHOTO
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}">'
    if photo is None:
        return f'{head}<path fill="#f2efe8" d="M0 0h{width}v{height}H0z"/></svg>'
    link = f"data:image/jpeg;base64,{b64encode(photo).decode()}"
    return (
        f'{head}<image width="{width}" height="{height}" preserveAspectRatio="xMidYMid slice"'
        f' href="{link}"/></svg>'
    )
