"""When to try again and when to stop, what may happen to a notice, which webhooks are allowed."""

import re
from collections.abc import Collection
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import urlsplit

from eduforum.core.errors import BadInput, Refusal
from eduforum.core.i18n import Text


class Channel(StrEnum):
    MAIL = "mail"
    WEBHOOK = "webhook"


class NoticeState(StrEnum):
    """QUEUED waits for its time; SENDING is leased by a worker; the others are ends."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    EXPIRED = "expired"
    WITHHELD = "withheld"
    NO_ADDRESS = "no_address"


STATE_NAMES = {
    NoticeState.QUEUED: Text("待发送", "Queued"),
    NoticeState.SENDING: Text("发送中", "Sending"),
    NoticeState.SENT: Text("已发送", "Sent"),
    NoticeState.FAILED: Text("未送达", "Failed"),
    NoticeState.EXPIRED: Text("已过时效", "Out of date"),
    NoticeState.WITHHELD: Text("已停发", "Withheld"),
    NoticeState.NO_ADDRESS: Text("无邮箱", "No address"),
}
KIND_NAMES = {
    "registration-received": Text("已收到报名", "Registration received"),
    "registration-confirmed": Text("报名已确认", "Registration confirmed"),
    "registration-waitlisted": Text("进入候补", "On the waiting list"),
    "registration-offered": Text("候补席位待确认", "Seat offered"),
    "registration-returned": Text("退回补充", "Returned for completion"),
    "registration-return-ending": Text("补充信息即将截止", "Little time left to complete"),
    "registration-line-moved": Text("候补顺序调整", "Place in line changed"),
    "registration-declined": Text("报名未通过", "Registration declined"),
    "registration-withdrawn": Text("本人取消报名", "Registration withdrawn"),
    "registration-cancelled": Text("主办方取消报名", "Cancelled by the organiser"),
    "registration-expired": Text("候补席位已过期", "Offer expired"),
    "registration-replaced": Text("已换人", "Replaced by somebody else"),
    "registration-link": Text("我的报名链接", "Link to my registration"),
    "delegation-invited": Text("请联络员报送", "Liaison asked to report"),
    "delegation-link": Text("联络员新链接", "New link for a liaison"),
    "delegation-extended": Text("报送期限调整", "Another deadline for a unit"),
    "delegation-submitted": Text("代表团已提交", "Delegation submitted"),
    "delegation-code": Text("联络员验证码", "Code for a liaison"),
    "press-draft": Text("采访申请草稿", "Press: draft kept"),
    "press-received": Text("已收到采访申请", "Press: application received"),
    "press-screening": Text("采访申请开始审查", "Press: review begun"),
    "press-needs-info": Text("请媒体补充材料", "Press: more asked for"),
    "press-info-ending": Text("媒体补充即将截止", "Press: little time left to answer"),
    "press-verified": Text("媒体单位已核实", "Press: outlet verified"),
    "press-checking": Text("采访人员安全核查", "Press: security check"),
    "press-approved": Text("采访申请已通过", "Press: approved"),
    "press-zones": Text("采访区域已复核", "Press: zones settled"),
    "press-held": Text("采访申请名额待定", "Press: on hold"),
    "press-rejected": Text("采访申请未通过", "Press: rejected"),
    "press-appealed": Text("已收到复核申请", "Press: appeal received"),
    "press-upheld": Text("复核维持原决定", "Press: rejection upheld"),
    "press-overturned": Text("复核改判", "Press: rejection overturned"),
    "press-withdrawn": Text("采访申请已撤回", "Press: withdrawn"),
    "press-card-collected": Text("采访证已领取", "Press: card collected"),
    "press-card-lost": Text("采访证已挂失", "Press: card lost"),
    "press-card-reissued": Text("采访证已补发", "Press: card replaced"),
    "press-card-suspended": Text("采访证已暂停", "Press: pass suspended"),
    "press-card-reinstated": Text("采访证已恢复", "Press: pass valid again"),
    "press-card-revoked": Text("采访证已撤销", "Press: pass revoked"),
    "press-last-call": Text("领取采访证最后提醒", "Press: last call for cards"),
    "press-pool": Text("舞台拍摄安排", "Press: place in the stage pool"),
    "press-pool-cancelled": Text("舞台拍摄取消", "Press: place in the stage pool taken back"),
    "press-interview-accepted": Text("专访已约定", "Press: interview agreed"),
    "press-interview-moved": Text("专访改期", "Press: interview moved"),
    "press-interview-declined": Text("专访未获接受", "Press: interview declined"),
    "press-interview-cancelled": Text("专访取消", "Press: interview cancelled"),
    "press-interview-guest": Text("请受访方接受专访", "Interview: the person interviewed"),
    "press-interview-guest-moved": Text("受访方：专访改期", "Interview: moved"),
    "press-interview-guest-cancelled": Text("受访方：专访取消", "Interview: cancelled"),
    "press-uncollected": Text("采访证逾期未领", "Press: cards not collected"),
    "press-thanks": Text("感谢报道并征集链接", "Press: thanks, and reports asked for"),
    "press-correction": Text("媒体资料更正", "Press: correction"),
    "press-closed": Text("采访申请已结束", "Press: closed"),
    "press-link": Text("采访申请链接", "Press: link"),
    "press-code": Text("媒体查询验证码", "Press: code"),
    "invitation": Text("邀请", "Invitation"),
    "invitation-reminder": Text("提醒答复邀请", "Reminder to answer an invitation"),
    "invitation-answered": Text("已收到邀请的答复", "Answer to an invitation received"),
    "invitation-withdrawn": Text("邀请已撤销", "Invitation withdrawn"),
    "event-changed": Text("活动安排有变动", "Event changed"),
    "event-cancelled": Text("活动已取消", "Event cancelled"),
    "announcement": Text("提醒和通告", "Reminder or announcement"),
    "password-reset": Text("设置密码", "Set a password"),
}
SECRET_KINDS = frozenset({"password-reset"})
"""Letters whose link opens an account: nobody but the reader may see it."""


class Action(StrEnum):
    """Everything that can happen to a notice after it was queued."""

    CLAIM = "claim"
    RELEASE = "release"
    DELIVER = "deliver"
    GIVE_UP = "give_up"
    EXPIRE = "expire"
    WITHHOLD = "withhold"
    RESEND = "resend"


_S = NoticeState
TRANSITIONS: dict[Action, dict[NoticeState, NoticeState]] = {
    Action.CLAIM: {_S.QUEUED: _S.SENDING, _S.SENDING: _S.SENDING},
    Action.RELEASE: {_S.SENDING: _S.QUEUED},
    Action.DELIVER: {_S.SENDING: _S.SENT},
    Action.GIVE_UP: {_S.SENDING: _S.FAILED},
    Action.EXPIRE: {_S.QUEUED: _S.EXPIRED, _S.SENDING: _S.EXPIRED},
    Action.WITHHOLD: {_S.QUEUED: _S.WITHHELD, _S.FAILED: _S.WITHHELD},
    Action.RESEND: {
        _S.SENT: _S.QUEUED,
        _S.FAILED: _S.QUEUED,
        _S.WITHHELD: _S.QUEUED,
    },
}


class NoticeNotAllowed(Refusal):
    """This cannot be done to a notice in its present state."""

    code = "transition-not-allowed"

    def __init__(self, state: NoticeState) -> None:
        super().__init__(
            Text(
                "通知当前为“{state}”，不能进行此操作。",
                "This cannot be done: the notice is in the state “{state}”.",
            ).fill(state=STATE_NAMES[state])
        )


class NoLongerUseful(Refusal):
    """The notice speaks of something that is over."""

    code = "no-longer-useful"

    def __init__(self) -> None:
        super().__init__(
            Text(
                "这封通知已过时效，不再发送。",
                "This notice is out of date and is not sent any more.",
            )
        )


def after(action: Action, state: NoticeState) -> NoticeState:
    """The state that `action` leads to. Raises `NoticeNotAllowed`."""
    try:
        return TRANSITIONS[action][state]
    except KeyError:
        raise NoticeNotAllowed(state) from None


def may(action: Action, state: NoticeState) -> bool:
    return state in TRANSITIONS[action]


LEASE = timedelta(minutes=5)
"""How long a worker has a notice to itself; a dead worker's notices are taken up after it."""
_MINUTE, _HOUR = timedelta(minutes=1), timedelta(hours=1)
WAITS = (
    _MINUTE / 2, 2 * _MINUTE, 5 * _MINUTE, 15 * _MINUTE, 30 * _MINUTE, _HOUR, 2 * _HOUR,
    *[4 * _HOUR] * 17,
)  # fmt: skip
"""The wait after each failed attempt; together just under 72 hours."""
PAUSES = (_MINUTE / 2, 2 * _MINUTE, 5 * _MINUTE, 10 * _MINUTE, 15 * _MINUTE)


def next_attempt(attempts: int, now: datetime, useful_until: datetime | None) -> datetime | None:
    """When to try again after `attempts` failed ones (at least 1); None means: stop.

    30 s, 2 min, 5 min, 15 min, 30 min, 1 h, then every 2 to 4 h until 72 h have passed, and never
    at a time at which the notice is of no use any more.
    """
    if attempts > len(WAITS):
        return None
    moment = now + WAITS[attempts - 1]
    return None if useful_until and moment >= useful_until else moment


def pause(failures: int) -> timedelta:
    """How long a channel rests after failing `failures` times in a row (at least 1)."""
    return PAUSES[min(failures, len(PAUSES)) - 1]


def rests(until: datetime, now: datetime) -> bool:
    """Whether a channel still rests. An end that no pause could have: the clock was set back."""
    return now < until <= now + PAUSES[-1]


class Blame(StrEnum):
    """Whom a failed delivery concerns.

    MESSAGE: this one, try later. FINAL: this one, for good. CHANNEL: nothing can be sent now, so
    no notice is to blame.
    """

    MESSAGE = "message"
    FINAL = "final"
    CHANNEL = "channel"


class Trouble(StrEnum):
    """Why something was not delivered, as it is stored in front of the other side's words."""

    UNREACHABLE = "unreachable"
    TLS = "tls"
    AUTH = "auth"
    SENDER = "sender-refused"
    RECIPIENT = "recipient-refused"
    MESSAGE = "message-refused"
    INTERRUPTED = "interrupted"
    COMPOSE = "cannot-compose"
    WEBHOOK = "webhook-refused"
    GONE = "webhook-ended"


TROUBLE_NAMES = {
    Trouble.UNREACHABLE: Text("连接不上对方服务器", "The server cannot be reached"),
    Trouble.TLS: Text("加密连接未通过验证", "The encrypted connection could not be verified"),
    Trouble.AUTH: Text("邮件服务器不接受账号或密码", "The mail server refuses the sign-in"),
    Trouble.SENDER: Text("邮件服务器不接受发件地址", "The mail server refuses the sender"),
    Trouble.RECIPIENT: Text("收件地址被拒收", "The recipient's address was refused"),
    Trouble.MESSAGE: Text("邮件内容被拒收", "The message was refused"),
    Trouble.INTERRUPTED: Text("发送中断", "Sending was interrupted"),
    Trouble.COMPOSE: Text("信件无法生成", "The letter could not be written"),
    Trouble.WEBHOOK: Text("对方程序未接收", "The receiving program did not accept it"),
    Trouble.GONE: Text("推送地址已停用", "The webhook has ended"),
}
_LONGEST_DETAIL = 300


class DeliveryFailed(Exception):
    """Something was not delivered. `str()` is what is stored: the trouble, then their words."""

    def __init__(self, blame: Blame, trouble: Trouble, detail: str = "") -> None:
        words = " ".join(detail.split())[:_LONGEST_DETAIL]
        super().__init__(f"{trouble.value}: {words}" if words else trouble.value)
        self.blame, self.trouble = blame, trouble


def trouble_text(stored: str) -> tuple[Text, str]:
    """A stored error as a sentence in both languages, and the other side's own words."""
    word, _, detail = stored.partition(": ")
    if word in list(Trouble):
        return TROUBLE_NAMES[Trouble(word)], detail
    return Text(stored, stored), ""


class BadWebhook(BadInput):
    """The address or a type of a webhook cannot be used; `errors` says which."""


_TYPE = re.compile(r"[a-z][a-z_]*\.[a-z][a-z_]*")


def check_webhook(url: str, types: Collection[str], hosts: Collection[str]) -> None:
    """Raise `BadWebhook` unless `url` is https on one of `hosts` and `types` are well formed.

    hosts: `name` (port 443) or `name:port`, in lower case.
    """
    if not _on_allowed_host(url, hosts):
        sentence = Text(
            "推送地址须为 https，且主机在允许的名单（EDUFORUM_WEBHOOK_HOSTS）中。",
            "The address must be https, on a host that EDUFORUM_WEBHOOK_HOSTS allows.",
        )
        raise BadWebhook(sentence, {"url": [sentence]})
    wrong = sorted(name for name in types if not _TYPE.fullmatch(name))
    if wrong:
        sentence = Text(
            "无法识别的消息类型：{types}。应如 registration.confirmed。",
            "Not a type: {types}. Types look like registration.confirmed.",
        ).fill(types=", ".join(wrong)[:200])
        raise BadWebhook(sentence, {"types": [sentence]})


def _on_allowed_host(url: str, hosts: Collection[str]) -> bool:
    if not url.isascii() or any(char.isspace() for char in url) or len(url) > 2000:
        return False
    try:
        parts = urlsplit(url)
        port = parts.port or 443
    except ValueError:
        return False
    if parts.scheme != "https" or "@" in parts.netloc or not parts.hostname:
        return False
    place = f"{parts.hostname}:{port}"
    return place in {host if ":" in host else f"{host}:443" for host in hosts}
