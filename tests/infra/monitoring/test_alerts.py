"""Every alert on promtool's bench: it fires when it must, and keeps quiet when it must."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from infra.monitoring import alerts
from stack.settings import KedaSettings, Platform, Settings

SERVER = 'namespace="emotion-x",pod="p",job="serving"'
TF = ":tensorflow:serving:"
PREDICTED = f'{TF}request_latency_count{{API="predict",{SERVER}}}'
AUTOSCALER = 'namespace="emotion-x",horizontalpodautoscaler="torchserve"'
INACTIVE = f'{AUTOSCALER},condition="ScalingActive",status="false"'
CONTAINER = 'namespace="emotion-x",pod="p",container="torchserve"'
Series = dict[str, str]
WITH_KEDA = Settings(platform=Platform(keda=KedaSettings(enabled=True)))


def tensorflow_histogram(name: str, labels: str, bound: int) -> Series:
    """100 observations a scrape, all of them within `bound` µs and above half of it."""
    buckets = {bound // 2: "0x60", bound: "0+100x60", "+Inf": "0+100x60"}
    return {f'{TF}{name}_bucket{{{labels},le="{le}"}}': values for le, values in buckets.items()}


def torchserve_mean(total: str, micros: int) -> Series:
    """10 requests a scrape with this mean."""
    return {
        f"{total}{{{SERVER}}}": f"0+{10 * micros}x60",
        f"ts_inference_requests_total{{{SERVER}}}": "0+10x60",
    }


def triton_mean(total: str, micros: int) -> Series:
    """10 requests a scrape with this mean."""
    return {f"{total}{{{SERVER}}}": f"0+{10 * micros}x60", TRITON: "0+10x60"}


LATENCY = f'{SERVER},API="predict"'
TRITON = f"nv_inference_request_success{{{SERVER}}}"
TRITON_FAILED = f'nv_inference_request_failure{{reason="BACKEND",{SERVER}}}'
TRITON_P95 = f'nv_inference_request_summary_us{{quantile="0.95",{SERVER}}}'
CASES: dict[str, tuple[Series, Series]] = {
    "ServingTargetDown": ({f"up{{{SERVER}}}": "0x60"}, {f"up{{{SERVER}}}": "1x60"}),
    "MonitoringTargetDown": ({'up{job="cadvisor"}': "0x60"}, {'up{job="cadvisor"}': "1x60"}),
    "TensorFlowServingErrors": (
        {PREDICTED: "0+10x60", f'{TF}request_count{{status="UNAVAILABLE",{SERVER}}}': "0+1x60"},
        {PREDICTED: "0+10x60", f'{TF}request_count{{status="INVALID_ARGUMENT",{SERVER}}}': "0+9x60"},
    ),
    "TorchServeErrors": (
        {f"Requests5XX{{{SERVER}}}": "0+1x60", f"ts_inference_requests_total{{{SERVER}}}": "0+10x60"},
        {f"Requests5XX{{{SERVER}}}": "3x60", f"ts_inference_requests_total{{{SERVER}}}": "0+10x60"},
    ),
    "TensorFlowServingSlow": (
        tensorflow_histogram("request_latency", LATENCY, 100_000),
        tensorflow_histogram("request_latency", LATENCY, 20_000),
    ),
    "TorchServeSlow": (
        torchserve_mean("ts_inference_latency_microseconds", 51_000),
        torchserve_mean("ts_inference_latency_microseconds", 49_000),
    ),
    "TensorFlowServingBatchQueueFilling": (
        tensorflow_histogram("batching_session:queuing_latency", SERVER, 60_000),
        tensorflow_histogram("batching_session:queuing_latency", SERVER, 20_000),
    ),
    "TorchServeQueueFilling": (
        torchserve_mean("ts_queue_latency_microseconds", 26_000),
        torchserve_mean("ts_queue_latency_microseconds", 24_000),
    ),
    "TritonErrors": (
        {TRITON: "0+10x60", TRITON_FAILED: "0+1x60"},
        {TRITON: "0+10x60", TRITON_FAILED: "3x60"},
    ),
    "TritonSlow": ({TRITON_P95: "51000x60"}, {TRITON_P95: "49000x60"}),
    "TritonQueueFilling": (
        triton_mean("nv_inference_queue_duration_us", 26_000),
        triton_mean("nv_inference_queue_duration_us", 24_000),
    ),
    "ErrorBudgetBurn1h": (  # 20 and 10 times as fast as 0.1 % allows
        {PREDICTED: "0+98x60", f'{TF}request_count{{status="UNAVAILABLE",{SERVER}}}': "0+2x60"},
        {PREDICTED: "0+99x60", f'{TF}request_count{{status="UNAVAILABLE",{SERVER}}}': "0+1x60"},
    ),
    "AutoscalerAtMax": (
        {
            f"kube_horizontalpodautoscaler_status_desired_replicas{{{AUTOSCALER}}}": "2x60",
            f"kube_horizontalpodautoscaler_spec_max_replicas{{{AUTOSCALER}}}": "2x60",
        },
        {
            f"kube_horizontalpodautoscaler_status_desired_replicas{{{AUTOSCALER}}}": "1x60",
            f"kube_horizontalpodautoscaler_spec_max_replicas{{{AUTOSCALER}}}": "2x60",
        },
    ),
    "AutoscalerBlind": (
        {f"kube_horizontalpodautoscaler_status_condition{{{INACTIVE}}}": "1x60"},
        {f"kube_horizontalpodautoscaler_status_condition{{{INACTIVE}}}": "0x60"},
    ),
    "PodRestarting": (
        {f"kube_pod_container_status_restarts_total{{{CONTAINER}}}": "0x30 1x30"},
        {f"kube_pod_container_status_restarts_total{{{CONTAINER}}}": "7x60"},
    ),
    "CpuThrottled": (
        {
            f"container_cpu_cfs_throttled_periods_total{{{CONTAINER}}}": "0+30x60",
            f"container_cpu_cfs_periods_total{{{CONTAINER}}}": "0+100x60",
        },
        {
            f"container_cpu_cfs_throttled_periods_total{{{CONTAINER}}}": "0+20x60",
            f"container_cpu_cfs_periods_total{{{CONTAINER}}}": "0+100x60",
        },
    ),
    "MemoryNearLimit": (
        {
            f"container_memory_working_set_bytes{{{CONTAINER}}}": "950x60",
            f'kube_pod_container_resource_limits{{resource="memory",{CONTAINER}}}': "1000x60",
        },
        {
            f"container_memory_working_set_bytes{{{CONTAINER}}}": "850x60",
            f'kube_pod_container_resource_limits{{resource="memory",{CONTAINER}}}': "1000x60",
        },
    ),
    "PrometheusStorageFilling": (
        {
            "prometheus_tsdb_storage_blocks_bytes": "1e9x60",
            "prometheus_tsdb_wal_storage_size_bytes": "6e8x60",
            "prometheus_tsdb_head_chunks_storage_size_bytes": "4e8x60",
        },
        {
            "prometheus_tsdb_storage_blocks_bytes": "1e9x60",
            "prometheus_tsdb_wal_storage_size_bytes": "1e8x60",
            "prometheus_tsdb_head_chunks_storage_size_bytes": "1e8x60",
        },
    ),
}


def firing(promtool: str, folder: Path, series: Series, name: str, *, expected: bool) -> tuple[bool, str]:
    """Whether promtool agrees that the alert is firing, or is not, ten minutes after the series began."""
    (folder / "alerts.yml").write_text(alerts.rules(WITH_KEDA))
    query = f'count(ALERTS{{alertname="{name}",alertstate="firing"}})'
    samples = [{"labels": "{}", "value": 1}] if expected else []
    test = {
        "rule_files": ["alerts.yml"],
        "evaluation_interval": "10s",
        "tests": [
            {
                "interval": "10s",
                "input_series": [{"series": key, "values": values} for key, values in series.items()],
                "promql_expr_test": [{"expr": query, "eval_time": "9m", "exp_samples": samples}],
            }
        ],
    }
    (folder / "test.yml").write_text(yaml.safe_dump(test))
    done = subprocess.run(
        [promtool, "test", "rules", "test.yml"], cwd=folder, capture_output=True, text=True, check=False
    )
    return done.returncode == 0, done.stdout + done.stderr


def test_keda_adds_its_alerts_behind_the_others() -> None:
    """Without it the rules are as they were: nothing rolls."""
    usual = alerts.alerts(Settings())
    assert alerts.alerts(WITH_KEDA)[: len(usual)] == usual


def test_every_alert_has_a_case() -> None:
    assert set(CASES) == {alert.name for alert in alerts.alerts(WITH_KEDA)}


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_an_alert_fires(name: str, promtool: str, tmp_path: Path) -> None:
    agreed, said = firing(promtool, tmp_path, CASES[name][0], name, expected=True)
    assert agreed, said


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_an_alert_keeps_quiet(name: str, promtool: str, tmp_path: Path) -> None:
    agreed, said = firing(promtool, tmp_path, CASES[name][1], name, expected=False)
    assert agreed, said


@pytest.mark.slow
def test_failures_alone_fire_although_nothing_was_ever_answered(promtool: str, tmp_path: Path) -> None:
    failures = {f'{TF}request_count{{status="UNAVAILABLE",{SERVER}}}': "0+1x60"}
    agreed, said = firing(promtool, tmp_path, failures, "TensorFlowServingErrors", expected=True)
    assert agreed, said


def test_the_rules_are_as_reviewed(golden: Callable[[str, str], None]) -> None:
    golden("prometheus/alerts.yml", alerts.rules(Settings()))
