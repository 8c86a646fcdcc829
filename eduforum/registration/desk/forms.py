"""What organisers fill in to decide about registrations, and to register or change somebody."""

import re
import secrets
from collections.abc import Sequence
from typing import Any

import wtforms
from wtforms import SelectChoice, SelectMultipleField, ValidationError

from eduforum.core import clock
from eduforum.core.contacts import BadContact, parse_email, parse_mobile
from eduforum.core.i18n import Language, Text, current_language
from eduforum.core.id_numbers import IdType
from eduforum.events.models import Event, Region
from eduforum.events.rules import EventState, Mode
from eduforum.registration.forms import ELSEWHERE, ELSEWHERE_NAME
from eduforum.registration.id_form import IdFields
from eduforum.registration.models import Category, Registration
from eduforum.registration.services import Application
from eduforum.web.forms import AtMost, Form, Required, TextField

_SUBMIT_ID = re.compile(r"[A-Za-z0-9_-]{16,64}")
_CHOOSE = Text("请选择", "Choose")


class RevealForm(Form):
    """Why somebody needs a contact in full; it is kept in the audit trail."""

    reason = TextField(
        Text("查看事由", "Why you need it"),
        [
            Required(
                "请填写查看事由，事由将记入审计记录。", "Say why; it is kept in the audit trail."
            ),
            AtMost(200),
        ],
    )


class StaffForm(IdFields):
    """Somebody at the desk registers or changes a person. Fields bear the API's names."""

    category = wtforms.SelectField(Text("参会类别", "Category"), validate_choice=False)
    name = TextField(
        Text("姓名", "Full name"),
        [Required("请填写姓名，与证件一致。", "Enter the name as on their ID."), AtMost(120)],
    )
    organisation = TextField(Text("单位", "Unit"), [AtMost(120)])
    region = wtforms.SelectField(Text("所在地区", "Region"), validate_choice=False)
    position = TextField(Text("职务", "Position"), [AtMost(60)])
    mobile = TextField(Text("手机号", "Mobile number"), [AtMost(40)])
    email = TextField(Text("电子邮箱", "E-mail"), [AtMost(254)])
    events = SelectMultipleField(Text("活动", "Events"), validate_choice=False)
    sessions = SelectMultipleField(Text("场次", "Sessions"), validate_choice=False)
    mode = wtforms.SelectField(
        Text("参加方式", "How they take part"),
        choices=[
            SelectChoice(Mode.ONSITE.value, Text("现场", "On site")),
            SelectChoice(Mode.ONLINE.value, Text("线上", "Online")),
        ],
        default=Mode.ONSITE.value,
        validate_choice=False,
    )
    language = wtforms.SelectField(
        Text("通知语言", "Language of letters"),
        choices=[
            SelectChoice(Language.ZH.value, "中文"),
            SelectChoice(Language.EN.value, "English"),
        ],
        validate_choice=False,
    )
    consents = SelectMultipleField(Text("告知与同意", "Told and agreed"), validate_choice=False)
    submit_id = wtforms.HiddenField()

    kept: Registration | None = None
    may_skip_id = True

    def __init__(
        self, categories: list[Category], regions: Sequence[Region], *args: Any, **kwargs: Any
    ) -> None:
        """regions: those that seats are counted by; without any, none is asked for."""
        super().__init__(*args, **kwargs)
        self.categories = categories
        self.region.choices = [
            SelectChoice("", Text("按单位登记的地区", "That of the unit’s record")),
            *(SelectChoice(one.code, one.name) for one in regions),
            SelectChoice(ELSEWHERE, ELSEWHERE_NAME),
        ]
        self.asks_region = bool(regions)
        self.category.choices = [
            SelectChoice("", _CHOOSE),
            *(SelectChoice(one.code, one.name) for one in categories),
        ]
        if not _SUBMIT_ID.fullmatch(self.submit_id.data or ""):
            self.submit_id.data = secrets.token_urlsafe(18)
        if not self.is_submitted() and not self.language.data:
            self.language.data = current_language().value

    @classmethod
    def of(
        cls, registration: Registration, categories: list[Category], regions: Sequence[Region]
    ) -> "StaffForm":
        """The form to change `registration`. Contacts are not shown: an empty field keeps them."""
        form = cls(
            categories,
            regions,
            data={
                "category": registration.category.code,
                "name": registration.name,
                "organisation": registration.organisation,
                "region": registration.region or ELSEWHERE,
                "id_type": registration.id_type or IdType.RESIDENT.value,
                "position": registration.position,
                "events": [event.slug for event in registration.events],
                "sessions": [str(session.id) for session in registration.sessions],
                "mode": registration.mode.value,
                "language": registration.language,
            },
        )
        form.kept = registration
        form.category.data = registration.category.code
        return form

    @property
    def chosen(self) -> Category | None:
        return next((one for one in self.categories if one.code == self.category.data), None)

    @property
    def asks_id(self) -> bool:
        return self.chosen is not None and self.chosen.asks_id

    @property
    def choosable(self) -> list[Event]:
        """Events of any category that are not over, and what the person has already."""
        events = {event.id: event for one in self.categories for event in one.events}
        had = {event.id for event in self.kept.events} if self.kept else set()
        of = self.chosen if self.kept else None
        return sorted(
            (
                event
                for event in events.values()
                if event.id in had
                or (
                    event.state is EventState.SCHEDULED
                    and event.ends_at > clock.now()
                    and (of is None or event in of.events)
                )
            ),
            key=lambda event: (event.starts_at, event.position, event.id),
        )

    def codes_of(self, event: Event) -> str:
        """The categories that may choose an event, for the script that hides the others."""
        return " ".join(one.code for one in self.categories if event in one.events)

    def validate_category(self, field: wtforms.Field) -> None:
        if self.chosen is None:
            raise ValidationError(Text("请选择参会类别。", "Choose a category."))

    def validate_events(self, field: wtforms.Field) -> None:
        if not field.data:
            raise ValidationError(Text("请至少选择一项活动。", "Choose at least one event."))
        if self.chosen is None:
            return
        slugs = {event.slug for event in self.choosable if event in self.chosen.events}
        slugs |= {event.slug for event in self.kept.events} if self.kept else set()
        if not set(field.data) <= slugs:
            raise ValidationError(
                Text(
                    "“{category}”不能参加所选的一项活动，请重新选择。",
                    "{category} cannot come to one of the events; choose again.",
                ).fill(category=self.chosen.name)
            )

    def validate_region(self, field: wtforms.Field) -> None:
        known = {choice.value for choice in self.region.choices}
        if self.asks_region and (field.data or "") not in known:
            raise ValidationError(Text("请从列表中选择地区。", "Choose a region from the list."))

    def validate_mobile(self, field: wtforms.Field) -> None:
        self.parsed_mobile = self.kept.mobile if self.kept else ""
        if field.data:
            self.parsed_mobile = _parsed(parse_mobile, field.data)
        elif not self.parsed_mobile and not self.email.data and not (self.kept and self.kept.email):
            raise ValidationError(
                Text(
                    "请填写手机号或电子邮箱，至少一项。",
                    "Enter a mobile number or an e-mail address, or both.",
                )
            )

    def validate_email(self, field: wtforms.Field) -> None:
        self.parsed_email = self.kept.email if self.kept else ""
        if field.data:
            self.parsed_email = _parsed(parse_email, field.data)

    def validate_mode(self, field: wtforms.Field) -> None:
        if field.data not in (Mode.ONSITE, Mode.ONLINE):
            raise ValidationError(Text("请选择现场或线上参加。", "Choose on site or online."))

    def validate_consents(self, field: wtforms.Field) -> None:
        if self.kept:
            return
        if "privacy" not in field.data:
            raise ValidationError(
                Text(
                    "请先告知本人个人信息处理说明，取得同意后勾选。",
                    "Tell the person how their data is used; tick the box once they agree.",
                )
            )
        if self.chosen and self.chosen.guardian_consent and "guardian" not in field.data:
            raise ValidationError(
                Text("请取得监护人同意后勾选。", "A guardian has to agree; then tick the box.")
            )

    def application(self) -> Application:
        """What was typed, as the services understand it. Call after validation."""
        kept = self.kept
        id_type, id_number = self.id_pair
        return Application(
            name=self.name.data,
            category=self.category.data,
            events=tuple(self.events.data),
            organisation=self.organisation.data or "",
            position=self.position.data or "",
            mobile=self.parsed_mobile,
            email=self.parsed_email,
            id_type=id_type,
            id_number=id_number,
            sessions=tuple(self.sessions.data or ()),
            mode=Mode(self.mode.data),
            region=self._region,
            consents=tuple(kept.consents if kept else self.consents.data),
            language=self.language.data if self.language.data in list(Language) else Language.ZH,
        )

    @property
    def _region(self) -> str | None:
        """None: that of the unit's record."""
        if not self.asks_region or not self.region.data:
            return None
        return "" if self.region.data == ELSEWHERE else str(self.region.data)


def _parsed(parse: Any, typed: str) -> str:
    try:
        return str(parse(typed))
    except BadContact as bad:
        raise ValidationError(bad.sentence) from None
