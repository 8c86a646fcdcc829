"""How an upload is given out: to be saved, never to be shown as a page of ours."""

from io import BytesIO

from flask import Response, send_file

from eduforum.core.errors import NotFound
from eduforum.files import disk
from eduforum.files.models import StoredFile
from eduforum.files.rules import MEDIA_TYPES


def attachment(stored: StoredFile) -> Response:
    """The bytes as an attachment. The caller has checked who asks. Raises `NotFound`.

    Even a browser that opens it runs nothing: own policy without any source, no sniffing.
    """
    try:
        response = send_file(
            BytesIO(disk.path_of(stored.place).read_bytes()),
            mimetype=MEDIA_TYPES[stored.kind],
            as_attachment=True,
            download_name=stored.name,
            conditional=False,
            etag=False,
            max_age=None,
        )
    except FileNotFoundError:
        raise NotFound from None
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["X-Robots-Tag"] = "noindex"
    return response
