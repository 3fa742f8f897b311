"""Figures of one run, each a function that gives None where the run does not tell it. Times in ms. Pure."""

from collections.abc import Callable

from bench.analysis import batching
from bench.analysis.loads import failed, usage
from bench.records.profile import Closed
from bench.records.run import Summary
from bench.thesis.gather import Look
from stack import settings
from stack.schema import SettingsError
from stack.settings import Settings

Figure = Callable[[Look], float | None]


def stack(summary: Summary) -> Settings | None:
    """The stack's settings; None for those of another version."""
    try:
        return settings.read(summary.settings)
    except SettingsError:
        return None


def rate(look: Look) -> float:
    """Good answers a second."""
    return look.summary.judged.achieved_rate


def percentile(name: str) -> Figure:
    """A percentile of the client's latency."""

    def figure(look: Look) -> float | None:
        return look.summary.judged.percentile(name)

    return figure


p50, p90, p95 = percentile("p50"), percentile("p90"), percentile("p95")


def longest(look: Look) -> float | None:
    """The client's longest wait."""
    latency = look.summary.judged.latency
    return latency.max if latency else None


def longest_in_warm_up(look: Look) -> float | None:
    """The client's longest wait before the clock ran, the first answers among them."""
    return look.warm_up_longest


def spread(look: Look) -> float | None:
    """p95 ÷ p50 of the client's latency: how unlike the waits are."""
    middle, high = p50(look), p95(look)
    return high / middle if middle and high else None


def in_flight(look: Look) -> float | None:
    """Rate × (mean latency + sleep), which by Little's law is the number of users."""
    law = look.summary.little
    return law.throughput * law.time if law else None


def mean(look: Look) -> float | None:
    """The client's mean latency under a closed load: the time in Little's law without the sleep."""
    law, profile = look.summary.little, look.summary.profile
    return law.time - profile.think_seconds * 1000 if law and isinstance(profile, Closed) else None


def service(look: Look) -> float | None:
    """The mean time of a request in the server, by the server's own clock."""
    return usage([look.summary]).service_millis


def server_share(look: Look) -> float | None:
    """The mean time in the server ÷ the client's mean latency, under a closed load."""
    inside, whole = service(look), mean(look)
    return inside / whole if inside and whole else None


def failures(look: Look) -> float:
    """Requests that were not answered with status 200."""
    return float(failed(look.summary.total))


def batch(look: Look) -> float | None:
    """Rows in the mean batch."""
    return batching.measured(look.summary)


def predicted_batch(look: Look) -> float | None:
    """1 + rate × timeout, at most the largest size; None without batching."""
    found = stack(look.summary)
    limits = batching.window(found, look.summary.server) if found else None
    return batching.predicted(batching.rate(look.summary), limits) if limits else None


def batch_to_predicted(look: Look) -> float | None:
    """The mean batch ÷ 1 + rate × timeout."""
    found, predicted = batch(look), predicted_batch(look)
    return found / predicted if found and predicted else None


def cores(look: Look) -> float | None:
    """Cores that the serving pods used, together."""
    pods = look.summary.pods
    return sum(pod.cpu_seconds for pod in pods) / look.summary.total.seconds if pods else None


def machine_share(look: Look) -> float | None:
    """Share of the machine's cores that the serving pods used."""
    used = cores(look)
    return used / look.summary.obtained.cpus if used is not None else None


def cpu_per_thousand(look: Look) -> float | None:
    """CPU seconds of the serving pods for 1,000 requests."""
    return usage([look.summary]).cpu_per_1000


def busier_pod(look: Look) -> float | None:
    """The share of the requests that the busiest pod took; None for a single pod."""
    taken = [pod.requests for pod in look.summary.pods]
    return max(taken) / sum(taken) if len(taken) > 1 and sum(taken) > 0 else None


def slower_pod(look: Look) -> float | None:
    """The mean latency in the slowest pod ÷ that in the fastest; None for a single pod."""
    told = [pod.service_millis for pod in look.summary.pods if pod.service_millis]
    return max(told) / min(told) if len(told) > 1 else None
