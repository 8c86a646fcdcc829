"""Forms of signing in and of one's own account."""

from wtforms import PasswordField, SelectChoice, SelectField
from wtforms.validators import ValidationError

from eduforum.accounts.rules import LONGEST_PASSWORD
from eduforum.core.i18n import Language, Text
from eduforum.web.forms import AtMost, Form, Required, TextField

_EMAIL = Text("电子邮箱", "E-mail address")


class SignInForm(Form):
    email = TextField(
        _EMAIL, [Required("请填写电子邮箱。", "Enter your e-mail address."), AtMost(254)]
    )
    password = PasswordField(
        Text("密码", "Password"),
        [Required("请填写密码。", "Enter your password."), AtMost(LONGEST_PASSWORD)],
    )


class AskResetForm(Form):
    email = TextField(
        _EMAIL, [Required("请填写电子邮箱。", "Enter your e-mail address."), AtMost(254)]
    )


class NewPasswordForm(Form):
    """A password is typed twice, because nobody sees what they type."""

    password = PasswordField(
        Text("新密码", "New password"),
        [Required("请填写新密码。", "Enter a new password."), AtMost(LONGEST_PASSWORD)],
    )
    again = PasswordField(
        Text("再次填写新密码", "New password again"),
        [Required("请再次填写新密码。", "Enter the new password again.")],
    )

    def validate_again(self, field: PasswordField) -> None:
        if field.data != self.password.data:
            raise ValidationError(
                Text(
                    "两次填写的密码不一致，请重新填写。",
                    "The two passwords differ. Enter them again.",
                )
            )


class ChangePasswordForm(NewPasswordForm):
    current = PasswordField(
        Text("当前密码", "Current password"),
        [Required("请填写当前密码。", "Enter your current password."), AtMost(LONGEST_PASSWORD)],
    )


class ProfileForm(Form):
    name = TextField(
        Text("姓名", "Name"),
        [Required("请填写姓名。", "Enter your name."), AtMost(100)],
    )
    language = SelectField(
        Text("语言", "Language"),
        choices=[
            SelectChoice(Language.ZH.value, "中文"),
            SelectChoice(Language.EN.value, "English"),
        ],
    )
