"""Forms for the people and the programs of a series."""

from typing import Any

from wtforms import RadioField, SelectChoice, SelectMultipleField
from wtforms.validators import ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from eduforum.core.i18n import Text
from eduforum.events.roles import ROLE_NAMES, SCOPE_NAMES
from eduforum.web.access import Role, Scope
from eduforum.web.forms import AtMost, Form, Required, TextField


class InviteForm(Form):
    """Somebody's address and the role they get."""

    email = TextField(
        Text("电子邮箱", "E-mail address"),
        [Required("请填写电子邮箱。", "Enter their e-mail address."), AtMost(254)],
    )
    name = TextField(Text("姓名", "Name"), [AtMost(100)])
    role = RadioField(
        Text("角色", "Role"),
        [Required("请选择一个角色。", "Choose a role.")],
        validate_choice=False,
    )

    def __init__(self, *args: Any, roles: list[Role], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.role.choices = [SelectChoice(role.value, ROLE_NAMES[role]) for role in roles]

    def validate_role(self, field: RadioField) -> None:
        if field.data not in list(Role):
            raise ValidationError(Text("请选择一个角色。", "Choose a role."))


class TokenForm(Form):
    """A program's name and what its token may do."""

    name = TextField(
        Text("用途", "What it is for"),
        [
            Required(
                "请填写令牌的用途，例如“签到 App”。",
                "Say what the token is for, such as “door app”.",
            ),
            AtMost(100),
        ],
    )
    scopes = SelectMultipleField(
        Text("权限", "What it may do"),
        [Required("请至少选择一项权限。", "Choose at least one.")],
        choices=[SelectChoice(scope.value, SCOPE_NAMES[scope]) for scope in Scope],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
