"""Choosing the context: never one that the stack does not name."""

import pytest

from stack import contexts
from stack.schema import SettingsError


def test_the_first_wanted_context_that_exists_wins() -> None:
    assert contexts.choose(("minikube", "embedded"), ["production", "embedded"]) == "embedded"


def test_a_context_that_is_not_named_is_never_chosen() -> None:
    with pytest.raises(SettingsError) as caught:
        contexts.choose(("minikube", "embedded"), ["production"])
    assert "kubeContexts: expected a context of the kubeconfig (production), got minikube" in str(
        caught.value
    )
