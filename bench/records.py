"""What an experiment leaves beside its runs' summaries: its plan, its journal, service times in process."""

from dataclasses import dataclass

SCHEMA = 1


@dataclass(frozen=True)
class Arm:
    """One thing that is compared: a stack, or the twin of one, which has the same settings once more.

    An arm `through_port_forward` shows what the thesis' way to the server adds; it competes with nobody.
    """

    name: str
    stack: str
    twin_of: str | None = None
    through_port_forward: bool = False


@dataclass(frozen=True)
class Budget:
    """How long each part of a visit takes, in seconds. `search_trials` bounds a search in each block.

    With a `step_rate` (requests/s) a visit is one step of the load: low, high at this rate, low again.
    """

    thesis_seconds: float
    serial_seconds: float
    baseline_seconds: float
    trial_seconds: float
    confirm_seconds: float
    search_trials: int
    step_rate: float = 0.0
    step_seconds: tuple[float, float, float] = (60.0, 90.0, 60.0)


@dataclass(frozen=True)
class Experiment:
    """The plan: every block visits every arm once, in an order drawn for it.

    `parts` are what each arm goes through, by the arm's name: a part of `bench.summary.PARTS`, `baseline`,
    `capacity` (its trials are the parts search and confirm). An arm through port-forward has no visits of its
    own: its part follows those of its stack. `quick` experiments have too few blocks for an interval over
    them, so no difference may be claimed.
    """

    schema: int
    name: str
    seed: int
    created: str
    quick: bool
    budget: Budget
    arms: tuple[Arm, ...]
    order: tuple[tuple[str, ...], ...]
    parts: dict[str, tuple[str, ...]]


@dataclass(frozen=True)
class Step:
    """One finished step of a visit. `what`: up, verify, warm-up, a part's name, baseline or destroy.

    `load` tells the seconds of it in which load was sent; `fault` is empty unless the step failed.
    """

    block: int
    arm: str
    what: str
    began: str
    seconds: float
    load_seconds: float = 0.0
    fault: str = ""


@dataclass(frozen=True)
class ServiceTime:
    """Decode and model in process, for a number of rows at once; the whole call in ms."""

    rows: int
    calls: int
    p50_millis: float


@dataclass(frozen=True)
class Baseline:
    """What the model costs without a server: the same runtime, threads and photos, in a process of its own.

    `where` says in which container or environment it ran; `threads` are those within an operation.
    """

    schema: int
    experiment: str
    arm: str
    stack: str
    server: str
    block: int
    runtime: str
    threads: int
    where: str
    times: tuple[ServiceTime, ...]


@dataclass(frozen=True)
class Line:
    """One series of a query. Points are (seconds since the load's start, value)."""

    name: str
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Drawn:
    """What Prometheus answered to one query over a run, warm-up and a margin included.

    `name`, `unit` and `promql` are those of `stack.queries`; a line's name is the query's legend.
    """

    name: str
    unit: str
    promql: str
    lines: tuple[Line, ...]
