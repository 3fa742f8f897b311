"""What a deployed stack tells is read as values, whatever deployed it."""

from dataclasses import asdict, replace

import pytest

from stack import outputs, settings
from tests.bench import scenes


def test_the_prose_of_a_stack_file_is_for_its_readers_only() -> None:
    told = replace(scenes.outputs(), settings={"replicas": 2, "variant": {"thesis": 1, "saw": "a flat line"}})
    assert outputs.decode(asdict(told)).settings == {"replicas": 2}


def test_results_that_still_hold_the_prose_are_read() -> None:
    assert settings.read({"replicas": 2, "variant": {"saw": "a flat line"}}).replicas == 2


def test_outputs_of_an_older_program_ask_for_another_up() -> None:
    with pytest.raises(ValueError, match="run pulumi up again"):
        outputs.decode({"stack": "minikube"})
