"""A stack behind the gateway; Traefik comes for these tests and goes with them."""

import http.client
import json
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

import pytest
import yaml

from bench.subject import counters
from bench.subject.deployed import Deployed, connect
from bench.subject.gateway import without_key
from embedded import mirror
from embedded.cluster.layout import CONTEXT
from infra.gateway import definitions, metrics, traefik
from stack import versions
from stack.kube import KubeObject
from stack.namespaces import GATEWAY
from stack.outputs import Endpoint, StackOutputs
from stack.servers import SERVERS
from stack.servers.server import JSON, MOST_BODY
from stack.settings import GatewayPlatform, Slo
from tests.cluster import variants
from tests.cluster.conftest import eventually, run

pytestmark = pytest.mark.campaign
STACK, OWNER = "tf-gateway", "test-gateway"
ASKED = 40


@contextmanager
def applied(objects: tuple[KubeObject, ...], context: str, file: Path) -> Iterator[None]:
    """The objects are in the cluster; gone again afterwards."""
    file.write_text(yaml.safe_dump_all(objects, sort_keys=False))
    kubectl = ("kubectl", "--context", context)
    try:
        run(*kubectl, "apply", "--server-side", "--force-conflicts", "-f", str(file))
        yield
    finally:
        run(*kubectl, "delete", "--ignore-not-found", "-f", str(file))


@pytest.fixture(scope="module")
def gateway(outputs: StackOutputs, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Traefik with its GatewayClass, beside the platform."""
    version, folder = versions.load().image("traefik"), tmp_path_factory.mktemp("gateway")
    if outputs.context == CONTEXT:
        mirror.ensure(("traefik",))
    kinds = definitions.objects(traefik.NAME, OWNER, gateway_api=True)
    wanted = GatewayPlatform(enabled=True, definitions=False)
    rest = tuple(each for each in traefik.objects(OWNER, version, wanted, Slo()) if each not in kinds)
    with (
        applied(kinds, outputs.context, folder / "kinds.yaml"),
        applied(rest, outputs.context, folder / "gateway.yaml"),
    ):
        yield


@pytest.fixture(scope="module")
def behind(gateway: None) -> Iterator[Deployed]:  # noqa: ARG001
    """The stack, up; whatever happens, it goes before its gateway."""
    with variants.initialised(STACK):
        variants.pulumi(STACK, "up", "--yes", "--skip-preview")
        yield connect(STACK)
        variants.pulumi(STACK, "destroy", "--yes", "--skip-preview")


@pytest.fixture
def endpoint(behind: Deployed) -> Endpoint:
    return behind.outputs.endpoints[0]


def test_it_is_what_it_says_and_does_not_change(behind: Deployed) -> None:
    told = json.loads(variants.bench("verify", behind.outputs.stack, "--json"))
    assert told["ok"]
    assert "gateway" in [subject["subject"] for subject in told["subjects"]]
    variants.pulumi(STACK, "preview", "--expect-no-changes")


def ask(connection: http.client.HTTPSConnection, endpoint: Endpoint, path: str, body: bytes) -> int:
    connection.request("POST", path, body, {**JSON, **endpoint.door.headers})
    reply = connection.getresponse()
    reply.read()
    return reply.status


def connected(endpoint: Endpoint) -> http.client.HTTPSConnection:
    """One connection, to a certificate that only this stack's clients trust."""
    where = urlsplit(endpoint.url or "")
    trusted = ssl.create_default_context(cadata=endpoint.door.certificate)
    return http.client.HTTPSConnection(where.hostname or "", where.port, timeout=30, context=trusted)


def test_one_client_that_keeps_its_connection_is_answered_by_all_pods(
    behind: Deployed, endpoint: Endpoint, photo: str
) -> None:
    def taken() -> dict[str, float]:
        cluster, names = behind.cluster, [pod.name for pod in behind.pods(endpoint)]
        space = behind.outputs.namespace
        return {name: counters.read(cluster, space, name, endpoint.server).requests for name in names}

    before, connection = taken(), connected(endpoint)
    body, path = json.dumps({"instances": [{"b64": photo}]}).encode(), urlsplit(endpoint.url or "").path
    assert {ask(connection, endpoint, path, body) for _ in range(ASKED)} == {200}
    shares = [count - before[name] for name, count in taken().items()]
    assert shares == [ASKED / 2] * 2


def announced(connection: http.client.HTTPSConnection, endpoint: Endpoint, path: str, length: int) -> int:
    """What is said to a body's length: whoever sends on may find the connection closed."""
    connection.putrequest("POST", path)
    for name, value in {**endpoint.door.headers, "Content-Length": str(length)}.items():
        connection.putheader(name, value)
    connection.endheaders()
    return connection.getresponse().status


def test_what_has_no_key_or_is_too_large_or_no_prediction_is_refused(endpoint: Endpoint) -> None:
    path = urlsplit(endpoint.url or "").path
    assert without_key(endpoint) == "401"
    assert announced(connected(endpoint), endpoint, path, MOST_BODY + 1) == 413
    assert ask(connected(endpoint), endpoint, SERVERS[endpoint.server].metrics_path, b"") == 404


def test_nobody_trusts_its_certificate_by_chance(endpoint: Endpoint) -> None:
    where = urlsplit(endpoint.url or "")
    with pytest.raises(ssl.SSLCertVerificationError):
        http.client.HTTPSConnection(where.hostname or "", where.port, timeout=30).connect()


def test_prometheus_finds_stack_and_server_in_its_metrics(behind: Deployed, endpoint: Endpoint) -> None:
    rules = cast("list[dict[str, str]]", metrics.scraping()["metric_relabel_configs"])
    pods = f"/api/v1/namespaces/{GATEWAY}/pods"

    def seen() -> set[tuple[str, ...]]:
        names = re.findall(rf'"name":"({traefik.NAME}-[^"]+)"', behind.cluster.text(pods))
        page = behind.cluster.text(f"{pods}/{names[0]}:{traefik.METRICS_PORT}/proxy/metrics")
        services = set(re.findall(r'^traefik_service_requests_total{.*service="([^"]+)"', page, re.MULTILINE))
        return {found.groups() for name in services if (found := re.fullmatch(rules[1]["regex"], name))}

    eventually(lambda: (behind.outputs.namespace, endpoint.deployment) in seen(), 30)
