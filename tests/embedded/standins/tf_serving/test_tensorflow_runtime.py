"""Sizes that a file or a message only states: no memory is taken for them before the bytes are there."""

import struct
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
import tensorflow as tf  # type: ignore[import-untyped]
from tensorflow.core.framework import tensor_pb2  # type: ignore[import-untyped]

from embedded.standins.tf_serving import tensorflow_runtime as runtime
from embedded.standins.tf_serving.errors import Code, ServingError

ONE: dict[str, dict[str, Any]] = {
    "float": {"dtype": 1, "float_val": [1.0]},
    "double": {"dtype": 2, "double_val": [1.0]},
    "string": {"dtype": 7, "string_val": [b"x"]},
    "long string": {"dtype": 7, "string_val": [b"x" * 100_000]},
    "complex": {"dtype": 18, "dcomplex_val": [1.0, 2.0]},
    "no value": {"dtype": 1},
    "content": {"dtype": 1, "tensor_content": b"abcd"},
    "variant": {"dtype": 21},
    "unknown type": {"dtype": 999},
}
SHAPES = (
    [10**12],
    [2**18],
    [2**31, 2**31],
    [2**63 - 1] * 5,
    [10**12, 0, 10**12],
    [-1],
    [-1, -5],
    [1] * 70,
)


def message(dims: list[int], **fields: Any) -> Any:
    """A TensorProto of these dimensions."""
    proto = tensor_pb2.TensorProto(**fields)
    for size in dims:
        proto.tensor_shape.dim.add(size=size)
    return proto


@pytest.mark.parametrize("dims", SHAPES, ids=str)
@pytest.mark.parametrize("value", ONE.values(), ids=ONE)
def test_a_small_message_never_makes_a_large_tensor(value: dict[str, Any], dims: list[int]) -> None:
    proto = message(dims, **value)
    tracemalloc.start()
    try:
        runtime.make_array(proto)
    except ServingError as error:
        assert error.code is Code.INVALID_ARGUMENT
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < 2**23


def test_a_tensor_whose_values_are_there_is_made_whatever_its_size() -> None:
    zeros = tf.zeros([2**19], tf.uint8)
    assert runtime.make_array(tf.make_tensor_proto(zeros.numpy())).shape == (2**19,)
    photo = tf.make_tensor_proto([b"x" * 10_000_000], shape=[1])
    assert len(runtime.make_array(photo)[0]) == 10_000_000


def test_one_value_fills_a_shape_of_moderate_size() -> None:
    assert runtime.make_array(message([100, 100], dtype=1, float_val=[2.0])).sum() == 20_000


@pytest.mark.parametrize("length", [100, 10**10, 2**62, 2**64 - 1])
def test_a_record_longer_than_its_file_is_refused(tmp_path: Path, length: int) -> None:
    file = tmp_path / "records"
    with tf.io.TFRecordWriter(str(file)) as writer:
        writer.write(b"good")
    assert list(runtime.records(str(file))) == [b"good"]
    with file.open("ab") as more:
        more.write(struct.pack("<QI", length, 0) + b"abc")
    with pytest.raises(ServingError, match=f"a record of {length} bytes ends beyond the file of 35"):
        list(runtime.records(str(file)))
