"""One person at a time: a row on a phone, somebody who is submitted, leave, somebody else."""

from collections.abc import Callable
from secrets import token_urlsafe
from uuid import UUID

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from eduforum.core import clock
from eduforum.core.errors import NotFound, Refusal
from eduforum.core.i18n import Text
from eduforum.delegations import services
from eduforum.delegations.entries import check
from eduforum.delegations.forms import EntryForm, LeaveForm
from eduforum.delegations.grid import entry_of_person, may
from eduforum.delegations.queries import by_link, choices_for, draft_or_404, person_or_404
from eduforum.delegations.services.drafts import entry_of
from eduforum.delegations.services.letters import text_for_person
from eduforum.delegations.views.frame import back, page, pages, told
from eduforum.questions.queries import asked_by
from eduforum.registration.forms import ConfirmForm
from eduforum.registration.models import Delegation, Registration
from eduforum.registration.newcomer import NewcomerForm
from eduforum.registration.rules import State
from eduforum.registration.services import fillable, lacking
from eduforum.registration.services.identity import masked
from eduforum.web.access import public
from eduforum.web.headers import private


@pages.route("/d/<secret>/rows/new", methods=["GET", "POST"])
@public
def add(secret: str) -> ResponseReturnValue:
    """Somebody new, on a page of his own."""
    delegation = by_link(secret)
    choices = choices_for(delegation, clock.now())
    form = EntryForm(choices)
    if request.method == "GET":
        form.events.data = list(choices.usual(choices.only_category))
    if form.validate_on_submit():
        line = services.Line(form.entry(), key=request.form.get("key", "")[:40])
        return _kept(secret, delegation, form, line)
    return _row_page(secret, delegation, form, draft_id=None)


@pages.route("/d/<secret>/rows/<uuid:draft>", methods=["GET", "POST"])
@public
def row(secret: str, draft: UUID) -> ResponseReturnValue:
    """A row that is not submitted yet, on a page of its own."""
    delegation = by_link(secret)
    choices = choices_for(delegation, clock.now())
    there = draft_or_404(delegation.id, draft)
    form = EntryForm(choices, entry_of(there))
    if request.method == "POST" and request.form.get("do") == "remove":
        services.drafts.remove(delegation.series_id, delegation.id, draft)
        told(Text("已删去这一行。", "The row is removed."))
        return back(secret)
    if form.validate_on_submit():
        return _kept(secret, delegation, form, services.Line(form.entry(), draft_id=draft))
    if request.method == "GET":
        faults = {k: Text(v["zh"], v["en"]) for k, v in there.faults.items()}
        form.blame({k: [v] for k, v in (faults | check(entry_of(there), choices)).items()})
    return _row_page(secret, delegation, form, draft_id=draft)


@pages.get("/d/<secret>/people/<uuid:registration>")
@public
def person(secret: str, registration: UUID) -> ResponseReturnValue:
    """Somebody who is submitted: how it stands, what may be done, what to pass on."""
    delegation = by_link(secret)
    one = person_or_404(delegation, registration)
    return _person_page(secret, delegation, one)


@pages.route("/d/<secret>/people/<uuid:registration>/edit", methods=["GET", "POST"])
@public
def edit(secret: str, registration: UUID) -> ResponseReturnValue:
    """Correct what was submitted, or answer what was returned."""
    delegation = by_link(secret)
    one = person_or_404(delegation, registration)
    choices = choices_for(delegation, clock.now())
    if not _may(delegation, one, "edit"):
        return _to_person(secret, registration)
    form = EntryForm(choices, entry_of_person(one))
    if form.validate_on_submit():
        try:
            services.people.correct(delegation.series_id, delegation.id, registration, form.entry())
        except Refusal as refusal:
            if not form.blame(refusal.errors):
                form.refuse("name", refusal.sentence)
        else:
            told(Text("已提交修改。", "The change is submitted."))
            return _to_person(secret, registration)
    status = 422 if request.method == "POST" else 200
    return page(
        "edit", status=status, delegation=delegation, person=one, form=form, choices=choices,
        secret=secret, locked=one.state is State.CONFIRMED,
    )  # fmt: skip


@pages.route("/d/<secret>/people/<uuid:registration>/leave", methods=["GET", "POST"])
@public
def leave(secret: str, registration: UUID) -> ResponseReturnValue:
    """Ask leave for somebody: GET says what will happen."""
    delegation = by_link(secret)
    one = person_or_404(delegation, registration)
    if not _may(delegation, one, "leave"):
        return _to_person(secret, registration)
    form = LeaveForm()
    if form.validate_on_submit():
        services.people.leave(delegation.series_id, delegation.id, registration, form.reason.data)
        told(Text("已请假，席位已让出。", "Leave is noted; the seat has gone on."))
        return _to_person(secret, registration)
    status = 422 if request.method == "POST" else 200
    return page("leave", status=status, delegation=delegation, person=one, form=form, secret=secret)


@pages.route("/d/<secret>/people/<uuid:registration>/replace", methods=["GET", "POST"])
@public
def replace(secret: str, registration: UUID) -> ResponseReturnValue:
    """Send somebody else: the seat moves, the old ticket is void."""
    delegation = by_link(secret)
    one = person_or_404(delegation, registration)
    if not _may(delegation, one, "replace"):
        return _to_person(secret, registration)
    form = NewcomerForm(data={"submit_id": token_urlsafe(12), "position": one.position})
    if form.validate_on_submit():
        try:
            fresh = services.people.replace(
                delegation.series_id,
                delegation.id,
                registration,
                form.newcomer(),
                submit_id=form.submit_id.data or "",
            )
        except Refusal as refusal:
            _blame(form, refusal)
        else:
            told(
                Text(
                    "已换人，席位已转给新人，原参会证作废。",
                    "Replaced: the seat has moved, the old ticket is void.",
                )
            )
            return _to_person(secret, fresh.id)
    status = 422 if request.method == "POST" else 200
    return page(
        "replace", status=status, delegation=delegation, person=one, form=form, secret=secret
    )


@pages.route("/d/<secret>/people/<uuid:registration>/take-off", methods=["GET", "POST"])
@public
def take_off(secret: str, registration: UUID) -> ResponseReturnValue:
    """Withdraw somebody who was submitted."""
    delegation = by_link(secret)
    one = person_or_404(delegation, registration)
    if request.method == "GET" and _may(delegation, one, "take_off"):
        return page(
            "take_off", delegation=delegation, person=one, form=ConfirmForm(), secret=secret
        )
    if request.method == "GET":
        return _to_person(secret, registration)
    return _act(
        secret,
        registration,
        services.people.take_off,
        Text("已撤回，席位已让出。", "Withdrawn; the seat has gone on."),
    )


@pages.post("/d/<secret>/people/<uuid:registration>/come-back")
@public
def come_back(secret: str, registration: UUID) -> ResponseReturnValue:
    return _act(
        secret,
        registration,
        services.people.come_back,
        Text("已销假，参会证重新有效。", "Back from leave; the ticket is valid again."),
    )


@pages.post("/d/<secret>/people/<uuid:registration>/accept")
@public
def accept(secret: str, registration: UUID) -> ResponseReturnValue:
    return _act(
        secret, registration, services.people.accept, Text("已确认席位。", "The seat is taken.")
    )


def _act(
    secret: str, registration: UUID, change: Callable[..., Registration], done: Text
) -> ResponseReturnValue:
    delegation = by_link(secret)
    try:
        after = change(delegation.series_id, delegation.id, registration)
    except NotFound:
        raise
    except Refusal as refusal:
        told(refusal.sentence, "bad")
        return _to_person(secret, registration)
    told(done)
    return back(secret) if after.state is State.WITHDRAWN else _to_person(secret, registration)


def _kept(
    secret: str, delegation: Delegation, form: EntryForm, line: services.Line
) -> ResponseReturnValue:
    """Save one row; then the next one, or the list."""
    try:
        services.drafts.save(delegation.series_id, delegation.id, [line])
    except Refusal as refusal:
        form.refuse("name", refusal.sentence)
        return _row_page(secret, delegation, form, draft_id=line.draft_id)
    told(Text("已保存，尚未提交。", "Saved, not submitted yet."))
    if request.form.get("do") == "next":
        return private(redirect(url_for("delegations.add", secret=secret), 303))
    return back(secret)


def _row_page(
    secret: str, delegation: Delegation, form: EntryForm, *, draft_id: UUID | None
) -> ResponseReturnValue:
    status = 422 if request.method == "POST" else 200
    return page(
        "row", status=status, delegation=delegation, form=form, choices=form.choices,
        secret=secret, draft_id=draft_id, key=request.form.get("key") or token_urlsafe(9),
    )  # fmt: skip


def _person_page(secret: str, delegation: Delegation, one: Registration) -> ResponseReturnValue:
    deeds = ("edit", "fill_in", "leave", "come_back", "replace", "accept", "take_off")
    asked = asked_by(one.category.form_id)
    asks = one.category.asks_id or bool(fillable(one, as_answered=False))
    can = {deed for deed in deeds if _may(delegation, one, deed)}
    return page(
        "person", delegation=delegation, person=one, secret=secret, form=ConfirmForm(),
        can=can if asks else can - {"fill_in"}, text=text_for_person(one),
        lacking=lacking(one, asked), on_file=masked(one.id, one.id_number),
    )  # fmt: skip


def _may(delegation: Delegation, one: Registration, what: str) -> bool:
    return may(one, what, over=clock.now() >= delegation.edit_until)


def _blame(form: NewcomerForm, refusal: Refusal) -> None:
    beside = [name for name in refusal.errors if name in form]
    for name in beside:
        for line in refusal.errors[name]:
            form.refuse(name, line)
    if not beside:
        form.refuse("name", refusal.sentence)


def _to_person(secret: str, registration: UUID) -> ResponseReturnValue:
    address: str = url_for("delegations.person", secret=secret, registration=registration)
    return private(redirect(address, 303))
