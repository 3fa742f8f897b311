"""Compare a stack's intention with what its objects and pods really do, as `bench.subject.probe` read it."""

from collections.abc import Iterable
from typing import TypeVar

from bench.subject import gateway
from bench.subject.findings import Block, Finding, same, unreadable
from bench.subject.objects import Autoscaler, Container, Deployment, Pace, Pod, Policy
from bench.subject.probe import Observation, Unreadable
from bench.subject.vertical import moved, vertical_findings
from stack.outputs import Endpoint, StackOutputs
from stack.quantities import mebibytes, millicores
from stack.servers import serving
from stack.servers.reading import Limits, Process, Reading, UnreadableError
from stack.servers.server import ServerOf
from stack.settings import Autoscaling, ScalingPace, Settings
from stack.settings.scaling import HPA, KEDA

S = TypeVar("S")
PAGE = 2**16  # cgroups keep memory limits in whole pages; 64 KiB is the largest in use


def verify(outputs: StackOutputs, settings: Settings, seen: Observation) -> tuple[Block, ...]:
    """A block for the stack, and for each server's Deployment, autoscaler and pods."""
    deployed = tuple(endpoint.server for endpoint in outputs.endpoints)
    findings = (same("servers", settings.servers, deployed), *object_findings(seen))
    put_back = {"to put it back": f"make up STACK={outputs.stack}"} if seen.deviations else {}
    blocks = [Block(f"stack {outputs.stack}", findings, put_back)]
    if seen.gate:
        blocks.append(gateway.block(seen.gate))
    for endpoint in outputs.endpoints:
        blocks += _server(endpoint, settings, seen)
    return tuple(blocks)


def object_findings(seen: Observation) -> Iterable[Finding]:
    """How many objects are as they were deployed, and each that is missing or changed."""
    yield same("objects as deployed", seen.objects, seen.objects - len(seen.deviations))
    for each in seen.deviations:
        told = "; ".join(map(str, each.differences))
        yield Finding(str(each.key), "as deployed", f"{each.what}{f': {told}' if told else ''}", ok=False)


def _server(endpoint: Endpoint, settings: Settings, seen: Observation) -> Iterable[Block]:
    name = endpoint.deployment
    deployment = next((each for each in seen.deployments if each.name == name), None)
    scaler = next((each for each in seen.autoscalers if each.deployment == name), None)
    pods = [pod for pod in seen.pods if pod.component == name]
    yield Block(f"deployment {name}", tuple(deployment_findings(deployment, len(pods), settings)))
    yield Block(f"autoscaler {name}", tuple(autoscaler_findings(scaler, settings.horizontal)))
    yield from _vertical(name, settings, seen)
    for pod in pods:
        yield pod_block(pod, seen.probes[pod.name], endpoint, settings)


def _vertical(name: str, settings: Settings, seen: Observation) -> Iterable[Block]:
    found = next((each for each in seen.verticals if each.deployment == name), None)
    if found or settings.autoscaling != settings.horizontal:
        yield Block(f"vertical autoscaler {name}", tuple(vertical_findings(found, settings)))


def deployment_findings(deployment: Deployment | None, pods: int, settings: Settings) -> Iterable[Finding]:
    """The number of pods, and that no rollout is under way."""
    if deployment is None:
        yield same("exists", True, False)
        return
    scaling, wanted = settings.horizontal, deployment.wanted
    if scaling:
        low, high = scaling.min_replicas, scaling.max_replicas
        yield Finding("replicas", f"{low}–{high}", str(wanted), low <= wanted <= high)
    else:
        yield same("replicas", settings.replicas, wanted)
    yield same("ready pods", wanted, deployment.ready)
    yield same("pods of the newest revision", wanted, deployment.updated)
    yield same("pods that were read", wanted, pods)
    yield same("newest settings observed", True, deployment.current)


def autoscaler_findings(scaler: Autoscaler | None, wanted: Autoscaling | None) -> Iterable[Finding]:
    """The HorizontalPodAutoscaler's specification; its absence where none is intended."""
    yield same("autoscaling", wanted is not None, scaler is not None)
    if scaler is None or wanted is None:
        return
    yield same("autoscaling.minReplicas", wanted.min_replicas, scaler.minimum)
    yield same("autoscaling.maxReplicas", wanted.max_replicas, scaler.maximum)
    yield same("autoscaling.scaler", wanted.scaler, KEDA if scaler.external else HPA)
    yield _target(scaler, wanted)
    yield _pace("autoscaling.behavior.scaleUp", wanted.behavior.scale_up, scaler.scale_up)
    yield _pace("autoscaling.behavior.scaleDown", wanted.behavior.scale_down, scaler.scale_down)


def _target(scaler: Autoscaler, wanted: Autoscaling) -> Finding:
    """KEDA hands a target on in thousandths, cut off."""
    if wanted.target is None:
        return same("autoscaling.targetCpuUtilization", wanted.target_cpu_utilization, scaler.target)
    found = scaler.target
    near = found is not None and abs(found - wanted.target) < 0.001
    return Finding(
        "autoscaling.target", f"{wanted.target:g}", "none" if found is None else f"{found:g}", near
    )


def _pace(what: str, wanted: ScalingPace, found: Pace) -> Finding:
    policy = Policy("Pods", wanted.pods, wanted.period_seconds)
    intended = Pace(wanted.stabilization_seconds, (policy,), wanted.tolerance_quantity)
    return same(what, _pace_text(intended), _pace_text(found))


def _pace_text(pace: Pace) -> str:
    policies = (f"{each.value} {each.kind} in {each.period_seconds} s" for each in pace.policies)
    own = f", tolerance {millicores(pace.tolerance) / 10:g} %" if pace.tolerance else ""
    return f"{', '.join(policies) or 'no policy'}, calmest of {pace.stabilization_seconds} s{own}"


def pod_block(pod: Pod, probe: Reading | Unreadable, endpoint: Endpoint, settings: Settings) -> Block:
    """One pod: readiness, image, requests and limits, and the server's own settings."""
    container = next((each for each in pod.containers if each.name == endpoint.deployment), None)
    findings = [same("ready", True, pod.ready)]
    if container:
        settings = moved(settings, container.requests.get("cpu"), container.limits.get("cpu"))
    findings += _container(container, endpoint, settings) if container else [same("container", True, False)]
    if isinstance(probe, Unreadable):
        return Block(f"pod {pod.name}", (*findings, unreadable("server", probe.reason)))
    findings += limit_findings(probe.limits, settings)
    findings += server_findings(serving(endpoint.model)[endpoint.server], probe, settings)
    return Block(f"pod {pod.name}", tuple(findings), _notes(probe))


def _container(container: Container, endpoint: Endpoint, settings: Settings) -> list[Finding]:
    wanted, requests = settings.resources, container.requests
    cpu, memory = requests.get("cpu"), requests.get("memory")
    return [
        image_finding(endpoint.image, container),
        Finding(
            "resources.cpuRequest",
            wanted.cpu_request,
            cpu or "none",
            cpu is not None and millicores(cpu) == millicores(wanted.cpu_request),
        ),
        Finding(
            "resources.memoryRequest",
            wanted.memory_request,
            memory or "none",
            memory is not None and mebibytes(memory) == mebibytes(wanted.memory_request),
        ),
    ]


def image_finding(intended: str, container: Container) -> Finding:
    """The intended reference. A tag may have become the digest of its repository, which must be what runs."""
    reference, _, digest = container.image.partition("@")
    runs = bool(digest) and container.image_id.endswith(f"@{digest}")
    pinned = "@" not in intended and reference == _repository(intended) and runs
    ok = pinned or (container.image == intended and (runs or not digest))
    return Finding("image", intended, container.image, ok)


def _repository(image: str) -> str:
    path, _, name = image.rpartition("/")
    return f"{path}/{name.partition(':')[0]}" if path else name.partition(":")[0]


def limit_findings(limits: Limits, settings: Settings) -> list[Finding]:
    """The cgroup's limits."""
    wanted = settings.resources
    memory = int(mebibytes(wanted.memory_limit) * 2**20)
    near = limits.memory is not None and 0 <= memory - limits.memory < PAGE
    found = "none" if limits.memory is None else f"{limits.memory / 2**20:g}Mi"
    return [
        same("resources.cpuLimit (cores)", millicores(wanted.cpu_limit) / 1000, limits.cores),
        Finding("resources.memoryLimit", wanted.memory_limit, found, near),
    ]


def server_findings(server: ServerOf[S], reading: Reading, settings: Settings) -> list[Finding]:
    """The server's own settings, as it has them."""
    try:
        found = server.effective(reading)
    except UnreadableError as error:
        return [unreadable(server.name, str(error))]
    wanted = server.intended(settings.of(server))
    return [same(what, value, found.get(what)) for what, value in wanted.items()]


def _notes(probe: Reading) -> dict[str, str]:
    """Threads of every process. They are more than the settings' sum: servers keep threads of other kinds."""
    return {
        f"threads of process {each.pid} ({_program(each)})": str(each.threads or "unknown")
        for each in sorted(probe.processes, key=lambda each: each.pid)
    }


def _program(process: Process) -> str:
    words = [word.rpartition("/")[2] for word in process.command if not word.startswith("-")]
    return " ".join(words[:2]) or "ended"
