"""`python -m bench recommend`: the verdict of an experiment as a stack file."""

import argparse
from pathlib import Path

from bench.analysis import cost
from bench.analysis.analysis import Analysis, Row
from bench.analysis.candidates import sets
from bench.analysis.verdict import Verdict
from bench.commands import experiments, stack_file
from bench.errors import EvidenceError
from bench.records.store import RESULTS
from bench.report.words import count, estimate, number, objective
from stack.files import ROOT
from stack.schema import as_keys
from stack.settings import Slo

RECOMMENDED = ROOT / "Pulumi.recommended.yaml"  # the user's own

EPILOG = """\
The stack with the highest capacity, the cheapest of those that noise cannot tell from it, as it was measured.
How many pods and nodes a rate of yours takes: python -m bench size --rate R. Examples:

  python -m bench recommend all
  python -m bench recommend docs/results/full/report.json --file Pulumi.best.yaml
"""


def add_arguments(command: argparse.ArgumentParser) -> None:
    """The command line of `recommend`."""
    command.formatter_class, command.epilog = argparse.RawDescriptionHelpFormatter, EPILOG
    command.add_argument("experiment", help="a folder below results/, or a report.json that was kept")
    command.add_argument("--results", type=Path, default=RESULTS, help="default: results/")
    command.add_argument("--file", type=Path, default=RECOMMENDED, help=f"default: {RECOMMENDED.name}")
    command.add_argument("--force", action="store_true", help="overwrite the file")
    command.add_argument("--prices", type=Path, default=cost.DEFAULT, help="default: bench/prices.yaml")


def run(options: argparse.Namespace) -> int:
    """Write the file. Raises BenchError; SettingsError for settings that are not accepted any more."""
    stack_file.require_new("--file", options.file, options.force)
    found = experiments.analysis(options.results, options.experiment, cost.read(options.prices))
    if found.verdict is None:
        raise EvidenceError(
            f"EXPERIMENT: expected one in which a stack holds its objective, got {options.experiment}; "
            "run: bench all"
        )
    best = found.verdict
    then = stack_file.keep(options.file, stack_text(found, best, found.row(best.winner)), "--file")
    print(f"{options.file}: {best.winner}; next: {then}")
    return 0


def stack_text(found: Analysis, best: Verdict, row: Row) -> str:
    """A stack with what the winner sets of serving, and where it comes from. Raises SettingsError."""
    asked = as_keys(found.slo, Slo())
    return stack_file.text(sets(row) | ({"slo": asked} if asked else {}), origin(found, best))


def origin(found: Analysis, best: Verdict) -> str:
    """Where the setting comes from, and how sure it is, in a few sentences."""
    charged = f", {number(best.cost.requested, found.prices.currency)} for a million" if best.cost else ""
    noise = "unknown" if best.floor is None else f"a factor of {number(best.floor)}"
    equals = f" Not shown to differ: {', '.join(best.equals)}." if best.equals else ""
    stand_in = " Its server is a stand-in: the figures are not the original's." if best.is_stand_in else ""
    return (
        f"The settings of {best.winner}, recommended by experiment {found.experiment} (python -m bench "
        f"recommend). It holds {estimate(best.rate)} requests/s with {objective(found.slo)}{charged}. "
        f"How sure: 95 % interval over {count(best.blocks, 'block')}, noise {noise}.{equals}{stand_in}"
    )
