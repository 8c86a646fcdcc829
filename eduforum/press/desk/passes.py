"""The desk of the press cards: print, hand out, void and replace."""

from collections.abc import Callable, Sequence
from io import BytesIO
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from eduforum.core.errors import BadInput, Refusal
from eduforum.core.i18n import Text, plural, t
from eduforum.core.id_numbers import ID_TYPE_NAMES
from eduforum.core.names import clean
from eduforum.events.access import guarded_series
from eduforum.events.forms import tell
from eduforum.press import card_queries, cardpaper, queries
from eduforum.press.forms.passes import CollectByForm, CollectForm
from eduforum.press.history import actor_names
from eduforum.press.rules import PASSES, Actor, PassAction, PassState, Zone
from eduforum.press.rules.states import PASS_NAMES
from eduforum.press.rules.words import ROLE_NAMES, ZONE_NAMES
from eduforum.press.services import passes
from eduforum.press.tones import PASS_TONES
from eduforum.web.access import Role, requires
from eduforum.web.pagination import PAGE_SIZE, Page, changed_url, page_number
from eduforum.web.rail import RailItem

pages = Blueprint("press_passes", __name__, url_prefix="/desk/s/<series>/press/passes")
ACTORS = (Role.PRESS_OFFICER, Role.ORGANISER)
RAIL_ITEM = RailItem(Text("采访证", "Press cards"), "press_passes.all_passes", frozenset(ACTORS))
_TABS = (
    (Text("全部", "All"), ()),
    (Text("待制证", "To print"), (PassState.APPROVED, PassState.REISSUED)),
    (Text("待领取", "To collect"), (PassState.PRINTED,)),
    (Text("已领取", "Collected"), (PassState.COLLECTED,)),
    (Text("已暂停或失效", "Suspended or void"),
     (PassState.SUSPENDED, PassState.LOST, PassState.REVOKED, PassState.EXPIRED_UNCOLLECTED)),
)  # fmt: skip
pages.context_processor(
    lambda: {
        "pass_names": PASS_NAMES,
        "pass_tones": PASS_TONES,
        "role_names": ROLE_NAMES,
        "zone_names": ZONE_NAMES,
        "all_zones": list(Zone),
    }
)
_DEEDS: dict[str, Callable[[int, UUID], object]] = {
    "lose": passes.lose,
    "reissue": passes.reissue,
    "reinstate": passes.reinstate,
}
_REASONED: dict[str, Callable[[int, UUID, str], object]] = {
    "suspend": passes.suspend,
    "revoke": passes.revoke,
}
_DONE = {
    "lose": Text("已挂失，原证在各签到点即时失效。", "Lost: the card is void at every door now."),
    "reissue": Text("已补发新编号，请制证。", "There is a new number; print its card."),
    "reinstate": Text("已恢复使用。", "The pass is valid again."),
    "suspend": Text("已暂停，各签到点即时生效。", "Suspended at every door, from now on."),
    "revoke": Text("已撤销，各签到点即时生效。", "Revoked at every door, from now on."),
}


@pages.get("")
@requires(*ACTORS)
def all_passes(series: str) -> ResponseReturnValue:
    """Passes by outlet, found by name, number or outlet."""
    here = guarded_series()
    words = clean(request.args.get("q", ""))[:60]
    states = _states(request.args.get("state", ""))
    number = page_number()
    people, total = card_queries.passes(
        here.id, words=words, states=states, offset=(number - 1) * PAGE_SIZE, limit=PAGE_SIZE
    )
    counts = card_queries.counts_of(here.id)
    return render_template(
        "press/desk_passes.html",
        page=Page(people, number, PAGE_SIZE, total),
        words=words,
        tabs=[
            {
                "label": label,
                "count": sum(counts.get(state, 0) for state in of or counts),
                "current": tuple(states) == of,
                "url": changed_url(state=_key(of), page=None),
            }
            for label, of in _TABS
        ],
        to_print=sum(counts.get(state, 0) for state in _TABS[1][1]),
        state=request.args.get("state", ""),
        settings=queries.settings_of(here.id),
        most=passes.MOST_CARDS,
    )


def _key(states: Sequence[PassState]) -> str | None:
    return states[0].value if states else None


def _states(key: str) -> tuple[PassState, ...]:
    return next((of for _, of in _TABS if _key(of) == key), ())


@pages.post("/print")
@requires(*ACTORS)
def print_cards(series: str) -> ResponseReturnValue:
    """Print one card, those chosen, or all that wait; a run is kept of it."""
    here = guarded_series()
    try:
        chosen = [UUID(one) for one in request.form.getlist("person")]
    except ValueError:
        chosen = []
    try:
        done = passes.print_cards(here.id, chosen)
    except Refusal as refusal:
        flash(str(refusal.sentence), "bad")
        return _back()
    flash(
        _counted(done.count, "第 {run} 批：已制 {n} 张，请下载并打印。",
               "Run {run}: {n} card made; download and print it.",
               "Run {run}: {n} cards made; download and print them.", run=done.run.number),
        "ok",
    )  # fmt: skip
    if done.skipped:
        why = t("；", "; ").join(f"{one.name}{t('：', ': ')}{one.why}" for one in done.skipped[:20])
        flash(
            _counted(len(done.skipped), "跳过 {n} 人。{why}", "{n} was left out. {why}",
                   "{n} were left out. {why}", why=why), "wait")  # fmt: skip
    return redirect(url_for(".run", series=here.slug, run_id=done.run.id), 303)


def _counted(n: int, zh: str, one: str, many: str, **values: object) -> str:
    return str(plural(n, zh, one, many, **values))


@pages.get("/runs")
@requires(*ACTORS)
def runs(series: str) -> ResponseReturnValue:
    """What was printed, when and by whom."""
    here = guarded_series()
    lines = card_queries.runs_of(here.id)
    who = actor_names([line.run.actor for line in lines])
    return render_template("press/desk_runs.html", lines=lines, who=who)


@pages.get("/runs/<uuid:run_id>")
@requires(*ACTORS)
def run(series: str, run_id: UUID) -> ResponseReturnValue:
    """One run and its cards."""
    found = card_queries.run_or_404(guarded_series().id, run_id)
    return render_template(
        "press/desk_run.html",
        run=found,
        cards=card_queries.cards_of_run(run_id),
        who=actor_names([found.actor]),
    )


@pages.get("/runs/<uuid:run_id>/cards.pdf")
@requires(*ACTORS)
def run_pdf(series: str, run_id: UUID) -> ResponseReturnValue:
    """The cards of a run that are still valid, front and back."""
    here = guarded_series()
    found = card_queries.run_or_404(here.id, run_id)
    cards = card_queries.cards_of_run(run_id)
    if not cards:
        flash(t("本批采访证均已失效。", "Every card of this run is void."), "wait")
        return redirect(url_for(".run", series=here.slug, run_id=run_id), 303)
    name = t("采访证 第 {n} 批", "press cards, run {n}", n=found.number)
    return send_pdf(cardpaper.pdf(here, cards), f"{here.slug} {name}.pdf")


def send_pdf(data: bytes, name: str) -> ResponseReturnValue:
    """A document that stays in no cache."""
    answer = send_file(
        BytesIO(data), mimetype="application/pdf", as_attachment=True, download_name=name
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer


@pages.post("/collect-by")
@requires(*ACTORS)
def collect_by(series: str) -> ResponseReturnValue:
    """Until when cards are collected."""
    here = guarded_series()
    form = CollectByForm(here.time_zone)
    if not form.validate_on_submit():
        flash(
            form.problems()[0][1] if form.problems() else t("请重试。", "Please try again."), "bad"
        )
        return _back()
    try:
        passes.set_collect_by(here.id, form.collect_by.moment)
    except Refusal as refusal:
        flash(str(refusal.sentence), "bad")
    else:
        flash(t("领证截止已保存。", "The deadline is saved."), "ok")
    return _back()


@pages.route("/<uuid:person_id>", methods=["GET", "POST"])
@requires(*ACTORS)
def one(series: str, person_id: UUID) -> ResponseReturnValue:
    """One pass; its card is handed out here."""
    here = guarded_series()
    form = CollectForm()
    if form.validate_on_submit():
        try:
            passes.collect(here.id, person_id, form.handover())
        except BadInput as refusal:
            tell(form, refusal)
        except Refusal as refusal:
            return _back(person_id, refusal.sentence, "bad")
        else:
            return _back(person_id, Text("已领证，已记录。", "Handed out and noted."))
    return _page(person_id, form=form), 422 if form.is_submitted() else 200


@pages.post("/<uuid:person_id>/<any(lose, reissue, reinstate, suspend, revoke):deed>")
@requires(*ACTORS)
def act(series: str, person_id: UUID, deed: str) -> ResponseReturnValue:
    """Void, replace, suspend, revoke or give back."""
    here = guarded_series()
    try:
        if deed in _DEEDS:
            _DEEDS[deed](here.id, person_id)
        else:
            _REASONED[deed](here.id, person_id, request.form.get("reason", "")[:200])
    except Refusal as refusal:
        return _back(person_id, refusal.sentence, "bad")
    return _back(person_id, _DONE[deed])


def _page(person_id: UUID, form: CollectForm) -> str:
    here = guarded_series()
    person = card_queries.pass_or_404(here.id, person_id)
    cards = card_queries.history_of(person_id)
    return render_template(
        "press/desk_pass.html",
        person=person,
        application=person.application,
        cards=cards,
        who=actor_names([card.handed_by for card in cards if card.handed_by]),
        id_types={kind.value: name for kind, name in ID_TYPE_NAMES.items()},
        can=PASSES.open_to(person.state, Actor.OFFICER),
        actions=PassAction,
        form=form,
        events=queries.events_by_id(here.id),
    )


def _back(
    person_id: UUID | None = None, sentence: Text | None = None, tone: str = "ok"
) -> ResponseReturnValue:
    if sentence is not None:
        flash(str(sentence), tone)
    slug = guarded_series().slug
    if person_id is None:
        return redirect(url_for(".all_passes", series=slug), 303)
    return redirect(url_for(".one", series=slug, person_id=person_id), 303)
