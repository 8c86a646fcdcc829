"""The page that explains the API."""

import re

import pytest
from flask import Flask

from eduforum.web.operations import described
from tests.pages import Browser


@pytest.mark.parametrize("language", ["zh-Hans", "en"])
def test_the_reference_shows_every_call(app: Flask, browser: Browser, language: str) -> None:
    page = browser.get(f"/api/v1/docs?lang={language}").text
    shown = re.findall(r'<details class="docs__call" id="op-(\w+)">', page)
    assert shown == [one.name for one in described(app)]
    for one in described(app):
        assert f'<code class="docs__path">{one.path}</code>' in page
        assert str(one.operation.summary.zh if language == "zh-Hans" else "") in page


def test_the_english_page_is_english(browser: Browser) -> None:
    page = browser.get("/api/v1/docs?lang=en").text
    main = page[page.index("<main") : page.index("</main")]
    words = re.sub(r"<pre.*?</pre>", "", main, flags=re.S)
    assert re.findall("[\u4e00-\u9fff]+", words) == []


def test_it_loads_nothing_from_elsewhere(browser: Browser) -> None:
    page = browser.get("/api/v1/docs").text
    loaded = re.findall(r'<(?:script|link|img)[^>]+(?:src|href)="([^"]+)"', page)
    assert [url for url in loaded if not url.startswith("/assets/")] == [
        "https://forum.example.org/api/v1/docs"
    ]


def test_the_page_is_light(browser: Browser, app: Flask) -> None:
    """It grows with the calls that it describes, and by little for each."""
    assert len(browser.get("/api/v1/docs").data) < 3300 * len(described(app))
