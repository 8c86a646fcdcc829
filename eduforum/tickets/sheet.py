"""Tickets on paper, four to a sheet of A4, and as pictures to be passed on by telephone."""

import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import IO

from eduforum.core.dates import clock_text, local
from eduforum.core.i18n import Text, t
from eduforum.events.models import Event, Series
from eduforum.events.queries import events_of
from eduforum.files import typst
from eduforum.tickets import qr
from eduforum.tickets.models import Ticket
from eduforum.tickets.rules import show_staff_code

MOST_LINES = 8
_NOT_IN_FILENAMES = re.compile(r'[\\/:*?"<>|\x00-\x1f]')

_CARD = """
#let ink = rgb("#1b1f23")
#let soft = rgb("#5f676e")
#let host = rgb("#a11a1f")
#let rule = { line(length: 100%, stroke: 1.4pt + host); v(-7.6pt); line(length: 100%, stroke: 0.4pt + host) }
#let fitted(body, size, width, least: 6pt) = context {
  let at = size
  while at > least and measure(text(size: at, body)).width > width { at -= 0.5pt }
  text(size: at, body)
}
#let spaced(name) = if name.clusters().len() == 2 and name.match(regex("^[\\\\p{Han}]{2}$")) != none {
  name.clusters().join(h(0.5em))
} else { name }
#let card(one) = {
  set text(fill: ink)
  set align(center)
  block(width: 100%, inset: (x: 7mm, top: 6mm), {
    text(size: 9.5pt, weight: 700, fill: host, one.series)
    v(-1mm)
    rule
  })
  v(-1mm)
  image(bytes(one.qr), format: "svg", width: 53mm)
  v(-4mm)
  text(size: 8pt, fill: soft)[#data.words.code #h(0.6em) #text(size: 11pt, weight: 700, fill: ink, one.code)]
  v(1mm)
  block(width: 100%, inset: (x: 6mm), {
    layout(space => fitted(text(weight: 700, spaced(one.name)), 24pt, space.width, least: 11pt))
    v(-1mm)
    layout(space => fitted(text(fill: soft, one.unit), 10pt, space.width, least: 6.5pt))
    v(1mm)
    if one.programme.len() > 0 {
      line(length: 100%, stroke: 0.4pt + rgb("#e1ddd3"))
      v(-1.5mm)
      set align(left)
      let at = if one.programme.len() > 5 { 6.5pt } else { 8pt }
      grid(columns: (auto, 1fr), column-gutter: 2.5mm, row-gutter: 1.7mm,
        ..one.programme.map(((when, what)) => (text(size: at, fill: soft, when), text(size: at, what))).flatten())
    }
  })
  v(1fr)
  block(width: 100%, fill: ink, inset: (y: 2.4mm), text(size: 13pt, weight: 700, fill: white, one.category))
}
"""
_SHEETS = (
    _CARD
    + """
#set document(title: data.words.title)
#set page(paper: "a4", margin: 0mm)
#for group in data.cards.chunks(4) {
  grid(
    columns: (105mm, 105mm), rows: (148.5mm, 148.5mm),
    stroke: (paint: rgb("#b9b4a8"), thickness: 0.3pt, dash: "dashed"),
    ..group.map(card)
  )
}
"""
)
_PICTURES = (
    _CARD
    + """
#set page(width: 90mm, height: 136mm, margin: 0mm, fill: white)
#for (n, one) in data.cards.enumerate() { if n > 0 { pagebreak() }; card(one) }
"""
)


@dataclass(frozen=True, slots=True)
class Card:
    """What stands on one ticket, in the language it is printed in.

    programme: (when, what and where) of what the ticket admits to. qr: SVG.
    """

    series: str
    name: str
    unit: str
    category: str
    code: str
    programme: Sequence[tuple[str, str]]
    qr: str


def cards_of(series: Series, tickets: Sequence[Ticket]) -> list[Card]:
    """The cards of these tickets of one series, in their order."""
    lines = {event.id: _line(event, series.time_zone) for event in events_of(series.id)}
    return [_card(series, ticket, lines) for ticket in tickets]


def _card(series: Series, ticket: Ticket, lines: Mapping[int, tuple[str, str]]) -> Card:
    category = Text(ticket.category_zh, ticket.category_en)
    admits = set(ticket.event_ids)
    return Card(
        series=str(series.name),
        name=ticket.holder,
        unit=ticket.unit,
        category=f"{category}{t('（样本）', ' (sample)')}" if ticket.sample else str(category),
        code=show_staff_code(ticket.staff_code),
        programme=[line for event_id, line in lines.items() if event_id in admits][:MOST_LINES],
        qr=qr.svg(ticket.text),
    )


def _line(event: Event, zone: str) -> tuple[str, str]:
    start = local(event.starts_at, zone)
    room = str(Text(event.room, event.room_en)) if event.room else ""
    where = t("（{room}）", " ({room})", room=room) if room else ""
    return f"{start.month}/{start.day} {clock_text(event.starts_at, zone)}", f"{event.name}{where}"


def unprintable(cards: Sequence[Card]) -> list[str]:
    """The names and units with a letter that cannot be printed, each once."""
    texts = [text for card in cards for text in (card.name, card.unit)]
    return list(dict.fromkeys(typst.unprintable(texts)))


def pdf(cards: Sequence[Card]) -> bytes:
    """All tickets on sheets of A4, four on each, to be cut along the dashes; the QR is 45 mm wide."""
    return typst.pdf(_SHEETS, _data(cards))


def write_zip(file: IO[bytes], cards: Sequence[Card]) -> None:
    """A picture of each ticket, named by place and person: one is sent to one person."""
    drawn = typst.pictures(_PICTURES, _data(cards), ppi=180)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for place, (card, png) in enumerate(zip(cards, drawn, strict=True), 1):
            name = _NOT_IN_FILENAMES.sub(" ", card.name).strip(" .")[:60]
            archive.writestr(f"{place:03d} {name}.png", png)


def _data(cards: Sequence[Card]) -> dict[str, object]:
    return {
        "cards": [asdict(card) for card in cards],
        "words": {"code": t("参会证号", "Ticket number"), "title": t("参会证", "Tickets")},
    }
