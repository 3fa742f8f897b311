"""Compare a stack's intention with what its objects and pods really do. `bench.inspect` does the reading."""

from collections.abc import Iterable, Mapping

from bench import effective
from bench.findings import Block, Finding, same, unreadable
from bench.inspect import Observation, Unreadable
from bench.objects import Autoscaler, Container, Deployment, Pace, Pod, Policy
from stack.outputs import Endpoint, StackOutputs
from stack.rules import mebibytes, millicores
from stack.settings import Autoscaling, Batching, ScalingPace, Settings

PAGE = 2**16  # cgroups keep memory limits in whole pages; 64 KiB is the largest in use


def verify(outputs: StackOutputs, settings: Settings, seen: Observation) -> tuple[Block, ...]:
    """A block for the stack, and for each server's Deployment, autoscaler and pods."""
    deployed = tuple(endpoint.server for endpoint in outputs.endpoints)
    stack = Block(f"stack {outputs.stack}", (same("servers", settings.servers, deployed),))
    blocks = [stack]
    for endpoint in outputs.endpoints:
        blocks += _server(endpoint, settings, seen)
    return tuple(blocks)


def _server(endpoint: Endpoint, settings: Settings, seen: Observation) -> Iterable[Block]:
    name = endpoint.deployment
    deployment = next((each for each in seen.deployments if each.name == name), None)
    scaler = next((each for each in seen.autoscalers if each.deployment == name), None)
    pods = [pod for pod in seen.pods if pod.component == name]
    yield Block(f"deployment {name}", tuple(deployment_findings(deployment, len(pods), settings)))
    yield Block(f"autoscaler {name}", tuple(autoscaler_findings(scaler, settings.autoscaling)))
    for pod in pods:
        yield pod_block(pod, seen.probes[pod.name], endpoint, settings)


def deployment_findings(deployment: Deployment | None, pods: int, settings: Settings) -> Iterable[Finding]:
    """The number of pods, and that no rollout is under way."""
    if deployment is None:
        yield same("exists", True, False)
        return
    scaling, wanted = settings.autoscaling, deployment.wanted
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
    yield same("autoscaling.targetCpuUtilization", wanted.target_cpu_utilization, scaler.target)
    yield _pace("autoscaling.behavior.scaleUp", wanted.behavior.scale_up, scaler.scale_up)
    yield _pace("autoscaling.behavior.scaleDown", wanted.behavior.scale_down, scaler.scale_down)


def _pace(what: str, wanted: ScalingPace, found: Pace) -> Finding:
    policy = Policy("Pods", wanted.pods, wanted.period_seconds)
    return same(what, _pace_text(Pace(wanted.stabilization_seconds, (policy,))), _pace_text(found))


def _pace_text(pace: Pace) -> str:
    policies = (f"{each.value} {each.kind} in {each.period_seconds} s" for each in pace.policies)
    return f"{', '.join(policies) or 'no policy'}, calmest of {pace.stabilization_seconds} s"


def pod_block(pod: Pod, probe: effective.Probe | Unreadable, endpoint: Endpoint, settings: Settings) -> Block:
    """One pod: readiness, image, requests and limits, and the server's own settings."""
    container = next((each for each in pod.containers if each.name == endpoint.deployment), None)
    findings = [same("ready", True, pod.ready)]
    findings += _container(container, endpoint, settings) if container else [same("container", True, False)]
    if isinstance(probe, Unreadable):
        return Block(f"pod {pod.name}", (*findings, unreadable("server", probe.reason)))
    findings += limit_findings(probe.limits, settings)
    findings += _server_findings(endpoint, probe, settings)
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


def limit_findings(limits: effective.Limits, settings: Settings) -> list[Finding]:
    """The cgroup's limits."""
    wanted = settings.resources
    memory = int(mebibytes(wanted.memory_limit) * 2**20)
    near = limits.memory is not None and 0 <= memory - limits.memory < PAGE
    found = "none" if limits.memory is None else f"{limits.memory / 2**20:g}Mi"
    return [
        same("resources.cpuLimit (cores)", millicores(wanted.cpu_limit) / 1000, limits.cores),
        Finding("resources.memoryLimit", wanted.memory_limit, found, near),
    ]


def _server_findings(endpoint: Endpoint, probe: effective.Probe, settings: Settings) -> Iterable[Finding]:
    try:
        if endpoint.server == "tensorflow":
            return list(tensorflow_findings(effective.tensorflow(probe), settings))
        return list(torchserve_findings(effective.torchserve(probe), settings))
    except effective.UnreadableError as error:
        return [unreadable(endpoint.server, str(error))]


def tensorflow_findings(server: effective.TensorFlowServer, settings: Settings) -> Iterable[Finding]:
    """Flags of the command line (absent: 0, the server's choice) and the batching file's values."""
    wanted = settings.tensorflow
    flags = {
        "intraOpThreads": ("tensorflow_intra_op_parallelism", wanted.intra_op_threads),
        "interOpThreads": ("tensorflow_inter_op_parallelism", wanted.inter_op_threads),
        "restThreads": ("rest_api_num_threads", wanted.rest_threads),
    }
    for key, (flag, value) in flags.items():
        yield same(f"tensorflow.{key}", str(value), server.flags.get(flag, "0"))
    yield same("tensorflow.batching", wanted.batching is not None, server.batching is not None)
    if wanted.batching and server.batching is not None:
        yield from _batching(wanted.batching, server.batching)


def _batching(wanted: Batching, found: Mapping[str, int]) -> Iterable[Finding]:
    values = {
        "maxBatchSize": ("max_batch_size", wanted.max_batch_size),
        "timeoutMicros": ("batch_timeout_micros", wanted.timeout_micros),
        "threads": ("num_batch_threads", wanted.threads),
        "maxEnqueuedBatches": ("max_enqueued_batches", wanted.max_enqueued_batches),
    }
    for key, (name, value) in values.items():
        yield same(f"tensorflow.batching.{key}", value, found.get(name))


def torchserve_findings(server: effective.TorchServer, settings: Settings) -> Iterable[Finding]:
    """The management API's values, the workers that run, and the PyTorch threads of each."""
    wanted = settings.torchserve
    ready = sum(status == "READY" for status in server.workers)
    threads, policy = str(wanted.threads_per_worker), wanted.omp_wait_policy
    yield same("torchserve.minWorkers", wanted.min_workers, server.min_workers)
    yield same("torchserve.maxWorkers", wanted.max_workers, server.max_workers)
    yield same("torchserve.batchSize", wanted.batch_size, server.batch_size)
    yield same("torchserve.maxBatchDelayMillis", wanted.max_batch_delay_millis, server.max_batch_delay_millis)
    yield same("workers that are READY", wanted.min_workers, ready)
    yield _by_worker("torchserve.threadsPerWorker", threads, server, "OMP_NUM_THREADS")
    yield _by_worker(
        "torchserve.ompWaitPolicy", policy.upper() if policy else "unset", server, "OMP_WAIT_POLICY"
    )


def _by_worker(what: str, wanted: str, server: effective.TorchServer, variable: str) -> Finding:
    """Every worker process has the wanted value, and there is at least one."""
    found = {worker.get(variable, "unset") for worker in server.openmp}
    return Finding(what, wanted, ", ".join(sorted(found)) or "no worker", found == {wanted})


def _notes(probe: effective.Probe) -> dict[str, str]:
    """Threads of every process. They are more than the settings' sum: servers keep threads of other kinds."""
    return {
        f"threads of process {each.pid} ({_program(each)})": str(each.threads or "unknown")
        for each in sorted(probe.processes, key=lambda each: each.pid)
    }


def _program(process: effective.Process) -> str:
    words = [word.rpartition("/")[2] for word in process.command if not word.startswith("-")]
    return " ".join(words[:2]) or "ended"
