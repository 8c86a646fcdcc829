"""What is done to one invitation from its page."""

from uuid import UUID

from flask.typing import ResponseReturnValue

from eduforum.core.i18n import Text
from eduforum.events.access import guarded_series
from eduforum.invitations.desk.frame import ACTORS, ONE, pages, to_one
from eduforum.invitations.desk.one import one_page
from eduforum.invitations.services import letters, manage
from eduforum.registration.queries import invitation_or_404
from eduforum.web.access import requires


@pages.post(f"{ONE}/send")
@requires(*ACTORS)
def send_invitation(series: str, invitation_id: UUID) -> ResponseReturnValue:
    if manage.send(guarded_series().id, invitation_id):
        return to_one(invitation_id, Text("邀请信已发出。", "The invitation is on its way."))
    return to_one(
        invitation_id,
        Text(
            "受邀人没有邮箱，请用“查看链接”复制后发给本人。",
            "The guest has no e-mail address: show the link and pass it on.",
        ),
        "wait",
    )


@pages.post(f"{ONE}/link")
@requires(*ACTORS)
def show_link(series: str, invitation_id: UUID) -> ResponseReturnValue:
    """Show the guest's link to hand it on; who asked is kept in the trail."""
    here = guarded_series()
    manage.show_link(here.id, invitation_id)
    found = invitation_or_404(here.id, invitation_id)
    return one_page(invitation_id, text=letters.text_for_guest(found))


@pages.post(f"{ONE}/renew")
@requires(*ACTORS)
def renew_invitation(series: str, invitation_id: UUID) -> ResponseReturnValue:
    if manage.renew(guarded_series().id, invitation_id).is_personal:
        return to_one(
            invitation_id,
            Text(
                "链接已更换，原链接失效。请重新发送。",
                "There is a new link; the old one no longer works. Send it again.",
            ),
        )
    return to_one(invitation_id, Text("邀请码已重新启用。", "The code works again."))


@pages.post(f"{ONE}/withdraw")
@requires(*ACTORS)
def withdraw_invitation(series: str, invitation_id: UUID) -> ResponseReturnValue:
    manage.withdraw(guarded_series().id, invitation_id)
    return to_one(
        invitation_id,
        Text(
            "邀请已撤销，预留的席位已释放。已报名的人员不受影响。",
            "The invitation is withdrawn and its seats are free. Who has registered stays so.",
        ),
    )
