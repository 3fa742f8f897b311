"""What serving adds to the model: one request in flight beside the same work in process."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from bench.analysis.cells import Cell, by_block
from bench.analysis.comparisons import paired
from bench.records.baseline import Baseline
from bench.records.estimates import Estimate
from bench.records.parts import SERIAL
from bench.records.run import Summary


@dataclass(frozen=True)
class Tax:
    """p50 of a server with one request in flight ÷ p50 of decode and model in process, by block.

    Times in ms, medians over blocks. `runtime`, `threads` and `where` are the process's.
    """

    cell: str
    server: str
    blocks: int
    ratio: Estimate
    served_millis: float
    in_process_millis: float
    runtime: str
    threads: int
    where: str


def taxes(known: Iterable[Cell], baselines: Sequence[Baseline]) -> tuple[Tax, ...]:
    """Of every cell with both figures in a block."""
    return tuple(tax for cell in known if (tax := _tax(cell, baselines)) is not None)


def _tax(cell: Cell, baselines: Sequence[Baseline]) -> Tax | None:
    own = [each for each in baselines if (each.arm, each.server) == (cell.arm.name, cell.server)]
    alone = {each.block: time.p50_millis for each in own for time in each.times if time.rows == 1}
    served = by_block(cell.good(SERIAL), p50)
    ratio, pairs = paired(alone, served)
    if ratio is None:
        return None
    shared = sorted(set(alone) & set(served))
    return Tax(
        cell=cell.name,
        server=cell.server,
        blocks=pairs,
        ratio=ratio,
        served_millis=median(served[block] for block in shared),
        in_process_millis=median(alone[block] for block in shared),
        runtime=own[0].runtime,
        threads=own[0].threads,
        where=own[0].where,
    )


def p50(made: Summary) -> float | None:
    """Of a whole load, in ms; None if nothing was answered."""
    return made.total.percentile("p50")
