"""Which modules open connections, and how each passes by proxies that stand before what is near."""

import ast
from pathlib import Path

import pytest

from stack.files import ROOT

# Every module that can open a connection, and why no proxy is asked about what is near. `near` is
# `stack.near.keep`, called where its program begins.
OPENERS = {
    "bench.load.openloop": "http.client asks none",
    "bench.subject.asking": "near",
    "bench.subject.cluster": "near",
    "bench.subject.foreign": "near",
    "bench.subject.gateway": "near",
    "bench.subject.predict": "near",
    "bench.subject.target": "near",
    "infra.cluster_survey": "near",
    "infra.live": "near",
    "infra.target": "near",
    "model_build.adopted.asked": "trust_env is off",
    "model_build.adopted.saved_model": "trust_env is off",
    "embedded.cluster.processes.probes": "http.client asks none",
    "embedded.mirror.registry": "trust_env is off",
    "embedded.standins.docker_plugin.engine": "grpc.enable_http_proxy is 0",
    "embedded.standins.docker_plugin.server": "only listens",
    "embedded.standins.docker_plugin.servicer": "only listens",
    "embedded.standins.grafana.api": "trust_env is off",
    "embedded.standins.grafana.prometheus": "trust_env is off",
    "embedded.standins.grafana.server": "trust_env is off",
    "embedded.standins.kube_state_metrics.api": "an empty ProxyHandler",
    "embedded.standins.loadbalancer.controller": "its process is started without proxies",
}
CLIENTS = (
    "requests",
    "urllib.request",
    "http.client",
    "aiohttp",
    "grpc",
    "kubernetes",
    "websocket",
    "urllib3",
)
LISTENING = ("aiohttp.web", "aiohttp.HttpVersion11")
HARMLESS = ("exceptions", "config_exception", "quantity", "HTTPError", "HTTPException", "WebSocketException")
PROGRAMS = ("bench/__main__.py", "infra/__main__.py")


def imported(file: Path) -> set[str]:
    """What a module imports of network clients, exceptions and servers left out."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return {
        name
        for name in found
        if name.startswith(CLIENTS)
        and not name.startswith("pulumi")
        and name not in LISTENING
        and not any(part in HARMLESS for part in name.split("."))
    }


def test_every_module_that_opens_a_connection_is_known_for_how_it_passes_proxies_by() -> None:
    opening = {
        ".".join(file.relative_to(ROOT).with_suffix("").parts)
        for room in ("bench", "infra", "stack", "model_build", "embedded")
        for file in (ROOT / room).rglob("*.py")
        if imported(file)
    }
    assert opening == set(OPENERS)


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_program_completes_no_proxy_before_anything_else(program: str) -> None:
    last = ast.parse((ROOT / program).read_text()).body[-1]
    assert isinstance(last, ast.If)
    calls = [ast.unparse(each) for each in last.body]
    assert "near.keep()" in calls[:-1]


def test_no_child_is_given_an_environment_without_ours() -> None:
    """`env=` of a child is os.environ and more; who writes one anew has to think of NO_PROXY."""
    ours = ("os.environ |", "pulumi.environment()")
    given = {
        ast.unparse(keyword.value)
        for room in ("bench", "infra")
        for file in (ROOT / room).rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Call)
        for keyword in node.keywords
        if keyword.arg == "env" and "subprocess" in ast.unparse(node.func)
    }
    assert all(each.startswith(ours) for each in given)
