"""One arm of a simulated experiment in one block: every run is kept as the bench would."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from bench.load import profiles
from bench.load.outcome import Outcome
from bench.load.plan import Plan
from bench.records import run, store
from bench.records.baseline import SCHEMA, Baseline, ServiceTime
from bench.records.events import CREATED, FIRST, IN, OUT, READY, SEEN, Event
from bench.records.expected import Expected
from bench.records.experiment import Step
from bench.records.parts import CONFIRM, SEARCH, STEP
from bench.records.profile import Open, Profile
from bench.records.run import PORT_FORWARD, SERVICE, Sizes, Summary
from bench.trial import capacity, summarise
from stack import files, settings
from stack.files import stack_settings
from stack.schema import as_keys
from stack.settings import Slo
from tests.bench.drawn import series
from tests.bench.simulation import Answered, answer
from tests.bench.specs import Spec
from tests.bench.summaries import summary

SAYS = {"tensorflow": "a server of the tests (stand-in)", "torchserve": "TorchServe of the tests"}
LATE = 35.0  # s from a step of the load to the new pod's first answer


@dataclass
class Visit:
    """One arm in one block; numbers its runs."""

    folder: Path
    spec: Spec
    block: int
    scale: float
    with_series: bool
    count: int = 0
    later: float | None = None  # s to a step's further pod, 0: none comes; None: LATE after the step

    def trial(self, part: str, rate: float, seconds: float) -> bool:
        """Whether a rate met the objective."""
        judged = capacity.judge(self.run(part, profiles.trial(rate, seconds)))
        return judged is not None and judged.met

    def run(self, part: str, load: Profile, void: str = "") -> Summary:
        """One load, kept as a run is."""
        self.count += 1
        seed = 1000 * self.block + self.count
        usual = load.phases[0].seconds + LATE if part == STEP and isinstance(load, Open) else 0.0
        later = usual if self.later is None else self.later
        made = answer(self.spec.server, load, seed, self.scale, later)
        outcome = _outcome(load, made, seed)
        found = replace(self._summary(part, outcome, made, later), void=(void,) if void else ())
        folder = self.folder / self.spec.arm.name / found.run
        folder.mkdir(parents=True)
        store.keep_samples(folder, store.SAMPLES, outcome.samples)
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

    def expect(self) -> None:
        """What the search is expected to hold: a fifth more than a lone server's own pace."""
        spec, folder = self.spec, self.folder / self.spec.arm.name / f"expected-{self.block}"
        began, rate = f"2026-11-24T1{self.block}:00:00+00:00", round(1200 / spec.server.millis, 1)
        made = Expected(1, spec.arm.name, spec.kind, self.block, began, rate, baselines=1, serials=1)
        store.keep(folder, store.EXPECTED, made)

    def note(self, what: str, seconds: float, load: float) -> None:
        """A line of the journal."""
        began = f"2026-11-24T1{self.block}:00:00+00:00"
        store.note(self.folder, Step(self.block, self.spec.arm.name, what, began, seconds, load))

    def _summary(self, part: str, outcome: Outcome, made: Answered, later: float) -> Summary:
        raw = _settings(self.spec.arm.stack)
        return replace(
            summary(part, arm=self.spec.arm.name, block=self.block),
            experiment=self.folder.name,
            stack=self.spec.arm.stack,
            server=self.spec.kind,
            image=f"127.0.0.1:5000/{self.spec.kind}:0123abcd",
            run=f"2026112{self.block}T10{self.count:02}00Z-{self.spec.kind}",
            seed=outcome.plan.seed,
            profile=outcome.plan.profile,
            settings=raw,
            slo=settings.read(raw).slo,
            payloads=Sizes({"JPEG": 40, "PNG": 10}, 9_000, 21_500.0, 60_000),
            obtained=_obtained(self.spec, outcome, self.block),
            total=summarise.total(outcome, Slo().p95_millis),
            phases=summarise.phases(outcome, Slo().p95_millis),
            generator=summarise.generator(outcome, "k6 v1.8.1", 2),
            little=summarise.little(outcome),
            pods=tuple(_pods(self.spec, outcome, made, self.block)),
            machine=run.Machine(
                2,
                outcome.wall_seconds,
                1.3 * made.busy,
                made.busy,
                outcome.cpu_seconds,
                0.25 * made.busy,
                0.1,
            ),
            events=tuple(_events(self.spec, outcome, later)) if later else (),
        )


def _settings(stack: str) -> Mapping[str, object]:
    return as_keys(settings.read(stack_settings(files.path(stack))))


def _outcome(load: Profile, made: Answered, seed: int) -> Outcome:
    plan = Plan(load, "http://127.0.0.1:1/", (b"{}",) * 50, seed)
    samples = tuple(sorted(made.samples, key=lambda sample: sample.ended))
    wall = load.seconds + 1.0
    return Outcome(plan, samples, None, False, "", round(0.03 * wall, 3), wall)


def _obtained(spec: Spec, outcome: Outcome, block: int) -> run.Obtained:
    is_open = isinstance(outcome.plan.profile, Open)
    return run.Obtained(
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


def _pods(spec: Spec, outcome: Outcome, made: Answered, block: int) -> Iterator[run.PodUse]:
    total, batching = sum(made.by_pod.values()), spec.server.limit > 1
    for number, requests in sorted(made.by_pod.items()):
        share = requests / total
        periods = int(outcome.wall_seconds * 10)
        yield run.PodUse(
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
