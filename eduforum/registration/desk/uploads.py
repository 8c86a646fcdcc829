"""Files that people sent with their answers, for whoever may act on registrations."""

from uuid import UUID

from flask.typing import ResponseReturnValue

from eduforum.events.access import guarded_series
from eduforum.files import serving
from eduforum.registration.desk.frame import ACTORS, pages
from eduforum.registration.services.uploads import open_file
from eduforum.web.access import requires


@pages.get("/desk/s/<series>/registrations/<uuid:registration_id>/files/<uuid:file_id>")
@requires(*ACTORS)
def person_file(series: str, registration_id: UUID, file_id: UUID) -> ResponseReturnValue:
    """As an attachment; who opens it is noted first."""
    return serving.attachment(open_file(guarded_series().id, registration_id, file_id))
