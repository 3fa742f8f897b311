"""The dashboards, in the spirit of grafana/dashboard-linter's rules."""

import json
import re
from collections.abc import Callable
from typing import cast

import pytest

from infra.monitoring import dashboards
from stack.queries import DASHBOARD, catalogue
from stack.settings import Slo

RENDERED = dashboards.render(Slo(), with_gateway=True, with_keda=True)
Json = dict[str, object]
SOURCE = {"type": "prometheus", "uid": "prometheus"}


def board(file: str) -> Json:
    return cast("Json", json.loads(RENDERED[file]))


def panels(file: str) -> list[Json]:
    return [panel for panel in cast("list[Json]", board(file)["panels"]) if panel["type"] != "row"]


def targets(panel: Json) -> list[Json]:
    return cast("list[Json]", panel["targets"])


def defaults(panel: Json) -> Json:
    return cast("dict[str, Json]", panel["fieldConfig"])["defaults"]


EVERY_PANEL = [
    pytest.param(panel, id=f"{file.removesuffix('.json')}: {panel['title']}")
    for file in RENDERED
    for panel in panels(file)
]


@pytest.mark.parametrize("file", RENDERED)
def test_every_dashboard_is_as_reviewed(file: str, golden: Callable[[str, str], None]) -> None:
    golden(f"dashboards/{file}", RENDERED[file] + "\n")


def test_rendering_is_repeatable() -> None:
    assert dashboards.render(Slo(), with_gateway=True, with_keda=True) == RENDERED


def test_without_a_gateway_and_keda_there_are_no_dashboards_of_them() -> None:
    assert {*RENDERED} - {*dashboards.render(Slo())} == {"gateway.json", "keda.json"}


@pytest.mark.parametrize("panel", EVERY_PANEL)
def test_every_panel_says_what_it_shows(panel: Json) -> None:
    assert panel["title"]
    assert str(panel["description"]).endswith(".")
    assert defaults(panel)["unit"]
    assert panel["datasource"] == SOURCE


@pytest.mark.parametrize("panel", EVERY_PANEL)
def test_every_target_is_one_of_the_reviewed_queries(panel: Json) -> None:
    known = {query.promql: query for query in catalogue.all_queries(DASHBOARD)}
    asked = targets(panel)
    assert asked
    for target in asked:
        query = known[str(target["expr"])]
        assert query.unit == defaults(panel)["unit"]
        assert (target["legendFormat"], target["datasource"]) == (query.legend, SOURCE)
    assert len({target["refId"] for target in asked}) == len(asked)


@pytest.mark.parametrize("panel", EVERY_PANEL)
def test_rates_follow_grafanas_interval(panel: Json) -> None:
    windows = [
        window for target in targets(panel) for window in re.findall(r"\[(.+?)\]", str(target["expr"]))
    ]
    assert set(windows) <= {"$__rate_interval"}


def test_every_query_is_drawn_somewhere() -> None:
    drawn = {target["expr"] for file in RENDERED for panel in panels(file) for target in targets(panel)}
    assert {query.promql for query in catalogue.all_queries(DASHBOARD)} == drawn


@pytest.mark.parametrize("file", RENDERED)
def test_panels_are_numbered_and_lie_side_by_side(file: str) -> None:
    everything = cast("list[Json]", board(file)["panels"])
    assert [panel["id"] for panel in everything] == list(range(1, len(everything) + 1))
    taken: set[tuple[int, int]] = set()
    for panel in everything:
        place = cast("dict[str, int]", panel["gridPos"])
        assert place["x"] + place["w"] <= 24
        cells = {
            (place["x"] + column, place["y"] + line)
            for column in range(place["w"])
            for line in range(place["h"])
        }
        assert not cells & taken
        taken |= cells


@pytest.mark.parametrize("file", [file for file in RENDERED if file != "node.json"])
def test_a_dashboard_is_of_one_variant_and_its_pods(file: str) -> None:
    variables = cast("dict[str, list[Json]]", board(file)["templating"])["list"]
    assert [(variable["name"], variable["label"]) for variable in variables] == [
        ("namespace", "variant"),
        ("pod", "pod"),
    ]
    assert variables[1]["includeAll"] is True
    assert variables[1]["multi"] is True


@pytest.mark.parametrize(
    ("file", "title"),
    [
        ("tensorflow-serving.json", "Mean latency by pod"),
        ("tensorflow-serving.json", "Mean batch size"),
        ("torchserve.json", "Mean latency"),
        ("torchserve.json", "Mean latency by pod"),
        ("torchserve.json", "Mean batch size"),
    ],
)
def test_the_thesis_panels_are_there(file: str, title: str) -> None:
    (panel,) = [panel for panel in panels(file) if panel["title"] == title]
    assert "The thesis' panel" in str(panel["description"])


def test_the_objective_is_drawn_in_the_unit_of_the_panel() -> None:
    rendered = dashboards.render(Slo(p95_millis=80, error_percent=2))
    steps = re.findall(r'"steps":\[[^\]]*?"value":([\d.]+)', rendered["overview.json"])
    assert set(map(float, steps)) == {80_000.0, 0.02, 1.0, 14.4}  # budget, burn rate
