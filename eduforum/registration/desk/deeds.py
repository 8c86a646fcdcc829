"""What organisers can do to a registration: the words, the states, the question asked before."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from uuid import UUID

from eduforum.core.i18n import Text
from eduforum.registration import services
from eduforum.registration.desk.deed_forms import (
    CancelForm,
    DeclineForm,
    DeedForm,
    PriorityForm,
    ReasonForm,
    ReturnForm,
)
from eduforum.registration.models import Category
from eduforum.registration.rules import IN_LINE, LIVE, TRANSITIONS, Action, State
from eduforum.registration.services.answers import first_asked
from eduforum.web.forms import Form


@dataclass(frozen=True, slots=True)
class Deed:
    """Something that can be done to a registration.

    key: in the address. name: on the button. told: what will happen, before it happens. done: said
    afterwards. asks: a page asks before it is done. form: what the page asks for. bad: it takes
    something away. first: the first thing to do in such a state. bulk: may be done to many.
    """

    key: str
    name: Text
    told: Text
    done: Text
    states: Collection[State]
    run: Callable[..., object]
    form: type[DeedForm] = DeedForm
    asks: bool = True
    bad: bool = False
    first: bool = False
    bulk: bool = False
    needs_email: bool = False

    def form_for(self, zone: str, category: Category | None = None) -> DeedForm:
        """The form for a series in this time zone. category: of the one person it is about."""
        if self.form is not ReturnForm:
            return self.form()
        return ReturnForm(zone=zone, questions=first_asked(category) if category else ())


def _from(action: Action) -> Collection[State]:
    return TRANSITIONS[action].keys()


_ALL = (
    Deed(
        "approve",
        Text("通过并发参会证", "Approve, send ticket"),
        Text(
            "将确认报名，发出参会证，并发送通知。",
            "The registration is confirmed, the ticket issued, and the person told.",
        ),
        Text("已通过，参会证已发出。", "Approved; the ticket is on its way."),
        _from(Action.APPROVE),
        services.approve,
        asks=False,
        first=True,
        bulk=True,
    ),
    Deed(
        "return",
        Text("退回补充", "Return"),
        Text(
            "将请本人在期限前更正所选栏目，席位保留，并发送通知。",
            "The person is asked to correct these fields in time. The seat is kept.",
        ),
        Text("已退回，通知已发送。", "Returned; the person is told."),
        _from(Action.RETURN),
        services.return_,
        ReturnForm,
        bulk=True,
    ),
    Deed(
        "decline",
        Text("不通过", "Decline"),
        Text(
            "将释放席位，并把原因写入通知。本人不能自行重新报名，需要时由工作台重新受理。",
            "The seat is given back and the reason mailed. The person cannot register again by "
            "themselves; the desk can reopen it.",
        ),
        Text("已设为未通过，通知已发送。", "Declined; the person is told."),
        _from(Action.DECLINE),
        services.decline,
        DeclineForm,
        bad=True,
        bulk=True,
    ),
    Deed(
        "accept",
        Text("代为确认席位", "Accept for them"),
        Text("将代本人确认候补席位。", "The seat that was offered is accepted for the person."),
        Text("已代为确认席位。", "The seat is accepted."),
        _from(Action.ACCEPT),
        services.accept,
        asks=False,
        first=True,
    ),
    Deed(
        "reopen",
        Text("重新受理", "Reopen"),
        Text("将恢复为待审核。", "It goes back to review."),
        Text("已重新受理，请审核。", "Reopened; it waits for review."),
        _from(Action.REOPEN),
        services.reopen,
        asks=False,
        first=True,
    ),
    Deed(
        "come-back",
        Text("销假", "Back from leave"),
        Text(
            "将恢复为已确认，参会证重新有效。",
            "It is confirmed again, and the ticket valid again.",
        ),
        Text("已销假，参会证重新有效。", "Back from leave; the ticket is valid again."),
        _from(Action.COME_BACK),
        services.come_back,
        asks=False,
        first=True,
    ),
    Deed(
        "prioritise",
        Text("调整候补顺序", "Move in line"),
        Text(
            "优先级高的排在前面，相同的按先后。排到后面时将通知本人。",
            "Higher priorities come first, equal ones by time. Somebody who is moved down is told.",
        ),
        Text("候补顺序已调整。", "The order is changed."),
        IN_LINE,
        services.prioritise,
        PriorityForm,
    ),
    Deed(
        "skip",
        Text("跳过", "Skip"),
        Text(
            "将排到现有候补人员之后，并把原因通知本人。",
            "They go behind everybody who waits now, and are told why.",
        ),
        Text("已排到末位，通知已发送。", "Moved to the end; the person is told."),
        IN_LINE,
        services.skip,
        ReasonForm,
    ),
    Deed(
        "enqueue",
        Text("加入候补", "Put in line"),
        Text(
            "将从现在起候补，不受候补上限限制；有空席时立即发出席位。通知将发送给本人。",
            "They wait from now on, even where the line is full, and are told. A free seat is "
            "offered at once.",
        ),
        Text("已加入候补，通知已发送。", "In line now; the person is told."),
        _from(Action.ENQUEUE),
        services.enqueue,
        ReasonForm,
    ),
    Deed(
        "leave",
        Text("请假", "On leave"),
        Text(
            "将停用参会证，席位转给候补人员；销假时须仍有空席。",
            "The ticket is suspended and the seat goes to the line. Coming back needs a free seat.",
        ),
        Text("已请假，席位已释放。", "On leave; the seat is given back."),
        _from(Action.LEAVE),
        services.leave,
    ),
    Deed(
        "reissue-ticket",
        Text("补发参会证", "Reissue ticket"),
        Text(
            "原参会证立即作废，新参会证随通知发送。",
            "The present ticket is void at once; a new one is mailed.",
        ),
        Text("新参会证已发出，原证已作废。", "A new ticket is on its way; the old one is void."),
        (State.CONFIRMED,),
        services.reissue_ticket,
    ),
    Deed(
        "renew-link",
        Text("更换个人链接", "Renew link"),
        Text(
            "原链接立即失效，新链接随通知发送。",
            "The present link stops working at once; a new one is mailed.",
        ),
        Text("个人链接已更换。", "The link is renewed."),
        tuple(State),
        services.renew_link,
    ),
    Deed(
        "send-link",
        Text("重发个人链接", "Send link again"),
        Text("将再次发送个人链接。", "The personal link is mailed again."),
        Text("个人链接已发送。", "The link is on its way."),
        tuple(State),
        services.send_link_to,
        asks=False,
        needs_email=True,
    ),
    Deed(
        "withdraw",
        Text("代为取消报名", "Withdraw for them"),
        Text(
            "本人要求取消时使用：将释放席位，参会证作废，并发送通知。",
            "For somebody who asked for it: the seat is given back, the ticket is void, and the "
            "person is told.",
        ),
        Text("已代为取消报名。", "Withdrawn."),
        _from(Action.WITHDRAW),
        services.withdraw,
        bad=True,
    ),
    Deed(
        "cancel",
        Text("取消报名", "Cancel"),
        Text(
            "将释放席位，参会证作废，并把原因写入通知。",
            "The seat is given back, the ticket is void, and the reason is mailed.",
        ),
        Text("已取消，通知已发送。", "Cancelled; the person is told."),
        LIVE,
        services.cancel,
        CancelForm,
        bad=True,
        bulk=True,
    ),
)
DEEDS = {deed.key: deed for deed in _ALL}


def do(deed: Deed, series_id: int, registration_id: UUID, form: Form) -> None:
    """Carry it out. Raises the service's refusals."""
    arguments = form.arguments() if isinstance(form, DeedForm) else {}
    deed.run(series_id, registration_id, **arguments)
