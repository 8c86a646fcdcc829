"""Routes that are ready at once."""

from collections.abc import Callable
from typing import Any

from werkzeug.routing import Rule


class QuickRule(Rule):
    """A rule whose builders of addresses are compiled when its first address is built.

    Werkzeug compiles two functions for each rule when the application is made; with some hundreds
    of rules that is nearly all of the time it takes. The hook is a private method of Werkzeug's:
    were it renamed, the application would start more slowly and else be the same.
    """

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        compiler = super()._compile_builder

        def build_first(rule: Rule, /, **values: Any) -> tuple[str, str]:
            builder = compiler(append_unknown).__get__(rule, None)
            setattr(rule, "_build_unknown" if append_unknown else "_build", builder)
            address: tuple[str, str] = builder(**values)
            return address

        return build_first
