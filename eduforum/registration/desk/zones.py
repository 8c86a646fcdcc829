"""The desk lets a registered person into zones of the venue, or takes that back."""

from uuid import UUID

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from eduforum.core.i18n import t
from eduforum.events.access import guarded_series
from eduforum.registration.desk.frame import pages, with_filters
from eduforum.registration.desk.zone_form import ZonesForm
from eduforum.registration.queries import registration_or_404
from eduforum.registration.services.zones import NoLiveTicket, has_live_ticket, set_zones
from eduforum.web.access import Role, requires


@pages.route("/desk/s/<series>/registrations/<uuid:registration_id>/zones", methods=["GET", "POST"])
@requires(Role.ORGANISER)
def zones(series: str, registration_id: UUID) -> ResponseReturnValue:
    """Zones with their hours, all at once: what is not ticked is taken back."""
    here = guarded_series()
    person = registration_or_404(here.id, registration_id)
    if person.ticket is None or not has_live_ticket(person):
        flash(str(NoLiveTicket().sentence), "bad")
        return redirect(with_filters(".registration", registration_id=registration_id), 303)
    form = ZonesForm.of(person.ticket, here.time_zone)
    if not form.validate_on_submit():
        page = render_template(
            "registration/desk_zones.html", form=form, person=person, with_filters=with_filters
        )
        return page, 422 if request.method == "POST" else 200
    set_zones(here.id, registration_id, form.grants())
    flash(t("区域已更新，各签到点下次同步后生效。", "The zones are set; doors have them with their next update."), "ok")  # fmt: skip
    return redirect(with_filters(".registration", registration_id=registration_id), 303)
