"""Summaries of runs, made by hand."""

from collections.abc import Mapping

from bench.load import profiles
from bench.records.estimates import Estimate
from bench.records.run import SCHEMA, SERVICE, Generator, Latency, Obtained, Sizes, Stretch, Summary
from stack.settings import Slo

PERCENTILES = {"p50": 9.0, "p90": 15.0, "p95": 20.0, "p99": 40.0}


def part(seconds: float, rate: float | None, percentiles: Mapping[str, float]) -> Stretch:
    """A stretch in which every request was answered; intervals of ± 10 %."""
    requests = round(seconds * (rate or 24))
    estimates = {name: Estimate(value, 0.9 * value, 1.1 * value) for name, value in percentiles.items()}
    return Stretch(
        seconds=seconds,
        offered_rate=rate,
        achieved_rate=rate or 24.0,
        requests=requests,
        outcomes={"200": requests},
        latency=Latency(estimates, max(percentiles.values()), {}),
    )


def summary(
    part_: str = "search",
    rate: float = 100.0,
    percentiles: Mapping[str, float] = PERCENTILES,
    *,
    arm: str = "tf-default",
    block: int = 1,
) -> Summary:
    """A good trial of one rate on TensorFlow Serving."""
    profile = profiles.trial(rate, 30)
    stretches = tuple(part(phase.seconds, rate, percentiles) for phase in profile.phases)
    return Summary(
        schema=SCHEMA,
        experiment="trial",
        arm=arm,
        stack=arm,
        server="tensorflow",
        image="127.0.0.1:5000/tensorflow-serving:abc",
        run=f"{block}-{part_}-{rate:g}",
        part=part_,
        block=block,
        seed=0,
        profile=profile,
        settings={"servers": ["tensorflow"]},
        slo=Slo(),
        payloads=Sizes({"JPEG": 25, "PNG": 25}, 900, 1000.0, 1100),
        obtained=Obtained(
            "open", SERVICE, "client", "2026-11-24T12:00:00+00:00", False, 16, True, 2, True, "x"
        ),
        total=part(profile.seconds, rate, percentiles),
        phases=stretches,
        generator=Generator("k6", 100, 0, -10, 0.03, 0.2, 0, 0, 1.0, 0.03),
        little=None,
        pods=(),
        machine=None,
        events=(),
        restarts={},
        overload=(),
        void=(),
    )
