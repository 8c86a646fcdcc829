"""Write, correct and withdraw what the press is given, and keep its files."""

from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from eduforum.core import audit, clock
from eduforum.core.db import db, new_id, transaction
from eduforum.core.errors import NotFound
from eduforum.files import services as files
from eduforum.notices.services import queue
from eduforum.press import coverage_queries
from eduforum.press.models import Application
from eduforum.press.services.letters import both
from eduforum.pressroom import queries
from eduforum.pressroom.models import Material
from eduforum.pressroom.rules import (
    LIMITS,
    AlreadyWithdrawn,
    CorrectionChanged,
    MaterialKind,
    Standing,
    check_both,
    check_correction,
    check_to_tell,
)
from eduforum.schedule.links import series_url

_WORDS = ("title_zh", "title_en", "body_zh", "body_en")


@dataclass(frozen=True, slots=True)
class MaterialInput:
    """What the press office writes; see `Material`. Without `opens_at` it opens at once."""

    kind: MaterialKind
    title_zh: str
    title_en: str
    body_zh: str = ""
    body_en: str = ""
    credit: str = ""
    opens_at: datetime | None = None
    correction_zh: str = ""
    correction_en: str = ""


def create(series_id: int, given: MaterialInput) -> Material:
    """Keep a new material. Raises `BadInput`."""
    check_both("title", given.title_zh, given.title_en)
    check_both("body", given.body_zh, given.body_en)
    values = asdict(given) | {"opens_at": given.opens_at or clock.now()}
    values |= {"correction_zh": "", "correction_en": ""}
    one = Material(id=new_id(), series_id=series_id, **values)
    with transaction():
        db.session.add(one)
        db.session.flush()
        _record("create", one)
    return one


def edit(series_id: int, material_id: UUID, given: MaterialInput) -> Material:
    """Change it; once it is open, its time stays and a change of its words says what is corrected.

    Raises `BadInput`, `AlreadyWithdrawn`, `NotFound`.
    """
    check_both("title", given.title_zh, given.title_en)
    check_both("body", given.body_zh, given.body_en)
    check_both("correction", given.correction_zh, given.correction_en)
    with transaction():
        one = _changeable(series_id, material_id)
        now = clock.now()
        was_open = one.standing(now) is Standing.OPEN
        told = given.correction_zh, given.correction_en
        is_new = any(told) and told != (one.correction_zh, one.correction_en)
        changed = any(getattr(one, name) != getattr(given, name) for name in _WORDS)
        check_correction(was_open and changed, is_new)
        for name in ("kind", "credit", *_WORDS):
            setattr(one, name, getattr(given, name))
        if not was_open:
            one.opens_at = given.opens_at or now
        if was_open and is_new:
            one.correction_zh, one.correction_en = told
            one.corrected_at, one.told_at = now, None
        _record("correct" if was_open and is_new else "edit", one)
    return one


def withdraw(series_id: int, material_id: UUID) -> Material:
    """Nobody finds it or its files from now on. Raises `AlreadyWithdrawn`, `NotFound`."""
    with transaction():
        one = _changeable(series_id, material_id)
        one.withdrawn_at = clock.now()
        files.remove(one.owner)
        _record("withdraw", one)
    return one


def may_tell(one: Material) -> bool:
    """Whether there is a correction that the press can be told of."""
    open_now = one.standing(clock.now()) is Standing.OPEN
    return open_now and one.corrected_at is not None and one.told_at is None


def tell_correction(series_id: int, material_id: UUID, *, seen: int, correction: str) -> int:
    """Mail the correction to the focal person of every approved outlet, once. Returns how many.

    seen, correction: how many the officer was told, and the moment of the correction it was about.
    Raises `NothingToTell` – before its time, above all –, `CorrectionChanged`, `NotFound`.
    """
    with transaction():
        one = queries.locked_or_404(series_id, material_id)
        now = clock.now()
        check_to_tell(one.standing(now), one.corrected_at is not None, one.told_at is not None)
        outlets = coverage_queries.accredited(series_id)
        made = one.corrected_at.isoformat() if one.corrected_at else ""
        if not outlets or len(outlets) != seen or made != correction:
            raise CorrectionChanged(len(outlets))
        one.told_at = now
        for outlet in outlets:
            _tell(outlet, one)
        _record("tell", one)
    return len(outlets)


def _tell(outlet: Application, one: Material) -> None:
    series = outlet.series
    queue(
        "press-correction",
        series_id=series.id,
        about=outlet.owner,
        language=outlet.language,
        recipient=outlet.focal_email,
        recipient_name=outlet.focal_name,
        values={
            "name": outlet.focal_name,
            "outlet": both(outlet.outlet_text),
            "series": both(series.name),
            "series_slug": series.slug,
            "time_zone": series.time_zone,
            "sample": outlet.sample or series.sample,
            "title": both(one.title),
            "correction": both(one.correction),
            "corrected_at": one.corrected_at and one.corrected_at.isoformat(),
            "address": f"{series_url(series)}/press/room#m-{one.id}",
        },
    )


def add_file(series_id: int, material_id: UUID, upload: files.Upload) -> None:
    """Keep one file with it. Raises `BadFile`, `AlreadyWithdrawn`, `NotFound`."""
    one = queries.material_or_404(series_id, material_id)
    if one.withdrawn_at is not None:
        raise AlreadyWithdrawn
    files.store(upload, owner=one.owner, purpose="press", limits=LIMITS)


def remove_file(series_id: int, material_id: UUID, file_id: UUID) -> None:
    """Take one file away. Raises `AlreadyWithdrawn`, `NotFound`."""
    with transaction():
        one = _changeable(series_id, material_id)
        if not files.remove(one.owner, [file_id]):
            raise NotFound


def _changeable(series_id: int, material_id: UUID) -> Material:
    one = queries.locked_or_404(series_id, material_id)
    if one.withdrawn_at is not None:
        raise AlreadyWithdrawn
    return one


def _record(action: str, one: Material) -> None:
    audit.record(
        f"press_material.{action}",
        f"press_material:{one.id}",
        series_id=one.series_id,
        after={
            "kind": one.kind.value,
            "title": one.title_zh,
            "opens_at": one.opens_at.isoformat(),
            "correction": one.correction_zh,
        },
    )
