"""TensorFlow Serving's settings are read back from a running pod; what cannot be read is an error by name."""

import re

import pytest

from stack.servers import reading, tf_serving
from stack.servers.model import OURS
from stack.servers.reading import UnreadableError
from stack.settings import Batching, TensorFlow
from tests.stack.servers import recorded


def test_a_server_with_its_defaults_has_none_of_the_flags_and_no_batching() -> None:
    found = recorded.read("tensorflow-serving")
    assert found.flags["rest_api_port"] == "8501"
    assert "tensorflow_intra_op_parallelism" not in found.flags
    assert tf_serving.effective(found) == tf_serving.intended(TensorFlow())


def test_flags_and_batching_file_of_a_batching_server_are_read() -> None:
    batching = Batching(max_batch_size=16, timeout_micros=5000, max_enqueued_batches=20)
    wanted = TensorFlow(intra_op_threads=2, inter_op_threads=1, rest_threads=33, batching=batching)
    assert tf_serving.effective(recorded.read("tensorflow-serving-batching")) == tf_serving.intended(wanted)


def test_what_is_written_is_read_again() -> None:
    batching = Batching(max_batch_size=7, timeout_micros=1, threads=3, max_enqueued_batches=9)
    wanted = TensorFlow(intra_op_threads=5, rest_threads=17, batching=batching)
    flags = "\n".join(tf_serving.command(OURS, wanted))
    look = f"@@ batching\n{tf_serving.files(wanted)['batching.config']}"
    found = reading.parse(f"@@ command 1\n{flags}\n@@ cpu\nmax 1\n@@ memory\nmax\n{look}")
    assert tf_serving.effective(found) == tf_serving.intended(wanted)


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
    assert tf_serving.batching_values(proto) == {"max_batch_size": 8}


def test_batching_switched_off_by_value_is_off() -> None:
    text = recorded.text("tensorflow-serving-batching").replace(
        "--enable_batching\n", "--enable_batching=false\n"
    )
    assert tf_serving.effective(reading.parse(text))["tensorflow.batching"] is False


def test_a_batching_file_that_is_not_there_is_named() -> None:
    text = recorded.text("tensorflow-serving-batching").partition("@@ batching")[0]
    with pytest.raises(UnreadableError, match=re.escape("batching file /config/batching.config is empty")):
        tf_serving.effective(reading.parse(text))


def test_threads_are_flags_only_when_set() -> None:
    command = tf_serving.command(OURS, TensorFlow(intra_op_threads=1, inter_op_threads=2))
    assert "--tensorflow_intra_op_parallelism=1" in command
    assert "--tensorflow_inter_op_parallelism=2" in command
    assert not [flag for flag in command if "rest_api_num_threads" in flag or "batching" in flag]


def test_batching_is_a_text_proto_that_the_flags_name() -> None:
    wanted = TensorFlow(batching=Batching(10, 10_000, 2, 5))
    assert tf_serving.files(wanted)["batching.config"].splitlines() == [
        "max_batch_size { value: 10 }",
        "batch_timeout_micros { value: 10000 }",
        "num_batch_threads { value: 2 }",
        "max_enqueued_batches { value: 5 }",
    ]
    assert "--batching_parameters_file=/config/batching.config" in tf_serving.command(OURS, wanted)
