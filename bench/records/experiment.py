"""What an experiment leaves beside its runs: its plan and its journal."""

from dataclasses import dataclass

SCHEMA = 1
BASELINE = "baseline"  # a part of a visit that is no load
DESTROY = "destroy"  # the last step of a visit


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

    `parts` are what each arm goes through, by the arm's name: one of `bench.records.parts.PARTS`, `baseline`,
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
