import base64
import json
import math
from typing import Any

import numpy as np
import pytest

from embedded.standins.tf_serving import dtypes, json_parse, json_tensor
from embedded.standins.tf_serving.dtypes import InputInfo
from embedded.standins.tf_serving.errors import Code, ServingError

FLOAT, DOUBLE, INT32, STRING = 1, 2, 3, 7
INT64, BOOL, UINT64 = 9, 10, 23
B64 = {"b64": base64.b64encode(b"\x00\xffab\x00").decode()}


def infos(**numbers: int) -> dict[str, InputInfo]:
    return {name: InputInfo(f"{name}:0", dtypes.of(number)) for name, number in sorted(numbers.items())}


def read(body: str, **numbers: int) -> dict[str, Any]:
    doc = json_parse.document(body.encode())
    arrays, _ = json_tensor.inputs(doc, infos(**numbers))
    return {name: array.tolist() for name, array in arrays.items()}


def refusal(body: str | bytes, **numbers: int) -> str:
    with pytest.raises(ServingError) as caught:
        read(body, **numbers) if isinstance(body, str) else json_parse.document(body)
    assert caught.value.code is Code.INVALID_ARGUMENT
    return caught.value.message


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "JSON Parse error: The document is empty"),
        (b" \n", "JSON Parse error: The document is empty. at offset: 2"),
        (b"{ x", "JSON Parse error: Missing a name for object member. at offset: 2"),
        (b'{"a" 1}', "JSON Parse error: Missing a colon after a name of object member. at offset: 5"),
        (b'{"a": 1 "b"', "JSON Parse error: Missing a comma or '}' after an object member. at offset: 8"),
        (b'{"a": [1 2]}', "JSON Parse error: Missing a comma or ']' after an array element. at offset: 9"),
        (b'{"a": ["]", 1 2]}', "after an array element. at offset: 14"),
        (b'{"a": nope}', "JSON Parse error: Invalid value. at offset: 6"),
        (b'{"a": "x', "JSON Parse error: Missing a closing quotation mark in string."),
        (b'{"a": "\\q"}', "JSON Parse error: Invalid escape character in string."),
        (b'{"a": "\xff"}', "JSON Parse error: Invalid encoding in string. at offset: 7"),
        (b"\xff\xd8\xff\xe0 a JPEG", "JSON Parse error: Invalid encoding in string. at offset: 0"),
        (b"[1]", "JSON Value: [\n    1\n] Is not object"),
        (b"[" * 10_000, "nesting deeper than allowed"),
        (b'{"a": ' + b"1" * 5000 + b"}", "Number too big to be stored in double."),
    ],
)
def test_a_body_that_is_no_json_object_is_refused_with_rapidjsons_text(body: bytes, says: str) -> None:
    assert says in refusal(body)


def test_text_after_the_first_value_is_ignored() -> None:
    assert read('{"instances": [1]} trailing {', x=FLOAT) == {"x": [1.0]}


def test_a_byte_order_mark_is_skipped() -> None:
    assert json_parse.document(b'\xef\xbb\xbf{"a": 1}') == {"a": 1}


def test_of_a_repeated_key_the_first_value_counts() -> None:
    assert json_parse.document(b'{"a": 1, "b": 2, "a": 3}') == {"a": 1, "b": 2}


def test_nan_and_infinity_are_numbers() -> None:
    first, second, third = read('{"instances": [NaN, Infinity, -Infinity]}', x=FLOAT)["x"]
    assert math.isnan(first)
    assert (second, third) == (math.inf, -math.inf)


@pytest.mark.parametrize(
    ("body", "numbers", "expected"),
    [
        ('{"instances": [1, 2.5]}', {"x": FLOAT}, {"x": [1.0, 2.5]}),
        ('{"instances": [[1, 2], [3, 4]]}', {"x": INT32}, {"x": [[1, 2], [3, 4]]}),
        ('{"instances": [true, false]}', {"x": BOOL}, {"x": [True, False]}),
        ('{"instances": [18446744073709551615]}', {"x": UINT64}, {"x": [18446744073709551615]}),
        ('{"instances": [-9223372036854775808]}', {"x": INT64}, {"x": [-(2**63)]}),
        ('{"instances": ["é", ""]}', {"x": STRING}, {"x": ["é".encode(), b""]}),
        (
            json.dumps({"instances": ["plain", B64]}),
            {"x": STRING},
            {"x": [b"plain", b"\x00\xffab\x00"]},
        ),
        (json.dumps({"inputs": B64}), {"x": STRING}, {"x": b"\x00\xffab\x00"}),
        ('{"inputs": 3}', {"x": FLOAT}, {"x": 3.0}),
        ('{"inputs": [[1], [2]]}', {"x": FLOAT}, {"x": [[1.0], [2.0]]}),
        ('{"inputs": {"x": [1], "y": [2]}}', {"x": FLOAT, "y": INT64}, {"x": [1.0], "y": [2]}),
        ('{"inputs": {"x": [1], "more": 0}}', {"x": FLOAT}, {"x": [1.0]}),
        (
            '{"instances": [{"x": 1, "y": [2]}, {"y": [4], "x": 3}]}',
            {"x": FLOAT, "y": INT64},
            {"x": [1.0, 3.0], "y": [[2], [4]]},
        ),
        ('{"instances": [[], []]}', {"x": FLOAT}, {"x": [[], []]}),
    ],
)
def test_rows_and_columns_become_arrays(body: str, numbers: dict[str, int], expected: object) -> None:
    assert read(body, **numbers) == expected


def test_which_of_the_two_formats_a_body_has_is_told() -> None:
    assert json_tensor.inputs({"instances": [1]}, infos(x=FLOAT))[1]
    assert not json_tensor.inputs({"inputs": [1]}, infos(x=FLOAT))[1]


ELEMENT = "Failed to process element: {} of 'instances' list. Error: INVALID_ARGUMENT: "


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("{}", "Missing 'inputs' or 'instances' key"),
        ('{"instances": [1], "inputs": 1}', "expecting only one of 'inputs' or 'instances' keys to exist"),
        ('{"instances": 1}', "Expecting 'instances' to be an list/array"),
        ('{"instances": []}', "No values in 'instances' array"),
        (
            '{"instances": ["x"]}',
            ELEMENT.format(0) + 'JSON Value: "x" Type: String is not of expected type: float',
        ),
        (
            '{"instances": [1, null]}',
            ELEMENT.format(1) + "JSON Value: null Type: Null is not of expected type: float",
        ),
        ('{"instances": [true]}', "JSON Value: true Type: True is not of expected type: float"),
        ('{"instances": [{"b64": "AA=="}]}', "Type: Object is not of expected type: float"),
        ('{"instances": [[1, 2], [3]]}', ELEMENT.format(1) + "Expecting tensor size: 2 but got: 1"),
        (
            '{"instances": [[[1], [2]], [[1, 2]]]}',
            ELEMENT.format(1) + "Expecting shape [2,1] but got: [1,2]",
        ),
        (
            '{"instances": [[[1, 2], [3]]]}',
            "Encountered list at unexpected size: 1 at level: 1 expected size: 2",
        ),
        ('{"instances": [[1, [2]]]}', "Encountered list at unexpected level: 1 expected < 1"),
        (
            '{"instances": [[[1], 2]]}',
            "JSON Value: 2 found at incorrect level: 2 in the JSON DOM. Expected at level: 2",
        ),
        ('{"instances": [1, {"x": 1}]}', "Expecting value/list but got object at item 1 of input list"),
        ('{"instances": [{"x": 1}, 1]}', "Expecting object but got list at item 1 of input list"),
        (
            '{"instances": [{"z": 1}]}',
            "key: z of 'instances' list. Error: INVALID_ARGUMENT: JSON object: does",
        ),
        ('{"instances": [{}]}', "keys must be equal to: x"),
        ('{"inputs": {"z": 1}}', "Missing named input: x in 'inputs' object."),
        (
            '{"instances": [16777217]}',
            "Cannot convert JSON value: 16777217 to float without loss of precision.",
        ),
        ('{"instances": [1e39]}', "Cannot convert JSON value: 1e+39 to float without loss of precision."),
        ('{"signature_name": 1, "instances": [1]}', "'signature_name' key must be a string value."),
    ],
)
def test_a_bad_float_body_is_refused_with_upstreams_text(body: str, says: str) -> None:
    doc_refusal = signature_refusal(body)
    assert says in (doc_refusal or refusal(body, x=FLOAT))


def signature_refusal(body: str) -> str:
    try:
        json_tensor.signature_name(json_parse.document(body.encode()))
    except ServingError as error:
        return error.message
    return ""


@pytest.mark.parametrize(
    ("value", "number", "says"),
    [
        ("1.0", INT32, "Type: Number is not of expected type: int32"),
        ("2147483648", INT32, "is not of expected type: int32"),
        ("true", INT32, "Type: True is not of expected type: int32"),
        ("-1", UINT64, "is not of expected type: uint64"),
        ("1", BOOL, "is not of expected type: bool"),
        ("1", STRING, "JSON Value: 1 Type: Number is not of expected type: string"),
        ('{"b64": "****"}', STRING, "Unable to base64 decode"),
        ('{"b64": "AAA=A"}', STRING, "Unable to base64 decode"),
        ('{"b64": "é"}', STRING, "Unable to base64 decode"),
        ('{"b64": 1}', STRING, "keys must be equal to: x"),
        ('["a", {"b64": "AA==", "more": 1}]', STRING, "not formatted correctly for base64 data"),
        ("9007199254740993", DOUBLE, "to double without loss of precision."),
    ],
)
def test_a_value_of_another_type_is_refused(value: str, number: int, says: str) -> None:
    body = f'{{"instances": [{value}]}}'
    if "keys must" in says:
        says = "does not have named input: b64"
    assert says in refusal(body, x=number)


@pytest.mark.parametrize("text", ["AP8=", "AP8", "AP\n8=", " A P 8 ="])
def test_base64_may_lack_padding_and_hold_whitespace(text: str) -> None:
    assert json_tensor.decode_base64(text) == b"\x00\xff"


def test_several_inputs_need_objects() -> None:
    assert "instances is a plain list" in refusal('{"instances": [1]}', x=FLOAT, y=FLOAT)
    assert "inputs is a plain value/list" in refusal('{"inputs": [1]}', x=FLOAT, y=FLOAT)


def test_strings_keep_their_zero_bytes() -> None:
    doc = json_parse.document(json.dumps({"instances": [B64]}).encode())
    arrays, _ = json_tensor.inputs(doc, infos(x=STRING))
    assert arrays["x"].dtype == np.object_
    assert arrays["x"][0] == b"\x00\xffab\x00"


def test_an_error_does_not_send_a_whole_body_back() -> None:
    message = refusal(json.dumps({"instances": 1, "padding": "x" * 1_000_000}))
    assert len(message) < 2000
