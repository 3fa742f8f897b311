"""How fast a HorizontalPodAutoscaler may follow its wishes: stabilisation windows, policies, bounds.

After Kubernetes' documentation, Horizontal Pod Autoscaling, "Configurable scaling behavior", and KEP-853.
Pure; times in seconds.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from bench.whatif.seen import History, Seen
from stack.settings import Behavior, ScalingPace

PODS, PERCENT = "Pods", "Percent"
MAX, MIN, DISABLED = "Max", "Min", "Disabled"


@dataclass(frozen=True)
class Policy:
    """At most `value` pods, or per cent of the pods, may come or go within `period` seconds."""

    kind: str
    value: int
    period: float


@dataclass(frozen=True)
class Rules:
    """One direction. `select`: which policy counts: that of the most change, of the least, or no change."""

    policies: tuple[Policy, ...]
    stabilization: float = 0.0
    select: str = MAX


UP = Rules((Policy(PODS, 4, 15.0), Policy(PERCENT, 100, 15.0)))
DOWN = Rules((Policy(PERCENT, 100, 15.0),), stabilization=300.0)


@dataclass(frozen=True)
class Pace:
    """Both directions; the defaults are Kubernetes' own."""

    up: Rules = field(default=UP)
    down: Rules = field(default=DOWN)

    @property
    def memory(self) -> float:
        """For how long wishes and changes matter, in s."""
        rules = (self.up, self.down)
        periods = [policy.period for each in rules for policy in each.policies]
        return max([each.stabilization for each in rules] + periods)


def of(behavior: Behavior) -> Pace:
    """That of a stack, whose autoscaler has one policy of pods each way."""
    return Pace(_rules(behavior.scale_up), _rules(behavior.scale_down))


def _rules(pace: ScalingPace) -> Rules:
    policy = Policy(PODS, pace.pods, float(pace.period_seconds))
    return Rules((policy,), float(pace.stabilization_seconds))


def paced(
    seen: Seen, wish: int, bounds: tuple[int, int], pace: Pace, history: History
) -> tuple[int, History]:
    """How many pods there are to be, and what is remembered of it.

    `bounds` are the least and the most pods. Outside of them they count at once, whatever the pace.
    """
    low, high = bounds
    if not low <= seen.replicas <= high:
        return _noted(seen, min(max(seen.replicas, low), high), pace, history)
    calm = stabilised(seen, wish, pace, history)
    decided = limited(seen, calm, bounds, pace, history)
    return _noted(seen, decided, pace, replace(history, wishes=(*history.wishes, (seen.now, wish))))


def stabilised(seen: Seen, wish: int, pace: Pace, history: History) -> int:
    """The wish of a window that changes least: the least of scaleUp's, the most of scaleDown's."""
    up = min([wish, *_within(seen.now, history.wishes, pace.up.stabilization)])
    down = max([wish, *_within(seen.now, history.wishes, pace.down.stabilization)])
    return min(max(seen.replicas, up), down)


def limited(seen: Seen, wish: int, bounds: tuple[int, int], pace: Pace, history: History) -> int:
    """The wish within the policies and the bounds."""
    low, high = bounds
    if wish > seen.replicas:
        return min(wish, max(seen.replicas, up_limit(seen, pace.up, history)), high)
    if wish < seen.replicas:
        return max(wish, min(seen.replicas, down_limit(seen, pace.down, history)), low)
    return wish


def up_limit(seen: Seen, rules: Rules, history: History) -> int:
    """The most pods that scaleUp's policies allow; a share of the pods is rounded up."""
    if rules.select == DISABLED:
        return seen.replicas
    limits = [_up(_before(seen, each.period, history), each) for each in rules.policies]
    return min(limits) if rules.select == MIN else max(limits)


def down_limit(seen: Seen, rules: Rules, history: History) -> int:
    """The fewest pods that scaleDown's policies allow; a share that is left is rounded down."""
    if rules.select == DISABLED:
        return seen.replicas
    limits = [_down(_before(seen, each.period, history), each) for each in rules.policies]
    return max(limits) if rules.select == MIN else min(limits)


def _up(before: int, policy: Policy) -> int:
    more = before * policy.value / 100 if policy.kind == PERCENT else policy.value
    return math.ceil(round(before + more, 9))


def _down(before: int, policy: Policy) -> int:
    fewer = before * policy.value / 100 if policy.kind == PERCENT else policy.value
    return math.floor(round(before - fewer, 9))


def _before(seen: Seen, period: float, history: History) -> int:
    """The pods at the period's start: now, less what came and plus what went since."""
    return seen.replicas - sum(_within(seen.now, history.changes, period))


def _within(now: float, noted: Sequence[tuple[float, int]], seconds: float) -> list[int]:
    return [value for time, value in noted if now - time < seconds]


def _noted(seen: Seen, decided: int, pace: Pace, history: History) -> tuple[int, History]:
    """With the change, without what is too old to matter."""
    change = ((seen.now, decided - seen.replicas),) if decided != seen.replicas else ()
    wishes, changes = (
        tuple(each for each in noted if seen.now - each[0] <= pace.memory)
        for noted in (history.wishes, (*history.changes, *change))
    )
    return decided, replace(history, wishes=wishes, changes=changes)
