"""What every room answers about people: what it keeps of them, and how it forgets it.

The room `privacy` asks all of them; `factory` tells it whom there is to ask.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

ERASED = "已删除 Erased"
"""Stands where a name was."""
LEDGER = "erased"
"""The file beside the keys that says who was erased; it travels with them."""


class Group(StrEnum):
    """Fields that are kept equally long.

    IDENTITY: numbers of identity documents, photographs, and sensitive answers. GENERAL: the rest.
    """

    IDENTITY = "identity"
    GENERAL = "general"


EVERYTHING = frozenset(Group)


@dataclass(frozen=True, slots=True)
class Person:
    """Whose data is meant, as rooms know it.

    subject: what the person's rows are about, `registration:<id>`. tickets: all tickets the person
    ever had. words: name and contacts, to find them where they were written down in passing.
    """

    series_id: int
    subject: str
    tickets: tuple[UUID, ...] = ()
    words: tuple[str, ...] = field(default=(), repr=False)

    @property
    def id(self) -> UUID:
        return UUID(self.subject.partition(":")[2])


@dataclass(frozen=True, slots=True)
class Document:
    """A file that belongs to a person, as it is handed out to them."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """What one room keeps of people.

    erase: forgets what of it belongs to the groups; called inside a transaction, for at most a few
    hundred people, and again without harm. export: what it keeps, as JSON values; `when` in ISO
    8601. documents: files to hand out with it.
    """

    room: str
    erase: Callable[[Sequence[Person], frozenset[Group]], None]
    export: Callable[[Person], Mapping[str, object]]
    documents: Callable[[Person], Sequence[Document]] = lambda _person: ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A room by which people come in.

    holders: some of a series' people of whom data of a group is still there; none when it is done.
    count: how many there are. find: the person of a subject, None when unknown or forgotten.
    known: subjects that are not forgotten, behind one of them in the order of ids.
    step_back: ends what the person is still to come to; nobody is told.
    withdraw: what goes when the person takes back a consent; says whether something did.
    """

    kind: str
    holders: Callable[[int, Group, int], Sequence[Person]]
    count: Callable[[int, Group], int]
    find: Callable[[str], Person | None]
    known: Callable[[UUID | None, int], Sequence[UUID]]
    step_back: Callable[[Person], None]
    withdraw: Callable[[Person, str], bool]
