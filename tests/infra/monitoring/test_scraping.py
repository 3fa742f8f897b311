"""Where Prometheus gets its metrics."""

import re
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from infra.monitoring import alerts, scraping
from stack.namespaces import Placement
from stack.settings import GatewayPlatform, Platform, Settings

SOURCES = scraping.Sources(10, insecure_kubelet=False)


def test_the_configuration_is_as_reviewed(golden: Callable[[str, str], None]) -> None:
    golden("prometheus/prometheus.yml", scraping.configuration(SOURCES))


def test_a_stack_that_is_made_later_is_scraped_and_other_pods_are_not() -> None:
    jobs = yaml.safe_load(scraping.configuration(SOURCES))["scrape_configs"]
    (serving,) = (job for job in jobs if job["job_name"] == "serving")
    assert serving["kubernetes_sd_configs"] == [{"role": "pod"}]
    (kept,) = (
        rule["regex"]
        for rule in serving["relabel_configs"]
        if rule["source_labels"] == ["__meta_kubernetes_namespace"] and rule.get("action") == "keep"
    )
    assert re.fullmatch(kept, Placement("made-later").namespace)
    assert not re.fullmatch(kept, "kube-system")


def test_a_gateways_series_are_by_stack_and_server() -> None:
    (job,) = (
        each
        for each in yaml.safe_load(scraping.configuration(replace(SOURCES, gateway=True)))["scrape_configs"]
        if each["job_name"] == "gateway"
    )
    kept, namespace, server = (rule["regex"] for rule in job["metric_relabel_configs"])
    of_route = "httproute-emotion-a-torchserve-gw-emotion-a-gateway-ep-https-0-0a1b2c3d4e"
    service = f"{of_route}-svc-emotion-a-torchserve-0@kubernetesgateway"
    assert re.fullmatch(kept, f"traefik_service_requests_total;{service}")
    assert not re.fullmatch(kept, "traefik_service_requests_total;ping@internal")
    assert [m.groups() for m in (re.fullmatch(each, service) for each in (namespace, server)) if m] == [
        ("emotion-a", "torchserve")
    ] * 2


def test_kubelets_are_verified_unless_the_setting_says_otherwise() -> None:
    assert "insecure_skip_verify" not in scraping.configuration(SOURCES)
    assert "insecure_skip_verify: true" in scraping.configuration(replace(SOURCES, insecure_kubelet=True))


GATED = Settings(platform=Platform(gateway=GatewayPlatform(enabled=True)))


@pytest.mark.parametrize("settings", [Settings(), GATED], ids=["alone", "with a gateway"])
def test_prometheus_own_tool_accepts_configuration_and_rules(
    settings: Settings, promtool: str, tmp_path: Path
) -> None:
    rules = tmp_path / "alerts.yml"
    rules.write_text(alerts.rules(settings))
    sources = replace(SOURCES, gateway=settings.platform.gateway.enabled)
    text = scraping.configuration(sources).replace("/etc/prometheus/alerts.yml", str(rules))
    text = text.replace(scraping.ACCOUNT, str(tmp_path))
    for name in ("token", "ca.crt"):
        (tmp_path / name).write_text("")
    (tmp_path / "prometheus.yml").write_text(text)
    done = subprocess.run(
        [promtool, "check", "config", "--syntax-only", str(tmp_path / "prometheus.yml")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
