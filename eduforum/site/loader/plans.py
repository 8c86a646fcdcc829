"""What a series file says, checked: plain values, nothing of the database."""

from dataclasses import dataclass
from datetime import time
from enum import StrEnum

from eduforum.events.rules import Field, Kind, Mode
from eduforum.questions.rules import Question
from eduforum.registration.rules import Admission


class OrganisationType(StrEnum):
    AUTHORITY = "authority"
    UNIVERSITY = "university"
    VOCATIONAL_COLLEGE = "vocational_college"
    VOCATIONAL_SCHOOL = "vocational_school"
    SCHOOL = "school"
    KINDERGARTEN = "kindergarten"
    ENTERPRISE = "enterprise"
    MEDIA = "media"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionPlan:
    code: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganisationPlan:
    """path: where it stands in the file. region: the name of a region, or ""."""

    path: str
    zh: str
    en: str
    aliases: tuple[str, ...]
    region: str
    type: OrganisationType


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementPlan:
    zh: str
    en: str
    said: str
    parties: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EventPlan:
    """day: 1 is the day that the loader is given. seats: None is no limit."""

    slug: str
    kind: Kind
    mode: Mode
    field: Field | None
    zh: str
    en: str
    said: str
    day: int
    starts: time
    ends: time
    room: str
    room_en: str
    seats: int | None
    online_seats: int | None
    topics: tuple[str, ...]
    agreements: tuple[AgreementPlan, ...]
    plaques: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FormPlan:
    """path: where it stands in the file."""

    path: str
    zh: str
    en: str
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryPlan:
    """path: where it stands in the file. waiting: the longest line; None is unlimited. form: the
    name of the form that it asks; "" leaves what the organisers chose. asks_id: None as well."""

    path: str
    code: str
    zh: str
    en: str
    admission: Admission
    seats: int | None
    online_seats: int | None
    waiting: int | None
    guardian_consent: bool
    asks_id: bool | None
    form: str
    events: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PressPlan:
    places: int | None
    per_outlet: int | None
    outlets: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesPlan:
    slug: str
    zh: str
    en: str
    edition: int | None
    host: str
    host_en: str
    time_zone: str
    said: str
    aliases: tuple[str, ...]
    events: tuple[EventPlan, ...]
    forms: tuple[FormPlan, ...]
    categories: tuple[CategoryPlan, ...]
    press: PressPlan | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FilePlan:
    regions: tuple[RegionPlan, ...]
    organisations: tuple[OrganisationPlan, ...]
    series: tuple[SeriesPlan, ...]
