"""Stylesheets, scripts and the few third-party files, under addresses that may be kept forever.

All assets share one version in their address, so that script modules find each other by relative
import; it changes when any of them changes. Third-party files stay in the packages they come from.
"""

import hashlib
import os.path
from pathlib import Path

from flask import Blueprint, Flask, Response, abort, current_app, url_for
from flask.typing import ResponseReturnValue
from werkzeug.security import safe_join

from eduforum.web.access import public

ROOT = Path(__file__).parents[2]
STATIC = ROOT / "eduforum" / "static"
BUNDLES = {
    "public.css": "tokens base type buttons parts public series forms ticket delegation press invitation print",
    "desk.css": "tokens base type buttons parts float forms desk table queue overview delegation press invitation print badge",
    "door.css": "tokens base type buttons door",
    "hall.css": "tokens base type hall",
    "kiosk.css": "tokens base type buttons forms badge kiosk",
    "preview.css": "preview",
}
PACKAGES = {
    "vendor/htmx/": ROOT / "node_modules" / "htmx.org" / "dist",
    "vendor/idb/": ROOT / "node_modules" / "idb" / "build",
    "vendor/ed25519/": ROOT / "node_modules" / "@noble" / "ed25519",
    "vendor/zxing/": ROOT / "node_modules" / "zxing-wasm" / "dist",
}
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".wasm": "application/wasm",
    ".png": "image/png",
    ".webmanifest": "application/manifest+json",
}

pages = Blueprint("assets", __name__)


def init_app(app: Flask) -> None:
    app.register_blueprint(pages)
    app.extensions["asset_version"] = _version()
    app.extensions["asset_bundles"] = {name: _bundle(name) for name in BUNDLES}
    app.jinja_env.globals["asset_url"] = asset_url


def asset_url(name: str) -> str:
    """The address of `name`: a bundle, a file below `static/`, or `vendor/…` from a package."""
    return url_for("assets.asset", version=asset_version(), name=name)


def asset_version() -> str:
    """The version of all assets together; it changes when any of them does."""
    version: str = current_app.extensions["asset_version"]
    return version


def files_below(prefix: str) -> list[str]:
    """The names of all files below `prefix` (`js/door/`, `vendor/idb/`), in their order."""
    root, rest = _place(prefix)
    return sorted(
        prefix + str(path.relative_to(root / rest))
        for path in (root / rest).rglob("*")
        if path.is_file() and path.suffix in _TYPES
    )


def read_asset(name: str) -> bytes:
    """The bytes of one asset. Aborts with 404 if there is none."""
    bundle: bytes | None = current_app.extensions["asset_bundles"].get(name)
    return bundle if bundle is not None else _file(name).read_bytes()


@pages.get("/assets/<version>/<path:name>")
@public
def asset(version: str, name: str) -> ResponseReturnValue:
    kind = _TYPES.get(Path(name).suffix)
    if kind is None:
        abort(404)
    response = Response(read_asset(name))
    response.headers["Content-Type"] = kind
    current = version == current_app.extensions["asset_version"]
    response.headers["Cache-Control"] = (
        "public, max-age=31536000, immutable" if current else "public, max-age=60"
    )
    return response


@pages.get("/favicon.ico")
@public
def favicon() -> ResponseReturnValue:
    response = Response((STATIC / "icons" / "favicon.svg").read_bytes(), mimetype="image/svg+xml")
    response.headers["Cache-Control"] = "public, max-age=86400"
    return response


def _file(name: str) -> Path:
    root, rest = _place(name)
    path = safe_join(str(root), rest)
    if path is None or not os.path.isfile(path):  # unlike Path's, never raises
        abort(404)
    return Path(path)


def _place(name: str) -> tuple[Path, str]:
    """The folder that `name` counts from, and the rest of it."""
    return next(
        (
            (folder, name[len(prefix) :])
            for prefix, folder in PACKAGES.items()
            if name.startswith(prefix)
        ),
        (STATIC, name),
    )


def _bundle(name: str) -> bytes:
    parts = (STATIC / "css" / f"{part}.css" for part in BUNDLES[name].split())
    return b"\n".join(part.read_bytes() for part in parts if part.exists())


def _version() -> str:
    digest = hashlib.sha256()
    lock = ROOT / "package-lock.json"
    for path in [*sorted(STATIC.rglob("*")), lock]:
        if path.is_file():
            digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]
