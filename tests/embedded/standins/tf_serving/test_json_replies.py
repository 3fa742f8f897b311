import json

import numpy as np
import pytest

from embedded.standins.tf_serving import json_write
from embedded.standins.tf_serving.errors import ServingError


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.2, "0.2"),
        (2.5, "2.5"),
        (3.0, "3.0"),
        (-0.0, "-0.0"),
        (9000000.0, "9e+06"),
        (0.00003, "3e-05"),
        (1 / 3, "0.333333343"),
        (16777216.0, "16777216.0"),
        (float("nan"), "NaN"),
        (float("-inf"), "-Infinity"),
    ],
)
def test_floats_have_six_digits_or_as_many_as_it_takes(value: float, text: str) -> None:
    assert json_write.float32_text(float(np.float32(value))) == text


def test_doubles_have_up_to_seventeen_digits() -> None:
    assert json_write.float64_text(1 / 3) == "0.33333333333333331"
    assert json_write.float64_text(0.5) == "0.5"


@pytest.mark.parametrize("seed", range(5))
def test_every_printed_float_reads_back_as_itself(seed: int) -> None:
    numbers = np.random.default_rng(seed).normal(0, 10.0**seed, 200).astype(np.float32)
    body = json.loads(json_write.predictions({"y": numbers}))
    assert np.array_equal(np.array(body["predictions"], np.float32), numbers)


def test_one_output_prints_bare_rows_as_upstream_lays_them_out() -> None:
    body = json_write.predictions({"y": np.array([2.5, 3.0, 4.5], np.float32)})
    assert body == b'{\n    "predictions": [2.5, 3.0, 4.5\n    ]\n}'


def test_several_outputs_print_an_object_a_row() -> None:
    body = json_write.predictions(
        {"label": np.array([b"a", b"b"], object), "p": np.array([[1, 0], [0, 1]], np.float32)}
    )
    assert body.decode() == (
        '{\n    "predictions": [\n'
        '        {\n            "label": "a",\n            "p": [1.0, 0.0]\n        },\n'
        '        {\n            "label": "b",\n            "p": [0.0, 1.0]\n        }\n    ]\n}'
    )


def test_columns_print_one_value_or_an_object() -> None:
    assert json.loads(json_write.outputs({"y": np.array([[1, 2]], np.int32)})) == {"outputs": [[1, 2]]}
    body = json.loads(json_write.outputs({"n": np.array(3), "t": np.array([True])}))
    assert body == {"outputs": {"n": 3, "t": [True]}}


def test_outputs_named_bytes_print_base64_and_others_text() -> None:
    data = np.array([b"\xff\x00"], object)
    assert json.loads(json_write.predictions({"image_bytes": data})) == {"predictions": [{"b64": "/wA="}]}
    text = np.array(['é"\n'.encode()], object)
    assert json.loads(json_write.predictions({"label": text})) == {"predictions": ['é"\n']}


@pytest.mark.parametrize(
    ("outputs", "says"),
    [
        ({"y": np.float32(1)}, "Tensor name: y has no shape information "),
        (
            {"a": np.zeros(2), "b": np.zeros(3)},
            "Tensor name: b has inconsistent batch size: 3 expecting: 2",
        ),
        ({}, "Cannot convert empty tensor map to JSON"),
        ({"y": np.zeros(1, complex)}, "Failed to write JSON value for tensor type: complex128"),
    ],
)
def test_outputs_that_do_not_fit_rows_are_refused(outputs: dict[str, np.ndarray], says: str) -> None:
    with pytest.raises(ServingError, match=says):
        json_write.predictions({name: np.asarray(value) for name, value in outputs.items()})


@pytest.mark.parametrize("shape", [(2, 0), (0,), (2, 3, 0), (1, 2, 2)])
def test_every_shape_survives(shape: tuple[int, ...]) -> None:
    array = np.ones(shape, np.int64)
    assert json.loads(json_write.predictions({"y": array}))["predictions"] == array.tolist()
    assert json.loads(json_write.outputs({"y": array}))["outputs"] == array.tolist()


def test_an_error_body_is_json_whatever_its_text() -> None:
    assert json.loads(json_write.error('a "quoted"\n\ud800 text'.encode("utf-8", "replace").decode()))
