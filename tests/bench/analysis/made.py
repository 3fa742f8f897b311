"""Runs and cells made by hand, of which only what a test is about differs."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from bench.analysis.cells import Cell
from bench.load import profiles
from bench.load.profiles import THESIS
from bench.records import parts, run
from bench.records.estimates import Estimate
from bench.records.experiment import Arm
from bench.records.parts import CONFIRM, SEARCH
from bench.records.profile import Profile
from bench.records.run import SERVICE, Latency, Obtained, PodUse, Sizes, Stretch, Summary
from bench.records.store import Run
from stack.settings import Slo

NOWHERE = Path("/nowhere")


def latency(p95: float) -> Latency:
    """p50 is half and p99 the same as p95, in ms."""
    values = {"p50": p95 / 2, "p90": p95, "p95": p95, "p99": p95}
    return Latency({name: Estimate(value, None, None) for name, value in values.items()}, p95, {})


def part(p95: float = 20.0, rate: float | None = None, requests: int = 1000, failed: int = 0) -> Stretch:
    """A stretch of a load."""
    outcomes = {"200": requests - failed} | ({"503": failed} if failed else {})
    return Stretch(60.0, rate, rate or 20.0, requests, outcomes, latency(p95))


def pod(name: str = "pod-1", requests: int = 1000, cpu: float = 8.0, batch: float | None = None) -> PodUse:
    """One pod; 100 CFS periods, 10 of them throttled."""
    batches = round(requests / batch) if batch else None
    return PodUse(name, requests, cpu, 100, 10, 1.0, 8.0, None, batches, batch)


def made(
    kind: str = parts.THESIS,
    block: int = 1,
    *,
    profile: Profile = THESIS,
    total: Stretch | None = None,
    pods: Sequence[PodUse] = (),
    void: Sequence[str] = (),
    overload: Sequence[str] = (),
    settings: Mapping[str, object] | None = None,
) -> Summary:
    """One run."""
    whole = total or part()
    return Summary(
        schema=run.SCHEMA,
        experiment="made",
        arm="a",
        stack="a",
        server="tensorflow",
        image="image:1",
        run=f"{kind}-{block}",
        part=kind,
        block=block,
        seed=0,
        profile=profile,
        settings=settings or {},
        slo=Slo(),
        payloads=Sizes({"JPEG": 1}, 1, 1.0, 1),
        obtained=Obtained("open", SERVICE, "client side", "2026-11-24", False, 20, True, 2, True, "a server"),
        total=whole,
        phases=(whole,),
        generator=run.Generator("k6", 20, 0, 0, 0.1, 0.2, 0, 0, 1.0, 0.02),
        little=None,
        pods=tuple(pods),
        machine=None,
        events=(),
        restarts={},
        overload=tuple(overload),
        void=tuple(void),
    )


def trial(kind: str, block: int, rate: float, *, met: bool, void: Sequence[str] = ()) -> Summary:
    """A trial that met the objective or not."""
    load = profiles.trial(rate, 8.0)
    return made(kind, block, profile=load, total=part(40.0 if met else 80.0, rate), void=void)


def held(block: int, rate: float) -> list[Summary]:
    """A block in which a rate was confirmed."""
    return [trial(SEARCH, block, rate, met=True), trial(CONFIRM, block, rate, met=True)]


def cell(*summaries: Summary, name: str = "a", twin_of: str | None = None, forward: bool = False) -> Cell:
    """The cell of some runs, which take its name."""
    arm = Arm(name, twin_of or name, twin_of, forward)
    runs = (
        Run(NOWHERE / f"{number}", replace(each, arm=name, run=f"{each.run}-{number}"))
        for number, each in enumerate(summaries)
    )
    return Cell(name, arm, "tensorflow", tuple(runs))
