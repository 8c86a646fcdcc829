"""Files that people sent with their answers, for organisers' programs."""

from typing import Annotated, TypedDict
from uuid import UUID

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from eduforum.core.i18n import Text
from eduforum.events.access import principal
from eduforum.files import serving
from eduforum.files.models import StoredFile
from eduforum.files.rules import MEDIA_TYPES
from eduforum.registration.queries import reachable_or_404
from eduforum.registration.services.uploads import kept_files, open_file
from eduforum.web.access import Scope, scoped
from eduforum.web.operations import File, Group, operation
from eduforum.web.schema import Id, Moment, moment

endpoints = Blueprint("registration_files_api", __name__)


class AnswerFile(TypedDict):
    """A file of a registration; its id is the answer to a question."""

    id: Id
    purpose: Annotated[str, Text("用于哪个问题", "Which question it answers")]
    name: str
    media_type: str
    size: Annotated[int, Text("字节数", "In bytes")]
    stored_at: Moment


class AnswerFiles(TypedDict):
    items: list[AnswerFile]


@endpoints.get("/registrations/<uuid:registration>/files")
@scoped(Scope.MANAGE)
@operation(Group.REGISTRATIONS, Text("列出上传的文件", "List uploaded files"), {200: AnswerFiles})
def list_files(registration: UUID) -> ResponseReturnValue:
    """What somebody sent with the answers, the oldest first."""
    person = reachable_or_404(principal().series_ids, registration)
    zone = person.series.time_zone
    answer: AnswerFiles = {"items": [_told(file, zone) for file in kept_files(person)]}
    return jsonify(answer)


@endpoints.get("/registrations/<uuid:registration>/files/<uuid:file>")
@scoped(Scope.MANAGE)
@operation(
    Group.REGISTRATIONS,
    Text("下载上传的文件", "Download an uploaded file"),
    {200: File("*/*")},
    about=Text(
        "作为附件提供；每次打开都记入审计记录。",
        "As an attachment; that it was opened is kept in the audit trail.",
    ),
)
def get_file(registration: UUID, file: UUID) -> ResponseReturnValue:
    """The file as it is kept: pictures were written anew, without what they say of place."""
    person = reachable_or_404(principal().series_ids, registration)
    return serving.attachment(open_file(person.series_id, person.id, file))


def _told(file: StoredFile, zone: str) -> AnswerFile:
    return {
        "id": str(file.id),
        "purpose": file.purpose,
        "name": file.name,
        "media_type": MEDIA_TYPES[file.kind],
        "size": file.size,
        "stored_at": moment(file.stored_at, zone),
    }
