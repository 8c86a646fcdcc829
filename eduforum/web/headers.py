"""Headers on every answer, errors included."""

from flask import Flask, Response, request

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
_FIXED = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
}


def init_app(app: Flask) -> None:
    secure = bool(app.config["SESSION_COOKIE_SECURE"])

    @app.after_request
    def _add(response: Response) -> Response:
        for name, value in _FIXED.items():
            response.headers.setdefault(name, value)
        # Only the scanner compiles WebAssembly.
        scripts = " 'wasm-unsafe-eval'" if request.path.startswith("/door") else ""
        policy = _POLICY.format(scripts=scripts)
        response.headers.setdefault("Content-Security-Policy", policy)
        if "Cache-Control" not in response.headers:
            response.headers["Cache-Control"] = "no-store"
        if secure:
            response.headers["Strict-Transport-Security"] = "max-age=31536000"
        return response


def never_refer(response: Response) -> Response:
    """For pages whose address is a secret: tell no other site where the reader came from."""
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
