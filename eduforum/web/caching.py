"""Public answers may be kept, but are asked for again before every use."""

from flask import Response, request, session

from eduforum.web.access import current_principal


def revalidated(response: Response) -> Response:
    """Let browsers and proxies keep this answer and ask each time whether it still holds.

    The ETag is strong: a digest of the body (RFC 9110, 8.8.3). Whoever asks with the same one gets
    304. An answer to somebody signed in, or one that touched the session (it tells what was just
    done, or carries a form's token), is never kept. One that sets a cookie or was made for one
    app's browser is kept by that browser alone.
    """
    if current_principal() is not None or session.modified:
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


def in_wechat() -> bool:
    """Whether this is WeChat's own browser, which cannot save files."""
    return "MicroMessenger" in request.user_agent.string
