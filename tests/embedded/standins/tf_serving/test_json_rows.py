"""Predict bodies to arrays, and arrays to replies."""

import base64
import json
import tracemalloc
from typing import Any

import numpy as np
import pytest

from embedded.standins.tf_serving import json_rows
from embedded.standins.tf_serving.dtypes import FLOAT, STRING, InputInfo
from embedded.standins.tf_serving.errors import Code, ServingError
from embedded.standins.tf_serving.json_text import Json

BYTES = b"\x00\xffab\x00"
B64 = {"b64": base64.b64encode(BYTES).decode()}


def read(body: object, **types: str) -> dict[str, Any]:
    infos = {name: InputInfo(f"{name}:0", dtype) for name, dtype in sorted(types.items())}
    doc = json_rows.document(body if isinstance(body, bytes) else json.dumps(body).encode())
    json_rows.signature_name(doc)
    return {name: array.tolist() for name, array in json_rows.inputs(doc, infos).items()}


def refusal(body: object, code: Code = Code.INVALID_ARGUMENT, **types: str) -> str:
    with pytest.raises(ServingError) as caught:
        read(body, **types)
    assert caught.value.code is code
    return caught.value.message


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b'{"a": [1 2]}', "JSON Parse error: Expecting ',' delimiter at offset: 9"),
        (b"[1]", 'JSON Value: [1] Is not object; send {"instances": [{"b64": '),
        (b'"/9j/4AAQ"', 'JSON Value: "/9j/4AAQ" Is not object; send {"instances": [{"b64": '),
        (b"{}", "Missing 'inputs' or 'instances' key; send {"),
        (b'{"data": "/9j/4AAQ"}', "Missing 'inputs' or 'instances' key; send {"),
        (b'{"instances": [1], "inputs": 1}', "expecting only one of 'inputs' or 'instances' keys to exist"),
        (b'{"instances": 1}', "Expecting 'instances' to be an list/array, got 1"),
        (b'{"instances": []}', "No values in 'instances' array"),
        (b'{"signature_name": 1, "instances": [1]}', "'signature_name' key must be a string value, got 1"),
    ],
)
def test_a_body_without_rows_is_refused(body: bytes, says: str) -> None:
    assert says in refusal(body, x=FLOAT)


@pytest.mark.parametrize(
    ("body", "types", "expected"),
    [
        ({"instances": [1, 2.5]}, {"x": FLOAT}, {"x": [1.0, 2.5]}),
        ({"instances": [[1, 2], [3, 4]]}, {"x": FLOAT}, {"x": [[1, 2], [3, 4]]}),
        ({"instances": [[], []]}, {"x": FLOAT}, {"x": [[], []]}),
        ({"instances": [{"x": 1}]}, {"x": FLOAT}, {"x": [1.0]}),
        ({"instances": ["é", "", B64]}, {"x": STRING}, {"x": ["é".encode(), b"", BYTES]}),
        ({"instances": [{"x": B64}]}, {"x": STRING}, {"x": [BYTES]}),
        ({"instances": [{"b64": "AA=="}]}, {"b64": STRING}, {"b64": [b"AA=="]}),
        (
            {"instances": [{"x": 1, "y": "a"}, {"y": "b", "x": 3}]},
            {"x": FLOAT, "y": STRING},
            {"x": [1.0, 3.0], "y": [b"a", b"b"]},
        ),
        (b'{"instances": [1], "instances": [2]}', {"x": FLOAT}, {"x": [1.0]}),
        (b'{"instances": ["\xff\xe9"]}', {"x": STRING}, {"x": [b"\xff\xe9"]}),
        ({"instances": [1e300, -(10**30)]}, {"x": FLOAT}, {"x": [float("inf"), float(np.float32(-1e30))]}),
        (b'{"instances": [Infinity]}', {"x": FLOAT}, {"x": [float("inf")]}),
    ],
)
def test_rows_become_arrays(body: object, types: dict[str, str], expected: object) -> None:
    assert read(body, **types) == expected


def deep(levels: int) -> object:
    return 1 if not levels else [deep(levels - 1)]


@pytest.mark.parametrize(
    ("dims", "value", "fits"),
    [
        (None, [[1, 2]], True),
        ((-1,), 1, True),
        ((-1,), [1], False),
        ((-1, 2), [1, 2], True),
        ((-1, 2), [1, 2, 3], False),
        ((-1, 2), 1, False),
        ((-1, -1, 2), [[1, 2], [3, 4], [5, 6]], True),
        ((1, 2), [1, 2], True),
        ((), 1, False),
    ],
)
def test_an_instance_has_the_shape_that_the_signature_tells(
    dims: tuple[int, ...] | None, value: Json, fits: bool
) -> None:
    infos = {"x": InputInfo("x:0", FLOAT, dims)}
    if fits:
        assert json_rows.inputs({"instances": [value]}, infos)["x"].shape[0] == 1
    else:
        with pytest.raises(ServingError, match=r"Expecting instances of shape \[") as caught:
            json_rows.inputs({"instances": [value]}, infos)
        assert caught.value.code is Code.INVALID_ARGUMENT


@pytest.mark.parametrize(
    ("dtype", "good", "bad", "says"),
    [
        (FLOAT, 1, "x", 'JSON Value: "x" is not of expected type: float'),
        (FLOAT, 1, None, "JSON Value: null is not of expected type: float"),
        (FLOAT, 1, True, "JSON Value: true is not of expected type: float"),
        (FLOAT, 1, {"b64": "AA=="}, "is not of expected type: float"),
        (FLOAT, 1, {"z": 1}, "JSON object keys must be equal to: x"),
        (FLOAT, [1, 2], [3], "Expecting shape [2] but got: [1]"),
        (FLOAT, 1, [[1, 2], [3]], "is not a tensor"),
        (FLOAT, 1, deep(33), "Tensor has 33 dimensions; at most 32 are taken"),
        (FLOAT, 1, deep(300), "Tensor has 300 dimensions; at most 32 are taken"),
        (FLOAT, [1, 2], [1, [2]], "JSON Value: [2] is not of expected type: float"),
        (FLOAT, [[1], [2]], [[1], 2], "is not a tensor: expected lists of 1"),
        (STRING, "a", 1, "JSON Value: 1 is not of expected type: string"),
        (STRING, "a", ["a"], 'JSON Value: ["a"] is not of expected type: string'),
        (STRING, "a", {"b64": "data:image/png;base64,iVBO"}, "Unable to base64 decode: it begins with data:"),
        (STRING, "a", {"b64": 1}, "not formatted correctly for base64 data"),
        (STRING, "a", {"b64": "AA==", "more": 1}, "not formatted correctly for base64 data"),
    ],
)
def test_a_bad_row_is_refused_by_its_number(dtype: str, good: object, bad: object, says: str) -> None:
    message = refusal({"instances": [good, bad]}, x=dtype)
    assert message.startswith("Failed to process element: 1 of 'instances' list. Error: INVALID_ARGUMENT: ")
    assert says in message


@pytest.mark.parametrize("levels", [64, 65, 980, 990, 995, 5000])
def test_no_depth_of_nesting_is_our_defect(levels: int) -> None:
    body = b'{"instances": ' + b"[" * levels + b"1" + b"]" * levels + b"}"
    for dtype in (FLOAT, STRING):
        assert refusal(body, x=dtype)


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (b'{"x": "a", "x": "b"}', 'expected each key once, got one twice: {"x": "a"}'),
        (b'{"b64": "AA==", "b64": "AP8="}', "expected each key once"),
        (b'{"x": {"b64": "AA==", "b64": "AP8="}}', "not formatted correctly for base64 data"),
    ],
)
def test_a_row_that_says_two_things_is_refused(row: bytes, says: str) -> None:
    assert says in refusal(b'{"instances": [' + row + b"]}", x=STRING)


MEGA = b"1" * 1_000_000
SMALL = [
    b'{"instances": [[["' + b"x" * 100 + b'"], [[1e300]]]]}',
    b'{"instances": [' + b",".join([b"[]"] * 50) + b"]}",
    b'{"instances": [' + b"[" * 60 + b"]" * 60 + b"]}",
    b'{"instances": [[[], [1]], 1, "x", {"b64": "AA=="}]}',
]
WIDE = b'{"instances": [["' + MEGA + b'"' + b', "y"' * 100_000 + b"]]}"


@pytest.mark.parametrize("body", [*SMALL, WIDE, b'{"instances": [' + MEGA[:-1:2] + b"]}"], ids=len)
@pytest.mark.parametrize("dtype", [FLOAT, STRING])
def test_rows_take_no_more_memory_than_a_body_may_have(body: bytes, dtype: str) -> None:
    tracemalloc.start()
    try:
        read(body, x=dtype)
    except ServingError:
        pass
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < (2**17 if len(body) < 1000 else 2**25)


def test_several_inputs_need_objects() -> None:
    assert "expected an object of x,y, got 1" in refusal({"instances": [1]}, x=FLOAT, y=FLOAT)


def test_columns_and_other_types_are_refused_as_not_served() -> None:
    assert "serves the row format only" in refusal({"inputs": [1]}, Code.UNIMPLEMENTED, x=FLOAT)
    assert "not type 9" in refusal({"instances": [1]}, Code.UNIMPLEMENTED, x="type 9")


def test_an_error_does_not_send_a_whole_body_back() -> None:
    assert len(refusal({"instances": {"padding": "x" * 1_000_000}}, x=FLOAT)) < 1000


def test_one_output_is_one_value_a_row_and_several_an_object() -> None:
    numbers = np.array([[1, 0.25], [0, 1]], np.float32)
    texts = np.array(["é".encode(), b"\xff"], object)
    assert json.loads(json_rows.predictions({"p": numbers})) == {"predictions": numbers.tolist()}
    assert json.loads(json_rows.predictions({"label": texts, "p": numbers})) == {
        "predictions": [{"label": "é", "p": [1.0, 0.25]}, {"label": "�", "p": [0.0, 1.0]}]
    }


def test_every_printed_float_reads_back_as_itself() -> None:
    numbers = np.random.default_rng(1).normal(0, 1e4, 1000).astype(np.float32)
    body = json.loads(json_rows.predictions({"y": numbers}))
    assert np.array_equal(np.array(body["predictions"], np.float32), numbers)


@pytest.mark.parametrize(
    "outputs", [{"y": np.array(1.0)}, {"a": np.zeros(2), "b": np.zeros(3)}], ids=["scalar", "uneven"]
)
def test_outputs_that_are_not_one_value_a_row_are_refused(outputs: dict[str, Any]) -> None:
    with pytest.raises(ServingError, match="expected one value a row"):
        json_rows.predictions(outputs)


def test_an_error_body_is_json_whatever_its_text() -> None:
    assert json.loads(json_rows.error_body('a "quoted"\n\ud800 text'))["error"].startswith('a "quoted"')
