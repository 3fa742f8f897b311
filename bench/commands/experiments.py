"""Experiments by their names on the command line: folders below results/, or reports that were kept."""

from collections.abc import Sequence
from pathlib import Path

from bench.analysis import stored
from bench.analysis.analysis import Analysis, analyse
from bench.analysis.cost import Prices
from bench.records import store
from stack.files import ROOT

REPORT = "report.json"
OURS = ROOT / "docs" / "results" / "three-servers" / REPORT  # measured by this project, on another machine


def analysis(results: Path, name: str, prices: Prices) -> Analysis:
    """An experiment's answer. Raises BenchError."""
    if name.endswith(".json") or (Path(name) / REPORT).is_file():
        return stored.read(Path(name) if name.endswith(".json") else Path(name) / REPORT)
    return analyse(store.read(store.folder_of(results, name)), prices)


def analyses(results: Path, names: Sequence[str], prices: Prices) -> tuple[Analysis, ...]:
    """Those named, the oldest first; without names all of `results`, and ours where there are none.

    Raises BenchError.
    """
    chosen = names or kept(results) or [str(OURS)]
    return tuple(sorted((analysis(results, name, prices) for name in chosen), key=_ended))


def _ended(found: Analysis) -> str:
    return found.conditions.last


def kept(results: Path) -> list[str]:
    """The experiments that have a finished run."""
    return sorted({file.parents[2].name for file in results.glob(f"*/*/*/{store.SUMMARY}")})
