import re
from pathlib import Path

import pytest

from embedded.standins.tf_serving import batching_config, flags, model_config, monitoring_config, settings
from embedded.standins.tf_serving.batching_config import Batching
from embedded.standins.tf_serving.errors import StartError
from embedded.standins.tf_serving.flags import Flags
from embedded.standins.tf_serving.model_config import All, Latest, Model, Specific


def file(folder: Path, text: str) -> str:
    path = folder / "file.txt"
    path.write_text(text)
    return str(path)


def test_an_empty_batching_file_means_the_defaults_of_upstream(tmp_path: Path) -> None:
    read = batching_config.read(file(tmp_path, ""))
    assert read == Batching()
    assert (read.max_batch_size, read.batch_timeout_micros, read.max_enqueued_batches) == (1000, 0, 10)
    assert read.threads == flags.cpus()


def test_wrapped_and_plain_batching_values_are_read(tmp_path: Path) -> None:
    text = """
    max_batch_size { value: 10 } batch_timeout_micros { value: 0 } thread_pool_name { value: "t" }
    allowed_batch_sizes: 2 allowed_batch_sizes: 10 num_batch_threads { value: 3 }
    """
    read = batching_config.read(file(tmp_path, text))
    assert read == Batching(max_batch_size=10, num_batch_threads=3, allowed_batch_sizes=(2, 10))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("max_batch_size: 10", "line 1:"),
        ("max_batchsize { value: 10 }", 'has no field named "max_batchsize"'),
        ("max_batch_size { value: 0 }", "max_batch_size: expected at least 1, got 0"),
        ("batch_timeout_micros { value: -1 }", "batch_timeout_micros: expected 0 or more, got -1"),
        ("num_batch_threads { value: 0 }", "num_batch_threads: expected at least 1, got 0"),
        ("max_enqueued_batches { value: 0 }", "max_enqueued_batches: expected at least 1"),
        (
            "max_batch_size { value: 8 } allowed_batch_sizes: 4",
            "expected the last to equal max_batch_size (8)",
        ),
        ("max_batch_size { value: 4 } allowed_batch_sizes: [4, 2]", "increasing order, got [4, 2]"),
        ("pad_variable_length_inputs: true", "not offered by this stand-in"),
        ("max_execution_batch_size { value: 5 }", "needs enable_large_batch_splitting"),
    ],
)
def test_a_bad_batching_file_is_refused_by_the_name_of_its_field(
    tmp_path: Path, text: str, says: str
) -> None:
    with pytest.raises(StartError, match=re.escape(says)):
        batching_config.read(file(tmp_path, text))


def test_a_missing_file_is_named_with_its_flag() -> None:
    with pytest.raises(StartError, match="--batching_parameters_file: expected a readable text file"):
        batching_config.read("/nowhere")


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
    assert monitoring_config.metrics_path(file(tmp_path, text)) == path


def test_a_model_config_file_gives_models_policies_and_labels(tmp_path: Path) -> None:
    text = """model_config_list {
      config { name: "a" base_path: "/a" model_platform: "tensorflow" }
      config { name: "b" base_path: "/b" model_platform: "tensorflow"
               model_version_policy { specific { versions: 3 versions: 5 } }
               version_labels { key: "stable" value: 3 } }
      config { name: "c" base_path: "/c" model_platform: "tensorflow" model_version_policy { all { } } }
      config { name: "d" base_path: "/d" model_platform: "tensorflow"
               model_version_policy { latest { num_versions: 2 } } }
    }"""
    assert model_config.read(file(tmp_path, text)) == (
        Model("a", "/a", Latest(1)),
        Model("b", "/b", Specific(frozenset({3, 5})), (("stable", 3),)),
        Model("c", "/c", All()),
        Model("d", "/d", Latest(2)),
    )


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "expected model_config_list"),
        ('model_config_list { config { name: "a" model_platform: "tensorflow" } }', "name and base_path"),
        ('model_config_list { config { name: "a" base_path: "/a" } }', "neither model_type"),
        (
            'model_config_list { config { name: "a" base_path: "/a" model_platform: "caffe" } }',
            '"tensorflow"',
        ),
        ("model_config_list {", "line 1:"),
    ],
)
def test_a_bad_model_config_file_is_refused(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(StartError, match=re.escape(says)):
        model_config.read(file(tmp_path, text))


def test_a_repeated_model_name_is_refused(tmp_path: Path) -> None:
    entry = 'config { name: "a" base_path: "/a" model_platform: "tensorflow" }'
    with pytest.raises(StartError, match="each model name once"):
        model_config.read(file(tmp_path, f"model_config_list {{ {entry} {entry} }}"))


def test_a_model_config_file_wins_over_name_and_base_path(tmp_path: Path) -> None:
    entry = 'config { name: "a" base_path: "/a" model_platform: "tensorflow" }'
    path = file(tmp_path, f"model_config_list {{ {entry} }}")
    told = Flags(model_name="b", model_base_path="/b", model_config_file=path)
    assert model_config.from_flags(told) == (Model("a", "/a"),)


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


@pytest.mark.parametrize("size", ["0", "-1", "1 MiB"])
def test_a_body_limit_that_is_no_number_of_bytes_is_refused(size: str) -> None:
    with pytest.raises(StartError, match="TF_SERVING_STANDIN_MAX_BODY_BYTES: expected a number of bytes"):
        settings.read(Flags(model_base_path="/m"), {"TF_SERVING_STANDIN_MAX_BODY_BYTES": size})
