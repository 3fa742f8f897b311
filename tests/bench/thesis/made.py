"""Evidence in memory: runs of any arm, with the figures that a test chooses."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from bench.analysis.capacities import capacity
from bench.analysis.cells import Cell
from bench.analysis.recovery import Recovery, ScaleIn
from bench.load.profiles import THESIS as THESIS_LOAD
from bench.load.profiles import serial
from bench.records.estimates import Estimate
from bench.records.events import IN, Event
from bench.records.experiment import Arm
from bench.records.parts import CONFIRM, SERIAL, STEP, THESIS
from bench.records.profile import Open, Phase, Profile
from bench.records.run import Little, PodUse, Summary
from bench.records.series import Line
from bench.records.store import Run
from bench.thesis import claims
from bench.thesis.gather import Look, Seen
from bench.thesis.judge import Judged
from bench.thesis.judge import judged as judge_one
from bench.thesis.panels import BATCH_SIZE
from stack import files
from stack.files import stack_settings
from tests.bench.summaries import summary

Looks = Sequence[Look]
Case = tuple[str, str, Looks]
"""A claim's id, the verdict, and the evidence that leads to it."""

SUBJECTS = claims.read()
CLAIMS = {claim.id: claim for subject in SUBJECTS for claim in subject.claims}
BLOCKS = (1, 2, 3)
STEADY = {1: 0.99, 2: 1.0, 3: 1.01}  # a figure's factor in each block
STEP_LOAD = Open((Phase(20, 60), Phase(100, 180), Phase(20, 360)))


def look(
    arm: str,
    block: int = 1,
    *,
    part: str = THESIS,
    rate: float = 24.0,
    p50: float = 10.0,
    p95: float = 20.0,
    longest: float = 40.0,
    mean: float = 11.0,
    pods: Sequence[PodUse] = (),
    series: Mapping[str, Sequence[float]] | None = None,
    recovery: Recovery | None = None,
    warm_up_longest: float | None = None,
    failed: int = 0,
    scale_in: float = 0.0,
) -> Look:
    """A good run. `series`: by query, a value every 10 s since the load's start; `mean` is the client's;
    `scale_in`: when the autoscaler decided to, s.
    """
    own = arm.partition("@")[0]
    made = summary(part, rate, {"p50": p50, "p90": p95, "p95": p95, "p99": longest}, arm=arm, block=block)
    loads: Mapping[str, Profile] = {THESIS: THESIS_LOAD, SERIAL: serial(), STEP: STEP_LOAD}
    profile = loads.get(part, made.profile)
    made = replace(
        made,
        stack=own,
        server="torchserve" if own.startswith("torch") else "tensorflow",
        profile=profile,
        settings=stack_settings(files.path(own)),
        pods=tuple(pods),
        little=Little(25.0, rate / 1000, 1000 + mean),
    )
    if part in (THESIS, SERIAL, STEP):
        requests = round(rate * profile.seconds)
        made = replace(made, total=replace(made.phases[-1], seconds=profile.seconds, requests=requests))
    outcomes = {"200": made.total.requests - failed} | ({"503": failed} if failed else {})
    events = (Event(scale_in, "torchserve", IN, "2 → 1 pods"),) if scale_in else ()
    made = replace(made, total=replace(made.total, outcomes=outcomes), events=events)
    return Look(made, _series(series or {}), recovery, warm_up_longest)


def runs(made: Look, blocks: Sequence[int] = BLOCKS) -> tuple[Look, ...]:
    """The same in every block, but for 1 % in its percentiles."""
    return tuple(_in_block(made, block) for block in blocks)


def holds(arm: str, rate: float, blocks: Sequence[int] = BLOCKS) -> tuple[Look, ...]:
    """A confirmed rate in every block."""
    return tuple(look(arm, block, part=CONFIRM, rate=rate * STEADY[block]) for block in blocks)


def batch(arm: str, size: float, used: float = 12.0) -> tuple[Look, ...]:
    """Runs whose mean batch is of this size, all the time."""
    server = "torchserve" if arm.startswith("torch") else "tensorflow"
    pods = [pod(batches=1000, batch_size=size, cpu_seconds=used)]
    return runs(look(arm, pods=pods, series={BATCH_SIZE[server]: [size] * 12}))


def judged(id_: str, looks: Looks) -> Judged:
    """A claim, judged by these runs."""
    return judge_one(CLAIMS[id_], seen(*looks))


def seen(*looks: Look, twins: Sequence[str] = ("tf-default",)) -> Seen:
    """All these runs; arms named NAME@twin repeat a stack, NAME@port-forward go through it."""
    by_arm = {name: tuple(each for each in looks if each.summary.arm == name) for name in _arms(looks)}
    cells = tuple(_cell(name, [each.summary for each in own], twins) for name, own in by_arm.items())
    return Seen(cells, by_arm, {cell.arm.name: capacity(cell) for cell in cells}, 0)


def recovered(after: float | None) -> Recovery:
    """A step after which the objective was met again, or never."""
    return Recovery(
        *("torch-hpa", "torchserve", "made", 1, 60.0, 180.0, (20.0, 100.0, 20.0), ()),
        recovered=after,
        violating_seconds=after or 180.0,
        violating_requests=100,
        requests=1000,
        failed=(0, 0, 0),
        out={},
        scale_in=ScaleIn(0, 0, 0),
        split={},
        events=(),
    )


def pod(requests: int = 1400, **figures: float) -> PodUse:
    """What one pod used; figures are fields of PodUse."""
    made = PodUse(f"pod-{requests}", requests, 12.0, 1200, 0, 0.0, 8.0, None, None, None)
    return replace(made, **figures)  # type: ignore[arg-type]


def _in_block(made: Look, block: int) -> Look:
    total = made.summary.total
    assert total.latency is not None
    waits = {
        name: Estimate(each.value * STEADY[block], None, None)
        for name, each in total.latency.percentiles.items()
    }
    total = replace(total, latency=replace(total.latency, percentiles=waits))
    return replace(made, summary=replace(made.summary, block=block, total=total))


def _arms(looks: Sequence[Look]) -> list[str]:
    return list(dict.fromkeys(each.summary.arm for each in looks))


def _cell(name: str, made: Sequence[Summary], twins: Sequence[str]) -> Cell:
    stack, _, kind = name.partition("@")
    twin = stack if kind == "twin" and stack in twins else None
    arm = Arm(name, stack, twin_of=twin, through_port_forward=kind == "port-forward")
    return Cell(name, arm, made[0].server, tuple(Run(Path("unkept"), each) for each in made))


def _series(found: Mapping[str, Sequence[float]]) -> Mapping[str, tuple[Line, ...]]:
    return {
        name: (Line("made", tuple((10.0 * place, value) for place, value in enumerate(values))),)
        for name, values in found.items()
    }


# The baseline, its twin that does not differ, and what both hold: without a twin no difference is claimed.
DEFAULT = runs(look("tf-default", pods=[pod()]))
TWIN = runs(look("tf-default@twin", pods=[pod()]))
SAME = (*holds("tf-default", 100), *holds("tf-default@twin", 100))
