"""Read a YAML file piece by piece, and note every mistake with its path in the file."""

import difflib
import json
import re
from collections.abc import Collection, Hashable, Iterable
from dataclasses import dataclass
from datetime import time
from enum import StrEnum
from typing import Any, TypeVar

import yaml

from eduforum.core.names import clean

E = TypeVar("E", bound=StrEnum)
_CLOCK = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")
_NOTHING = object()
MOST_TEXT = 1000
MOST_NUMBER = 1_000_000


class BadFile(Exception):
    """The file cannot be loaded. mistakes: every one, with its path, in the order of the file."""

    def __init__(self, mistakes: list[str]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = mistakes


class _Loader(yaml.SafeLoader):
    """Plain data only, and no key twice: YAML itself would silently keep the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[str] = set()
        for key, _value in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value in seen:
                raise yaml.constructor.ConstructorError(
                    problem=f"the key {key.value} stands twice", problem_mark=key.start_mark
                )
            seen.add(str(key.value))
        return super().construct_mapping(node, deep)


def parse(content: bytes) -> object:
    """The data of a YAML file. Raises `BadFile` with the line of what cannot be read."""
    try:
        text = content.decode("utf-8-sig")
        _refuse_references(text)
        return yaml.load(text, _Loader)
    except UnicodeDecodeError as error:
        raise BadFile([f"The file is not UTF-8 text (byte {error.start})."]) from None
    except RecursionError:
        raise BadFile(["The file is nested too deeply."]) from None
    except yaml.YAMLError as error:
        raise BadFile([_yaml_mistake(error)]) from None
    except ValueError as error:  # such as a date that no calendar has
        raise BadFile([f"The file cannot be read: {error}."]) from None


def _refuse_references(text: str) -> None:
    """A short file that repeats itself by reference could unfold without end."""
    for token in yaml.scan(text, _Loader):
        if isinstance(token, yaml.AliasToken):
            line = token.start_mark.line + 1
            raise BadFile([f"line {line}: references (*) are not read; write the value again"])


def _yaml_mistake(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or "this is not YAML"
    where = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
    return f"{where}{problem}"


def shown(value: object) -> str:
    """A value as it would stand in the file, shortened."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else f"{text[:57]}…"


def near(word: str, known: Collection[str]) -> str:
    """` Did you mean …?` when `word` looks like one that is known."""
    found = difflib.get_close_matches(word, known, n=1, cutoff=0.6)
    return f"; did you mean {found[0]}?" if found else ""


@dataclass(frozen=True, slots=True)
class Node:
    """A value of the file. Reading it as what it is not notes a mistake and gives a stand-in, so
    that the rest is still read; what was read counts only when `mistakes` stays empty.
    """

    value: Any
    path: str
    mistakes: list[str]

    def wrong(self, sentence: str) -> None:
        self.mistakes.append(f"{self.path}: {sentence}" if self.path else sentence)

    @property
    def missing(self) -> bool:
        return self.value is _NOTHING

    def __getitem__(self, key: str) -> "Node":
        """What stands under `key` in a mapping."""
        value = self.value.get(key, _NOTHING) if isinstance(self.value, dict) else _NOTHING
        return Node(value, f"{self.path}.{key}" if self.path else key, self.mistakes)

    def has(self, required: str, optional: str = "") -> "Node":
        """This mapping, after noting what it lacks and which of its keys are unknown."""
        must, may = required.split(), optional.split()
        if not isinstance(self.value, dict):
            if not self.missing:
                self.wrong(f"{shown(self.value)} is not a mapping (key: value)")
            return self
        for key in self.value:
            if key not in [*must, *may]:
                hint = near(str(key), [*must, *may])
                if not hint and self.value[key] is None:
                    hint = "; inside {…}, text with a comma needs quotes"
                self[str(key)].wrong(f"unknown key{hint}")
        for key in must:
            if self.value.get(key) in (None, ""):
                self[key].wrong("is missing")
        return self

    def items(self) -> list["Node"]:
        """The values of a list; none if there is none."""
        if self.missing or self.value is None:
            return []
        if not isinstance(self.value, list):
            self.wrong(f"{shown(self.value)} is not a list")
            return []
        return [
            Node(value, f"{self.path}[{n}]", self.mistakes) for n, value in enumerate(self.value)
        ]

    def text(self, most: int = MOST_TEXT) -> str:
        if self.missing or self.value is None:
            return ""
        if not isinstance(self.value, str):
            self.wrong(f"{shown(self.value)} is not text; put it in quotes")
            return ""
        if len(self.value) > most:
            self.wrong(f"is longer than {most} characters")
        return clean(self.value)

    def number(self, default: int | None = None, *, least: int = 1) -> int | None:
        if self.missing or self.value is None:
            return default
        if not isinstance(self.value, int) or isinstance(self.value, bool):
            self.wrong(f"{shown(self.value)} is not a whole number")
        elif not least <= self.value <= MOST_NUMBER:
            self.wrong(f"{self.value} is not between {least} and {MOST_NUMBER}")
        else:
            return self.value
        return default

    def flag(self) -> bool:
        if not self.missing and not isinstance(self.value, bool):
            self.wrong(f"{shown(self.value)} is neither true nor false")
        return self.value is True

    def choice(self, kind: type[E], default: E) -> E:
        if self.missing or self.value in (None, ""):
            return default
        known = [member.value for member in kind]
        if self.value in known:
            return kind(self.value)
        hint = near(str(self.value), known) or f"; one of {', '.join(known)}"
        self.wrong(f"{shown(self.value)} is not known{hint}")
        return default

    def clock(self) -> time | None:
        """A time of day, from "00:00" to "23:59"."""
        if self.missing or self.value in (None, ""):
            return None
        found = _CLOCK.fullmatch(self.value) if isinstance(self.value, str) else None
        if found:
            return time(int(found[1]), int(found[2]))
        quotes = "" if isinstance(self.value, str) else '; put it in quotes, like "09:00"'
        self.wrong(f"{shown(self.value)} is not a time (HH:MM){quotes}")
        return None


def once(nodes: Iterable[Node]) -> None:
    """Note every text that stands at two of these places."""
    first: dict[str, str] = {}
    for node in nodes:
        value = clean(node.value) if isinstance(node.value, str) else ""
        if value and value in first:
            node.wrong(f"{shown(value)} stands already at {first[value]}")
        elif value:
            first[value] = node.path
