"""What an application must hold before it can be sent in, and what its files may be. Pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from eduforum.core.errors import BadInput, Refusal
from eduforum.core.i18n import Text
from eduforum.files.rules import DOCUMENTS, IMAGES, MEBIBYTE, Limits
from eduforum.press.rules.words import JobRole, MediaGroup, Zone

PHOTO_WIDTH, PHOTO_HEIGHT = 413, 579
"""35×49 mm at 300 dpi, as identity photos are taken."""
_FILES, _VOLUME = 60, 60 * MEBIBYTE
LETTER = Limits(kinds=DOCUMENTS, size=5 * MEBIBYTE, files=_FILES, volume=_VOLUME)
PHOTO = Limits(
    kinds=IMAGES,
    size=10 * MEBIBYTE,
    longest_side=1200,
    ratio=(PHOTO_WIDTH, PHOTO_HEIGHT),
    least=(PHOTO_WIDTH, PHOTO_HEIGHT),
    files=_FILES,
    volume=_VOLUME,
)
MOST_PEOPLE = 20
MOST_EQUIPMENT, MOST_INTERVIEWS = 8, 3
ROUNDS = 3
"""How often an outlet is asked for more."""


class Field(StrEnum):
    """Fields that a media group may have to fill in."""

    PRESS_CARD = "press_card"
    ID_NUMBER = "id_number"
    MOBILE = "mobile"
    EQUIPMENT = "equipment"
    NATIONALITY = "nationality"
    VISA = "visa"
    CUSTOMS = "customs"


FIELD_NAMES = {
    Field.PRESS_CARD: Text("记者证号", "Press card number"),
    Field.ID_NUMBER: Text("证件号码", "ID number"),
    Field.MOBILE: Text("每人的手机号", "Everybody's mobile number"),
    Field.EQUIPMENT: Text("器材清单", "Equipment list"),
    Field.NATIONALITY: Text("国籍", "Nationality"),
    Field.VISA: Text("签证种类", "Kind of visa"),
    Field.CUSTOMS: Text("器材报关清单", "Customs list of the equipment"),
}
USUAL_FIELDS: Mapping[MediaGroup, frozenset[Field]] = {
    MediaGroup.MAINLAND: frozenset({Field.ID_NUMBER}),
    MediaGroup.HK_MACAO_TAIWAN: frozenset({Field.ID_NUMBER, Field.MOBILE}),
    MediaGroup.FOREIGN: frozenset(
        {Field.ID_NUMBER, Field.NATIONALITY, Field.VISA, Field.CUSTOMS, Field.EQUIPMENT}
    ),
}
USUAL_LEAD: Mapping[MediaGroup, timedelta] = {
    MediaGroup.MAINLAND: timedelta(days=2),
    MediaGroup.HK_MACAO_TAIWAN: timedelta(days=5),
    MediaGroup.FOREIGN: timedelta(days=7),
}
"""How long before the first event a group may apply, until the office says otherwise."""
USUAL_ZONES = (Zone.PUBLIC, Zone.STAND, Zone.CENTRE)
"""What an approval grants unless the officer says otherwise."""


@dataclass(frozen=True, slots=True)
class Window:
    """When a group may apply, and what it must fill in."""

    group: MediaGroup
    opens_at: datetime | None
    closes_at: datetime | None
    required: frozenset[Field]

    def is_open(self, now: datetime) -> bool:
        return not self.is_early(now) and (self.closes_at is None or now < self.closes_at)

    def is_early(self, now: datetime) -> bool:
        return self.opens_at is not None and now < self.opens_at


class PressClosed(Refusal):
    code = "press-closed"


def check_window(window: Window, now: datetime) -> None:
    """Raises `PressClosed` outside of the group's window."""
    if window.is_early(now):
        raise PressClosed(
            Text("申请尚未开始，草稿可以先保存。", "Applications have not opened; keep a draft.")
        )
    if not window.is_open(now):
        raise PressClosed(
            Text(
                "申请已截止，如有特殊情况请联系媒体中心。",
                "Applications have closed. Please contact the press office.",
            )
        )


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """What is filled in of one person. key: his id."""

    key: str
    name: str
    role: JobRole
    photo: bool
    events: bool
    filled: frozenset[Field]


@dataclass(frozen=True, slots=True)
class Facts:
    """What is filled in of an application."""

    focal: bool
    letter: bool
    customs: bool
    people: Sequence[PersonFacts]


@dataclass(frozen=True, slots=True)
class Lack:
    """Something that is missing. person: whose, by key; "" is the application's. what: its anchor."""

    what: str
    person: str
    sentence: Text


_WANTED = {
    Field.PRESS_CARD: Text("请填写记者证号", "Give the press card number"),
    Field.ID_NUMBER: Text("请填写证件号码", "Give the ID number"),
    Field.MOBILE: Text("请填写手机号", "Give the mobile number"),
    Field.EQUIPMENT: Text("请填写器材清单", "List the equipment"),
    Field.NATIONALITY: Text("请填写国籍", "Give the nationality"),
    Field.VISA: Text("请选择签证种类", "Choose the kind of visa"),
}
_NO_PRESS_CARD = frozenset({JobRole.TECHNICIAN, JobRole.DRIVER})
_BRINGS_NOTHING = frozenset({JobRole.TEXT, JobRole.DRIVER})


def lacking(facts: Facts, required: Collection[Field]) -> list[Lack]:
    """What has to be filled in before the application can be sent in, in the order of the page."""
    found = []
    if not facts.focal:
        found.append(Lack("focal", "", Text("请填写联络人", "Name the focal person")))
    if not facts.letter:
        found.append(Lack("letter", "", Text("请上传派遣函", "Send the letter of assignment")))
    if Field.CUSTOMS in required and not facts.customs:
        found.append(Lack("customs", "", Text("请上传器材报关清单", "Send the customs list")))
    if not facts.people:
        found.append(Lack("people", "", Text("请添加采访人员", "Add the people who come")))
    for person in facts.people:
        found += _lacking_of(person, required)
    return found


def _lacking_of(person: PersonFacts, required: Collection[Field]) -> list[Lack]:
    found = []
    if not person.photo:
        found.append(Lack("photo", person.key, Text("请上传照片", "Send a photo")))
    if not person.events:
        found.append(Lack("events", person.key, Text("请选择活动", "Choose the events")))
    for field in Field:
        wanted = field in required and field in _WANTED and not _is_excused(person.role, field)
        if wanted and field not in person.filled:
            found.append(Lack(field.value, person.key, _WANTED[field]))
    return found


def _is_excused(role: JobRole, field: Field) -> bool:
    """Drivers hold no press cards, and who writes brings nothing worth a list."""
    return (field is Field.PRESS_CARD and role in _NO_PRESS_CARD) or (
        field is Field.EQUIPMENT and role in _BRINGS_NOTHING
    )


class Incomplete(BadInput):
    """The application cannot be sent in yet; `lacks` says what is missing."""

    code = "incomplete"

    def __init__(self, lacks: Sequence[Lack]) -> None:
        errors: dict[str, list[Text]] = {}
        for lack in lacks:
            errors.setdefault(_place_of(lack), []).append(lack.sentence)
        super().__init__(
            Text(
                "还有 {n} 项待补，补齐后再提交。",
                "{n} more to fill in before it can be sent in.",
            ).fill(n=len(lacks)),
            errors,
        )
        self.lacks = lacks


def _place_of(lack: Lack) -> str:
    return f"people.{lack.person}.{lack.what}" if lack.person else lack.what


class TooManyPeople(Refusal):
    code = "too-many-people"
    status = 422

    def __init__(self, most: int) -> None:
        super().__init__(
            Text(
                "每家媒体最多 {n} 人，请先删去不来的人员。",
                "An outlet may send {n} people at most: first remove who does not come.",
            ).fill(n=most)
        )


class NotOpenForChanges(Refusal):
    code = "not-open-for-changes"

    def __init__(self) -> None:
        super().__init__(
            Text(
                "申请已提交，材料不能自行修改；需要更正时请联系媒体中心。",
                "It has been sent in and can no longer be changed here. Ask the press office.",
            )
        )


class WrongCode(BadInput):
    code = "wrong-code"

    def __init__(self) -> None:
        sentence = Text(
            "验证码不正确或已过期，请核对或重新获取。",
            "This code is wrong or has expired. Check it, or ask for a new one.",
        )
        super().__init__(sentence, {"code": [sentence]})
