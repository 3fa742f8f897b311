"""`python -m bench gate`: is a new experiment worse than a stored one, beyond the noise of both?"""

import argparse
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from bench.analysis import cost, stored
from bench.analysis.analysis import Analysis, analyse
from bench.analysis.comparisons import CAPACITY, P95, floor_of
from bench.commands.files import write
from bench.errors import EvidenceError
from bench.records import store
from bench.records.estimates import Estimate
from bench.records.parts import CONFIRM
from bench.records.store import RESULTS
from bench.report.words import estimate, number

WORSE, BETTER, SAME, UNKNOWN = "worse", "better", "no difference", "unknown"
MISSING, NEW = "missing", "new"


@dataclass(frozen=True)
class Pair:
    """One figure before and now. `floor`: the larger noise floor of both experiments; None: not known."""

    before: Estimate | None
    now: Estimate | None
    floor: float | None


@dataclass(frozen=True)
class Check:
    """One figure of one stack. `word` is one of the above, `why` says it for people.

    Worse or better takes intervals that do not overlap and a ratio beyond the noise floor.
    """

    cell: str
    measure: str
    pair: Pair
    word: str
    why: str


def add_arguments(command: argparse.ArgumentParser) -> None:
    """The command line of `gate`."""
    command.add_argument("baseline", type=Path, metavar="BASELINE", help="a report.json that was kept")
    command.add_argument("experiment", help="a folder below results/")
    command.add_argument("--results", type=Path, default=RESULTS, help="default: results/")
    command.add_argument("--junit", type=Path, metavar="FILE", help="write the checks as JUnit XML")
    command.add_argument("--strict", action="store_true", help="stacks that are missing or new fail too")


def run(options: argparse.Namespace) -> int:
    """Print every check; 1 if one is worse beyond the noise. Raises BenchError."""
    before = stored.read(options.baseline)
    evidence = store.read(store.folder_of(options.results, options.experiment))
    now = analyse(evidence, cost.read(cost.DEFAULT))
    checks = compare(before, now)
    bad = failing(checks, strict=options.strict)
    if options.junit:
        write(options.junit, junit(checks, bad), "--junit")
    print(as_text(checks, bad))
    if not any(check.word in (WORSE, BETTER, SAME) for check in checks):
        print("nothing could be compared: see why above", file=sys.stderr)
    return 1 if bad else 0


def compare(before: Analysis, now: Analysis) -> tuple[Check, ...]:
    """Every figure that both have, every stack that only one has. Raises EvidenceError for two objectives."""
    if before.slo != now.slo:
        raise EvidenceError(
            f"BASELINE: expected the objective {now.slo}, got {before.slo}; capacities cannot be compared"
        )
    old = {row.cell: row for row in before.rows if row.competes}
    new = {row.cell: row for row in now.rows if row.competes}
    checks = [check for cell in old if cell in new for check in _checks(before, now, cell)]
    checks += [_absent(cell, MISSING, "was measured before, is not now") for cell in old if cell not in new]
    checks += [_absent(cell, NEW, "has nothing to be compared with") for cell in new if cell not in old]
    return tuple(checks)


def _absent(cell: str, word: str, why: str) -> Check:
    return Check(cell, "all", Pair(None, None, None), word, why)


def _checks(before: Analysis, now: Analysis, cell: str) -> Iterator[Check]:
    old, new = before.row(cell), now.row(cell)
    if old.capacity and new.capacity:
        pair = Pair(old.capacity.estimate, new.capacity.estimate, _floor(CAPACITY, before, now))
        yield _check(cell, CAPACITY, pair, more_is_better=True)
    floor = _floor(P95, before, now)
    known = {load.label: load.latency.get(P95) for load in old.loads if load.part != CONFIRM}
    for load in new.loads:
        if load.label in known:
            pair = Pair(known[load.label], load.latency.get(P95), floor)
            yield _check(cell, f"p95, {load.label}", pair, more_is_better=False)


def _floor(measure: str, before: Analysis, now: Analysis) -> float | None:
    floors = [floor_of(measure, each.noise) for each in (before, now)]
    return max((floor for floor in floors if floor is not None), default=None)


def _check(cell: str, measure: str, pair: Pair, *, more_is_better: bool) -> Check:
    old, new, floor = pair.before, pair.now, pair.floor
    if old is None or new is None:
        return Check(cell, measure, pair, UNKNOWN, "one of both has no figure")
    if floor is None:
        return Check(cell, measure, pair, UNKNOWN, "no pair of identical stacks tells the noise")
    if old.low is None or old.high is None or new.low is None or new.high is None:
        return Check(cell, measure, pair, UNKNOWN, "one of both has too few runs for an interval")
    lower = new.high < old.low and new.value * floor < old.value
    higher = new.low > old.high and new.value > old.value * floor
    word = SAME if not (lower or higher) else BETTER if higher is more_is_better else WORSE
    ratio = f"{number(new.value / old.value)} times as much" if old.value else "none before"
    return Check(cell, measure, pair, word, f"{ratio}; noise up to a factor of {number(floor)}")


def failing(checks: Iterable[Check], *, strict: bool) -> tuple[Check, ...]:
    """Those that fail the gate."""
    bad = {WORSE, MISSING, NEW} if strict else {WORSE}
    return tuple(check for check in checks if check.word in bad)


def as_text(checks: Sequence[Check], bad: Sequence[Check]) -> str:
    """A line for each check, those that fail last, and a conclusion."""
    lines = [
        f"{check.word:<14}{check.cell}: {check.measure}: {_told(check)}"
        for check in (*(check for check in checks if check not in bad), *bad)
    ]
    end = f"{len(bad)} of {len(checks)} checks fail" if bad else f"nothing fails in {len(checks)} checks"
    return "\n".join([*lines, end])


def _told(check: Check) -> str:
    if check.word in (MISSING, NEW):
        return check.why
    return f"{estimate(check.pair.before)} → {estimate(check.pair.now)} ({check.why})"


def junit(checks: Sequence[Check], bad: Sequence[Check]) -> bytes:
    """The checks as JUnit XML; what could not be compared is skipped."""
    skipped = [check for check in checks if check.word in (UNKNOWN, MISSING, NEW) and check not in bad]
    suite = ElementTree.Element("testsuite", name="bench gate")
    for name, group in (("tests", checks), ("failures", bad), ("skipped", skipped)):
        suite.set(name, str(len(group)))
    for check in checks:
        case = ElementTree.SubElement(suite, "testcase", classname=check.cell, name=check.measure)
        told = f"{check.word}: {_told(check)}"
        if check in bad:
            ElementTree.SubElement(case, "failure", message=told)
        elif check in skipped:
            ElementTree.SubElement(case, "skipped", message=told)
        else:
            ElementTree.SubElement(case, "system-out").text = told
    ElementTree.indent(suite)
    return str(ElementTree.tostring(suite, encoding="unicode", xml_declaration=True)).encode() + b"\n"
