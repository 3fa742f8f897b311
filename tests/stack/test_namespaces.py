"""Which names a stack may have."""

import pytest

from stack import namespaces


@pytest.mark.parametrize("name", ["minikube", "cloud", "torch-1-10-workers", "kube-system", "a" * 55])
def test_a_stack_name_that_makes_a_namespace_is_accepted(name: str) -> None:
    assert namespaces.problems_of_stack_name(name) == []


@pytest.mark.parametrize("name", ["a" * 56, "Dev", "a_b", "a.b", "-a", "a-", ""])
def test_a_stack_name_that_makes_no_namespace_is_refused(name: str) -> None:
    (problem,) = namespaces.problems_of_stack_name(name)
    assert problem == (
        f"stack: expected at most 55 of a–z, 0–9 and inner hyphens, for the namespace emotion-NAME, "
        f'got "{name}"; create the stack anew: pulumi stack init NAME'
    )


@pytest.mark.parametrize("name", ["monitoring", "metrics-server", "gateway", "keda", "vpa"])
def test_a_stack_cannot_take_a_namespace_of_the_platform(name: str) -> None:
    (problem,) = namespaces.problems_of_stack_name(name)
    taken = "monitoring, metrics-server, gateway, keda, vpa"
    assert problem.startswith(f"stack: expected a name other than {taken}, got")
