"""How many pods and nodes hold a rate, and for how much: measured capacity, less its noise, times pods."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields

from bench.analysis.candidates import Candidate, Unmeasured, measuring
from bench.analysis.nodes import Node, Request, needed, on_one
from stack import settings
from stack.quantities import mebibytes, millicores
from stack.schema import as_keys, camel
from stack.settings import Autoscaling, Settings, Slo
from stack.settings.scaling import CPU, MOST_PODS

HOURS = 730.0  # of a month: 8,760 ÷ 12
SURGE = 1  # pod that a rollout adds (maxSurge of our Deployments)
STEP = 0.01  # cores that a request is rounded up to


@dataclass(frozen=True)
class Demand:
    """Requests/s at the peak, those in the trough where it is known, and the objective asked for."""

    peak: float
    trough: float | None
    slo: Slo


@dataclass(frozen=True)
class Terms:
    """What pods run on. `keep_requests`: packed by what they request, not by what they had when measured."""

    node: Node
    keep_requests: bool = False


@dataclass(frozen=True)
class Sized:
    """A candidate at a demand.

    `each`: requests/s that a pod held, `planned`: with which it is counted. `pods` serve the peak; an
    autoscaler with `target` (% of the request) has from `least` of them up. `request`: what a pod reserves.
    `month`: what the whole nodes cost, in the prices' currency. `sets`: what a stack file of it sets.
    """

    candidate: Candidate
    each: float
    planned: float
    pods: int
    least: int
    target: int | None
    request: Request
    per_node: int
    nodes: int
    month: float
    sets: Mapping[str, object]

    @property
    def beyond(self) -> float:
        """How many times the pods that were measured together."""
        return self.pods / self.candidate.pods


def size(
    known: Iterable[Candidate], demand: Demand, terms: Terms
) -> tuple[tuple[Sized, ...], tuple[Unmeasured, ...]]:
    """All that can be sized, the cheapest first, then the fewest pods; and those that cannot."""
    found = [_refused(each, demand.slo) or _sized(each, demand, terms) for each in known]
    sized = [each for each in found if isinstance(each, Sized)]
    sized.sort(key=lambda each: (each.month, each.pods, -each.planned, each.candidate.stack))
    return tuple(sized), tuple(each for each in found if isinstance(each, Unmeasured))


def _refused(candidate: Candidate, asked: Slo) -> Unmeasured | None:
    """What holds a stricter objective holds a looser one; the other way nothing is known."""
    stricter = [f for f in fields(Slo) if getattr(asked, f.name) < getattr(candidate.slo, f.name)]
    if not stricter:
        return None
    keys = {f"slo.{camel(f.name)}": f.name for f in stricter}
    told = ", ".join(f"{key} {getattr(candidate.slo, name):g}" for key, name in keys.items())
    wanted = [
        f"pulumi config set -s {candidate.stack} --path {key} {getattr(asked, name):g}"
        for key, name in keys.items()
    ]
    command = " && ".join([*wanted, f"{measuring(candidate.stack)}-stricter"])
    return Unmeasured(candidate.stack, f"not measured: its capacity is for {told}", command)


def _sized(candidate: Candidate, demand: Demand, terms: Terms) -> Sized | Unmeasured:
    read = settings.read(candidate.sets)
    if read.autoscaling and read.autoscaling.metric != CPU:
        why = f"scales by {read.autoscaling.metric}: what is sized has fixed pods or scales by CPU"
        return Unmeasured(candidate.stack, why)
    request = _request(candidate, read, terms)
    planned = planned_rate(candidate)
    target = _target(candidate, read, request, planned)
    per_pod = _rate_at(candidate, request, target, planned)
    pods = math.ceil(demand.peak / per_pod)
    per_node = on_one(request, terms.node)
    if per_node == 0 or pods > MOST_PODS:
        return Unmeasured(candidate.stack, _impossible(pods, request, terms.node))
    least = _least(read.autoscaling, demand, per_pod, pods)
    nodes = needed(pods + SURGE, per_node)
    return Sized(
        candidate=candidate,
        each=candidate.capacity.value / candidate.pods,
        planned=per_pod,
        pods=pods,
        least=least,
        target=target,
        request=request,
        per_node=per_node,
        nodes=nodes,
        month=nodes * terms.node.hour * HOURS,
        sets=_sets(candidate, request, (least, pods, target), demand.slo),
    )


def _impossible(pods: int, request: Request, node: Node) -> str:
    if pods > MOST_PODS:
        return f"would take {pods:,} pods, and more than {MOST_PODS:,} no stack may have"
    offers = node.offers
    return (
        f"a pod reserves {request.cores:.2f} cores and {request.gib:.2f} GiB, a node offers "
        f"{offers.cores:.2f} and {offers.gib:.2f}: give larger --node-cpu and --node-memory"
    )


def planned_rate(candidate: Candidate) -> float:
    """Requests/s to count a pod with: the lower end of the 95 % interval ÷ the A/A noise floor ÷ pods."""
    assert candidate.capacity.low is not None
    return candidate.capacity.low / candidate.floor / candidate.pods


def _request(candidate: Candidate, read: Settings, terms: Terms) -> Request:
    """What a pod requests, and where it had more CPU when it was measured, that."""
    own, gib = millicores(read.resources.cpu_request) / 1000, mebibytes(read.resources.memory_request) / 1024
    had = math.ceil(candidate.cores / STEP - 1e-9) * STEP
    return Request(own if terms.keep_requests else round(max(own, had), 3), gib)


def _target(candidate: Candidate, read: Settings, request: Request, planned: float) -> int | None:
    """The autoscaler's target, % of `request`: the same cores a pod as the stack's own, at most the planned.

    An autoscaler lets pods use its tolerance more. None without one.
    """
    if read.autoscaling is None:
        return None
    own = millicores(read.resources.cpu_request) / 1000
    cores = own * read.autoscaling.target_cpu_utilization / 100
    if candidate.used is not None:
        cores = min(
            cores,
            planned
            * _cpu_seconds(candidate, candidate.used)
            / (1 + read.autoscaling.behavior.scale_up.tolerance()),
        )
    return max(1, math.floor(100 * cores / request.cores + 1e-9))


def _rate_at(candidate: Candidate, request: Request, target: int | None, planned: float) -> float:
    """Requests/s of one pod: what is planned, or what an autoscaler leaves it, if less."""
    if target is None or not candidate.used:
        return planned
    return min(planned, request.cores * target / 100 / _cpu_seconds(candidate, candidate.used))


def _cpu_seconds(candidate: Candidate, used: float) -> float:
    """CPU seconds of one request."""
    return used * candidate.pods / candidate.capacity.value


def _least(scaling: Autoscaling | None, demand: Demand, per_pod: float, pods: int) -> int:
    """Pods in the trough; where it is not known an autoscaler keeps its own least."""
    if scaling is None:
        return pods
    trough = scaling.min_replicas if demand.trough is None else math.ceil(demand.trough / per_pod)
    return min(max(trough, 1), pods)


def _sets(
    candidate: Candidate, request: Request, scale: tuple[int, int, int | None], slo: Slo
) -> dict[str, object]:
    least, most, target = scale
    found = dict(candidate.sets)
    own = millicores(settings.read(candidate.sets).resources.cpu_request) / 1000
    if request.cores != own:
        found["resources"] = {**_group(found, "resources"), "cpuRequest": f"{request.cores * 1000:.0f}m"}
    if target is None:
        found["replicas"] = most
    else:
        scaled = {"minReplicas": least, "maxReplicas": most, "targetCpuUtilization": target}
        found["autoscaling"] = {**_group(found, "autoscaling"), **scaled}
    asked = as_keys(slo, Slo())
    return {**found, "slo": asked} if asked else found


def _group(found: Mapping[str, object], key: str) -> Mapping[str, object]:
    group = found.get(key, {})
    return group if isinstance(group, Mapping) else {}
