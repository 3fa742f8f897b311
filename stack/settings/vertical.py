"""The settings of scaler vpa, and what of them contradicts."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from stack.quantities import Cpu, millicores
from stack.rules import Flag, Whole
from stack.schema import Problem, setting

OF_PODS = (
    "minReplicas",
    "maxReplicas",
    "targetCpuUtilization",
    "target",
    "behavior",
)  # for horizontal scalers


@dataclass(frozen=True)
class Vpa:
    """Between which requests a VerticalPodAutoscaler moves a serving container.

    Its limit moves along, in the proportion of resources.cpuLimit to resources.cpuRequest.
    """

    min_cpu_request: str = setting("100m", Cpu(), "least CPU that a container may come to request")
    max_cpu_request: str = setting("1", Cpu(), "most CPU that a container may come to request")


@dataclass(frozen=True)
class VpaSettings:
    """The platform's VerticalPodAutoscaler; the defaults are upstream's."""

    enabled: bool = setting(
        False,
        Flag(),
        "declare VPA, for stacks with autoscaling.scaler vpa; leave it where the cluster has one",
    )
    recommender_seconds: int = setting(
        60, Whole(5, 3600), "time between two looks at the pods' usage, each of which is a sample"
    )
    updater_seconds: int = setting(60, Whole(5, 3600), "time between two looks for pods to resize")
    cpu_half_life_minutes: int = setting(1440, Whole(1, 100_000), "age at which a sample of CPU counts half")
    patience_minutes: int = setting(
        720,
        Whole(1, 100_000),
        "age from which a pod is resized although its request is still within the recommended bounds",
    )


def find(wanted: Vpa, request: str, given: Collection[str]) -> Iterator[Problem]:
    """What contradicts. `request`: resources.cpuRequest; `given`: the paths that the stack sets itself."""
    for name in OF_PODS:
        if (at := f"autoscaling.{name}") in given:
            fix = "remove it, or set autoscaling.scaler to hpa"
            expected = "nothing with scaler vpa, which leaves the number of pods to replicas"
            yield Problem(at, expected, "a setting of horizontal scalers", fix, ("autoscaling.scaler",))
    low, high = "autoscaling.vpa.minCpuRequest", "autoscaling.vpa.maxCpuRequest"
    if millicores(wanted.min_cpu_request) > millicores(wanted.max_cpu_request):
        fix = "lower it or raise maxCpuRequest"
        yield Problem(
            low, f"≤ {high} ({wanted.max_cpu_request})", f'"{wanted.min_cpu_request}"', fix, (high,)
        )
    elif not within(wanted, request):
        bounds = f"{wanted.min_cpu_request} to {wanted.max_cpu_request} ({low}, maxCpuRequest)"
        fix = "a pod starts with it; change it or the bounds"
        yield Problem("resources.cpuRequest", bounds, f'"{request}"', fix, (low, high))


def within(wanted: Vpa, request: str) -> bool:
    """Whether a container may have this request."""
    low, high = millicores(wanted.min_cpu_request), millicores(wanted.max_cpu_request)
    return low <= millicores(request) <= high
