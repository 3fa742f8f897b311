"""Prometheus' ranges as lines: named by their legend, in seconds of the run, numbers only."""

from bench.collect.prometheus import lines, since, wanted
from bench.records.series import Drawn, Line
from stack.settings import Batching, Settings, TensorFlow
from tests.bench.scenes import outputs

RESULTS = [
    {"metric": {"pod": "b"}, "values": [[1000.5, "1.5"], [1010.5, "NaN"], [1020.5, "2"]]},
    {"metric": {"pod": "a"}, "values": [[1000.5, "+Inf"]]},
    {"metric": {}, "values": [[1000.5, "3"]]},
]


def test_lines_have_names_numbers_and_times_of_the_run() -> None:
    assert lines(RESULTS, "{{pod}} p95", 1000.0) == (
        Line(" p95", ((0.5, 3.0),)),
        Line("b p95", ((0.5, 1.5), (20.5, 2.0))),
    )


def test_a_margin_before_the_load_has_negative_times() -> None:
    drawn = Drawn("CPU used", "cores", "up", (Line("a", ((10.0, 1.0), (40.0, 2.0))),))
    assert since(drawn, 30).lines == (Line("a", ((-20.0, 1.0), (10.0, 2.0))),)


def test_only_what_the_stack_can_answer_is_asked() -> None:
    plain = Settings(servers=("tensorflow",))
    batching = Settings(servers=("tensorflow",), tensorflow=TensorFlow(batching=Batching()))
    names = {query.name for query in wanted(outputs(), plain)}
    more = {query.name for query in wanted(outputs(), batching)}
    assert not any(name.startswith("TorchServe") for name in more)
    assert "TensorFlow Serving batch size" in more - names
    assert "CPU throttled" in names
