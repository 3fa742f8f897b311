"""Each claim of the thesis, judged by what an experiment saw. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bench.thesis import claims
from bench.thesis.checks import autoscaler, batching, load, replicas, tensorflow, torchserve, way
from bench.thesis.claims import Claim
from bench.thesis.gather import Seen
from bench.thesis.rules import Finding

Check = Callable[[Claim, Seen], Finding]


@dataclass(frozen=True)
class Judged:
    """A claim, what these runs say on it, and the verdict: one of `bench.thesis.rules.VERDICTS`."""

    claim: Claim
    measured: str
    verdict: str
    why: str


@dataclass(frozen=True)
class Subject:
    """Judged claims that belong together."""

    title: str
    judged: tuple[Judged, ...]


# By the claim's id.
CHECKS: Mapping[str, Check] = {
    "closed-load": load.closed_load,
    "k6-rate": load.k6_rate,
    "k6-failed": load.k6_failed,
    "k6-latency": load.k6_latency,
    "k6-longest": load.k6_longest,
    "client-and-server": way.client_and_server,
    "port-forward": way.port_forward,
    "port-forward-one-pod": way.port_forward_one_pod,
    "all-tested": load.all_tested,
    "metrics-needed": way.metrics_needed,
    "default-unsteady": tensorflow.default_unsteady,
    "default-overloads": tensorflow.default_overloads,
    "threads-client": tensorflow.threads_client,
    "threads-server": tensorflow.threads_server,
    "threads-scale": tensorflow.threads_scale,
    "batch-10ms": batching.batch_10ms,
    "batch-100ms": batching.batch_100ms,
    "batch-weak-hardware": batching.batch_weak_hardware,
    "batch-single": batching.batch_single,
    "batch-latency": batching.batch_latency,
    "batch-power": batching.batch_power,
    "workers-autoscale": torchserve.workers_autoscale,
    "workers-10-latency": torchserve.workers_latency,
    "workers-1-10-latency": torchserve.workers_latency,
    "workers-10-slower": torchserve.workers_10_slower,
    "workers-energy": torchserve.workers_energy,
    "workers-adapt": torchserve.workers_adapt,
    "torch-batch": torchserve.torch_batch,
    "replicas-overlap": replicas.replicas_overlap,
    "replicas-even": replicas.replicas_even,
    "replicas-full-use": replicas.replicas_full_use,
    "replicas-relieve": replicas.replicas_relieve,
    "hpa-unknown": autoscaler.hpa_unknown,
    "hpa-idle": autoscaler.hpa_idle,
    "hpa-scales-out": autoscaler.hpa_scales_out,
    "hpa-percent": autoscaler.hpa_percent,
    "hpa-keeps": autoscaler.hpa_keeps,
    "hpa-removes": autoscaler.hpa_removes,
    "hpa-helps": autoscaler.hpa_helps,
    "practice": way.practice,
}


def judge(subjects: Sequence[claims.Subject], seen: Seen) -> tuple[Subject, ...]:
    """Every claim, by subject, in their order."""
    return tuple(
        Subject(subject.title, tuple(judged(claim, seen) for claim in subject.claims)) for subject in subjects
    )


def judged(claim: Claim, seen: Seen) -> Judged:
    """One claim."""
    found = CHECKS[claim.id](claim, seen)
    return Judged(claim, found.measured, found.verdict, found.why)
