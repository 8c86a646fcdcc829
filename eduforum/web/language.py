"""Which language a person reads: what they chose, else what their browser asks for."""

from urllib.parse import quote, urlencode

from flask import Flask, Response, g, request

from eduforum.core.i18n import Language, current_language, plural, set_language, t

COOKIE = "lang"
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


def _choose() -> None:
    asked = request.args.get("lang", "")
    kept = request.cookies.get(COOKIE, "")
    if asked in list(Language):
        g.language_chosen = asked
    choice = next((tag for tag in (asked, kept) if tag in list(Language)), None)
    best = choice or request.accept_languages.best_match(["zh-Hans", "zh-CN", "zh", "en"])
    set_language(Language.EN if best == "en" else Language.ZH)


def _remember(response: Response) -> Response:
    chosen = g.get("language_chosen")
    if chosen:
        response.set_cookie(COOKIE, chosen, max_age=_YEAR, samesite="Lax", secure=request.is_secure)
    response.headers.setdefault("Content-Language", current_language().value)
    return response
