"""Putting single things right that an outlet was asked for: what nobody asked about stays as it is."""

from collections.abc import Sequence
from uuid import UUID

from eduforum.core import audit
from eduforum.core.db import transaction
from eduforum.core.names import clean, clean_name, name_key, search_forms
from eduforum.press import queries
from eduforum.press.models import Application, Equipment, PressPerson
from eduforum.press.rules import Visa
from eduforum.press.rules.decisions import bad
from eduforum.press.rules.forms import MOST_EQUIPMENT
from eduforum.press.services import drafts, identity
from eduforum.press.services.inputs import EquipmentInput, OutletInput


def contact(series_id: int, application: Application, name: str, mobile: str, email: str) -> None:
    """How to reach the focal person. Raises `NotOpenForChanges`, `BadInput`."""
    drafts.edit_outlet(
        series_id,
        application.id,
        OutletInput(
            outlet=application.outlet_name,
            outlet_type=application.outlet_type,
            freelance=application.freelance,
            focal_name=name,
            focal_mobile=mobile,
            focal_email=email,
            remark=application.remark,
        ),
    )


def press_card(series_id: int, application_id: UUID, person_id: UUID, number: str) -> None:
    """The number of somebody's press card. Raises `NotOpenForChanges`."""
    with transaction():
        _, person = _open(series_id, application_id, person_id)
        person.press_card = drafts.card_number(number)
        _noted(person, "press_card")


def names(
    series_id: int, application_id: UUID, person_id: UUID, name: str, id_type: str, id_number: str
) -> None:
    """The name as on the document, and its number; "" keeps the one on file.

    Raises `NotOpenForChanges`, `BadInput`, `BadIdNumber`.
    """
    written = clean_name(name)
    if not written:
        raise bad("name", "请填写姓名，与证件一致。", "Enter the name as on the ID.")
    with transaction():
        _, person = _open(series_id, application_id, person_id)
        forms = search_forms(written)
        person.name, person.name_key = written, name_key(written)
        person.pinyin, person.initials = forms.pinyin, forms.initials
        if id_number.strip():
            kept = identity.columns_of(series_id, person.id, id_type, id_number)
            for column, value in kept.items():
                setattr(person, column, value)
        _noted(person, "name", "id_number")


def visa(
    series_id: int, application_id: UUID, person_id: UUID, kind: Visa, nationality: str
) -> None:
    """Somebody's nationality and visa. Raises `NotOpenForChanges`."""
    with transaction():
        _, person = _open(series_id, application_id, person_id)
        person.visa, person.nationality = kind, clean(nationality)
        _noted(person, "visa", "nationality")


def equipment(
    series_id: int, application_id: UUID, person_id: UUID, given: Sequence[EquipmentInput]
) -> None:
    """Everything that somebody brings, in place of what was listed. Raises `NotOpenForChanges`."""
    with transaction():
        _, person = _open(series_id, application_id, person_id)
        brought = [one for one in given if clean(one.name)][:MOST_EQUIPMENT]
        person.equipment = [
            Equipment(
                place=at, name=clean(one.name), quantity=one.quantity, serial=clean(one.serial)
            )
            for at, one in enumerate(brought)
        ]
        _noted(person, "equipment")


def _open(series_id: int, application_id: UUID, person_id: UUID) -> tuple[Application, PressPerson]:
    application = drafts.open_application(series_id, application_id)
    return application, queries.person_or_404(series_id, application_id, person_id)


def _noted(person: PressPerson, *fields: str) -> None:
    audit.record(
        "press_application.save_person",
        f"press_application:{person.application_id}",
        series_id=person.series_id,
        after={"fields": list(fields), "person": str(person.id)},
    )
