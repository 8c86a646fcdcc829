"""Files that people sent with their answers, for whoever may act on registrations."""

from uuid import UUID

from flask.typing import ResponseReturnValue

from eduforum.core import audit
from eduforum.core.db import transaction
from eduforum.events.access import guarded_series
from eduforum.files import serving
from eduforum.files.queries import file_or_404
from eduforum.registration.desk.frame import ACTORS, pages
from eduforum.registration.queries import registration_or_404
from eduforum.registration.services.answers import owner_of
from eduforum.web.access import requires


@pages.get("/desk/s/<series>/registrations/<uuid:registration_id>/files/<uuid:file_id>")
@requires(*ACTORS)
def person_file(series: str, registration_id: UUID, file_id: UUID) -> ResponseReturnValue:
    """As an attachment; who opens it is noted first."""
    known = guarded_series()
    with transaction():
        person = registration_or_404(known.id, registration_id)
        stored = file_or_404(owner_of(person), file_id)
        audit.record(
            "file.open",
            f"registration:{person.id}",
            series_id=known.id,
            after={"file": str(stored.id), "purpose": stored.purpose},
        )
    return serving.attachment(stored)
