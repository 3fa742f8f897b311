"""Claims on the HorizontalPodAutoscaler."""

from collections.abc import Mapping, Sequence

import pytest

from bench.records.parts import STEP
from bench.thesis.panels import CPU_SEEN, PODS_READY
from bench.thesis.rules import DOES_NOT, HOLDS, OTHERWISE, UNTOLD
from tests.bench.thesis.made import (
    Case,
    Looks,
    judged,
    look,
    pod,
    recovered,
    runs,
)

STEPS = {CPU_SEEN: [20.0] * 6 + [180.0] * 6 + [90.0] * 12 + [20.0] * 36}


def hpa(cpu: float, used: float, pods: int = 2) -> Looks:
    """Runs of an autoscaler that sees so many % while its pods use so many CPU seconds each."""
    series = {CPU_SEEN: [cpu] * 12, PODS_READY: [float(pods)] * 12}
    return runs(look("torch-hpa", pods=[pod(cpu_seconds=used)] * pods, series=series))


def step(series: Mapping[str, Sequence[float]], scale_in: float = 0.0, back: float | None = 60.0) -> Looks:
    """Steps of the load with one decision to scale in, and the objective met again after so long."""
    return runs(look("torch-hpa", part=STEP, series=series, scale_in=scale_in, recovery=recovered(back)))


CASES: Sequence[Case] = (
    ("hpa-scales-out", HOLDS, hpa(cpu=120, used=40)),
    ("hpa-scales-out", DOES_NOT, hpa(cpu=40, used=24, pods=1)),
    ("hpa-percent", OTHERWISE, hpa(cpu=80, used=48)),  # 0.4 cores of a request of 0.5
    ("hpa-percent", HOLDS, hpa(cpu=40, used=48)),  # 0.4 cores of a limit of 1
    ("hpa-percent", DOES_NOT, hpa(cpu=400, used=48)),
    ("hpa-keeps", DOES_NOT, hpa(cpu=85, used=48)),
    ("hpa-keeps", HOLDS, hpa(cpu=45, used=24)),
    ("hpa-keeps", DOES_NOT, step(STEPS)),
    ("hpa-removes", OTHERWISE, step(STEPS, scale_in=580)),
    ("hpa-removes", HOLDS, step({CPU_SEEN: [45.0] * 60}, scale_in=580)),
    ("hpa-removes", UNTOLD, step(STEPS)),
    ("hpa-helps", HOLDS, step(STEPS, back=60)),
    ("hpa-helps", DOES_NOT, step(STEPS, back=None)),
)


@pytest.mark.parametrize(("id_", "verdict", "looks"), CASES)
def test_a_verdict_follows_from_the_evidence(id_: str, verdict: str, looks: Looks) -> None:
    found = judged(id_, looks)
    assert found.verdict == verdict, f"{found.measured}; {found.why}"
