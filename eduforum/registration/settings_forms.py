"""What organisers fill in about categories and pools."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import wtforms
from wtforms import SelectChoice, SelectMultipleField, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from eduforum.core.i18n import Text
from eduforum.events.forms import MomentField
from eduforum.events.models import Event, Region
from eduforum.events.rules import MODE_NAMES, Mode
from eduforum.questions.models import QuestionForm
from eduforum.registration.models import Category, Delegation, Invitation, Pool
from eduforum.registration.rules import ADMISSION_NAMES, Admission
from eduforum.registration.services.pools import Keeping, PoolInput
from eduforum.registration.services.settings import CategoryInput
from eduforum.schedule.models import Session
from eduforum.web.forms import AtMost, Form, LocalMomentField, Required, TextField

MOST_SEATS = 1_000_000
_NAME = 60


def number(text: str, most: int = MOST_SEATS) -> int:
    """A whole number, 0 or more. Raises `ValidationError`."""
    if not text.isascii() or not text.isdigit() or len(text) > len(str(most)) or int(text) > most:
        raise ValidationError(
            Text("请填写 0 至 {most} 的整数。", "Enter a whole number from 0 to {most}.").fill(
                most=most
            )
        )
    return int(text)


class CategoryForm(Form):
    """A category. Times are on the series' clocks."""

    code = TextField(Text("代码", "Code"))
    name_zh = TextField(
        Text("中文名称", "Name in Chinese"),
        [Required("请填写中文名称。", "Enter the Chinese name."), AtMost(_NAME)],
    )
    name_en = TextField(Text("英文名称", "Name in English"), [AtMost(_NAME)])
    admission = wtforms.RadioField(
        Text("准入方式", "How people are admitted"),
        choices=[SelectChoice(kind.value, name) for kind, name in ADMISSION_NAMES.items()],
        validate_choice=False,
    )
    opens_at = MomentField(Text("开放报名", "Opens"))
    closes_at = MomentField(Text("截止报名", "Closes"))
    edit_until = MomentField(Text("修改截止", "Edits until"))
    offer_hours = TextField(
        Text("候补确认时限（小时）", "Hours to accept an offered seat"), default="12"
    )
    events = SelectMultipleField(
        Text("可参加的活动", "Events they may come to"),
        [Required("请至少选择一项活动。", "Choose at least one event.")],
        coerce=int,
        validate_choice=False,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    pending_holds = wtforms.BooleanField(
        Text("待审核人员占有席位", "People under review hold a seat")
    )
    guardian_consent = wtforms.BooleanField(Text("须经监护人同意", "A guardian has to agree"))
    transferable = wtforms.BooleanField(Text("允许本人转给他人", "People may send somebody else"))
    asks_id = wtforms.BooleanField(Text("须填写证件号码", "Ask for an ID number"))

    form_id = wtforms.SelectField(Text("表单", "Form"), validate_choice=False)

    def __init__(
        self,
        *args: Any,
        zone: str,
        choosable: Sequence[Event],
        old: Category | None,
        forms: Sequence[QuestionForm] = (),
        **kwargs: Any,
    ) -> None:
        given = kwargs.pop("data", {}) | _category_data(old)
        super().__init__(*args, data=given, **kwargs)
        self.old = old
        self.form_id.choices = [
            SelectChoice("", Text("不另外询问", "Asks nothing besides")),
            *(SelectChoice(str(one.id), one.name) for one in forms),
        ]
        self.events.choices = [SelectChoice(event.id, event.name) for event in choosable]
        for field in (self.opens_at, self.closes_at, self.edit_until):
            field.zone = zone
            if not self.is_submitted() or not field.raw_data:
                field.process_data(given.get(field.name))

    def validate_code(self, field: wtforms.Field) -> None:
        if not self.old and not field.data:
            raise ValidationError(Text("请填写代码，如 expert。", "Enter a code, such as expert."))

    def validate_admission(self, field: wtforms.Field) -> None:
        if field.data not in list(Admission):
            raise ValidationError(Text("请选择准入方式。", "Choose how people are admitted."))

    def validate_form_id(self, field: wtforms.Field) -> None:
        _known(field, "请选择表单。", "Choose a form.")

    def validate_closes_at(self, field: MomentField) -> None:
        opens = self.opens_at.moment
        if opens and field.moment and field.moment <= opens:
            raise ValidationError(Text("截止时间须晚于开放时间。", "It must close after it opens."))

    def validate_offer_hours(self, field: wtforms.Field) -> None:
        if number(field.data or "", 720) < 1:
            raise ValidationError(
                Text("请填写 1 至 720 的整数。", "Enter a whole number from 1 to 720.")
            )

    def category_input(self) -> CategoryInput:
        """Call after validation."""
        opens, closes, edits = self.opens_at.moment, self.closes_at.moment, self.edit_until.moment
        if opens is None or closes is None or edits is None:
            raise ValueError("the times were not validated")
        return CategoryInput(
            name_zh=self.name_zh.data,
            name_en=self.name_en.data or "",
            admission=Admission(self.admission.data),
            opens_at=opens,
            closes_at=closes,
            edit_until=edits,
            offer_hours=int(self.offer_hours.data),
            pending_holds=self.pending_holds.data,
            guardian_consent=self.guardian_consent.data,
            transferable=self.transferable.data,
            asks_id=self.asks_id.data,
            form_id=int(self.form_id.data) if self.form_id.data else None,
            event_ids=tuple(self.events.data),
        )


class LaterField(LocalMomentField):
    """A moment that may be left empty."""

    def process_formdata(self, values: list[str]) -> None:
        self.data = None
        if any(value.strip() for value in values):
            super().process_formdata(values)


class PoolForm(Form):
    """A pool's name and size; `NewPoolForm` adds whom it counts."""

    name_zh = TextField(
        Text("中文名称", "Name in Chinese"),
        [Required("请填写中文名称。", "Enter the Chinese name."), AtMost(_NAME)],
    )
    name_en = TextField(Text("英文名称", "Name in English"), [AtMost(_NAME)])
    size = TextField(
        Text("席位数", "Seats"), [Required("请填写席位数。", "Enter how many seats there are.")]
    )
    waiting_limit = TextField(Text("候补上限", "Longest waiting list"))
    sure = wtforms.BooleanField(Text("已知悉，仍要减少", "I know; lower it all the same"))
    reserving = wtforms.BooleanField(
        Text("为他们预留席位", "Keep these seats free for them"), default=False
    )
    release_at = LaterField(Text("释放时间", "Release on"))

    held = 0
    blocked = 0

    @classmethod
    def of(cls, pool: Pool, zone: str) -> "PoolForm":
        limit = "" if pool.waiting_limit is None else str(pool.waiting_limit)
        form = cls(
            zone=zone,
            data={
                "name_zh": pool.name_zh,
                "name_en": pool.name_en,
                "size": str(pool.size),
                "waiting_limit": limit,
                "reserving": pool.reserving,
                "release_at": pool.release_at if pool.reserving else None,
            },
        )
        form.held, form.blocked = pool.held, pool.blocked
        return form

    def __init__(self, *args: Any, zone: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.release_at.zone = zone
        if not self.is_submitted() or not self.release_at.raw_data:
            self.release_at.process_data(kwargs.get("data", {}).get("release_at"))

    @property
    def too_small(self) -> bool:
        """Whether more seats are held or kept free than the size that was typed."""
        size = self.size.data or ""
        return size.isascii() and size.isdigit() and int(size[:9]) < self.held + self.blocked

    @property
    def keeping(self) -> Keeping:
        """What the pool keeps free. Call after validation."""
        moment = self.release_at.moment if self.reserving.data else None
        return Keeping(bool(self.reserving.data), moment)

    def validate_size(self, field: wtforms.Field) -> None:
        typed = number(field.data)
        if self.held <= typed < self.held + self.blocked and not self.sure.data:
            raise ValidationError(
                Text(
                    "其中 {blocked} 席已为代表团、邀请或地区预留，连同已占的 {held} 席多于 {size}。"
                    "预留仍然有效，可能超出新的席位数。如仍要减少，请在下方勾选。",
                    "{blocked} seats are kept free for delegations, invitations or regions; with "
                    "the {held} that are held they are more than {size}. They stay promised, even "
                    "above the new size. If you mean it, tick the box below.",
                ).fill(held=self.held, blocked=self.blocked, size=field.data)
            )
        if typed < self.held and not self.sure.data:
            raise ValidationError(
                Text(
                    "已有 {held} 人占有席位，多于 {size}。他们的席位保留，有人退出后不再补充。如仍要"
                    "减少，请在下方勾选。",
                    "{held} people hold a seat, more than {size}. They keep theirs; seats that "
                    "they give up are not given again. If you mean it, tick the box below.",
                ).fill(held=self.held, size=field.data)
            )

    def validate_waiting_limit(self, field: wtforms.Field) -> None:
        if field.data:
            number(field.data)

    @property
    def limit(self) -> int | None:
        return int(self.waiting_limit.data) if self.waiting_limit.data else None


class NewPoolForm(PoolForm):
    """Whom the pool counts: everybody of a category, at an event or session, on site or online."""

    category = wtforms.SelectField(Text("类别", "Category"), validate_choice=False)
    place = wtforms.SelectField(Text("活动或场次", "Event or session"), validate_choice=False)
    whom = wtforms.SelectField(
        Text("代表团、邀请或地区", "Delegation, invitation or region"), validate_choice=False
    )
    mode = wtforms.SelectField(
        Text("参加方式", "How they take part"),
        choices=[
            SelectChoice("", Text("现场与线上", "On site and online")),
            SelectChoice(Mode.ONSITE.value, MODE_NAMES[Mode.ONSITE]),
            SelectChoice(Mode.ONLINE.value, MODE_NAMES[Mode.ONLINE]),
        ],
        validate_choice=False,
    )
    option = wtforms.SelectField(Text("表单选项", "Answer to a question"), validate_choice=False)

    def __init__(
        self,
        *args: Any,
        categories: Sequence[Category],
        choosable: Sequence[Event],
        sessions: Sequence[Session],
        options: Mapping[str, Text],
        whom: Sequence[SelectChoice],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.whom.choices = [SelectChoice("", Text("不限定", "Anybody")), *whom]
        self.category.choices = [
            SelectChoice("", Text("全部类别", "All categories")),
            *(SelectChoice(str(one.id), one.name) for one in categories),
        ]
        self.place.choices = [
            SelectChoice("", Text("全部活动", "All events")),
            *(SelectChoice(f"event:{one.id}", one.name) for one in choosable),
            *(SelectChoice(f"session:{one.id}", _within(one)) for one in sessions),
        ]
        self.option.choices = [
            SelectChoice("", Text("不限", "Any")),
            *(SelectChoice(name, words) for name, words in options.items()),
        ]

    def validate_category(self, field: wtforms.Field) -> None:
        _known(field, "请选择类别。", "Choose a category.")

    def validate_place(self, field: wtforms.Field) -> None:
        _known(field, "请选择活动或场次。", "Choose an event or a session.")
        named = (field, self.category, self.mode, self.whom, self.option)
        if not any(one.data for one in named):
            raise ValidationError(
                Text(
                    "请选择类别、活动、参加方式、代表团或表单选项，至少一项。",
                    "Choose a category, an event, a way of taking part, a delegation or an answer.",
                )
            )

    def validate_whom(self, field: wtforms.Field) -> None:
        _known(field, "请从列表中选择。", "Choose from the list.")

    def validate_reserving(self, field: wtforms.Field) -> None:
        if field.data and not self.whom.data:
            raise ValidationError(
                Text(
                    "请先选择为哪个代表团、邀请或地区预留。",
                    "Choose for which delegation, invitation or region they are kept.",
                )
            )

    def validate_mode(self, field: wtforms.Field) -> None:
        _known(field, "请选择参加方式。", "Choose how they take part.")

    def validate_option(self, field: wtforms.Field) -> None:
        _known(field, "请选择表单选项。", "Choose an answer.")

    def pool_input(self) -> PoolInput:
        """Call after validation."""
        kind, _, key = (self.place.data or "").partition(":")
        whose, _, which = (self.whom.data or "").partition(":")
        return PoolInput(
            name_zh=self.name_zh.data,
            name_en=self.name_en.data or "",
            event_id=int(key) if kind == "event" else None,
            session_id=UUID(key) if kind == "session" else None,
            category_id=int(self.category.data) if self.category.data else None,
            mode=Mode(self.mode.data) if self.mode.data else None,
            option=self.option.data or None,
            delegation_id=UUID(which) if whose == "delegation" else None,
            invitation_id=UUID(which) if whose == "invitation" else None,
            region=which if whose == "region" else None,
            size=int(self.size.data),
            waiting_limit=self.limit,
            reserving=self.keeping.reserving,
            release_at=self.keeping.release_at,
        )


def _known(field: wtforms.SelectField, zh: str, en: str) -> None:
    if (field.data or "") not in {choice.value for choice in field.choices}:
        raise ValidationError(Text(zh, en))


def whom_choices(
    regions: Sequence[Region], delegations: Sequence[Delegation], invitations: Sequence[Invitation]
) -> list[SelectChoice]:
    """Who may have seats of their own."""
    return [
        *(
            SelectChoice(
                f"region:{one.code}", Text("地区：{name}", "Region: {name}").fill(name=one.name)
            )
            for one in regions
        ),
        *(
            SelectChoice(
                f"delegation:{one.id}",
                Text("代表团：{unit}", "Delegation: {unit}").fill(unit=one.unit),
            )
            for one in delegations
        ),
        *(
            SelectChoice(
                f"invitation:{one.id}",
                Text("邀请：{name}", "Invitation: {name}").fill(name=one.code or one.name),
            )
            for one in invitations
        ),
    ]


def _within(session: Session) -> Text:
    return Text("场次：{name}", "Session: {name}").fill(name=session.name)


def _category_data(old: Category | None) -> dict[str, Any]:
    if old is None:
        return {}
    return {
        "code": old.code,
        "name_zh": old.name_zh,
        "name_en": old.name_en,
        "admission": old.admission.value,
        "opens_at": old.opens_at,
        "closes_at": old.closes_at,
        "edit_until": old.edit_until,
        "offer_hours": str(old.offer_hours),
        "events": [event.id for event in old.events],
        "pending_holds": old.pending_holds,
        "guardian_consent": old.guardian_consent,
        "transferable": old.transferable,
        "asks_id": old.asks_id,
        "form_id": str(old.form_id or ""),
    }
