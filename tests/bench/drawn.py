"""What Prometheus would have said of a simulated load."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from statistics import fmean

from bench.records.profile import Open
from bench.records.run import Summary
from bench.records.samples import Sample
from bench.records.series import Drawn, Line
from stack.queries import Query, autoscaling, of_stack, resources, tf_serving, torchserve
from tests.bench.simulation import Answered

SCRAPE = 10.0
SCOPE = of_stack("emotion-made", 10)
Figure = Callable[[Sequence[Sample]], float]


def series(kind: str, made: Summary, answered: Answered, later: float) -> tuple[Drawn, ...]:
    """The thesis's panels, CPU, and the autoscaler where a pod came `later`."""
    return (*_server(kind, made, answered), *(_scaling(kind, made, later) if later else ()))


def _server(kind: str, made: Summary, answered: Answered) -> Iterator[Drawn]:
    pods, torch = [pod.pod for pod in made.pods], kind == "torchserve"
    latency = torchserve.latency_by_pod(SCOPE) if torch else tf_serving.latency_mean(SCOPE)
    yield _drawn(latency, pods, answered, lambda group: 900 * fmean(each.latency for each in group))
    size = next((pod.batch_size for pod in made.pods if pod.batch_size), None)
    if size:
        batch = torchserve.batch_size(SCOPE) if torch else tf_serving.batch_size(SCOPE)
        yield _drawn(batch, pods, answered, lambda group: size * (1 + 0.1 * (len(group) % 3 - 1)))
    used = answered.busy / made.total.seconds
    yield _drawn(resources.cpu_used(SCOPE), pods, answered, lambda group: used * (1 + len(group) % 4 / 20))
    yield _drawn(
        resources.throttled(SCOPE), pods, answered, lambda group: min(0.5, used * (len(group) % 5) / 9)
    )


def _drawn(query: Query, pods: Sequence[str], answered: Answered, figure: Figure) -> Drawn:
    groups: dict[int, list[Sample]] = defaultdict(list)
    for sample in answered.samples:
        groups[int(sample.due / 1000 // SCRAPE)].append(sample)
    points = {SCRAPE * (slot + 1): figure(group) for slot, group in sorted(groups.items())}
    lines = tuple(
        Line(pod, tuple((when, value * (1 + 0.05 * number)) for when, value in points.items()))
        for number, pod in enumerate(pods)
    )
    return Drawn(query.name, query.unit, query.promql, lines)


def _scaling(kind: str, made: Summary, later: float) -> Iterator[Drawn]:
    name = "torchserve" if kind == "torchserve" else "tensorflow-serving"
    rates = [phase.rate for phase in made.profile.phases] if isinstance(made.profile, Open) else []
    times = [SCRAPE * slot for slot in range(int(made.total.seconds / SCRAPE) + 1)]
    high = (later - 35, made.total.seconds - 20)
    shown: tuple[tuple[Query, str, Callable[[float], float]], ...] = (
        (autoscaling.replicas_wanted(SCOPE), f"{name} wanted", lambda at: 2.0 if later - 19 <= at else 1.0),
        (autoscaling.replicas_ready(SCOPE), f"{name} ready", lambda at: 2.0 if later - 2 <= at else 1.0),
        (autoscaling.autoscaler_limit(SCOPE), f"{name} at most", lambda _: 2.0),
        (autoscaling.metric_target(SCOPE), f"{name} target", lambda _: 50.0),
        (
            autoscaling.metric_seen(SCOPE),
            f"{name} CPU",
            lambda at: 2.2 * rates[1] / (2 if at > later else 1) if high[0] + 10 < at < high[1] else 20.0,
        ),
    )
    for query, line, value in shown:
        yield Drawn(
            query.name, query.unit, query.promql, (Line(line, tuple((at, value(at)) for at in times)),)
        )
