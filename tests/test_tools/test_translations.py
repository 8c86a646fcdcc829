from pathlib import Path

import pytest

from tools.translations import check_python, check_template, check_tree


def template(source: str) -> list[str]:
    return [f"{line}: {reason}" for line, reason in check_template(source)]


def python(source: str) -> list[str]:
    return [f"{line}: {reason}" for line, reason in check_python(source)]


@pytest.mark.parametrize(
    "source",
    [
        '<h1>{{ t("日程", "Schedule") }}</h1>',
        '{{ t("还剩 {n} 席", "{n} seats left", n=free) }}',
        '{{ plural(n, "{n} 席", "{n} seat", "{n} seats") }}',
        '{{ t("已满" if full else "未满", "Full" if full else "Open") }}',
        '{{ t("{who}，您好", "Dear {who}", who=t("来宾", "guest")) }}',
        "{{ t(event.zh, event.en) }}",
        "{# 说明 #}<p>{{ series.name }} · 2027 – “x”</p>",
        '{%- set label = t("姓名", "Name") -%}\n{{ field(label) }}',
        '<a lang="zh-Hans">中文</a> {# zh #}',
        '{{ switch("中文") }}{#- zh -#}',
    ],
)
def test_a_template_in_both_languages_passes(source: str) -> None:
    assert template(source) == []


@pytest.mark.parametrize(
    ("source", "problems"),
    [
        ("<h1>日程</h1>", ["1: Chinese outside t(…): <h1>日程</h1>"]),
        ("<p>{{ a }}：{{ b }}</p>", ["1: Chinese outside t(…): ："]),
        ("a\n\n{%- if x -%}\n\n<p>𠮷</p>{% endif %}", ["5: Chinese outside t(…): <p>𠮷</p>"]),
        ("{% raw %}\n席{% endraw %}", ["2: Chinese outside t(…): 席"]),
        ('<a title="席">', ['1: Chinese outside t(…): <a title="席">']),
        (
            '{{ field("姓名") }}',
            ["1: Chinese outside the Chinese argument of t(…): 姓名"],
        ),
        (
            '{{ t("{x}了", "{x} now", x="满") }}',
            ["1: Chinese outside the Chinese argument of t(…): 满"],
        ),
        (
            '{{ t("日程", "日程") }}',
            ["1: Chinese outside the Chinese argument of t(…): 日程"],
        ),
        (
            '{{ t("满", "Full" if a else "满") }}',
            ["1: Chinese outside the Chinese argument of t(…): 满"],
        ),
        ('\n{{ t("日程") }}', ["2: t(…) has no English argument"]),
        ('{{ t("日程", " ") }}', ["1: the English of t(…) is empty"]),
        ('{{ t("", "Schedule") }}', ["1: the Chinese of t(…) is empty"]),
        ('{{ plural(n, "{n} 席", "a seat") }}', ["1: plural(…) has no English argument"]),
        ('{{ plural(n, "{n} 席", "a seat", "") }}', ["1: the English of plural(…) is empty"]),
        ("{% if %}", ["1: not a template: Expected an expression, got 'end of statement block'"]),
    ],
)
def test_a_template_that_lacks_a_language_is_named(source: str, problems: list[str]) -> None:
    assert template(source) == problems


def test_the_escape_holds_for_its_own_line_only() -> None:
    assert template("中文 {# zh #}\n中文") == ["2: Chinese outside t(…): 中文"]


@pytest.mark.parametrize(
    "source",
    [
        'Text("报名已截止。", "Registration has closed.")',
        'Text(zh="席", en="seat")',
        'Text("", "")',
        'Text(row["名称"], row["name"])',
        'plural(n, "{n} 席", "{n} seat", "{n} seats")',
        'Text(*row["name"])',
        't("{x}了", "{x} now", x=SURNAMES["满"])',
        't("中文", "中文")  # zh',
        'from sqlalchemy import Text\nText("")',
        'column.t("x")',
    ],
)
def test_python_in_both_languages_passes(source: str) -> None:
    assert python(source) == []


@pytest.mark.parametrize(
    ("source", "problems"),
    [
        ('Text("报名已截止。", "")', ["1: the English of Text(…) is empty"]),
        ('x = 1\nText("席")', ["2: Text(…) has no English argument"]),
        ('Text(zh="席", en="")', ["1: the English of Text(…) is empty"]),
        ('t("席", "席位")', ["1: the English of t(…) is Chinese: 席位"]),
        ('t("席", f"{n} 席")', ["1: the English of t(…) is Chinese:  席"]),
        ('i18n.t("席", "")', ["1: the English of t(…) is empty"]),
        (
            'from eduforum.core.i18n import Text\nText("席", " ")',
            ["2: the English of Text(…) is empty"],
        ),
        ('plural(n, "席", "seat", "席")', ["1: the English of plural(…) is Chinese: 席"]),
    ],
)
def test_python_that_lacks_a_language_is_named(source: str, problems: list[str]) -> None:
    assert python(source) == problems


def test_the_whole_tree_is_read_and_problems_carry_their_path(tmp_path: Path) -> None:
    (tmp_path / "templates" / "notices").mkdir(parents=True)
    (tmp_path / "eduforum" / "events").mkdir(parents=True)
    (tmp_path / "templates" / "notices" / "confirmed.txt").write_text("您好", "utf-8")
    (tmp_path / "eduforum" / "events" / "rules.py").write_text('\nText("席", "")\n', "utf-8")
    (tmp_path / "app.py").write_text('t("席")\n', "utf-8")
    assert check_tree(tmp_path) == [
        "templates/notices/confirmed.txt:1: Chinese outside t(…): 您好",
        "app.py:1: t(…) has no English argument",
        "eduforum/events/rules.py:2: the English of Text(…) is empty",
    ]
