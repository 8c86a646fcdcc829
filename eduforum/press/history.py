"""What happened to an application, in words."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from eduforum.accounts.models import ApiToken, User
from eduforum.core.audit import AuditEntry
from eduforum.core.dates import short_moment
from eduforum.core.db import db
from eduforum.core.i18n import Text
from eduforum.press.models import Application, PressPerson

_WORDS = {
    "press_application.begin": Text("建立草稿", "Draft begun"),
    "press_application.edit": Text("修改单位与联络人", "Outlet or focal person changed"),
    "press_application.save_person": Text("填写人员", "A person filled in"),
    "press_application.remove_person": Text("删去人员", "A person removed"),
    "press_application.submit": Text("提交申请", "Sent in"),
    "press_application.screen": Text("开始审查", "Review begun"),
    "press_application.claim": Text("接手", "Taken over"),
    "press_application.check": Text("记录审查清单", "Checklist noted"),
    "press_application.ask": Text("要求补充", "More asked for"),
    "press_application.answer": Text("提交补充", "Answered"),
    "press_application.verify_outlet": Text("核实单位", "Outlet verified"),
    "press_application.start_check": Text("送安全核查", "Sent to the security check"),
    "press_application.end_check": Text("登记核查结果", "Result of the check entered"),
    "press_application.approve": Text("批准", "Approved"),
    "press_application.hold": Text("列为待定", "Put on hold"),
    "press_application.reject": Text("不予批准", "Rejected"),
    "press_application.appeal": Text("申请复核", "Appealed"),
    "press_application.uphold": Text("维持原决定", "Rejection upheld"),
    "press_application.overturn": Text("复核改判", "Rejection overturned"),
    "press_application.withdraw": Text("撤回", "Withdrawn"),
    "press_application.close": Text("结束", "Closed"),
    "press_application.thank": Text("发送感谢信", "Thanked"),
    "press_coverage.add": Text("填写报道链接", "A report entered"),
    "press_coverage.remove": Text("删除报道链接", "A report taken out"),
    "press_application.note": Text("内部备注", "Note of the office"),
    "press_application.renew_link": Text("更换链接", "Link renewed"),
    "press_application.reveal_id": Text("查看完整证件号码", "Looked at an ID number in full"),
    "file.open": Text("查看上传的文件", "Opened a file that was sent"),
    "press_person.approve": Text("批准", "approved"),
    "press_person.hold": Text("列为待定", "put on hold"),
    "press_person.reject": Text("不予批准", "not approved"),
    "press_person.agree": Text("复核同意区域", "zones agreed to"),
    "press_person.disagree": Text("复核未同意区域", "zones not agreed to"),
    "press_person.print": Text("制证", "card printed"),
    "press_person.collect": Text("领证", "card collected"),
    "press_person.lose": Text("挂失", "card lost"),
    "press_person.reissue": Text("补发", "card reissued"),
    "press_person.suspend": Text("暂停", "suspended"),
    "press_person.reinstate": Text("恢复", "reinstated"),
    "press_person.revoke": Text("撤销", "revoked"),
    "press_person.expire": Text("逾期未领", "not collected in time"),
    "press_person.withdraw": Text("撤回", "withdrawn"),
    "press_person.close": Text("结束", "closed"),
    "press_interview.accept": Text("已约定", "Agreed"),
    "press_interview.move": Text("改期", "Moved"),
    "press_interview.decline": Text("未接受", "Declined"),
    "press_interview.cancel": Text("取消", "Cancelled"),
}
_ACTORS = {
    "public": Text("媒体单位", "the outlet"),
    "system": Text("系统", "the system"),
}
_OTHERS = {"user": Text("工作人员", "staff"), "command": Text("命令行", "a command")}
_PROGRAM = Text("其他程序", "another program")
_NUMBERED = re.compile(r"(user|token):([0-9]+)")
_MOST = 200


@dataclass(frozen=True, slots=True)
class Happened:
    """One line. at: short, in the series' zone; stamp: ISO 8601."""

    at: str
    stamp: str
    what: Text
    who: Text


def history_of(application: Application, people: Sequence[PressPerson]) -> Sequence[Happened]:
    """Everything on record about an application and its people, the newest first."""
    names = {f"press_person:{person.id}": person.name for person in people}
    return history_of_subjects([application.owner, *names], names, application.series.time_zone)


def history_of_subjects(
    subjects: Sequence[str], names: Mapping[str, str], zone: str
) -> Sequence[Happened]:
    """Everything on record about these, the newest first. names: of those that need one said."""
    entries = db.session.scalars(
        select(AuditEntry)
        .where(AuditEntry.subject.in_(subjects))
        .order_by(AuditEntry.id.desc())
        .limit(_MOST)
    ).all()
    who = actor_names({entry.actor for entry in entries})
    return [
        Happened(
            short_moment(entry.at, zone),
            entry.at.isoformat(),
            _what(entry, names),
            who[entry.actor],
        )
        for entry in entries
    ]


def _what(entry: AuditEntry, names: Mapping[str, str]) -> Text:
    words = _WORDS.get(entry.action, Text(entry.action, entry.action))
    name = names.get(entry.subject)
    return Text("{name}：{what}", "{name}: {what}").fill(name=name, what=words) if name else words


def actor_names(actors: Iterable[str]) -> Mapping[str, Text]:
    """Who is meant by `user:7`, in two queries for all."""
    wanted = list(actors)
    keys: dict[str, set[int]] = {"user": set(), "token": set()}
    for actor in wanted:
        if found := _NUMBERED.fullmatch(actor):
            keys[found[1]].add(int(found[2]))
    known: dict[str, Text] = dict(_ACTORS)
    for key, name, email in db.session.execute(
        select(User.id, User.name, User.email).where(User.id.in_(keys["user"]))
    ):
        known[f"user:{key}"] = Text(name or email, name or email)
    for key, name in db.session.execute(
        select(ApiToken.id, ApiToken.name).where(ApiToken.id.in_(keys["token"]))
    ):
        known[f"token:{key}"] = Text(name, name)
    return {
        actor: known.get(actor, _OTHERS.get(actor.partition(":")[0], _PROGRAM)) for actor in wanted
    }
