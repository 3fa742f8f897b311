"""Stacks of an experiment, on a backend of real Pulumi: made and removed only where they were not there."""

import json

import pytest

from bench.subject.pulumi import initialised
from stack import files, pulumi
from tests.backend import pristine

STACK = pristine()


def names() -> list[str]:
    return [each["name"] for each in json.loads(pulumi.ask("stack", "ls", "--json"))]


pytestmark = pytest.mark.usefixtures("backend")


def test_a_stack_that_was_not_there_is_removed_at_the_end_and_its_file_stays() -> None:
    before = files.path(STACK).read_bytes()
    with initialised(STACK):
        assert names() == [STACK]
        assert files.path(STACK).read_bytes() == before
    assert names() == []
    assert files.path(STACK).read_bytes() == before


def test_a_stack_that_was_there_stays() -> None:
    pulumi.ensure(STACK)
    with initialised(STACK):
        pass
    assert names() == [STACK]
