"""What organisers and guests fill in about invitations."""

import re
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

import wtforms
from flask import request
from wtforms import SelectChoice, SelectMultipleField, ValidationError
from wtforms.validators import Optional
from wtforms.widgets import CheckboxInput, ListWidget

from eduforum.core.contacts import BadContact, parse_email, parse_mobile
from eduforum.core.db import new_id
from eduforum.core.i18n import Text
from eduforum.core.names import clean_name
from eduforum.events.models import Event
from eduforum.invitations.services import CodeInput, Guest, Terms
from eduforum.registration.models import Category, Invitation
from eduforum.registration.rules import Admission
from eduforum.web.forms import AtMost, Form, LocalMomentField, LongTextField, TextField

LANGUAGES = [
    SelectChoice("zh-Hans", Text("中文", "Chinese")),
    SelectChoice("en", Text("英文", "English")),
]
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_NUMBER = Text("请填写整数。", "Enter a whole number.")


class Contact:
    """A number or an address, kept as `.parsed`; "" where nothing was typed."""

    def __init__(self, parse: Callable[[str], str]) -> None:
        self.parse = parse

    def __call__(self, form: object, field: Any) -> None:
        field.parsed = ""
        if not field.data:
            return
        try:
            field.parsed = self.parse(field.data)
        except BadContact as bad:
            raise ValidationError(bad.sentence) from None


class TermsForm(Form):
    """On what terms somebody is invited."""

    category = wtforms.SelectField(Text("参会类别", "Category"), validate_choice=False)
    valid_until = LocalMomentField(Text("答复期限", "Answer before"), [Optional()])
    skip_approval = wtforms.BooleanField(Text("报名后无需审核", "No review after registering"))
    events = SelectMultipleField(
        Text("预留席位", "Keep seats"),
        validate_choice=False,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    release_at = LocalMomentField(Text("席位保留至", "Keep the seats until"), [Optional()])

    def __init__(
        self,
        *,
        zone: str,
        categories: Sequence[Category],
        choosable: Sequence[Event],
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        for field in (self.valid_until, self.release_at):
            field.zone = zone
            if not request.form and "data" in kwargs:
                field.process_data(kwargs["data"].get(field.name))
        ordered = sorted(categories, key=lambda one: one.admission is not Admission.BY_INVITATION)
        self.category.choices = [SelectChoice(one.code, one.name) for one in ordered]
        self.events.choices = [SelectChoice(event.slug, event.name) for event in choosable]

    @property
    def terms(self) -> Terms:
        """Call after validation."""
        return Terms(
            category=self.category.data or "",
            valid_until=self.valid_until.moment,
            lock_email=bool(self["lock_email"].data) if "lock_email" in self else False,
            skip_approval=self.skip_approval.data,
            events=tuple(self.events.data or ()),
            release_at=self.release_at.moment,
        )


class ContactFields(Form):
    """Who somebody is."""

    name = TextField(Text("姓名", "Full name"), [AtMost(120)])
    organisation = TextField(Text("单位", "Organisation"), [AtMost(120)])
    position = TextField(Text("职务", "Position"), [AtMost(60)])
    email = TextField(Text("电子邮箱", "E-mail"), [AtMost(254), Contact(parse_email)])
    mobile = TextField(Text("手机号", "Mobile number"), [AtMost(40), Contact(parse_mobile)])

    def validate_name(self, field: Any) -> None:
        if not field.data:
            raise ValidationError(Text("请填写姓名。", "Enter the name."))

    def guest(self, language: str) -> Guest:
        """Call after validation."""
        return Guest(
            name=clean_name(self.name.data or ""),
            organisation=self.organisation.data or "",
            position=self.position.data or "",
            email=getattr(self.email, "parsed", ""),
            mobile=getattr(self.mobile, "parsed", ""),
            language=language,
        )


class InviteForm(TermsForm, ContactFields):
    """One guest."""

    language = wtforms.RadioField(
        Text("邀请的语言", "Language"), choices=LANGUAGES, default="zh-Hans"
    )
    lock_email = wtforms.BooleanField(Text("限此邮箱使用", "For this address only"))
    send = wtforms.BooleanField(Text("立即发送邀请", "Send the invitation now"), default=True)


class CodeForm(TermsForm):
    """One code. made_as: the id it gets, so that sending the page again makes no second one."""

    made_as = wtforms.HiddenField()
    code = TextField(Text("邀请码", "Code"), [AtMost(24)])
    name = TextField(Text("用途", "What it is for"), [AtMost(120)])
    uses = TextField(Text("可用次数", "How many people"), [AtMost(6)])
    email = TextField(Text("限用邮箱", "Only for the address"), [AtMost(254), Contact(parse_email)])

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not _ID.fullmatch(self.made_as.data or ""):
            self.made_as.data = str(new_id())

    def validate_uses(self, field: Any) -> None:
        if not (field.data or "").isdecimal():
            raise ValidationError(_NUMBER)

    def given(self) -> CodeInput:
        """Call after validation."""
        return CodeInput(
            id=UUID(self.made_as.data),
            code=self.code.data or "",
            name=self.name.data or "",
            uses=int(self.uses.data or 0),
            email=getattr(self.email, "parsed", ""),
        )


class ListForm(TermsForm):
    """Many guests, from a spreadsheet."""

    pasted = LongTextField(Text("粘贴名单", "Paste the list"))
    file = wtforms.FileField(Text("或上传文件", "Or upload a file"))
    lock_email = wtforms.BooleanField(Text("限各自的邮箱使用", "Each for its own address only"))
    send = wtforms.BooleanField(Text("立即发送邀请", "Send the invitations now"), default=True)


class ChangeForm(ContactFields):
    """What may be changed of an invitation later: whom or what it is for, and its terms."""

    language = wtforms.RadioField(
        Text("邀请的语言", "Language"), choices=LANGUAGES, default="zh-Hans"
    )
    uses = TextField(Text("可用次数", "How many people"), [AtMost(6)])
    lock_email = wtforms.BooleanField(Text("限此邮箱使用", "For this address only"))
    skip_approval = wtforms.BooleanField(Text("报名后无需审核", "No review after registering"))
    valid_until = LocalMomentField(Text("答复期限", "Answer before"), [Optional()])
    release_at = LocalMomentField(Text("席位保留至", "Keep the seats until"), [Optional()])

    def __init__(self, one: Invitation, *, zone: str, kept_until: Any, **kwargs: Any) -> None:
        names = ("name", "organisation", "position", "email", "language", "lock_email",
                 "skip_approval", "valid_until")  # fmt: skip
        data = {name: getattr(one, name) for name in names}
        data |= {"mobile": one.mobile.removeprefix("+86"), "uses": str(one.uses_allowed),
                 "release_at": kept_until}  # fmt: skip
        self.one = one
        super().__init__(data=data, **kwargs)
        for field in (self.valid_until, self.release_at):
            field.zone = zone
            if not request.form:
                field.process_data(data[field.name])
        for name in ("language", "organisation", "position", "mobile", "lock_email"):
            if not one.is_personal:
                del self[name]
        if one.is_personal:
            del self.uses
        if kept_until is None:
            del self.release_at
        if not one.is_personal:
            self.name.label.text = Text("用途", "What it is for")
            self.email.label.text = Text("限用邮箱", "Only for the address")

    def validate_name(self, field: Any) -> None:
        if self.one.is_personal:
            super().validate_name(field)

    def validate_uses(self, field: Any) -> None:
        if not (field.data or "").isdecimal():
            raise ValidationError(_NUMBER)

    def changed(self) -> tuple[Guest, Terms, int | None]:
        """Call after validation."""
        one = self.one
        guest = (
            self.guest(self["language"].data)
            if one.is_personal
            else Guest(
                name=self.name.data or "",
                email=getattr(self.email, "parsed", ""),
                language=one.language,
            )
        )
        terms = Terms(
            category=one.category.code,
            valid_until=self.valid_until.moment,
            lock_email=bool(self["lock_email"].data) if one.is_personal else bool(guest.email),
            skip_approval=self.skip_approval.data,
            release_at=self["release_at"].moment if "release_at" in self else None,
        )
        return guest, terms, None if one.is_personal else int(self["uses"].data)


class InsteadForm(ContactFields):
    """Whom a guest sends instead."""


class RemindForm(Form):
    """Whom to remind: the categories; none is all."""

    category = SelectMultipleField(
        Text("参会类别", "Categories"),
        validate_choice=False,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
