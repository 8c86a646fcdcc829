"""Who comes instead of somebody: the form of my page and of a liaison's."""

from typing import Any

from wtforms import ValidationError

from eduforum.core.contacts import BadContact, parse_email, parse_mobile
from eduforum.core.i18n import Text
from eduforum.registration.services import Newcomer
from eduforum.web.forms import AtMost, Form, Required, TextField


class NewcomerForm(Form):
    """Another person's name and contact. submit_id: makes a second submission the first one."""

    name = TextField(
        Text("姓名", "Full name"),
        [Required("请填写姓名，与证件一致。", "Enter the name as on the ID."), AtMost(120)],
    )
    position = TextField(Text("职务", "Position"), [AtMost(60)])
    mobile = TextField(Text("手机号", "Mobile number"), [AtMost(40)])
    email = TextField(Text("电子邮箱", "E-mail"), [AtMost(254)])
    submit_id = TextField(validators=[AtMost(40)])

    def validate_mobile(self, field: Any) -> None:
        _read(field, parse_mobile)

    def validate_email(self, field: Any) -> None:
        _read(field, parse_email)

    def newcomer(self) -> Newcomer:
        """What was typed. Call after validation."""
        return Newcomer(
            name=self.name.data or "",
            position=self.position.data or "",
            mobile=self.mobile.parsed,
            email=self.email.parsed,
        )


def _read(field: Any, parse: Any) -> None:
    field.parsed = ""
    if not field.data:
        return
    try:
        field.parsed = parse(field.data)
    except BadContact as bad:
        raise ValidationError(bad.sentence) from None
