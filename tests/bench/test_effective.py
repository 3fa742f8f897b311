"""What a pod really does is read from the probe's text; what cannot be read is an error by name."""

import re

import pytest

from bench import effective
from bench.effective import Limits, UnreadableError
from tests.bench.scenes import recorded, recorded_text


def test_a_server_with_its_defaults_has_none_of_the_flags_and_no_batching() -> None:
    server = effective.tensorflow(recorded("tensorflow-serving"))
    assert server.flags["rest_api_port"] == "8501"
    assert "tensorflow_intra_op_parallelism" not in server.flags
    assert server.batching is None


def test_flags_and_batching_file_of_a_batching_server_are_read() -> None:
    server = effective.tensorflow(recorded("tensorflow-serving-batching"))
    assert server.flags["tensorflow_intra_op_parallelism"] == "2"
    assert server.batching == {
        "max_batch_size": 16,
        "batch_timeout_micros": 5000,
        "num_batch_threads": 2,
        "max_enqueued_batches": 20,
    }


@pytest.mark.parametrize(
    "proto",
    [
        "max_batch_size { value: 8 }",
        "max_batch_size: { value: 8 }",
        "# max_batch_size { value: 4 }\nmax_batch_size {\n  value: 8 # rows\n}",
        "max_batch_size < value: 8 >",
    ],
)
def test_every_way_to_write_a_text_proto_means_the_same(proto: str) -> None:
    assert effective.batching_values(proto) == {"max_batch_size": 8}


def test_batching_switched_off_by_value_is_off() -> None:
    text = recorded_text("tensorflow-serving-batching").replace(
        "--enable_batching\n", "--enable_batching=false\n"
    )
    assert effective.tensorflow(effective.parse(text)).batching is None


def test_the_last_of_two_flags_wins() -> None:
    assert effective.command_flags(["server", "--a=1", "--b", "--a=2"]) == {"a": "2", "b": ""}


def test_the_management_apis_word_is_read_with_the_threads_of_every_worker() -> None:
    server = effective.torchserve(recorded("torchserve"))
    assert (server.min_workers, server.max_workers, server.batch_size) == (1, 1, 1)
    assert server.max_batch_delay_millis == 10
    assert server.workers == ("READY",)
    assert server.openmp == ({"OMP_NUM_THREADS": "1"},)


def test_a_worker_without_a_thread_setting_is_told_apart() -> None:
    text = recorded_text("torchserve").replace("@@ openmp 30\nOMP_NUM_THREADS=1\n", "@@ openmp 30\n")
    assert effective.torchserve(effective.parse(text)).openmp == ({},)


def test_threads_of_the_processes_are_read() -> None:
    threads = {process.pid: process.threads for process in recorded("torchserve").processes}
    assert threads == {1: 1, 7: 36, 30: 1}


@pytest.mark.parametrize(
    ("cpu", "memory", "limits"),
    [
        ("200000\n100000", "2147483648", Limits(2.0, 2**31)),
        ("-1\n100000", "9223372036854771712", Limits(None, None)),
        ("50000 100000", "1048576", Limits(0.5, 2**20)),
        ("max 100000", "max", Limits(None, None)),
    ],
    ids=["v1", "v1 without limits", "v2", "v2 without limits"],
)
def test_cgroup_limits_of_both_versions_are_read(cpu: str, memory: str, limits: Limits) -> None:
    text = f"@@ command 1\nserver\n@@ cpu\n{cpu}\n@@ memory\n{memory}\n"
    assert effective.parse(text).limits == limits


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "expected sections"),
        ("sh: not found", "expected sections, got 'sh: not found'"),
        ("@@ cpu\n1 1\n@@ memory\n1\n", "command line of process 1"),
        ("@@ command 1\nserver\n@@ cpu\n@@ memory\n1\n", "CPU limit"),
        ("@@ command 1\nserver\n@@ cpu\n1 1\n@@ memory\n", "memory limit"),
    ],
)
def test_a_probe_that_read_too_little_says_what_is_missing(text: str, reason: str) -> None:
    with pytest.raises(UnreadableError, match=re.escape(reason)):
        effective.parse(text)


@pytest.mark.parametrize(
    ("management", "reason"),
    [
        ("Connection refused", "the management API answered 'Connection refused'"),
        ("[]", "expected one version of the model"),
        ('{"code": 404}', "expected one version of the model"),
        ('[{"minWorkers": 1, "maxWorkers": 1, "maxBatchDelay": 1}]', "does not tell batchSize"),
    ],
)
def test_a_management_api_without_an_answer_is_named(management: str, reason: str) -> None:
    text = recorded_text("torchserve").partition("@@ management")[0] + f"@@ management\n{management}\n"
    with pytest.raises(UnreadableError, match=re.escape(reason)):
        effective.torchserve(effective.parse(text))


def test_a_batching_file_that_is_not_there_is_named() -> None:
    text = recorded_text("tensorflow-serving-batching").partition("@@ batching")[0]
    with pytest.raises(UnreadableError, match=r"batching file /config/batching\.config is empty"):
        effective.tensorflow(effective.parse(text))
