"""The audit trail in words: what was done, to what, and which field changed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from eduforum.core.dates import local
from eduforum.core.i18n import Text
from eduforum.events.roles import ROLE_NAMES
from eduforum.events.rules import MODE_NAMES, Mode
from eduforum.notices.rules import STATE_NAMES as NOTICE_STATES
from eduforum.registration.columns import SOURCE_NAMES
from eduforum.registration.history import ACTION_WORDS as REGISTRATION_WORDS
from eduforum.registration.history import FIELD_LABELS as REGISTRATION_FIELDS
from eduforum.registration.rules import STATE_NAMES
from eduforum.registration.services.letters import REASONS

ACTIONS: Mapping[str, Text] = {
    **REGISTRATION_WORDS,
    "registration.export": Text("导出报名表", "Exported registrations"),
    "ticket.reissue": Text("补发参会证", "Reissued a ticket"),
    "ticket.zones": Text("授予区域", "Gave zones to a ticket"),
    "key.rotate": Text("更换密钥", "Changed a key"),
    "press_material.create": Text("新建媒体资料", "Wrote press material"),
    "press_material.edit": Text("修改媒体资料", "Changed press material"),
    "press_material.correct": Text("更正媒体资料", "Corrected press material"),
    "press_material.withdraw": Text("撤下媒体资料", "Withdrew press material"),
    "announcement.create": Text("起草提醒或通告", "Wrote a letter to many"),
    "announcement.edit": Text("修改提醒或通告", "Changed a letter to many"),
    "announcement.schedule": Text("确认群发", "Scheduled a letter to many"),
    "announcement.revise": Text("群发退回草稿", "Took a letter to many back"),
    "announcement.start": Text("开始群发", "Began to send a letter to many"),
    "announcement.stop": Text("暂停群发", "Stopped a letter to many"),
    "announcement.resume": Text("继续群发", "Went on sending a letter to many"),
    "announcement.again": Text(
        "重新发送未送达的群发", "Sent a letter to many again to whom it failed"
    ),
    "announcement.finish": Text("群发完毕", "Finished a letter to many"),
    "announcement.cancel": Text("取消群发", "Cancelled a letter to many"),
    "privacy.days": Text("更改个人信息保存期限", "Changed how long personal data is kept"),
    "privacy.purge": Text("到期删除个人信息", "Erased personal data that was over its time"),
    "consent.give": Text("本人同意", "Agreed"),
    "screen.make": Text("生成大屏链接", "Made a link for a screen"),
    "screen.revoke": Text("停用大屏链接", "Revoked a link for a screen"),
    "online_room.set": Text("设置线上会场", "Set an online room"),
    "online_room.remove": Text("取消线上会场", "Took an online room off"),
    "walk_in.categories": Text("选定可现场补报名的类别", "Chose categories that take walk-ins"),
    "hub.join": Text("接入主服务器", "Joined a main server as its hub"),
    "consent.write": Text("修改同意文本", "Changed what people agree to"),
    "category.create": Text("新建参会类别", "Made a category"),
    "category.edit": Text("修改参会类别", "Changed a category"),
    "category.delete": Text("删除参会类别", "Deleted a category"),
    "invitation.create": Text("发出邀请或建立邀请码", "Invited somebody, or made a code"),
    "invitation.edit": Text("修改邀请", "Changed an invitation"),
    "invitation.send": Text("发送邀请信", "Sent an invitation"),
    "invitation.send_all": Text("按名单发送邀请信", "Sent the invitations of a list"),
    "invitation.remind": Text("提醒未答复的受邀人", "Reminded guests who had not answered"),
    "invitation.show_link": Text("查看受邀人链接", "Looked at a guest’s link"),
    "invitation.renew": Text("更换邀请链接或重新启用", "Renewed an invitation"),
    "invitation.withdraw": Text("撤销邀请", "Withdrew an invitation"),
    "invitation.decline": Text("受邀人答复不参加", "A guest said no"),
    "invitation.pass_on": Text("受邀人转请他人", "A guest sent somebody else"),
    "invitation.take_back": Text("受邀人改回本人参加", "A guest comes after all"),
    "pool.create": Text("新建名额池", "Made a pool of seats"),
    "pool.edit": Text("修改名额池", "Changed a pool of seats"),
    "pool.resize": Text("调整名额", "Changed the number of seats"),
    "pool.delete": Text("删除名额池", "Deleted a pool of seats"),
    "series.create": Text("新建系列活动", "Made the series"),
    "series.edit": Text("修改系列活动", "Changed the series"),
    "series.copy": Text("由上一届复制", "Copied from an earlier edition"),
    "series.load": Text("载入数据文件", "Loaded a file"),
    "event.create": Text("新建活动", "Made an event"),
    "event.edit": Text("修改活动", "Changed an event"),
    "event.cancel": Text("取消活动", "Cancelled an event"),
    "event.restore": Text("恢复活动", "Restored an event"),
    "event.delete": Text("删除活动", "Deleted an event"),
    "event.plaques": Text("修改揭牌", "Changed plaques"),
    "session.create": Text("新建场次", "Made a session"),
    "session.edit": Text("修改场次", "Changed a session"),
    "session.cancel": Text("取消场次", "Cancelled a session"),
    "session.restore": Text("恢复场次", "Restored a session"),
    "session.delete": Text("删除场次", "Deleted a session"),
    "agreement.create": Text("新建协议", "Made an agreement"),
    "agreement.edit": Text("修改协议", "Changed an agreement"),
    "agreement.delete": Text("删除协议", "Deleted an agreement"),
    "room.create": Text("新建会场", "Made a room"),
    "room.edit": Text("修改会场", "Changed a room"),
    "room.delete": Text("删除会场", "Deleted a room"),
    "point.add": Text("新建签到点", "Made a point"),
    "point.change": Text("修改签到点", "Changed a point"),
    "scan.undo": Text("撤销扫码", "Took back a scan"),
    "incident.settle": Text("处理异常", "Settled an incident"),
    "quarantine.dismiss": Text("排除待查扫码", "Dismissed a scan that did not fit"),
    "quarantine.assign": Text("认领待查扫码", "Found whose a scan was"),
    "enrol_code.make": Text("生成设备登记码", "Made a code to enrol a device"),
    "device.enrol": Text("登记签到设备", "Enrolled a device"),
    "device.revoke": Text("停用签到设备", "Shut out a device"),
    "notice.resend": Text("重新发送通知", "Sent a notice again"),
    "notice.withhold": Text("停发通知", "Withheld a notice"),
    "grant.give": Text("授予角色", "Gave a role"),
    "grant.take": Text("收回角色", "Took a role back"),
    "token.add": Text("新建访问令牌", "Made an access token"),
    "token.revoke": Text("停用访问令牌", "Ended an access token"),
    "webhook.add": Text("新建 Webhook", "Made a webhook"),
    "webhook.end": Text("停用 Webhook", "Ended a webhook"),
}
SUBJECTS: Mapping[str, Text] = {
    "registration": Text("报名", "Registration"),
    "press_material": Text("媒体资料", "Press material"),
    "ticket": Text("参会证", "Ticket"),
    "category": Text("参会类别", "Category"),
    "pool": Text("名额池", "Pool"),
    "series": Text("系列活动", "Series"),
    "event": Text("活动", "Event"),
    "session": Text("场次", "Session"),
    "agreement": Text("协议", "Agreement"),
    "room": Text("会场", "Room"),
    "point": Text("签到点", "Point"),
    "scan": Text("扫码", "Scan"),
    "incident": Text("签到异常", "Incident"),
    "quarantine": Text("待查扫码", "Scan that does not fit"),
    "device": Text("设备", "Device"),
    "notice": Text("通知", "Notice"),
    "user": Text("用户", "User"),
    "token": Text("访问令牌", "Token"),
    "webhook": Text("Webhook", "Webhook"),
}
FIELDS: Mapping[str, Text] = {
    **REGISTRATION_FIELDS,
    "name": Text("名称", "Name"),
    "name_zh": Text("中文名称", "Chinese name"),
    "name_en": Text("英文名称", "English name"),
    "slug": Text("网址名称", "Name in addresses"),
    "code": Text("代码", "Code"),
    "state": Text("状态", "State"),
    "category": Text("参会类别", "Category"),
    "source": Text("来源", "Source"),
    "changed": Text("改动的栏目", "Fields changed"),
    "fields": Text("栏目", "Fields"),
    "returned_fields": Text("需补充的栏目", "Fields to correct"),
    "reason": Text("事由", "Reason"),
    "reason_code": Text("原因", "Reason"),
    "role": Text("角色", "Role"),
    "scopes": Text("权限", "Scopes"),
    "size": Text("名额", "Seats"),
    "waiting_limit": Text("候补上限", "Longest line"),
    "admission": Text("报名方式", "Admission"),
    "opens_at": Text("开始时间", "Opens"),
    "closes_at": Text("截止时间", "Closes"),
    "edit_until": Text("修改截止", "Changes until"),
    "starts_at": Text("开始", "Starts"),
    "ends_at": Text("结束", "Ends"),
    "room": Text("会场", "Room"),
    "room_en": Text("会场英文名", "Room in English"),
    "host": Text("主办方", "Host"),
    "published": Text("已发布", "Published"),
    "capacity": Text("容量", "Capacity"),
    "kind": Text("类型", "Kind"),
    "repeat": Text("重复", "Repeat"),
    "categories": Text("参会类别", "Categories"),
    "types": Text("事件", "Types"),
    "url": Text("地址", "Address"),
    "count": Text("人数", "People"),
    "format": Text("格式", "Format"),
    "columns": Text("列", "Columns"),
    "filters": Text("筛选", "Filters"),
    "in_full": Text("完整联系方式", "Contacts in full"),
    "staff_code": Text("证号", "Staff code"),
    "key_id": Text("密钥编号", "Key number"),
    "copied_from": Text("复制自", "Copied from"),
    "code_by": Text("登记码来自", "Code made by"),
    "seats": Text("座位", "Seats"),
    "description_zh": Text("中文介绍", "Description in Chinese"),
    "description_en": Text("英文介绍", "Description in English"),
    "topics": Text("主题", "Topics"),
    "parties": Text("签约方", "Parties"),
    "plaques": Text("牌匾", "Plaques"),
    "people": Text("主持与主讲", "People on stage"),
    "time_zone": Text("时区", "Time zone"),
    "edition": Text("届次", "Edition"),
    "offer_hours": Text("候补确认时限（小时）", "Hours to accept an offer"),
    "pending_holds": Text("待审核占席位", "Held while under review"),
    "guardian_consent": Text("需监护人同意", "Guardian's consent"),
    "asks_id": Text("需填写证件号码", "ID number asked"),
    "cancelled": Text("已取消", "Cancelled"),
    "track": Text("主题线", "Track"),
    "position": Text("顺序", "Order"),
}
_YES, _NO = Text("是", "yes"), Text("否", "no")
Values = Mapping[str, Mapping[str, Text]]
_VALUES: Values = {
    "state": {
        **{state.value: name for state, name in STATE_NAMES.items()},
        **{state.value: name for state, name in NOTICE_STATES.items()},
    },
    "source": SOURCE_NAMES,
    "mode": {mode.value: MODE_NAMES[Mode(mode)] for mode in Mode},
    "role": {role.value: name for role, name in ROLE_NAMES.items()},
    "reason_code": REASONS,
}
_LONGEST = 300


def action_text(action: str) -> Text:
    """What was done; an action without words is shown as it is."""
    return ACTIONS.get(action, Text(action, action))


def field_text(name: str, subject: str) -> Text:
    """The name of a field: a registration's `name` is a person's, its `position` a post."""
    known = {**FIELDS, **REGISTRATION_FIELDS} if subject.startswith("registration:") else FIELDS
    return known.get(name, Text(name, name))


def value_text(name: str, value: Any, zone: str, more: Values) -> str:
    """A JSON value as people read it: states and roles in words, times in the series' zone.

    more: words for the values of further fields, as codes of categories.
    """
    if value is None or value == "" or value == []:
        return ""
    if isinstance(value, bool):
        return str(_YES if value else _NO)
    if isinstance(value, Mapping):
        pairs = (f"{FIELDS.get(k, k)} {value_text(k, v, zone, more)}" for k, v in value.items())
        return _cut(str(Text("；", "; ")).join(pairs))
    if isinstance(value, list):
        each = (value_text(name, one, zone, more) for one in value)
        return _cut(str(Text("、", ", ")).join(each))
    return _cut(_plain(name, str(value), zone, more))


def _plain(name: str, text: str, zone: str, more: Values) -> str:
    known = _VALUES.get(name, more.get(name, {})).get(text)
    if known:
        return str(known)
    if name in ("changed", "fields", "returned_fields") and text in FIELDS:
        return str(REGISTRATION_FIELDS.get(text, FIELDS[text]))
    return _moment(text, zone) if name.endswith(("_at", "_until")) else text


def _moment(text: str, zone: str) -> str:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return text
    return f"{local(at, zone):%Y-%m-%d %H:%M}" if at.tzinfo else text


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
