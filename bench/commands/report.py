"""`python -m bench report`: read an experiment, write its report and the thesis's page beside it."""

import argparse
import sys
from pathlib import Path

from base import children
from bench.analysis import cost
from bench.analysis.analysis import analyse
from bench.analysis.cells import cells
from bench.analysis.cost import Prices
from bench.commands.files import write
from bench.records import store
from bench.records.store import RESULTS, Evidence
from bench.report import compose
from bench.report.sections.material import Material
from bench.thesis import page

FOLDER = "report"


def add_arguments(command: argparse.ArgumentParser) -> None:
    """The command line of `report`."""
    command.add_argument("experiment", help="a folder below results/")
    command.add_argument("--results", type=Path, default=RESULTS, help="default: results/")
    command.add_argument("--out", type=Path, help="default: results/EXPERIMENT/report/")
    command.add_argument("--baseline", help="arm to compare with; default: tf-default, else the first")
    command.add_argument("--prices", type=Path, default=cost.DEFAULT, help="default: bench/prices.yaml")


def run(options: argparse.Namespace) -> int:
    """Write the report; its page's path is the only line on stdout. Raises BenchError."""
    prices = cost.read(options.prices)
    folder = store.folder_of(options.results, options.experiment)
    made = files(store.read(folder), prices, options.baseline)
    out: Path = options.out or folder / FOLDER
    for name, content in made.items():
        write(out / name, content)
    print(f"{len(made)} files", file=sys.stderr)
    print(out / "report.html")
    return 0


def files(evidence: Evidence, prices: Prices, baseline: str | None = None) -> dict[str, bytes]:
    """Everything that a report consists of, by its path. Raises BenchError."""
    material = Material(analyse(evidence, prices, baseline), cells(evidence))
    with children.pool() as pool:  # drawing takes most of the time
        if evidence.experiment is None:  # `bench run` left it: nothing to compare, or to say of the thesis
            return compose.files_of_runs(material, pool)
        thesis = pool.submit(page.files, evidence)
        return compose.files(material, pool) | thesis.result()
