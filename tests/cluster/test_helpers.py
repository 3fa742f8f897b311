"""What the helpers of the live tests never do. These tests themselves need no cluster."""

import pytest

from stack import pulumi
from tests.cluster import variants


@pytest.mark.usefixtures("backend")
def test_a_stack_of_somebody_else_is_not_touched() -> None:
    pulumi.ensure("somebodys")
    with pytest.raises(AssertionError, match="already exists"), variants.initialised("somebodys"):
        pytest.fail("the block must not begin")
    assert "somebodys" in pulumi.ask("stack", "ls", "--json")
