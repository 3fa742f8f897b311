"""results/<experiment>/<stack>/<run>/: where a run is kept, raw and summarised."""

import json
from dataclasses import asdict
from pathlib import Path

from bench.load import samples
from bench.load.k6 import Outcome
from bench.openloop import LoadError
from bench.summary import Summary

SAMPLES = "samples.csv.gz"
WARM_UP = "warm-up.csv.gz"
SUMMARY = "summary.json"


def create(results: Path, experiment: str, stack: str, run: str) -> Path:
    """A new folder for a run. Raises LoadError for a bad name or a folder that cannot be written."""
    if not experiment or experiment.startswith(".") or Path(experiment).name != experiment:
        raise LoadError(f"--experiment: expected a folder's name, got {experiment!r}; use letters and digits")
    made = results / experiment / stack / run
    try:
        made.mkdir(parents=True)
    except OSError as error:
        raise _unwritable(made, error) from error
    return made


def keep_samples(folder: Path, name: str, outcome: Outcome) -> None:
    """Keep the raw samples of a load. Raises LoadError if they cannot be written."""
    try:
        samples.write(folder / name, outcome.samples)
    except OSError as error:
        raise _unwritable(folder, error) from error


def keep_summary(folder: Path, made: Summary) -> None:
    """Write the summary, whole or not at all: a run without one did not finish. Raises LoadError."""
    part = folder / f"{SUMMARY}.part"
    try:
        part.write_text(json.dumps(asdict(made), indent=2) + "\n")
        part.replace(folder / SUMMARY)
    except OSError as error:
        raise _unwritable(folder, error) from error


def _unwritable(folder: Path, error: OSError) -> LoadError:
    return LoadError(f"{folder}: expected a folder to write to, got {error.strerror}; make room or rights")
