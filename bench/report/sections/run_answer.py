"""One run's answer in sentences: was the objective met, at which rate, what bounds the latency."""

from collections.abc import Iterator, Sequence

from bench.analysis.cells import reasons
from bench.analysis.loads import failed, usage
from bench.analysis.single import Judged, bounds, judged
from bench.records.parts import STEP, TRACE
from bench.records.profile import Closed, Trace
from bench.records.run import Summary
from bench.report.words import count, number

WHEN = ("before the step", "in the step", "after the step")
FROM_OUTSIDE = (
    "This service was not deployed here, so what bounds it is not known: neither its processes, limits, CPU "
    "and queues nor its settings were seen, and answers are judged by their status alone."
)
LOOKED_AT = "connections nor the pods' CPU limit, the machine's CPU or a queue"


def load(made: Summary) -> str:
    """The load in a few words."""
    profile = made.profile
    if isinstance(profile, Closed):
        return f"{count(profile.users, 'user')} for {profile.seconds:g} s"
    if isinstance(profile, Trace):
        return (
            f"{profile.source}, {count(profile.requests, 'request')} in {profile.seconds:g} s, "
            f"{number(profile.peak)} requests/s at its peak"
        )
    rates = " → ".join(number(phase.rate) for phase in profile.phases)
    return f"{rates} requests/s for {profile.seconds:g} s"


def is_good(made: Summary) -> bool:
    """Not void, and the objective met at each rate."""
    return not (reasons(made) or any(each.missed for each in judged(made)))


def answer(made: Summary) -> tuple[str, ...]:
    """What voids the run, then whether the objective was met, the latency's bounds, what is too short."""
    return tuple(_answer(made))


def _answer(made: Summary) -> Iterator[str]:
    why, found = reasons(made), judged(made)
    if why:
        yield f"**This run is void, its figures must not be used:** {'; '.join(why)}."
    seen = "What was seen all the same: " if why else ""
    yield from (f"{seen}{_objective(made, place, each)}" for place, each in enumerate(found))
    if made.part != STEP:
        yield from _highest(found)
    if isinstance(made.profile, Closed):
        what = "--url URL --body FILE" if made.foreign else made.stack
        yield (
            "Users who wait slow down with the server, so this is no rate that it holds: "
            f"`python -m bench run {what} --profile rate --rate N` offers one."
        )
    if made.foreign:
        yield FROM_OUTSIDE
    elif not why or made.overload:
        yield _bounded(made, missed=any(each.missed for each in found))
    if made.part not in (STEP, TRACE):  # these are as long as they are, not as a percentile takes
        yield from (_longer(each) for each in found if each.short)


def _objective(made: Summary, place: int, each: Judged) -> str:
    at = f"at {number(each.rate)} requests/s offered" if each.rate else f"by {load(made)}"
    when = f", {WHEN[place]}" if made.part == STEP and place < len(WHEN) else ""
    if each.missed:
        return f"**The objective is missed {at}{when}:** {'; '.join(each.missed)}."
    slo, part = made.slo, each.stretch
    return (
        f"**The objective is met {at}{when}:** p95 {number(part.percentile('p95'))} ms "
        f"(≤ {slo.p95_millis} ms), p99 {number(part.percentile('p99'))} ms (≤ {slo.p99_millis} ms), "
        f"{failed(part)} of {count(part.requests, 'request')} failed (< {slo.error_percent:g} %)."
    )


def _highest(found: Sequence[Judged]) -> Iterator[str]:
    met = [each.rate for each in found if each.rate and not each.missed]
    if len(found) > 1 and met:
        yield f"The highest rate offered that met it is {number(max(met))} requests/s."


def _bounded(made: Summary, missed: bool) -> str:
    service, found = usage([made]).service_millis, bounds(made)
    own = "" if service is None else f" The server's own mean is {number(service)} ms."
    if found:
        return f"What bounds it: {'; '.join(found)}.{own}"
    so = (
        "look at the time in which it was slow." if missed else "the latency is the work of a request itself."
    )
    return f"What bounds it: over the whole run neither {LOOKED_AT} was short; {so}{own}"


def _longer(each: Judged) -> str:
    names = " and ".join(f"a {short.name}" for short in each.short)
    takes = " and ".join(f"a {short.name} takes {short.needed:,}" for short in each.short)
    seconds = max(short.seconds for short in each.short)
    at = f" at {number(each.rate)} requests/s" if each.rate else ""
    asked = f" (`--seconds {each.stretch.seconds + seconds:.0f}`)" if each.rate else ""
    return (
        f"Too few to state {names}{at}: {takes}, here are {each.short[0].answers:,} answers; "
        f"run {seconds:,} s longer{asked}."
    )
