"""results/<experiment>/<arm>/<run>/: where runs are kept, raw and summarised, and read again.

An experiment's own folder also holds its plan (`experiment.json`), its journal (`journal.jsonl`) and, if its
visits are steps of the load, their forecast (`forecast.json`).
"""

import gzip
import json
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeVar

import cattrs

from bench.errors import OptionError, ReadError, WriteError
from bench.records import samples
from bench.records.baseline import Baseline
from bench.records.expected import Expected
from bench.records.experiment import Experiment, Step
from bench.records.forecast import Forecast
from bench.records.run import OLDER, SCHEMA, Summary
from bench.records.samples import Sample
from bench.records.series import Drawn
from stack.files import ROOT

RESULTS = ROOT / "results"
SAMPLES = "samples.csv.gz"
WARM_UP = "warm-up.csv.gz"
SERIES = "prometheus.json.gz"
SUMMARY = "summary.json"
BASELINE = "baseline.json"
EXPECTED = "expected.json"
EXPERIMENT = "experiment.json"
FORECAST = "forecast.json"
JOURNAL = "journal.jsonl"

T = TypeVar("T")
_converter = cattrs.Converter(forbid_extra_keys=True)
# settings are kept as they were
_converter.register_structure_hook_func(lambda kind: kind is object, lambda value, _: value)


@dataclass(frozen=True)
class Run:
    """One kept run and its folder."""

    folder: Path
    summary: Summary

    def samples(self) -> tuple[Sample, ...]:
        """The raw samples. Raises ReadError."""
        try:
            return samples.read(self.folder / SAMPLES)
        except (OSError, ValueError, EOFError, zlib.error) as error:
            raise ReadError(f"{self.folder / SAMPLES}: unreadable: {error}; measure it again") from error

    def series(self) -> tuple[Drawn, ...]:
        """What Prometheus had of it; nothing where there was no Prometheus. Raises ReadError."""
        file = self.folder / SERIES
        if not file.exists():
            return ()
        try:
            data = json.loads(gzip.decompress(file.read_bytes()))
        except (OSError, ValueError, EOFError, zlib.error) as error:
            raise ReadError(f"{file}: unreadable: {error}; measure it again") from error
        return tuple(_structured(file, each, Drawn) for each in data)


@dataclass(frozen=True)
class Evidence:
    """Everything that an experiment left: nothing else decides a report."""

    experiment: Experiment | None
    journal: tuple[Step, ...]
    runs: tuple[Run, ...]
    baselines: tuple[Baseline, ...]
    expected: tuple[Expected, ...] = ()
    forecast: Forecast | None = None


def create(results: Path, experiment: str, arm: str, run: str) -> Path:
    """A new folder for a run. Raises BenchError for a bad name or a folder that cannot be written."""
    made = folder_of(results, experiment) / arm / run
    try:
        made.mkdir(parents=True)
    except OSError as error:
        raise _unwritable(made, error) from error
    return made


def folder_of(results: Path, experiment: str) -> Path:
    """The folder of an experiment. Raises OptionError for a bad name."""
    if not experiment or experiment.startswith(".") or Path(experiment).name != experiment:
        raise OptionError(
            f"--experiment: expected a folder's name, got {experiment!r}; use letters and digits"
        )
    return results / experiment


def keep_samples(folder: Path, name: str, kept: Iterable[Sample]) -> None:
    """Keep the raw samples of a load. Raises WriteError if they cannot be written."""
    try:
        samples.write(folder / name, kept)
    except OSError as error:
        raise _unwritable(folder, error) from error


def keep_bytes(folder: Path, name: str, content: bytes) -> None:
    """Keep a file whole or not at all: one that is there is complete. Raises WriteError."""
    part = folder / f"{name}.part"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        part.write_bytes(content)
        part.replace(folder / name)
    except OSError as error:
        raise _unwritable(folder, error) from error


def keep_series(folder: Path, drawn: Sequence[Drawn]) -> None:
    """Keep what Prometheus answered. Raises WriteError."""
    text = json.dumps([asdict(each) for each in drawn])
    keep_bytes(folder, SERIES, gzip.compress(text.encode(), mtime=0))


def keep(folder: Path, name: str, record: Summary | Baseline | Experiment | Expected | Forecast) -> None:
    """Keep a record as JSON: a run without its summary did not finish. Raises WriteError."""
    keep_bytes(folder, name, (json.dumps(asdict(record), indent=2) + "\n").encode())


def keep_first(folder: Path, forecast: Forecast) -> bool:
    """Keep a forecast where there is none and nothing has been measured; whether it was. Raises WriteError.

    One that is there stays as it is, whatever is asked for: a forecast that is made again is none.
    """
    if (folder / FORECAST).exists() or (folder / JOURNAL).exists() or any(folder.glob(f"*/*/{SUMMARY}")):
        return False
    keep(folder, FORECAST, forecast)
    return True


def note(folder: Path, step: Step) -> None:
    """Add a step to an experiment's journal, after whatever a killed bench left there. Raises WriteError."""
    file = folder / JOURNAL
    try:
        gap = "" if not file.exists() or file.read_bytes().endswith(b"\n") else "\n"
        with file.open("a") as journal:
            journal.write(f"{gap}{json.dumps(asdict(step))}\n")
    except OSError as error:
        raise _unwritable(folder, error) from error


def read(folder: Path) -> Evidence:
    """All that is kept of an experiment. Raises BenchError for what cannot be understood."""
    if not folder.is_dir():
        raise OptionError(
            f"EXPERIMENT: expected a folder of {folder.parent}, got {folder.name}; run: bench all"
        )
    plan, forecast = folder / EXPERIMENT, folder / FORECAST
    return Evidence(
        experiment=_record(plan, Experiment) if plan.exists() else None,
        journal=tuple(_steps(folder / JOURNAL)),
        runs=tuple(Run(file.parent, _summary(file)) for file in sorted(folder.glob(f"*/*/{SUMMARY}"))),
        baselines=tuple(_record(file, Baseline) for file in sorted(folder.glob(f"*/*/{BASELINE}"))),
        expected=tuple(_record(file, Expected) for file in sorted(folder.glob(f"*/*/{EXPECTED}"))),
        forecast=_record(forecast, Forecast) if forecast.exists() else None,
    )


def _summary(file: Path) -> Summary:
    schema = _json(file).get("schema")
    if schema not in (SCHEMA, *OLDER):
        raise ReadError(
            f"{file}: expected schema {SCHEMA}, got {schema}; it is of another version of the bench: "
            "move its experiment elsewhere and measure again"
        )
    return _record(file, Summary)


def _steps(file: Path) -> Iterator[Step]:
    """A line that was cut off is a step that did not finish."""
    for line in file.read_text().splitlines() if file.exists() else []:
        if line.endswith("}"):
            yield _structured(file, json.loads(line), Step)


def _record(file: Path, kind: type[T]) -> T:
    return _structured(file, _json(file), kind)


def _json(file: Path) -> dict[str, object]:
    try:
        data = json.loads(file.read_text())
    except (OSError, ValueError) as error:
        raise ReadError(
            f"{file}: expected JSON, got {error}; remove this run and measure it again"
        ) from error
    return data if isinstance(data, dict) else {}


def _structured(file: Path, data: object, kind: type[T]) -> T:
    try:
        return _converter.structure(data, kind)
    except Exception as error:  # cattrs raises a tree of errors of many kinds
        told = "; ".join(cattrs.transform_error(error))
        raise ReadError(f"{file}: not a {kind.__name__} of this version: {told}; measure again") from error


def _unwritable(folder: Path, error: OSError) -> WriteError:
    return WriteError(f"{folder}: expected a folder to write to, got {error.strerror}; make room or rights")
