"""What is done to one delegation from its page: more time, the link, the tickets."""

from functools import partial
from uuid import UUID

from flask import Response, flash, render_template, request
from flask.typing import ResponseReturnValue

from eduforum.core.errors import BadInput, NotFound, Refusal
from eduforum.core.i18n import Text
from eduforum.delegations import queries
from eduforum.delegations.desk.forms import ExtendForm
from eduforum.delegations.desk.frame import ACTORS, ROOT, pages, to_list, to_one
from eduforum.delegations.desk.one import one_page
from eduforum.delegations.printing import PDF, cards_for, send_pdf, send_zip
from eduforum.delegations.services import letters, manage
from eduforum.events.access import guarded_series
from eduforum.tickets import sheet
from eduforum.web.access import requires

_ONE = f"{ROOT}/<uuid:delegation_id>"


@pages.post(f"{_ONE}/extend")
@requires(*ACTORS)
def extend(series: str, delegation_id: UUID) -> ResponseReturnValue:
    """Another deadline for this unit alone."""
    here = guarded_series()
    form = ExtendForm(here.time_zone)
    if form.validate_on_submit() and form.until.moment is not None:
        try:
            manage.extend(here.id, delegation_id, form.until.moment)
        except BadInput as refusal:
            form.refuse("until", refusal.sentence)
        else:
            return to_one(
                delegation_id,
                Text(
                    "截止时间已修改，已通知联络员。",
                    "The deadline is changed, and the liaison told.",
                ),
            )
    return one_page(delegation_id, extend=form), 422


@pages.post(f"{_ONE}/link")
@requires(*ACTORS)
def show_link(series: str, delegation_id: UUID) -> ResponseReturnValue:
    """Show the liaison's link to hand it on; who asked is kept in the trail."""
    found = manage.show_link(guarded_series().id, delegation_id)
    pools = queries.pools_of([found.id])[found.id]
    text = letters.text_for_liaison(found, pools)
    return one_page(delegation_id, link=(letters.page_url(found), text))


@pages.post(f"{_ONE}/send")
@requires(*ACTORS)
def send_link(series: str, delegation_id: UUID) -> ResponseReturnValue:
    if manage.send_link(guarded_series().id, delegation_id):
        return to_one(
            delegation_id,
            Text("链接已发送到联络员邮箱。", "The link is on its way to the liaison."),
        )
    return to_one(
        delegation_id,
        Text(
            "联络员没有邮箱，请用“查看链接”复制后发给本人。",
            "The liaison has no e-mail address: show the link and pass it on.",
        ),
        "wait",
    )


@pages.post(f"{_ONE}/renew")
@requires(*ACTORS)
def renew_link(series: str, delegation_id: UUID) -> ResponseReturnValue:
    try:
        manage.renew_link(guarded_series().id, delegation_id)
    except BadInput as refusal:
        return to_one(delegation_id, refusal.sentence, "bad")
    return to_one(
        delegation_id,
        Text("链接已更换，原链接失效。", "There is a new link; the old one no longer works."),
    )


@pages.post(f"{_ONE}/revoke")
@requires(*ACTORS)
def revoke_link(series: str, delegation_id: UUID) -> ResponseReturnValue:
    manage.revoke_link(guarded_series().id, delegation_id)
    return to_one(
        delegation_id,
        Text("链接已停用，人员不受影响。", "The link is revoked; the people stay as they are."),
    )


@pages.post(f"{_ONE}/delete")
@requires(*ACTORS)
def delete_delegation(series: str, delegation_id: UUID) -> ResponseReturnValue:
    try:
        manage.remove(guarded_series().id, delegation_id)
    except NotFound:
        raise
    except Refusal as refusal:
        return to_one(delegation_id, refusal.sentence, "bad")
    flash(str(Text("代表团已删除。", "The delegation is deleted.")), "ok")
    return to_list()


@pages.get(f"{_ONE}/tickets.<any(pdf, zip):kind>")
@requires(*ACTORS)
def tickets(series: str, delegation_id: UUID, kind: str) -> ResponseReturnValue:
    """The tickets of the delegation; names with letters that cannot be printed are named first."""
    found = queries.delegation_or_404(guarded_series().id, delegation_id)
    cards = cards_for(found)
    if not cards:
        return to_one(
            found.id, Text("还没有可以打印的参会证。", "There are no tickets to print yet."), "wait"
        )
    missing = sheet.unprintable(cards)
    if missing and request.args.get("anyway") != "1":
        return render_template(
            "delegations/desk_glyphs.html", delegation=found, missing=missing, kind=kind
        )
    send: partial[Response] = partial(send_pdf if kind == PDF else send_zip, found, cards)
    return send()
