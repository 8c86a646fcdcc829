"""The liaison's page as it is drawn: people, answers, drafts and empty rows, with what is wrong."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from secrets import token_urlsafe

from eduforum.core.i18n import Text
from eduforum.delegations import queries
from eduforum.delegations.choosing import Choices, Slot
from eduforum.delegations.entries import Entry, category_of, check_all
from eduforum.delegations.models import Draft
from eduforum.delegations.services.drafts import entry_of
from eduforum.delegations.services.letters import total_of
from eduforum.delegations.services.submit import taken_by
from eduforum.events.models import Event
from eduforum.questions.queries import all_asked_by
from eduforum.registration.columns import STATE_TONES
from eduforum.registration.models import Delegation, Pool, Registration
from eduforum.registration.rules import STATE_NAMES, State
from eduforum.registration.services import lacking

EMPTY_ROWS = 3
EDITABLE = (State.SUBMITTED, State.WAITLISTED, State.OFFERED, State.CONFIRMED)
REPLACEABLE = (State.CONFIRMED, State.ON_LEAVE, State.SUBMITTED)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the grid.

    number: as it is counted on the page. person: who is submitted, None for drafts. draft: the kept
    row, also the answer to a returned person. key: what a new row is called. faults: sentences by
    field. written: whether it has inputs. lacking: what else is asked of the person and not told.
    """

    number: int
    entry: Entry
    person: Registration | None = None
    draft: Draft | None = None
    key: str = ""
    faults: Mapping[str, Text] = field(default_factory=dict)
    written: bool = False
    lacking: Sequence[Text] = ()

    @property
    def state(self) -> Text:
        if self.person is not None:
            return STATE_NAMES[self.person.state]
        if self.draft is None:
            return Text("未填", "Empty")
        return Text("待更正", "To correct") if self.faults else Text("待提交", "To submit")

    @property
    def tone(self) -> str:
        if self.person is not None:
            return STATE_TONES[self.person.state]
        return "idle" if not self.faults else "bad"

    @property
    def is_returned(self) -> bool:
        return self.person is not None and self.person.state is State.RETURNED

    @property
    def is_wrong(self) -> bool:
        return bool(self.faults)

    def may(self, what: str, *, over: bool) -> bool:
        """Whether the liaison may `edit`, `leave`, `come_back`, `replace`, `accept`, `take_off`."""
        person = self.person
        return person is not None and may(person, what, over=over)


@dataclass(frozen=True, slots=True)
class Quota:
    """Seats of the delegation in one place, and how many are taken."""

    name: Text
    size: int
    held: int

    @property
    def left(self) -> int:
        return max(0, self.size - self.held)


@dataclass(frozen=True, slots=True)
class Grid:
    """All of the page. over: the deadline has passed."""

    delegation: Delegation
    choices: Choices
    rows: Sequence[Row]
    blank: Sequence[Row]
    pools: Sequence[Pool]
    now: datetime

    @property
    def over(self) -> bool:
        return self.now >= self.delegation.edit_until

    @property
    def drafts(self) -> list[Row]:
        return [row for row in self.rows if row.person is None]

    @property
    def wrong(self) -> list[Row]:
        return [row for row in self.rows if row.faults and row.draft is not None]

    @property
    def ready(self) -> int:
        """How many rows can be submitted now."""
        return sum(1 for row in self.rows if row.draft is not None and not row.faults)

    @property
    def returned(self) -> list[Row]:
        return [row for row in self.rows if row.is_returned]

    @property
    def lacking(self) -> list[Row]:
        return [row for row in self.rows if row.lacking]

    @property
    def people(self) -> list[Registration]:
        return [row.person for row in self.rows if row.person is not None]

    def count(self, *states: State) -> int:
        return sum(1 for person in self.people if person.state in states)

    @property
    def reported(self) -> int:
        return self.count(*queries.REPORTED)

    @property
    def total(self) -> int | None:
        return total_of(self.pools)

    @property
    def quotas(self) -> list[Quota]:
        """The parts of the quota: by event, by category."""
        parts = [p for p in self.pools if p.event_id is not None or p.category_id is not None]
        if len(parts) == 1 and parts[0].event_id is None and parts[0].size == self.total:
            return []
        return [Quota(_place_name(pool), pool.size, pool.held) for pool in parts]

    @property
    def has_tickets(self) -> bool:
        return any(person.state is State.CONFIRMED for person in self.people)

    def event_words(self, slugs: Iterable[str], events: Sequence[Event]) -> Text:
        """What is chosen of `events`, in a few words."""
        wanted = set(slugs)
        chosen = [event for event in events if event.slug in wanted]
        if not chosen:
            return Text("不参加", "None")
        if len(chosen) == len(events) and len(events) > 1:
            return Text(f"全部 {len(events)} 项", f"All {len(events)}")
        if len(chosen) == 1:
            return chosen[0].name
        return Text(f"{len(chosen)} 项", f"{len(chosen)} events")

    def slot_word(self, slot: Slot, slugs: Iterable[str]) -> Text:
        wanted = set(slugs)
        chosen = next((event.name for event in slot.events if event.slug in wanted), None)
        return chosen or Text("不参加", "None")

    def category_name(self, entry: Entry) -> Text | None:
        category = self.choices.category(category_of(entry, self.choices))
        return category.name if category else None


def may(person: Registration, what: str, *, over: bool) -> bool:
    """Whether the liaison may do `what` to somebody in this state; over: after the deadline."""
    state = person.state
    allowed = {
        "edit": state is State.RETURNED or (state in EDITABLE and not over),
        "fill_in": state is State.RETURNED or (state in EDITABLE and not over),
        "leave": state is State.CONFIRMED,
        "come_back": state is State.ON_LEAVE,
        "replace": state in REPLACEABLE,
        "accept": state is State.OFFERED,
        "take_off": not over
        and state
        in (State.SUBMITTED, State.RETURNED, State.WAITLISTED, State.OFFERED, State.CONFIRMED),
    }
    return allowed[what]


def grid_of(delegation: Delegation, now: datetime) -> Grid:
    """Read what the page shows: some eight statements, however many people there are."""
    choices = queries.choices_for(delegation, now)
    people = queries.people_of(delegation)
    drafts = queries.drafts_of(delegation.id)
    pools = queries.pools_of([delegation.id])[delegation.id]
    faults = _faults(people, drafts, choices)
    answers = {draft.registration_id: draft for draft in drafts if draft.registration_id}
    asked = all_asked_by(one.category.form_id for one in people if one.category.form_id)
    rows: list[Row] = []
    for person in people:
        answer = answers.get(person.id)
        rows.append(
            Row(
                number=len(rows) + 1,
                entry=entry_of(answer) if answer else entry_of_person(person),
                person=person,
                draft=answer,
                faults=faults.get(answer.id.hex, {}) if answer else {},
                written=person.state is State.RETURNED,
                lacking=lacking(person, asked.get(person.category.form_id or 0)),
            )
        )
    over = now >= delegation.edit_until
    for draft in drafts:
        if draft.registration_id is None:
            rows.append(
                Row(
                    number=len(rows) + 1,
                    entry=entry_of(draft),
                    draft=draft,
                    faults=faults.get(draft.id.hex, {}),
                    written=not over,
                )
            )
    blank = [] if over else _blank_rows(len(rows), choices)
    return Grid(delegation, choices, rows, blank, pools, now)


def entry_of_person(person: Registration) -> Entry:
    """What is registered, as it would be typed."""
    return Entry(
        name=person.name,
        position=person.position,
        mobile=person.mobile.removeprefix("+86"),
        email=person.email,
        category=person.category.code,
        events=tuple(event.slug for event in person.events),
    )


def _faults(
    people: Sequence[Registration], drafts: Sequence[Draft], choices: Choices
) -> dict[str, dict[str, Text]]:
    found = check_all([entry_of(d) for d in drafts], choices, taken_by(people, drafts))
    told: dict[str, dict[str, Text]] = {}
    for draft, wrong in zip(drafts, found, strict=True):
        kept = {name: Text(both["zh"], both["en"]) for name, both in draft.faults.items()}
        told[draft.id.hex] = kept | wrong
    return told


def _blank_rows(there: int, choices: Choices) -> list[Row]:
    usual = Entry(events=choices.usual(choices.only_category))
    return [
        Row(number=there + n, entry=usual, key=token_urlsafe(9), written=True)
        for n in range(1, EMPTY_ROWS + 1)
    ]


def _place_name(pool: Pool) -> Text:
    names = [one.name for one in (pool.event, pool.category) if one is not None]
    return Text(
        "，".join(name.zh for name in names), ", ".join(name.en or name.zh for name in names)
    )
