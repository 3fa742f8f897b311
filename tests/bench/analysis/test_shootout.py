"""Ways to scale beside each other, by the rule that was fixed before."""

from dataclasses import replace
from pathlib import Path

import pytest

from bench.analysis import cost
from bench.analysis.analysis import Analysis, analyse
from bench.analysis.forecasts import beyond_hit, forecasts
from bench.analysis.recovery import area, flaps
from bench.analysis.shootout import Scaled
from bench.records import store
from bench.records.estimates import Estimate
from bench.records.events import GROW, IN, OUT, SHRINK, Event, Held
from bench.records.experiment import Rule
from bench.records.forecast import SCHEMA, Forecast, Foretold, Left, Playing
from tests.bench import steps

PRICES = cost.read(cost.DEFAULT)


@pytest.fixture(scope="module")
def found(shoot_out: Path) -> Analysis:
    return analyse(store.read(shoot_out), PRICES)


def of(found: Analysis, cell: str) -> Scaled:
    return next(each for each in found.ranking if each.cell == cell)


def decisions(*whats: tuple[float, str]) -> tuple[Event, ...]:
    return tuple(Event(at, "x", what, "") for at, what in whats)


def test_every_way_is_ranked_by_the_requests_beyond_the_objective(found: Analysis) -> None:
    order = [each.cell for each in found.ranking]
    assert set(order) == set(steps.WAYS)
    assert set(order[:2]) == {"tf-two-700m", "tf-hpa-headroom"}
    assert order[2:] == ["tf-keda-700m", "tf-vpa-700m", "tf-hpa-plain", "tf-one-700m"]
    assert [of(found, each).scaler for each in order[2:]] == ["keda", "vpa", "hpa", "fixed"]


def test_a_pod_that_grows_is_timed_as_one_that_comes(found: Analysis) -> None:
    vpa, keda = of(found, "tf-vpa-700m"), of(found, "tf-keda-700m")
    for each, after in ((vpa, 15.0), (keda, 10.0)):
        assert each.detected and each.decided and each.ready
        assert (each.detected.value, each.decided.value) == (after - 8, after - 6)
    assert vpa.ready and vpa.ready.value == 15.0
    assert keda.ready and keda.ready.value == 9.0


def test_what_never_scales_has_no_decision_and_may_never_recover(found: Analysis) -> None:
    one = of(found, "tf-one-700m")
    assert (one.decided, one.scaled, one.recovered, one.never, one.steps) == (None, 0, None, 2, 2)


def test_pods_and_the_cpu_that_they_request_are_counted_over_the_whole_load(found: Analysis) -> None:
    one, two, vpa = (of(found, f"tf-{name}-700m") for name in ("one", "two", "vpa"))
    seconds, first = sum(steps.SECONDS), steps.SECONDS[0] + 9
    assert [each.pod_seconds and each.pod_seconds.value for each in (one, two, vpa)] == [
        *(seconds, 2 * seconds, seconds)
    ]
    assert one.core_seconds and one.core_seconds.value == pytest.approx(0.35 * seconds, abs=0.1)
    assert vpa.core_seconds and vpa.core_seconds.value == pytest.approx(0.7 * seconds - 0.35 * first, abs=0.1)


def test_a_flap_is_a_decision_against_the_one_before_under_the_same_rate(found: Analysis) -> None:
    assert of(found, "tf-keda-700m").flaps.value == 2
    turns = (60.0, 150.0)
    assert flaps(decisions((70, OUT), (160, IN)), turns) == 0, "the load itself turned"
    assert flaps(decisions((5, OUT), (70, IN)), turns) == 0, "what came before the step is not the step's"
    assert flaps(decisions((70, GROW), (80, SHRINK), (90, GROW), (95, GROW)), turns) == 2


def test_the_goal_compares_the_best_other_autoscaler_with_the_first_hpa(found: Analysis) -> None:
    assert found.rule and found.rule.default == "tf-hpa-plain"
    assert found.goal and found.goal.best == "tf-hpa-headroom"
    assert found.goal.met
    assert found.goal.ratio and found.goal.ratio.value < 0.25


def test_a_kept_rule_decides_whatever_is_usual_today(shoot_out: Path) -> None:
    evidence = store.read(shoot_out)
    assert evidence.experiment
    strict = replace(
        evidence.experiment, rule=Rule("tf-hpa-plain", in_a_row=1, goal_seconds=0.0, goal_share=0.0)
    )
    found = analyse(replace(evidence, experiment=strict), PRICES)
    assert found.rule == strict.rule
    assert found.goal and not found.goal.met


def test_a_plan_without_a_rule_is_judged_by_todays_and_has_no_goal(shoot_out: Path, found: Analysis) -> None:
    evidence = store.read(shoot_out)
    assert evidence.experiment
    old = analyse(replace(evidence, experiment=replace(evidence.experiment, rule=None)), PRICES)
    assert (old.rule, old.goal) == (None, None)
    assert old.recoveries == found.recoveries


def test_nothing_is_added_up_of_pods_that_nobody_followed() -> None:
    assert area((), 10.0, lambda each: each.cores) is None
    assert area((Held(-5.0, 1, 1, 0.5), Held(8.0, 2, 1, 1.0)), 10.0, lambda each: each.cores) == 6.0


def told(arm: str, recovered: float | None, beyond: float) -> Foretold:
    again = None if recovered is None else Estimate(recovered, None, None)
    never = 20 if recovered is None else 0
    some = Estimate(beyond, None, None)
    return Foretold(arm, "tensorflow", "HPA", again, never, None, 1000.0, some, some, {})


@pytest.mark.parametrize(
    ("recovered", "beyond", "hits"),
    [
        (0.0, 1.0, (True, True)),
        (6.0, 1.0, (False, True)),
        (5.0, 1.4, (True, False)),
        (None, 1.0, (False, True)),
    ],
)
def test_a_step_is_hit_within_the_rules_bounds(
    found: Analysis, recovered: float | None, beyond: float, hits: tuple[bool, bool]
) -> None:
    two = next(each for each in found.recoveries if each.cell == "tf-two-700m")
    assert two.recovered == 0
    forecast = Forecast(
        SCHEMA,
        "2026-11-20T09:00:00+00:00",
        0,
        20,
        ("made",),
        (told("tf-two-700m", recovered, beyond * two.violating_requests),),
        (Left("tf-vpa-700m", "not played"),),
    )
    made = forecasts(forecast, found.recoveries, found.conditions.first, Rule())
    assert made and made.before
    step = next(each for each in made.compared[0].steps if each.block == two.block)
    assert (step.recovery_hit, step.beyond_hit) == hits


def test_few_requests_beyond_the_objective_are_hit_by_a_share_of_all_where_the_plan_says_so() -> None:
    floor = Rule(forecast_floor=0.01)
    assert [beyond_hit(each, 10, 1000, Rule()) for each in (7, 13, 0, 20)] == [True, True, False, False]
    assert [beyond_hit(each, 10, 1000, floor) for each in (0, 20, 20.1)] == [True, True, False]
    assert floor.near == ("within 25 % or 5 s", "within 30 % or 1 % of all")


def test_what_chance_allows_is_told_by_the_forecasts_own_playings(found: Analysis) -> None:
    own = (Playing(40.0, 100), Playing(44.0, 120), Playing(80.0, 100), Playing(None, 100))
    two = replace(told("tf-two-700m", 42.0, 100.0), played=own)
    forecast = Forecast(SCHEMA, "2026-11-20T09:00:00+00:00", 0, 4, (), (two,), ())
    made = forecasts(forecast, found.recoveries, found.conditions.first, Rule())
    assert made and made.chance == 0.5, "40 and 44 s are near 42, the other two are not"
    older = forecasts(
        replace(forecast, foretold=(replace(two, played=()),)),
        found.recoveries,
        found.conditions.first,
        Rule(),
    )
    assert older and older.chance is None


def test_that_a_step_is_not_over_in_time_is_hit_by_saying_so(found: Analysis) -> None:
    forecast = Forecast(SCHEMA, "2026-11-30T09:00:00+00:00", 0, 20, (), (told("tf-one-700m", None, 9e9),), ())
    made = forecasts(forecast, found.recoveries, found.conditions.first, Rule())
    assert made
    assert (made.recovery_share, made.beyond_share, made.met) == (1.0, 0.0, False)
    assert not made.before, "it was made after the first step"
