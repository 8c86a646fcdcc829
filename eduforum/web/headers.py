"""Headers on every answer, errors included."""

from flask import Flask, Response, make_response, request
from flask.typing import ResponseReturnValue

_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'{scripts}",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "media-src 'self' blob:",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "worker-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
_SCANNERS = ("/door", "/kiosk/")
_FIXED = (
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("referrer-policy", "same-origin"),
    ("permissions-policy", "camera=(self), microphone=(), geolocation=()"),
    ("cache-control", "no-store"),
)
"""For answers that say nothing else about it."""


def init_app(app: Flask) -> None:
    secure = bool(app.config["SESSION_COOKIE_SECURE"])
    plain = _fixed(scripts="", secure=secure)
    # Only the scanner compiles WebAssembly.
    of_scanner = _fixed(scripts=" 'wasm-unsafe-eval'", secure=secure)

    @app.after_request
    def _add(response: Response) -> Response:
        own = {name.lower() for name, _ in response.headers}
        for name, value in of_scanner if request.path.startswith(_SCANNERS) else plain:
            if name not in own:
                response.headers.add(name, value)
        return response


def _fixed(*, scripts: str, secure: bool) -> tuple[tuple[str, str], ...]:
    policy = ("content-security-policy", _POLICY.format(scripts=scripts))
    transport = ("strict-transport-security", "max-age=31536000")
    return (*_FIXED, policy, transport) if secure else (*_FIXED, policy)


def private(answer: ResponseReturnValue, status: int | None = None) -> Response:
    """For pages whose address is a secret: nobody keeps, indexes or refers to them."""
    response = make_response(answer)
    if status is not None:
        response.status_code = status
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return never_refer(response)


def never_refer(response: Response) -> Response:
    """For pages whose address is a secret: tell no other site where the reader came from."""
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
