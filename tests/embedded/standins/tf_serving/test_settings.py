"""The files that flags name, and the environment."""

import re
from pathlib import Path

import pytest

from embedded.standins.tf_serving import config_files, flags, settings
from embedded.standins.tf_serving.config_files import Batching
from embedded.standins.tf_serving.errors import StartError


def file(folder: Path, text: str) -> str:
    path = folder / "file.txt"
    path.write_text(text)
    return str(path)


def test_an_empty_batching_file_means_the_defaults_of_upstream(tmp_path: Path) -> None:
    read = config_files.batching(file(tmp_path, ""))
    assert read == Batching(1000, 0, 10, 0)
    assert read.threads == flags.cpus()


def test_batching_values_are_read(tmp_path: Path) -> None:
    text = "max_batch_size { value: 10 } batch_timeout_micros { value: 0 } num_batch_threads { value: 3 }"
    assert config_files.batching(file(tmp_path, text)) == Batching(max_batch_size=10, num_batch_threads=3)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("max_batch_size: 10", "line 1:"),
        ("max_batchsize { value: 10 }", 'has no field named "max_batchsize"'),
        ("allowed_batch_sizes: 4", "of the fields that this stand-in serves (max_batch_size, "),
        ("max_batch_size { value: 0 }", "max_batch_size: expected 1 or more, got 0"),
        ("batch_timeout_micros { value: -1 }", "batch_timeout_micros: expected 0 or more, got -1"),
        ("num_batch_threads { value: 0 }", "num_batch_threads: expected 1 or more, got 0"),
        ("max_enqueued_batches { value: 0 }", "max_enqueued_batches: expected 1 or more"),
    ],
)
def test_a_bad_batching_file_is_refused_by_the_name_of_its_field(
    tmp_path: Path, text: str, says: str
) -> None:
    with pytest.raises(StartError, match=re.escape(says)):
        config_files.batching(file(tmp_path, text))


def test_a_missing_file_is_named_with_its_flag() -> None:
    with pytest.raises(StartError, match="--batching_parameters_file: expected a readable text file"):
        config_files.batching("/nowhere")


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("", ""),
        ("prometheus_config { }", ""),
        ('prometheus_config { enable: false path: "/m" }', ""),
        ("prometheus_config { enable: true }", "/monitoring/prometheus/metrics"),
        ('prometheus_config { enable: true path: "/m" }', "/m"),
    ],
)
def test_metrics_are_served_only_when_enabled(tmp_path: Path, text: str, path: str) -> None:
    assert config_files.metrics_path(file(tmp_path, text)) == path


@pytest.mark.parametrize(
    ("environment", "pid", "host"),
    [
        ({}, 4711, "127.0.0.1"),
        ({}, 1, "0.0.0.0"),
        ({"KUBERNETES_SERVICE_HOST": "10.0.0.1"}, 7, "0.0.0.0"),
        ({"TF_SERVING_STANDIN_HOST": "127.0.0.9"}, 1, "127.0.0.9"),
    ],
)
def test_only_a_container_is_reachable_from_outside(environment: dict[str, str], pid: int, host: str) -> None:
    assert settings.host(environment, pid) == host
