"""Search one server's SLO capacity: trials by `bench.trial.capacity`, each kept as a run of its own."""

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bench.errors import PredictionError, TargetError
from bench.load import k6, profiles
from bench.records.parts import CONFIRM
from bench.records.profile import Closed
from bench.records.run import Summary
from bench.records.samples import LEAD_SECONDS, Sample
from bench.subject.target import Target
from bench.trial import capacity
from bench.trial.capacity import Next, Start, Trial
from bench.trial.measure import ROTATE, Request, Setup, measure, target_plan
from bench.trial.progress import Progress
from stack.settings import Slo

DRAIN_SECONDS = 30.0  # at most, for what an overload left in the server's queues
DRAINED = 2.0
VOID_TRIES = 2  # a trial that says nothing is made again so often
SLACK = 1.2
SCALING_LOAD = Closed(users=25, seconds=120.0, think_seconds=0.0)
COUNTS_FROM = 1000 * (LEAD_SECONDS + profiles.LEAD_SECONDS)  # ms since the generator's start


@dataclass(frozen=True)
class Bounds:
    """How long trials are, in seconds, and how many the search may take."""

    trial_seconds: float
    confirm_seconds: float
    trials: int


def search(
    setup: Setup, request: Request, start: Start, bounds: Bounds, earlier: Sequence[Summary] = ()
) -> tuple[Summary, ...]:
    """Trials until a rate is confirmed, or none can be. Raises what `measure` raises.

    `earlier` trials of a search that was cut off count, and are not made again. A trial ends early once it
    cannot meet the objective any more; after one that failed, the server drains.
    """
    scale_out(setup.target)
    made: list[Summary] = []
    while step := capacity.following(capacity.known([*earlier, *made]), start, bounds.trials):
        if sum(capacity.step_of(each) == step for each in made) > VOID_TRIES:
            break
        latest = _try(setup, replace(request, seed=request.seed + len(made)), step, bounds)
        made.append(latest)
        result = capacity.judge(latest)
        print(told(step, result, latest), file=sys.stderr, flush=True)
        if latest.obtained.interrupted:
            break
        if result is None or not result.met:
            drain(setup)
    return tuple(made)


def scale_out(target: Target) -> None:
    """Load an autoscaled server until it has all its pods: its capacity is theirs, not that of the way there.

    Raises TargetError if they do not come within two minutes.
    """
    scaling = target.stack.settings.horizontal
    if scaling is None or target.endpoint.autoscaler is None:
        return
    plan = target_plan(target, SCALING_LOAD, seed=0, rotate=ROTATE)
    show = Progress(f"{target.endpoint.server} scale-out", plan)
    k6.send(plan, lambda samples: show(samples) or _pods(target) >= scaling.max_replicas)
    if (ready := _pods(target)) < scaling.max_replicas:
        raise TargetError(
            f"{target.endpoint.server}: expected {scaling.max_replicas} pods under load, got {ready}; "
            "run: make status"
        )


def _pods(target: Target) -> int:
    """Ready pods of the server."""
    return sum(pod.ready for pod in target.stack.pods(target.endpoint))


def _try(setup: Setup, request: Request, step: Next, bounds: Bounds) -> Summary:
    seconds = bounds.confirm_seconds if step.kind == CONFIRM else bounds.trial_seconds
    trial = replace(request, profile=profiles.trial(step.rate, seconds), part=step.kind)
    slo = setup.target.stack.settings.slo
    return measure(setup, trial, Hopeless(slo, step.rate * seconds))


class Hopeless:
    """A watch that is true once more requests were too slow, or failed, than the objective allows in all."""

    def __init__(self, slo: Slo, planned: float) -> None:
        """`planned` requests count; of Poisson arrivals there may be somewhat more."""
        self._slo, self._most = slo, planned * SLACK
        self._seen = self._over95 = self._over99 = self._failed = 0

    def __call__(self, samples: list[Sample]) -> bool:
        self._count(samples[self._seen :])
        self._seen = len(samples)
        return (
            self._over95 > 0.05 * self._most
            or self._over99 > 0.01 * self._most
            or self._failed > self._slo.error_percent / 100 * self._most + 1
        )

    def _count(self, new: Sequence[Sample]) -> None:
        for sample in new:
            if sample.due >= COUNTS_FROM:
                self._over95 += sample.latency > self._slo.p95_millis
                self._over99 += sample.latency > self._slo.p99_millis
                self._failed += not sample.good


def drain(setup: Setup) -> None:
    """Wait until a single request takes no more than twice its time in the warm-up, at most 30 s."""
    end, usual = time.monotonic() + DRAIN_SECONDS, setup.warm.p50_millis
    while time.monotonic() < end:
        if _answers_within(setup.target, DRAINED * usual):
            return
        time.sleep(0.2)


def _answers_within(target: Target, millis: float) -> bool:
    began = time.monotonic()
    try:
        target.ask(target.endpoint, target.photos[0].content)
    except PredictionError:
        return False
    return (time.monotonic() - began) * 1000 <= millis


def told(step: Next, result: Trial | None, made: Summary) -> str:
    """One trial for people."""
    head = f"{made.server}: {step.kind} at {step.rate:.1f}/s:"
    if result is None:
        return f"{head} says nothing: {'; '.join(made.void)}"
    if not result.met:
        return f"{head} misses the objective: {'; '.join(result.reasons)}"
    found = made.judged.latency
    figures = (
        ", ".join(f"{name} {found.percentiles[name].value:.1f} ms" for name in ("p95", "p99"))
        if found
        else ""
    )
    return f"{head} holds, {figures}"
