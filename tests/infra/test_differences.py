"""A stack as what differs from another says everything, and nothing twice."""

from stack.kube import KubeObject
from stack.settings import Settings
from tests.infra.differences import differences
from tests.rules.reading import Stack


def config_map(stack: str, name: str, text: str) -> KubeObject:
    metadata = {
        "name": name,
        "namespace": f"emotion-{stack}",
        "labels": {"app.kubernetes.io/instance": stack},
    }
    return {"kind": "ConfigMap", "metadata": metadata, "data": {"file": text}}


def stack(name: str, *objects: KubeObject) -> Stack:
    return Stack(name, Settings(), objects)


BASE = stack("one", config_map("one", "kept-0123456789", "a"), config_map("one", "gone", "a"))


def test_a_stack_of_another_name_and_nothing_else_does_not_differ() -> None:
    objects = (config_map("two", "kept-0123456789", "a"), config_map("two", "gone", "a"))
    assert differences(stack("two", *objects), BASE) == ""


def test_objects_that_are_gone_changed_or_new_are_all_told() -> None:
    two = stack("two", config_map("two", "kept-9876543210", "b"), config_map("two", "new", "c"))
    told = differences(two, BASE)
    assert told.startswith("without emotion-STACK: ConfigMap/gone\n=== emotion-STACK/ConfigMap/kept\n")
    assert "-  name: kept-0123456789\n+  name: kept-9876543210\n" in told
    assert "-  file: a\n+  file: b\n" in told
    assert "=== emotion-STACK/ConfigMap/new\n@@\n+kind: ConfigMap\n" in told


def test_a_stack_whose_name_begins_like_another_is_told_apart() -> None:
    namespaces = stack("one", config_map("one", "list", "emotion-one emotion-one-more"))
    other = stack("two", config_map("two", "list", "emotion-two emotion-one-more"))
    assert differences(other, namespaces) == ""
