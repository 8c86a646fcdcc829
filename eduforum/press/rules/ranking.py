"""Places of the press: how many, and who comes first when there are too few. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from eduforum.core.errors import Refusal
from eduforum.core.i18n import Text
from eduforum.press.rules.words import OutletType


class Criterion(StrEnum):
    """What a person on hold is ranked by; what is chosen stands on the page for everybody."""

    ANNOUNCED = "announced"
    TYPE = "type"
    LIVE = "live"
    SMALL_TEAM = "small_team"
    EARLY = "early"


CRITERION_NAMES = {
    Criterion.ANNOUNCED: Text("活动公布的媒体在先", "Outlets named in the announcement first"),
    Criterion.TYPE: Text(
        "依次为中央媒体、地方媒体、行业媒体、新媒体、港澳台媒体和外国媒体",
        "Central media, then local, trade and new media, then those of Hong Kong, Macao and Taiwan "
        "and from abroad",
    ),
    Criterion.LIVE: Text("现场直播在先", "Live coverage first"),
    Criterion.SMALL_TEAM: Text("人数少的团队在先", "Smaller teams first"),
    Criterion.EARLY: Text("申请早的在先", "Earlier applications first"),
}
USUAL_RANKING = (Criterion.ANNOUNCED, Criterion.LIVE, Criterion.SMALL_TEAM, Criterion.EARLY)
_TYPES = tuple(OutletType)


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody on hold, as far as the criteria go."""

    announced: bool
    type: OutletType
    live: bool
    team: int
    submitted_at: datetime


def rank_key(candidate: Candidate, criteria: Sequence[Criterion]) -> tuple[float, ...]:
    """Sorts who comes first to the front; equal candidates by the time they applied."""
    values: Mapping[Criterion, float] = {
        Criterion.ANNOUNCED: not candidate.announced,
        Criterion.TYPE: _TYPES.index(candidate.type),
        Criterion.LIVE: not candidate.live,
        Criterion.SMALL_TEAM: candidate.team,
        Criterion.EARLY: candidate.submitted_at.timestamp(),
    }
    return (*(values[one] for one in criteria), values[Criterion.EARLY])


@dataclass(frozen=True, slots=True)
class Places:
    """One number of places: of the series, of an outlet, of an event. size: None is no limit."""

    name: Text
    size: int | None
    taken: int

    @property
    def free(self) -> int | None:
        return None if self.size is None else max(0, self.size - self.taken)


class PlacesFull(Refusal):
    """The sentence names which places are gone."""

    code = "places-full"

    def __init__(self, places: Places, wanted: int) -> None:
        super().__init__(
            Text(
                "“{name}”名额不足：共 {size} 个，还剩 {free} 个，本次需要 {wanted} 个。可将部分人员列为待定。",
                "Not enough places for “{name}”: {size} in all, {free} left, {wanted} wanted. Put some "
                "people on hold.",
            ).fill(name=places.name, size=places.size, free=places.free, wanted=wanted)
        )
        self.places = places

    def members(self) -> Mapping[str, object]:
        return {"places": {"zh": self.places.name.zh, "en": self.places.name.en}}


def check_places(places: Places, wanted: int) -> None:
    """Raises `PlacesFull` when `wanted` more do not fit."""
    if places.free is not None and wanted > places.free:
        raise PlacesFull(places, wanted)
