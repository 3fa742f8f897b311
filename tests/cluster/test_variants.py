"""Every variant, one after another: up, verified, asked, unchanged, gone. `pytest -rP` shows the times."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from stack.document import variant_files
from stack.outputs import StackOutputs
from tests.cluster import variants
from tests.cluster.conftest import ROOT
from tests.cluster.objects import objects

pytestmark = pytest.mark.cluster
PHOTO = str(sorted((ROOT / "artifacts" / "photos").glob("*"))[0]) if (ROOT / "artifacts").exists() else ""


@dataclass
class Stopwatch:
    """Seconds of each step."""

    seconds: dict[str, float] = field(default_factory=dict)

    def take(self, step: str, action: Callable[[], str]) -> str:
        began = time.monotonic()
        try:
            return action()
        finally:
            self.seconds[step] = round(time.monotonic() - began, 1)


def test_the_thesis_nine_variants_are_among_them() -> None:
    described = variant_files(ROOT)
    assert {each.variant.thesis for each in described} >= set(range(1, 10))
    assert {each.stack for each in described} <= set(variants.NAMES)


@pytest.mark.parametrize("name", variants.NAMES)
def test_a_variant_comes_up_is_what_it_says_answers_and_leaves_nothing(
    name: str, outputs: StackOutputs
) -> None:
    before, watch = objects(outputs.context), Stopwatch()
    with variants.initialised(name):
        watch.take("up", lambda: variants.pulumi(name, "up", "--yes", "--skip-preview"))
        assert objects(outputs.context) - before
        watch.take("verify", lambda: variants.bench("verify", name))
        answers = watch.take("predict", lambda: variants.bench("predict", PHOTO, "--stack", name, "--json"))
        assert set(json.loads(answers)) == {"tensorflow" if name.startswith("tf-") else "torchserve"}
        watch.take("preview", lambda: variants.pulumi(name, "preview", "--expect-no-changes"))
        watch.take("no-change up", lambda: variants.pulumi(name, "up", "--yes", "--expect-no-changes"))
        watch.take("destroy", lambda: variants.pulumi(name, "destroy", "--yes", "--skip-preview"))
        assert objects(outputs.context) - before == set()
    print(name, watch.seconds)
