"""The door app: one page, which shows nothing about anybody until a device has enrolled."""

import json

from flask import Blueprint, Response, jsonify, make_response, render_template, url_for
from flask.typing import ResponseReturnValue

from eduforum.checkin.rules import (
    EXPLANATIONS,
    OVERRIDABLE,
    PROVISIONAL,
    UNDO_WITHIN,
    WINDOW_TOLERANCE,
)
from eduforum.core.i18n import t
from eduforum.web.access import public
from eduforum.web.assets import asset_url, asset_version, files_below, read_asset

pages = Blueprint("checkin", __name__)

_PARTS = ("js/door/", "vendor/idb/", "vendor/zxing/es/reader/")
_FILES = (
    "door.css",
    "js/shell.js",
    "icons/favicon.svg",
    "icons/door-192.png",
    "icons/door-512.png",
    "vendor/ed25519/index.js",
    "vendor/zxing/es/share.js",
    "vendor/zxing/reader/zxing_reader.wasm",
)


@pages.get("/door/")
@public
def door() -> ResponseReturnValue:
    page = render_template(
        "checkin/door.html",
        app_version=asset_version(),
        overridable=sorted(OVERRIDABLE),
        explanations=EXPLANATIONS,
        provisional=PROVISIONAL,
        tolerance_minutes=int(WINDOW_TOLERANCE.total_seconds() // 60),
        undo_seconds=int(UNDO_WITHIN.total_seconds()),
    )
    response = make_response(page)
    response.headers["X-Door-Version"] = asset_version()
    return response


@pages.get("/door/sw.js")
@public
def service_worker() -> Response:
    """The service worker, which keeps the app itself; its text changes with every version."""
    scripts = [name for part in _PARTS for name in files_below(part) if name.endswith(".js")]
    names = [name for name in (*_FILES, *scripts) if not name.endswith("/sw.js")]
    files = [url_for(".door"), url_for(".manifest"), *(asset_url(name) for name in names)]
    head = f"const VERSION = {json.dumps(asset_version())};\nconst FILES = {json.dumps(files)};\n"
    response = Response(head + read_asset("js/door/sw.js").decode())
    response.headers["Content-Type"] = "text/javascript; charset=utf-8"
    response.headers["Cache-Control"] = "no-cache"
    return response


@pages.get("/door/manifest.webmanifest")
@public
def manifest() -> ResponseReturnValue:
    """What a phone needs to put the app on its home screen (W3C Web Application Manifest)."""
    sizes = (192, 512)
    response = jsonify(
        name=t("EduForum 签到", "EduForum check-in"),
        short_name=t("签到", "Check-in"),
        id=url_for(".door"),
        start_url=url_for(".door"),
        scope=url_for(".door"),
        display="standalone",
        background_color="#101315",
        theme_color="#101315",
        icons=[
            {
                "src": asset_url(f"icons/door-{size}.png"),
                "sizes": f"{size}x{size}",
                "type": "image/png",
                "purpose": "any maskable",
            }
            for size in sizes
        ],
    )
    response.mimetype = "application/manifest+json"
    response.headers["Cache-Control"] = "no-cache"
    return response
