"""Everything that an outlet was asked for on one page: each item with its own field, and one button."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue

from eduforum.core.errors import BadInput, Refusal
from eduforum.core.i18n import Text
from eduforum.press import queries
from eduforum.press.forms.apply import ConfirmForm, id_types
from eduforum.press.models import Application, InfoItem, InfoRequest, PressPerson
from eduforum.press.rules import Item, State, Visa
from eduforum.press.rules.forms import LETTER, MOST_EQUIPMENT, PHOTO
from eduforum.press.services import answers, drafts, identity, mend, review
from eduforum.press.services.inputs import EquipmentInput
from eduforum.press.views.frame import back, page, pages, spend_file, told
from eduforum.web.access import public

_LETTERS = (Item.LETTER_SEALED, Item.LETTER_EVENT, Item.LETTER_DATES, Item.LETTER_STAFF)
_KINDS = {
    **dict.fromkeys(_LETTERS, "letter"),
    Item.CUSTOMS: "customs",
    Item.PHOTO: "photo",
    Item.CARD: "card",
    Item.CONTACT: "contact",
    Item.IDENTITY: "identity",
    Item.VISA: "visa",
    Item.EQUIPMENT: "equipment",
}
"""Which fields stand under an item."""
_WATCHED: Mapping[str, tuple[str, ...]] = {
    "letter": ("letter",),
    "customs": ("customs",),
    "photo": ("photo",),
    "card": ("press_card",),
    "contact": ("focal_name", "focal_mobile", "focal_email"),
    "identity": ("name", "id_number"),
    "visa": ("visa", "nationality"),
    "equipment": ("equipment",),
}
"""What has to be otherwise than when it was asked for, unless words say why not."""
_SPARE_ROWS = 2
_MISSING = Text("请补充此项，或在说明中写明情况。", "Send this, or say in words how it stands.")


@pages.route("/p/<secret>/answer", methods=["GET", "POST"])
@public
def answer(secret: str) -> ResponseReturnValue:
    """What was sent is kept even when something else is still missing."""
    application = queries.by_link(secret)
    asked = queries.open_request(application.id)
    if application.state is not State.NEEDS_INFO or asked is None:
        return back(secret)
    faults: dict[str, Text] = {}
    form = ConfirmForm()
    if form.validate_on_submit():
        faults = _kept(application, asked)
        if not faults:
            words = {item.id: _typed(item, "words") for item in asked.items}
            answers.answer(application.series_id, application.id, words)
            told(Text("已提交补充材料，将继续审查。", "Sent. The review goes on."))
            return back(secret)
    people = {str(person.id): person for person in queries.people_of(application.id)}
    return page(
        "answer",
        status=422 if request.method == "POST" else 200,
        application=queries.by_link(secret),
        series=application.series,
        asked=asked,
        people=people,
        faults=faults,
        kinds=_kinds(asked),
        accepts={"letter": LETTER.accept, "customs": LETTER.accept, "photo": PHOTO.accept},
        id_types=id_types(application.media_group),
        numbers={key: identity.masked(one.id, one.id_number) for key, one in people.items()},
        gear={key: _rows(one) for key, one in people.items()},
        typed=_typed,
        form=form,
        secret=secret,
    )


def _kinds(asked: InfoRequest) -> dict[str, str]:
    """The fields of each item by its id; the one letter is uploaded once, under the first."""
    found: dict[str, str] = {}
    for item in asked.items:
        kind = _KINDS[item.item]
        found[str(item.id)] = "again" if kind == "letter" and kind in found.values() else kind
    return found


def _rows(person: PressPerson) -> list[tuple[str, str, str]]:
    """What is listed, and some empty rows."""
    rows = [(one.name, str(one.quantity), one.serial) for one in person.equipment]
    return (rows + [("", "", "")] * _SPARE_ROWS)[:MOST_EQUIPMENT]


def _typed(item: InfoItem, name: str, default: str = "") -> str:
    """What was typed into a field of an item; what it starts with before that."""
    return request.form.get(f"{name}-{item.id}", default).strip()


def _kept(application: Application, asked: InfoRequest) -> dict[str, Text]:
    """Keep what was sent; the sentence for each item that could not be kept or is missing."""
    people = {str(person.id): person for person in queries.people_of(application.id)}
    faults: dict[str, Text] = {}
    for item in asked.items:
        try:
            _KEEPERS[_KINDS[item.item]](application, item, people.get(item.subject))
        except BadInput as refusal:
            faults[str(item.id)] = refusal.sentence
        except Refusal as refusal:
            faults[str(item.id)] = refusal.sentence
    here = queries.application_or_404(application.series_id, application.id)
    now = review.snapshot(here, queries.people_of(here.id))
    for item in asked.items:
        if str(item.id) not in faults and not _is_answered(item, asked.before, now):
            faults[str(item.id)] = _MISSING
    return faults


def _is_answered(item: InfoItem, before: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    if _typed(item, "words"):
        return True
    head = f"{item.subject}." if item.subject else ""
    keys = [f"{head}{name}" for name in _WATCHED[_KINDS[item.item]]]
    if item.item is Item.CARD:
        keys.append("letter")  # which may name the role instead
    return any(now.get(key) != before.get(key) for key in keys)


def _file(item: InfoItem) -> Any:
    found = request.files.get(f"file-{item.id}")
    if found is None or not found.filename:
        return None
    spend_file()
    return found


def _letter(application: Application, item: InfoItem, _person: PressPerson | None) -> None:
    if found := _file(item):
        drafts.put_letter(application.series_id, application.id, found)


def _customs(application: Application, item: InfoItem, _person: PressPerson | None) -> None:
    if found := _file(item):
        drafts.put_customs(application.series_id, application.id, found)


def _photo(application: Application, item: InfoItem, person: PressPerson | None) -> None:
    if person is not None and (found := _file(item)):
        drafts.put_photo(application.series_id, application.id, person.id, found)


def _card(application: Application, item: InfoItem, person: PressPerson | None) -> None:
    if person is not None and (number := _typed(item, "value")):
        mend.press_card(application.series_id, application.id, person.id, number)


def _contact(application: Application, item: InfoItem, _person: PressPerson | None) -> None:
    if f"email-{item.id}" in request.form:
        mend.contact(
            application.series_id, application,
            _typed(item, "name"), _typed(item, "mobile"), _typed(item, "email"),
        )  # fmt: skip


def _identity(application: Application, item: InfoItem, person: PressPerson | None) -> None:
    if person is not None and f"name-{item.id}" in request.form:
        mend.names(
            application.series_id, application.id, person.id,
            _typed(item, "name"), _typed(item, "type"), _typed(item, "number"),
        )  # fmt: skip


def _visa(application: Application, item: InfoItem, person: PressPerson | None) -> None:
    if person is not None and f"visa-{item.id}" in request.form:
        kind = _typed(item, "visa")
        mend.visa(
            application.series_id, application.id, person.id,
            Visa(kind) if kind in set(Visa) else Visa.NONE, _typed(item, "nationality")[:60],
        )  # fmt: skip


def _equipment(application: Application, item: InfoItem, person: PressPerson | None) -> None:
    names = request.form.getlist(f"gear-{item.id}")
    if person is None or not names:
        return
    quantities = request.form.getlist(f"quantity-{item.id}")
    serials = request.form.getlist(f"serial-{item.id}")
    given = [
        EquipmentInput(name=name[:120], quantity=_number(quantity), serial=serial[:60])
        for name, quantity, serial in zip(names, quantities, serials, strict=False)
    ]
    mend.equipment(application.series_id, application.id, person.id, given)


def _number(typed: str) -> int:
    digits = "".join(one for one in typed if one in "0123456789")[:2]
    return max(1, int(digits or "1"))


_KEEPERS: Mapping[str, Callable[[Application, InfoItem, PressPerson | None], None]] = {
    "letter": _letter,
    "customs": _customs,
    "photo": _photo,
    "card": _card,
    "contact": _contact,
    "identity": _identity,
    "visa": _visa,
    "equipment": _equipment,
}
