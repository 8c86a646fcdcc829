"""Row by row: whom a list would register, and what is wrong with whom it would not."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from eduforum.core.db import db
from eduforum.core.errors import BadInput
from eduforum.core.i18n import Text
from eduforum.core.names import clean
from eduforum.events.models import Event, Organisation
from eduforum.events.queries import organisation_named
from eduforum.imports.queries import Known
from eduforum.imports.rules import Outcome, Problem
from eduforum.imports.services.cells import RowReader
from eduforum.imports.services.source import Item
from eduforum.registration.headings import BY_KEY
from eduforum.registration.models import Category
from eduforum.registration.services import Application, identity
from eduforum.registration.services.choice import chosen
from eduforum.registration.services.kept import columns_of
from eduforum.tickets.services import holder_key

_SEPARATORS = re.compile(r"[、，,;；/／|\n\r]+")
_ALL = frozenset({"全部", "所有", "all"})
_COMPARED = ("organisation", "position", "mobile", "email")


@dataclass(frozen=True, slots=True)
class Options:
    """What was chosen beside the file.

    category, events: for rows that name none, as code and slugs. hidden: whether hidden rows are
    read. review: the people go to review instead of being confirmed. letters: whether they are
    told.
    """

    category: str = ""
    events: tuple[str, ...] = ()
    hidden: bool = False
    review: bool = False
    letters: bool = True

    def as_json(self) -> dict[str, Any]:
        return {
            "category": self.category,
            "events": list(self.events),
            "hidden": self.hidden,
            "review": self.review,
            "letters": self.letters,
        }

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> "Options":
        return cls(**{**kept, "events": tuple(kept["events"])})


@dataclass(slots=True)
class Verdict:
    """What one row turns out to be. written: the columns that a registration would have.

    registration_id: of the person who is, or was, registered already.
    """

    item: Item
    outcome: Outcome = Outcome.NEW
    problems: list[Problem] = field(default_factory=list)
    remark: Text | None = None
    combo: int | None = None
    written: dict[str, Any] = field(default_factory=dict)
    registration_id: UUID | None = None
    application: Application | None = None
    id_index: str = ""

    @property
    def keys(self) -> list[tuple[str, str]]:
        """By what another row is the same person: the document, or the name with a contact."""
        name = self.written["name_key"]
        contacts = [(name, self.written[one]) for one in ("mobile", "email") if self.written[one]]
        return [("", self.id_index), *contacts] if self.id_index else contacts

    @property
    def region(self) -> str:
        return str(self.written["region"])

    @property
    def holder_key(self) -> str:
        contact = self.written["mobile"] or self.written["email"]
        return holder_key(self.written["name_key"], contact)


Seen = dict[tuple[str, str], tuple[Text, tuple[Any, ...]]]


class Judge:
    """Judges the rows of one import one after the other.

    combos: what was asked for together so far, by its number. seen: who stood in which row.
    """

    def __init__(
        self,
        series_id: int,
        categories: Sequence[Category],
        events: Sequence[Event],
        options: Options,
        combos: list[dict[str, Any]],
        seen: Seen,
    ) -> None:
        self.series_id, self.options, self.combos, self.seen = series_id, options, combos, seen
        self.categories = {one.id: one for one in categories}
        self._categories = _by_spelling(categories, lambda one: (one.code, *_both(one.name)))
        self._events = _by_spelling(events, lambda one: (one.slug, *_both(one.name)))
        self._category_names = Text(
            "、".join(one.name.zh for one in categories),
            ", ".join(one.name.en or one.name.zh for one in categories),
        )
        self._units: dict[str, Organisation | None] = {}
        self._choices: dict[tuple[Any, ...], tuple[int | None, Mapping[str, Sequence[Text]]]] = {}

    def read(self, item: Item) -> Verdict:
        """What the row says by itself. `settle` compares it with others."""
        verdict = Verdict(item)
        if item.hidden and not self.options.hidden:
            verdict.outcome = Outcome.HIDDEN
            return verdict
        reader = RowReader(item, verdict.problems)
        category = self._category(reader)
        events = self._chosen_events(reader, category)
        application = reader.application(
            category.code if category else "-",
            [event.slug for event in events] or ["-"],
            asks_id=bool(category and category.asks_id),
        )
        if application is not None:
            verdict.application = application
            verdict.written = columns_of(application, self._unit(application.organisation))
            self._identify(reader, category, verdict)
            if category and events:
                verdict.combo = self._combo(reader, category, application, verdict.region)
        if verdict.problems or application is None:
            verdict.outcome, verdict.written = Outcome.REFUSED, {}
            return verdict
        return verdict

    def settle(
        self, verdicts: Sequence[Verdict], known: Sequence[Known], holders: set[str]
    ) -> None:
        """Compare with who is registered and with the rows before.

        known: everybody of the series with one of these names, those who block first. holders:
        who holds a live ticket, from whomever.
        """
        people: dict[tuple[str, str], Known] = {}
        for person in known:
            for contact in (person.mobile, person.email):
                if contact:
                    people.setdefault((person.name_key, contact), person)
            if person.id_index:
                people.setdefault(("", person.id_index), person)
        for verdict in verdicts:
            if verdict.outcome is Outcome.NEW:
                self._settle(verdict, people, holders)

    def _settle(
        self, verdict: Verdict, people: Mapping[tuple[str, str], Known], holders: set[str]
    ) -> None:
        said = (*(verdict.written[name] for name in _COMPARED), verdict.combo)
        before = next((self.seen[key] for key in verdict.keys if key in self.seen), None)
        for key in verdict.keys:
            self.seen.setdefault(key, (verdict.item.place, said))
        if before is not None:
            _repeated(verdict, *before, said)
            return
        person = next((people[key] for key in verdict.keys if key in people), None)
        if person is not None:
            self._compare(verdict, person)
        elif verdict.holder_key in holders:
            _refuse(
                verdict, "name",
                "此人已持有本系列活动的证件（如采访证），不能重复报名。",
                "This person holds a pass of the series already, such as a press pass.",
            )  # fmt: skip

    def _compare(self, verdict: Verdict, person: Known) -> None:
        verdict.registration_id = person.id
        if not person.blocks:
            verdict.outcome = Outcome.ENDED
            return
        differs = list(self._differences(verdict, person))
        verdict.outcome = Outcome.DIFFERS if differs else Outcome.UNCHANGED
        if differs:
            verdict.remark = Text(
                f"与现有报名不同：{'、'.join(one.zh for one in differs)}",
                f"Differs from what is stored: {', '.join(one.en for one in differs)}",
            )

    def _differences(self, verdict: Verdict, person: Known) -> Iterator[Text]:
        assert verdict.combo is not None
        asked = self.combos[verdict.combo]
        for key in _COMPARED:
            # What the list does not say is no difference.
            if verdict.written[key] and verdict.written[key] != getattr(person, key):
                yield BY_KEY[key].label
        if asked["category"] != person.category_id:
            yield BY_KEY["category"].label
        if set(asked["events"]) != person.event_ids:
            yield BY_KEY["events"].label
        if asked["mode"] != person.mode:
            yield BY_KEY["mode"].label

    def _category(self, reader: RowReader) -> Category | None:
        typed = reader.text("category") or self.options.category
        found = self._categories.get(_spelling(typed))
        if found is None:
            reader.wrong(
                "category",
                Text(
                    "没有这个参会类别。请填写其中之一：{names}。",
                    "There is no such category. Enter one of these: {names}.",
                ).fill(names=self._category_names)
                if typed
                else Text("请填写参会类别。", "Enter a category."),
            )
        return found

    def _chosen_events(self, reader: RowReader, category: Category | None) -> list[Event]:
        ticked = [self._events[_spelling(slug)] for slug in reader.ticked()]
        named = self._named_events(reader, category)
        found = list({event.id: event for event in [*ticked, *named]}.values())
        if not found and not reader.is_wrong("events"):
            found = self._usual_events(category)
        if not found and category and not reader.is_wrong("events"):
            reader.wrong("events", Text("请填写参加的活动。", "Enter the events."))
        return found

    def _named_events(self, reader: RowReader, category: Category | None) -> list[Event]:
        typed = reader.text("events")
        if not typed:
            return []
        if typed.casefold() in _ALL:
            return list(category.events) if category else []
        if whole := self._events.get(_spelling(typed)):
            return [whole]
        raw = reader.item.cells["events"].text
        names = [clean(part) for part in _SEPARATORS.split(raw) if clean(part)]
        unknown = [name for name in names if _spelling(name) not in self._events]
        if unknown:
            reader.wrong(
                "events",
                Text(
                    "没有活动“{name}”。请按日程中的名称填写，多项以“、”分隔。",
                    "There is no event “{name}”. Enter names as in the schedule, with a semicolon"
                    " between two.",
                ).fill(name=unknown[0]),
            )
            return []
        return [self._events[_spelling(name)] for name in names]

    def _usual_events(self, category: Category | None) -> list[Event]:
        """Those chosen beside the file, or the only one there is."""
        usual = [self._events[s] for slug in self.options.events if (s := _spelling(slug))]
        if usual or category is None:
            return usual
        return list(category.events) if len(category.events) == 1 else []

    def _combo(
        self, reader: RowReader, category: Category, application: Application, region: str
    ) -> int | None:
        """The number of what is asked for; whether it can be had is found out once for all rows."""
        key = (category.id, tuple(sorted(application.events)), application.mode, region)
        if key not in self._choices:
            self._choices[key] = self._choice(category, application, region)
        number, errors = self._choices[key]
        for name, sentences in errors.items():
            for sentence in sentences:
                reader.wrong(name, sentence)
        return number

    def _choice(
        self, category: Category, application: Application, region: str
    ) -> tuple[int | None, Mapping[str, Sequence[Text]]]:
        try:
            events, _ = chosen(self.series_id, category, application)
        except BadInput as refusal:
            return None, refusal.errors
        asked = {
            "category": category.id,
            "events": sorted(event.id for event in events),
            "mode": application.mode.value,
            "region": region,
        }
        if asked not in self.combos:
            self.combos.append(asked)
        return self.combos.index(asked), {}

    def _identify(self, reader: RowReader, category: Category | None, verdict: Verdict) -> None:
        """The number of a document, by the rules of every other door."""
        if category is None or verdict.application is None or not verdict.application.id_number:
            return
        try:
            identity.check(category, verdict.application, optional=True)
            verdict.id_index = identity.index_of(self.series_id, verdict.application)
        except BadInput as refusal:
            reader.wrong("id_number", refusal.sentence)

    def _unit(self, typed: str) -> Organisation | None:
        if typed and typed not in self._units:
            unit = organisation_named(typed)
            if unit is not None:
                db.session.expunge(unit)  # it is read again and again, and does not change here
            self._units[typed] = unit
        return self._units.get(typed)


def _both(name: Text) -> tuple[str, str]:
    return name.zh, name.en


def _by_spelling(things: Sequence[Any], names: Callable[[Any], Sequence[str]]) -> dict[str, Any]:
    """By every name; what two of them are called means neither."""
    found: dict[str, Any] = {}
    twice: set[str] = set()
    for thing in things:
        for spelt in {_spelling(name) for name in names(thing) if name}:
            if spelt in found:
                twice.add(spelt)
            found[spelt] = thing
    return {spelt: thing for spelt, thing in found.items() if spelt not in twice}


def _spelling(name: str) -> str:
    return re.sub(r"[\s“”\"'‘’《》]+", "", clean(name)).casefold()


def _refuse(verdict: Verdict, key: str, zh: str, en: str, **values: object) -> None:
    verdict.outcome = Outcome.REFUSED
    RowReader(verdict.item, verdict.problems).wrong(key, Text(zh, en).fill(**values))


def _repeated(
    verdict: Verdict, place: Text, said_there: tuple[Any, ...], said: tuple[Any, ...]
) -> None:
    if said == said_there:
        verdict.outcome = Outcome.REPEATED
        verdict.remark = Text("与{place}重复", "The same as {place}").fill(place=place)
        return
    _refuse(
        verdict, "name",
        "与{place}为同一人，但内容不同。请保留一行。",
        "This is the same person as in {place}, with other values. Keep one of the two.",
        place=place,
    )  # fmt: skip
