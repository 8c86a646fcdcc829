"""`flask audit`: what is in the database, and whether everything that must hold does hold."""

import json
import sys
from collections.abc import Sequence
from typing import Any

import click
from flask.cli import with_appcontext

from eduforum.core import clock
from eduforum.reports.invariants import Finding, counts, findings


@click.command()
@click.option("--json", "as_json", is_flag=True, help="For programs: one JSON object.")
@click.option("--full", is_flag=True, help="Verify every ticket, not only the newest 2,000.")
@with_appcontext
def audit(as_json: bool, full: bool) -> None:
    """Count everything and check the invariants, by reading only. Exit 1 if one is broken."""
    numbers, found = counts(), findings(full=full)
    ok = not any(finding.broken for finding in found)
    if as_json:
        answer = {
            "ok": ok,
            "at": clock.now().isoformat(),
            "counts": numbers,
            "invariants": [_as_json(finding) for finding in found],
        }
        click.echo(json.dumps(answer, ensure_ascii=False, indent=2))
    else:
        _tell(numbers, found)
    if not ok:
        sys.exit(1)


def _as_json(finding: Finding) -> dict[str, Any]:
    return {
        "name": finding.name,
        "says": finding.says.en,
        "ok": not finding.broken,
        "broken": finding.broken,
        "examples": list(finding.examples),
    }


def _tell(numbers: dict[str, Any], found: Sequence[Finding]) -> None:
    for name, number in numbers.items():
        click.echo(f"{name.replace('_', ' ')}: {_words(number)}")
    click.echo()
    for finding in found:
        click.echo(f"{'BROKEN' if finding.broken else 'ok':7}{finding.says.en}")
        for place in finding.examples:
            click.echo(f"       {place}")
        if finding.broken > len(finding.examples):
            click.echo(f"       and {finding.broken - len(finding.examples)} more")


def _words(number: Any) -> str:
    if not isinstance(number, dict):
        return str(number)
    return ", ".join(f"{count} {word}" for word, count in number.items()) or "0"
