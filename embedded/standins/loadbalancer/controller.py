"""Every Service of type LoadBalancer gets a loopback address.

It balances nothing: it writes the address into the Service's status, and kube-proxy serves it here.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import urllib3
from kubernetes import client, config, watch

from embedded.cluster.layout import LOAD_BALANCER_CIDR
from embedded.standins.loadbalancer.addresses import Assignment, PoolExhaustedError, Service, assignments

LEASE = "cloud-controller-manager"  # by its lease a cluster shows that it has load balancers
LEASE_SECONDS = 60
BANNER = (
    "emotion-serving embedded load balancer: a stand-in for a cloud's one; "
    f"addresses from {LOAD_BALANCER_CIDR}, reachable from this machine only"
)
WATCH_SECONDS = 30
RETRY_SECONDS = 1.0
GONE = 410


def parse(service: client.V1Service) -> Service:
    """The part of a Service that assignment needs; one of another load balancer class is not ours."""
    spec = service.spec or client.V1ServiceSpec()
    status = service.status or client.V1ServiceStatus()
    ingress = (status.load_balancer and status.load_balancer.ingress) or []
    namespace, name = _key(service)
    return Service(
        namespace=namespace,
        name=name,
        wants_address=spec.type == "LoadBalancer" and not spec.load_balancer_class,
        addresses=tuple(entry.ip for entry in ingress if entry.ip),
        requested=spec.load_balancer_ip or "",
    )


class Controller:
    """Watches Services; `beat` is called whenever the API server was heard."""

    def __init__(self, api: client.CoreV1Api, beat: Callable[[], None]) -> None:
        self._api = api
        self._beat = beat
        self._known: dict[tuple[str, str], Service] = {}

    def run_for_ever(self) -> None:
        """List and watch; begin again after any break. 410: the API server says that the watch is too old."""
        while True:
            try:
                self.list_and_watch()
            except client.ApiException as error:
                if error.status != GONE:
                    _say(f"API server: {error.status} {error.reason}; again in {RETRY_SECONDS:.0f} s")
                    time.sleep(RETRY_SECONDS)
            except (urllib3.exceptions.HTTPError, OSError) as error:
                _say(f"API server: {type(error).__name__}; again in {RETRY_SECONDS:.0f} s")
                time.sleep(RETRY_SECONDS)

    def list_and_watch(self) -> None:
        """One full look at all Services, then their changes until the watch ends."""
        listed = self._api.list_service_for_all_namespaces()
        self._known = {_key(service): parse(service) for service in listed.items}
        self._reconcile()
        version = listed.metadata.resource_version if listed.metadata else None
        while True:
            stream = watch.Watch().stream(
                self._api.list_service_for_all_namespaces,
                resource_version=version,
                timeout_seconds=WATCH_SECONDS,
                _request_timeout=WATCH_SECONDS + 10,
            )
            for event in stream:
                service = event["object"]
                version = service.metadata.resource_version
                self._observe(event["type"], service)
            self._beat()

    def _observe(self, kind: str, service: client.V1Service) -> None:
        if kind == "DELETED":
            self._known.pop(_key(service), None)
        else:
            self._known[_key(service)] = parse(service)
        self._reconcile()

    def _reconcile(self) -> None:
        self._beat()
        try:
            changes = assignments(tuple(self._known.values()))
        except PoolExhaustedError as error:
            _say(str(error))
            return
        for change in changes:
            self._patch(change)

    def _patch(self, change: Assignment) -> None:
        service = change.service
        ingress = [{"ip": change.address, "ipMode": "VIP"}] if change.address else None
        body = {"status": {"loadBalancer": {"ingress": ingress}}}
        try:
            patched = self._api.patch_namespaced_service_status(service.name, service.namespace, body)
        except client.ApiException as error:
            if error.status != 404:
                raise
            self._known.pop((service.namespace, service.name), None)
            return
        self._known[_key(patched)] = parse(patched)
        _say(f"{service.namespace}/{service.name}: {change.address or 'address taken back'}")


def renew(api: client.CoordinationV1Api, now: datetime) -> None:
    """Renew our lease of kube-system, as a cloud controller manager does; make it if it is not there."""
    spec = {
        "holderIdentity": "emotion-serving-embedded-load-balancer",
        "leaseDurationSeconds": LEASE_SECONDS,
        "renewTime": now.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
    }
    body = {
        "apiVersion": "coordination.k8s.io/v1",
        "kind": "Lease",
        "metadata": {"name": LEASE},
        "spec": spec,
    }
    try:
        api.patch_namespaced_lease(LEASE, "kube-system", body)
    except client.ApiException as error:
        if error.status != 404:
            raise
        api.create_namespaced_lease("kube-system", cast("client.V1Lease", body))  # plain data serves as well


def _key(service: client.V1Service) -> tuple[str, str]:
    metadata = service.metadata or client.V1ObjectMeta()
    return str(metadata.namespace), str(metadata.name)


def _say(message: str) -> None:
    print(time.strftime("%H:%M:%S"), message, flush=True)


def main(kubeconfig: str, heartbeat: str) -> None:
    """Serve the cluster of `kubeconfig` for ever; `heartbeat` is touched whenever it was heard."""
    _say(BANNER)
    config.load_kube_config(kubeconfig)
    coordination = client.CoordinationV1Api()

    def beat() -> None:
        Path(heartbeat).touch()
        renew(coordination, datetime.now(UTC))

    Controller(client.CoreV1Api(), beat).run_for_ever()
