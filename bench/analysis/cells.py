"""What is compared: cells, each one server of one arm, with the runs that may be used."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from bench.analysis.differences import leaves, stated
from bench.errors import EvidenceError, ReadError
from bench.records.experiment import Arm
from bench.records.parts import MAY_OVERLOAD, STEP
from bench.records.profile import Open
from bench.records.run import PORT_FORWARD, Summary
from bench.records.store import Evidence, Run
from stack import settings
from stack.quantities import millicores
from stack.schema import SettingsError
from stack.settings import Settings
from stack.settings.scaling import VPA


@dataclass(frozen=True)
class Cell:
    """One server of one arm. `name` is the arm's, with the server's where the arm has several."""

    name: str
    arm: Arm
    server: str
    runs: tuple[Run, ...]

    @property
    def competes(self) -> bool:
        """A twin or an arm through port-forward is measured to learn from, not to win."""
        return not (self.arm.twin_of or self.arm.through_port_forward)

    @property
    def summaries(self) -> tuple[Summary, ...]:
        """All runs' summaries, void ones too."""
        return tuple(run.summary for run in self.runs)

    @property
    def starts(self) -> tuple[float, ...]:
        """Seconds from creation to ready, of each pod that is known."""
        pods = (pod for made in self.summaries for pod in made.pods)
        return tuple({pod.pod: pod.start_seconds for pod in pods if pod.start_seconds is not None}.values())

    @property
    def latest(self) -> Summary:
        """The newest run's: for what all runs share."""
        return max(self.summaries, key=lambda made: (made.obtained.started, made.run))

    @property
    def is_stand_in(self) -> bool:
        """By its own word in the header Server."""
        return "stand-in" in self.latest.obtained.server_says

    def good(self, *parts: str) -> tuple[Run, ...]:
        """The usable runs of some parts, by block."""
        found = (run for run in self.runs if run.summary.part in parts and not reasons(run.summary))
        return tuple(sorted(found, key=lambda run: (run.summary.block, run.summary.run)))

    def settings(self) -> Settings:
        """As they were intended. Raises ReadError for settings of another version."""
        try:
            return settings.read(self.latest.settings)
        except SettingsError as error:
            raise ReadError(f"{self.name}: its settings are of another version: {error}") from error

    def stated(self) -> dict[str, object]:
        """What the stack sets of serving and of this server, by key."""
        return stated(self.latest.settings, self.settings(), self.server)

    def differs(self) -> dict[str, str]:
        """The same by path, values as text; the server's own keys without its name."""
        return {path.removeprefix(f"{self.server}."): value for path, value in leaves(self.stated())}


def reasons(made: Summary) -> tuple[str, ...]:
    """Why a run's figures are not used; empty for a good run."""
    faults = tuple(reason for reason in made.void if reason not in made.overload)
    overload = () if made.part in MAY_OVERLOAD else made.overload
    return (*faults, *overload, *_remembered(made))


def _remembered(made: Summary) -> tuple[str, ...]:
    """A step on VPA before which its pods had more than their stack asks for: the load was known already.

    VPA's recommender keeps what it saw of a namespace's pods, longer than their VerticalPodAutoscaler lives.
    """
    if made.part != STEP:
        return ()
    try:
        wanted = settings.read(made.settings)
    except SettingsError:  # told of by its cell
        return ()
    scaling = wanted.autoscaling
    if scaling is None or scaling.scaler != VPA:
        return ()
    asked = max(map(millicores, (wanted.resources.cpu_request, scaling.vpa.min_cpu_request))) / 1000
    had = max(
        (each.cores / max(1, each.pods) for each in made.held if each.seconds <= calm_seconds(made)),
        default=0,
    )
    began = f"a pod had {had:g} cores before the step where {asked:g} are asked for"
    why = "VPA's recommender remembers an earlier visit; restart it before the next"
    return (f"{began}: {why}",) if had > asked else ()


def calm_seconds(made: Summary) -> float:
    """Seconds of the load before its step; 0 where the first phase is the only one."""
    phases = made.profile.phases if isinstance(made.profile, Open) else ()
    return phases[0].seconds if len(phases) > 1 else 0.0


def cells(evidence: Evidence) -> tuple[Cell, ...]:
    """In the order of the plan, what is unplanned by its arm's name. Raises EvidenceError for no run."""
    if not evidence.runs:
        raise EvidenceError("EXPERIMENT: expected at least one finished run, got none; run: bench run")
    groups: dict[tuple[str, str], list[Run]] = defaultdict(list)
    for run in evidence.runs:
        groups[run.summary.arm, run.summary.server].append(run)
    planned = {arm.name: arm for arm in evidence.experiment.arms} if evidence.experiment else {}
    order = {name: number for number, name in enumerate(planned)}
    keys = sorted(groups, key=lambda key: (order.get(key[0], len(order)), key))
    return tuple(_cell(key, groups[key], planned, [arm for arm, _ in keys]) for key in keys)


def _cell(key: tuple[str, str], runs: list[Run], planned: Mapping[str, Arm], arms: Sequence[str]) -> Cell:
    name, server = key
    first = runs[0].summary
    unplanned = Arm(name, first.stack, through_port_forward=first.obtained.route == PORT_FORWARD)
    shown = name if arms.count(name) == 1 else f"{name} ({server})"
    return Cell(shown, planned.get(name, unplanned), server, tuple(runs))


def by_block(runs: Sequence[Run], figure: Callable[[Summary], float | None]) -> dict[int, float]:
    """A figure of each block: the median of its runs that have one."""
    found: dict[int, list[float]] = defaultdict(list)
    for run in runs:
        value = figure(run.summary)
        if value is not None:
            found[run.summary.block].append(value)
    return {block: median(values) for block, values in sorted(found.items())}


def baseline_of(cell: Cell, known: Sequence[Cell], arm: str) -> Cell | None:
    """What a cell is compared with: the arm's cell of the same server, else its first."""
    own = [each for each in known if each.arm.name == arm]
    return next((each for each in own if each.server == cell.server), own[0] if own else None)
