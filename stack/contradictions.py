"""Settings that are fine one by one, and not together: contradictions are refused, doubts are warned of."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from stack.rules import mebibytes, millicores, seconds
from stack.schema import Problem, as_keys

if TYPE_CHECKING:
    from stack.settings import Platform, PrometheusSettings, Resources, ServiceSettings, Settings, Slo

HPA_TOLERANCE = 0.1  # kube-controller-manager's --horizontal-pod-autoscaler-tolerance
REST_THREADS_PER_CPU = 4  # TensorFlow Serving's default, model_servers/main.cc
WORKER_MEBIBYTES = 300  # resident size of a TorchServe worker with this model
SERVER_MEBIBYTES = 600  # resident size of TorchServe's Java process
LEAST_SERIES = 5000  # what the kubelet and cAdvisor of one small node alone expose
BYTES_PER_SAMPLE = 1  # the lower bound of Prometheus' own estimate, "1–2 bytes" (its docs, Storage)
TAKEN = ("monitoring", "metrics-server")  # namespaces of the platform are named so


def find(settings: Settings, given: Collection[str]) -> list[Problem]:
    """Every contradiction. `given`: the paths of the keys that the stack sets itself."""
    return [
        *_replicas(settings, given),
        *_autoscaling(settings),
        *_resources(settings.resources),
        *_tensorflow(settings),
        *_torchserve(settings, given),
        *_service(settings.service, settings.servers),
        *_registry(settings),
        *_slo(settings.slo),
        *_prometheus(settings.platform),
    ]


def _replicas(settings: Settings, given: Collection[str]) -> Iterator[Problem]:
    if settings.autoscaling and "replicas" in given:
        yield Problem(
            "replicas",
            "nothing beside autoscaling, which owns the number of pods",
            str(settings.replicas),
            "remove it and set autoscaling.minReplicas, or remove autoscaling",
            ("autoscaling",),
        )


def _autoscaling(settings: Settings) -> Iterator[Problem]:
    scaling, resources = settings.autoscaling, settings.resources
    if not scaling:
        return
    low, high = scaling.min_replicas, scaling.max_replicas
    if low > high:
        at = ("autoscaling.minReplicas", "autoscaling.maxReplicas")
        yield Problem(
            at[0], f"≤ {at[1]} ({high})", str(low), "raise maxReplicas or lower minReplicas", at[1:]
        )
    most = 100 * millicores(resources.cpu_limit) / millicores(resources.cpu_request) / (1 + HPA_TOLERANCE)
    if scaling.target_cpu_utilization >= most:
        yield Problem(
            "autoscaling.targetCpuUtilization",
            f"< {most:.0f} (resources.cpuLimit in % of cpuRequest, less the autoscaler's tolerance)",
            str(scaling.target_cpu_utilization),
            "no pod could ever use more; lower it or raise resources.cpuLimit",
            ("resources.cpuLimit", "resources.cpuRequest"),
        )


def _resources(resources: Resources) -> Iterator[Problem]:
    if millicores(resources.cpu_request) > millicores(resources.cpu_limit):
        yield _above("cpu", resources.cpu_request, resources.cpu_limit)
    if mebibytes(resources.memory_request) > mebibytes(resources.memory_limit):
        yield _above("memory", resources.memory_request, resources.memory_limit)


def _above(what: str, request: str, limit: str) -> Problem:
    at = f"resources.{what}Limit"
    fix = "lower the request or raise the limit"
    return Problem(f"resources.{what}Request", f"≤ {at} ({limit})", f'"{request}"', fix, (at,))


def _tensorflow(settings: Settings) -> Iterator[Problem]:
    threads, batching = settings.tensorflow.rest_threads, settings.tensorflow.batching
    if batching and 0 < threads <= batching.max_batch_size:
        at = "tensorflow.batching.maxBatchSize"
        yield Problem(
            "tensorflow.restThreads",
            f"0 or > {at} ({batching.max_batch_size})",
            str(threads),
            f"each waiting request holds a thread, set it to {2 * batching.max_batch_size + 1}",
            (at,),
        )


def _torchserve(settings: Settings, given: Collection[str]) -> Iterator[Problem]:
    torch = settings.torchserve
    if torch.min_workers > torch.max_workers:
        at = "torchserve.maxWorkers"
        fix = "raise maxWorkers or lower minWorkers"
        yield Problem(
            "torchserve.minWorkers", f"≤ {at} ({torch.max_workers})", str(torch.min_workers), fix, (at,)
        )
    if torch.batch_size == 1 and "torchserve.maxBatchDelayMillis" in given:
        yield Problem(
            "torchserve.maxBatchDelayMillis",
            "nothing while torchserve.batchSize is 1, where no request waits for another",
            str(torch.max_batch_delay_millis),
            "remove it or set torchserve.batchSize",
            ("torchserve.batchSize",),
        )


def _service(service: ServiceSettings, servers: Collection[str]) -> Iterator[Problem]:
    if service.publish_metrics and "torchserve" not in servers:
        yield Problem(
            "service.publishMetrics",
            "false without torchserve, the only server with a port for metrics",
            "true",
            "remove it or add torchserve to servers",
            ("servers",),
        )
    if service.ingress and service.type == "LoadBalancer":
        yield Problem(
            "service.type",
            "ClusterIP or NodePort behind service.ingress",
            "LoadBalancer",
            "choose one way in: remove service.ingress or change the type",
            ("service.ingress",),
        )


def _registry(settings: Settings) -> Iterator[Problem]:
    if settings.image_pull_secret and not settings.registry:
        yield Problem(
            "imagePullSecret",
            "nothing without registry, whose credentials it holds",
            "a secret",
            "set registry or remove it",
            ("registry",),
        )


def _slo(slo: Slo) -> Iterator[Problem]:
    if slo.p99_millis < slo.p95_millis:
        at = "slo.p95Millis"
        yield Problem(
            "slo.p99Millis",
            f"≥ {at} ({slo.p95_millis})",
            str(slo.p99_millis),
            "the slowest 1 % are among the slowest 5 %; raise p99Millis or lower p95Millis",
            (at,),
        )


def _prometheus(platform: Platform) -> Iterator[Problem]:
    prometheus, at = platform.prometheus, "platform.prometheus"
    switches = (f"{at}.enabled", "platform.grafana.enabled")
    if prometheus.enabled and prometheus.url:
        fix = f"remove it, or set {at}.enabled to false"
        yield Problem(f"{at}.url", f"nothing while {at}.enabled", prometheus.url, fix, switches[:1])
    if not prometheus.enabled and not prometheus.url and platform.grafana.enabled:
        needed = f"the URL of a Prometheus while {at}.enabled is false: Grafana draws from it"
        fix = "set it, or set platform.grafana.enabled to false"
        yield Problem(f"{at}.url", needed, "nothing", fix, switches)
    if _volume_seconds(prometheus) < seconds(prometheus.retention):
        hours = f"{_volume_seconds(prometheus) / 3600:.0f}h"
        expected = f"≤ {hours}, for which {at}.storage ({prometheus.storage}) lasts at best"
        fix = f"lower it or raise {at}.storage"
        yield Problem(f"{at}.retention", expected, f'"{prometheus.retention}"', fix, (f"{at}.storage",))


def _volume_seconds(prometheus: PrometheusSettings) -> float:
    """How long the volume lasts at best: bytes ÷ (samples a second × bytes a sample)."""
    room = mebibytes(prometheus.storage) * 2**20
    return room * prometheus.scrape_seconds / (LEAST_SERIES * BYTES_PER_SAMPLE)


def warnings(settings: Settings) -> list[str]:
    """What is allowed, and probably not meant."""
    found = _unused(settings)
    if "torchserve" in settings.servers:
        found += _worker_warnings(settings)
    if "tensorflow" in settings.servers:
        found += _rest_warnings(settings)
    return found


def _worker_warnings(settings: Settings) -> list[str]:
    torch, limit = settings.torchserve, settings.resources.cpu_limit
    found = []
    if torch.min_workers * torch.threads_per_worker * 1000 > millicores(limit):
        found.append(
            f"torchserve.minWorkers: {torch.min_workers} workers × {torch.threads_per_worker} threads are "
            f"more than resources.cpuLimit ({limit}); they take turns and are throttled"
        )
    needed = SERVER_MEBIBYTES + torch.min_workers * WORKER_MEBIBYTES
    if needed > mebibytes(settings.resources.memory_limit):
        found.append(
            f"resources.memoryLimit: {settings.resources.memory_limit} is less than the {needed}Mi or so "
            f"that {torch.min_workers} workers need; the container may be killed"
        )
    return found


def _rest_warnings(settings: Settings) -> list[str]:
    batching, limit = settings.tensorflow.batching, settings.resources.cpu_limit
    threads = REST_THREADS_PER_CPU * millicores(limit) // 1000
    if not batching or settings.tensorflow.rest_threads or batching.max_batch_size < threads:
        return []
    return [
        f"tensorflow.restThreads: 0 gives {REST_THREADS_PER_CPU} threads a CPU, and each waiting request "
        f"holds one; batches of {batching.max_batch_size} may never fill, "
        f"set it to {2 * batching.max_batch_size + 1}"
    ]


def _unused(settings: Settings) -> list[str]:
    sections = {"tensorflow": settings.tensorflow, "torchserve": settings.torchserve}
    found = [
        f"{name}: has no effect while servers leaves {name} out"
        for name, section in sections.items()
        if name not in settings.servers and as_keys(section)
    ]
    if as_keys(settings.platform) and not settings.platform.enabled:
        found.append("platform: has no effect while platform.enabled is false")
    return found


def problems_of_stack_name(name: str) -> list[str]:
    """Why a stack cannot have this name; its namespace `emotion-NAME` is a DNS label (RFC 1123)."""
    fix = "create the stack anew: pulumi stack init NAME"
    if name in TAKEN:
        return [str(Problem("stack", f"a name other than {', '.join(TAKEN)}", f'"{name}"', fix))]
    if re.fullmatch(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?", name) and len(f"emotion-{name}") <= 63:
        return []
    expected = "at most 55 of a–z, 0–9 and inner hyphens, for the namespace emotion-NAME"
    return [str(Problem("stack", expected, f'"{name}"', fix))]
