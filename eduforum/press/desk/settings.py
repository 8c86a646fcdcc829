"""How the press is taken: places, criteria, windows and required fields of each group."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from eduforum.core import clock
from eduforum.core.errors import BadInput, NotFound
from eduforum.core.i18n import Text
from eduforum.events.access import guarded_series
from eduforum.press import queries
from eduforum.press.desk.frame import ACTORS, blame, pages, told
from eduforum.press.forms.desk import GeneralForm, WindowForm, sent_ranking
from eduforum.press.rules import MediaGroup
from eduforum.press.rules.ranking import CRITERION_NAMES
from eduforum.press.services import places
from eduforum.press.services.settings import GeneralInput, set_general, set_window
from eduforum.web.access import requires


@pages.route("/settings", methods=["GET", "POST"])
@requires(*ACTORS)
def settings(series: str) -> ResponseReturnValue:
    here = guarded_series()
    row = queries.settings_of(here.id)
    form = GeneralForm(
        data={
            "press_places": here.press_places,
            "press_per_outlet": here.press_per_outlet,
            "answer_days": row.answer_days,
            "security_check": row.security_check,
            "criteria_zh": row.criteria_zh,
            "criteria_en": row.criteria_en,
        }
    )
    if form.validate_on_submit():
        set_general(here.id, _general(form))
        told(Text("已保存。", "Saved."))
        return redirect(_url(), 303)
    return _page(form), 422 if form.is_submitted() else 200


@pages.post("/settings/<group>")
@requires(*ACTORS)
def window(series: str, group: str) -> ResponseReturnValue:
    """When one group may apply, and what it has to fill in."""
    here = guarded_series()
    if group not in set(MediaGroup):
        raise NotFound
    one = MediaGroup(group)
    form = WindowForm(
        here.time_zone, queries.windows_of(here.id)[one], clock.now(), prefix=f"{group}-"
    )
    if form.validate_on_submit():
        try:
            set_window(here.id, one, form.opens_at.moment, form.closes_at.moment, form.fields())
        except BadInput as refusal:
            blame(form, refusal)
        else:
            told(Text("已保存。", "Saved."))
            return redirect(_url(group), 303)
    return _page(None, {one: form}), 422


def _general(form: GeneralForm) -> GeneralInput:
    events = queries.events_by_id(guarded_series().id)
    typed = {key: request.form.get(f"places-{key}", "").strip() for key in events}
    return GeneralInput(
        press_places=form.press_places.data,
        press_per_outlet=form.press_per_outlet.data,
        answer_days=form.answer_days.data or 2,
        security_check=bool(form.security_check.data),
        ranking=sent_ranking(),
        criteria_zh=form.criteria_zh.data or "",
        criteria_en=form.criteria_en.data or "",
        event_places={
            key: int(text) for key, text in typed.items() if text.isdigit() and len(text) < 6
        },
    )


def _page(form: GeneralForm | None, sent: dict[MediaGroup, WindowForm] | None = None) -> str:
    here = guarded_series()
    row = queries.settings_of(here.id)
    windows = queries.windows_of(here.id)
    sent = sent or {}
    general = form or GeneralForm(
        formdata=None,
        data={
            "press_places": here.press_places,
            "press_per_outlet": here.press_per_outlet,
            "answer_days": row.answer_days,
            "security_check": row.security_check,
            "criteria_zh": row.criteria_zh,
            "criteria_en": row.criteria_en,
        },
    )
    return render_template(
        "press/desk_settings.html",
        form=general,
        windows=[
            (
                group,
                sent.get(group)
                or WindowForm(here.time_zone, windows[group], clock.now(), formdata=None,
                              prefix=f"{group.value}-"),
            )
            for group in MediaGroup
        ],
        events=list(queries.events_by_id(here.id).values()),
        of_events=places.of_events(here.id),
        criteria=CRITERION_NAMES,
        ranking={one: at for at, one in enumerate(places.criteria_of(here.id), start=1)},
    )  # fmt: skip


def _url(anchor: str | None = None) -> str:
    return url_for("press_desk.settings", series=guarded_series().slug, _anchor=anchor)
