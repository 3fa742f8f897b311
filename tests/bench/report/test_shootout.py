"""The report of a shoot-out: the order, the goal, a timeline for each way, and the forecast beside it."""

from dataclasses import replace
from pathlib import Path

import pytest

from bench.analysis import cost
from bench.analysis.analysis import analyse
from bench.analysis.cells import cells
from bench.records import store
from bench.records.estimates import Estimate
from bench.records.forecast import SCHEMA, Forecast, Foretold, Left
from bench.report.document import Section
from bench.report.plots import canvas
from bench.report.sections.answer import verdict
from bench.report.sections.material import Material
from bench.report.sections.scaling import autoscaling


def foretold(arm: str, recovered: float, beyond: float) -> Foretold:
    again, some = Estimate(recovered, recovered - 5, recovered + 5), Estimate(beyond, None, None)
    return Foretold(arm, "tensorflow", "HPA", again, 0, None, 6000.0, some, some, {})


@pytest.fixture(scope="module")
def material(shoot_out: Path) -> Material:
    told = Forecast(
        SCHEMA,
        "2026-11-20T10:00:01+00:00",
        0,
        20,
        ("docs/results/full, measured 2026-11-25",),
        (foretold("tf-hpa-plain", 40.0, 3000.0), foretold("tf-two-700m", 0.0, 60.0)),
        (Left("tf-vpa-700m", "expected one that changes the number of pods"),),
    )
    evidence = replace(store.read(shoot_out), forecast=told)
    return Material(analyse(evidence, cost.read(cost.DEFAULT)), cells(evidence))


@pytest.fixture(scope="module")
def section(material: Material) -> Section:
    with canvas.style():
        return autoscaling(material)


def test_the_verdict_names_the_first_and_whether_the_goal_is_met(material: Material) -> None:
    first, said, *_ = verdict(material).says
    assert "has the fewest requests beyond the objective" in first
    assert said.startswith("**The goal is met")
    assert (
        "recovers within 10 s, with at most 25 % of the requests beyond the objective that tf-hpa-plain"
        in said
    )
    assert "`tf-hpa-headroom` keeps the objective again after 0.00 [0.00, 0.00] s, with 0." in said


def test_what_chance_allows_a_forecast_is_said_where_its_playings_are_kept(material: Material) -> None:
    told = material.found.forecasts
    assert told
    assert not any("own playings" in each for each in verdict(material).says)
    known = replace(material.found, forecasts=replace(told, chance=0.625))
    said = " ".join(verdict(replace(material, found=known)).says)
    assert "Were the forecast's own playings the steps, it would hit 62.5 % of them" in said


def test_every_step_says_how_many_pods_it_began_with(section: Section) -> None:
    table = section.tables[-1]
    column = table.head.index("pods as it begins")
    began = {row[0]: row[column] for row in table.rows}
    assert (began["`tf-hpa-plain`"], began["`tf-hpa-headroom`"]) == ("1", "2")


def test_the_forecast_is_judged_and_what_was_not_foretold_is_named(material: Material) -> None:
    said = " ".join(verdict(material).says)
    assert "**The forecast missed its goal**" in said
    assert "of 4 steps" in said
    assert "`tf-vpa-700m` was not foretold: expected one that changes the number of pods." in said


def test_every_way_has_a_row_and_a_timeline_in_order(section: Section) -> None:
    ranked, told, each = section.tables
    names = [row[0] for row in ranked.rows]
    assert len(names) == 6
    assert names[-1] == "`tf-one-700m`"
    assert [f"`{plot.name.removeprefix('autoscaling-')}`" for plot in section.plots] == names
    assert ranked.rows[-1][3] == "2 not in time"
    assert [row[0] for row in told.rows] == ["`tf-hpa-plain`", "`tf-two-700m`"]
    assert "Foretold 2026-11-20T10:00:01+00:00 from docs/results/full" in told.caption
    assert len(each.rows) == 12
    assert "more CPU in effect, s" in each.head


def test_the_rule_is_stated_as_it_was_kept(section: Section) -> None:
    (note,) = section.notes
    assert "no 2 in a row are beyond" in note
    assert "This rule was kept in the plan before the first visit." in note


def test_the_timeline_of_a_pod_that_grows_shows_the_cores_that_it_requests(section: Section) -> None:
    (vpa,) = [plot for plot in section.plots if plot.name == "autoscaling-tf-vpa-700m"]
    (hpa,) = [plot for plot in section.plots if plot.name == "autoscaling-tf-hpa-plain"]
    assert "cores requested" in vpa.svg
    assert "more CPU in effect" in vpa.svg
    assert "cores requested" not in hpa.svg
