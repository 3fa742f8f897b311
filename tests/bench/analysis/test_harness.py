"""Where an experiment's time went."""

import pytest

from bench.analysis.harness import harness
from bench.records.experiment import Step


def test_the_harness_takes_what_is_no_load() -> None:
    found = harness(
        [Step(1, "a", "up", "", 30.0), Step(1, "a", "thesis", "", 70.0, 60.0), Step(2, "a", "up", "", 20.0)]
    )
    assert found is not None
    assert found.share == pytest.approx(0.5)
    assert dict(found.rest) == {"up": 50.0, "thesis": 10.0}


def test_a_stack_that_goes_while_the_next_comes_counts_where_nothing_else_is_done() -> None:
    found = harness(
        [
            Step(1, "b", "up", "2026-01-01T10:00:00+00:00", 15.0),
            Step(1, "b", "warm-up", "2026-01-01T10:00:15+00:00", 3.0, 3.0),
            Step(1, "a", "destroy", "2026-01-01T10:00:00+00:00", 20.0),
        ]
    )
    assert found is not None
    assert found.total_seconds == 20.0
    assert dict(found.rest) == {"up": 15.0, "warm-up": 0.0, "destroy": 2.0}


def test_failed_steps_are_told() -> None:
    found = harness([Step(2, "b", "up", "", 5.0, fault="no answer")])
    assert found is not None
    assert found.faults == ("block 2, b, up: no answer",)


def test_no_journal_tells_nothing() -> None:
    assert harness([]) is None
