"""One invitation: how it stands, who came by it, its link."""

from uuid import UUID

from flask import render_template
from flask.typing import ResponseReturnValue

from eduforum.events.access import guarded_series
from eduforum.invitations import queries
from eduforum.invitations.desk.frame import ONE, READERS, may_act, pages, standing
from eduforum.registration.queries import invitation_or_404
from eduforum.web.access import requires


@pages.get(ONE)
@requires(*READERS)
def invitation(series: str, invitation_id: UUID) -> ResponseReturnValue:
    return one_page(invitation_id)


def one_page(invitation_id: UUID, *, text: str = "") -> str:
    """text: what to pass on to the guest, with the link, once somebody asked for it."""
    found = invitation_or_404(guarded_series().id, invitation_id)
    return render_template(
        "invitations/desk_one.html",
        one=found,
        standing=standing(found),
        until=queries.until_of(found),
        people=queries.registrations_by([found.id]).get(found.id, []),
        successor=queries.successors_of([found.id]).get(found.id),
        kept=queries.kept_for(found.id),
        may_act=may_act(),
        text=text,
    )
