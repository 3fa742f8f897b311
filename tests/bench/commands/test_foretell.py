"""What a forecast says before anything is deployed: whether a step is one that tells stacks apart."""

from bench.commands import foretell
from bench.records.estimates import Estimate
from bench.records.forecast import SCHEMA, Forecast, Foretold, Left

NONE = Estimate(0.0, None, None)


def foretold(arm: str, recovered: float | None, never: int, beyond: float) -> Foretold:
    after = None if recovered is None else Estimate(recovered, None, None)
    late = Estimate(beyond, None, None)
    return Foretold(arm, "tensorflow", "HPA", after, never, None, 7133.4, late, NONE, {})


def test_a_line_for_each_arm_says_when_it_recovers_and_what_is_late() -> None:
    arms = foretold("one", None, 20, 6405.4), foretold("hpa", 42.5, 0, 2507.2), foretold("keda", 9, 3, 81)
    made = Forecast(SCHEMA, "2026", 0, 20, (), arms, (Left("later", "not measured"),))
    late = "requests beyond the objective"
    assert list(foretell.as_text(made)) == [
        f"  foretold one: in 20 of 20 not recovered, 6,405 of 7,133 {late}",
        f"  foretold hpa: recovered after 42 s, 2,507 of 7,133 {late}",
        f"  foretold keda: recovered after 9 s, in 3 of 20 not recovered, 81 of 7,133 {late}",
        "  not foretold later: not measured",
    ]
