"""Numbers of identity documents of press staff: sealed, compared, masked."""

from typing import Any
from uuid import UUID

from eduforum.core import audit
from eduforum.core.db import transaction
from eduforum.core.encryption import blind_index, seal, unseal
from eduforum.core.id_numbers import mask_id_number, parse_id_number, parse_id_type
from eduforum.core.rotation import Sealed
from eduforum.press import queries
from eduforum.press.models import PressPerson
from eduforum.press.rules.decisions import bad


def columns_of(series_id: int, person_id: UUID, id_type: str, typed: str) -> dict[str, Any]:
    """What is kept of a number. The index is that of registrations: the same person is found in both.

    Raises `BadIdNumber`.
    """
    kind = parse_id_type(id_type)
    number = parse_id_number(kind, typed)
    return {
        "id_type": kind.value,
        "id_number": seal(number.encode(), _place(person_id)),
        "id_index": blind_index(f"{kind.value}:{number}", f"series:{series_id}"),
    }


def opened(person_id: UUID, sealed: bytes) -> str:
    """The number itself; whoever calls this has noted who wants it and why."""
    return unseal(sealed, _place(person_id)).decode()


def masked(person_id: UUID, sealed: bytes | None) -> str:
    """The end of a number, the rest as stars; "" when there is none."""
    return mask_id_number(opened(person_id, sealed)) if sealed else ""


def _place(person_id: UUID) -> str:
    return f"press_people:{person_id}:id_number"


def reveal(series_id: int, application_id: UUID, person_id: UUID, reason: str) -> str:
    """Note who wants to see the number in full and why; only then is it given out.

    Raises `BadInput` beside `reason` when there is none, and where no number is on file.
    """
    if not reason.strip():
        raise bad("reason", "请填写查看事由。", "Say why you need it.")
    with transaction():
        person = queries.person_or_404(series_id, application_id, person_id)
        sealed = person.id_number
        if sealed is None:
            raise bad("reason", "没有登记证件号码。", "There is no ID number on file.")
        audit.record(
            "press_application.reveal_id",
            f"press_application:{application_id}",
            series_id=series_id,
            after={"reason": reason.strip(), "person": str(person.id), "fields": ["id_number"]},
        )
    return opened(person_id, sealed)


SEALED = Sealed(PressPerson.id_number, (PressPerson.id,), lambda row: _place(row.id))
