"""SLO capacity: the highest offered rate that still meets the objective, found by trials. Pure.

The search follows MLPerf's for its server scenario (binary search over Poisson rates, then confirmation): a
geometric ramp finds a rate that fails, bisection closes in to 5 %, a longer confirmation must meet the
objective.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bench.records.parts import CONFIRM, SEARCH
from bench.records.profile import Open, Profile
from bench.records.run import Stretch, Summary
from bench.trial.guards import AT_CAPACITY, generator_limit, only_late
from stack.settings import Slo

RAMP = 1.5
LOOK_UP_AFTER = 2  # failures on the way down, once: a higher rate may meet what lower ones miss
NEAR_RAMP = 1.1  # around a rate that held before, until two have failed
FIRST_RATE = 20.0  # requests/s, where nothing is known
PRECISION = 1.05  # the search ends once the lowest failure is within 5 % of the highest success
RETREAT = 1.05  # after the first confirmation that failed, its square after the second …
MOST_CONFIRMATIONS = 6
LEAST_RATE, MOST_RATE = 1.0, 1500.0
ACHIEVED = 0.95  # of the offered rate must be answered within the trial


@dataclass(frozen=True)
class Trial:
    """One rate that was tried: whether it met the objective, and why not. `kind`: SEARCH or CONFIRM.

    `unsent`: not met for nothing but the generator, which cannot send more beside the servers.
    """

    rate: float
    kind: str
    met: bool
    reasons: tuple[str, ...] = ()
    unsent: bool = False


@dataclass(frozen=True)
class Start:
    """Where a search begins; `known`: this rate held before, so the capacity is near."""

    rate: float = FIRST_RATE
    known: bool = False

    @property
    def ramp(self) -> float:
        """The factor between two rates of the ramp."""
        return NEAR_RAMP if self.known else RAMP


@dataclass(frozen=True)
class Next:
    """What to try next."""

    rate: float
    kind: str


def judge(made: Summary) -> Trial | None:
    """A trial's result; None for one that says nothing, because the measurement itself was void."""
    if made.void:
        return None
    reasons = (*made.overload, *misses(made.judged, made.slo))
    unsent = bool(reasons) and reasons == generator_limit(made.generator, AT_CAPACITY)
    return Trial(asked(made.profile), made.part, not reasons, reasons, unsent)


def known(made: Iterable[Summary]) -> list[Trial]:
    """What trials say; those that say nothing are left out.

    A rate that a late generator voids says nothing at first: others may have held it up. Where it is late
    again, the rate is beyond what it can send beside the servers.
    """
    found: list[Trial] = []
    late: set[Next] = set()
    for each in made:
        trial = judge(each)
        if trial is None and only_late(each):
            step = step_of(each)
            trial = Trial(step.rate, step.kind, False, each.void, unsent=True) if step in late else None
            late.add(step)
        found += [trial] if trial else []
    return found


def step_of(made: Summary) -> Next:
    """The step of a search that a trial carried out."""
    return Next(asked(made.profile), made.part)


def asked(profile: Profile) -> float:
    """The rate of a trial, in requests/s. Raises TypeError for a closed load, which asks for none."""
    if not isinstance(profile, Open):
        raise TypeError(f"a trial is an open load, not {profile}")
    return profile.phases[-1].rate


def misses(part: Stretch, slo: Slo) -> tuple[str, ...]:
    """In which ways a stretch of load misses the objective; empty if it meets it."""
    return tuple(_misses(part, slo))


def _misses(part: Stretch, slo: Slo) -> Iterable[str]:
    share = 100 * part.failed_share
    if share >= slo.error_percent:
        wrong = f", {part.wrong} of {part.checked} compared answers are wrong" if part.wrong else ""
        yield f"{share:.2g} % failed, at least {slo.error_percent:g} %{wrong}"
    if part.offered_rate and part.achieved_rate < ACHIEVED * part.offered_rate:
        yield f"{part.achieved_rate:g} of {part.offered_rate:g} requests/s were answered in time"
    if part.latency is None:
        yield "no request was answered with status 200"
        return
    for name, limit in (("p95", slo.p95_millis), ("p99", slo.p99_millis)):
        found = part.latency.percentiles[name].value
        if found > limit:
            yield f"{name} {found:.1f} ms > {limit:g} ms"


def following(trials: Sequence[Trial], start: Start, most: int) -> Next | None:
    """What to try after these trials of one server and block; None when the search is over.

    `most` bounds the number of trials of the search, confirmations apart, from the first on that met the
    objective; while none has failed the ramp goes on.
    """
    met, failed = _bracket(trials)
    if any(trial.kind == CONFIRM and trial.met and trial.rate < failed for trial in trials):
        return None
    searched = sum(trial.kind == SEARCH for trial in trials)
    close = met > 0 and failed / met <= PRECISION
    hopeless = next((number for number, trial in enumerate(trials) if trial.met), searched)
    spent = searched - hopeless >= most and math.isfinite(failed)
    if searched < len(trials) or spent or close or met >= MOST_RATE:
        return _confirm(trials, met)
    return _search(trials, met, failed, start)


def _bracket(trials: Sequence[Trial]) -> tuple[float, float]:
    """The highest rate that met the objective, 0 for none, and the lowest above it that did not, else ∞.

    A rate below may miss what a higher one meets: with a long batch timeout only many requests fill a batch
    in time. No rate counts as met at or above a confirmation that failed.
    """
    unconfirmed = min(
        (trial.rate for trial in trials if trial.kind == CONFIRM and not trial.met), default=math.inf
    )
    met = max((trial.rate for trial in trials if trial.met and trial.rate < unconfirmed), default=0.0)
    above = (trial.rate for trial in trials if not trial.met and trial.rate > met)
    return met, min(above, default=math.inf)


def _confirm(trials: Sequence[Trial], met: float) -> Next | None:
    """The highest rate that met the objective; after confirmations that failed 5 % lower, then 10 % …

    Nothing where no trial has met it: such a server holds no rate.
    """
    tried = [trial.rate for trial in trials if trial.kind == CONFIRM]
    if len(tried) >= MOST_CONFIRMATIONS or not any(trial.met for trial in trials):
        return None
    rate = min(tried) / RETREAT ** len(tried) if tried else met
    return Next(rate, CONFIRM) if rate >= LEAST_RATE else None


def _search(trials: Sequence[Trial], met: float, failed: float, start: Start) -> Next | None:
    if not met and math.isinf(failed):
        return Next(start.rate, SEARCH)
    if math.isinf(failed):
        return Next(min(MOST_RATE, met * start.ramp), SEARCH)
    if not met and len(trials) == LOOK_UP_AFTER:
        return Next(min(MOST_RATE, max(trial.rate for trial in trials) * start.ramp), SEARCH)
    if not met:
        lower = failed / (start.ramp if len(trials) < LOOK_UP_AFTER else RAMP)
        return Next(lower, SEARCH) if lower >= LEAST_RATE else None
    return Next(math.sqrt(met * failed), SEARCH)


def held(trials: Iterable[Summary]) -> float | None:
    """The rate that an arm's server held in one block: the highest confirmed one; None if there is none."""
    return max((trial.rate for trial in known(trials) if trial.kind == CONFIRM and trial.met), default=None)
