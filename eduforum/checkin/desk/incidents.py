"""What went wrong at the doors, and scans that did not fit: looked into, and settled with a note."""

from collections.abc import Callable
from urllib.parse import urlencode
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from eduforum.checkin import queries, services
from eduforum.checkin.desk.frame import pages
from eduforum.checkin.forms import NoteForm
from eduforum.checkin.rules import INCIDENT_NAMES, QUARANTINE_REASONS, saying
from eduforum.core import clock
from eduforum.core.errors import BadInput
from eduforum.core.i18n import Text, t
from eduforum.events.access import guarded_series
from eduforum.web.access import Role, requires
from eduforum.web.pagination import PAGE_SIZE, Page, page_number

_STRAYS = "strays"
_LISTS = {"": Text("异常", "Incidents"), _STRAYS: Text("待查记录", "Scans that do not fit")}


@pages.get("/incidents")
@requires(Role.ORGANISER, Role.DOOR)
def incidents(series: str) -> ResponseReturnValue:
    """What the scans show to have gone wrong; `?list=strays`: the scans that did not fit."""
    return _page(request.args.get("list", ""))


@pages.post("/incidents/<uuid:incident>/settle")
@requires(Role.ORGANISER, Role.DOOR)
def settle_incident(series: str, incident: UUID) -> ResponseReturnValue:
    return _settle(
        "",
        incident,
        lambda form: services.settle_incident(
            guarded_series(), incident, form.note.data or "", clock.now()
        ),
    )


@pages.post("/quarantine/<uuid:scan>/dismiss")
@requires(Role.ORGANISER, Role.DOOR)
def dismiss_scan(series: str, scan: UUID) -> ResponseReturnValue:
    return _settle(
        _STRAYS,
        scan,
        lambda form: services.dismiss_scan(guarded_series().id, scan, form.note.data or ""),
    )


@pages.post("/quarantine/<uuid:scan>/assign")
@requires(Role.ORGANISER, Role.DOOR)
def assign_scan(series: str, scan: UUID) -> ResponseReturnValue:
    here, form = guarded_series(), NoteForm()
    try:
        answer = services.assign_scan(
            here.id, scan, _one_person(here.id, form.person.data or ""), form.note.data or ""
        )
    except BadInput as refusal:
        return _page(_STRAYS, scan, form, refusal)
    words = saying(answer.verdict, queries.scan_or_404(here.id, answer.id).point.kind)
    flash(t("已归到该人名下，结果：{word}。", "It is theirs now. The verdict: {word}.",
            word=words.word), "ok")  # fmt: skip
    return _back(_STRAYS)


def _settle(which: str, subject: UUID, settle: Callable[[NoteForm], object]) -> ResponseReturnValue:
    form = NoteForm()
    try:
        settle(form)
    except BadInput as refusal:
        return _page(which, subject, form, refusal)
    flash(t("已记录处理情况。", "It is noted how that was settled."), "ok")
    return _back(which)


def _back(which: str) -> ResponseReturnValue:
    """To the page of the list where it stood."""
    number = page_number()
    asked = {"list": which, "page": str(number) if number > 1 else ""}
    address = url_for(".incidents", series=guarded_series().slug)
    query = urlencode({name: value for name, value in asked.items() if value})
    return redirect(f"{address}?{query}" if query else address)


def _one_person(series_id: int, text: str) -> UUID:
    """The one person meant. Raises `BadInput` when nobody is, or more than one."""
    found = queries.search(series_id, text)
    if len(found) == 1:
        person: UUID = found[0].id
        return person
    sentence = (
        Text("不止一人符合，请填写证件上的 8 位编号。", "Several fit. Enter the 8-letter code.")
        if found
        else Text("没有找到此人，请核对后再填。", "Nobody was found. Check what you entered.")
    )
    raise BadInput(sentence, {"person": [sentence]})


def _page(
    which: str,
    subject: UUID | None = None,
    form: NoteForm | None = None,
    refusal: BadInput | None = None,
) -> ResponseReturnValue:
    """One list; with what was typed about `subject`, and what is wrong with it, beside it."""
    here, number = guarded_series(), page_number()
    start, which = (number - 1) * PAGE_SIZE, which if which in _LISTS else ""
    found = queries.incidents_of(here, clock.now())
    total = queries.count_strays(here.id)
    told = found[start : start + PAGE_SIZE] if which == "" else []
    strays = queries.strays(here.id, offset=start, limit=PAGE_SIZE) if which == _STRAYS else []
    totals = {"": len(found), _STRAYS: total}
    page = render_template(
        "checkin/incidents.html",
        which=which,
        tabs=[
            {
                "label": label,
                "count": totals[key],
                "current": key == which,
                "url": url_for(".incidents", series=here.slug, list=key or None),
            }
            for key, label in _LISTS.items()
        ],
        page=Page(told or strays, number, PAGE_SIZE, totals[which]),
        kept={"page": number if number > 1 else None},
        told=told,
        strays=strays,
        notes=queries.settled_scans(here.id, [line.scan.id for line in strays]),
        names=INCIDENT_NAMES,
        reasons=QUARANTINE_REASONS,
        wrong=subject,
        typed=form,
        errors=refusal.errors if refusal else {},
    )
    return page, 422 if refusal else 200
