"""Forms of the hall."""

from collections.abc import Iterable

from wtforms import SelectField
from wtforms.fields.choices import SelectChoice

from eduforum.core.i18n import Text
from eduforum.events.models import Event
from eduforum.web.forms import Form


class ScreenForm(Form):
    """Which event a display shows."""

    event = SelectField(Text("活动", "Event"))

    def offer(self, events: Iterable[Event]) -> None:
        self.event.choices = [SelectChoice(event.slug, event.name) for event in events]


class PlainForm(Form):
    """A question answered by its button alone."""
