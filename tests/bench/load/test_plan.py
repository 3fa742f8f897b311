"""A plan turns a profile into what the generator reads."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from bench.errors import LoadError
from bench.load.plan import MOST_BODIES, Check, Plan, by_names, packed, write
from bench.load.profiles import THESIS
from bench.records.profile import Open, Phase


@pytest.mark.parametrize(("rate", "connections"), [(1.0, 20), (100.5, 51), (2000.0, 400)])
def test_connections_follow_the_highest_rate_within_bounds(rate: float, connections: int) -> None:
    assert Plan(Open((Phase(1.0, 5), Phase(rate, 5))), "u", (b"{}",), 0).connections == connections


def test_a_schedule_begins_after_the_lead_and_draws_every_photo() -> None:
    schedule = Plan(Open((Phase(100, 10),)), "u", (b"a", b"b", b"c"), seed=3).schedule()
    assert 1000 <= schedule[0][0] < schedule[-1][0] < 11_000
    assert {photo for _, photo in schedule} == {0, 1, 2}


def test_the_generator_is_told_everything(tmp_path: Path) -> None:
    plan = Plan(Open((Phase(10, 2),)), "http://127.0.0.1:1/", (b"first", b"second"), seed=0, rotate=7)
    told = json.loads(write(plan, plan.schedule(), tmp_path).read_text())
    assert told["kind"] == "scheduled"
    assert told["rotate"] == 7
    assert told["hosts"] == {"one.test": "127.0.0.1", "other.test": "127.0.0.1"}
    assert told["headers"] == {"Content-Type": "application/json", "Host": "127.0.0.1:1"}
    assert told["seconds"] == 3.0, "the lead and the load"
    assert [Path(file).read_bytes() for file in told["bodies"]] == [b"first", b"second"]
    assert len(json.loads(Path(told["arrivals"]).read_text())) == len(plan.schedule())


def test_no_more_connections_are_made_than_requests_are_sent(tmp_path: Path) -> None:
    plan = Plan(Open((Phase(2, 3),)), "http://127.0.0.1:1/", (b"{}",), seed=0)
    schedule = plan.schedule()
    told = json.loads(write(plan, schedule, tmp_path).read_text())
    assert told["connections"] == len(schedule) < plan.connections


def test_a_closed_load_is_users_who_think(tmp_path: Path) -> None:
    plan = Plan(THESIS, "u", (b"{}",), seed=0)
    told = json.loads(write(plan, plan.schedule(), tmp_path).read_text())
    assert (told["kind"], told["connections"], told["think_seconds"]) == ("users", 25, 1.0)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://127.0.0.1:30001/v1", ("http://one.test:30001/v1", "http://other.test:30001/v1")),
        ("http://127.0.0.1/v1", ("http://one.test/v1", "http://other.test/v1")),
        ("https://127.0.0.1:1/", ("https://127.0.0.1:1/",)),
        ("http://emotions.example/", ("http://emotions.example/",)),
    ],
)
def test_an_address_is_asked_by_two_names_so_that_connections_can_be_renewed(
    url: str, expected: tuple[str, ...]
) -> None:
    assert by_names(url) == expected


@pytest.mark.parametrize(("every", "requests"), [(20, 1000), (20, 7), (20, 41), (1, 30)])
def test_one_answer_of_so_many_is_compared_drawn_with_the_seed(every: int, requests: int) -> None:
    plan = Plan(THESIS, "u", (b"{}",), 3, check=Check(every, lambda *_: "right"))
    checked = sorted(plan.checked(requests))
    assert [number // every for number in checked] == list(range(-(-requests // every)))
    assert plan.checked(requests) == set(checked)
    assert every == 1 or requests < 1000 or len({number % every for number in checked}) > 10, "no rhythm"


def test_the_generator_is_told_whose_answers_to_hand_over(tmp_path: Path) -> None:
    plan = Plan(Open((Phase(50, 2),)), "u", (b"{}",), 0, check=Check(10, lambda *_: "right"))
    for each, expected in ((plan, plan.checked(len(plan.schedule()))), (replace(plan, check=None), set())):
        told = json.loads(
            Path(json.loads(write(each, each.schedule(), tmp_path).read_text())["arrivals"]).read_text()
        )
        assert {number for number, code in enumerate(told) if code % 2} == expected


@pytest.mark.parametrize("due", [0.0, 1000.001, 86_401_000.0], ids=["first", "early", "a day later"])
@pytest.mark.parametrize("photo", [0, 7, MOST_BODIES - 1])
@pytest.mark.parametrize("checked", [False, True])
def test_an_arrival_is_a_number_that_javascript_takes_apart_again(
    due: float, photo: int, checked: bool
) -> None:
    code = packed(due, photo, checked)
    assert code < 2**53
    assert (code // 2 // MOST_BODIES / 1000, code // 2 % MOST_BODIES, code % 2) == (due, photo, checked)


def test_more_bodies_than_an_arrival_can_name_are_refused() -> None:
    Plan(THESIS, "u", (b"",) * MOST_BODIES, 0)
    with pytest.raises(LoadError, match=f"expected at most {MOST_BODIES} files, got {MOST_BODIES + 1}"):
        Plan(THESIS, "u", (b"",) * (MOST_BODIES + 1), 0)
