"""The press room: what is open now, for everybody, without an account."""

from uuid import UUID

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from eduforum.core import clock
from eduforum.events.access import guarded_series
from eduforum.files import serving
from eduforum.files.queries import file_or_404
from eduforum.pressroom import queries
from eduforum.pressroom.rules import KIND_NAMES
from eduforum.schedule.links import site_url
from eduforum.web.access import public
from eduforum.web.caching import shared

pages = Blueprint("pressroom", __name__, url_prefix="/s/<series>/press/room")


@pages.get("")
@public
@shared
def room(series: str) -> ResponseReturnValue:
    """What is open, by kind."""
    here = guarded_series()
    materials = queries.open_materials(here.id, clock.now())
    groups = [(name, [one for one in materials if one.kind is kind]) for kind, name in _KINDS]
    return render_template(
        "pressroom/room.html",
        series=here,
        sample_data=here.sample,
        groups=[(name, ones) for name, ones in groups if ones],
        files=queries.files_by_owner(materials),
        address=f"{site_url()}/s/{here.slug}/press/room",
    )


@pages.get("/<uuid:material_id>/<uuid:file_id>")
@public
def file(series: str, material_id: UUID, file_id: UUID) -> ResponseReturnValue:
    """A file of an open material, to be saved; kept by nobody on the way."""
    one = queries.open_material_or_404(guarded_series().id, material_id, clock.now())
    return serving.attachment(file_or_404(one.owner, file_id))


_KINDS = tuple(KIND_NAMES.items())
