"""Everything people read exists in two languages, side by side, where it is used.

There are two languages and there will not be a third soon, so a sentence is one value with two
halves instead of a key into a catalogue: nothing can be missing, stale or unused.
See docs/decisions/0003-two-languages-in-place.md.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum

from markupsafe import Markup, escape


class Language(StrEnum):
    """The languages people may choose, as BCP 47 tags."""

    ZH = "zh-Hans"
    EN = "en"


_current: ContextVar[Language] = ContextVar("language", default=Language.ZH)
_PLACEHOLDER = re.compile(r"\{(\w+)\}")


def current_language() -> Language:
    """The language of the person being answered; Chinese unless somebody said otherwise."""
    return _current.get()


@contextmanager
def use_language(language: Language) -> Iterator[None]:
    """Speak `language` inside the block: a letter is written in its reader's language."""
    token = _current.set(language)
    try:
        yield
    finally:
        _current.reset(token)


def set_language(language: Language) -> None:
    """Speak `language` until the end of this context (one request)."""
    _current.set(language)


@dataclass(frozen=True, slots=True)
class Text:
    """One sentence or name in Chinese and in English. `str(text)` is the current language's half."""

    zh: str
    en: str

    def to(self, language: Language) -> str:
        """The half for `language`; a name without an English form stays Chinese."""
        return self.zh if language is Language.ZH else self.en or self.zh

    def fill(self, **values: object) -> "Text":
        """Put `values` in place of `{name}`, once: what a value contains is never read again.

        A `Text` value is put in by language. Raises `KeyError` for a name without a value.
        """
        return Text(
            _fill(self.zh, values, Language.ZH),
            _fill(self.en, values, Language.EN),
        )

    def __str__(self) -> str:
        return self.to(current_language())

    def __html__(self) -> str:
        return escape(str(self))

    def __bool__(self) -> bool:
        return bool(self.zh or self.en)


def t(zh: str, en: str, /, **values: object) -> str:
    """The sentence in the current language, with `values` in place of `{name}`.

    In a template the result is safe to print: values are escaped unless they are Markup.
    """
    language = current_language()
    sentence = zh if language is Language.ZH else en
    if not values:
        return sentence
    if any(hasattr(value, "__html__") and not isinstance(value, Text) for value in values.values()):
        escaped = {
            name: value if isinstance(value, Markup) else escape(_in(value, language))
            for name, value in values.items()
        }
        return Markup(_fill(str(escape(sentence)), escaped, language))
    return _fill(sentence, values, language)


def plural(n: int, zh: str, one: str, many: str, /, **values: object) -> Text:
    """A sentence that counts `n` things: English chooses between `one` and `many`."""
    return Text(zh, one if n == 1 else many).fill(n=n, **values)


def _fill(sentence: str, values: Mapping[str, object], language: Language) -> str:
    return _PLACEHOLDER.sub(lambda found: _in(values[found[1]], language), sentence)


def _in(value: object, language: Language) -> str:
    return value.to(language) if isinstance(value, Text) else str(value)
