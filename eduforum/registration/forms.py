"""What people fill in: an application in steps, changes to it, and the way back to it."""

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

import wtforms
from wtforms import ValidationError

from eduforum.consents.queries import wordings
from eduforum.consents.rules import WELCOME
from eduforum.core.contacts import BadContact, parse_email, parse_mobile
from eduforum.core.i18n import Text, current_language
from eduforum.events.models import Organisation
from eduforum.events.queries import organisation_named
from eduforum.events.rules import Mode
from eduforum.questions.forms import AsksQuestions
from eduforum.registration.answering import questions_for
from eduforum.registration.choices import Counter, Offer
from eduforum.registration.id_form import AGREE_TO_ID, IdFields
from eduforum.registration.models import Category
from eduforum.registration.rules import Admission, RegistrationClosed, check_open
from eduforum.registration.services import Application
from eduforum.registration.services.invited import no_such_code, why_not
from eduforum.registration.steps import Stepped
from eduforum.web.forms import AtMost, Form, ManyField, Required, TextField

CONSENTS = ("privacy", "id", "guardian")
ELSEWHERE = "other"
"""Stands in the form for none of the host regions."""
ELSEWHERE_NAME = Text("其他地区", "Another region")
_SUBMIT_ID = re.compile(r"[A-Za-z0-9_-]{16,64}")


class PersonForm(IdFields, AsksQuestions):
    """Who comes, and to what: the part that an application and a later change share."""

    events = ManyField(Text("活动", "Events"), default=list)
    sessions = ManyField(Text("场次", "Sessions"), default=list)
    mode = TextField(Text("参加方式", "How you take part"))
    name = TextField(
        Text("姓名", "Full name"),
        [Required("请填写姓名，与证件一致。", "Enter your name as on your ID."), AtMost(120)],
    )
    organisation = TextField(Text("单位", "Organisation"), [AtMost(120)])
    region = TextField(Text("所在地区", "Region"))
    position = TextField(Text("职务", "Position"), [AtMost(60)])
    mobile_code = TextField(Text("国家和地区代码", "Country or region code"), default="+86")
    mobile = TextField(Text("手机号", "Mobile number"), [AtMost(40)])
    email = TextField(Text("电子邮箱", "E-mail"), [AtMost(254)])

    offer: Offer | None = None
    parsed_mobile = ""
    parsed_email = ""
    locked_email = False

    def validate_events(self, field: wtforms.Field) -> None:
        if self.offer is None:
            return
        known = {choice.event.slug for choice in self.offer.choices}
        if not field.data:
            raise ValidationError(Text("请至少选择一项活动。", "Choose at least one event."))
        if not set(field.data) <= known:
            raise ValidationError(
                Text(
                    "所选活动中有一项不能报名，请重新选择。",
                    "One of the events cannot be chosen; choose again.",
                )
            )
        clash = self.offer.one_too_many(field.data)
        if clash:
            raise ValidationError(
                Text(
                    "“{first}”与“{second}”同时举行，请只选一项。",
                    "“{first}” and “{second}” take place at the same time; choose one of them.",
                ).fill(first=clash.first.name, second=clash.second.name)
            )

    def validate_sessions(self, field: wtforms.Field) -> None:
        if self.offer is None:
            return
        events = {
            str(one.session.id): choice.event
            for choice in self.offer.choices
            for one in choice.sessions
        }
        for wanted in field.data:
            event = events.get(wanted)
            if event is None:
                raise ValidationError(
                    Text(
                        "所选场次中有一场不能报名，请重新选择。",
                        "One of the sessions cannot be chosen; choose again.",
                    )
                )
            if event.slug not in self.events.data:
                raise ValidationError(
                    Text(
                        "所选场次属于“{event}”，请同时选择该活动。",
                        "A session you chose is part of “{event}”; choose that event too.",
                    ).fill(event=event.name)
                )

    def validate_mode(self, field: wtforms.Field) -> None:
        if field.data and field.data not in (Mode.ONSITE, Mode.ONLINE):
            raise ValidationError(
                Text("请选择现场或线上参加。", "Choose to take part on site or online.")
            )
        for choice in self.offer.chosen(self.events.data) if self.offer else ():
            if choice.event.mode not in (Mode.HYBRID, self.chosen_mode):
                sentence = (
                    Text(
                        "“{event}”只在现场举行，请改为现场参加，或不选这项活动。",
                        "“{event}” is on site only: take part on site, or leave it out.",
                    )
                    if choice.event.mode is Mode.ONSITE
                    else Text(
                        "“{event}”只在线上举行，请改为线上参加，或不选这项活动。",
                        "“{event}” is online only: take part online, or leave it out.",
                    )
                )
                raise ValidationError(sentence.fill(event=choice.event.name))

    def validate_organisation(self, field: wtforms.Field) -> None:
        if not field.data and self.is_reviewed:
            raise ValidationError(
                Text("请填写单位全称。", "Enter the full name of your organisation.")
            )

    def validate_region(self, field: wtforms.Field) -> None:
        known = {ELSEWHERE, *(one.code for one in self.offer.regions)} if self.offer else set()
        if self.asks_region and field.data not in known:
            raise ValidationError(
                Text("请选择单位所在的地区。", "Choose the region of your organisation.")
            )

    def validate_position(self, field: wtforms.Field) -> None:
        if not field.data and self.is_reviewed:
            raise ValidationError(
                Text("请填写职务；没有职务请填“无”。", "Enter your position; write “none” if none.")
            )

    def validate_mobile(self, field: wtforms.Field) -> None:
        self.parsed_mobile = ""
        if not field.data:
            if not self.email.data:
                raise ValidationError(
                    Text(
                        "请填写手机号或电子邮箱，至少一项。",
                        "Enter a mobile number or an e-mail address, or both.",
                    )
                )
            return
        try:
            self.parsed_mobile = parse_mobile(_with_code(self.mobile_code.data, field.data))
        except BadContact as bad:
            raise ValidationError(bad.sentence) from None

    def validate_email(self, field: wtforms.Field) -> None:
        self.parsed_email = ""
        if not field.data:
            return
        try:
            self.parsed_email = parse_email(field.data)
        except BadContact as bad:
            raise ValidationError(bad.sentence) from None

    @property
    def asks_id(self) -> bool:
        return self.offer is not None and self.offer.category.asks_id

    @property
    def asks_region(self) -> bool:
        """Whether seats are counted by region, so that one has to be chosen."""
        return self.offer is not None and bool(self.offer.regions)

    @property
    def region_name(self) -> Text:
        """What was chosen, in words."""
        chosen = (
            next((one for one in self.offer.regions if one.code == self.region.data), None)
            if self.offer
            else None
        )
        return chosen.name if chosen else ELSEWHERE_NAME

    @property
    def _region(self) -> str | None:
        if not self.asks_region:
            return None
        return "" if self.region.data == ELSEWHERE else self.region.data

    @property
    def chosen_mode(self) -> Mode:
        if self.mode.data in (Mode.ONSITE, Mode.ONLINE):
            return Mode(self.mode.data)
        return Mode.ONSITE if self.offer is None or self.offer.has_onsite else Mode.ONLINE

    @cached_property
    def unit(self) -> Organisation | None:
        """The organisation that was meant, if it is known under the name that was typed."""
        return organisation_named(self.organisation.data or "")

    @property
    def is_resolved(self) -> bool:
        """Whether the organisation was found under another name than the one that was typed."""
        return self.unit is not None and self.unit.name_zh != self.organisation.data

    @property
    def is_reviewed(self) -> bool:
        """Whether an organiser decides, and so has to know where the person comes from."""
        return self.offer is not None and self.offer.category.admission is not Admission.OPEN

    def _application(self, category: Category, consents: Sequence[str]) -> Application:
        said = self.questions.accepted if self.questions else None
        id_type, id_number = self.id_pair
        return Application(
            name=self.name.data,
            organisation=self.organisation.data or "",
            region=self._region,
            position=self.position.data or "",
            mobile=self.parsed_mobile,
            email=self.parsed_email,
            id_type=id_type,
            id_number=id_number,
            category=category.code,
            events=tuple(self.events.data),
            sessions=tuple(self.sessions.data),
            mode=self.chosen_mode,
            answers=said.answers if said else None,
            consents=(*consents, *(said.consents if said else ())),
            language=current_language().value,
        )


class ApplicationForm(Stepped, PersonForm):
    """One application over several steps. Every step sends all that was typed so far."""

    category = TextField(Text("参会类别", "Category"))
    invitation_code = TextField(Text("邀请码", "Invitation code"), [AtMost(40)])
    consents = ManyField(Text("同意事项", "Consent"), default=list)
    read = ManyField(Text("所见文本", "Texts as shown"), default=list)
    submit_id = TextField(Text("提交编号", "Number of this submission"))

    def __init__(self, counter: Counter, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.counter = counter
        if counter.invitation is not None:
            self.category.data = counter.invitation.category.code
            self.locked_email = counter.invitation.lock_email and self.begins_invited
        chosen = self.chosen_category
        self.offer = counter.offer(chosen) if chosen in counter.open and chosen else None
        if not _SUBMIT_ID.fullmatch(self.submit_id.data or ""):
            self.submit_id.data = secrets.token_urlsafe(18)
        self.questions = questions_for(self.offer.category if self.offer else None, **kwargs)

    @classmethod
    def begun(cls, counter: Counter, wanted: Mapping[str, str]) -> "ApplicationForm":
        """An empty form; `wanted` may name a category (`c`) and an event (`e`) to start with."""
        event = wanted.get("e", "")
        fitting = [c for c in counter.open if not event or any(e.slug == event for e in c.events)]
        codes = [c.code for c in fitting if c.code == wanted.get("c")] or [c.code for c in fitting]
        return cls(
            counter,
            formdata=None,
            data={
                "category": codes[0] if len(codes) == 1 else "",
                "events": [event] if event and fitting else [],
                "sessions": [],
                "consents": [],
                **_known_of(counter),
            },
        )

    @property
    def begins_invited(self) -> bool:
        """Whether the person is invited by name: the category is decided, and who he is known."""
        invitation = self.counter.invitation
        return invitation is not None and invitation.is_personal

    @property
    def takes_code(self) -> bool:
        return not self.begins_invited

    @property
    def chosen_category(self) -> Category | None:
        return self.counter.category(self.category.data)

    def validate_category(self, field: wtforms.Field) -> None:
        chosen = self.chosen_category
        if chosen is None:
            raise ValidationError(Text("请选择参会类别。", "Choose a category."))
        if not self.counter.lets_in(chosen):
            raise ValidationError(
                Text(
                    "“{category}”不接受个人在线报名，请选择其他类别。",
                    "“{category}” is not open to registration by oneself; choose another.",
                ).fill(category=chosen.name)
            )
        try:
            check_open(self.counter.now, chosen.opens_at, chosen.closes_at)
        except RegistrationClosed as closed:
            raise ValidationError(
                Text(
                    "“{category}”{zh}请选择其他类别。",
                    "“{category}”: {en} Choose another category.",
                ).fill(category=chosen.name, zh=closed.sentence.zh, en=closed.sentence.en)
            ) from None

    def validate_invitation_code(self, field: wtforms.Field) -> None:
        if not field.data or self.begins_invited:
            return
        invitation = self.counter.invitation
        if invitation is None:
            raise ValidationError(no_such_code().sentence)
        if why := why_not(invitation):
            raise ValidationError(why)

    def validate_consents(self, field: wtforms.Field) -> None:
        texts = wordings(self.counter.series.id).values()
        now = {f"{one.code}.{one.version}" for one in texts if one.code != WELCOME}
        if self.read.data and not now <= set(self.read.data):
            field.data = []
            raise ValidationError(
                Text(
                    "说明文本刚刚有更新，请重新阅读后勾选。",
                    "These texts have just changed; read them again.",
                )
            )
        if "privacy" not in field.data:
            raise ValidationError(
                Text(
                    "请阅读个人信息处理说明，同意后勾选。",
                    "Read the privacy notice and tick the box if you agree.",
                )
            )
        if self.asks_id and "id" not in field.data:
            raise ValidationError(AGREE_TO_ID)
        chosen = self.chosen_category
        if chosen and chosen.guardian_consent and "guardian" not in field.data:
            raise ValidationError(
                Text("请监护人同意后勾选。", "A guardian has to agree; then tick the box.")
            )

    def application(self) -> Application:
        """What was typed, as the services understand it. Call after validation."""
        chosen = self.chosen_category
        if chosen is None:
            raise ValueError("the category was not validated")
        plain = [code for code in CONSENTS if code in self.consents.data]
        invitation = self.counter.invitation
        return replace(
            self._application(chosen, plain), invitation_id=invitation.id if invitation else None
        )


def _known_of(counter: Counter) -> dict[str, Any]:
    """What an invitation by name says already, and the events at which it keeps a seat."""
    invitation = counter.invitation
    if invitation is None or not invitation.is_personal:
        return {}
    kept = {pool.event_id for pool in counter.pools if pool.invitation_id == invitation.id}
    events = [e for e in invitation.category.events if e.id in kept]
    slugs = {} if not events else {"events": [event.slug for event in events]}
    return slugs | {
        "name": invitation.name,
        "organisation": invitation.organisation,
        "position": invitation.position,
        "mobile_code": "+86" if is_mainland(invitation.mobile) else "",
        "mobile": invitation.mobile.removeprefix("+86"),
        "email": invitation.email,
    }


class ConfirmForm(Form):
    """A button and nothing else; it carries the CSRF token."""


def _with_code(code: str | None, number: str) -> str:
    """The number with its country code; one that brings its own keeps it."""
    digits = re.sub(r"\D", "", code or "").removeprefix("00")
    if digits in ("", "86") or number.startswith(("+", "00")):
        return number
    return f"+{digits}{number}"


def is_mainland(mobile: str) -> bool:
    """Whether a number is written without its country code."""
    return not mobile or mobile.startswith("+86")
