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
class Rule:
    """How a step of the load is judged, and what is aimed at: fixed in the plan, before there are any data.

    A window holds the requests due in `window_seconds`; it is violated by the objective's p95 or errors.
    Recovered: the first window from which on, while the load is high, no `in_a_row` of them are violated.
    `flap` and `order` say what counts as a flap and who is first. `default` is the arm with which the goal
    compares; empty: none. The goal: the best of the other autoscalers recovers within `goal_seconds` and
    has at most `goal_share` of the default's requests beyond the objective. A forecast hits by
    `forecast_share` of the recovery or `forecast_seconds`, and `forecast_requests` of the requests beyond
    the objective or `forecast_floor` of all requests, in `forecast_steps` of the steps at least. Plans of
    before there was a floor have none.
    """

    default: str = ""
    window_seconds: float = 5.0
    in_a_row: int = 2
    flap: str = (
        "a decision against the one before it, more and then fewer or fewer and then more, "
        "while the rate stays the same"
    )
    order: str = "the fewest requests beyond the objective first; of equals who requests less CPU"
    goal_seconds: float = 10.0
    goal_share: float = 0.25
    forecast_share: float = 0.25
    forecast_seconds: float = 5.0
    forecast_requests: float = 0.30
    forecast_steps: float = 0.80
    forecast_floor: float = 0.0

    @property
    def recovery(self) -> str:
        """When a step is over, in words."""
        return (
            f"the first window of {self.window_seconds:g} s from which on, as long as the load is high, no "
            f"{self.in_a_row} in a row are beyond the objective's p95 or errors"
        )

    @property
    def near(self) -> tuple[str, str]:
        """How near a forecast of the recovery, and of the requests beyond the objective, must be."""
        floor = f" or {100 * self.forecast_floor:g} % of all" if self.forecast_floor else ""
        return (
            f"within {100 * self.forecast_share:g} % or {self.forecast_seconds:g} s",
            f"within {100 * self.forecast_requests:g} %{floor}",
        )

    @property
    def goal(self) -> str:
        """What is aimed at, in words; empty where there is no default."""
        if not self.default:
            return ""
        return (
            f"the best other autoscaler recovers within {self.goal_seconds:g} s, with at most "
            f"{100 * self.goal_share:g} % of the requests beyond the objective that {self.default} has"
        )


USUAL = Rule()


@dataclass(frozen=True)
class Experiment:
    """The plan: every block visits every arm once, in an order drawn for it.

    `parts` are what each arm goes through, by the arm's name: one of `bench.records.parts.PARTS`, `baseline`,
    `capacity` (its trials are the parts search and confirm). An arm through port-forward has no visits of its
    own: its part follows those of its stack. `quick` experiments have too few blocks for an interval over
    them, so no difference may be claimed. `rule`: of an experiment of steps; None in others, and in those
    of before it was kept.
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
    rule: Rule | None = None


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
