"""The form of the zones that a ticket admits to: a line for each, with its hours."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from wtforms import BooleanField, Field
from wtforms.validators import Optional

from eduforum.core.i18n import Text
from eduforum.tickets.models import Ticket
from eduforum.tickets.rules import ZONE_NAMES, Zone, ZoneGrant
from eduforum.web.forms import Form, LocalMomentField

_FROM, _UNTIL = Text("从（选填）", "From (optional)"), Text("至（选填）", "Until (optional)")


@dataclass(frozen=True, slots=True)
class Line:
    """The fields of one zone."""

    zone: Zone
    granted: Field
    starts_at: Field
    ends_at: Field


class ZonesForm(Form):
    """`zone_A`, `starts_A`, `ends_A` and so on for every zone; without hours it is always open."""

    @classmethod
    def of(cls, ticket: Ticket, time_zone: str) -> Self:
        """What the ticket admits to now, on the clocks of `time_zone`."""
        data: dict[str, Any] = {}
        for grant in reversed([ZoneGrant.of(kept) for kept in ticket.zones]):
            data[f"zone_{grant.zone}"] = True
            data[f"starts_{grant.zone}"] = grant.starts_at
            data[f"ends_{grant.zone}"] = grant.ends_at
        form = cls()
        for line in form.lines:
            line.starts_at.zone = line.ends_at.zone = time_zone
        if not form.is_submitted():
            for name, value in data.items():
                form[name].process_data(value)
        return form

    @property
    def lines(self) -> Sequence[Line]:
        return [
            Line(zone, self[f"zone_{zone}"], self[f"starts_{zone}"], self[f"ends_{zone}"])
            for zone in Zone
        ]

    def validate(self, extra_validators: Any = None) -> bool:
        fine: bool = super().validate(extra_validators)
        for line in self.lines:
            starts, ends = _moment(line.starts_at), _moment(line.ends_at)
            if line.granted.data and starts and ends and ends <= starts:
                self.refuse(
                    f"ends_{line.zone}",
                    Text("结束时间须晚于开始时间。", "The end must be later than the start."),
                )
                fine = False
        return fine

    def grants(self) -> list[ZoneGrant]:
        """What was ticked, with its hours."""
        return [
            ZoneGrant(line.zone, _moment(line.starts_at), _moment(line.ends_at))
            for line in self.lines
            if line.granted.data
        ]


for _zone in Zone:
    setattr(ZonesForm, f"zone_{_zone}", BooleanField(ZONE_NAMES[_zone]))
    setattr(ZonesForm, f"starts_{_zone}", LocalMomentField(_FROM, [Optional()]))
    setattr(ZonesForm, f"ends_{_zone}", LocalMomentField(_UNTIL, [Optional()]))


def _moment(field: Field) -> datetime | None:
    found: datetime | None = field.moment
    return found
