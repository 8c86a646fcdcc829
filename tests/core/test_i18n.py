"""Sentences in two languages: the right half, filled once, safe in a page."""

import pytest
from flask import Flask, render_template_string
from markupsafe import Markup

from eduforum.core.i18n import Language, Text, current_language, plural, t, use_language

TIANJIN = Text("天津", "Tianjin")


def test_the_half_follows_the_language() -> None:
    assert current_language() is Language.ZH
    assert str(TIANJIN) == "天津"
    with use_language(Language.EN):
        assert str(TIANJIN) == t("天津", "Tianjin") == "Tianjin"
        with use_language(Language.ZH):
            assert str(TIANJIN) == "天津"
        assert str(TIANJIN) == "Tianjin"
    assert current_language() is Language.ZH


def test_a_name_without_english_stays_chinese() -> None:
    assert Text("雄安新区", "").to(Language.EN) == "雄安新区"
    assert not Text("", "")
    assert Text("雄安新区", "")


def test_values_are_put_in_by_language_and_never_read_again() -> None:
    sentence = Text("{place}有 {n} 席", "{n} seats in {place}").fill(place=TIANJIN, n="{place}")
    assert sentence == Text("天津有 {place} 席", "{place} seats in Tianjin")


def test_a_placeholder_without_a_value_is_a_mistake() -> None:
    with pytest.raises(KeyError):
        Text("{n} 席", "{n} seats").fill(m=1)


@pytest.mark.parametrize(("n", "english"), [(0, "0 seats"), (1, "1 seat"), (2, "2 seats")])
def test_english_counts(n: int, english: str) -> None:
    assert plural(n, "{n} 席", "{n} seat", "{n} seats") == Text(f"{n} 席", english)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("<b>", "你好，&lt;b&gt;&amp;"),
        (Text("<i>", "<i>"), "你好，&lt;i&gt;&amp;"),
        (Markup("<b>张</b>"), "你好，<b>张</b>&amp;"),
    ],
)
def test_a_page_escapes_everything_but_markup(app: Flask, value: object, shown: str) -> None:
    page = '{{ t("你好，{name}&", "Hello {name}&", name=value) }}'
    with app.test_request_context():
        assert render_template_string(page, value=value) == shown


def test_a_name_is_escaped_when_it_is_printed(app: Flask) -> None:
    with app.test_request_context():
        assert render_template_string("{{ name }}", name=Text("<i>", "")) == "&lt;i&gt;"


def test_markup_beside_plain_values_does_not_let_them_through() -> None:
    said = t("{a}{b}{c}", "", a=Markup("<br>"), b="<s>", c=Text("<i>", ""))
    assert said == Markup("<br>&lt;s&gt;&lt;i&gt;")
    assert isinstance(said, Markup)
