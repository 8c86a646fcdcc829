"""`make prove [ONLY=oversell] [SCALE=0.1] [ENGINE=sqlite]`: the promises, each run and controlled.

Exits 1 when a promise is broken or a control stays green, 2 when something could not be run here.

A control is the same run with one safeguard switched off. It must end red: a run that cannot fail
shows nothing.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

from tests.prove import (
    beside,
    browsers,
    clocks,
    crossing,
    disk,
    drill,
    gates,
    hosts,
    kills,
    letters,
    migrating,
    oversell,
    rotating,
    sync,
)
from tests.prove.harness import CannotRun, Seen, say
from tests.running import ROOT

BOTH = ("sqlite", "postgresql")
BROKEN, INCOMPLETE = 1, 2
LIES = "answer_before_commit,long_batches"
UNLOCKED = "skip_lock,sleep_after_check,long_batches"


@dataclass(frozen=True, slots=True)
class Promise:
    """faults: what is switched off in the control; controlled: the engines on which it shows.

    control: how large the control is, of the whole; it is repeated until it is red, three times.
    """

    name: str
    says: str
    run: Callable[[str, float, str], Seen]
    faults: str
    engines: Sequence[str] = BOTH
    controlled: Sequence[str] = BOTH
    control: float = 0.05


PROMISES = (
    Promise("oversell", "no seat too many", oversell.run, UNLOCKED),
    Promise("gates", "one admission per ticket", gates.run, UNLOCKED),
    Promise("sync", "synced before the first byte", sync.run, "no_sync", ("sqlite",), control=0.1),
    Promise("kills", "acknowledged is durable", kills.run, LIES,
            controlled=("sqlite",)),
    Promise("crossing", "what gates scanned comes up", crossing.run, LIES,
            controlled=("sqlite",), control=0.2),
    Promise("disk", "a full disk tells no lies", disk.run, LIES, ("sqlite",),
            control=0.5),
    Promise("letters", "no letter lost", letters.run, "mark_early", control=0.2),
    Promise("browsers", "sent twice is registered once", browsers.run, "forget_submit_id",
            ("sqlite",), control=0.02),
    Promise("clocks", "the clock may jump", clocks.run, "trust_clock", ("sqlite",)),
    Promise("hosts", "a host may die", hosts.run, UNLOCKED, ("postgresql",),
            ("postgresql",), control=0.2),
    Promise("migrating", "migrations keep every row", migrating.run, "changed_row", control=0.01),
    Promise("drill", "a backup restores to a prefix", drill.run, "plain_copy",
            controlled=("sqlite",), control=0.2),
    Promise("rotating", "keys rotate in use, cut off or not", rotating.run, "key_each_time",
            control=0.02),
    Promise("beside", "commands are not starved", beside.run, "skip_gate",
            controlled=("sqlite",), control=1.0),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the table. red: whether the control ended red; None where there is none."""

    name: str
    engine: str
    says: str
    seen: str
    broken: Sequence[str]
    red: bool | None
    seconds: float

    @property
    def good(self) -> bool:
        return not self.broken and self.red is not False

    @property
    def verdict(self) -> str:
        if self.broken:
            return "BROKEN"
        return {True: "kept, control red", False: "CONTROL GREEN", None: "kept"}[self.red]


def prove(promise: Promise, engine: str, scale: float, *, run: bool, control: bool) -> Line:
    """Run a promise on one engine, then its control. Raises `CannotRun`."""
    began = time.monotonic()
    say(f"{promise.name} on {engine}, scale {scale:g} …")
    seen = promise.run(engine, scale, "") if run else Seen("only the control")
    say(f"  {seen.figures}")
    for word in seen.broken:
        say(f"  BROKEN: {word}")
    red = None
    if control and engine in promise.controlled:
        say(f"  the control, without a safeguard ({promise.faults}) …")
        red = any(
            _is_red(promise, engine, min(1.0, promise.control * 2**turn)) for turn in range(3)
        )
    return Line(promise.name, engine, promise.says, seen.figures, seen.broken, red,
                time.monotonic() - began)  # fmt: skip


def _is_red(promise: Promise, engine: str, scale: float) -> bool:
    broken = promise.run(engine, scale, promise.faults).broken
    say(f"  {'red: ' + broken[0] if broken else 'GREEN'}")
    return bool(broken)


def main() -> int:
    names = [promise.name for promise in PROMISES]
    parser = argparse.ArgumentParser(prog="make prove")
    parser.add_argument("--only", help="names, separated by commas: " + ", ".join(names))
    parser.add_argument("--scale", type=float, default=1.0, help="0.1: a tenth of everything")
    parser.add_argument("--engine", choices=BOTH)
    controls = parser.add_mutually_exclusive_group()
    controls.add_argument("--control", action="store_true", help="only the controls")
    controls.add_argument("--no-control", action="store_true", help="without the controls")
    given = parser.parse_args()
    wanted = given.only.split(",") if given.only else names
    if unknown := set(wanted) - set(names):
        parser.error(f"no promise is called {', '.join(sorted(unknown))}; there are {names}")
    lines, missing = [], []
    for promise in PROMISES:
        for engine in promise.engines if promise.name in wanted else ():
            if given.engine in (None, engine):
                try:
                    lines.append(
                        prove(promise, engine, given.scale,
                              run=not given.control, control=not given.no_control)
                    )  # fmt: skip
                except CannotRun as reason:
                    missing.append(f"{promise.name} on {engine} was not run: {reason}")
    _report(lines, missing)
    if not all(line.good for line in lines):
        return BROKEN
    return INCOMPLETE if missing else 0


def _report(lines: Sequence[Line], missing: Sequence[str]) -> None:
    say("")
    for line in lines:
        say(
            f"{line.name:<10}{line.engine:<11}{line.verdict:<19}{line.seconds:>6.0f} s  {line.seen}"
        )
    for word in missing:
        say(word)
    report = ROOT / "build" / "prove.json"
    report.parent.mkdir(exist_ok=True)
    report.write_text(json.dumps([asdict(line) for line in lines], indent=1, ensure_ascii=False))


if __name__ == "__main__":
    sys.exit(main())
