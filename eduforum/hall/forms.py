"""Forms of the hall."""

from collections.abc import Iterable
from uuid import UUID, uuid4

from wtforms import HiddenField, SelectField
from wtforms.fields.choices import SelectChoice

from eduforum.checkin.models import Point
from eduforum.core.i18n import Text
from eduforum.events.models import Event
from eduforum.web.forms import AtMost, Form, Required, TextField


class ScreenForm(Form):
    """Which event a display shows, and where those check in who scan the code on it."""

    event = SelectField(Text("活动", "Event"))
    point = SelectField(Text("屏上的签到二维码", "Code to check in by"), default="")

    def offer(self, events: Iterable[Event], points: Iterable[Point]) -> None:
        self.event.choices = [SelectChoice(event.slug, event.name) for event in events]
        none = SelectChoice("", Text("不显示", "None"))
        self.point.choices = [none, *(SelectChoice(str(one.id), one.name) for one in points)]


class RoomForm(Form):
    """The link of an online room."""

    url = TextField(Text("会议链接", "Link"), [AtMost(500)])
    note = TextField(Text("其他说明", "What else is needed"), [AtMost(200)])


class HereForm(Form):
    """Somebody confirms that it is himself."""

    scan_id = HiddenField()

    @property
    def id_of_scan(self) -> UUID:
        """Made with the page, so that sending it twice is one scan."""
        try:
            return UUID(self.scan_id.data or "")
        except ValueError:
            return uuid4()


class WhoForm(Form):
    """Somebody proves who it is by the personal link."""

    link = TextField(
        Text("我的报名链接", "My personal link"),
        [Required("请粘贴报名确认邮件中的链接。", "Paste the link of your letter."), AtMost(500)],
    )


class PlainForm(Form):
    """A question answered by its button alone."""
