"""What happened to a registration, in words: who did what, what was and what is."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select

from eduforum.accounts.models import ApiToken, User
from eduforum.core.audit import AuditEntry
from eduforum.core.dates import short_moment
from eduforum.core.db import db
from eduforum.core.i18n import Text
from eduforum.registration.columns import SOURCE_NAMES
from eduforum.registration.models import Registration
from eduforum.registration.rules import STATE_NAMES, State
from eduforum.registration.services.answers import first_asked
from eduforum.registration.services.letters import REASONS

FIELD_LABELS = {
    "name": Text("姓名", "Name"),
    "organisation": Text("单位", "Unit"),
    "position": Text("职务", "Position"),
    "mobile": Text("手机号", "Mobile"),
    "email": Text("电子邮箱", "E-mail"),
    "id_number": Text("证件号码", "ID number"),
    "events": Text("活动", "Events"),
    "sessions": Text("场次", "Sessions"),
    "mode": Text("参加方式", "How they take part"),
    "language": Text("语言", "Language"),
}
ACTION_WORDS = {
    "registration.register": Text("提交报名", "Registered"),
    "registration.approve": Text("通过审核", "Approved"),
    "registration.decline": Text("审核未通过", "Declined"),
    "registration.return": Text("退回补充", "Returned for completion"),
    "registration.resubmit": Text("补充后重新提交", "Submitted again"),
    "registration.edit": Text("修改报名", "Edited"),
    "registration.fill_in": Text("代为补填信息", "Filled in for the person"),
    "registration.answer": Text("填写行程与食宿", "Answered what is asked after confirmation"),
    "file.open": Text("查看上传的文件", "Opened a file that was sent"),
    "registration.withdraw": Text("取消报名", "Withdrew"),
    "registration.cancel": Text("主办方取消", "Cancelled by the organiser"),
    "registration.offer": Text("获得候补席位", "Was offered a seat"),
    "registration.accept": Text("确认候补席位", "Accepted the seat"),
    "registration.accept_for_review": Text("确认候补席位", "Accepted the seat"),
    "registration.expire": Text("候补席位过期", "The offer expired"),
    "registration.prioritise": Text("调整候补顺序", "Moved in line"),
    "registration.skip": Text("跳过候补", "Skipped in line"),
    "registration.enqueue": Text("加入候补", "Put in line"),
    "registration.leave": Text("请假", "Asked leave"),
    "registration.come_back": Text("销假", "Came back from leave"),
    "registration.reopen": Text("重新受理", "Reopened"),
    "registration.reissue_ticket": Text("补发参会证", "Ticket reissued"),
    "registration.renew_link": Text("更换个人链接", "Personal link renewed"),
    "registration.reveal": Text("查看完整联系方式", "Looked at the contact in full"),
    "privacy.erase": Text("删除个人信息", "Personal data erased"),
    "privacy.export": Text("导出个人信息", "Personal data exported"),
    "consent.withdraw": Text("撤回同意", "Took a consent back"),
    "registration.reveal_id": Text("查看完整证件号码", "Looked at the ID number in full"),
}
_ACTORS = {
    "public": Text("本人", "the person"),
    "system": Text("系统", "the system"),
}
_KINDS = {
    "command": Text("系统命令", "a command"),
    "device": Text("签到设备", "a door device"),
    "token": Text("其他程序", "another program"),
    "user": Text("工作人员", "staff"),
}
_NUMBERED = re.compile(r"(user|token):([0-9]+)")


@dataclass(frozen=True, slots=True)
class Happened:
    """One line of the history. at: short, in the series' zone; stamp: ISO 8601."""

    at: str
    stamp: str
    what: str
    who: str


def history_of(registration_id: UUID, zone: str) -> list[Happened]:
    """Everything the audit trail knows about a registration, newest first."""
    entries = db.session.scalars(
        select(AuditEntry)
        .where(AuditEntry.subject == f"registration:{registration_id}")
        .order_by(AuditEntry.id.desc())
    ).all()
    names = actor_names(entry.actor for entry in entries)
    return [
        Happened(
            at=short_moment(entry.at, zone),
            stamp=entry.at.isoformat(),
            what=_sentence(entry),
            who=str(names[entry.actor]),
        )
        for entry in entries
    ]


def actor_names(actors: Iterable[str]) -> dict[str, Text]:
    """Who these actors of the audit trail are, as people call them."""
    asked = set(actors)
    names = {actor: _ACTORS.get(actor) or _unnamed(actor) for actor in asked}
    numbers = {
        kind: [
            int(found[2])
            for actor in asked
            if (found := _NUMBERED.fullmatch(actor)) and found[1] == kind
        ]
        for kind in ("user", "token")
    }
    if numbers["user"]:
        people = select(User.id, User.name, User.email).where(User.id.in_(numbers["user"]))
        for user_id, name, email in db.session.execute(people):
            names[f"user:{user_id}"] = Text(name or email, name or email)
    if numbers["token"]:
        programs = select(ApiToken.id, ApiToken.name).where(ApiToken.id.in_(numbers["token"]))
        for token_id, name in db.session.execute(programs):
            names[f"token:{token_id}"] = Text(name, name)
    return names


@dataclass(frozen=True, slots=True)
class Correction:
    """A field that an organiser asked to have corrected. note: what is wrong; may be empty."""

    name: str
    label: Text
    note: str


def corrections(registration: Registration) -> list[Correction]:
    """What a returned person is asked to correct, in the organiser's order."""
    asked = {one.name: one.label for one in first_asked(registration.category)}
    labels = {**FIELD_LABELS, **asked}
    return [
        Correction(
            name, labels.get(name, Text(name, name)), registration.returned_notes.get(name, "")
        )
        for name in registration.returned_fields
    ]


def fields_text(fields: Sequence[str]) -> Text:
    """The names of fields, in a row."""
    labels = [FIELD_LABELS.get(name, Text(name, name)) for name in fields]
    return Text("、".join(one.zh for one in labels), ", ".join(_inside(one.en) for one in labels))


def _inside(label: str) -> str:
    """A label in the middle of a sentence; `ID` stays as it is."""
    return label if label[:2].isupper() else label[:1].lower() + label[1:]


def _unnamed(actor: str) -> Text:
    return _KINDS.get(actor.partition(":")[0], Text(actor, actor))


def _sentence(entry: AuditEntry) -> str:
    parts = [str(ACTION_WORDS.get(entry.action, Text(entry.action, entry.action)))]
    parts += [str(part) for part in _more(entry.before, entry.after)]
    return str(Text("；", "; ")).join(parts)


def _more(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Text]:
    more = []
    was, now = _state(before), _state(after)
    if was and now and was != now:
        more.append(Text(f"{was.zh} → {now.zh}", f"{was.en} → {now.en}"))
    elif now and not was:
        more.append(now)
    source = after.get("source")
    if source and source != "web":
        more.append(SOURCE_NAMES.get(source, Text(source, source)))
    if "priority" in after:
        more.append(
            Text(
                f"优先级 {before.get('priority')} → {after['priority']}",
                f"priority {before.get('priority')} → {after['priority']}",
            )
        )
    changed = after.get("changed") or after.get("returned_fields")
    if changed:
        more.append(fields_text(changed))
    if after.get("reason_code") in REASONS:
        more.append(REASONS[after["reason_code"]])
    if reason := after.get("reason"):
        more.append(Text(f"事由：{reason}", f"reason: {reason}"))
    return more


def _state(values: Mapping[str, Any]) -> Text | None:
    state = values.get("state")
    return STATE_NAMES[State(state)] if state in list(State) else None
