"""Lists on paper for the doors and for security: the pool, the equipment, the vehicles."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from eduforum.core import clock
from eduforum.core.dates import clock_text, moment_text
from eduforum.core.db import db
from eduforum.core.i18n import Text, t
from eduforum.events.models import Series
from eduforum.files import typst
from eduforum.press.models import Application, PressPerson
from eduforum.press.rules.states import LIVE_PASSES
from eduforum.press.rules.words import ROLE_NAMES
from eduforum.press.services.pool import Line, number_of

_TABLE = """
#let ink = rgb("#1b1f23")
#let soft = rgb("#565e65")
#set document(title: data.title)
#set page(paper: "a4", margin: (x: 15mm, y: 16mm), footer: context { set text(size: 8pt, fill: soft)
  grid(columns: (1fr, auto), data.foot, [#counter(page).display() / #counter(page).final().first()]) })
#set text(size: 9.5pt, fill: ink)
#set par(leading: 0.5em)
#for (n, part) in data.parts.enumerate() {
  if n > 0 { pagebreak(weak: true) }
  text(size: 9pt, weight: 700, fill: rgb("#a11a1f"), data.series)
  v(-1mm)
  text(size: 17pt, weight: 700, part.title)
  v(-1.5mm)
  for line in part.lines { text(size: 10pt, line); linebreak() }
  v(1mm)
  table(columns: part.widths.map(w => w * 1fr), stroke: (x, y) => (bottom: 0.4pt + rgb("#c9c4b8")), inset: (x: 1.6mm, y: 2mm), align: left + horizon,
    table.header(..part.heads.map(h => table.cell(fill: rgb("#eeeae1"), text(weight: 700, size: 9pt, h)))),
    ..part.rows.flatten())
}
"""
_PLATE = """
#let ink = rgb("#1b1f23")
#let host = rgb("#0b5b61")
#set document(title: data.title)
#set page(paper: "a5", flipped: true, margin: 0mm)
#for (n, one) in data.passes.enumerate() {
  if n > 0 { pagebreak() }
  set text(fill: ink)
  set block(spacing: 0mm)
  block(width: 100%, height: 30mm, fill: host, inset: (x: 12mm), align(horizon, { set text(fill: white)
    grid(columns: (1fr, auto), align: (left + horizon, right + horizon), text(size: 13pt, weight: 700, data.series), text(size: 28pt, weight: 700, data.words.head)) }))
  block(width: 100%, height: 72mm, align(center + horizon, layout(s => {
    let at = 92pt
    context { let size = at; while size > 40pt and measure(text(size: size, weight: 700, one.plate)).width > s.width - 24mm { size -= 2pt }; text(size: size, weight: 700, one.plate) } })))
  place(bottom, block(width: 100%, inset: (x: 12mm, bottom: 9mm), { line(length: 100%, stroke: 0.6pt + ink); v(3mm)
    grid(columns: (1fr, auto), align: (left + horizon, right + horizon), stack(spacing: 2.4mm, text(size: 14pt, weight: 700, one.outlet), text(size: 10pt, data.words.rule)), stack(spacing: 2.4mm, text(size: 13pt, weight: 700, one.valid), text(size: 10pt, one.number))) }))
}
"""


def equipment(series: Series) -> bytes | None:
    """Who brings in what, outlet by outlet, with a column to tick; None when nobody brings anything."""
    rows = [
        [
            str(person.application.outlet_text), person.name, number_of(person), thing.name,
            str(thing.quantity), thing.serial or "–", "□",
        ]
        for person in _people(series.id)
        for thing in person.equipment
    ]  # fmt: skip
    heads = [
        t("单位", "Outlet"), t("姓名", "Name"), t("证号", "Card"), t("器材", "Equipment"),
        t("数量", "No."), t("序列号", "Serial"), t("核对", "Seen"),
    ]  # fmt: skip
    part: dict[str, object] = {
        "title": t("媒体器材清单", "Equipment of the press"), "lines": [], "heads": heads,
        "widths": [2.8, 2.6, 1.6, 2.8, 0.8, 2.2, 0.8], "rows": rows,
    }  # fmt: skip
    return _sheet(series, [part]) if rows else None


def pool(series: Series, lines: Sequence[Line]) -> bytes | None:
    """A page for each time at the stage: where they meet, who leads them, who they are."""
    zone = series.time_zone
    heads = [
        t("姓名", "Name"), t("单位", "Outlet"), t("岗位", "Role"), t("证号", "Card"),
        t("到场", "Here"),
    ]  # fmt: skip
    parts: list[dict[str, object]] = [
        {
            "title": t("舞台拍摄名单", "Stage pool"),
            "lines": [
                str(line.slot.event.name),
                f"{moment_text(line.slot.starts_at, zone)}–{clock_text(line.slot.ends_at, zone)}",
                t("集合地点：{place}", "Meeting point: {place}", place=str(line.slot.meeting)),
                t("引导员：{name}", "Escort: {name}",
                  name=f"{line.slot.escort} {line.slot.escort_phone}".strip()),
            ],
            "heads": heads,
            "widths": [2, 3, 2, 1.8, 0.8],
            "rows": [
                [
                    person.name, str(person.application.outlet_text),
                    str(ROLE_NAMES[person.role]), number_of(person), "□",
                ]
                for person in line.people
            ],
        }
        for line in lines
        if line.people
    ]  # fmt: skip
    return _sheet(series, parts) if parts else None


def vehicles(series: Series) -> bytes | None:
    """A pass for the windscreen of each plate (A5); None when nobody comes by car."""
    passes: dict[str, dict[str, str]] = {}
    for person in _people(series.id):
        if person.plate and person.valid_until:
            until = moment_text(person.valid_until, series.time_zone)
            passes.setdefault(
                person.plate,
                {
                    "plate": person.plate,
                    "outlet": str(person.application.outlet_text),
                    "valid": t("有效至 {moment}", "Valid until {moment}", moment=str(until)),
                    "number": number_of(person),
                },
            )
    if not passes:
        return None
    words = {
        "head": t("媒体车辆", "PRESS VEHICLE"),
        "rule": t(
            "请置于前挡风玻璃内侧，仅限本车牌。",
            "Keep it behind the windscreen; for this plate alone.",
        ),
    }
    data = {"series": str(series.name), "title": t("车辆通行证", "Vehicle passes"), "words": words}
    return typst.pdf(_PLATE, data | {"passes": list(passes.values())})


def _people(series_id: int) -> Sequence[PressPerson]:
    """Whoever may come, outlet by outlet."""
    return db.session.scalars(
        select(PressPerson)
        .join(Application, Application.id == PressPerson.application_id)
        .where(PressPerson.series_id == series_id, PressPerson.state.in_(LIVE_PASSES))
        .order_by(Application.outlet_name, PressPerson.application_id, PressPerson.place)
        .options(
            joinedload(PressPerson.application).joinedload(Application.outlet),
            joinedload(PressPerson.ticket),
            selectinload(PressPerson.equipment),
        )
    ).all()


def _sheet(series: Series, parts: Sequence[dict[str, object]]) -> bytes:
    made: Text = moment_text(clock.now(), series.time_zone)
    foot = t("{moment} 制，用后销毁", "Made {moment}; destroy after use", moment=str(made))
    if series.sample:
        foot = t("样本数据，", "Sample data. ") + foot
    return typst.pdf(
        _TABLE,
        {
            "series": str(series.name),
            "title": str(parts[0]["title"]),
            "foot": foot,
            "parts": list(parts),
        },
    )
