"""Every asset that a page names is there, keeps its type, and nothing else can be fetched."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from eduforum.web.assets import BUNDLES, ROOT, STATIC, asset_url

NAMED = sorted(
    {
        name
        for path in (ROOT / "templates").rglob("*.html")
        for name in re.findall(r"""asset_url\(\s*["']([^"']+)["']\s*\)""", path.read_text())
    }
)


def test_pages_name_assets() -> None:
    assert "public.css" in NAMED
    assert any(name.startswith("vendor/") for name in NAMED)


@pytest.mark.parametrize("name", NAMED)
def test_what_pages_name_is_there_and_kept_for_ever(app: Flask, name: str) -> None:
    with app.test_request_context():
        url = asset_url(name)
    with app.test_client().get(url) as answer:
        assert answer.status_code == 200
        assert answer.data
        assert "immutable" in answer.headers["Cache-Control"]


@pytest.mark.parametrize("bundle", BUNDLES)
def test_a_bundle_misses_none_of_its_parts(client: FlaskClient, bundle: str) -> None:
    with client.get(f"/assets/x/{bundle}") as answer:
        text = answer.data
    for part in BUNDLES[bundle].split():
        assert (STATIC / "css" / f"{part}.css").read_bytes() in text


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("desk.css", "text/css; charset=utf-8"),
        ("js/door/main.js", "text/javascript; charset=utf-8"),
        ("icons/favicon.svg", "image/svg+xml"),
        ("vendor/zxing/reader/zxing_reader.wasm", "application/wasm"),
    ],
)
def test_types_are_exact(client: FlaskClient, name: str, kind: str) -> None:
    with client.get(f"/assets/x/{name}") as answer:
        assert answer.headers["Content-Type"] == kind


def test_an_address_of_another_version_is_not_kept(client: FlaskClient) -> None:
    """A page that was open during an update may get a newer file; it must ask again soon."""
    assert client.get("/assets/x/desk.css").headers["Cache-Control"] == "public, max-age=60"


@pytest.mark.parametrize(
    "name",
    [
        "../web/assets.py",
        "..%2f..%2fpackage.json",
        "vendor/htmx/../../package.json",
        "vendor/htmx/..%2f..%2f..%2fpackage-lock.css",
        "%2fetc/passwd",
        "css",
        "vendor/htmx/",
        "nothing.css",
        "a%00b.css",
        "a" * 300 + ".css",
    ],
)
def test_there_is_nothing_else(client: FlaskClient, name: str) -> None:
    assert client.get(f"/assets/x/{name}", follow_redirects=True).status_code == 404
