"""The queue: one application after the other, decided by single keys, by mouse or by touch."""

from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from eduforum.core import clock
from eduforum.core.audit import current_actor
from eduforum.core.errors import NotFound, Refusal
from eduforum.core.i18n import Text
from eduforum.events.access import guarded_series
from eduforum.events.rules import MODE_NAMES
from eduforum.registration.columns import SOURCE_NAMES, STATE_TONES
from eduforum.registration.desk.deed_forms import DeclineForm, DeedForm, ReturnForm
from eduforum.registration.desk.deeds import DEEDS, do
from eduforum.registration.desk.detail import Detail, detail_of
from eduforum.registration.desk.frame import ACTORS, pages
from eduforum.registration.history import actor_names
from eduforum.registration.models import Category
from eduforum.registration.queries import (
    Wanted,
    categories_of,
    left_to_review,
    overdue,
    registration_or_404,
    reviewers,
    to_review_by_category,
)
from eduforum.registration.rules import STATE_NAMES, State, TransitionNotAllowed
from eduforum.registration.services.answers import first_asked
from eduforum.registration.services.reviews import look_at, take_next
from eduforum.web.access import requires

_DECISIONS = ("approve", "return", "decline")
_ROOT = "/desk/s/<series>/queue"


@dataclass(frozen=True, slots=True)
class Said:
    """What became of the last decision. tone: ok, wait or bad."""

    sentence: Text
    tone: str = "ok"


@pages.get(_ROOT)
@requires(*ACTORS)
def queue(series: str) -> ResponseReturnValue:
    """The next application (`after` one that is put off, or the one that is asked for with `at`)."""
    here, wanted = guarded_series(), _wanted()
    at = _id("at")
    if at is not None:
        person = registration_or_404(here.id, at)
        if person.state is State.SUBMITTED:
            look_at(here.id, at)
        return _show(at)
    return _show(take_next(wanted, after=_id("after")))


@pages.post(f"{_ROOT}/<uuid:registration_id>/<action>")
@requires(*ACTORS)
def decide(series: str, registration_id: UUID, action: str) -> ResponseReturnValue:
    """Decide, say what was decided, go on to the next one."""
    if action not in _DECISIONS:
        raise NotFound
    here, deed = guarded_series(), DEEDS[action]
    person = registration_or_404(here.id, registration_id)
    name = person.name
    form = deed.form_for(here.time_zone, person.category)
    if not form.validate_on_submit():
        return _show(registration_id, opened=action, form=form, status=422)
    try:
        do(deed, here.id, registration_id, form)
    except TransitionNotAllowed:
        return _go_on(registration_id, Said(_decided_meanwhile(registration_id, name), "wait"))
    except Refusal as refusal:
        also = _blame(form, refusal)
        return _show(registration_id, opened=action, form=form, also=also, status=refusal.status)
    sentence = Text("{name}：{done}", "{name}: {done}").fill(name=name, done=deed.done)
    return _go_on(registration_id, Said(sentence))


def _decided_meanwhile(registration_id: UUID, name: str) -> Text:
    """Somebody else was faster; say who, and what it is now."""
    detail = detail_of(guarded_series(), registration_id)
    last = detail.history[0] if detail.history else None
    return Text(
        "“{name}”刚刚已由{who}处理，现为“{state}”。您的操作没有执行。",
        "{name} has just been dealt with by {who} and is now “{state}”. Nothing was done.",
    ).fill(name=name, who=last.who if last else "", state=STATE_NAMES[detail.state])


def _go_on(done: UUID, said: Said) -> ResponseReturnValue:
    if request.headers.get("HX-Request"):
        return _show(take_next(_wanted(), after=done), said=said)
    flash(str(said.sentence), said.tone)
    return redirect(queue_url(after=str(done)), 303)


def _show(
    registration_id: UUID | None,
    *,
    said: Said | None = None,
    opened: str = "",
    form: DeedForm | None = None,
    also: list[Text] | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    here, wanted = guarded_series(), _wanted()
    detail = detail_of(here, registration_id) if registration_id else None
    now = clock.now()
    others = reviewers(here.id, now, current_actor())
    fragment = bool(request.headers.get("HX-Request"))
    page = render_template(
        f"registration/{'_queue' if fragment else 'desk_queue'}.html",
        detail=detail,
        said=said,
        opened=opened,
        also=also or [],
        left=left_to_review(wanted),
        tabs=_tabs(wanted),
        overdue=overdue(here.id, now),
        others=[str(name) for name in actor_names(others).values()],
        forms=_forms(detail, opened, form),
        queue_url=queue_url,
        decide_url=_decide_url,
        states=STATE_NAMES,
        tones=STATE_TONES,
        modes=MODE_NAMES,
        sources=SOURCE_NAMES,
    )
    return page, status


def _forms(detail: Detail | None, opened: str, form: DeedForm | None) -> dict[str, DeedForm]:
    """The forms under the person; the one that was sent keeps what was typed."""
    if detail is None:
        return {}
    zone, category = guarded_series().time_zone, detail.registration.category
    fresh: dict[str, DeedForm] = {
        "return": ReturnForm(zone=zone, questions=first_asked(category), formdata=None),
        "decline": DeclineForm(formdata=None),
    }
    return fresh | ({opened: form} if form is not None and opened in fresh else {})


@dataclass(frozen=True, slots=True)
class Tab:
    """A category above the queue."""

    label: Text
    url: str
    count: int
    current: bool


def _tabs(wanted: Wanted) -> list[Tab]:
    counts = to_review_by_category(wanted.series_id)
    everybody = Tab(
        Text("全部", "All"), _plain_url([]), sum(counts.values()), not wanted.categories
    )
    return [
        everybody,
        *(
            Tab(one.name, _plain_url([one.code]), counts.get(one.id, 0), _is_on(one, wanted))
            for one in categories_of(wanted.series_id)
            if counts.get(one.id) or _is_on(one, wanted)
        ),
    ]


def _is_on(category: Category, wanted: Wanted) -> bool:
    return category.code in wanted.categories


def _wanted() -> Wanted:
    return Wanted(guarded_series().id, tuple(request.args.getlist("category")))


def queue_url(**more: str) -> str:
    """The queue with the same categories."""
    return _plain_url(request.args.getlist("category"), **more)


def _plain_url(categories: list[str], **more: str) -> str:
    address = url_for("registration_desk.queue", series=guarded_series().slug)
    asked = [*(("category", code) for code in categories), *more.items()]
    return f"{address}?{urlencode(asked)}" if asked else address


def _decide_url(registration_id: UUID, action: str) -> str:
    address = url_for(
        "registration_desk.decide",
        series=guarded_series().slug,
        registration_id=registration_id,
        action=action,
    )
    kept = [("category", code) for code in request.args.getlist("category")]
    return f"{address}?{urlencode(kept)}" if kept else address


def _id(name: str) -> UUID | None:
    """An id in the address; what is none is not there."""
    try:
        return UUID(request.args.get(name, ""))
    except ValueError:
        return None


def _blame(form: DeedForm, refusal: Refusal) -> list[Text]:
    beside = [name for name in refusal.errors if name in form]
    for name in beside:
        for sentence in refusal.errors[name]:
            form.refuse(name, sentence)
    return [] if beside else [refusal.sentence]
