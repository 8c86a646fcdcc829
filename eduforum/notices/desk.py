"""The outbox at the desk: what was sent to whom, what did not arrive, and sending it again."""

from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit
from uuid import UUID

from flask import (
    Blueprint,
    Response,
    current_app,
    flash,
    g,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue

from eduforum.core import clock, dates
from eduforum.core.errors import NotFound, Refusal
from eduforum.core.i18n import Text, plural, t
from eduforum.core.names import clean, mask_email
from eduforum.notices import services
from eduforum.notices.letters import Extras, Letter
from eduforum.notices.models import Notice
from eduforum.notices.queries import (
    Filter,
    counts_by_state,
    failed_count,
    kinds_in,
    notice_or_404,
    notices_page,
    pause_of,
)
from eduforum.notices.rules import (
    KIND_NAMES,
    SECRET_KINDS,
    STATE_NAMES,
    Action,
    Channel,
    NoticeState,
    may,
    trouble_text,
)
from eduforum.web.access import Role, requires
from eduforum.web.pagination import PAGE_SIZE, Page, changed_url, page_number
from eduforum.web.rail import RailItem

pages = Blueprint("notices_desk", __name__, url_prefix="/desk/s/<series>/notices")

_TONES = {
    NoticeState.SENT: "ok",
    NoticeState.QUEUED: "idle",
    NoticeState.SENDING: "now",
    NoticeState.FAILED: "bad",
    NoticeState.NO_ADDRESS: "wait",
    NoticeState.EXPIRED: "idle",
    NoticeState.WITHHELD: "idle",
}
# A letter brings its own styles; nothing else in it may load or run.
_PREVIEW_POLICY = (
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


RAIL_ITEM = RailItem(
    Text("通知", "Notices"),
    "notices_desk.notices",
    frozenset({Role.ORGANISER, Role.REGISTRAR}),
    failed_count,
)


@dataclass(frozen=True, slots=True)
class _Tab:
    label: str
    url: str
    count: int | None
    current: bool


@pages.get("")
@requires(Role.ORGANISER, Role.REGISTRAR)
def notices(series: str) -> ResponseReturnValue:
    shown, number = _filter(), page_number()
    items, total = notices_page(g.series.id, shown, number=number, size=PAGE_SIZE)
    counts = counts_by_state(g.series.id)
    return render_template(
        "notices/outbox.html",
        **_IN_TEMPLATES,
        page=Page(items, number, PAGE_SIZE, total),
        shown=shown,
        tabs=_tabs(counts, shown),
        kinds=kinds_in(g.series.id),
        failed=counts.get(NoticeState.FAILED, 0),
        any_at_all=bool(counts),
        channel_note=_channel_note(),
    )


@pages.get("/<uuid:notice_id>")
@requires(Role.ORGANISER, Role.REGISTRAR)
def notice(series: str, notice_id: UUID) -> ResponseReturnValue:
    found = notice_or_404(g.series.id, notice_id)
    extras, letter = _read(found)
    return render_template(
        "notices/notice.html",
        **_IN_TEMPLATES,
        notice=found,
        letter=letter,
        extras=extras,
        can_resend=may(Action.RESEND, found.state),
        can_withhold=may(Action.WITHHOLD, found.state),
    )


@pages.get("/<uuid:notice_id>/letter")
@requires(Role.ORGANISER, Role.REGISTRAR)
def letter(series: str, notice_id: UUID) -> ResponseReturnValue:
    """The letter in HTML as mail programs show it, without anything that could run."""
    extras, found = _read(notice_or_404(g.series.id, notice_id))
    if found is None:
        raise NotFound
    html = found.html
    for image in extras.inline:
        data = b64encode(image.png).decode()
        html = html.replace(f'"cid:{image.cid}"', f'"data:image/png;base64,{data}"')
    response = Response(html, mimetype="text/html")
    response.headers["Content-Security-Policy"] = _PREVIEW_POLICY
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@pages.post("/<uuid:notice_id>/resend")
@requires(Role.ORGANISER, Role.REGISTRAR)
def resend(series: str, notice_id: UUID) -> ResponseReturnValue:
    return _act(notice_id, services.resend, Text("已重新排队发送。", "Queued to be sent again."))


@pages.post("/<uuid:notice_id>/withhold")
@requires(Role.ORGANISER, Role.REGISTRAR)
def withhold(series: str, notice_id: UUID) -> ResponseReturnValue:
    return _act(notice_id, services.withhold, Text("已停发。", "It will not be sent."))


@pages.post("/resend-failed")
@requires(Role.ORGANISER, Role.REGISTRAR)
def resend_failed(series: str) -> ResponseReturnValue:
    again, late = services.resend_failed(g.series.id)
    done = plural(
        again,
        "{n} 封通知已重新排队发送。",
        "{n} notice was queued again.",
        "{n} notices were queued again.",
    )
    flash(str(done), "ok" if again else "wait")
    if late:
        left = plural(
            late,
            "{n} 封已过时效，未重新发送。",
            "{n} notice is out of date and was left alone.",
            "{n} notices are out of date and were left alone.",
        )
        flash(str(left), "wait")
    return redirect(url_for("notices_desk.notices", series=g.series.slug))


def _act(notice_id: UUID, change: Callable[[int, UUID], Notice], done: Text) -> ResponseReturnValue:
    try:
        change(g.series.id, notice_id)
    except NotFound:
        raise
    except Refusal as refusal:
        flash(str(refusal), "bad")
    else:
        flash(str(done), "ok")
    return redirect(url_for("notices_desk.notice", series=g.series.slug, notice_id=notice_id))


def _read(notice: Notice) -> tuple[Extras, Letter | None]:
    """What the letter carries, and the letter as its reader gets it; None if it is no letter.

    A letter about something that is gone is shown as it was written, without its link.
    """
    if notice.channel is not Channel.MAIL:
        return Extras(), None
    try:
        extras = services.extras_of(notice)
    except NotFound:
        extras = Extras()
    letter = services.frozen(notice, extras)
    hidden = notice.kind in SECRET_KINDS
    return extras, letter if hidden else letter.with_link(extras.link)


def _filter() -> Filter:
    state, kind = request.args.get("state", ""), request.args.get("kind", "")
    return Filter(
        state=NoticeState(state) if state in list(NoticeState) else None,
        kind=kind,
        q=clean(request.args.get("q", "")),
    )


def _tabs(counts: Mapping[NoticeState, int], shown: Filter) -> list[_Tab]:
    every = _Tab(
        t("全部", "All"),
        changed_url(state=None, page=None),
        sum(counts.values()),
        shown.state is None,
    )
    return [every] + [
        _Tab(
            str(STATE_NAMES[state]),
            changed_url(state=state.value, page=None),
            counts.get(state, 0),
            shown.state is state,
        )
        for state in NoticeState
        if counts.get(state) or shown.state is state
    ]


def _channel_note() -> Text | None:
    """Why nothing leaves at the moment, if so."""
    if not current_app.config["MAIL_SERVER"]:
        return Text(
            "尚未设置邮件服务器（EDUFORUM_MAIL_SERVER）。信件留在此处，可以阅读；设置后自动发出。",
            "No mail server is set (EDUFORUM_MAIL_SERVER). Letters wait here and can be read; they"
            " go out by themselves once one is set.",
        )
    resting = pause_of(Channel.MAIL)
    if resting is None or resting.until <= clock.now():
        return None
    sentence, words = trouble_text(resting.reason)
    return Text(
        "邮件暂停发送至 {time}：{why}。{words}",
        "Sending is paused until {time}: {why}. {words}",
    ).fill(time=dates.clock_text(resting.until, g.series.time_zone), why=sentence, words=words)


def _shown_recipient(notice: Notice) -> str:
    """For the list: an address in part, of a webhook its host."""
    if notice.channel is Channel.WEBHOOK:
        return urlsplit(notice.recipient).netloc
    return mask_email(notice.recipient)


def _kind_name(kind: str) -> str:
    """A kind of notice in words; the type itself for a webhook's."""
    return str(KIND_NAMES.get(kind, kind))


def _trouble(notice: Notice) -> str:
    """The last error as a sentence, with the other side's words."""
    if not notice.last_error:
        return ""
    sentence, words = trouble_text(notice.last_error)
    return (
        t("{why}（{words}）", "{why} ({words})", why=sentence, words=words)
        if words
        else str(sentence)
    )


_IN_TEMPLATES = {
    "kind_name": _kind_name,
    "state_name": STATE_NAMES.__getitem__,
    "tone": _TONES.__getitem__,
    "shown_recipient": _shown_recipient,
    "trouble": _trouble,
}
