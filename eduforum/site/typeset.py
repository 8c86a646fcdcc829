"""How names are set on a page: their language marked, long ones broken between words."""

import re
from collections.abc import Iterable

from markupsafe import Markup, escape

from eduforum.core.i18n import Language, Text, current_language, t

_HAN = re.compile("[\u2e80-\u9fff\uf900-\ufaff\U00020000-\U000323af]")
_HYPHENATED = re.compile(r"(\w+(?:-\w+)+)")
_LONG = 11
"""Han characters that fit on one line of the smallest phone in a heading."""
_SHORT = 8
"""Han characters that fit on one line of a plaque."""
_WORDS = re.compile(
    "(京津冀|津雄|通武廊|第.届|协同发展|高等教育|职业教育|基础教育|工作会议|工作交流|签约仪式|揭牌仪式"
    "|产业学院|专项规划|研究课题|雄安新区|生物医药|供应链|人工智能|共建协议|合作协议|教育|系列|主场|现代"
    "|活动|论坛|协议|技能培训|培训|基地|发布|企业|专场|招聘会|骨干|教师|校长|学生|主题|邀请赛|新一轮)"
)


def named(value: Text | str) -> Markup:
    """A name for a page. On an English page one that is Chinese says so (WCAG 2.2, 3.1.2)."""
    shown = str(value)
    if current_language() is Language.EN and _HAN.search(shown):
        return Markup('<span lang="zh-Hans">{}</span>').format(shown)
    return escape(shown)


def listed(values: Iterable[Text | str]) -> Markup:
    """Names in a row: 代表、嘉宾 / Delegate, Guest."""
    return Markup(t("、", ", ")).join([named(value) for value in values])


def by_sense(value: Text | str) -> Markup:
    """A long heading that may break between words, not within one.

    Chinese is written without spaces, and browsers break it anywhere: a name of two lines would
    end its first with half a word. The words are those that names of education events are made of.
    English is kept together at hyphens. The text itself stays as it is.
    """
    shown = str(value)
    if len(shown) <= _LONG:
        return named(value)
    if not _HAN.search(shown):
        parts = _HYPHENATED.split(shown)
        return Markup("").join(_kept(p) if i % 2 else escape(p) for i, p in enumerate(parts))
    words = Markup("<wbr>").join([_kept(word) for word in _WORDS.split(shown) if word])
    if current_language() is Language.EN:
        return Markup('<span lang="zh-Hans">{}</span>').format(words)
    return words


def _kept(word: str) -> Markup:
    """A word that stays on one line, unless it might be longer than the line."""
    if len(word) > (_SHORT if _HAN.search(word) else 2 * _LONG):
        return escape(word)
    return Markup('<span class="nb">{}</span>').format(word)
