"""The controller against an API server of our own making; the real one is in the cluster tests."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import cast

import pytest
from kubernetes import client, watch

from embedded.standins.loadbalancer import controller
from embedded.standins.loadbalancer.addresses import Service


def service(
    name: str, kind: str = "LoadBalancer", *, address: str = "", lb_class: str | None = None
) -> client.V1Service:
    ingress = [client.V1LoadBalancerIngress(ip=address)] if address else None
    return client.V1Service(
        metadata=client.V1ObjectMeta(namespace="n", name=name, resource_version="7"),
        spec=client.V1ServiceSpec(type=kind, load_balancer_class=lb_class),
        status=client.V1ServiceStatus(load_balancer=client.V1LoadBalancerStatus(ingress=ingress)),
    )


Patch = dict[str, dict[str, dict[str, list[dict[str, str]] | None]]]


class Stop(Exception):  # noqa: N818
    """Ends the endless watch."""


class Api:
    """Holds Services; `gone` names those that are deleted before they can be patched."""

    def __init__(self, services: list[client.V1Service], gone: frozenset[str] = frozenset()) -> None:
        self.services = services
        self.gone = gone
        self.patches: list[tuple[str, object]] = []

    def list_service_for_all_namespaces(self) -> client.V1ServiceList:
        return client.V1ServiceList(items=self.services, metadata=client.V1ListMeta(resource_version="7"))

    def patch_namespaced_service_status(self, name: str, namespace: str, body: Patch) -> client.V1Service:
        assert namespace == "n"
        if name in self.gone:
            raise client.ApiException(status=404)
        ingress = body["status"]["loadBalancer"]["ingress"]
        self.patches.append((name, ingress and ingress[0]["ip"]))
        return service(name, address=ingress[0]["ip"] if ingress else "")


def run(api: Api, events: list[object], monkeypatch: pytest.MonkeyPatch) -> int:
    beats = []

    class Watch:
        def stream(self, *_: object, **__: object) -> Iterator[object]:
            if not events:
                raise Stop
            yield from events
            events.clear()

    monkeypatch.setattr(watch, "Watch", Watch)
    subject = controller.Controller(cast("client.CoreV1Api", api), lambda: beats.append(1))
    with pytest.raises(Stop):
        subject.run_for_ever()
    return len(beats)


def test_services_found_at_the_start_get_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    api = Api([service("a"), service("b"), service("c", "ClusterIP")])
    assert run(api, [], monkeypatch) > 0
    assert {name for name, _ in api.patches} == {"a", "b"}
    assert len({address for _, address in api.patches}) == 2


def test_a_service_that_comes_later_gets_one_and_once(monkeypatch: pytest.MonkeyPatch) -> None:
    api = Api([])
    event = {"type": "ADDED", "object": service("a")}
    run(api, [event], monkeypatch)
    assert [name for name, _ in api.patches] == ["a"]


def test_a_deleted_services_address_is_free_again(monkeypatch: pytest.MonkeyPatch) -> None:
    wish = service("b")
    assert wish.spec
    wish.spec.load_balancer_ip = "127.0.10.7"
    api = Api([service("a", address="127.0.10.7")])
    run(api, [{"type": "DELETED", "object": service("a")}, {"type": "ADDED", "object": wish}], monkeypatch)
    assert api.patches == [("b", "127.0.10.7")]


def test_a_service_deleted_under_our_hands_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    api = Api([service("a"), service("b")], gone=frozenset({"a"}))
    run(api, [], monkeypatch)
    assert [name for name, _ in api.patches] == ["b"]


def test_a_watch_that_is_too_old_begins_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    api = Api([service("a")])
    tries = []

    class Watch:
        def stream(self, *_: object, **__: object) -> Iterator[object]:
            tries.append(1)
            raise client.ApiException(status=410) if len(tries) == 1 else Stop

    monkeypatch.setattr(watch, "Watch", Watch)
    with pytest.raises(Stop):
        controller.Controller(cast("client.CoreV1Api", api), lambda: None).run_for_ever()
    assert len(tries) == 2


def test_another_load_balancers_service_is_not_ours() -> None:
    assert not controller.parse(service("a", lb_class="other")).wants_address
    assert controller.parse(service("a", address="127.0.10.7")) == Service("n", "a", True, ("127.0.10.7",))


class Leases:
    """The leases of kube-system, as an API server keeps them."""

    def __init__(self) -> None:
        self.kept: dict[str, dict[str, object]] = {}

    def patch_namespaced_lease(self, name: str, namespace: str, body: dict[str, dict[str, object]]) -> None:
        assert namespace == "kube-system"
        if name not in self.kept:
            raise client.ApiException(status=404)
        self.kept[name] |= body["spec"]

    def create_namespaced_lease(self, namespace: str, body: dict[str, dict[str, object]]) -> None:
        assert namespace == "kube-system"
        self.kept[str(body["metadata"]["name"])] = dict(body["spec"])


def test_its_lease_shows_that_the_cluster_has_load_balancers() -> None:
    leases, renewed = Leases(), []
    for second in (0, 30):
        controller.renew(
            cast("client.CoordinationV1Api", leases), datetime(2026, 1, 1, 0, 0, second, tzinfo=UTC)
        )
        renewed.append(leases.kept["cloud-controller-manager"]["renewTime"])
    assert renewed == ["2026-01-01T00:00:00.000000Z", "2026-01-01T00:00:30.000000Z"]


def test_it_says_that_it_is_a_stand_in() -> None:
    assert "stand-in" in controller.BANNER
