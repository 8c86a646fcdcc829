"""Invitations are made and changed, one at a time."""

from uuid import UUID

from flask import render_template, request
from flask.typing import ResponseReturnValue

from eduforum.core.errors import BadInput
from eduforum.core.i18n import Text
from eduforum.events.access import guarded_series
from eduforum.invitations import queries
from eduforum.invitations.desk.frame import (
    ACTORS,
    ONE,
    ROOT,
    blame,
    events_to_come,
    invitable,
    pages,
    to_one,
)
from eduforum.invitations.forms import ChangeForm, CodeForm, InviteForm
from eduforum.invitations.services import manage
from eduforum.registration.queries import invitation_or_404
from eduforum.web.access import requires


@pages.route(f"{ROOT}/new", methods=["GET", "POST"])
@requires(*ACTORS)
def new_invitation(series: str) -> ResponseReturnValue:
    """Invite one person by name."""
    here = guarded_series()
    form = InviteForm(zone=here.time_zone, categories=invitable(), choosable=events_to_come())
    if form.validate_on_submit():
        guest = form.guest(form.language.data)
        try:
            made = manage.invite(here, guest, form.terms, send=form.send.data)
        except BadInput as refusal:
            blame(form, refusal)
        else:
            if made.sent_at is not None:
                return to_one(
                    made.id, Text("已邀请，邀请信已发出。", "Invited. The letter is on its way.")
                )
            return to_one(
                made.id,
                Text(
                    "已建立邀请，尚未发送。请用“查看链接”转交，或稍后发送。",
                    "The invitation is made and not sent. Show the link and pass it on, or send it later.",
                ),
                "wait",
            )
    return _page("desk_new", form)


@pages.route(f"{ROOT}/code", methods=["GET", "POST"])
@requires(*ACTORS)
def new_code(series: str) -> ResponseReturnValue:
    """Make a code for several people."""
    here = guarded_series()
    form = CodeForm(
        zone=here.time_zone, categories=invitable(), choosable=events_to_come(), data={"uses": "1"}
    )
    if form.validate_on_submit():
        try:
            made = manage.add_code(here, form.given(), form.terms)
        except BadInput as refusal:
            blame(form, refusal)
        else:
            return to_one(made.id, Text("邀请码已建立。", "The code is made."))
    return _page("desk_code", form)


@pages.route(f"{ONE}/edit", methods=["GET", "POST"])
@requires(*ACTORS)
def edit_invitation(series: str, invitation_id: UUID) -> ResponseReturnValue:
    here = guarded_series()
    one = invitation_or_404(here.id, invitation_id)
    kept = queries.kept_for(one.id)
    kept_until = next((pool.release_at for pool in kept if pool.release_at), None)
    form = ChangeForm(one, zone=here.time_zone, kept_until=kept_until)
    if form.validate_on_submit():
        guest, terms, uses = form.changed()
        try:
            manage.change(here.id, one.id, guest, terms, uses)
        except BadInput as refusal:
            blame(form, refusal)
        else:
            return to_one(one.id, Text("邀请已保存。", "The invitation is saved."))
    return _page("desk_edit", form, one=invitation_or_404(here.id, invitation_id))


def _page(name: str, form: object, **more: object) -> ResponseReturnValue:
    status = 422 if request.method == "POST" else 200
    return render_template(f"invitations/{name}.html", form=form, **more), status
