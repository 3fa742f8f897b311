"""The whole answer of an experiment, as plain data: `report.json` is this and nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass

from bench.analysis import batching, loads
from bench.analysis.batching import BatchPoint
from bench.analysis.capacities import Capacity, TrialPoint, capacity, trial_points
from bench.analysis.cells import Cell, cells
from bench.analysis.comparisons import Comparison, Noise, comparisons, noise
from bench.analysis.conditions import Conditions, Voided, conditions, voided
from bench.analysis.cost import Cost, Prices, cost
from bench.analysis.forecasts import Forecasts, forecasts
from bench.analysis.harness import Harness, harness
from bench.analysis.loads import Load
from bench.analysis.predictions import Predicted, predictions
from bench.analysis.recovery import Recovery, recoveries
from bench.analysis.shootout import Goal, Scaled, goal, ranking
from bench.analysis.tax import Tax, taxes
from bench.analysis.verdict import Verdict, verdict
from bench.errors import OptionError
from bench.records.experiment import USUAL, Rule
from bench.records.parts import NO_BLOCK, TRIALS
from bench.records.store import Evidence
from stack.settings import Slo

SCHEMA = 2
BASELINE = "tf-default"


@dataclass(frozen=True)
class Row:
    """Everything about one cell. `differs`: its settings by path. `capacity`: None where none was sought.

    `starts`: s from a pod's creation to ready, of each pod that is known.
    """

    cell: str
    arm: str
    stack: str
    server: str
    is_stand_in: bool
    twin_of: str | None
    through_port_forward: bool
    differs: dict[str, str]
    capacity: Capacity | None
    loads: tuple[Load, ...]
    comparisons: tuple[Comparison, ...]
    cost: Cost | None
    runs: int
    void: int
    starts: tuple[float, ...] = ()

    @property
    def competes(self) -> bool:
        """Neither a twin nor measured through port-forward."""
        return not (self.twin_of or self.through_port_forward)


@dataclass(frozen=True)
class Analysis:
    """An experiment's answer. `blocks` is the most that any cell has; `baseline` is an arm.

    `rule` is the one that its plan holds, None where it holds none: then steps are judged by today's.
    """

    schema: int
    experiment: str
    quick: bool
    blocks: int
    slo: Slo
    baseline: str
    prices: Prices
    verdict: Verdict | None
    rows: tuple[Row, ...]
    noise: tuple[Noise, ...]
    batches: tuple[BatchPoint, ...]
    trials: tuple[TrialPoint, ...]
    recoveries: tuple[Recovery, ...]
    taxes: tuple[Tax, ...]
    predictions: tuple[Predicted, ...]
    harness: Harness | None
    void: tuple[Voided, ...]
    conditions: Conditions
    rule: Rule | None = None
    ranking: tuple[Scaled, ...] = ()
    goal: Goal | None = None
    forecasts: Forecasts | None = None

    @property
    def trials_void(self) -> frozenset[str]:
        """The cells that lost trials of the capacity's search."""
        return frozenset(each.cell for each in self.void if each.part in TRIALS)

    def row(self, cell: str) -> Row:
        """The row of a cell. Raises KeyError."""
        return {row.cell: row for row in self.rows}[cell]


def analyse(evidence: Evidence, prices: Prices, baseline: str | None = None) -> Analysis:
    """All that the evidence says. Raises BenchError for an unknown baseline and for unreadable files."""
    known = cells(evidence)
    base = chosen(known, baseline)
    seen = noise(known)
    held = {cell.name: capacity(cell) for cell in known}
    costs = {cell.name: cost(cell, held[cell.name], prices) for cell in known}
    plan, told = evidence.experiment, conditions(known)
    rule = plan.rule if plan else None
    steps = recoveries(known, rule or USUAL)
    ranked = ranking(known, steps)
    return Analysis(
        schema=SCHEMA,
        experiment=known[0].latest.experiment,
        quick=bool(plan and plan.quick),
        blocks=max(1, *(len({made.block for made in cell.summaries} - {NO_BLOCK}) for cell in known)),
        slo=known[0].latest.slo,
        baseline=base,
        prices=prices,
        verdict=verdict(known, held, costs, base, seen),
        rows=tuple(
            _row(cell, held[cell.name], costs[cell.name], comparisons(cell, known, base, seen))
            for cell in known
        ),
        noise=seen,
        batches=tuple(point for cell in known for point in batching.points(cell)),
        trials=tuple(point for cell in known for point in trial_points(cell)),
        recoveries=steps,
        taxes=taxes(known, evidence.baselines),
        predictions=predictions(known, held, evidence.baselines, evidence.expected),
        harness=harness(evidence.journal),
        void=voided(known),
        conditions=told,
        rule=rule,
        ranking=ranked,
        goal=goal(ranked, steps, rule) if rule else None,
        forecasts=forecasts(evidence.forecast, steps, told.first, rule or USUAL),
    )


def chosen(known: Sequence[Cell], asked: str | None) -> str:
    """The baseline arm: the one asked for, else `tf-default`, else the first. Raises OptionError."""
    arms = list(dict.fromkeys(cell.arm.name for cell in known))
    if asked is not None and asked not in arms:
        raise OptionError(f"--baseline: expected one of {', '.join(arms)}, got {asked}; name an arm")
    return asked or (BASELINE if BASELINE in arms else arms[0])


def _row(cell: Cell, found: Capacity, charged: Cost | None, compared: tuple[Comparison, ...]) -> Row:
    return Row(
        cell=cell.name,
        arm=cell.arm.name,
        stack=cell.arm.stack,
        server=cell.server,
        is_stand_in=cell.is_stand_in,
        twin_of=cell.arm.twin_of,
        through_port_forward=cell.arm.through_port_forward,
        differs=cell.differs(),
        capacity=found if found.by_block or found.unconfirmed else None,
        loads=loads.loads(cell),
        comparisons=compared,
        cost=charged,
        runs=len(cell.runs),
        void=len(voided([cell])),
        starts=cell.starts,
    )
