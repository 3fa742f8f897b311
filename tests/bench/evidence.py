"""Plausible experiments on disk, without a cluster: simulated servers, all else by the bench itself."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bench import capacity, profiles, store, summary
from bench.load.k6 import Outcome
from bench.load.plan import Plan
from bench.payloads import Sizes
from bench.profiles import Closed, Open, Phase, Profile
from bench.records import SCHEMA, Arm, Baseline, Budget, Experiment, ServiceTime, Step
from bench.summary import CONFIRM, PORT_FORWARD, SEARCH, SERIAL, SERVICE, STEP, THESIS, Summary
from bench.timeline import CREATED, FIRST, IN, OUT, READY, SEEN, Event
from infra import settings
from infra.document import ROOT, stack_settings
from infra.schema import as_keys
from tests.bench.drawn import series
from tests.bench.simulation import Answered, Simulated, answer

SAYS = {"tensorflow": "a server of the tests (stand-in)", "torchserve": "TorchServe of the tests"}
LATE = 35.0  # s from a step of the load to the new pod's first answer


@dataclass(frozen=True)
class Spec:
    """One arm and how its server behaves."""

    arm: Arm
    server: Simulated

    @property
    def kind(self) -> str:
        """Its model server."""
        return "torchserve" if self.arm.stack.startswith("torch") else "tensorflow"

    @property
    def scaled(self) -> bool:
        """It has an autoscaler."""
        return self.arm.stack.endswith("hpa")


@dataclass(frozen=True)
class Size:
    """How much is measured, in blocks and seconds."""

    blocks: int = 3
    thesis: float = 120.0
    serial: float = 10.0
    trial: float = 8.0
    confirm: float = 30.0
    step: float = 120.0
    extras: bool = True  # series, steps, baselines, a void run


SMALL = Size(thesis=20.0, serial=2.0, trial=4.0, confirm=10.0, step=60.0)
_TORCH = Simulated(workers=1, millis=11.0)
_TF = Simulated()
SERVERS = {
    "tf-default": _TF,
    "tf-threads": replace(_TF, millis=7.0),
    "tf-batch-10ms": replace(_TF, limit=10, timeout=0.010),
    "tf-batch-100ms": replace(_TF, limit=10, timeout=0.100),
    "torch-10-workers": replace(_TORCH, workers=10, millis=60.0),
    "torch-1-10-workers": _TORCH,
    "torch-batch": replace(_TORCH, limit=10, timeout=0.100),
    "torch-replicas": replace(_TORCH, pods=2),
    "torch-hpa": _TORCH,
    "tf-batch-tuned": replace(_TF, millis=7.0, limit=32, timeout=0.001),
    "tf-hpa": replace(_TF, workers=1),
    "torch-tuned": replace(_TORCH, workers=2),
}
TWIN = Spec(Arm("tf-default@twin", "tf-default", twin_of="tf-default"), _TF)
FORWARD = Spec(
    Arm("tf-default@port-forward", "tf-default", through_port_forward=True), replace(_TF, front_millis=48)
)
VARIANTS = tuple(Spec(Arm(name, name), server) for name, server in SERVERS.items())
ALL = (*VARIANTS, TWIN, FORWARD)
FEW = tuple(
    spec for spec in ALL if spec.arm.stack in ("tf-default", "tf-batch-tuned", "torch-batch", "torch-hpa")
)


def make(results: Path, specs: Sequence[Spec] = FEW, size: Size = SMALL, name: str = "made") -> Path:
    """An experiment's folder: every arm in every block, its plan and its journal."""
    folder = results / name
    plan = _plan(name, specs, size)
    store.keep_bytes(folder, "README", b"made by the tests\n")
    store.keep(folder, store.EXPERIMENT, plan)
    for block, order in enumerate(plan.order, 1):
        for number, arm in enumerate(order):
            spec = next(each for each in specs if each.arm.name == arm)
            _visit(folder, spec, size, block, 1 + 0.02 * ((7 * block + 3 * number) % 5 - 2))
    return folder


def _plan(name: str, specs: Sequence[Spec], size: Size) -> Experiment:
    order = tuple(tuple(spec.arm.name for spec in specs[::direction]) for direction in (1, -1, 1, -1, 1))
    return Experiment(
        schema=SCHEMA,
        name=name,
        seed=7,
        created="2026-11-24T10:00:00+00:00",
        quick=size.blocks < 3,
        budget=Budget(
            thesis_seconds=size.thesis,
            serial_seconds=size.serial,
            baseline_seconds=1.0,
            trial_seconds=size.trial,
            confirm_seconds=size.confirm,
            search_trials=8,
        ),
        arms=tuple(spec.arm for spec in specs),
        order=order[: size.blocks],
        parts={spec.arm.name: (THESIS,) for spec in specs},
    )


def _visit(folder: Path, spec: Spec, size: Size, block: int, scale: float) -> None:
    visit = Visit(folder, spec, block, scale, size.extras)
    visit.note("up", 14.0, 0.0)
    if size.thesis:
        users = Closed(25, size.thesis, 1.0)
        visit.run(THESIS, users)
        if size.extras and block == 2 and spec.arm.name == "tf-default":
            visit.run(THESIS, users, "the generator sent late: lag p99 3.1 ms > 1 ms")
    if not spec.arm.through_port_forward:
        _own(visit, size)
    visit.note("destroy", 9.0, 0.0)


def _own(visit: "Visit", size: Size) -> None:
    if size.serial:
        visit.run(SERIAL, profiles.serial(size.serial))
    if size.extras and not visit.spec.arm.twin_of:
        visit.baseline()
    if size.trial:
        search(visit, size)
    if size.extras and visit.spec.scaled:
        high = 0.7 * 2000 / visit.spec.server.millis
        low = Phase(high / 5, size.step / 3)
        visit.run(STEP, Open((low, Phase(high, size.step), low)))


def search(visit: "Visit", size: Size) -> None:
    """A ramp until the objective is missed, bisections, a confirmation of the highest rate that met it."""
    met, rate = 0.0, 30.0
    while rate < 1000 and visit.trial(SEARCH, rate, size.trial):
        met, rate = rate, rate * 1.5
    failed = rate
    for _ in range(3 if met else 0):
        middle = (met * failed) ** 0.5
        met, failed = (middle, failed) if visit.trial(SEARCH, middle, size.trial) else (met, middle)
    for _ in range(5 if met else 0):
        if visit.trial(CONFIRM, met, size.confirm):
            return
        met /= 1.05


@dataclass
class Visit:
    """One arm in one block; numbers its runs."""

    folder: Path
    spec: Spec
    block: int
    scale: float
    with_series: bool
    count: int = 0

    def trial(self, part: str, rate: float, seconds: float) -> bool:
        """Whether a rate met the objective."""
        judged = capacity.judge(self.run(part, profiles.trial(rate, seconds)))
        return judged is not None and judged.met

    def run(self, part: str, load: Profile, void: str = "") -> Summary:
        """One load, kept as a run is."""
        self.count += 1
        seed = 1000 * self.block + self.count
        later = load.phases[0].seconds + LATE if part == STEP and isinstance(load, Open) else 0.0
        made = answer(self.spec.server, load, seed, self.scale, later)
        outcome = _outcome(load, made, seed)
        found = replace(self._summary(part, outcome, made, later), void=(void,) if void else ())
        folder = self.folder / self.spec.arm.name / found.run
        folder.mkdir(parents=True)
        store.keep_samples(folder, store.SAMPLES, outcome)
        if self.with_series and part not in (SEARCH, CONFIRM):
            store.keep_series(folder, series(self.spec.kind, found, made, later))
        store.keep(folder, store.SUMMARY, found)
        self.note(part, load.seconds + 4, load.seconds)
        return found

    def baseline(self) -> None:
        """Times in process."""
        spec, folder = self.spec, self.folder / self.spec.arm.name / f"baseline-{self.block}"
        alone = spec.server.millis * self.scale * 0.6
        times = tuple(ServiceTime(rows, 200, round(alone * (0.5 + 0.5 * rows), 3)) for rows in (1, 4, 8))
        store.keep(
            folder,
            store.BASELINE,
            Baseline(
                SCHEMA, self.folder.name, spec.arm.name, spec.arm.stack, spec.kind, self.block,
                "a runtime of the tests 1.0", 2, "a process of the tests", times,
            ),
        )  # fmt: skip

    def note(self, what: str, seconds: float, load: float) -> None:
        """A line of the journal."""
        began = f"2026-11-24T1{self.block}:00:00+00:00"
        store.note(self.folder, Step(self.block, self.spec.arm.name, what, began, seconds, load))

    def _summary(self, part: str, outcome: Outcome, made: Answered, later: float) -> Summary:
        raw = _settings(self.spec.arm.stack)
        return Summary(
            schema=summary.SCHEMA,
            experiment=self.folder.name,
            arm=self.spec.arm.name,
            stack=self.spec.arm.stack,
            server=self.spec.kind,
            image=f"127.0.0.1:5000/{self.spec.kind}:0123abcd",
            run=f"2026112{self.block}T10{self.count:02}00Z-{self.spec.kind}",
            part=part,
            block=self.block,
            seed=outcome.plan.seed,
            profile=outcome.plan.profile,
            settings=raw,
            slo=settings.read(raw).slo,
            payloads=Sizes({"JPEG": 40, "PNG": 10}, 9_000, 21_500.0, 60_000),
            obtained=_obtained(self.spec, outcome, self.block),
            total=summary.total(outcome),
            phases=summary.phases(outcome),
            generator=summary.generator(outcome, "k6 v1.8.1", 2),
            little=summary.little(outcome),
            pods=tuple(_pods(self.spec, outcome, made, self.block)),
            machine=summary.Machine(
                2,
                outcome.wall_seconds,
                1.3 * made.busy,
                made.busy,
                outcome.cpu_seconds,
                0.25 * made.busy,
                0.1,
            ),
            events=tuple(_events(self.spec, outcome, later)) if later else (),
            restarts={},
            overload=(),
            void=(),
        )


def _settings(stack: str) -> Mapping[str, object]:
    return as_keys(settings.read(stack_settings(ROOT / f"Pulumi.{stack}.yaml")))


def _outcome(load: Profile, made: Answered, seed: int) -> Outcome:
    plan = Plan(load, "http://127.0.0.1:1/", ("{}",) * 50, seed)
    samples = tuple(sorted(made.samples, key=lambda sample: sample.ended))
    wall = load.seconds + 1.0
    return Outcome(plan, samples, None, False, "", round(0.03 * wall, 3), wall)


def _obtained(spec: Spec, outcome: Outcome, block: int) -> summary.Obtained:
    is_open = isinstance(outcome.plan.profile, Open)
    return summary.Obtained(
        load="open: Poisson arrivals" if is_open else "closed: users who wait, then think",
        route=PORT_FORWARD if spec.arm.through_port_forward else SERVICE,
        latency="client side, from the scheduled send to the answer's end, status 200 only",
        started=f"2026-11-2{block}T10:00:00+00:00",
        interrupted=False,
        warm_up_seconds=20.0,
        stationary=True,
        cpus=2,
        same_machine=True,
        server_says=SAYS[spec.kind],
    )


def _pods(spec: Spec, outcome: Outcome, made: Answered, block: int) -> Iterator[summary.PodUse]:
    total, batching = sum(made.by_pod.values()), spec.server.limit > 1
    for number, requests in sorted(made.by_pod.items()):
        share = requests / total
        periods = int(outcome.wall_seconds * 10)
        yield summary.PodUse(
            pod=f"{spec.kind}-{block}{number}-x7k2{number}",
            requests=requests,
            cpu_seconds=round(made.busy * share, 3),
            cfs_periods=periods,
            cfs_throttled=int(periods * min(0.6, 0.4 * made.busy * share / outcome.wall_seconds)),
            throttled_seconds=1.0,
            service_millis=round(1000 * made.busy / made.batches, 3),
            queue_millis=round(500 * spec.server.timeout, 3) if batching else None,
            batches=round(made.batches * share) if batching else None,
            batch_size=round(total / made.batches, 3) if batching else None,
        )


def _events(spec: Spec, outcome: Outcome, later: float) -> Iterator[Event]:
    server = "torchserve" if spec.kind == "torchserve" else "tensorflow-serving"
    begin, pod = later - LATE, f"{server}-new"
    for after, what, detail in (
        (14.0, SEEN, "CPU 88% > 50%"), (16.0, OUT, "1 → 2 pods"), (17.0, CREATED, pod), (33.0, READY, pod),
        (LATE, FIRST, pod),
    ):  # fmt: skip
        yield Event(begin + after, server, what, detail)
    yield Event(outcome.plan.profile.seconds - 5, server, IN, "2 → 1 pods")
