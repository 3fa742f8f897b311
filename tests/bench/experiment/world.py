"""An experiment's world, with the cluster and the loads replaced."""

import sys
import time
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

from bench.__main__ import parser
from bench.commands import all as everything
from bench.errors import BenchError, RefusedError, StackUnavailableError
from bench.experiment.baseline import Wish
from bench.experiment.hands import Hands
from bench.records import store
from bench.records.baseline import Baseline, ServiceTime
from bench.records.parts import CONFIRM
from bench.records.profile import Profile
from bench.records.run import Summary
from bench.subject.deployed import Deployed
from bench.subject.payloads import Photo
from bench.subject.target import Target
from bench.trial.measure import Request, Setup, Warm
from stack.outputs import Endpoint, Monitoring, StackOutputs
from tests.bench.scenes import Silent
from tests.bench.summaries import summary

OUTPUTS = StackOutputs(
    "tf-default",
    "embedded",
    "emotion-tf-default",
    (Endpoint("tensorflow", "tensorflow-serving", "image", "http://127.0.0.1:1/"),),
    Monitoring("emotion-monitoring", "prometheus", 9090),
)
COMMAND = ["tf-default", "torch-tuned", "--quick", "--experiment", "trial"]


class World:
    """What was done, in order; `broken` stacks do not come up, `stop` interrupts at a part of an arm."""

    def __init__(self, folder: Path) -> None:
        self.results, self.photos, self.said = folder / "results", folder / "photos", list[str]()
        self.photos.mkdir()
        (self.photos / "a.jpg").write_bytes(b"\xff\xd8\xff a photo")
        self.broken: set[str] = set()
        self.stop = ""
        self.voids = 0
        self.kept = 0
        self.settles = True
        self.refuses = False
        self.foreseen = list[int]()  # forecasts that were there when a search began
        self.wrong = list[tuple[str, ...]]()
        self.warmed = list[Profile]()
        self.slow = 0.0  # s that a stack takes to go

    def run(self, *words: str) -> int:
        """The command `all` in this world."""
        hands = Hands(
            locate=lambda: "k6",
            initialised=lambda _: nullcontext(),
            clean=lambda name: self.said.append(f"clean {name}"),
            up=self.up,
            destroy=self.destroy,
            connect=lambda name: Deployed(replace(OUTPUTS, stack=name), Silent()),
            aim=self.aim,
            forwarded=lambda _, endpoint: nullcontext(endpoint),
            mismatches=lambda _: self.wrong.pop() if self.wrong else (),
            pause=lambda seconds: self.said.append(f"pause {seconds:g}"),
            warm_up=self.warm_up,
            measure=self.measure,
            search=self.search,
            baseline=self.baseline,
        )
        try:
            options = parser().parse_args(["all", *words, "--photos", str(self.photos)])
            return everything.run(options, everything.World(self.results, hands))
        except BenchError as error:
            print(error, file=sys.stderr)
            return 1

    def destroy(self, name: str) -> None:
        time.sleep(self.slow)
        self.said.append(f"destroy {name}")

    def up(self, name: str) -> None:
        self.said.append(f"up {name}")
        if name in self.broken:
            raise StackUnavailableError("pulumi up failed")

    def aim(self, stack: Deployed, endpoint: Endpoint, photos: tuple[Photo, ...], route: str) -> Target:
        if self.refuses:
            raise RefusedError([f"a.jpg: {endpoint.server}: got HEIC"])
        return Target(stack, endpoint, "", photos, (), "", route)

    def warm_up(self, _: Target, profile: Profile, seed: int) -> Warm:
        self.warmed.append(profile)
        if seed % 100:  # not the block's own
            self.said.append("warm again")
            return Warm(16.0, True, 5.0)
        return Warm(16.0, self.settles, 5.0)

    def measure(self, _: Setup, request: Request) -> Summary:
        what = f"{request.arm} {request.part}"
        self.said.append(what)
        if what == self.stop:
            raise KeyboardInterrupt
        void = ("lag",) if self.voids > 0 else ()
        self.voids -= 1
        return self.keep(replace(summary(request.part, arm=request.arm, block=request.block), void=void))

    def search(self, _: Setup, request: Request, *__: object) -> tuple[Summary, ...]:
        self.said.append(f"{request.arm} capacity")
        self.foreseen.append(len(store.read(self.results / "trial").expected))
        return (self.keep(summary(CONFIRM, 200, arm=request.arm, block=request.block)),)

    def baseline(self, stack: Deployed, endpoint: Endpoint, _: object, wish: Wish) -> Baseline:
        self.said.append("baseline")
        name, times = stack.outputs.stack, (ServiceTime(1, 60, 5.0),)
        return Baseline(
            1, wish.experiment, wish.arm, name, endpoint.server, wish.block, "x", 1, "here", times
        )

    def keep(self, made: Summary) -> Summary:
        self.kept += 1
        store.keep(store.create(self.results, "trial", made.arm, f"{self.kept}"), store.SUMMARY, made)
        return made


def part_of(said: list[str], arm: str) -> list[str]:
    return [line.removeprefix(f"{arm} ") for line in said if line.startswith(f"{arm} ")]
