"""The figures of a run from its samples. Pure."""

from collections import Counter
from collections.abc import Sequence

from bench.load.outcome import NICENESS, Outcome
from bench.load.outcome import Segment as Sent
from bench.records.estimates import Estimate, needed_for_estimate, percentile, percentile_estimate
from bench.records.profile import Closed, Open
from bench.records.run import Generator, Latency, Little, Segment, Stretch
from bench.records.samples import UNCHECKED, Sample
from bench.trial.steadiness import little_closed, little_open

SHARES = {"p50": 0.50, "p90": 0.90, "p95": 0.95, "p99": 0.99}
# Half-widths, as shares, within which a percentile must be known before it is claimed.
WIDTHS = {"p95": 0.005, "p99": 0.0025}


def total(outcome: Outcome, within: float | None = None) -> Stretch:
    """The whole load, up to its end or to where it was interrupted. `within`: ms, for the goodput."""
    start, end = outcome.plan.start_millis, horizon(outcome)
    return stretch(outcome.samples, start, end, _is_open(outcome), within)


def horizon(outcome: Outcome) -> float:
    """Where the load ended, in ms since the generator's start."""
    if not outcome.cut_short:
        return outcome.plan.end_millis
    last = max((sample.ended for sample in outcome.samples), default=0.0)
    return max(outcome.plan.start_millis, min(outcome.plan.end_millis, last))


def phases(outcome: Outcome, within: float | None = None) -> tuple[Stretch, ...]:
    """Each phase of an open load that has begun. `within`: ms, for the goodput."""
    profile, start, end = outcome.plan.profile, outcome.plan.start_millis, horizon(outcome)
    parts = []
    for phase in profile.phases if isinstance(profile, Open) else ():
        stop = min(end, start + phase.seconds * 1000)
        if start < stop:
            parts.append(stretch(outcome.samples, start, stop, True, within))
        start += phase.seconds * 1000
    return tuple(parts)


def stretch(
    samples: Sequence[Sample], start: float, end: float, is_open: bool, within: float | None = None
) -> Stretch:
    """The requests that were due in a stretch of time, in ms since the generator's start.

    Goodput counts them by when they were due: an answer in time is one of its load, however late it began.
    """
    own = [sample for sample in samples if start <= sample.due < end]
    seconds = max(end - start, 1.0) / 1000
    answered = sum(sample.good and start <= sample.ended < end for sample in samples)
    return Stretch(
        seconds=round(seconds, 3),
        offered_rate=round(len(own) / seconds, 3) if is_open else None,
        achieved_rate=round(answered / seconds, 3),
        requests=len(own),
        outcomes=dict(sorted(Counter(sample.outcome for sample in own).items())),
        latency=latency([sample.latency for sample in own if sample.good]),
        checked=sum(sample.answer != UNCHECKED for sample in own),
        goodput=None if within is None else round(_in_time(own, within) / seconds, 3),
    )


def _in_time(samples: Sequence[Sample], within: float) -> int:
    return sum(sample.good and sample.latency <= within for sample in samples)


def latency(millis: Sequence[float]) -> Latency | None:
    """Percentiles with intervals; None for no answer."""
    if not millis:
        return None
    ordered, count = sorted(millis), len(millis)
    wanted = {name: needed_for_estimate(SHARES[name], width) for name, width in WIDTHS.items()}
    return Latency(
        percentiles={name: _rounded(percentile_estimate(ordered, share)) for name, share in SHARES.items()},
        max=round(ordered[-1], 3),
        too_few={name: f"{count} of {need} requests" for name, need in wanted.items() if count < need},
    )


def _rounded(estimate: Estimate) -> Estimate:
    low, high = estimate.low, estimate.high
    return Estimate(
        round(estimate.value, 3),
        None if low is None else round(low, 3),
        None if high is None else round(high, 3),
    )


def generator(outcome: Outcome, name: str, cpus: int) -> Generator:
    """Lag, requests that were not sent, and CPU."""
    # where a load is cut short requests are under way, which is not the generator's fault
    complete = _is_open(outcome) and not (outcome.interrupted or outcome.stopped)
    due = [due for due, _ in outcome.plan.schedule() if due < horizon(outcome)] if complete else []
    sent = [sample for sample in outcome.samples if sample.due < horizon(outcome)]
    shared, share = segments(outcome), outcome.cpu_seconds / (outcome.wall_seconds * cpus)
    lag_p50, lag_p99 = _lags(sent)
    return Generator(
        name=outcome.generator or name,
        connections=outcome.plan.connections,
        rotate=outcome.plan.rotate,
        niceness=0 if shared else NICENESS,
        lag_p50=lag_p50,
        lag_p99=lag_p99,
        waited=sum(sample.waited for sample in sent),
        dropped=max(0, len(due) - len(sent)),
        cpu_seconds=outcome.cpu_seconds,
        cpu_share=_largest(shared) if shared else round(share, 4),
        segments=shared,
    )


def segments(outcome: Outcome) -> tuple[Segment, ...]:
    """The same of each generator, where there are several."""
    return tuple(_segment(each, horizon(outcome), outcome.wall_seconds) for each in outcome.segments)


def _segment(own: Sent, end: float, wall_seconds: float) -> Segment:
    sent = [sample for sample in own.samples if sample.due < end]
    lag_p50, lag_p99 = _lags(sent)
    return Segment(
        node=own.node,
        cpus=own.cpus,
        beside=own.beside,
        requests=len(sent),
        lag_p50=lag_p50,
        lag_p99=lag_p99,
        cpu_seconds=own.cpu_seconds,
        cpu_share=round(own.cpu_seconds / (wall_seconds * own.cpus), 4),
        clock_millis=own.clock_millis,
    )


def _lags(sent: Sequence[Sample]) -> tuple[float, float]:
    """Median and 99 %, in ms, of the requests for which a connection was free."""
    lags = sorted(sample.lag for sample in sent if not sample.waited)
    if not lags:
        return 0.0, 0.0
    return round(percentile(lags, 0.50), 3), round(percentile(lags, 0.99), 3)


def _largest(shared: Sequence[Segment]) -> float:
    """Of a node's CPU, all its generators together, among the nodes of the server's pods."""
    nodes = {each.node for each in shared if each.beside}
    taken = (sum(each.cpu_share for each in shared if each.node == node) for node in nodes)
    return round(max(taken, default=0.0), 4)


def little(outcome: Outcome) -> Little | None:
    """Little's law over the whole load; None if nothing was answered."""
    profile, start, end = outcome.plan.profile, outcome.plan.start_millis, horizon(outcome)
    try:
        if isinstance(profile, Closed):
            think = profile.think_seconds * 1000
            return little_closed(outcome.samples, start, end, profile.users, think)
        return little_open(outcome.samples, start, end)
    except ValueError:
        return None


def _is_open(outcome: Outcome) -> bool:
    return not isinstance(outcome.plan.profile, Closed)
