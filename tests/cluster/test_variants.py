"""Variants: up, verified, asked, unchanged, gone; as many at once as fit. `pytest -rP` shows times."""

import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

import pytest

from embedded import mirror
from embedded.cluster.layout import CONTEXT
from embedded.mirror.names import full
from infra.bases import bases
from stack.files import variant_files
from stack.outputs import StackOutputs
from tests.cluster import room, variants
from tests.cluster.conftest import ROOT
from tests.cluster.objects import Object, objects
from tests.rules.stacks import all_stacks

pytestmark = pytest.mark.cluster
PHOTO = str(next(iter(sorted((ROOT / "artifacts" / "photos").glob("*"))), ""))
AT_ONCE = 4
SERVERS = {"tf": "tensorflow", "torch": "torchserve", "triton": "triton"}
# Of stacks that differ by their kinds of objects: a second `up`, or its preview, shows no change.
AGAIN = {
    "tf-default": ("up", "--yes"),
    "torch-1-10-workers": ("up", "--yes"),
    "torch-replicas": ("preview",),
    "triton-default": ("preview",),
    "triton-hpa": ("preview",),
}
CHOSEN = [
    pytest.param(name, marks=pytest.mark.campaign) if name in variants.ALIKE else name
    for name in variants.NAMES
]
DEMANDS = {stack.name: room.demand(stack) for stack in all_stacks()}


@dataclass
class Life:
    """What a variant answered from its first `up` to its end, and the seconds of each step."""

    answers: str = ""
    seconds: dict[str, float] = field(default_factory=dict)

    def step(self, name: str, action: Callable[[], str]) -> str:
        began = time.monotonic()
        try:
            return action()
        finally:
            self.seconds[name] = round(time.monotonic() - began, 1)


def deployable(names: Iterable[str], context: str) -> list[str]:
    """Those whose base images are there: the embedded cluster has some only where somebody asked for them."""
    if context != CONTEXT:
        return list(names)
    here = {reference.rpartition(":")[0] for reference in mirror.served()}
    return [name for name in names if here.issuperset(map(full, bases(name)))]


Lives = Mapping[str, "Future[Life]"]


def live(name: str, shared: room.Room) -> Life:
    """Through all steps; fails with the first that fails, and nothing of the stack stays."""
    life, held = Life(), DEMANDS[name].coming
    shared.take(held)
    try:
        with variants.initialised(name):
            life.step("up", lambda: variants.pulumi(name, "up", "--yes", "--skip-preview"))
            shared.give(held - DEMANDS[name].staying)
            held = DEMANDS[name].staying
            life.step("verify", lambda: variants.bench("verify", name))
            life.answers = life.step(
                "predict", lambda: variants.bench("predict", PHOTO, "--stack", name, "--json")
            )
            if again := AGAIN.get(name):
                life.step("again", lambda: variants.pulumi(name, *again, "--expect-no-changes"))
            life.step("destroy", lambda: variants.pulumi(name, "destroy", "--yes", "--skip-preview"))
    finally:
        shared.give(held)
    return life


@pytest.fixture(scope="module")
def before(outputs: StackOutputs) -> set[Object]:
    return objects(outputs.context)


@pytest.fixture(scope="module")
def lives(request: pytest.FixtureRequest, outputs: StackOutputs, before: set[Object]) -> Iterator[Lives]:  # noqa: ARG001
    """The variants of the tests that were chosen, the largest first."""
    here = [item.nodeid for item in request.session.items if item.path == request.path]
    chosen = [name for name in variants.NAMES if any(f"[{name}]" in test for test in here)]
    shared = room.Room(room.free(outputs.context))
    pool = ThreadPoolExecutor(AT_ONCE)
    yield {
        name: pool.submit(live, name, shared)
        for name in sorted(deployable(chosen, outputs.context), key=lambda name: -DEMANDS[name].coming)
    }
    pool.shutdown(cancel_futures=True)


def test_the_thesis_nine_variants_are_brought_up_somewhere() -> None:
    described = variant_files(ROOT)
    assert {each.variant.thesis for each in described} >= set(range(1, 10))
    assert {each.stack for each in described} <= {*variants.NAMES, *variants.BEHIND, *variants.ELSEWHERE}


@pytest.mark.parametrize("name", CHOSEN)
def test_a_variant_comes_up_is_what_it_says_and_answers(name: str, lives: Lives) -> None:
    if name not in lives:
        pytest.skip(f"python -m embedded.mirror {' '.join(bases(name))} builds its image first")
    life = lives[name].result()
    assert set(json.loads(life.answers)) == {SERVERS[name.partition("-")[0]]}
    print(name, life.seconds)


def test_nothing_of_any_variant_is_left(outputs: StackOutputs, lives: Lives, before: set[Object]) -> None:
    for life in lives.values():
        life.exception()
    assert objects(outputs.context) == before
