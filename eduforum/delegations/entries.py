"""One row of a delegation's page: what was typed, what is wrong with it, what it asks for."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from eduforum.core.contacts import BadContact, parse_email, parse_mobile
from eduforum.core.i18n import Text, plural
from eduforum.core.names import clean, clean_name, name_key
from eduforum.delegations.choosing import Choices
from eduforum.registration.models import Delegation
from eduforum.registration.services import Application

TEXTS = ("name", "position", "mobile", "email")
LONGEST = {"name": 120, "position": 60, "mobile": 40, "email": 254}
Faults = Mapping[str, Text]
"""What is wrong, by field: `name`, `position`, `mobile`, `email`, `category`, `events`, a slot's key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Somebody as the liaison wrote him down, right or wrong.

    category: a code, "" if not chosen. events: slugs. unread: what stood in a file for a category or
    an event and means none, by field.
    """

    name: str = ""
    position: str = ""
    mobile: str = ""
    email: str = ""
    category: str = ""
    events: tuple[str, ...] = ()
    unread: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_blank(self) -> bool:
        """Whether nothing was typed; ticks alone are nobody."""
        return not any(getattr(self, name) for name in TEXTS) and not self.unread


def tidy(entry: Entry) -> Entry:
    """The entry as it is kept: cleaned, too long text cut off, never refused."""
    texts = {name: clean(getattr(entry, name))[: LONGEST[name]] for name in TEXTS}
    texts["name"] = clean_name(texts["name"])
    return replace(entry, **texts)  # type: ignore[arg-type]


def check(entry: Entry, choices: Choices) -> dict[str, Text]:
    """Everything that is wrong with one entry by itself, as sentences that say what to do."""
    faults: dict[str, Text] = {}
    if not entry.name:
        faults["name"] = Text("请填写姓名，与证件一致。", "Enter the name as on the ID.")
    elif any(letter.isdigit() for letter in entry.name):
        faults["name"] = Text("姓名中有数字，请核对。", "There is a digit in the name; check it.")
    for name, parse in (("mobile", parse_mobile), ("email", parse_email)):
        value = getattr(entry, name)
        if value:
            try:
                parse(value)
            except BadContact as bad:
                faults[name] = bad.sentence
    return faults | _choice_faults(entry, choices)


def check_all(
    entries: Sequence[Entry], choices: Choices, taken: Collection[tuple[str, str]]
) -> list[dict[str, Text]]:
    """The faults of each entry, with those that several share.

    taken: `identity` of everybody who is registered in the delegation.
    """
    found = [check(entry, choices) for entry in entries]
    first: dict[tuple[str, str], int] = {}
    for row, (entry, faults) in enumerate(zip(entries, found, strict=True), 1):
        for key in identities(entry):
            if key in taken:
                faults.setdefault("name", _on_page_already(key))
            elif key in first:
                faults.setdefault("name", _twice(key, first[key]))
            first.setdefault(key, row)
    return found


def identities(entry: Entry) -> list[tuple[str, str]]:
    """Who this is, by name and each contact, or by the name alone where there is no contact."""
    if not entry.name:
        return []
    key = name_key(entry.name)
    contacts = [contact for contact in contacts_of(entry) if contact]
    return [(key, contact) for contact in contacts] or [(key, "")]


def contacts_of(entry: Entry) -> tuple[str, str]:
    """Mobile and e-mail in the form in which they are stored; "" for one that cannot be read."""
    return _parsed(entry.mobile, parse_mobile), _parsed(entry.email, parse_email)


def application_of(entry: Entry, delegation: Delegation, choices: Choices) -> Application:
    """What a faultless entry asks for.

    The liaison's own address beside another name is nobody's own: it is left out, so that it never
    makes two people one; notices go to the liaison anyway.
    """
    mobile, email = contacts_of(entry)
    if name_key(entry.name) != name_key(delegation.liaison_name):
        mobile = "" if mobile == delegation.liaison_mobile else mobile
        email = "" if email == delegation.liaison_email else email
    return Application(
        name=entry.name,
        category=category_of(entry, choices),
        events=choices.in_order(entry.events),
        organisation=delegation.unit,
        position=entry.position,
        mobile=mobile,
        email=email,
        language=delegation.language,
        delegation_id=delegation.id,
    )


def category_of(entry: Entry, choices: Choices) -> str:
    """The code of the chosen category; where there is only one, it is that."""
    only = choices.only_category
    return entry.category or (only.code if only else "")


def faulty(all_faults: Iterable[Faults]) -> int:
    return sum(1 for faults in all_faults if faults)


def _choice_faults(entry: Entry, choices: Choices) -> dict[str, Text]:
    faults = {name: _unread(typed) for name, typed in entry.unread.items()}
    category = choices.category(category_of(entry, choices))
    if category is None:
        faults.setdefault("category", Text("请选择参会类别。", "Choose a category."))
        return faults
    chosen = choices.in_order(entry.events)
    if not chosen and not faults:
        faults["events"] = Text("请至少选择一项活动。", "Choose at least one event.")
    outside = [e.name for e in choices.events if e.slug in set(chosen) - choices.open_to(category)]
    if outside:
        faults["events"] = Text(
            "“{category}”不能参加“{event}”，请去掉这一项。",
            "“{category}” cannot come to “{event}”; leave it out.",
        ).fill(category=category.name, event=outside[0])
    return faults


def _unread(typed: str) -> Text:
    return Text(
        "“{typed}”不在可选范围内，请选择。", "“{typed}” is not one of the choices; choose one."
    ).fill(typed=typed[:40])


def _on_page_already(key: tuple[str, str]) -> Text:
    if key[1]:
        return Text(
            "此人已在本代表团中，请删去这一行。",
            "This person is in the delegation already; remove the row.",
        )
    return Text(
        "本代表团已有同名人员。如不是同一人，请填写手机号加以区分。",
        "Somebody of this name is in the delegation. If it is another person, add a mobile number.",
    )


def _twice(key: tuple[str, str], row: int) -> Text:
    if key[1]:
        return plural(
            row,
            "与第 {n} 个待提交人员重复，请删去其中一行。",
            "The same as number {n} above; remove one of them.",
            "The same as number {n} above; remove one of them.",
        )
    return plural(
        row,
        "与第 {n} 个待提交人员同名。如不是同一人，请填写手机号加以区分。",
        "The same name as number {n} above. If it is another person, add a mobile number.",
        "The same name as number {n} above. If it is another person, add a mobile number.",
    )


def _parsed(typed: str, parse: Callable[[str], str]) -> str:
    try:
        return parse(typed) if typed else ""
    except BadContact:
        return ""
