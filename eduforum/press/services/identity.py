"""Numbers of identity documents of press staff: sealed, compared, masked."""

from typing import Any
from uuid import UUID

from eduforum.core.encryption import blind_index, seal, unseal
from eduforum.core.id_numbers import mask_id_number, parse_id_number, parse_id_type
from eduforum.core.rotation import Sealed
from eduforum.press.models import PressPerson


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


SEALED = Sealed(PressPerson.id_number, (PressPerson.id,), lambda row: _place(row.id))
