"""Read a page as its readers do."""

import json
import re
from typing import Any
from xml.etree.ElementTree import Element

import html5lib

HAN = re.compile("[\u4e00-\u9fff]")
_INLINE = {"a", "b", "span", "time", "wbr", "strong"}


def text_of(html: str) -> str:
    """The words of a page's main part as they are read, white space collapsed."""
    main = _tree(html).find(".//main")
    assert main is not None
    return re.sub(r"\s+", " ", _text(main)).strip()


def chinese_in(html: str) -> list[str]:
    """Chinese words that are not marked as Chinese."""
    return [words for words in _words(_tree(html)) if HAN.search(words)]


def json_ld(html: str) -> dict[str, Any]:
    """The structured data of a page."""
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', html, re.DOTALL)
    assert found
    data: dict[str, Any] = json.loads(found[1])
    return data


def _tree(html: str) -> Element:
    tree: Element = html5lib.parse(html, namespaceHTMLElements=False)
    return tree


def _text(node: Element) -> str:
    gap = "" if node.tag in _INLINE else " "
    inner = "".join(_text(child) + (child.tail or "") for child in node)
    return f"{gap}{node.text or ''}{inner}{gap}"


def _words(node: Element) -> list[str]:
    if not isinstance(node.tag, str) or node.tag == "script":
        return []
    if node.get("lang", "").startswith("zh"):
        return []
    found = [node.text or "", *(node.get(name, "") for name in ("aria-label", "title", "content"))]
    for child in node:
        found += [*_words(child), child.tail or ""]
    return found
