"""Several generators' samples are one load: the same figures as of one that sent them all."""

from dataclasses import replace
from pathlib import Path

import pytest

from bench.load.outcome import Outcome
from bench.load.plan import Plan
from bench.records.profile import Open, Phase
from bench.records.run import Generator
from bench.records.samples import Sample, Tail
from bench.segments.merge import Heard, Placed, together
from bench.segments.placement import Node
from bench.segments.told import Ended, Place
from bench.trial import summarise
from bench.trial.guards import Conditions, generator_limit, void
from tests.bench.loads import outcome, plan

LOAD = Open((Phase(40.0, 10.0), Phase(80.0, 10.0)))
COUNT = 3
NODES = {name: Node(name, 4.0, open=True) for name in ("a", "b")}
FINE = Conditions(True, False, {}, {}, ())


def answered(load: Plan) -> list[Sample]:
    """Every request of a plan, each with a latency and a lag of its own; some fail."""
    return [
        Sample(
            number,
            due,
            due - 1,
            round(due + number % 7 / 10, 3),
            round(due + 9 + number % 31, 3),
            503 if number % 50 == 9 else 200,
            photo,
        )
        for number, (due, photo) in enumerate(load.schedule())
    ]


def heard(parts: list[list[Sample]], folder: Path) -> Heard:
    """As from the pods' own lines."""
    files = [folder / str(number) for number in range(len(parts))]
    for file, part in zip(files, parts, strict=True):
        lines = (
            ",".join([str(s.number), *(f"{t:.3f}" for t in s[1:5]), str(s.status), str(s.photo)])
            for s in part
        )
        file.write_text("".join(f"{line}\n" for line in lines))
    found = Heard([Tail(file) for file in files])
    found.listen()
    return found


def placed(index: int, node: str, *, beside: bool = False, cpu_seconds: float = 0.4, code: int = 0) -> Placed:
    ended = Ended(code, cpu_seconds, "out of memory" if code else "")
    return Placed(Place(index, f"load-{index}", node, False, ended, "", ""), NODES.get(node), beside, 0.012)


def shared(folder: Path, *places: Placed, late: float = 0.0) -> Outcome:
    """The load in segments, of which the second sends everything so many ms later."""
    load, count = plan(LOAD), len(places)
    parts = [answered(load)[index::count] for index in range(count)]
    parts[1] = [each._replace(sent=each.sent + late, ended=each.ended + late) for each in parts[1]]
    return together(load, places, heard(parts, folder), start=1_000.0)


def fleet(*, beside: bool = False, cpu_seconds: float = 0.4) -> list[Placed]:
    nodes = ("a", "b", "b")
    return [
        placed(index, node, beside=beside and node == "b", cpu_seconds=cpu_seconds)
        for index, node in enumerate(nodes)
    ]


def test_segments_of_a_load_have_the_figures_of_one_generator_that_sent_it_all(tmp_path: Path) -> None:
    one, many = outcome(answered(plan(LOAD)), LOAD), shared(tmp_path, *fleet())
    assert sorted(many.samples) == sorted(one.samples)
    for within in (None, 20.0):
        assert summarise.total(many, within) == summarise.total(one, within)
        assert summarise.phases(many, within) == summarise.phases(one, within)
    assert summarise.little(many) == summarise.little(one)
    made, alone = (summarise.generator(each, "k6", 4) for each in (many, one))
    for name in ("connections", "lag_p50", "lag_p99", "waited", "dropped"):
        assert getattr(made, name) == getattr(alone, name), name


def test_the_samples_of_all_are_in_the_order_of_their_answers(tmp_path: Path) -> None:
    ended = [each.ended for each in shared(tmp_path, *fleet()).samples]
    assert ended == sorted(ended)


def test_a_request_that_no_segment_sent_is_missed(tmp_path: Path) -> None:
    load = plan(LOAD)
    parts = [answered(load)[:100], answered(load)[101:]]
    found = together(load, fleet()[:2], heard(parts, tmp_path), 0.0)
    assert summarise.generator(found, "k6", 4).dropped == 1


def test_each_segment_tells_its_place_and_what_it_took(tmp_path: Path) -> None:
    made = summarise.generator(shared(tmp_path, *fleet()), "k6", cpus=2)
    assert made.name == "grafana/k6:1.8.1"
    assert [each.node for each in made.segments] == ["a", "b", "b"]
    assert sum(each.requests for each in made.segments) == len(plan(LOAD).schedule())
    assert {each.clock_millis for each in made.segments} == {12.0}
    assert made.segments[0].cpu_share == pytest.approx(0.4 / (21 * 4), rel=0.05)
    assert made.cpu_seconds == pytest.approx(1.2)


def test_a_segment_that_sends_late_voids_the_load_though_all_together_do_not(tmp_path: Path) -> None:
    late = shared(tmp_path, *fleet(), late=0.9)
    made = summarise.generator(late, "k6", 4)
    (reason,) = void(late, made, None, FINE)
    assert reason == "the generator of segment 2 (node b) sent late: lag p99 1.5 ms > 1 ms"


@pytest.mark.parametrize(("beside", "reasons"), [(False, 0), (True, 1)])
def test_generators_may_take_a_node_that_serves_nothing(tmp_path: Path, beside: bool, reasons: int) -> None:
    load = shared(tmp_path, *fleet(beside=beside, cpu_seconds=6.0))
    made = summarise.generator(load, "k6", 4)
    found = generator_limit(made, FINE.bounds)
    assert len(found) == reasons
    assert not found or found[0].startswith("the generator took 14% of a server's node's CPU"), "both on it"


def test_a_generator_that_fails_is_named_by_its_place(tmp_path: Path) -> None:
    killed = [*fleet()[:2], placed(2, "b", code=137)]
    assert shared(tmp_path, *killed).fault == "generator 3 of 3 on node b ended with code 137: out of memory"
    gone = [*fleet()[:2], replace(killed[2], place=replace(killed[2].place, ended=None))]
    assert shared(tmp_path, *gone).fault == "generator 3 of 3 on node b is gone, or did not end"


def test_generators_that_were_told_to_end_did_not_fail(tmp_path: Path) -> None:
    load = plan(LOAD)
    parts = heard([answered(load)[:50], answered(load)[50:90]], tmp_path)
    parts.stopped = True
    found = together(load, [placed(0, "a", code=105), placed(1, "b", code=105)], parts, 0.0)
    assert (found.fault, found.stopped, found.cut_short) == ("", True, True)


def test_one_generator_has_no_segments() -> None:
    made: Generator = summarise.generator(outcome(), "k6 v1", 2)
    assert (made.name, made.segments) == ("k6 v1", ())
