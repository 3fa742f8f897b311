"""The settings of autoscaling, and what of them contradicts. A scaler is a name here and a line in CHECKS."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass

from stack.quantities import millicores
from stack.queries.load import IN_FLIGHT, QUEUE, RATE
from stack.rules import OneOf, Real, Whole
from stack.schema import Problem, Section, setting
from stack.settings import vertical
from stack.settings.vertical import Vpa

HPA_TOLERANCE = 0.1  # kube-controller-manager's --horizontal-pod-autoscaler-tolerance
MOST_PODS = 5000  # of a server: Kubernetes is tested with 5,000 nodes

HPA, KEDA, VPA = "hpa", "keda", "vpa"
HORIZONTAL = (HPA, KEDA)  # the scalers that own the number of pods
CPU = "cpu"
COUNTED = (IN_FLIGHT, QUEUE, RATE)  # what Prometheus knows of a server


@dataclass(frozen=True)
class ScalingPace:
    """One direction of an autoscaler (autoscaling/v2, HPAScalingRules). Tolerances need Kubernetes 1.35."""

    stabilization_seconds: int = setting(
        0, Whole(0, 3600), "time over which wishes are compared; the calmest wins"
    )
    pods: int = setting(4, Whole(1, MOST_PODS), "pods that may come or go in one period")
    period_seconds: int = setting(15, Whole(1, 1800), "length of that period")
    tolerance_percent: int | None = setting(
        None, Whole(0, 99), "how far the metric may be from its target, %; unset: the cluster's, 10"
    )

    @property
    def tolerance_quantity(self) -> str:
        """The tolerance as Kubernetes writes it; empty where the cluster's holds."""
        if self.tolerance_percent is None:
            return ""
        return f"{10 * self.tolerance_percent}m" if self.tolerance_percent else "0"

    def tolerance(self, usual: float = HPA_TOLERANCE) -> float:
        """How far usage ÷ target may be from 1; `usual` is the cluster's."""
        return usual if self.tolerance_percent is None else self.tolerance_percent / 100


@dataclass(frozen=True)
class Behavior:
    """How fast an autoscaler follows its metric; the defaults are Kubernetes' own."""

    scale_up: ScalingPace = setting(ScalingPace(), Section(ScalingPace))
    scale_down: ScalingPace = setting(ScalingPace(stabilization_seconds=300, pods=20), Section(ScalingPace))


@dataclass(frozen=True)
class Keda:
    """How KEDA asks Prometheus, and what holds while Prometheus does not answer."""

    polling_seconds: int = setting(30, Whole(1, 3600), "time between two looks of KEDA's operator")
    window_seconds: int | None = setting(
        None, Whole(5, 3600), "time over which rates are taken; unset: four scrapes"
    )
    failures: int = setting(3, Whole(1, 100), "failed looks in a row after which the fallback holds")
    fallback_replicas: int | None = setting(
        None,
        Whole(1, MOST_PODS),
        "fewest pods while the metric cannot be had; unset: as many as there are",
    )


@dataclass(frozen=True)
class Autoscaling:
    """An autoscaler for each server: who scales, by which metric, between which bounds."""

    min_replicas: int = setting(1, Whole(1, MOST_PODS), "fewest pods")
    max_replicas: int = setting(2, Whole(1, MOST_PODS), "most pods")
    target_cpu_utilization: int = setting(
        50, Whole(1, 400), "with metric cpu: CPU to aim at, % of resources.cpuRequest"
    )
    behavior: Behavior = setting(Behavior(), Section(Behavior))
    scaler: str = setting(
        HPA,
        OneOf((*HORIZONTAL, VPA)),
        "`hpa`: Kubernetes' HorizontalPodAutoscaler, on CPU; `keda`: one that KEDA feeds from Prometheus; "
        "`vpa`: a VerticalPodAutoscaler, which gives the `replicas` more CPU or less, in place",
    )
    metric: str = setting(
        CPU, OneOf((CPU, *COUNTED)), "what is aimed at; but for `cpu` it is counted by the server itself"
    )
    target: float | None = setting(
        None,
        Real(0.01, 100_000),
        "with another metric than cpu: its value for each pod, requests or requests/s",
    )
    keda: Keda = setting(Keda(), Section(Keda))
    vpa: Vpa = setting(Vpa(), Section(Vpa))


def find(
    wanted: Autoscaling, cpu: tuple[str, str], prometheus: bool, given: Collection[str]
) -> Iterator[Problem]:
    """What contradicts in a stack's autoscaling.

    `cpu`: a container's request and limit; `prometheus`: whether there is one that a scaler can ask;
    `given`: the paths of the keys that the stack sets itself.
    """
    yield from _bounds(wanted)
    if wanted.metric == CPU and wanted.scaler in HORIZONTAL:
        yield from _utilization(wanted, *cpu)
    yield from CHECKS[wanted.scaler](wanted, prometheus)
    if wanted.scaler == VPA:
        yield from vertical.find(wanted.vpa, cpu[0], given)
    else:
        yield from _target(wanted, given)
    yield from _of_others(wanted, given)


def _bounds(wanted: Autoscaling) -> Iterator[Problem]:
    low, high = wanted.min_replicas, wanted.max_replicas
    if low > high:
        at = ("autoscaling.minReplicas", "autoscaling.maxReplicas")
        yield Problem(
            at[0], f"≤ {at[1]} ({high})", str(low), "raise maxReplicas or lower minReplicas", at[1:]
        )


def _utilization(wanted: Autoscaling, request: str, limit: str) -> Iterator[Problem]:
    most = 100 * millicores(limit) / millicores(request) / (1 + wanted.behavior.scale_up.tolerance())
    if wanted.target_cpu_utilization >= most:
        yield Problem(
            "autoscaling.targetCpuUtilization",
            f"< {most:.0f} (resources.cpuLimit in % of cpuRequest, less the autoscaler's tolerance)",
            str(wanted.target_cpu_utilization),
            "no pod could ever use more; lower it or raise resources.cpuLimit",
            ("resources.cpuLimit", "resources.cpuRequest"),
        )


def _hpa(wanted: Autoscaling, _: bool) -> Iterator[Problem]:
    if wanted.metric != CPU:
        fix = "set it to keda, which feeds the metric to an HPA, or choose the metric cpu"
        yield Problem(
            "autoscaling.scaler", f"keda with metric {wanted.metric}", "hpa", fix, ("autoscaling.metric",)
        )


def _keda(wanted: Autoscaling, prometheus: bool) -> Iterator[Problem]:
    if wanted.metric == CPU:
        fix = "an HPA does the same without KEDA: set scaler to hpa, or choose one of them and its target"
        yield Problem(
            "autoscaling.metric",
            f"{', '.join(COUNTED[:-1])} or {COUNTED[-1]} with scaler keda",
            CPU,
            fix,
            ("autoscaling.scaler",),
        )
    if not prometheus:
        at = "platform.prometheus.url"
        fix = "set it, or leave platform.prometheus.enabled true to use the platform's"
        besides = ("platform.prometheus.enabled", "autoscaling.scaler")
        yield Problem(at, "the URL of a Prometheus, which scaler keda asks", "nothing", fix, besides)
    if wanted.keda.fallback_replicas and wanted.keda.fallback_replicas > wanted.max_replicas:
        yield Problem(
            "autoscaling.keda.fallbackReplicas",
            f"≤ autoscaling.maxReplicas ({wanted.max_replicas})",
            str(wanted.keda.fallback_replicas),
            "lower it or raise maxReplicas",
            ("autoscaling.maxReplicas",),
        )


def _vpa(wanted: Autoscaling, _: bool) -> Iterator[Problem]:
    if wanted.metric != CPU:
        fix = "set it to keda, or choose the metric cpu"
        yield Problem(
            "autoscaling.scaler", f"keda with metric {wanted.metric}", VPA, fix, ("autoscaling.metric",)
        )


CHECKS: Mapping[str, Callable[[Autoscaling, bool], Iterator[Problem]]] = {
    HPA: _hpa,
    KEDA: _keda,
    VPA: _vpa,
}


def _target(wanted: Autoscaling, given: Collection[str]) -> Iterator[Problem]:
    metric, at, besides = wanted.metric, "autoscaling.target", ("autoscaling.metric",)
    utilization = "autoscaling.targetCpuUtilization"
    if metric == CPU and wanted.target is not None:
        fix = f"remove it and set {utilization}, or choose another metric"
        yield Problem(at, "nothing with metric cpu", f"{wanted.target:g}", fix, besides)
    if metric != CPU and wanted.target is None:
        fix = f"type: pulumi config set --path {at} NUMBER"
        yield Problem(at, f"a number with metric {metric}: its value for each pod", "nothing", fix, besides)
    if metric != CPU and utilization in given:
        fix = f"remove it; {at} is what is aimed at"
        yield Problem(
            utilization, f"nothing with metric {metric}", str(wanted.target_cpu_utilization), fix, besides
        )


def _of_others(wanted: Autoscaling, given: Collection[str]) -> Iterator[Problem]:
    """Settings of a scaler that the stack does not use."""
    for scaler in (KEDA, VPA):
        at = f"autoscaling.{scaler}"
        if wanted.scaler != scaler and at in given:
            fix = f"remove it, or set autoscaling.scaler to {scaler}"
            expected = f"nothing without scaler {scaler}"
            yield Problem(at, expected, "a group of settings", fix, ("autoscaling.scaler",))
