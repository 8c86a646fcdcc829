"""Long answers made smaller on the line, for those who can unpack them."""

import gzip

from flask import Response, request

_LEAST = 4096
_LEVEL = 4


def packed(answer: Response) -> Response:
    """The answer in gzip (RFC 9110, 8.4.1.3), if it is long and the asker takes that.

    For answers of the API that hold no secret of whoever asks: how well a page packs tells what is
    in it.
    """
    answer.vary.add("Accept-Encoding")
    data = answer.get_data()
    if len(data) >= _LEAST and request.accept_encodings.quality("gzip") > 0:
        answer.set_data(gzip.compress(data, _LEVEL, mtime=0))
        answer.headers["Content-Encoding"] = "gzip"
    return answer
