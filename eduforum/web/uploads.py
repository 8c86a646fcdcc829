"""A file that a program sends, with fields beside it (`multipart/form-data`, RFC 7578)."""

from typing import Any, TypeVar, get_origin

from flask import request
from werkzeug.datastructures import FileStorage

from eduforum.core.errors import BadInput
from eduforum.core.i18n import Text
from eduforum.web.reading import read
from eduforum.web.schema import hints_of, split

T = TypeVar("T")
FILE = "file"


def sent_form(kind: type[T]) -> tuple[FileStorage, T]:
    """The `file` of this request, and the fields beside it as a `kind`.

    Truth is written `true` or `false`; a list is a field that stands there several times. Raises
    `BadInput` by field.
    """
    hints = hints_of(kind)
    given: dict[str, Any] = {}
    for name, values in request.form.lists():
        filled = [value for value in values if value]
        if filled and name != FILE:
            given[name] = _value(hints.get(name), filled)
    file = request.files.get(FILE)
    if file is None:
        sentence = Text("请以 file 为名上传一个文件。", "Send a file under the name file.")
        raise BadInput(sentence, {FILE: [sentence]})
    return file, read(kind, given)


def _value(hint: Any, values: list[str]) -> Any:
    bare = split(hint)[0]
    if get_origin(bare) is tuple:
        return values
    if bare is bool:
        return {"true": True, "false": False}.get(values[-1], values[-1])
    return values[-1]
