"""The line to the main server: the API that every device at the door uses."""

import json
from collections.abc import Mapping
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlencode
from urllib.request import HTTPRedirectHandler, Request, build_opener

from eduforum.hub.rules import NoAnswer, Refused

_PATIENCE = 30
"""Seconds for one answer."""


class _NoRedirects(HTTPRedirectHandler):
    """A secret is sent to the server that was named, and to no other."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


_OPENER = build_opener(_NoRedirects)


class Line:
    """Calls of the API of one server, with the secret of one device ("": before there is one)."""

    def __init__(self, base_url: str, token: str = "") -> None:
        self._base, self._token = base_url, token

    def get(self, path: str, **query: object) -> dict[str, Any]:
        """Raises `NoAnswer` or `Refused`."""
        asked = urlencode({name: value for name, value in query.items() if value not in ("", None)})
        return self._call("GET", f"{path}?{asked}" if asked else path)

    def post(self, path: str, body: Mapping[str, object]) -> dict[str, Any]:
        """Raises `NoAnswer` or `Refused`."""
        return self._call("POST", path, json.dumps(body).encode())

    def every(self, path: str) -> list[dict[str, Any]]:
        """All items of a list, page by page."""
        found: list[dict[str, Any]] = []
        cursor: str | None = ""
        while cursor is not None:
            page = self.get(path, limit=200, cursor=cursor)
            found += page["items"]
            cursor = page.get("next")
        return found

    def _call(self, method: str, path: str, body: bytes | None = None) -> dict[str, Any]:
        headers = {"Accept": "application/json", "Accept-Language": "en"}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        if body is not None:
            headers["Content-Type"] = "application/json"
        request = Request(
            f"{self._base}/api/v1{quote(path, safe='/?&=%:')}",
            data=body, headers=headers, method=method,
        )  # fmt: skip
        try:
            with _OPENER.open(request, timeout=_PATIENCE) as answer:
                return _object(answer.read())
        except HTTPError as error:
            with error:
                raise _refusal(error.code, error.read()) from None
        except (URLError, OSError, HTTPException) as error:
            reason = getattr(error, "reason", error)
            raise NoAnswer(f"The main server does not answer: {reason}.") from None


def _object(raw: bytes) -> dict[str, Any]:
    try:
        found = json.loads(raw)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise NoAnswer("Something else answered in the main server's place.")
    return found


def _refusal(status: int, raw: bytes) -> NoAnswer | Refused:
    if status >= 500:
        return NoAnswer(f"The main server answered with {status}.")
    try:
        problem = _object(raw)
    except NoAnswer as error:
        return error
    return Refused(status, str(problem.get("code", "")), str(problem.get("detail", "")))
