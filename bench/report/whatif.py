"""What `bench whatif` says, for people and for programs."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

from bench.analysis.batching import window
from bench.analysis.windows import WINDOW_SECONDS
from bench.queueing import pod
from bench.records.estimates import Estimate
from bench.records.profile import Open, Trace
from bench.report.words import count, estimate, number
from bench.whatif.answer import Answer
from bench.whatif.candidates import Candidate
from bench.whatif.outcome import Outcome
from bench.whatif.ranking import RULE, Forecast

ROWS = 24  # of the table over time


@dataclass(frozen=True)
class Line:
    """One candidate as it is told; means over playings with 95 % intervals."""

    place: int
    changes: dict[str, str]
    scaler: str
    kept: int
    playings: int
    beyond_share: Estimate
    failed: Estimate
    violating_seconds: Estimate
    recovered_seconds: Estimate | None
    not_recovered: int
    most_pods: int
    pod_seconds: Estimate
    cost: Estimate
    pod_saturates: float
    pod_holds: float


def line(place: int, made: Forecast) -> Line:
    """The figures of a candidate."""
    recovered, never = made.recovered
    return Line(
        place=place,
        changes=dict(made.candidate.changes),
        scaler=made.candidate.scaler.name,
        kept=made.kept,
        playings=len(made.outcomes),
        beyond_share=made.mean(lambda each: each.late_share),
        failed=made.mean(lambda each: float(each.failed)),
        violating_seconds=made.mean(lambda each: each.violating_seconds),
        recovered_seconds=recovered,
        not_recovered=never,
        most_pods=max(each.most_pods for each in made.outcomes),
        pod_seconds=made.mean(lambda each: each.pod_seconds),
        cost=made.mean(lambda each: each.cost),
        pod_saturates=made.rate,
        pod_holds=made.holds,
    )


def as_json(answer: Answer) -> str:
    """The ranking, what it stands on, and the typical playing of the best."""
    asked, best = answer.asked, answer.best.typical
    made = {
        "stack": asked.stack,
        "server": asked.server,
        "load": says(asked.how.load),
        "connections": asked.how.world.connections,
        "playings": asked.how.repeats,
        "seed": asked.how.seed,
        "rule": RULE,
        "currency": asked.prices.currency,
        "figures": {
            "request_cpu_millis": answer.known.cpu_millis,
            "request_cpu_millis_by_pods": dict(answer.known.crowded),
            "request_alone_millis": answer.known.alone,
            "pod_start_seconds": answer.known.starts,
            "node_cores": answer.known.cores,
            "origins": dict(answer.known.origins),
        },
        "candidates": [asdict(line(place, each)) for place, each in enumerate(answer.forecasts, 1)],
        "capacity_model_error": answer.error,
        "best_if_a_request_costs_less_and_more": [asdict(line(1, each)) for each in answer.around],
        "over_time": [asdict(each) for each in best.moments],
        "windows": [asdict(each) for each in best.windows],
    }
    return json.dumps(made, indent=2)


def says(load: Open | Trace) -> str:
    """The load in a few words."""
    if isinstance(load, Trace):
        requests, peak = count(load.requests, "request"), number(load.peak)
        return f"{load.source}: {requests} in {load.seconds:g} s, at most {peak}/s"
    rates = " → ".join(number(phase.rate) for phase in load.phases)
    lengths = " + ".join(f"{phase.seconds:g}" for phase in load.phases)
    return f"a step of {rates} requests/s ({lengths} s)"


def as_text(answer: Answer) -> str:
    """What it stands on, the ranking, the best over its time."""
    return "\n".join([*_head(answer), *_notes(answer), "", *_ranking(answer), "", *_best(answer)])


def _head(answer: Answer) -> Iterator[str]:
    asked, known = answer.asked, answer.known
    seeds = f"seeds {asked.how.seed} to {asked.how.seed + asked.how.repeats - 1}"
    playings = f"{count(asked.how.repeats, 'playing')}, {seeds}"
    most = asked.how.world.connections
    over = f", over at most {count(most, 'connection')}" if most else ""
    yield f"{asked.stack} ({asked.server}): {says(asked.how.load)}{over}; {playings}"
    p50, p95, p99 = (number(each) for each in known.alone)
    for what, value in (
        ("request's CPU", known.cpu),
        ("request alone", f"p50 {p50}, p95 {p95}, p99 {p99} ms"),
        ("pod's start", _spanned(known.starts)),
        ("cores of a node", f"{known.cores:g}"),
    ):
        yield f"  {what:<17}{value:<34}{known.origins[what]}"


def _spanned(starts: Sequence[float]) -> str:
    low, high = min(starts), max(starts)
    return f"{low:g} s" if low == high else f"{low:g} to {high:g} s"


def _notes(answer: Answer) -> Iterator[str]:
    """What the figures do not carry."""
    known, tried = answer.known, answer.asked.candidates
    if any(window(each.settings, known.server) for each in tried) and not known.baselines:
        yield (
            f"  note: no batch was timed, so batches are taken to save nothing; measured by: "
            f"python -m bench baseline {answer.asked.stack}"
        )
    wide = max(each.scaler.most * pod.of(each.settings, known.server, known.cores).quota for each in tried)
    if wide > known.cores:
        yield f"  note: pods may use {wide:g} cores together; that there are nodes for them is assumed"


def _ranking(answer: Answer) -> Iterator[str]:
    rows = [line(place, each) for place, each in enumerate(answer.forecasts, 1)]
    names = [each.candidate.name for each in answer.forecasts]
    wide = max(len(name) for name in (*names, "settings"))
    steps = isinstance(answer.asked.how.load, Open)
    last = "recovered, s" if steps else "s beyond"
    cost = f"cost, {answer.asked.prices.currency}"
    yield (
        f"{'':>4}{'settings':<{wide + 2}}{'kept':>6}{'beyond':>9}{'failed':>9}{last:>20}"
        f"{'a pod holds':>13}{'most pods':>11}{'pod-seconds':>13}{cost:>12}"
    )
    for name, each in zip(names, rows, strict=True):
        told = _recovered(each) if steps else estimate(each.violating_seconds)
        yield (
            f"{each.place:>3} {name:<{wide + 2}}{f'{each.kept}/{each.playings}':>6}"
            f"{f'{100 * each.beyond_share.value:.2f} %':>9}{number(each.failed.value):>9}{told:>20}"
            f"{number(each.pod_holds):>11}/s{each.most_pods:>11}{each.pod_seconds.value:>13,.0f}"
            f"{each.cost.value:>12.5f}"
        )
    yield RULE


def _recovered(each: Line) -> str:
    """Seconds, and how many playings never were."""
    known = [estimate(each.recovered_seconds)] if each.recovered_seconds else []
    return ", ".join([*known, *([f"{each.not_recovered} never"] if each.not_recovered else [])])


def _best(answer: Answer) -> Iterator[str]:
    best = answer.best
    yield f"{best.candidate.name}: the playing with the middle number of requests beyond the objective"
    yield from _over_time(best.typical, best.candidate)
    for each, sign in zip(answer.around, "−+", strict=False):
        told = line(1, each)
        recovered = f", recovered after {_recovered(told)} s" if answer.asked.how.span else ""
        yield (
            f"if a request takes {sign}{100 * (answer.error or 0):.0f} % CPU, the capacity model's median "
            f"error: {100 * told.beyond_share.value:.2f} % beyond{recovered}"
        )


def _over_time(made: Outcome, candidate: Candidate) -> Iterator[str]:
    """Every so many seconds, and every change of the number of pods."""
    slo, every = candidate.settings.slo, max(1, len(made.moments) // ROWS)
    p95s = {window.start: window.p95 for window in made.windows}
    head = f"p95 (≤ {slo.p95_millis} ms)"
    yield f"{'s':>7}{'due/s':>8}{'pods':>6}{'ready':>7}{'metric':>9}{'queued':>9}{head:>17}"
    last = candidate.scaler.least
    for place, each in enumerate(made.moments):
        if place % every == 0 or each.wanted != last:
            p95 = number(p95s.get(each.at // WINDOW_SECONDS * WINDOW_SECONDS))
            yield (
                f"{each.at:>7.0f}{each.offered:>8}{each.wanted:>6}{each.ready:>7}{number(each.metric):>9}"
                f"{number(each.queued):>9}{p95:>17}"
            )
        last = each.wanted
