"""`python -m bench recommend`: the verdict of an experiment as a stack file."""

import argparse
from pathlib import Path

from bench.analysis import cost
from bench.analysis.analysis import Analysis, analyse
from bench.analysis.cells import Cell, cells
from bench.analysis.verdict import Verdict
from bench.commands.files import stack_text, write
from bench.errors import EvidenceError, OptionError
from bench.records import store
from bench.records.store import RESULTS
from bench.report.words import count, estimate, number
from stack.files import ROOT

RECOMMENDED = ROOT / "Pulumi.recommended.yaml"  # the user's own


def add_arguments(command: argparse.ArgumentParser) -> None:
    """The command line of `recommend`."""
    command.add_argument("experiment", help="a folder below results/")
    command.add_argument("--results", type=Path, default=RESULTS, help="default: results/")
    command.add_argument("--file", type=Path, default=RECOMMENDED, help=f"default: {RECOMMENDED.name}")
    command.add_argument("--force", action="store_true", help="overwrite the file")
    command.add_argument("--prices", type=Path, default=cost.DEFAULT, help="default: bench/prices.yaml")


def run(options: argparse.Namespace) -> int:
    """Write the file. Raises BenchError; SettingsError for settings that are not accepted any more."""
    if options.file.exists() and not options.force:
        raise OptionError(f"--file: expected a new file, got {options.file}; name another, or add --force")
    evidence = store.read(store.folder_of(options.results, options.experiment))
    found = analyse(evidence, cost.read(options.prices))
    if found.verdict is None:
        raise EvidenceError(
            f"EXPERIMENT: expected one in which a stack holds its objective, got {options.experiment}; "
            "run: bench all"
        )
    best = next(cell for cell in cells(evidence) if cell.name == found.verdict.winner)
    write(options.file, stack_file(found, found.verdict, best).encode(), "--file")
    stack = options.file.name.removeprefix("Pulumi.").removesuffix(".yaml")
    print(f"{options.file}: {found.verdict.winner}; next: pulumi stack init {stack} && pulumi up -s {stack}")
    return 0


def stack_file(found: Analysis, best: Verdict, cell: Cell) -> str:
    """A stack with what the winner sets of serving, and where it comes from. Raises SettingsError."""
    kept = cell.latest.settings
    own = {"servers": [cell.server]} | cell.stated() | {key: kept[key] for key in ("slo",) if key in kept}
    return stack_text(own, origin(found, best))


def origin(found: Analysis, best: Verdict) -> str:
    """Where the setting comes from, and how sure it is, in a few sentences."""
    slo = found.slo
    charged = f", {number(best.cost.requested, found.prices.currency)} for a million" if best.cost else ""
    noise = "unknown" if best.floor is None else f"a factor of {number(best.floor)}"
    equals = f" Not shown to differ: {', '.join(best.equals)}." if best.equals else ""
    stand_in = " Its server is a stand-in: the figures are not the original's." if best.is_stand_in else ""
    return (
        f"The settings of {best.winner}, recommended by experiment {found.experiment} (python -m bench "
        f"recommend). "
        f"It holds {estimate(best.rate)} requests/s with p95 ≤ {slo.p95_millis} ms, p99 ≤ {slo.p99_millis} "
        f"ms, "
        f"errors < {slo.error_percent:g} %{charged}. How sure: 95 % interval over "
        f"{count(best.blocks, 'block')}, "
        f"noise {noise}.{equals}{stand_in}"
    )
