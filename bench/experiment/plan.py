"""The plan of an experiment: which stacks, in which order, what happens to each, how long it takes. Pure."""

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bench.load.profiles import CAPACITY, LEAD_SECONDS, LOW_SHARE
from bench.records.experiment import BASELINE, SCHEMA, Arm, Budget, Experiment, Rule, Step
from bench.records.parts import SERIAL, STEP, THESIS
from stack.settings import Settings
from stack.settings.scaling import HPA

TWIN, FORWARD = "@twin", "@port-forward"
FULL = Budget(
    thesis_seconds=120,
    serial_seconds=8,
    baseline_seconds=6,
    trial_seconds=6,
    confirm_seconds=20,
    search_trials=7,
)
SHORT = Budget(
    thesis_seconds=20,
    serial_seconds=5,
    baseline_seconds=5,
    trial_seconds=5,
    confirm_seconds=12,
    search_trials=6,
)
QUICK = Budget(
    thesis_seconds=20,
    serial_seconds=5,
    baseline_seconds=5,
    trial_seconds=5,
    confirm_seconds=10,
    search_trials=5,
)
BLOCKS, QUICK_BLOCKS, STEP_BLOCKS = 3, 1, 5
# Rough times of what is not load, for the plan: seen on two cores with all images present.
UP_SECONDS, WARM_SECONDS, RUN_SECONDS = 13.0, 24.0, 2.0
DESTROY_SECONDS = 15.0  # of a step, which waits for it: pods drain; elsewhere it takes no time of its own
FLOOR = 0.01  # of all requests: what is beyond the objective by chance, no forecast tells
SETTLING_SECONDS = 30  # with a warm-up at the same rate: metrics each 15 s, a sync each 15 s, a pod's start
LATER_TRIALS = 3  # once an earlier block has told where to look


@dataclass(frozen=True)
class Size:
    """How much is measured, and the seed of what is drawn."""

    blocks: int
    seed: int
    budget: Budget


@dataclass(frozen=True)
class Visit:
    """One arm in one block, fresh pods, and what is left to do, at last by `forward` through port-forward."""

    block: int
    arm: Arm
    parts: tuple[str, ...]
    forward: Arm | None = None


def draw(name: str, stacks: Mapping[str, Settings], size: Size, created: str) -> Experiment:
    """The plan for some stacks, by name. The first is the baseline: it has a twin, for the A/A pair.

    An experiment of steps compares autoscalers only: one step a visit. Every block visits the arms in an
    order of its own, drawn with the seed.
    """
    steps = size.budget.step_rate > 0
    arms = tuple(Arm(stack, stack) for stack in stacks) if steps else tuple(_arms(tuple(stacks)))
    visited = [arm.name for arm in arms if not arm.through_port_forward]
    lot = random.Random(f"order {size.seed}")
    order = tuple(tuple(lot.sample(visited, len(visited))) for _ in range(size.blocks))
    return Experiment(
        schema=SCHEMA,
        name=name,
        seed=size.seed,
        created=created,
        quick=size.blocks < BLOCKS,
        budget=size.budget,
        arms=arms,
        order=order,
        parts={arm.name: (STEP,) if steps else _parts(arm, stacks[arm.stack]) for arm in arms},
        rule=Rule(default_of(stacks), forecast_floor=FLOOR) if steps else None,
    )


def default_of(stacks: Mapping[str, Settings]) -> str:
    """The autoscaler that the goal compares with: the first HPA; empty without one."""
    scaled = ((name, found.horizontal) for name, found in stacks.items())
    return next((name for name, scaling in scaled if scaling and scaling.scaler == HPA), "")


def _arms(stacks: Sequence[str]) -> Iterable[Arm]:
    first = stacks[0]
    yield from (Arm(stack, stack) for stack in stacks)
    yield Arm(f"{first}{TWIN}", first, twin_of=first)
    yield Arm(f"{first}{FORWARD}", first, through_port_forward=True)


def _parts(arm: Arm, settings: Settings) -> tuple[str, ...]:
    """The thesis' load is for the thesis' variants; every other part for all."""
    if arm.through_port_forward:
        return (THESIS,)
    thesis = (THESIS,) if settings.variant.thesis else ()
    return (*thesis, SERIAL, BASELINE, CAPACITY)


def visits(plan: Experiment, journal: Sequence[Step]) -> tuple[Visit, ...]:
    """What is still to do, in order: whatever the journal does not hold as done."""
    done = {(step.block, step.arm, step.what) for step in journal if not step.fault}
    arms = {arm.name: arm for arm in plan.arms}
    left = []
    for block, order in enumerate(plan.order, 1):
        for name in order:
            parts = tuple(part for part in plan.parts[name] if (block, name, part) not in done)
            forward = _forward_of(plan, arms[name])
            owed = forward if forward and (block, forward.name, THESIS) not in done else None
            if parts or owed:
                left.append(Visit(block, arms[name], parts, owed))
    return tuple(left)


def _forward_of(plan: Experiment, arm: Arm) -> Arm | None:
    """The arm through port-forward that shares an arm's visits."""
    if arm.twin_of:
        return None
    return next((each for each in plan.arms if each.through_port_forward and each.stack == arm.stack), None)


def seconds(plan: Experiment, visit: Visit) -> float:
    """How long a visit will take, roughly."""
    budget = plan.budget
    trials = budget.search_trials if visit.block == 1 else min(LATER_TRIALS, budget.search_trials)
    each = LEAD_SECONDS + RUN_SECONDS
    of_part = {
        THESIS: budget.thesis_seconds + RUN_SECONDS,
        SERIAL: budget.serial_seconds + RUN_SECONDS,
        BASELINE: budget.baseline_seconds + RUN_SECONDS,
        STEP: sum(budget.step_seconds) + RUN_SECONDS,
        CAPACITY: trials * (budget.trial_seconds + each) + budget.confirm_seconds + each,
    }
    forward = of_part[THESIS] if visit.forward else 0.0
    destroy = DESTROY_SECONDS if budget.step_rate else 0.0
    return UP_SECONDS + WARM_SECONDS + destroy + forward + sum(map(of_part.__getitem__, visit.parts))


def as_text(plan: Experiment, left: Sequence[Visit]) -> str:
    """The plan for people."""
    size = f"{len(plan.order)} blocks of {len(plan.order[0])} arms"
    lines = [f"experiment {plan.name}: {size}, seed {plan.seed}"]
    lines += [f"  {arm.name}: {', '.join(plan.parts[arm.name])}" for arm in plan.arms]
    lines += [f"  block {block}: {' → '.join(order)}" for block, order in enumerate(plan.order, 1)]
    total = sum(seconds(plan, visit) for visit in left)
    lines += [f"  {each}" for each in ruled(plan)]
    lines.append(f"  {len(left)} visits left, about {total / 60:.0f} minutes")
    return "\n".join([*lines, *(f"  cannot conclude: {each}" for each in limits(plan))])


def ruled(plan: Experiment) -> Iterable[str]:
    """How steps are judged, and what is aimed at; nothing of an experiment without."""
    rule = plan.rule
    if rule is None:
        return
    before, high, after = plan.budget.step_seconds
    rate, low = plan.budget.step_rate, LOW_SHARE * plan.budget.step_rate
    yield f"step: {low:g} → {rate:g} → {low:g} requests/s ({before:g} + {high:g} + {after:g} s)"
    yield f"recovered: {rule.recovery}"
    yield f"flap: {rule.flap}"
    yield f"order: {rule.order}"
    recovery, beyond = rule.near
    yield f"forecast: hits by the recovery {recovery}, and the requests beyond the objective {beyond}"
    yield f"goal: {rule.goal or 'none, for no stack here has an HPA to compare with'}"


def limits(plan: Experiment) -> tuple[str, ...]:
    """What such a plan cannot tell."""
    found = []
    if len(plan.order) < BLOCKS:
        found.append(
            f"{len(plan.order)} blocks give no useful interval over blocks: no difference may be claimed"
        )
    if plan.budget.thesis_seconds < FULL.thesis_seconds:
        found.append(f"{plan.budget.thesis_seconds:g} s are not the thesis' 2 minutes: its p99 is a guess")
    if plan.budget.confirm_seconds < FULL.confirm_seconds:
        found.append("confirmations this short show a p99 only at high rates")
    before = plan.budget.step_seconds[0]
    if plan.budget.step_rate and before < SETTLING_SECONDS:
        found.append(
            f"{before:g} s of low load before a step are less than an autoscaler takes to act on it: the "
            f"step may find it scaling out for that; --before {SETTLING_SECONDS} lets it settle"
        )
    return tuple(found)
