"""Settings that are fine one by one, and not together: contradictions are refused, doubts are warned of."""

from collections.abc import Collection, Iterator

from stack.quantities import mebibytes, millicores
from stack.queries import everywhere
from stack.rules import seconds
from stack.schema import Problem, as_keys
from stack.servers import SERVERS
from stack.settings import gateway, scaling
from stack.settings.groups import Platform, PrometheusSettings, Resources, ServiceSettings, Settings, Slo

LEAST_SERIES = 5000  # what the kubelet and cAdvisor of one small node alone expose
BYTES_PER_SAMPLE = 1  # the lower bound of Prometheus' own estimate, "1–2 bytes" (its docs, Storage)


def find(settings: Settings, given: Collection[str]) -> list[Problem]:
    """Every contradiction. `given`: the paths of the keys that the stack sets itself."""
    return [
        *_replicas(settings, given),
        *_autoscaling(settings, given),
        *_resources(settings.resources),
        *_servers(settings, given),
        *_service(settings.service, settings.servers),
        *_gateway(settings, given),
        *_registry(settings),
        *_slo(settings.slo),
        *_prometheus(settings.platform),
    ]


def _replicas(settings: Settings, given: Collection[str]) -> Iterator[Problem]:
    if settings.horizontal and "replicas" in given:
        yield Problem(
            "replicas",
            "nothing beside autoscaling, which owns the number of pods",
            str(settings.replicas),
            "remove it and set autoscaling.minReplicas, or remove autoscaling",
            ("autoscaling",),
        )


def _autoscaling(settings: Settings, given: Collection[str]) -> Iterator[Problem]:
    wanted, resources, prometheus = settings.autoscaling, settings.resources, settings.platform.prometheus
    if not wanted:
        return
    cpu = (resources.cpu_request, resources.cpu_limit)
    yield from scaling.find(wanted, cpu, prometheus.enabled or bool(prometheus.url), given)
    if wanted.metric != scaling.CPU:
        yield from _told(wanted.metric, settings)
    window, least = wanted.keda.window_seconds, 3 * prometheus.scrape_seconds
    if window is not None and window < least:
        at = "platform.prometheus.scrapeSeconds"
        expected = f"≥ {least}, three scrapes ({at}), of which one may be lost"
        fix = "raise it, or lower that of the platform and say so here"
        yield Problem("autoscaling.keda.windowSeconds", expected, str(window), fix, (at,))


def _told(metric: str, settings: Settings) -> Iterator[Problem]:
    """Servers that do not tell the metric that is to be aimed at."""
    for server in (SERVERS[name] for name in settings.servers):
        has = {server.name, *server.features(settings.of(server))}
        known = server.signals.loads if server.signals else {}
        needs = {name: set(load(everywhere(1)).needs) - has for name, load in known.items()}
        if needs.get(metric) == set():
            continue
        choice = ", ".join(name for name, lacking in needs.items() if not lacking) or scaling.CPU
        more = f" or set {server.name}.{min(needs[metric])}" if needs.get(metric) else ""
        fix = f"choose one of them{more}, or leave {server.name} out of servers"
        yield Problem(
            "autoscaling.metric",
            f"what {server.name} tells ({choice})",
            metric,
            fix,
            ("servers", server.name),
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


def _servers(settings: Settings, given: Collection[str]) -> Iterator[Problem]:
    for server in SERVERS.values():
        yield from server.contradictions(settings.of(server), given)


def _service(service: ServiceSettings, servers: Collection[str]) -> Iterator[Problem]:
    able = [server.name for server in SERVERS.values() if server.metrics != server.inference]
    if service.publish_metrics and not {*able} & {*servers}:
        names = " or ".join(able)
        yield Problem(
            "service.publishMetrics",
            f"false without {names}, which have a port for metrics",
            "true",
            f"remove it or add {names} to servers",
            ("servers",),
        )


def _gateway(settings: Settings, given: Collection[str]) -> Iterator[Problem]:
    service, platform = settings.service, settings.platform
    if gateway.GATEWAY in platform.extras:
        yield from gateway.addressless(service.gateway, platform.gateway)
    published = service.publish_metrics
    yield from gateway.contradictions(service.gateway, service.type, publish_metrics=published, given=given)


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
    found = [*_unused(settings), *_headroom(settings)]
    for server in (SERVERS[name] for name in settings.servers):
        found += server.warnings(settings.of(server), settings.resources.limits)
    return found


def _headroom(settings: Settings) -> list[str]:
    """Usage ends at the limit: without room above the request VPA cannot see how much is missing."""
    scaling_, resources = settings.autoscaling, settings.resources
    equal = millicores(resources.cpu_request) == millicores(resources.cpu_limit)
    if scaling_ and scaling_.scaler == scaling.VPA and equal:
        return [
            f"resources.cpuLimit: expected > cpuRequest ({resources.cpu_request}) with scaler vpa, got the "
            "same; usage ends at the limit, so a resize is at most 15 %, VPA's margin; raise it"
        ]
    return []


def _unused(settings: Settings) -> list[str]:
    found = [
        f"{name}: has no effect while servers leaves {name} out"
        for name, server in SERVERS.items()
        if name not in settings.servers and as_keys(settings.of(server))
    ]
    asked = settings.autoscaling and settings.autoscaling.scaler == scaling.KEDA
    if as_keys(settings.platform) and not settings.platform.enabled and not asked:
        found.append("platform: has no effect while platform.enabled is false")
    return found
