"""A series with a delegation, and people as a liaison writes them down."""

from collections.abc import Mapping
from datetime import timedelta
from urllib.parse import urlsplit

from eduforum.core import clock
from eduforum.delegations.entries import Entry
from eduforum.delegations.queries import delegation_or_404, drafts_of, people_of
from eduforum.delegations.services import DelegationInput, drafts, manage, submit
from eduforum.delegations.services.letters import page_url
from eduforum.delegations.services.submit import Submitted
from eduforum.events.models import Event, Series
from eduforum.registration.models import Category, Delegation, Registration
from eduforum.registration.rules import Admission
from tests.factories import make_category, make_event, make_series

MOBILE = "13900000{:03d}"


class Unit:
    """A delegation of 天津大学 in the category `delegate`, which comes to a plenary and one of two
    forums at one time."""

    def __init__(
        self,
        *,
        seats: int | None = 5,
        pool: int | None = 50,
        reviewed: bool = False,
        liaison_email: str = "liaison@example.org",
        days: float = 5,
        reserving: bool = False,
    ) -> None:
        self.series: Series = make_series()
        self.plenary: Event = make_event(series=self.series, slug="plenary")
        at = self.plenary.starts_at + timedelta(hours=5)
        self.forum: Event = make_event(series=self.series, slug="forum-a", starts_at=at)
        self.other: Event = make_event(series=self.series, slug="forum-b", starts_at=at)
        self.category: Category = make_category(
            self.plenary,
            self.forum,
            self.other,
            code="delegate",
            admission=Admission.BY_DELEGATION,
            seats=pool,
        )
        self.delegation: Delegation = manage.create(
            self.series,
            DelegationInput(
                unit="天津大学",
                liaison_name="江屿白",
                liaison_mobile="+8613800000101",
                liaison_email=liaison_email,
                edit_until=clock.now() + timedelta(days=days),
                reviewed=reviewed,
                reserving=reserving,
                quotas={} if seats is None else {(None, self.category.id): seats},
            ),
        )

    @property
    def path(self) -> str:
        """The liaison's page."""
        return urlsplit(page_url(self.now())).path

    def now(self) -> Delegation:
        return delegation_or_404(self.series.id, self.delegation.id)

    def write(self, *entries: Entry, key: str = "rows") -> None:
        drafts.add(self.series.id, self.delegation.id, entries, key=key)

    def submit(self) -> Submitted:
        return submit(self.series.id, self.delegation.id)

    def report(self, *entries: Entry) -> list[Registration]:
        """Write these down and submit them."""
        self.write(*entries)
        return list(self.submit().people)

    def people(self) -> dict[str, Registration]:
        return {one.name: one for one in people_of(self.now())}

    def rows(self) -> list[str]:
        return [draft.name for draft in drafts_of(self.delegation.id)]


def entry(name: str = "林知夏", number: int | None = 1, *, email: str = "") -> Entry:
    """Somebody who comes to the plenary and the first forum; number: of his mobile."""
    mobile = "" if number is None else MOBILE.format(number)
    return Entry(name=name, mobile=mobile, email=email, events=("plenary", "forum-a"))


def posted(number: int, values: Mapping[str, object]) -> dict[str, object]:
    """A row of the grid as the page sends it."""
    return {f"r{number}-{name}": value for name, value in values.items()}
