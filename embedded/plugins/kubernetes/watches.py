"""What to read for a verdict: one look at an object of a kind that has rules, with the objects around it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from embedded.plugins.kubernetes import readiness
from embedded.plugins.kubernetes.client import ApiError
from embedded.plugins.kubernetes.kinds import Kind, name_of, namespace_of
from embedded.plugins.kubernetes.readiness import DeploymentView, Rollout, Verdict
from embedded.plugins.kubernetes.waiting import Clock, NotReadyError
from embedded.plugins.values import Object, as_list, as_object, as_text, dig

REPLICA_SET = Kind("apps/v1", "ReplicaSet", "replicasets")
POD = Kind("v1", "Pod", "pods")
CLAIM = Kind("v1", "PersistentVolumeClaim", "persistentvolumeclaims")
ENDPOINTS = Kind("v1", "Endpoints", "endpoints")
EVENT = Kind("v1", "Event", "events")
NOT_FOUND = 404
SETTLING_SECONDS = 10.0


class Reader(Protocol):
    """The reading half of a client."""

    def get(self, kind: Kind, namespace: str, name: str) -> Object: ...

    def items(self, kind: Kind, namespace: str, **query: str) -> list[Object]: ...


@dataclass
class Settling:
    """Since when a value has not changed; it counts as settled after SETTLING_SECONDS."""

    clock: Clock
    version: str = ""
    since: float = 0.0

    def settled(self, version: str) -> bool:
        """Note the current version; whether it has been the same for long enough."""
        if version != self.version:
            self.version, self.since = version, self.clock.now()
        return bool(version) and self.clock.now() - self.since >= SETTLING_SECONDS


@dataclass(frozen=True)
class Watch:
    """Looks at one object of a kind that has rules; others are ready as soon as they exist."""

    reader: Reader
    kind: Kind
    manifest: Object
    rollout: Rollout = field(default_factory=Rollout)

    def look(self, clock: Clock) -> Callable[[], Verdict] | None:
        """A function that looks once, or None where there is nothing to wait for."""
        if self.kind.name == "Deployment":
            return self._deployment
        if self.kind.name == "Service":
            settling = Settling(clock)
            return lambda: self._service(settling)
        if self.kind.name == "Ingress":
            return lambda: readiness.ingress(self._get(self.kind))
        return None

    def now(self, clock: Clock) -> Verdict:
        """The verdict of this moment; addresses count as settled."""
        if self.kind.name == "Service":
            current = self._get(self.kind)
            return readiness.service(current, self._endpoints(current), settled=True)
        look = self.look(clock)
        return look() if look else readiness.READY

    def _get(self, kind: Kind) -> Object:
        namespace, name = namespace_of(self.manifest), name_of(self.manifest)
        try:
            return self.reader.get(kind, namespace, name)
        except ApiError as problem:
            if problem.status == NOT_FOUND:
                raise NotReadyError(f"'{name}' was deleted while waiting for it to be Ready") from problem
            raise

    def _deployment(self) -> Verdict:
        current = self._get(self.kind)
        namespace, selector = namespace_of(current), _selector(current)
        view = DeploymentView(
            deployment=current,
            replica_sets=tuple(self.reader.items(REPLICA_SET, namespace, labelSelector=selector)),
            pods=tuple(self.reader.items(POD, namespace, labelSelector=selector)),
            claims=tuple(self._claims(current)),
        )
        return readiness.deployment(view, self.rollout)

    def _claims(self, deployment: Object) -> list[Object]:
        names = [
            as_text(dig(volume, "persistentVolumeClaim", "claimName"))
            for volume in as_list(dig(readiness.template_of(deployment), "spec", "volumes"))
        ]
        found = []
        for name in filter(None, names):
            try:
                found.append(self.reader.get(CLAIM, namespace_of(deployment), name))
            except ApiError as problem:
                if problem.status != NOT_FOUND:
                    raise
                found.append({"metadata": {"name": name}})
        return found

    def _service(self, settling: Settling) -> Verdict:
        current = self._get(self.kind)
        endpoints = self._endpoints(current)
        version = as_text(dig(endpoints, "metadata", "resourceVersion"))
        return readiness.service(current, endpoints, settled=settling.settled(version))

    def _endpoints(self, service: Object) -> Object | None:
        if not readiness.needs_endpoints(service):
            return None
        try:
            return self.reader.get(ENDPOINTS, namespace_of(service), name_of(service))
        except ApiError as problem:
            if problem.status == NOT_FOUND:
                return None
            raise


def _selector(deployment: Object) -> str:
    """The labels of a Deployment's selector; expressions only widen what is looked at."""
    labels = as_object(dig(deployment, "spec", "selector", "matchLabels"))
    return ",".join(f"{key}={as_text(value)}" for key, value in labels.items())


def warnings_about(reader: Reader, manifest: Object) -> list[str]:
    """The texts of Warning events about one object."""
    uid = as_text(dig(manifest, "metadata", "uid"))
    selector = f"involvedObject.uid={uid},type=Warning"
    events = reader.items(EVENT, namespace_of(manifest) or "default", fieldSelector=selector)
    return [f"[{as_text(event.get('reason'))}] {as_text(event.get('message'))}" for event in events]
