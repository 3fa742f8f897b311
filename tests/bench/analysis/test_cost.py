"""Prices, and the cost of a million requests."""

from dataclasses import replace
from pathlib import Path

import pytest

from bench.analysis import cost
from bench.analysis.capacities import capacity
from bench.analysis.cells import Cell
from bench.analysis.cost import Cost, Prices
from bench.errors import ReadError
from bench.records.parts import CONFIRM
from bench.records.run import Summary
from tests.bench.analysis.made import cell, held, made, pod

FINE = "currency: USD, coreHour: 1, gibHour: 1, source: s"
PRICES = Prices("EUR", 0.036, 0.0036, "somebody's")


def charged(runs: list[Summary]) -> Cost | None:
    one: Cell = cell(*runs)
    return cost.cost(one, capacity(one), PRICES)


def holding(settings: dict[str, object], pods: int = 1) -> list[Summary]:
    """100 requests/s confirmed, by pods that took 10 CPU seconds for 1,000 requests each."""
    used = tuple(pod(f"pod-{number}", 1000, 10.0) for number in range(pods))
    return [replace(run, settings=settings, pods=used) for run in held(1, 100)]


def test_a_million_requests_cost_what_the_pods_request_for_as_long() -> None:
    found = charged(holding({"replicas": 2, "resources": {"cpuRequest": "500m", "memoryRequest": "1Gi"}}))
    assert found is not None
    hours = 1e6 / 100 / 3600
    assert (found.pods, found.cores, found.gib) == (2, 1.0, 2.0)
    assert found.requested == pytest.approx(hours * (1.0 * 0.036 + 2 * 0.0036))


def test_by_use_it_costs_the_cpu_seconds_and_the_memory() -> None:
    found = charged(holding({"resources": {"memoryRequest": "1Gi"}}))
    assert found is not None
    assert found.used == pytest.approx(10_000 / 3600 * 0.036 + 1e6 / 100 / 3600 * 0.0036)


def test_an_autoscaled_stack_pays_for_the_pods_that_ran() -> None:
    found = charged(holding({"autoscaling": {"maxReplicas": 4}}, pods=3))
    assert found is not None
    assert found.pods == 3


def test_what_holds_no_rate_has_no_cost() -> None:
    assert charged([made()]) is None
    assert charged([run for run in held(1, 100) if run.part != CONFIRM]) is None


def test_the_prices_that_come_along_are_readable_and_tell_whose_they_are() -> None:
    found = cost.read(cost.DEFAULT)
    assert found.core_hour > found.gib_hour > 0
    assert found.source


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("coreHour: 1", "expected the keys currency, coreHour, gibHour, source and maybe node, got coreHour"),
        ("[1]", "expected the keys currency, coreHour, gibHour, source and maybe node, got list"),
        (f"{{{FINE}, nodes: 1}}", "and maybe node, got currency, coreHour, gibHour, source, nodes"),
        (f"{{{FINE}, node: {{cpu: 4}}}}", "expected the keys name, cpu, memory, hour, got cpu"),
        (
            f"{{{FINE}, node: {{name: n, cpu: 4, memory: 16, hour: 1}}}}",
            "node: expected cpu and memory as Kubernetes writes them: write 16Mi",
        ),
        ("a: [", "expected a YAML file"),
        (
            "{currency: USD, coreHour: cheap, gibHour: 1, source: s}",
            "coreHour: expected 0–1000 an hour, got 'cheap'",
        ),
        ("{currency: USD, coreHour: 1, gibHour: -1, source: s}", "gibHour: expected 0–1000 an hour, got -1"),
    ],
)
def test_bad_prices_are_one_clear_line(tmp_path: Path, text: str, told: str) -> None:
    file = tmp_path / "prices.yaml"
    file.write_text(text)
    with pytest.raises(ReadError) as error:
        cost.read(file)
    assert told in str(error.value)
    assert "\n" not in str(error.value)


def test_prices_that_are_not_there_are_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match=r"--prices: expected a YAML file, got .*none\.yaml"):
        cost.read(tmp_path / "none.yaml")
