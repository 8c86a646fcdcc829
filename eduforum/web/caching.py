"""Public answers: made once a second, kept in memory meanwhile, and asked for again before use.

What everybody may read looks the same to all who ask in one language. `@shared` says so of a view;
`SharedAnswers` then answers in front of the application, which is asked once a second at most for
each address. Others may keep such an answer too, but ask each time whether it still holds.
"""

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import wraps
from typing import NamedTuple, ParamSpec
from wsgiref.types import StartResponse, WSGIEnvironment

from flask import Flask, Request, Response, g, make_response, request, session
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import Headers
from werkzeug.exceptions import HTTPException
from werkzeug.http import is_resource_modified, parse_cookie

from eduforum.core import clock
from eduforum.core.i18n import Language
from eduforum.web.access import current_principal
from eduforum.web.language import COOKIE, language_for

P = ParamSpec("P")
FRESH = timedelta(seconds=1)
"""No answer is older than this."""
_AHEAD = timedelta(milliseconds=700)
"""From this age on, one of those who ask makes it anew, and nobody waits for it."""
_MOST = 256
"""Answers kept at the same time; beyond that, addresses are made up by somebody."""
_WECHAT = "MicroMessenger"
_HARMLESS = {"csrf_token"}
"""What the session of somebody may hold who sees what everybody sees."""
_OF_THE_BODY = {"content-type", "content-length", "content-disposition"}


def shared(view: Callable[P, ResponseReturnValue]) -> Callable[P, Response]:
    """This view answers alike whoever asks in one language, unless they have signed in.

    It may look at the address and its query, at the language and at `in_wechat`, at nothing else
    of the request: when its answer is kept, it is not shown more.
    """

    @wraps(view)
    def answer(*args: P.args, **kwargs: P.kwargs) -> Response:
        return _revalidated(make_response(view(*args, **kwargs)))

    answer.is_shared = True  # type: ignore[attr-defined]
    return answer


def in_wechat() -> bool:
    """Whether this is WeChat's own browser, which cannot save files."""
    return _WECHAT in request.user_agent.string


def _revalidated(response: Response) -> Response:
    """Let browsers and proxies keep this answer and ask each time whether it still holds.

    The ETag is strong: a digest of the body (RFC 9110, 8.8.3). Whoever asks with the same one gets
    304. An answer to somebody signed in, or one that touched the session (it tells what was just
    done), or carries a form's token, is never kept. One that sets a cookie or was made for one
    app's browser is kept by that browser alone.
    """
    if current_principal() is not None or session.modified or "csrf_token" in g:
        return response
    response.vary.update(("Accept-Language", "Cookie"))
    alone = "lang" in request.args or in_wechat()
    response.cache_control.private = alone or None
    response.cache_control.public = not alone
    response.cache_control.max_age = 0
    response.cache_control.must_revalidate = True
    response.add_etag()
    response.make_conditional(request)
    return response


class _Question(NamedTuple):
    """All that an answer may depend on."""

    path: str
    query: str
    language: Language
    wechat: bool


@dataclass(frozen=True, slots=True)
class _Answer:
    made_at: datetime
    status: str
    headers: Headers
    body: bytes

    @property
    def may_be_kept(self) -> bool:
        return (
            self.status.startswith("200")
            and "ETag" in self.headers
            and "Set-Cookie" not in self.headers
        )

    def is_younger(self, age: timedelta, now: datetime) -> bool:
        """The clock may be put back: what comes from the future is not young."""
        return timedelta(0) <= now - self.made_at < age

    def send(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        etag = self.headers.get("ETag")
        if etag and not is_resource_modified(environ, etag):
            kept = [pair for pair in self.headers if pair[0].lower() not in _OF_THE_BODY]
            start_response("304 NOT MODIFIED", kept)
            return []
        start_response(self.status, list(self.headers))
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [self.body]


class SharedAnswers:
    """Stands in front of `app` and answers what is the same for everybody from memory.

    To make an answer, it puts the question alone to the application, without cookies or any other
    header of whoever asks first: nothing of theirs can be in it. People who have signed in or are
    to be told something, and programs with a token, are led past it. One thread makes an answer;
    the others wait, or take the one that is still fresh.
    """

    def __init__(self, app: Flask) -> None:
        self._app, self._inside = app, app.wsgi_app
        self._kept: dict[_Question, _Answer] = {}
        self._locks = tuple(threading.Lock() for _ in range(32))

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        question = self._question(environ)
        if question is None or not (question in self._kept or self._is_shared(environ)):
            return self._inside(environ, start_response)
        return self._answer(question, environ).send(environ, start_response)

    def _question(self, environ: WSGIEnvironment) -> _Question | None:
        """What is asked; None if who asks might matter, or a cookie is to be set."""
        query = environ.get("QUERY_STRING", "")
        if (
            environ["REQUEST_METHOD"] not in ("GET", "HEAD")
            or "HTTP_AUTHORIZATION" in environ
            or "lang=" in query
        ):
            return None
        cookies = parse_cookie(environ.get("HTTP_COOKIE", ""))
        if self._app.config["SESSION_COOKIE_NAME"] in cookies:
            opened = self._app.session_interface.open_session(self._app, Request(environ))
            if opened is None or not opened.keys() <= _HARMLESS:
                return None
        return _Question(
            environ["PATH_INFO"],
            query,
            language_for("", cookies.get(COOKIE, ""), environ.get("HTTP_ACCEPT_LANGUAGE", "")),
            _WECHAT in environ.get("HTTP_USER_AGENT", ""),
        )

    def _is_shared(self, environ: WSGIEnvironment) -> bool:
        path = environ["PATH_INFO"].encode("latin-1").decode(errors="replace")  # PEP 3333
        try:
            endpoint, _ = self._app.url_map.bind("").match(path, "GET")
        except HTTPException:
            return False
        return hasattr(self._app.view_functions[endpoint], "is_shared")

    def _answer(self, question: _Question, environ: WSGIEnvironment) -> _Answer:
        kept, now = self._kept.get(question), clock.now()
        if kept and kept.is_younger(_AHEAD, now):
            return self._counted(kept)
        lock = self._locks[hash(question) % len(self._locks)]
        if kept and kept.is_younger(FRESH, now):
            if not lock.acquire(blocking=False):
                return self._counted(kept)
        else:
            lock.acquire()
        try:
            kept = self._kept.get(question)
            if kept and kept.is_younger(_AHEAD, clock.now()):
                return self._counted(kept)
            return self._make(question, environ)
        finally:
            lock.release()

    def _counted(self, kept: _Answer) -> _Answer:
        """`kept`, which the application and its metrics do not hear of."""
        counter = self._app.extensions.get("answers_from_memory")
        if counter is not None:
            counter.inc()
        return kept

    def _make(self, question: _Question, environ: WSGIEnvironment) -> _Answer:
        bare = {name: value for name, value in environ.items() if not name.startswith("HTTP_")}
        bare |= {
            "REQUEST_METHOD": "GET",
            "HTTP_ACCEPT_LANGUAGE": question.language.value,
            "HTTP_USER_AGENT": _WECHAT if question.wechat else "",
        }
        made_at = clock.now()
        response = Response.from_app(self._inside, bare, buffered=True)
        answer = _Answer(made_at, response.status, response.headers, response.get_data())
        if answer.may_be_kept:
            self._keep(question, answer)
        return answer

    def _keep(self, question: _Question, answer: _Answer) -> None:
        if len(self._kept) >= _MOST:
            for other, kept in list(self._kept.items()):
                if not kept.is_younger(FRESH, answer.made_at):
                    self._kept.pop(other, None)
        if len(self._kept) < _MOST or question in self._kept:
            self._kept[question] = answer
