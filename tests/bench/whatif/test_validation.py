"""The predictions beside the steps that were measured: docs/whatif.md holds this very table."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from statistics import fmean

import pytest

from bench.analysis import cost
from bench.analysis.forecasts import forecasts
from bench.analysis.recovery import Recovery
from bench.experiment.plan import FULL, Size, draw
from bench.load import plan as sending
from bench.load import profiles
from bench.records.estimates import over_runs
from bench.records.events import OUT
from bench.records.experiment import USUAL
from bench.report.words import estimate, number
from bench.whatif import candidates, forecasting, measured, ranking
from bench.whatif.forecasting import Known
from bench.whatif.measured import MEASURED, Given, Source
from bench.whatif.outcome import decisions
from bench.whatif.ranking import Forecast, Played
from bench.whatif.simulation import World
from stack import settings
from stack.files import ROOT, path, stack_settings

DOC = (ROOT / "docs" / "whatif.md").read_text()
PRICES = cost.read(cost.DEFAULT)


@dataclass(frozen=True)
class Case:
    """A measured step: of which stack, to which rate, for how long before, at and after it."""

    stack: str
    rate: float
    seconds: tuple[float, float, float]


CASES = (
    Case("tf-hpa-plain", 240, (60, 90, 60)),
    Case("tf-hpa-headroom", 240, (60, 90, 60)),
    Case("torch-hpa", 110, (60, 120, 360)),
    Case("tf-hpa", 160, (60, 90, 360)),
)


@pytest.fixture(scope="module")
def sources() -> tuple[Source, ...]:
    return tuple(measured.read(each, PRICES) for each in MEASURED)


def predicted(case: Case, sources: tuple[Source, ...]) -> Forecast:
    (candidate,) = candidates.of(stack_settings(path(case.stack)), [])
    (server,) = candidate.settings.servers
    known = measured.figures(sources, case.stack, candidate.settings, server, Given())
    load = profiles.stepping(case.rate, case.seconds)
    how = Played(load, 10, 0, World(connections=sending.connections(load)))
    return ranking.forecast(candidate, known, how, ranking.dues(how), PRICES)


def found(case: Case, sources: tuple[Source, ...]) -> list[Recovery]:
    return [
        each
        for source in sources
        for each in source.found.recoveries
        if each.cell == case.stack and each.rates[1] == case.rate
    ]


def cells(case: Case, sources: tuple[Source, ...]) -> Iterator[str]:
    """A row: predicted and measured, of each figure."""
    made, seen = predicted(case, sources), found(case, sources)
    yield f"`{case.stack}`, {case.rate:g}/s, {len(seen)} measured"
    yield estimate(made.recovered[0])
    yield estimate(over_runs([each.recovered for each in seen if each.recovered is not None]))
    yield number(_decided(made, case))
    yield number(_mean([each.out[OUT] for each in seen if OUT in each.out]))
    yield f"{100 * made.late_share:.1f} %"
    yield f"{100 * fmean(each.violating_requests / each.requests for each in seen):.1f} %"


def _decided(made: Forecast, case: Case) -> float | None:
    """Seconds from the step to the decision, of the playings in which there was one."""
    times = (decisions(each.moments, made.candidate.scaler) for each in made.outcomes)
    first = [next((at for at, _ in each if at >= case.seconds[0]), None) for each in times]
    return _mean([at - case.seconds[0] for at in first if at is not None and at < sum(case.seconds[:2])])


def _mean(values: list[float]) -> float | None:
    return fmean(values) if values else None


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stack)
def test_the_error_that_the_page_tells_is_that_of_this_code(case: Case, sources: tuple[Source, ...]) -> None:
    row = f"| {' | '.join(cells(case, sources))} |"
    assert row in DOC.splitlines(), row


def test_the_hits_that_the_page_tells_are_those_of_this_code(sources: tuple[Source, ...]) -> None:
    kept = next(each.found for each in sources if each.name == "docs/results/steps")
    raw = {name: stack_settings(path(name)) for name in ("tf-hpa-plain", "tf-hpa-headroom")}
    read = {name: settings.read(each) for name, each in raw.items()}
    plan = draw("steps", read, Size(5, 0, replace(FULL, step_rate=240)), kept.conditions.first)
    told = forecasting.forecast(plan, raw, Known(sources, PRICES), kept.conditions.first)
    found = forecasts(told, kept.recoveries, kept.conditions.first, USUAL)
    assert found
    steps = [each for arm in found.compared for each in arm.steps]
    hits = [sum(each.recovery_hit for each in steps), sum(each.beyond_hit for each in steps)]
    both = sum(each.recovery_hit and each.beyond_hit for each in steps)
    flat = " ".join(DOC.split())
    recoveries = f"{hits[0]} of the {len(steps)} recoveries would have been hit"
    requests = f"{hits[1]} of the {len(steps)} requests beyond the objective"
    assert f"{recoveries}, {requests}, both in {both} step" in flat
