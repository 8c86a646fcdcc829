"""A client that checks every page it opens, so that no test forgets to."""

import re
from html.parser import HTMLParser
from typing import Any

import html5lib
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

BASE = "https://forum.example.org"


class _Seen(HTMLParser):
    """Collects what a page promises: ids, labels, headings, inline code."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.label_for: set[str] = set()
        self.needs_label: list[str] = []
        self.headings: list[int] = []
        self.inline: list[str] = []
        self._labels = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if "id" in given:
            self.ids.append(given["id"])
        if tag == "label":
            self._labels += 1
            self.label_for.add(given.get("for", ""))
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if "style" in given or any(name.startswith("on") for name in given):
            self.inline.append(f"<{tag}> has inline style or script")
        if tag == "script" and "src" not in given and given.get("type") != "application/ld+json":
            self.inline.append("inline <script>")
        self._note_control(tag, given)

    def handle_endtag(self, tag: str) -> None:
        if tag == "label":
            self._labels -= 1

    def _note_control(self, tag: str, given: dict[str, str]) -> None:
        hidden = given.get("type") in {"hidden", "submit", "button"}
        named = "aria-label" in given or "aria-labelledby" in given or self._labels
        if tag in {"input", "select", "textarea"} and not hidden and not named:
            self.needs_label.append(given.get("id", f"<{tag} name={given.get('name')}>"))


class Browser:
    """Opens pages and checks each: valid HTML, one title, one h1, labels, unique ids, headers."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client

    def get(self, url: str, *, status: int = 200, **kwargs: Any) -> TestResponse:
        return self._checked(self.client.get(url, base_url=BASE, **kwargs), status)

    def post(
        self, url: str, data: dict[str, Any] | None = None, *, status: int = 302, **kwargs: Any
    ) -> TestResponse:
        return self._checked(self.client.post(url, data=data, base_url=BASE, **kwargs), status)

    def _checked(self, answer: TestResponse, status: int) -> TestResponse:
        assert answer.status_code == status, answer.text[:2000]
        assert "Content-Security-Policy" in answer.headers
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        if answer.mimetype == "text/html" and answer.text.lstrip().lower().startswith("<!doctype"):
            check_page(answer.text)
        return answer


def check_page(html: str) -> None:
    """Fail with what is wrong if `html` is not a sound page."""
    parser = html5lib.HTMLParser(strict=False)
    parser.parse(html)
    assert parser.errors == [], parser.errors[:5]
    seen = _Seen()
    seen.feed(html)
    assert re.search(r"<title>\s*\S", html), "no title"
    assert seen.headings.count(1) == 1, f"h1: {seen.headings}"
    assert all(b - a <= 1 for a, b in zip(seen.headings, seen.headings[1:], strict=False)), (
        f"heading levels jump: {seen.headings}"
    )
    assert len(seen.ids) == len(set(seen.ids)), "an id twice"
    assert [name for name in seen.needs_label if name not in seen.label_for] == []
    assert seen.inline == []
