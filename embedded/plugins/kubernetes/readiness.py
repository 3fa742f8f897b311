"""When an object counts as ready: pure rules over what was read, as upstream's plugin states them."""

from collections.abc import Iterable
from dataclasses import dataclass

from embedded.plugins.values import Object, Value, as_int, as_list, as_object, as_text, dig

REVISION = "deployment.kubernetes.io/revision"
STARTING = frozenset(("ContainerCreating", "PodInitializing", ""))


@dataclass(frozen=True)
class Verdict:
    """One look at an object: `status` is shown while waiting, `problems` say what stands in the way."""

    ready: bool
    status: str = ""
    problems: tuple[str, ...] = ()


READY = Verdict(ready=True)


@dataclass(frozen=True)
class Rollout:
    """What an update changed: a changed pod template must bring another revision than `revision`."""

    template_changed: bool = False
    revision: str = ""


@dataclass(frozen=True)
class DeploymentView:
    """A Deployment with the objects that tell of its rollout; pods are those of its selector."""

    deployment: Object
    replica_sets: tuple[Object, ...] = ()
    pods: tuple[Object, ...] = ()
    claims: tuple[Object, ...] = ()


def deployment(view: DeploymentView, rollout: Rollout) -> Verdict:
    """Ready when the newest ReplicaSet has all its Pods, the rollout is complete and its claims are bound."""
    newest = _newest_replica_set(view)
    wanted = as_int(dig(newest, "spec", "replicas"))
    ready = as_int(dig(newest, "status", "readyReplicas"))
    if _generation_observed(view.deployment) and not _missing(view, rollout, newest):
        return Verdict(ready=True, status="Deployment initialization complete")
    status = f"Waiting for app ReplicaSet to be available ({ready}/{wanted} Pods available)"
    return Verdict(ready=False, status=status, problems=_deployment_problems(view, rollout, newest))


def _missing(view: DeploymentView, rollout: Rollout, newest: Object) -> list[str]:
    """What the Deployment still lacks, in upstream's words."""
    missing = []
    revision = _revision(view.deployment)
    if not newest or (rollout.template_changed and revision == rollout.revision):
        missing.append("Attempted to roll forward to new ReplicaSet, but it was not created")
    elif as_int(dig(newest, "status", "readyReplicas")) < as_int(dig(newest, "spec", "replicas")):
        missing.append("Minimum number of live Pods was not attained")
    if _condition(view.deployment, "Available").get("status") != "True":
        missing.append("Minimum number of Pods to consider the application live was not attained")
    progressing = _condition(view.deployment, "Progressing")
    complete = (progressing.get("status"), progressing.get("reason")) == ("True", "NewReplicaSetAvailable")
    if revision not in ("", "1") and not complete:
        reason, message = as_text(progressing.get("reason")), as_text(progressing.get("message"))
        missing.append(f"[{reason or 'Progressing'}] {message or 'the rollout is not complete'}")
    return missing + [
        f"PersistentVolumeClaim {as_text(dig(claim, 'metadata', 'name'))} is not bound"
        for claim in view.claims
        if dig(claim, "status", "phase") != "Bound"
    ]


def _deployment_problems(view: DeploymentView, rollout: Rollout, newest: Object) -> tuple[str, ...]:
    failure = _condition(view.deployment, "ReplicaFailure")
    refused = []
    if failure.get("status") == "True":  # e.g. a quota or Pod Security forbids the Pods
        refused.append(f"[{as_text(failure.get('reason'))}] {as_text(failure.get('message'))}")
    return tuple(_missing(view, rollout, newest) + refused + pod_problems(view.pods))


def _newest_replica_set(view: DeploymentView) -> Object:
    owner, revision = dig(view.deployment, "metadata", "uid"), _revision(view.deployment)
    for candidate in view.replica_sets:
        owners = as_list(dig(candidate, "metadata", "ownerReferences"))
        owned = any(as_object(reference).get("uid") == owner for reference in owners)
        if owned and revision and _revision(candidate) == revision:
            return candidate
    return {}


def _revision(manifest: Object) -> str:
    return as_text(dig(manifest, "metadata", "annotations", REVISION))


def _generation_observed(manifest: Object) -> bool:
    generation = as_int(dig(manifest, "metadata", "generation"))
    return as_int(dig(manifest, "status", "observedGeneration")) >= generation


def _condition(manifest: Object, kind: str) -> Object:
    for condition in as_list(dig(manifest, "status", "conditions")):
        if as_object(condition).get("type") == kind:
            return as_object(condition)
    return {}


def pod_problems(pods: Iterable[Object]) -> list[str]:
    """`[Pod x]: …` for each Pod that cannot be scheduled, or has a container that does not run."""
    problems = []
    for pod in pods:
        name = as_text(dig(pod, "metadata", "name"))
        scheduled = _condition(pod, "PodScheduled")
        if scheduled.get("status") == "False":
            reason, message = as_text(scheduled.get("reason")), as_text(scheduled.get("message"))
            problems.append(f"[Pod {name}]: [{reason}] {message}")
        for key in ("initContainerStatuses", "containerStatuses"):
            for status in as_list(dig(pod, "status", key)):
                problem = _container_problem(as_object(status))
                problems += [f"[Pod {name}]: {problem}"] if problem else []
    return problems


def _container_problem(status: Object) -> str:
    waiting = as_object(dig(status, "state", "waiting"))
    reason = as_text(waiting.get("reason"))
    if reason not in STARTING:
        return f"[{reason}] {as_text(waiting.get('message')) or as_text(status.get('name'))}"
    ended = as_object(dig(status, "state", "terminated"))
    code = as_int(ended.get("exitCode"))
    if not code:
        return ""
    return f"[{as_text(ended.get('reason'))}] container {as_text(status.get('name'))} ended with code {code}"


def service(manifest: Object, endpoints: Object | None, *, settled: bool) -> Verdict:
    """Ready when every address that its Endpoints list is ready, and a LoadBalancer has an address.

    `settled` says that the Endpoints have stopped changing; without any address that is enough. `endpoints`
    is None where there is no such object yet.
    """
    allocated = _allocated(manifest)
    if not needs_endpoints(manifest):
        return READY if allocated else _waiting_for_address()
    ready, not_ready = _addresses(endpoints)
    has_targets = endpoints is not None and not not_ready and (ready > 0 or settled)
    if not has_targets:
        text = "Service does not target any Pods. Selected Pods may not be ready, or field '.spec.selector'"
        problem = f"{text} may not match labels on any Pods"
        return Verdict(ready=False, status="[1/3] Finding Pods to direct traffic to", problems=(problem,))
    if not allocated:
        return _waiting_for_address()
    return Verdict(ready=True, status="[3/3] Service initialization complete")


def needs_endpoints(manifest: Object) -> bool:
    """Whether a Service is ready only with its Endpoints: not headless, not external, with a selector."""
    spec = as_object(manifest.get("spec"))
    external = spec.get("type") == "ExternalName"
    return bool(spec.get("selector")) and spec.get("clusterIP") != "None" and not external


def _allocated(manifest: Object) -> bool:
    if dig(manifest, "spec", "type") != "LoadBalancer":
        return True
    return bool(as_list(dig(manifest, "status", "loadBalancer", "ingress")))


def _waiting_for_address() -> Verdict:
    problem = "Service was not allocated an IP address; does your cluster support load balancers?"
    status = "[2/3] Attempting to allocate IP address to Service"
    return Verdict(ready=False, status=status, problems=(problem,))


def ingress(manifest: Object) -> Verdict:
    """Ready when its controller has written an address; upstream looks at the Services behind it too."""
    if as_list(dig(manifest, "status", "loadBalancer", "ingress")):
        return Verdict(ready=True, status="[3/3] Ingress initialization complete")
    problem = "Ingress .status.loadBalancer field was not updated with a hostname/IP address"
    return Verdict(
        ready=False, status="[2/3] Waiting for update of .status.loadBalancer", problems=(problem,)
    )


def _addresses(endpoints: Object | None) -> tuple[int, int]:
    ready = not_ready = 0
    for subset in as_list((endpoints or {}).get("subsets")):
        ready += len(as_list(dig(subset, "addresses")))
        not_ready += len(as_list(dig(subset, "notReadyAddresses")))
    return ready, not_ready


def template_of(manifest: Object) -> Value:
    """A workload's pod template."""
    return dig(manifest, "spec", "template")
