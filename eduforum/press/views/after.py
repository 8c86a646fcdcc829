"""What an outlet does once it has applied: answers in one go, appeals, withdraws."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import FileStorage

from eduforum.core.errors import BadInput, Refusal
from eduforum.core.i18n import Text
from eduforum.press import queries
from eduforum.press.forms.apply import AppealForm, ConfirmForm
from eduforum.press.models import Application, InfoItem, PressPerson
from eduforum.press.rules import Action, Actor, Item, State
from eduforum.press.rules.forms import LETTER, PHOTO
from eduforum.press.rules.states import APPLICATIONS
from eduforum.press.services import answers, drafts
from eduforum.press.views.frame import back, blame, page, pages, spend_file, told
from eduforum.web.access import public

_LETTERS = (Item.LETTER_SEALED, Item.LETTER_EVENT, Item.LETTER_DATES, Item.LETTER_STAFF)


@pages.route("/p/<secret>/answer", methods=["GET", "POST"])
@public
def answer(secret: str) -> ResponseReturnValue:
    """Everything that was asked for on one page, and one button."""
    application = queries.by_link(secret)
    asked = queries.open_request(application.id)
    if application.state is not State.NEEDS_INFO or asked is None:
        return back(secret)
    people = {str(person.id): person for person in queries.people_of(application.id)}
    faults: dict[str, Text] = {}
    form = ConfirmForm()
    if form.validate_on_submit():
        for item in asked.items:
            fault = _kept(application, item, people.get(item.subject))
            if fault is not None:
                faults[str(item.id)] = fault
        if not faults:
            words = {item.id: request.form.get(f"words-{item.id}", "") for item in asked.items}
            answers.answer(application.series_id, application.id, words)
            told(Text("已提交补充材料，将继续审查。", "Sent. The review goes on."))
            return back(secret)
    return page(
        "answer",
        status=422 if request.method == "POST" else 200,
        application=queries.by_link(secret),
        series=application.series,
        asked=asked,
        people=people,
        faults=faults,
        kinds={str(item.id): _kind(item) for item in asked.items},
        accepts={"letter": LETTER.accept, "customs": LETTER.accept, "photo": PHOTO.accept},
        form=form,
        secret=secret,
    )


@pages.route("/p/<secret>/appeal", methods=["GET", "POST"])
@public
def appeal(secret: str) -> ResponseReturnValue:
    """Ask another officer to look at the rejection; GET says how it goes on."""
    application = queries.by_link(secret)
    if Action.APPEAL not in APPLICATIONS.open_to(application.state, Actor.APPLICANT):
        return back(secret)
    form, also = AppealForm(), list[Text]()
    if form.validate_on_submit():
        try:
            answers.appeal(application.series_id, application.id, form.grounds.data or "")
        except Refusal as refusal:
            also = blame(form, refusal)
        else:
            told(Text("已提交复核申请。", "The appeal is sent."))
            return back(secret)
    return page(
        "appeal", status=422 if request.method == "POST" else 200, application=application,
        series=application.series, form=form, also=also, secret=secret,
        settings=queries.settings_of(application.series_id),
    )  # fmt: skip


@pages.route("/p/<secret>/withdraw", methods=["GET", "POST"])
@public
def withdraw(secret: str) -> ResponseReturnValue:
    """Take it back: GET says what will happen."""
    application = queries.by_link(secret)
    if Action.WITHDRAW not in APPLICATIONS.open_to(application.state, Actor.APPLICANT):
        return back(secret)
    form = ConfirmForm()
    if form.validate_on_submit():
        was_draft, series = application.state is State.DRAFT, application.series
        drafts.withdraw(application.series_id, application.id)
        if was_draft:
            return page("gone", series=series)
        told(Text("申请已撤回。", "The application is withdrawn."))
        return back(secret)
    return page(
        "withdraw", application=application, series=application.series, form=form, secret=secret,
        people=queries.people_of(application.id),
    )  # fmt: skip


def _kind(item: InfoItem) -> str:
    """Which input stands under an item."""
    if item.item in _LETTERS:
        return "letter"
    kinds = {Item.CUSTOMS: "customs", Item.PHOTO: "photo", Item.CARD: "card"}
    return kinds.get(item.item, "words")


def _kept(application: Application, item: InfoItem, person: PressPerson | None) -> Text | None:
    """Keep what was sent for one item; the sentence when it could not be kept or is missing."""
    kind, file = _kind(item), request.files.get(f"file-{item.id}")
    said = request.form.get(f"words-{item.id}", "").strip()
    sent = file is not None and bool(file.filename)
    try:
        if sent and kind in _FILES:
            spend_file()
            _FILES[kind](application, person, file)
        elif kind == "card" and person is not None and request.form.get(f"value-{item.id}"):
            drafts.set_press_card(
                application.series_id, application.id, person.id, request.form[f"value-{item.id}"]
            )
        elif not said:
            return Text(
                "请补充此项，或在说明中写明情况。", "Send this, or say in words how it stands."
            )
    except BadInput as refusal:
        return refusal.sentence
    return None


def _letter(application: Application, _person: PressPerson | None, file: Any) -> None:
    drafts.put_letter(application.series_id, application.id, file)


def _customs(application: Application, _person: PressPerson | None, file: Any) -> None:
    drafts.put_customs(application.series_id, application.id, file)


def _photo(application: Application, person: PressPerson | None, file: Any) -> None:
    if person is not None:
        drafts.put_photo(application.series_id, application.id, person.id, file)


_FILES: Mapping[str, Callable[[Application, PressPerson | None, FileStorage | None], None]] = {
    "letter": _letter,
    "customs": _customs,
    "photo": _photo,
}
