"""Where Prometheus gets its metrics."""

import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from infra.monitoring import alerts, scraping
from stack.settings import Settings

SOURCES = scraping.Sources(("emotion-minikube", "emotion-tf-default"), 10, insecure_kubelet=False)


def test_the_configuration_is_as_reviewed(golden: Callable[[str, str], None]) -> None:
    golden("prometheus/prometheus.yml", scraping.configuration(SOURCES))


def test_kubelets_are_verified_unless_the_setting_says_otherwise() -> None:
    assert "insecure_skip_verify" not in scraping.configuration(SOURCES)
    assert "insecure_skip_verify: true" in scraping.configuration(replace(SOURCES, insecure_kubelet=True))


def test_prometheus_own_tool_accepts_configuration_and_rules(promtool: str, tmp_path: Path) -> None:
    rules = tmp_path / "alerts.yml"
    rules.write_text(alerts.rules(Settings()))
    text = scraping.configuration(SOURCES).replace("/etc/prometheus/alerts.yml", str(rules))
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
