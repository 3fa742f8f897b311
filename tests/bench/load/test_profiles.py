"""Profiles are data within bounds; the schedule of an open load is Poisson, and the same for one seed."""

from itertools import pairwise
from statistics import fmean, pstdev

import pytest

from bench.errors import LoadError
from bench.load.profiles import ABOUT, NAMES, THESIS, arrivals, named
from bench.records.profile import Open, Phase


def test_the_thesis_profile_is_its_k6_script() -> None:
    profile = named("thesis", [], None)
    assert profile is THESIS
    assert (THESIS.users, THESIS.seconds, THESIS.think_seconds) == (25, 120.0, 1.0)


def test_rates_follow_each_other() -> None:
    assert named("rate", [10, 20], 5) == Open((Phase(10, 5), Phase(20, 5)))


def test_a_step_goes_up_and_down_again() -> None:
    assert named("step", [100], 90) == Open((Phase(20, 60), Phase(100, 90), Phase(20, 360)))


@pytest.mark.parametrize(
    ("name", "rates", "seconds", "message"),
    [
        ("rate", [], None, "--profile rate: expected one --rate or more, got 0"),
        ("soak", [1, 2], None, "--profile soak: expected one --rate, got 2"),
        ("step", [], None, "--profile step: expected one --rate, got 0"),
        ("thesis", [5], None, "--profile thesis: expected no --rate"),
        ("rate", [0], None, "--rate: expected more than 0, at most 2000 requests/s, got 0"),
        ("rate", [5000], None, "--rate: expected more than 0, at most 2000 requests/s, got 5000"),
        ("rate", [float("nan")], None, "--rate: expected more than 0, at most 2000 requests/s, got nan"),
        ("rate", [5], -1, "--seconds: expected more than 0, at most 86400 s, got -1"),
        *((name, [5], 0, "--seconds: expected more than 0, .* got 0") for name in ("rate", "step", "soak")),
        ("thesis", [], 0, "--profile thesis: expected no --rate and no --seconds"),
    ],
)
def test_a_bad_profile_is_refused_by_name(
    name: str, rates: list[float], seconds: float | None, message: str
) -> None:
    with pytest.raises(LoadError, match=message):
        named(name, rates, seconds)


def test_arrivals_are_poisson() -> None:
    times = arrivals(Open((Phase(rate=100, seconds=100),)), seed=1)
    gaps = [later - earlier for earlier, later in pairwise(times)]
    assert len(times) == pytest.approx(10_000, rel=0.03)
    assert fmean(gaps) == pytest.approx(0.01, rel=0.03)
    assert pstdev(gaps) == pytest.approx(0.01, rel=0.05), "an exponential's deviation is its mean"


def test_arrivals_follow_the_phases() -> None:
    times = arrivals(Open((Phase(10, 100), Phase(100, 100))), seed=1)
    assert sum(time < 100 for time in times) == pytest.approx(1000, rel=0.1)
    assert sum(time >= 100 for time in times) == pytest.approx(10_000, rel=0.05)
    assert max(times) < 200
    assert list(times) == sorted(times)


def test_one_seed_gives_one_schedule() -> None:
    load = Open((Phase(10, 10),))
    assert arrivals(load, 1) == arrivals(load, 1)
    assert arrivals(load, 1) != arrivals(load, 2)


def test_every_profile_is_explained() -> None:
    assert sorted(ABOUT) == sorted(NAMES)
