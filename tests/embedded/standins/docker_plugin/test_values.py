"""Property values survive the way to the engine and back."""

import pytest
from google.protobuf import json_format, struct_pb2
from hypothesis import given
from hypothesis import strategies as st

from embedded.standins.docker_plugin.values import (
    OUTPUT,
    SECRET,
    SIGNATURE,
    UNKNOWN,
    UNKNOWN_SENTINELS,
    Object,
    PluginError,
    Secret,
    Value,
    from_struct,
    has_unknown,
    reveal,
    to_struct,
)

TEXT = st.text().filter(lambda text: text not in UNKNOWN_SENTINELS)
LEAVES = st.one_of(st.booleans(), st.integers(-(2**53), 2**53), TEXT, st.just(UNKNOWN))
VALUES: st.SearchStrategy[Value] = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.text(max_size=5), inner, max_size=3),
        inner.map(Secret),
    ),
    max_leaves=8,
)


def struct(value: object) -> struct_pb2.Struct:
    return json_format.ParseDict({"x": value}, struct_pb2.Struct())


@given(VALUES)
def test_a_value_comes_back_as_it_went(value: Value) -> None:
    properties: Object = {"x": value}
    assert from_struct(to_struct(properties)) == properties


def test_whole_numbers_arrive_as_integers() -> None:
    (number,) = from_struct(struct(3.0)).values()
    assert (number, type(number)) == (3, int)
    assert from_struct(struct(0.5)) == {"x": 0.5}


def test_true_stays_a_boolean() -> None:
    assert from_struct(struct(True))["x"] is True


@pytest.mark.parametrize("sentinel", sorted(UNKNOWN_SENTINELS))
def test_each_sentinel_is_an_unknown(sentinel: str) -> None:
    assert from_struct(struct(sentinel)) == {"x": UNKNOWN}


def test_nulls_in_objects_are_dropped_and_in_lists_kept() -> None:
    assert from_struct(struct({"a": None, "b": [None]})) == {"x": {"b": [None]}}
    assert from_struct(to_struct({"a": None, "b": {"c": None}, "d": [None]})) == {"b": {}, "d": [None]}


def test_an_output_without_a_value_is_unknown_and_a_secret_one_stays_secret() -> None:
    assert from_struct(struct({SIGNATURE: OUTPUT})) == {"x": UNKNOWN}
    assert from_struct(struct({SIGNATURE: OUTPUT, "value": "v", "secret": True})) == {"x": Secret("v")}


def test_an_asset_is_refused() -> None:
    with pytest.raises(PluginError, match=r"an asset.* is not supported"):
        from_struct(struct({SIGNATURE: "c44067f5952c0a294b673a41bacd8c17", "text": "t"}))


def test_unknowns_are_found_and_secrets_revealed_at_every_depth() -> None:
    value: Value = {"a": [Secret({"b": UNKNOWN})]}
    assert has_unknown(value)
    assert reveal(value) == {"a": [{"b": UNKNOWN}]}
    assert not has_unknown({"a": [Secret({"b": 1})]})


def test_a_secret_is_sent_with_its_signature() -> None:
    sent = to_struct({"x": Secret(1)}).fields["x"].struct_value.fields
    assert sent[SIGNATURE].string_value == SECRET
