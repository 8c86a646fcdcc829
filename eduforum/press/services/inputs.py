"""What outlets fill in: the same for the pages and for the API."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from eduforum.press.rules import (
    Coverage,
    Item,
    JobRole,
    OutletType,
    Visa,
    Zone,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OutletInput:
    """Who applies: the outlet, and who answers for it."""

    outlet: str
    outlet_type: OutletType
    freelance: bool = False
    focal_name: str
    focal_mobile: str
    focal_email: str
    remark: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EquipmentInput:
    name: str
    quantity: int = 1
    serial: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class InterviewInput:
    with_whom: str
    topics: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonInput:
    """One member of staff. events: slugs. id_number: "" keeps the one on file."""

    name: str
    role: JobRole
    press_card: str = ""
    mobile: str = ""
    email: str = ""
    id_type: str = ""
    id_number: str = ""
    nationality: str = ""
    visa: Visa = Visa.NONE
    plate: str = ""
    coverage: Coverage = Coverage.NONE
    pool: bool = False
    events: tuple[str, ...] = ()
    equipment: tuple[EquipmentInput, ...] = ()
    interviews: tuple[InterviewInput, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One thing an officer asks for. person: whose; None is the application's."""

    item: Item
    person: UUID | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What one person is granted. events: ids."""

    zones: tuple[Zone, ...]
    events: tuple[int, ...]
    valid_from: datetime
    valid_until: datetime
