"""Check that everything people read exists in Chinese and in English.

`python -m tools.translations` reads the templates and the Python code, names every sentence that
lacks a language as `path:line: reason`, and exits 1 if there is one. A line that means it, such as
the language switch, says so: `{# zh #}` in a template, `# zh` in Python.

In templates, Chinese may stand only in comments and in the Chinese argument of `t(…)` and
`plural(…)`. In Python, only calls of `t`, `Text` and `plural` are looked at.
"""

import ast
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, TypeGuard

from jinja2 import Environment, TemplateSyntaxError, nodes

# Han with its radicals and extensions, kana, bopomofo, and full-width punctuation and letters.
CHINESE = re.compile(
    "[\u2e80-\u312f\u31a0-\u9fff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef\U00020000-\U0003ffff]"
)
TEMPLATE_ESCAPE = re.compile(r"\{#-?\s*zh\s*-?#\}")
PYTHON_ESCAPE = re.compile(r"#\s*zh\b")


class Problem(NamedTuple):
    """One sentence that lacks a language."""

    line: int
    reason: str


class Shape(NamedTuple):
    """Where a call has its Chinese argument and its English ones."""

    chinese: int
    english: tuple[int, ...]


SHAPES = {"t": Shape(0, (1,)), "Text": Shape(0, (1,)), "plural": Shape(1, (2, 3))}


def check_template(source: str) -> list[Problem]:
    """What is wrong with one template, in the order of its lines."""
    env = Environment(autoescape=True)
    try:
        problems = [*_bare_text(env, source), *_expressions(env.parse(source))]
    except TemplateSyntaxError as error:
        return [Problem(error.lineno, f"not a template: {error.message}")]
    lines = source.splitlines()
    return sorted(p for p in problems if not TEMPLATE_ESCAPE.search(lines[p.line - 1]))


def check_python(source: str) -> list[Problem]:
    """What is wrong with the sentences of one Python module, in the order of its lines."""
    tree = ast.parse(source)
    ours = SHAPES.keys() - _foreign_names(tree)
    lines = source.splitlines()
    problems: list[Problem] = []
    for node in ast.walk(tree):
        name = _called(node) if isinstance(node, ast.Call) else None
        if isinstance(node, ast.Call) and name in ours:
            text = lines[node.lineno - 1 : node.end_lineno]
            if not any(PYTHON_ESCAPE.search(line) for line in text):
                problems += _python_call(node, name)
    return sorted(problems)


def check_tree(top: Path) -> list[str]:
    """All problems below `top` as `path:line: reason`."""
    found = []
    for path in sorted(p for p in (top / "templates").rglob("*") if p.is_file()):
        found += [(path, problem) for problem in check_template(path.read_text("utf-8"))]
    for path in sorted([top / "app.py", *(top / "eduforum").rglob("*.py")]):
        if path.is_file():
            found += [(path, problem) for problem in check_python(path.read_text("utf-8"))]
    return [f"{path.relative_to(top)}:{p.line}: {p.reason}" for path, p in found]


def _bare_text(env: Environment, source: str) -> Iterator[Problem]:
    for first, kind, value in env.lex(source):
        if kind == "data":
            for number, line in enumerate(value.split("\n"), first):
                if CHINESE.search(line):
                    yield Problem(number, f"Chinese outside t(…): {line.strip()[:60]}")


def _expressions(node: nodes.Node, *, chinese: bool = False) -> Iterator[Problem]:
    """Problems in `node`; `chinese` says that it stands in a Chinese argument."""
    if isinstance(node, nodes.Const) and not chinese and _is_chinese(node.value):
        yield Problem(node.lineno, f"Chinese outside the Chinese argument of t(…): {node.value}")
    if isinstance(node, nodes.Call) and isinstance(node.node, nodes.Name):
        shape = SHAPES.get(node.node.name)
        if shape and not node.dyn_args:
            yield from _template_call(node, node.node.name, shape)
            return
    for child in node.iter_child_nodes():
        yield from _expressions(child, chinese=chinese)


def _template_call(node: nodes.Call, name: str, shape: Shape) -> Iterator[Problem]:
    values = [arg.value if isinstance(arg, nodes.Const) else None for arg in node.args]
    for reason in _lacking(name, shape, values):
        yield Problem(node.lineno, reason)
    for index, arg in enumerate(node.args):
        yield from _expressions(arg, chinese=index == shape.chinese)
    for keyword in node.kwargs:
        yield from _expressions(keyword)


def _python_call(node: ast.Call, name: str) -> Iterator[Problem]:
    shape = SHAPES[name]
    arguments: list[ast.expr] = list(node.args)
    if name == "Text":
        arguments += [k.value for key in ("zh", "en") for k in node.keywords if k.arg == key]
    if any(isinstance(argument, ast.Starred) for argument in arguments):
        return
    values = [arg.value if isinstance(arg, ast.Constant) else None for arg in arguments]
    if name == "Text" and values == ["", ""]:
        return  # the empty text is no sentence
    for reason in _lacking(name, shape, values):
        yield Problem(node.lineno, reason)
    for index in shape.english:
        for part in ast.walk(arguments[index]) if index < len(arguments) else ():
            if isinstance(part, ast.Constant) and _is_chinese(part.value):
                yield Problem(part.lineno, f"the English of {name}(…) is Chinese: {part.value}")


def _lacking(name: str, shape: Shape, values: Sequence[object]) -> Iterator[str]:
    """Reasons why a language is absent; a value that is not known here is None."""
    places = [("Chinese", shape.chinese), *(("English", index) for index in shape.english)]
    for language, index in places:
        if index >= len(values):
            yield f"{name}(…) has no {language} argument"
        elif isinstance(value := values[index], str) and not value.strip():
            yield f"the {language} of {name}(…) is empty"


def _is_chinese(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and bool(CHINESE.search(value))


def _called(node: ast.Call) -> str | None:
    """The bare name of what is called, or `x` of `i18n.x`."""
    match node.func:
        case ast.Name(id=name) | ast.Attribute(value=ast.Name(id="i18n"), attr=name):
            return name
    return None


def _foreign_names(tree: ast.Module) -> set[str]:
    """Names imported from elsewhere that only look like ours, such as SQLAlchemy's `Text`."""
    return {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and not node.level
        if (node.module or "").partition(".")[0] != "eduforum"
        for alias in node.names
    }


def main() -> int:
    """Report on the checkout this is run in. Returns the exit code."""
    problems = check_tree(Path.cwd())
    sys.stderr.writelines(f"{problem}\n" for problem in problems)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
