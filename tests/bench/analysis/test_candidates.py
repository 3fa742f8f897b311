"""Which stacks of an experiment can be sized, and what bounds them."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from bench.analysis import stored
from bench.analysis.analysis import Analysis, Row
from bench.analysis.candidates import Candidate, Unmeasured, candidates, sets
from bench.analysis.capacities import Capacity
from bench.analysis.conditions import Voided
from bench.errors import ReadError
from bench.records.estimates import Estimate
from bench.records.parts import SEARCH
from stack import files, settings

FULL = stored.read(files.ROOT / "docs" / "results" / "full" / "report.json")


def only(found: Analysis, cell: str) -> Candidate | Unmeasured:
    return next(each for each in candidates(found) if each.stack == cell)


def with_row(cell: str, change: Callable[[Row], Row], found: Analysis = FULL) -> Analysis:
    return replace(found, rows=tuple(change(row) if row.cell == cell else row for row in found.rows))


def blocks(*rates: float) -> Capacity:
    spread = Estimate(sum(rates) / len(rates), min(rates), max(rates)) if len(rates) > 1 else None
    return Capacity(dict(enumerate(rates, 1)), (), spread or Estimate(rates[0], None, None))


@pytest.mark.parametrize("row", [row for row in FULL.rows if row.competes], ids=lambda row: row.cell)
def test_what_a_report_keeps_of_a_stack_is_the_stack_again(row: Row) -> None:
    raw = files.stack_settings(files.path(row.stack))
    kept = {key: value for key, value in raw.items() if key != "variant"}
    assert settings.read(sets(row)) == settings.read(kept)


def test_twins_and_arms_through_port_forward_are_no_candidates() -> None:
    assert {each.stack for each in candidates(FULL)} == {row.cell for row in FULL.rows if row.competes}


def test_what_holds_nothing_cannot_be_sized_and_no_command_would_help() -> None:
    found = only(FULL, "torch-batch")
    assert found == Unmeasured(
        "torch-batch", "holds no rate within the objective, so no number of pods would"
    )


@pytest.mark.parametrize(
    ("capacity", "told"),
    [
        (None, "not measured: its capacity was not searched"),
        (blocks(300.0), "not measured: one block tells no interval"),
        (blocks(0.0, 300.0), "held no rate in some block"),
    ],
)
def test_a_capacity_without_its_interval_is_not_measured(capacity: Capacity | None, told: str) -> None:
    found = only(with_row("tf-threads", lambda row: replace(row, capacity=capacity)), "tf-threads")
    assert found == Unmeasured("tf-threads", told, "python -m bench all tf-threads --experiment tf-threads")


def test_without_an_a_a_pair_the_noise_is_not_known() -> None:
    found = only(replace(FULL, noise=()), "tf-threads")
    assert isinstance(found, Unmeasured)
    assert found.why == "not measured: no pair of identical stacks tells the noise"


def test_a_pod_had_its_part_of_the_machine_or_its_limit_if_less() -> None:
    def cores(cell: str, found: Analysis = FULL) -> float:
        each = only(found, cell)
        assert isinstance(each, Candidate)
        return each.cores

    others = FULL.conditions.others_share
    assert others is not None
    assert cores("tf-default") == pytest.approx(2 * (1 - others))
    assert cores("torch-replicas") == pytest.approx(2 * (1 - others) / 2)
    far = replace(FULL, conditions=replace(FULL.conditions, same_machine=0))
    assert cores("tf-default", far) == 2.0
    assert cores("tf-hpa", far) == 1.0


def limit(found: Analysis, cell: str) -> str:
    each = only(found, cell)
    assert isinstance(each, Candidate)
    return each.limit


def using(cpu_per_1000: float) -> Callable[[Row], Row]:
    """Of about 383 requests/s."""

    def change(row: Row) -> Row:
        loads = (
            replace(load, usage=load.usage and replace(load.usage, cpu_per_1000=cpu_per_1000))
            for load in row.loads
        )
        return replace(row, loads=tuple(loads))

    return change


def test_a_generator_that_ends_trials_in_every_block_is_the_limit() -> None:
    assert limit(FULL, "tf-batch-tuned").startswith("generator: in every block")
    late = Voided("tf-default", "run", SEARCH, 1, ("the generator sent late: lag p99 7 ms > 5 ms",))
    once = replace(FULL, void=(late,))
    assert limit(once, "tf-default").startswith("node: ")
    always = replace(FULL, void=tuple(replace(late, block=block) for block in (1, 2, 3)))
    assert limit(always, "tf-default").startswith("generator: ")


def test_what_was_used_up_is_the_limit() -> None:
    assert limit(FULL, "tf-default") == (
        "node: pods used 1.30 of the 1.45 cores that generator and others left"
    )
    assert limit(with_row("tf-default", using(4.5)), "tf-default") == (
        "a pod's CPU limit: 1.72 of 2 cores used"
    )
    assert limit(with_row("tf-default", using(1.0)), "tf-default").startswith("threads, workers or batches: ")
    nothing = with_row(
        "tf-default", lambda row: replace(row, loads=tuple(replace(load, usage=None) for load in row.loads))
    )
    assert limit(nothing, "tf-default").startswith("not measured: ")


def test_settings_of_another_version_are_one_clear_line() -> None:
    odd = with_row("tf-threads", lambda row: replace(row, differs={"warpFactor": "9"}))
    with pytest.raises(ReadError) as error:
        candidates(odd)
    assert str(error.value).startswith(
        "tf-threads: its settings are of another version: tensorflow.warpFactor"
    )
    assert "\n" not in str(error.value)
