"""What an outlet fills in: who applies, one person, an answer, an appeal."""

from collections.abc import Mapping, Sequence
from typing import Any

import wtforms
from flask_wtf.file import FileField
from wtforms import FieldList, FormField, SelectChoice, SelectField

from eduforum.core.i18n import Text
from eduforum.core.id_numbers import ID_TYPE_NAMES, IdType
from eduforum.press.models import Application, PressPerson
from eduforum.press.rules import Coverage, JobRole, MediaGroup, OutletType, Visa
from eduforum.press.rules.forms import MOST_EQUIPMENT, MOST_INTERVIEWS
from eduforum.press.rules.words import (
    COVERAGE_NAMES,
    OUTLET_TYPE_NAMES,
    ROLE_NAMES,
    VISA_NAMES,
)
from eduforum.press.services.inputs import (
    EquipmentInput,
    InterviewInput,
    OutletInput,
    PersonInput,
)
from eduforum.web.forms import AtMost, Form, LongTextField, ManyField, Required, TextField

_NAME, _SHORT, _LONG, _EMAIL = 120, 60, 1000, 254
_SPARE_ROWS = 2
_CHOOSE = Text("请选择", "Choose")


def _choices(names: Mapping[Any, Text], empty: Text | None = None) -> list[SelectChoice]:
    first = [SelectChoice("", empty)] if empty else []
    return [*first, *(SelectChoice(key.value, name) for key, name in names.items())]


class ConfirmForm(Form):
    """A button."""


class OutletForm(Form):
    """Who applies, and who answers for it."""

    submit_id = TextField(validators=[AtMost(60)])
    outlet = TextField(
        Text("单位全称", "Name of the outlet"),
        [Required("请填写单位全称。", "Enter the full name of the outlet."), AtMost(_NAME)],
    )
    outlet_type = SelectField(
        Text("媒体类别", "Kind of media"), choices=_choices(OUTLET_TYPE_NAMES)
    )
    freelance = wtforms.BooleanField(
        Text("本人为自由撰稿人，受该单位委托", "I am a freelancer, commissioned by this outlet")
    )
    focal_name = TextField(
        Text("联络人姓名", "Focal person"),
        [Required("请填写联络人姓名。", "Enter the name of the focal person."), AtMost(_NAME)],
    )
    focal_mobile = TextField(
        Text("联络人手机号", "Mobile number"),
        [Required("请填写手机号，境外号码以 + 开头。", "Enter a mobile number."), AtMost(40)],
    )
    focal_email = TextField(
        Text("联络人电子邮箱", "E-mail"),
        [Required("请填写电子邮箱，通知将发到此处。", "Enter an e-mail address."), AtMost(_EMAIL)],
    )
    remark = LongTextField(Text("其他说明", "Anything else"), [AtMost(_LONG)])

    def outlet_input(self) -> OutletInput:
        """What was filled in. Call after validation."""
        return OutletInput(
            outlet=self.outlet.data or "",
            outlet_type=OutletType(self.outlet_type.data),
            freelance=bool(self.freelance.data),
            focal_name=self.focal_name.data or "",
            focal_mobile=self.focal_mobile.data or "",
            focal_email=self.focal_email.data or "",
            remark=self.remark.data or "",
        )


def outlet_data(application: Application) -> dict[str, Any]:
    """What the form starts with when a draft is changed."""
    names = ("outlet_type", "freelance", "focal_name", "focal_mobile", "focal_email", "remark")
    data = {name: getattr(application, name) for name in names}
    return data | {
        "outlet": application.outlet_name,
        "outlet_type": application.outlet_type.value,
        "focal_mobile": application.focal_mobile.removeprefix("+86"),
    }


class GearForm(wtforms.Form):
    name = TextField(Text("器材", "Item"))
    quantity = TextField(Text("数量", "Quantity"))
    serial = TextField(Text("序列号", "Serial number"))


class TalkForm(wtforms.Form):
    with_whom = TextField(Text("拟采访对象", "With whom"))
    topics = TextField(Text("采访话题", "Topics"))


class PersonForm(Form):
    """One member of staff. What a group need not fill in is not asked for, or marked optional."""

    name = TextField(
        Text("姓名", "Full name"),
        [Required("请填写姓名，与证件一致。", "Enter the name as on the ID."), AtMost(_NAME)],
    )
    role = SelectField(Text("岗位", "Role"), choices=_choices(ROLE_NAMES))
    press_card = TextField(Text("记者证号", "Press card number"), [AtMost(_SHORT)])
    mobile = TextField(Text("手机号", "Mobile number"), [AtMost(40)])
    email = TextField(Text("电子邮箱", "E-mail"), [AtMost(_EMAIL)])
    id_type = SelectField(Text("证件类型", "Identity document"), validate_choice=False)
    id_number = TextField(Text("证件号码", "ID number"), [AtMost(_SHORT)])
    nationality = TextField(Text("国籍", "Nationality"), [AtMost(_SHORT)])
    visa = SelectField(
        Text("签证种类", "Visa"), choices=_choices(VISA_NAMES, _CHOOSE), validate_choice=False
    )
    photo = FileField(Text("证件照", "Photo"))
    events = ManyField(Text("拟采访的活动", "Events to report on"), default=list)
    coverage = wtforms.RadioField(
        Text("直播或录制", "Live or recorded"), choices=_choices(COVERAGE_NAMES), default="none"
    )
    pool = wtforms.BooleanField(
        Text("申请进入舞台限时拍摄区", "Asks for the stage pool"),
    )
    equipment = FieldList(FormField(GearForm), max_entries=MOST_EQUIPMENT)
    plate = TextField(Text("车牌号", "Number plate"), [AtMost(20)])
    interviews = FieldList(FormField(TalkForm), max_entries=MOST_INTERVIEWS)

    def __init__(
        self, application: Application, person: PressPerson | None = None, **kwargs: Any
    ) -> None:
        super().__init__(data=_person_data(person) if person else None, **kwargs)
        self.id_type.choices = id_types(application.media_group)
        if not self.is_submitted():
            _spare(self.equipment, MOST_EQUIPMENT)
            _spare(self.interviews, MOST_INTERVIEWS)

    def person_input(self) -> PersonInput:
        """What was filled in. Call after validation."""
        return PersonInput(
            name=self.name.data or "",
            role=JobRole(self.role.data),
            press_card=self.press_card.data or "",
            mobile=self.mobile.data or "",
            email=self.email.data or "",
            id_type=self.id_type.data or "",
            id_number=self.id_number.data or "",
            nationality=self.nationality.data or "",
            visa=Visa(self.visa.data) if self.visa.data in set(Visa) else Visa.NONE,
            plate=self.plate.data or "",
            coverage=Coverage(self.coverage.data),
            pool=bool(self.pool.data),
            events=tuple(self.events.data),
            equipment=tuple(_gear(row.form) for row in self.equipment),
            interviews=tuple(
                InterviewInput(
                    with_whom=(row.form.with_whom.data or "")[:_NAME],
                    topics=(row.form.topics.data or "")[:_LONG],
                )
                for row in self.interviews
            ),
        )


def _spare(rows: FieldList, most: int) -> None:
    for _ in range(min(_SPARE_ROWS, most - len(rows))):
        rows.append_entry()


def _gear(row: Any) -> EquipmentInput:
    digits = "".join(one for one in row.quantity.data or "" if one in "0123456789")[:2]
    return EquipmentInput(
        name=(row.name.data or "")[:_NAME],
        quantity=max(1, int(digits or "1")),
        serial=(row.serial.data or "")[:_SHORT],
    )


def id_types(group: MediaGroup) -> list[SelectChoice]:
    """The usual document of the group comes first."""
    usual: Mapping[MediaGroup, Sequence[IdType]] = {
        MediaGroup.MAINLAND: (IdType.RESIDENT,),
        MediaGroup.HK_MACAO_TAIWAN: (
            IdType.HONG_KONG_MACAO,
            IdType.TAIWAN,
            IdType.RESIDENCE_PERMIT,
        ),
        MediaGroup.FOREIGN: (IdType.PASSPORT, IdType.FOREIGN_RESIDENT),
    }
    first = usual[group]
    order = (*first, *(kind for kind in IdType if kind not in first))
    return [SelectChoice(kind.value, ID_TYPE_NAMES[kind]) for kind in order]


def _person_data(person: PressPerson) -> dict[str, Any]:
    names = ("name", "press_card", "email", "id_type", "nationality", "plate", "pool")
    return {name: getattr(person, name) for name in names} | {
        "role": person.role.value,
        "visa": person.visa.value,
        "coverage": person.coverage.value,
        "mobile": person.mobile.removeprefix("+86"),
        "events": [one.event.slug for one in person.events],
        "equipment": [
            {"name": one.name, "quantity": one.quantity, "serial": one.serial}
            for one in person.equipment
        ],
        "interviews": [
            {"with_whom": one.with_whom, "topics": one.topics} for one in person.interviews
        ],
    }


class AppealForm(Form):
    grounds = LongTextField(
        Text("复核理由", "Your grounds"),
        [
            Required("请写明复核理由，如补充说明的事实。", "Say why it should be looked at again."),
            AtMost(_LONG),
        ],
    )


class NumberForm(Form):
    """Whose status is asked for."""

    number = TextField(
        Text("受理号", "Receipt number"),
        [
            Required(
                "请填写受理号，共 8 位，见提交后的通知。",
                "Enter the receipt number, 8 letters and digits, from the letter you got.",
            ),
            AtMost(40),
        ],
    )


class CodeForm(Form):
    """The code that came by mail; token: what it belongs to."""

    code = TextField(
        Text("验证码", "Code"),
        [
            Required("请填写邮件中的 6 位验证码。", "Enter the six digits from the letter."),
            AtMost(12),
        ],
    )
    token = TextField(validators=[AtMost(600)])

    @property
    def digits(self) -> str:
        return "".join(filter(str.isdigit, self.code.data or ""))
