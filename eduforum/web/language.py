"""Which language a person reads: what they chose, else what their browser asks for."""

from functools import lru_cache
from urllib.parse import quote, urlencode

from flask import Flask, Response, g, request
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from eduforum.core.i18n import Language, current_language, plural, set_language, t

COOKIE = "lang"
_BY_FIRST_SUBTAG = {"zh": Language.ZH, "*": Language.ZH, "en": Language.EN}
_TAGS = frozenset(language.value for language in Language)
_YEAR = 365 * 24 * 3600


def init_app(app: Flask) -> None:
    app.before_request(_choose)
    app.after_request(_remember)
    app.jinja_env.globals.update(t=t, plural=plural, language_url=language_url)
    app.context_processor(lambda: {"language": current_language().value})


def language_url(language: str) -> str:
    """This page's address in `language`. Never another site's: `//` would name a host."""
    arguments = [(k, v) for k, v in request.args.items(multi=True) if k != "lang"]
    path = quote("/" + request.path.lstrip("/"))
    return f"{path}?{urlencode([*arguments, ('lang', language)])}"


@lru_cache(maxsize=1024)
def language_for(asked: str, kept: str, accepted: str) -> Language:
    """The language for somebody who asked for a tag just now, or keeps one, or whose browser says.

    accepted: its Accept-Language header. Of what we speak the first counts; every kind of English
    is English. Anything unknown is passed over, and without a wish it is Chinese.
    """
    for tag in (asked, kept):
        if tag in _TAGS:
            return Language(tag)
    for tag, quality in parse_accept_header(accepted, LanguageAccept):
        language = _BY_FIRST_SUBTAG.get(tag.partition("-")[0].lower())
        if language and quality > 0:
            return language
    return Language.ZH


def _choose() -> None:
    asked = request.args.get("lang", "")
    kept = request.cookies.get(COOKIE, "")
    g.language_chosen = asked if asked in _TAGS else None
    set_language(language_for(asked, kept, request.headers.get("Accept-Language", "")))


def _remember(response: Response) -> Response:
    chosen = g.get("language_chosen")
    if chosen:
        response.set_cookie(COOKIE, chosen, max_age=_YEAR, samesite="Lax", secure=request.is_secure)
    response.headers.setdefault("Content-Language", current_language().value)
    return response
