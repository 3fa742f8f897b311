"""`python -m bench report`: read an experiment, write its report beside it."""

import argparse
import sys
from pathlib import Path

from bench.analysis import cost
from bench.errors import WriteError
from bench.records import store
from bench.records.store import RESULTS
from bench.report.compose import report

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
    files = report(store.read(folder), prices, options.baseline)
    out: Path = options.out or folder / FOLDER
    for name, content in files.items():
        write(out / name, content)
    print(f"{len(files)} files", file=sys.stderr)
    print(out / "report.html")
    return 0


def write(file: Path, content: bytes) -> None:
    """Write one file and the folders above it. Raises WriteError."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    except OSError as error:
        raise WriteError(
            f"--out: expected a folder to write to, got {file.parent}: {error.strerror}; choose another"
        ) from error
