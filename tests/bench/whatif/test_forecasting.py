"""A forecast of every arm of a plan of steps, from what was measured before."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from bench.analysis import cost
from bench.experiment.plan import FULL, Size, draw
from bench.records.experiment import Experiment
from bench.records.forecast import Forecast
from bench.whatif import forecasting, measured
from bench.whatif.forecasting import Known
from bench.whatif.measured import MEASURED
from stack import files, settings

PRICES = cost.read(cost.DEFAULT)
KNOWN = Known(tuple(measured.read(each, PRICES) for each in MEASURED), PRICES, playings=3)
PLAYED = ("tf-one-700m", "tf-two-700m", "tf-hpa-plain", "tf-keda-700m", "tf-vpa-700m")
STACKS = (*PLAYED, "torch-keda", "triton-hpa")
RAW = {name: files.stack_settings(files.path(name)) for name in STACKS}


def plan(seed: int, names: Sequence[str]) -> Experiment:
    read = {name: settings.read(RAW[name]) for name in names}
    return draw("x", read, Size(5, seed, replace(FULL, step_rate=240)), "2026-11-28T12:00:00+00:00")


def made(seed: int = 0, names: Sequence[str] = STACKS) -> Forecast:
    return forecasting.forecast(plan(seed, names), RAW, KNOWN, "2026-11-28T12:00:00+00:00")


@pytest.fixture(scope="module")
def forecast() -> Forecast:
    return made()


def test_every_way_to_scale_is_foretold(forecast: Forecast) -> None:
    told = {each.arm: each for each in forecast.foretold}
    assert tuple(told) == PLAYED
    one, two, plain, _, vpa = (told[name] for name in PLAYED)
    assert (one.recovered, one.not_recovered, one.decided) == (None, forecast.playings, None)
    assert two.recovered and two.recovered.value == 0
    assert two.beyond.value < plain.beyond.value < one.beyond.value
    for each in (plain, vpa):
        assert each.decided and 5 < each.decided.value < 60
    assert two.pod_seconds.value == 2 * one.pod_seconds.value


def test_what_cannot_be_foretold_is_named_with_the_reason(forecast: Forecast) -> None:
    left = {each.arm: each.why for each in forecast.left}
    assert set(left) == {"torch-keda", "triton-hpa"}
    assert left["torch-keda"].startswith("autoscaling.metric: expected requestsInFlight or requestRate")
    assert left["triton-hpa"].startswith("triton: not measured in docs/results/full")


def test_where_its_figures_come_from_is_kept_with_it(forecast: Forecast) -> None:
    assert [each.partition(",")[0] for each in forecast.sources] == [
        f"docs/results/{name}" for name in ("full", "steps", "scale-in")
    ]
    assert "tf-hpa in docs/results/full, at the SLO capacity" in forecast.foretold[0].figures["request's CPU"]
    assert "by the capacity model" in forecast.foretold[0].figures["a pod saturates at"]


def test_the_same_seed_foretells_the_same_and_another_something_else(forecast: Forecast) -> None:
    one, same, other = (made(seed, ["tf-hpa-plain"]).foretold for seed in (0, 0, 1))
    assert one == same
    assert one[0] in forecast.foretold
    assert one != other
