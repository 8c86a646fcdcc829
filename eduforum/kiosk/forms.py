"""Forms of the kiosk."""

from uuid import UUID, uuid4

import wtforms
from wtforms import SelectChoice, ValidationError

from eduforum.core.i18n import Text
from eduforum.kiosk.rules import PAPER_NAMES, Paper
from eduforum.web.forms import AtMost, Form, Required, TextField


class EnrolForm(Form):
    """The desk's code, and what the printer holds."""

    code = TextField(
        Text("登记码", "Code"),
        [Required("请输入工作台生成的登记码。", "Enter the code that the desk made."), AtMost(40)],
    )
    name = TextField(
        Text("设备名称", "Name of this device"),
        [Required("请填写设备名称。", "Give the device a name."), AtMost(60)],
    )
    paper = wtforms.SelectField(
        Text("打印", "Printer"),
        choices=[SelectChoice(paper.value, PAPER_NAMES[paper]) for paper in Paper],
        default=Paper.BADGE.value,
    )


class _ScanForm(Form):
    scan_id = wtforms.HiddenField()

    @property
    def id_of_scan(self) -> UUID:
        """Made with the page, so that sending it twice is one scan."""
        try:
            return UUID(self.scan_id.data or "")
        except ValueError:
            return uuid4()


class CodeForm(_ScanForm):
    """What the camera or a scanner read."""

    code = TextField(
        Text("参会证", "Ticket"), [Required("请扫描参会证。", "Scan the ticket."), AtMost(400)]
    )


class NameForm(_ScanForm):
    """Full name and the last four digits of the mobile."""

    name = TextField(
        Text("姓名", "Full name"),
        [Required("请填写报名时的姓名。", "Enter your name as registered."), AtMost(120)],
    )
    last4 = TextField(Text("手机号后四位", "Last four digits of the mobile"))

    def validate_last4(self, field: wtforms.Field) -> None:
        typed = field.data or ""
        if len(typed) != 4 or not (typed.isascii() and typed.isdigit()):
            raise ValidationError(
                Text("请填写手机号的后四位数字。", "Enter the last four digits of the number.")
            )


class ExitForm(Form):
    """A fresh code of the desk ends the kiosk."""

    code = TextField(
        Text("登记码", "Code"),
        [Required("请输入工作台新生成的登记码。", "Enter a new code from the desk."), AtMost(40)],
    )
