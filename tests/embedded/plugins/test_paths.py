"""Property paths in the forms that users and the engine write."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embedded.plugins import paths
from embedded.plugins.values import Value

OBJECT: Value = {"spec": {"containers": [{"name": "a", "image": "x"}, {"name": "b"}]}, "a.b": {"c": 1}}


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("spec.replicas", ("spec", "replicas")),
        ("spec.containers[0].image", ("spec", "containers", 0, "image")),
        ('metadata.annotations["a.b/c"]', ("metadata", "annotations", "a.b/c")),
        ('["a.b"].c', ("a.b", "c")),
        ("spec.containers[*].image", ("spec", "containers", "*", "image")),
        ('a["say \\"hi\\""]', ("a", 'say "hi"')),
    ],
)
def test_a_path_is_parsed(text: str, path: paths.Path) -> None:
    assert paths.parse(text) == path


@given(st.lists(st.one_of(st.text('ab."[]/', min_size=1), st.integers(0, 9)), min_size=1).map(tuple))
def test_a_written_path_is_read_back(path: paths.Path) -> None:
    assert paths.parse(paths.text(path)) == path


def test_a_malformed_path_is_an_error_that_shows_it() -> None:
    with pytest.raises(ValueError, match=r'got "spec\[x"'):
        paths.parse("spec[x")


def test_a_path_contains_what_lies_below_it_and_a_star_any_step() -> None:
    assert paths.contains(("spec",), ("spec", "a", 0))
    assert paths.contains(("spec", "*", "image"), ("spec", 1, "image", "x"))
    assert not paths.contains(("spec", "a"), ("spec",))


def test_wildcards_expand_to_what_is_there() -> None:
    found = paths.expand(OBJECT, ("spec", "containers", "*", "image"))
    assert found == [("spec", "containers", 0, "image")]


def test_a_value_is_replaced_or_removed_without_touching_the_original() -> None:
    place = ("spec", "containers", 0, "image")
    assert paths.get(paths.replaced(OBJECT, place, "y"), place) == "y"
    assert paths.get(paths.replaced(OBJECT, place, None), place[:-1]) == {"name": "a"}
    assert paths.get(OBJECT, place) == "x"
