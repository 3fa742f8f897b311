"""Judging as a whole: what is not there, what is noise, and that every check can say either."""

import pytest

from bench.thesis.checks import autoscaler, way
from bench.thesis.judge import CHECKS, judge
from bench.thesis.rules import UNTESTED, UNTOLD
from tests.bench.thesis.checks import (
    test_autoscaler,
    test_batching,
    test_load,
    test_replicas,
    test_tensorflow,
    test_torchserve,
    test_way,
)
from tests.bench.thesis.made import CLAIMS, DEFAULT, SUBJECTS, Looks, judged, look, runs, seen

MODULES = (
    *(test_autoscaler, test_batching, test_load, test_replicas),
    *(test_tensorflow, test_torchserve, test_way),
)
CASES = [case for module in MODULES for case in module.CASES]
UNDECIDED = (way.metrics_needed, way.practice, autoscaler.hpa_unknown, autoscaler.hpa_idle)


def test_every_claim_has_a_check_and_every_check_a_claim() -> None:
    assert sorted(CHECKS) == sorted(CLAIMS)


def test_every_check_that_can_decide_is_seen_to_decide_otherwise_too() -> None:
    never = {id_ for id_, check in CHECKS.items() if check in UNDECIDED}
    verdicts = {id_: {verdict for case, verdict, _ in CASES if case == id_} for id_ in CHECKS}
    assert {id_ for id_, found in verdicts.items() if len(found) < 2} == never


def test_without_evidence_nothing_is_claimed() -> None:
    found = [each for subject in judge(SUBJECTS, seen()) for each in subject.judged]
    assert {each.verdict for each in found} == {UNTOLD, UNTESTED}
    assert all(each.why for each in found)


@pytest.mark.parametrize("looks", [looks for _, _, looks in CASES])
def test_a_part_of_the_evidence_never_breaks_a_check(looks: Looks) -> None:
    assert all(each.measured for subject in judge(SUBJECTS, seen(*looks)) for each in subject.judged)


def test_one_run_has_no_interval_and_claims_no_difference() -> None:
    one = [look("tf-default"), look("tf-default@twin"), look("tf-threads", p95=5)]
    assert judged("threads-client", one).verdict == UNTOLD


def test_a_difference_within_the_noise_of_identical_stacks_is_none() -> None:
    noisy = (*DEFAULT, *runs(look("tf-default@twin", p95=35)), *runs(look("tf-threads", p95=12)))
    assert judged("threads-client", noisy).verdict == UNTOLD
