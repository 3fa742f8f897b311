"""Await rules, played from recorded sequences of objects with a clock that costs no time."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from embedded.plugins.engine import RecordedLog
from embedded.plugins.kubernetes import readiness
from embedded.plugins.kubernetes.client import ApiError, UnreachableError
from embedded.plugins.kubernetes.kinds import BY_TOKEN, Kind
from embedded.plugins.kubernetes.readiness import DeploymentView, Rollout, Verdict
from embedded.plugins.kubernetes.waiting import NotReadyError, Patience, until_ready
from embedded.plugins.kubernetes.watches import Watch
from embedded.plugins.values import Object, Value

DEPLOYMENT = BY_TOKEN["kubernetes:apps/v1:Deployment"]
SERVICE = BY_TOKEN["kubernetes:core/v1:Service"]
INGRESS = BY_TOKEN["kubernetes:networking.k8s.io/v1:Ingress"]


@dataclass
class FakeClock:
    """Time that passes only while somebody waits; the operation is cancelled at `cancel_at`."""

    time: float = 0.0
    cancel_at: float = float("inf")

    def now(self) -> float:
        return self.time

    def pause(self, seconds: float) -> bool:
        self.time += seconds
        return self.time >= self.cancel_at


@dataclass
class Recording:
    """Objects by kind, each as it was from a given second on; None says that it did not exist."""

    clock: FakeClock
    objects: dict[str, Sequence[tuple[float, Object | None]]]
    lists: dict[str, Sequence[tuple[float, list[Object]]]] = field(default_factory=dict)

    def get(self, kind: Kind, namespace: str, name: str) -> Object:
        found = self._at(self.objects.get(kind.name, ()))
        if found is None:
            raise ApiError(404, "NotFound", f"{namespace}/{name} not found")
        return found

    def items(self, kind: Kind, namespace: str, **query: str) -> list[Object]:  # noqa: ARG002 - the client's form
        return [
            item for start, part in self.lists.get(kind.name, ()) if start <= self.clock.time for item in part
        ]

    def _at(self, history: Sequence[tuple[float, Object | None]]) -> Object | None:
        return next((item for start, item in reversed(history) if start <= self.clock.time), None)


def play(
    kind: Kind, recording: Recording, seconds: float = 600, rollout: Rollout | None = None
) -> RecordedLog:
    log = RecordedLog()
    manifest: Object = {"metadata": {"name": "x", "namespace": "n"}}
    watch = Watch(recording, kind, manifest, rollout or Rollout())
    look = watch.look(recording.clock)
    assert look is not None
    until_ready(look, Patience("x", "urn", seconds, recording.clock, log))
    return log


def deployment(
    available: bool = True,
    *,
    revision: str = "1",
    generation: int = 1,
    observed: int = 1,
    progress: str = "NewReplicaSetAvailable",
    extra: Sequence[Value] = (),
) -> Object:
    return {
        "metadata": {
            "name": "x",
            "namespace": "n",
            "uid": "u",
            "generation": generation,
            "annotations": {readiness.REVISION: revision},
        },
        "spec": {"selector": {"matchLabels": {"app": "x"}}, "template": {"spec": {}}},
        "status": {
            "observedGeneration": observed,
            "conditions": [
                {"type": "Available", "status": "True" if available else "False"},
                {"type": "Progressing", "status": "True", "reason": progress, "message": "rolling"},
                *extra,
            ],
        },
    }


def replica_set(ready: int, wanted: int = 1, revision: str = "1", owner: str = "u") -> Object:
    return {
        "metadata": {"annotations": {readiness.REVISION: revision}, "ownerReferences": [{"uid": owner}]},
        "spec": {"replicas": wanted},
        "status": {"readyReplicas": ready},
    }


def verdict(current: Object, *sets: Object, rollout: Rollout | None = None) -> Verdict:
    return readiness.deployment(DeploymentView(current, sets), rollout or Rollout())


@pytest.mark.parametrize(
    ("name", "ready", "current", "sets", "rollout"),
    [
        ("all pods ready", True, deployment(), [replica_set(1)], Rollout()),
        ("scaled to nothing", True, deployment(), [replica_set(0, 0)], Rollout()),
        ("not available", False, deployment(False), [replica_set(1)], Rollout()),
        ("one of three", False, deployment(), [replica_set(1, 3)], Rollout()),
        ("no replica set yet", False, deployment(), [], Rollout()),
        ("a namesake's replica set", False, deployment(), [replica_set(1, owner="other")], Rollout()),
        ("generation not observed", False, deployment(generation=2), [replica_set(1)], Rollout()),
        ("old revision's pods only", False, deployment(revision="2"), [replica_set(1)], Rollout()),
        (
            "rollout under way",
            False,
            deployment(revision="2", progress="ReplicaSetUpdated"),
            [replica_set(1, revision="2")],
            Rollout(),
        ),
        ("rolled out", True, deployment(revision="2"), [replica_set(1, revision="2")], Rollout(True, "1")),
        ("changed template, same revision", False, deployment(), [replica_set(1)], Rollout(True, "1")),
        ("first revision needs no progress", True, deployment(progress="x"), [replica_set(1)], Rollout()),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_deployment_is_ready_when_its_newest_replica_set_is(
    name: str, ready: bool, current: Object, sets: list[Object], rollout: Rollout
) -> None:
    assert verdict(current, *sets, rollout=rollout).ready is ready, name


def test_a_deployment_waits_for_the_claims_it_mounts() -> None:
    claim: Object = {"metadata": {"name": "disk"}, "status": {"phase": "Pending"}}
    view = DeploymentView(deployment(), (replica_set(1),), claims=(claim,))
    waiting = readiness.deployment(view, Rollout())
    assert not waiting.ready
    assert "PersistentVolumeClaim disk is not bound" in waiting.problems


def test_the_problems_name_what_forbids_the_pods_and_what_ails_them() -> None:
    refused: Object = {
        "type": "ReplicaFailure",
        "status": "True",
        "reason": "FailedCreate",
        "message": "quota",
    }
    pod: Object = {
        "metadata": {"name": "x-1"},
        "status": {
            "conditions": [
                {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "0/1 nodes"}
            ],
            "containerStatuses": [
                {"name": "a", "state": {"waiting": {"reason": "ImagePullBackOff", "message": "Back-off"}}},
                {"name": "b", "state": {"terminated": {"reason": "Error", "exitCode": 3}}},
                {"name": "c", "state": {"waiting": {"reason": "ContainerCreating"}}},
            ],
        },
    }
    view = DeploymentView(deployment(False, extra=[refused]), (replica_set(0),), (pod,))
    problems = readiness.deployment(view, Rollout()).problems
    assert problems[-4:] == (
        "[FailedCreate] quota",
        "[Pod x-1]: [Unschedulable] 0/1 nodes",
        "[Pod x-1]: [ImagePullBackOff] Back-off",
        "[Pod x-1]: [Error] container b ended with code 3",
    )


def test_a_deployment_is_followed_until_it_is_ready() -> None:
    clock = FakeClock()
    recording = Recording(
        clock,
        {"Deployment": [(0, deployment(False, observed=0)), (5, deployment(False)), (20, deployment())]},
        {"ReplicaSet": [(5, [replica_set(0)])]},
    )
    recording.lists["ReplicaSet"] = [(20, [replica_set(1)])]
    log = play(DEPLOYMENT, recording)
    assert 20 <= clock.time <= 22
    assert log.statuses[0] == "Waiting for app ReplicaSet to be available (0/0 Pods available)"
    assert log.statuses[-1] == "Deployment initialization complete"


def test_a_timeout_says_what_was_missing() -> None:
    recording = Recording(
        FakeClock(), {"Deployment": [(0, deployment(False))]}, {"ReplicaSet": [(0, [replica_set(0)])]}
    )
    with pytest.raises(NotReadyError, match="'x' timed out waiting to be Ready") as failure:
        play(DEPLOYMENT, recording, seconds=30)
    assert "Minimum number of live Pods was not attained" in failure.value.problems
    assert 30 <= recording.clock.time <= 31


def test_cancelling_ends_the_wait_within_a_second() -> None:
    clock = FakeClock(cancel_at=7)
    recording = Recording(clock, {"Deployment": [(0, deployment(False))]})
    with pytest.raises(NotReadyError, match="was cancelled for 'x'"):
        play(DEPLOYMENT, recording)
    assert clock.time <= 8


def test_an_object_deleted_meanwhile_is_not_waited_for() -> None:
    recording = Recording(FakeClock(), {"Deployment": [(0, deployment(False)), (3, None)]})
    with pytest.raises(NotReadyError, match="'x' was deleted"):
        play(DEPLOYMENT, recording)


def test_problems_are_told_every_ten_seconds_and_once() -> None:
    recording = Recording(
        FakeClock(), {"Deployment": [(0, deployment(False))]}, {"ReplicaSet": [(0, [replica_set(0)])]}
    )
    log = RecordedLog()
    look = Watch(recording, DEPLOYMENT, {"metadata": {"name": "x"}}).look(recording.clock)
    assert look is not None
    with pytest.raises(NotReadyError):
        until_ready(look, Patience("x", "urn", 45, recording.clock, log), lambda: ["[FailedMount] no disk"])
    assert log.statuses.count("[FailedMount] no disk") == 1
    assert log.statuses.count("Minimum number of live Pods was not attained") == 1


def test_a_server_that_comes_back_is_waited_for() -> None:
    clock, tries = FakeClock(), []

    def look() -> Verdict:
        tries.append(clock.time)
        if clock.time < 3:
            raise UnreachableError("connection refused")
        return readiness.READY

    log = RecordedLog()
    until_ready(look, Patience("x", "urn", 60, clock, log))
    assert log.statuses[0] == "Waiting for the API server: connection refused"
    assert len(tries) > 2


def service(**spec: Value) -> Object:
    return {"metadata": {"name": "x", "namespace": "n"}, "spec": {"selector": {"app": "x"}, **spec}}


def endpoints(ready: int, not_ready: int = 0, version: str = "1") -> Object:
    subset: Object = {"addresses": [{}] * ready, "notReadyAddresses": [{}] * not_ready}
    return {"metadata": {"resourceVersion": version}, "subsets": [subset]}


ADDRESS: Object = {"status": {"loadBalancer": {"ingress": [{"ip": "127.0.0.10"}]}}}


@pytest.mark.parametrize(
    ("name", "ready", "manifest", "targets", "settled"),
    [
        ("no selector", True, service(selector={}), None, False),
        ("headless", True, service(clusterIP="None"), None, False),
        ("external", True, service(type="ExternalName"), None, False),
        ("no endpoints yet", False, service(), None, True),
        ("a ready address", True, service(), endpoints(1), False),
        ("an address that is not ready", False, service(), endpoints(1, 1), True),
        ("no address, settled", True, service(), endpoints(0), True),
        ("no address, not settled", False, service(), endpoints(0), False),
        ("load balancer without address", False, service(type="LoadBalancer"), endpoints(1), True),
        ("load balancer", True, {**service(type="LoadBalancer"), **ADDRESS}, endpoints(1), True),
        ("headless load balancer", False, service(type="LoadBalancer", selector={}), None, True),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_service_is_ready_when_its_endpoints_and_its_address_are(
    name: str, ready: bool, manifest: Object, targets: Object | None, settled: bool
) -> None:
    assert readiness.service(manifest, targets, settled=settled).ready is ready, name


def test_a_service_without_pods_settles_for_ten_seconds() -> None:
    recording = Recording(
        FakeClock(),
        {"Service": [(0, service())], "Endpoints": [(2, endpoints(0)), (6, endpoints(0, version="2"))]},
    )
    log = play(SERVICE, recording)
    assert 16 <= recording.clock.time <= 18, "ten seconds after the last change at the sixth"
    assert log.statuses[0] == "[1/3] Finding Pods to direct traffic to"
    assert log.statuses[-1] == "[3/3] Service initialization complete"


def test_a_service_that_targets_nothing_says_so_at_the_timeout() -> None:
    recording = Recording(FakeClock(), {"Service": [(0, service())]})
    with pytest.raises(NotReadyError) as failure:
        play(SERVICE, recording, seconds=20)
    assert failure.value.problems[0].startswith("Service does not target any Pods.")


def test_an_ingress_is_ready_when_its_controller_has_written_an_address() -> None:
    addressed: Object = {"status": {"loadBalancer": {"ingress": [{"hostname": "a.test"}]}}}
    clock = FakeClock()
    play(INGRESS, Recording(clock, {"Ingress": [(0, {}), (20, addressed)]}))
    assert 20 <= clock.time < 22


def test_an_ingress_without_a_controller_says_so_at_the_timeout() -> None:
    with pytest.raises(NotReadyError) as caught:
        play(INGRESS, Recording(FakeClock(), {"Ingress": [(0, {})]}), seconds=30)
    assert "was not updated with a hostname/IP address" in caught.value.problems[0]
