"""Numbers of identity documents: taken where they are asked for, sealed, and shown on the record."""

from typing import Any
from uuid import UUID

from eduforum.core import audit
from eduforum.core.db import transaction
from eduforum.core.encryption import blind_index, seal, unseal
from eduforum.core.errors import BadInput
from eduforum.core.i18n import Text
from eduforum.core.id_numbers import (
    BadIdNumber,
    mask_id_number,
    parse_id_number,
    parse_id_type,
)
from eduforum.core.rotation import Sealed
from eduforum.registration import queries
from eduforum.registration.models import Category, Registration
from eduforum.registration.services.choice import Application


def check(category: Category, application: Application, *, optional: bool) -> None:
    """Refuse a number that is missing, wrong, or not asked for. Raises `BadIdNumber`.

    optional: whoever acts for the person may leave it out, and a change keeps what is on file.
    """
    if not application.id_number:
        if category.asks_id and not optional:
            raise BadIdNumber(
                Text(
                    "请填写证件号码，会场安保需要核对。",
                    "Enter the number of an identity document; the venue’s security checks it.",
                )
            )
        return
    if not category.asks_id:
        raise BadIdNumber(
            Text(
                "此类别不收集证件号码，请勿填写。",
                "This category asks for no ID number; leave it out.",
            )
        )
    if not optional and "id" not in application.consents:
        sentence = Text(
            "请本人单独同意处理证件号码。",
            "The person must agree, separately, to the use of the ID number.",
        )
        raise BadInput(sentence, {"consents": [sentence]})
    parse_id_number(parse_id_type(application.id_type), application.id_number)


def is_on_file_or_not_theirs(registration: Registration) -> bool:
    """A change keeps the number on file, and a liaison need not know that of others."""
    return bool(registration.id_index) or registration.delegation_id is not None


def index_of(series_id: int, application: Application) -> str:
    """What tells the same number again within a series; "" without one. Raises `BadIdNumber`."""
    if not application.id_number:
        return ""
    kind = parse_id_type(application.id_type)
    number = parse_id_number(kind, application.id_number)
    return blind_index(f"{kind.value}:{number}", f"series:{series_id}")


def columns_of(series_id: int, registration_id: UUID, application: Application) -> dict[str, Any]:
    """What a registration keeps of the number that was given; nothing when none was."""
    if not application.id_number:
        return {}
    kind = parse_id_type(application.id_type)
    number = parse_id_number(kind, application.id_number)
    return {
        "id_type": kind.value,
        "id_number": seal(number.encode(), _place(registration_id)),
        "id_index": index_of(series_id, application),
    }


def masked(registration_id: UUID, sealed: bytes | None) -> str:
    """The end of a number, the rest as stars; "" when there is none."""
    return mask_id_number(_opened(registration_id, sealed)) if sealed else ""


def reveal_id(series_id: int, registration_id: UUID, reason: str) -> str:
    """Note who wants to see the number in full and why; only then is it given out.

    Raises `BadInput` beside `reason` when there is none, and where no number is on file.
    """
    if not reason.strip():
        sentence = Text("请填写查看事由。", "Say why you need it.")
        raise BadInput(sentence, {"reason": [sentence]})
    with transaction():
        registration = queries.registration_or_404(series_id, registration_id)
        sealed = registration.id_number
        if sealed is None:
            sentence = Text("没有登记证件号码。", "There is no ID number on file.")
            raise BadInput(sentence, {"reason": [sentence]})
        audit.record(
            "registration.reveal_id",
            f"registration:{registration.id}",
            series_id=series_id,
            after={"reason": reason.strip(), "fields": ["id_number"]},
        )
    return _opened(registration_id, sealed)


def _opened(registration_id: UUID, sealed: bytes) -> str:
    return unseal(sealed, _place(registration_id)).decode()


def _place(registration_id: UUID) -> str:
    return f"registrations:{registration_id}:id_number"


SEALED = Sealed(Registration.id_number, (Registration.id,), lambda row: _place(row.id))
