"""Rules of the house that a linter cannot say."""

import os
import re
import tomllib
from pathlib import Path

import pytest
from flask import Flask

from eduforum.core.db import Base
from eduforum.web.access import Policy, policy_of, refuse_silent_views
from tests.golden import assert_golden

ROOT = Path(__file__).parents[2]
MODULES = {str(path.relative_to(ROOT)): path for path in sorted((ROOT / "eduforum").rglob("*.py"))}
CONTRACT = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
FLOORS = [set(re.findall(r"\w+", floor)) for floor in reversed(CONTRACT["contracts"][0]["layers"])]
METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE"}
LOWER = {"services", "queries", "models", "rules"}


def is_lower(path: Path) -> bool:
    """Whether a file, or the folder it has grown into, lies below the doors of its room."""
    return bool(LOWER & {path.stem, path.parent.name})


def floor_of(module_name: str) -> int:
    room = module_name.split(".")[1]
    return next(height for height, rooms in enumerate(FLOORS) if room in rooms)


@pytest.mark.parametrize("name", MODULES)
def test_files_stay_small(name: str) -> None:
    assert len(MODULES[name].read_text().splitlines()) <= 400


@pytest.mark.parametrize("name", [name for name, path in MODULES.items() if is_lower(path)])
def test_only_doors_see_the_request(name: str) -> None:
    seen = re.findall(r"^from flask import (?:\(([^)]*)\)|(.*))$", MODULES[name].read_text(), re.M)
    names = set(re.findall(r"\w+", " ".join(a + b for a, b in seen)))
    assert not names & {"request", "session", "g", "flash", "abort", "redirect", "url_for"}


@pytest.mark.parametrize("name", MODULES)
def test_views_render_from_their_own_folder(name: str) -> None:
    used = set(re.findall(r'render_template\(\s*f?"(\w+)/', MODULES[name].read_text()))
    assert used <= {MODULES[name].relative_to(ROOT).parts[1], "layouts", "components"}


@pytest.mark.parametrize("name", MODULES)
def test_no_import_stands_inside_a_function(name: str) -> None:
    inline = re.findall(r"^[ \t]+(?:from \S+ import|import) .*", MODULES[name].read_text(), re.M)
    assert [line for line in inline if "TYPE_CHECKING" not in line] == []


def test_relationships_point_down(app: Flask) -> None:
    upward = [
        str(relationship)
        for mapper in Base.registry.mappers
        for relationship in mapper.relationships
        if floor_of(relationship.mapper.class_.__module__) > floor_of(mapper.class_.__module__)
    ]
    assert upward == []


def test_a_view_without_policy_stops_the_start(app: Flask) -> None:
    refuse_silent_views(app)
    app.view_functions["silent"] = lambda: ""
    with pytest.raises(RuntimeError, match="No policy on: silent"):
        refuse_silent_views(app)


def test_routes_change_only_on_purpose(app: Flask) -> None:
    """What can be reached, and by whom; a line that goes is a broken link somewhere.

    After a change on purpose, write the file anew with UPDATE_GOLDEN=1 and read the difference.
    """
    approved = ROOT / "tests/house/routes.txt"
    lines = sorted(
        f"{rule.rule} {','.join(sorted(rule.methods & METHODS))} {rule.endpoint}"
        f" {words(policy_of(app.view_functions[rule.endpoint]))}"
        for rule in app.url_map.iter_rules()
        if rule.methods
    )
    if not os.environ.get("UPDATE_GOLDEN"):
        assert lines == approved.read_text().splitlines()
    assert_golden("\n".join([*lines, ""]), approved)


def words(policy: Policy | None) -> str:
    """A policy in one word: `public`, `signed_in`, `roles:door+organiser`, `scopes:read`."""
    assert policy is not None
    named = sorted(policy.roles | policy.scopes)
    return f"{policy.kind}:{'+'.join(named)}" if named else policy.kind
