"""What the checks look at: an experiment's good runs, with what was kept beside their summaries.

The only module here that reads files. What was not kept is empty, so that summaries alone can be judged too.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bench.analysis.capacities import Capacity, capacity
from bench.analysis.cells import Cell, cells, reasons
from bench.analysis.recovery import Recovery, recovery
from bench.errors import ReadError
from bench.records import samples
from bench.records.parts import CONFIRM, PARTS, STEP, THESIS, TRIALS
from bench.records.run import Summary
from bench.records.series import Line
from bench.records.store import SAMPLES, WARM_UP, Evidence, Run

WITH_SERIES = (THESIS, STEP, CONFIRM)


@dataclass(frozen=True)
class Look:
    """One good run. `series`: what Prometheus had, by the query's name, of the parts in WITH_SERIES.

    `recovery` is a step's; `warm_up_longest` the longest wait (ms) of the warm-up of the thesis's load.
    """

    summary: Summary
    series: Mapping[str, tuple[Line, ...]]
    recovery: Recovery | None
    warm_up_longest: float | None


@dataclass(frozen=True)
class Seen:
    """Everything that is judged. `looks` and `held` are by the arm's name, which has one server.

    `held` is what each arm holds under open load; `voided` counts runs that are not used.
    """

    cells: tuple[Cell, ...]
    looks: Mapping[str, tuple[Look, ...]]
    held: Mapping[str, Capacity]
    voided: int

    def of(self, arm: str, part: str = THESIS) -> tuple[Look, ...]:
        """The good runs of an arm's part."""
        return tuple(look for look in self.looks.get(arm, ()) if look.summary.part == part)

    def trials(self, arm: str) -> tuple[Look, ...]:
        """The good trials of an arm's capacity."""
        return tuple(look for part in TRIALS for look in self.of(arm, part))


def gather(evidence: Evidence) -> Seen:
    """Read what the checks need. Raises ReadError for kept files that cannot be understood."""
    known = cells(evidence) if evidence.runs else ()
    return Seen(
        cells=known,
        looks={cell.arm.name: tuple(_look(cell, run) for run in cell.good(*PARTS)) for cell in known},
        held={cell.arm.name: capacity(cell) for cell in known},
        voided=sum(bool(reasons(run.summary)) for run in evidence.runs),
    )


def _look(cell: Cell, run: Run) -> Look:
    part = run.summary.part
    stepped = part == STEP and (run.folder / SAMPLES).exists()
    return Look(
        summary=run.summary,
        series={drawn.name: drawn.lines for drawn in run.series()} if part in WITH_SERIES else {},
        recovery=recovery(cell, run) if stepped else None,
        warm_up_longest=_longest(run.folder / WARM_UP) if part == THESIS else None,
    )


def _longest(file: Path) -> float | None:
    if not file.exists():
        return None
    try:
        return max((sample.latency for sample in samples.read(file) if sample.good), default=None)
    except (OSError, ValueError, EOFError) as error:
        raise ReadError(f"{file}: unreadable: {error}; measure this run again") from error
