"""The way back to a registration whose link was lost."""

import wtforms
from wtforms import ValidationError

from eduforum.core.contacts import BadContact, parse_email, parse_mobile
from eduforum.core.i18n import Text
from eduforum.web.forms import AtMost, Form, Required, TextField


class FindForm(Form):
    """Where the link is to be sent: the contact that was given, and the name beside a mobile."""

    contact = TextField(
        Text("手机号或电子邮箱", "Mobile number or e-mail"),
        [
            Required(
                "请填写报名时填写的手机号或电子邮箱。",
                "Enter the mobile number or e-mail address that you registered with.",
            ),
            AtMost(254),
        ],
    )
    name = TextField(Text("姓名", "Full name"), [AtMost(120)])

    def validate_contact(self, field: wtforms.Field) -> None:
        try:
            parse = parse_email if "@" in field.data else parse_mobile
            self.parsed_contact = parse(field.data)
        except BadContact as bad:
            raise ValidationError(bad.sentence) from None

    def validate_name(self, field: wtforms.Field) -> None:
        if not field.data and "@" not in (self.contact.data or ""):
            raise ValidationError(
                Text(
                    "用手机号查找时，请填写姓名。", "With a mobile number, enter your name as well."
                )
            )
