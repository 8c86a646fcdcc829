"""Files that people sent with their answers, opened for whoever may act on registrations."""

from collections.abc import Sequence
from uuid import UUID

from eduforum.core import audit
from eduforum.core.db import transaction
from eduforum.files.models import StoredFile
from eduforum.files.queries import file_or_404, files_of
from eduforum.registration.models import Registration
from eduforum.registration.queries import registration_or_404
from eduforum.registration.services.answers import owner_of


def kept_files(registration: Registration) -> Sequence[StoredFile]:
    """The files of a registration, the oldest first."""
    return files_of(owner_of(registration))


def open_file(series_id: int, registration_id: UUID, file_id: UUID) -> StoredFile:
    """One file of a registration; who opens it is noted before it is given out.

    Raises `NotFound` for one of another registration.
    """
    with transaction():
        person = registration_or_404(series_id, registration_id)
        stored = file_or_404(owner_of(person), file_id)
        audit.record(
            "file.open",
            f"registration:{person.id}",
            series_id=series_id,
            after={"file": str(stored.id), "purpose": stored.purpose},
        )
    return stored
