"""One load on one server: warm up, load, collect, summarise, keep."""

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bench.collect import machine, pods, prometheus
from bench.collect.following import Following, NotFollowed
from bench.errors import ClusterError, TargetError
from bench.load import k6
from bench.load.outcome import Outcome
from bench.load.plan import Check, Plan
from bench.load.rollouts import Rollouts
from bench.records import store
from bench.records.estimates import percentile
from bench.records.parts import MAY_OVERLOAD, TRIALS
from bench.records.profile import Closed, Open, Phase, Profile, Trace
from bench.records.run import IN_CLUSTER, SCHEMA, Machine, Obtained, Summary
from bench.records.samples import Sample
from bench.records.series import Drawn
from bench.subject import answers, payloads
from bench.subject.deployed import Deployed
from bench.subject.target import Target, mismatches, restarts
from bench.trial import guards, summarise
from bench.trial.progress import Progress
from bench.trial.steadiness import stationary, windows
from stack.outputs import Endpoint

WARM_UP_SECONDS = 60.0  # at most
CLOSED_WARM_RATE = 25.0  # requests/s before a closed load: the thesis' users, one request a second each
MARGIN_SECONDS = 30.0  # of Prometheus' series before and after a load: three scrapes
DEAD = 200  # failures in a row end a warm-up
ROTATE = 50  # requests on a connection where a Service has several pods to spread connections over
OPEN = "open: Poisson arrivals from a seeded schedule"
TRACED = "open: as many requests as a trace has in each bin, at random within it by a seed"
CLOSED = "closed: users who wait for the answer, then think"
Send = Callable[[Plan, k6.Watch], Outcome]
"""Puts a load on its target, as `k6.send` does from this machine."""
LATENCY = "client side, from the scheduled send to the answer's end, status 200 only"


@dataclass(frozen=True)
class Request:
    """What a load is to its experiment.

    `rotate`: requests on a connection, None for the target's own; `rollouts`: rolling restarts under it.
    """

    profile: Profile
    part: str
    experiment: str
    arm: str
    block: int = 0
    seed: int = 0
    rotate: int | None = None
    rollouts: int = 0


@dataclass(frozen=True)
class Warm:
    """A server that has been warmed up, and how. `p50_millis` is of its last good answers."""

    seconds: float
    stationary: bool
    p50_millis: float = 0.0
    outcome: Outcome | None = None


@dataclass(frozen=True)
class Around:
    """What is read of the stack around a load."""

    mismatches: Callable[[Target], tuple[str, ...]] = mismatches
    restarts: Callable[[Target], Mapping[str, int]] = restarts
    following: Callable[[Deployed, Endpoint], Following] = Following
    ranges: Callable[[Deployed, float, float], tuple[Drawn, ...]] = prometheus.ranges
    look: Callable[[], machine.Clock | None] = machine.look


AROUND = Around()
UNSEEN = Around(lambda _: (), lambda _: {}, NotFollowed, lambda *_: (), lambda: None)
"""Of a service that others deployed: its CPU cannot be told from that of other programs."""


@dataclass(frozen=True)
class Setup:
    """A warm server, and the folder that all results go to. One answer of `every` is compared; 0: none."""

    target: Target
    warm: Warm
    results: Path
    around: Around = AROUND
    every: int = answers.EVERY
    send: Send = k6.send

    @property
    def check(self) -> Check | None:
        """How answers are compared with the first ones; None where there are none."""
        known = self.target.first if self.every else ()
        return Check(self.every, answers.judge(self.target.endpoint, known)) if known else None


@dataclass(frozen=True)
class Seen:
    """What was collected around a load."""

    outcome: Outcome
    following: Following
    machine: Machine | None
    conditions: guards.Conditions


def target_plan(target: Target, profile: Profile, seed: int, rotate: int, check: Check | None = None) -> Plan:
    """A load on the target, through the gateway that may stand before it."""
    certificate = target.endpoint.door.certificate
    return Plan(profile, target.url, target.bodies, seed, rotate, check, target.headers, certificate)


def warm_up(
    target: Target,
    profile: Profile,
    seed: int,
    seconds: float = WARM_UP_SECONDS,
    send: Send = k6.send,
) -> Warm:
    """An open load at the rate of the load's beginning, until it is stationary or the seconds are over.

    Users of a closed load begin together and stay so for minutes: a window of 5 s holds five bursts, whose
    p95 differ by far more than 10 % on a server that has long been warm.

    Raises KeyboardInterrupt; BenchError without k6 or without a good answer.
    """
    beginning, rotate = _beginning(profile, seconds), _rotate(target, None)
    plan = target_plan(target, beginning, seed + 1, rotate)
    show = Progress(f"{target.endpoint.server} warm-up", plan)
    outcome = send(plan, lambda samples: show(samples) or _settled(samples, plan) or _dead(samples))
    if outcome.interrupted:
        raise KeyboardInterrupt
    if not any(sample.good for sample in outcome.samples[-DEAD:]):
        raise TargetError(
            f"{target.endpoint.server}: no answer with status 200 in the warm-up; run: make status"
        )
    last = max((sample.ended for sample in outcome.samples), default=0.0)
    taken = round(max(0.0, last - plan.start_millis) / 1000, 1)
    last_good = sorted([each.latency for each in outcome.samples if each.good][-DEAD:])
    return Warm(taken, _settled(outcome.samples, plan), percentile(last_good, 0.5), outcome)


def measure(setup: Setup, request: Request, watch: k6.Watch | None = None) -> Summary:
    """Load a warm server and keep what came of it; `watch` may end the load early.

    Raises BenchError; an interrupted load is kept too, and says so.
    """
    started, target, warm = datetime.now(UTC), setup.target, setup.warm
    name = f"{started:%Y%m%dT%H%M%S%fZ}-{target.endpoint.server}"
    folder = store.create(setup.results, request.experiment, request.arm, name)
    rotate = _rotate(target, request.rotate)
    plan = target_plan(target, request.profile, request.seed, rotate, setup.check)
    if warm.outcome and request.part not in TRIALS:
        store.keep_samples(folder, store.WARM_UP, warm.outcome.samples)
    with Rollouts(target.stack.outputs, target.endpoint, request.rollouts):
        seen = _load(setup, plan, request, watch)
    store.keep_samples(folder, store.SAMPLES, seen.outcome.samples)
    if request.part not in TRIALS:
        _keep_series(setup, folder, seen)
    made = _summary(target, request, folder.name, seen, _obtained(target, started, warm, seen.outcome))
    store.keep(folder, store.SUMMARY, made)
    return made


def _load(setup: Setup, plan: Plan, request: Request, watch: k6.Watch | None) -> Seen:
    target, around = setup.target, setup.around
    # of a search: seen by its visit already
    wrong = () if request.part in TRIALS else around.mismatches(target)
    before = around.restarts(target)
    show = Progress(target.endpoint.server, plan)
    with around.following(target.stack, target.endpoint) as following:
        clock = around.look() if target.same_machine else None
        outcome = setup.send(plan, lambda samples: show(samples) or (watch is not None and watch(samples)))
        after = around.look() if target.same_machine else None
    # VPA replaces a pod that it cannot resize
    pods_may_go = bool(target.stack.settings.autoscaling or request.rollouts)
    stationary = setup.warm.stationary or request.part in TRIALS  # a trial's own lead and queue tell
    bounds = guards.allowed(request.part)
    conditions = guards.Conditions(stationary, pods_may_go, before, around.restarts(target), wrong, bounds)
    serving = sum(each.cpu_seconds for each in pods.used(*following.looks))
    return Seen(outcome, following, machine.used(clock, after, serving, outcome.cpu_seconds), conditions)


def _keep_series(setup: Setup, folder: Path, seen: Seen) -> None:
    """What Prometheus knows of the load; where it cannot be asked a line says so and the run counts."""
    begin = seen.outcome.began + seen.outcome.plan.start_millis / 1000
    end = begin + seen.outcome.plan.profile.seconds
    try:
        drawn = setup.around.ranges(setup.target.stack, begin - MARGIN_SECONDS, end + MARGIN_SECONDS)
    except ClusterError as error:
        print(f"Prometheus gave no series of this run: {error}; run: make status", file=sys.stderr)
        return
    store.keep_series(folder, [prometheus.since(each, MARGIN_SECONDS) for each in drawn])


def _rotate(target: Target, asked: int | None) -> int:
    several = bool(target.endpoint.autoscaler) or (target.endpoint.replicas or 1) > 1
    return (ROTATE if several else 0) if asked is None else asked


def _beginning(profile: Profile, seconds: float) -> Open:
    return Open((Phase(_first_rate(profile), seconds),))


def _first_rate(profile: Profile) -> float:
    """Of a trace its mean: its beginning may be empty."""
    if isinstance(profile, Trace):
        return profile.requests / profile.seconds
    return profile.phases[0].rate if isinstance(profile, Open) else CLOSED_WARM_RATE


def _kind(profile: Profile) -> str:
    if isinstance(profile, Closed):
        return CLOSED
    return TRACED if isinstance(profile, Trace) else OPEN


def _settled(samples: Sequence[Sample], plan: Plan) -> bool:
    return stationary(windows(samples, plan.start_millis))


def _dead(samples: Sequence[Sample]) -> bool:
    """Nothing but failures, for long."""
    return len(samples) >= DEAD and not any(sample.good for sample in samples[-DEAD:])


def _obtained(target: Target, started: datetime, warm: Warm, outcome: Outcome) -> Obtained:
    shared = outcome.segments
    return Obtained(
        load=_kind(outcome.plan.profile),
        route=IN_CLUSTER if shared else target.route,
        latency=LATENCY,
        started=started.isoformat(timespec="seconds"),
        interrupted=outcome.interrupted,
        warm_up_seconds=warm.seconds,
        stationary=warm.stationary,
        cpus=int(min(each.cpus for each in shared)) if shared else os.cpu_count() or 1,
        same_machine=any(each.beside for each in shared) if shared else target.same_machine,
        server_says=target.says,
        answers=answers.stated(outcome.plan.check.every) if outcome.plan.check else "",
    )


def _summary(target: Target, request: Request, run: str, seen: Seen, obtained: Obtained) -> Summary:
    outcome, outputs = seen.outcome, target.stack.outputs
    start = outcome.began + outcome.plan.start_millis / 1000
    made, law = summarise.generator(outcome, k6.version(), obtained.cpus), summarise.little(outcome)
    overload = (*guards.overload(outcome, made, law), *guards.generator_limit(made, seen.conditions.bounds))
    void = guards.void(outcome, made, seen.machine, seen.conditions)
    return Summary(
        schema=SCHEMA,
        experiment=request.experiment,
        arm=request.arm,
        stack=outputs.stack,
        server=target.endpoint.server,
        image=target.endpoint.image,
        run=run,
        part=request.part,
        block=request.block,
        seed=outcome.plan.seed,
        profile=outcome.plan.profile,
        settings=outputs.settings,
        slo=target.stack.settings.slo,
        payloads=payloads.sizes(target.photos, target.bodies),
        obtained=obtained,
        total=summarise.total(outcome, target.stack.settings.slo.p95_millis),
        phases=summarise.phases(outcome, target.stack.settings.slo.p95_millis),
        generator=made,
        little=law,
        pods=pods.used(*seen.following.looks),
        machine=seen.machine,
        events=seen.following.events(start),
        restarts=seen.conditions.restarts_after,
        overload=overload,
        void=void if request.part in MAY_OVERLOAD else (*void, *overload),
        held=seen.following.held(start),
    )
