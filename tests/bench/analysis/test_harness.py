"""Where an experiment's time went."""

import pytest

from bench.analysis.harness import harness
from bench.records import Step


def test_the_harness_takes_what_is_no_load() -> None:
    found = harness(
        [Step(1, "a", "up", "", 30.0), Step(1, "a", "thesis", "", 70.0, 60.0), Step(2, "a", "up", "", 20.0)]
    )
    assert found is not None
    assert found.share == pytest.approx(0.5)
    assert dict(found.rest) == {"up": 50.0, "thesis": 10.0}


def test_failed_steps_are_told() -> None:
    found = harness([Step(2, "b", "up", "", 5.0, fault="no answer")])
    assert found is not None
    assert found.faults == ("block 2, b, up: no answer",)


def test_no_journal_tells_nothing() -> None:
    assert harness([]) is None
