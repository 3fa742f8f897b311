"""What happens when requests meet in one batch, on TensorFlow's own scheduler."""

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from embedded.standins.tf_serving import batching, servable
from embedded.standins.tf_serving.config_files import Batching
from embedded.standins.tf_serving.dtypes import Tensor
from embedded.standins.tf_serving.errors import Code, ServingError
from embedded.standins.tf_serving.metrics import Metrics
from embedded.standins.tf_serving.servable import LoadSettings, Servable

from .saved_models import write_warmup

pytestmark = pytest.mark.slow

WAITING = Batching(
    max_batch_size=4, batch_timeout_micros=150_000, max_enqueued_batches=100, num_batch_threads=1
)


def full(rows: int) -> Batching:
    """Batches that run when they hold this many rows, and only then, however slow the machine."""
    return replace(WAITING, max_batch_size=rows, batch_timeout_micros=60_000_000)


class Loaded:
    """Versions of the test model, loaded once for each set of options; metrics count since the last reset."""

    def __init__(self, base: Path) -> None:
        self.metrics = Metrics()
        self._base = base
        self._all: dict[object, Servable] = {}
        self._before = [0, 0]

    def __call__(
        self, folder: str, options: Batching | None, timeout: float = 0, again: str = ""
    ) -> Servable:
        key = (folder, options, timeout, again)
        if key not in self._all:
            settings = LoadSettings(0, 0, timeout, options)
            self._all[key] = servable.load("half", 1, str(self._base / folder), settings, self.metrics)
        return self._all[key]

    def close(self) -> None:
        for each in self._all.values():
            each.close()

    def reset(self) -> None:
        self._before = self._sizes()

    def sizes(self) -> list[int]:
        """Rows in all batches run since the last reset, and the number of these batches."""
        return [now - before for now, before in zip(self._sizes(), self._before, strict=True)]

    def _sizes(self) -> list[int]:
        counts = [int(line.rpartition(" ")[2]) for line in self.metrics.processed_batch_size.lines()]
        return counts[-2:]


@pytest.fixture(scope="module")
def versions(half: Path) -> Iterator[Loaded]:
    loaded = Loaded(half)
    yield loaded
    loaded.close()


@pytest.fixture
def loaded(versions: Loaded) -> Loaded:
    versions.reset()
    return versions


def ask(model: Servable, signature: str, *rows: float, timeout: float = 0) -> list[float]:
    found = model.signature(signature)
    assert found is not None
    values: Tensor = np.array(rows, np.float32)
    answer: list[float] = model.run(found, {"x": values}, timeout)["y"].tolist()
    return answer


def together(*jobs: Callable[[], list[float]]) -> list[list[float] | ServingError]:
    """Run all jobs at the same moment, each in a thread; errors are returned."""
    start = threading.Barrier(len(jobs))

    def run(job: Callable[[], list[float]]) -> list[float] | ServingError:
        start.wait()
        try:
            return job()
        except ServingError as error:
            return error

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(run, jobs))


def test_requests_that_meet_share_one_batch(loaded: Loaded) -> None:
    model = loaded("2", full(4))
    answers = together(*[partial(ask, model, "", float(i)) for i in range(4)])
    assert answers == [[i / 2 + 3] for i in range(4)]
    assert loaded.sizes() == [4, 1]


def test_two_schedulers_of_one_name_would_run_each_others_rows(
    loaded: Loaded, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The danger that the unique names avert: without them, one signature answers for the other."""
    monkeypatch.setattr(batching, "unique_name", lambda *_: "shared")
    model = loaded("2", full(2), again="with one name")
    halves, triples = together(lambda: ask(model, "", 10.0), lambda: ask(model, "triple", 10.0))
    assert halves == triples, "a mixed batch runs one graph for all; if not, this test proves nothing"


def test_two_signatures_never_share_a_batch(loaded: Loaded) -> None:
    model = loaded("2", WAITING)
    for number in range(4):
        x = float(number + 1)
        halves, triples = together(partial(ask, model, "", x), partial(ask, model, "triple", x))
        assert (halves, triples) == ([x / 2 + 3], [3 * x])
    assert loaded.sizes() == [8, 8]


def test_two_versions_and_two_loads_never_share_a_batch(loaded: Loaded) -> None:
    first, second = loaded("00000001", WAITING), loaded("2", WAITING)
    again = loaded("2", WAITING, again="once more")
    jobs = [partial(ask, each, "", 4.0) for each in (first, second, again)]
    assert together(*jobs) == [[4.0], [5.0], [5.0]]
    assert loaded.sizes() == [3, 3]


def test_under_a_hammer_every_request_gets_its_own_answer(loaded: Loaded) -> None:
    options = replace(WAITING, max_batch_size=8, batch_timeout_micros=500, num_batch_threads=2)
    models = {2.0: loaded("00000001", options), 3.0: loaded("2", options)}

    def hammer(thread: int) -> int:
        wrong = 0
        for step in range(30):
            x, offset = float(thread * 100 + step), (2.0, 3.0)[step % 2]
            expected, signature = (x / 2 + offset, "") if step % 3 else (3 * x, "triple")
            wrong += ask(models[offset], signature, x, x + 1)[0] != expected
        return wrong

    with ThreadPoolExecutor(12) as pool:
        assert sum(pool.map(hammer, range(12))) == 0
    rows, batches = loaded.sizes()
    assert rows == 12 * 30 * 2
    assert batches < 12 * 30, "requests did meet"


def test_rows_come_back_in_order_whatever_their_number(loaded: Loaded) -> None:
    model = loaded("2", full(4))
    answers = together(lambda: ask(model, "", 1, 2, 3), lambda: ask(model, "", 9))
    assert answers == [[3.5, 4.0, 4.5], [7.5]]


def test_one_poisoned_row_fails_its_batch_and_no_other(loaded: Loaded) -> None:
    model = loaded("2", full(2))
    bad, good = together(lambda: ask(model, "strict", -1), lambda: ask(model, "strict", 4))
    assert isinstance(bad, ServingError)
    assert isinstance(good, ServingError)
    assert bad.code is good.code is Code.INVALID_ARGUMENT
    assert "negative row" in good.message
    assert ask(model, "strict", 4, 9) == [2.0, 3.0]


def test_more_rows_than_a_batch_takes_are_refused(loaded: Loaded) -> None:
    with pytest.raises(ServingError) as caught:
        ask(loaded("2", WAITING), "", 1, 2, 3, 4, 5)
    assert caught.value.code is Code.INVALID_ARGUMENT
    assert caught.value.message == "Task size 5 is larger than maximum input batch size 4"


def test_a_full_queue_refuses_and_says_so(loaded: Loaded) -> None:
    model = loaded("2", Batching(max_batch_size=1, max_enqueued_batches=1, num_batch_threads=1))
    answers = together(*[lambda: ask(model, "slow", 300.0)] * 6)
    refused = [answer for answer in answers if isinstance(answer, ServingError)]
    assert 1 <= len(refused) < 6, "some are served, some are refused"
    assert {error.code for error in refused} == {Code.UNAVAILABLE}
    assert all(
        error.message.startswith("The batch scheduling queue to which this task was submitted is full; ")
        for error in refused
    )


def test_a_batch_whose_requests_all_timed_out_is_not_run(loaded: Loaded) -> None:
    model = loaded("2", WAITING)
    with pytest.raises(ServingError) as caught:
        ask(model, "", 1.0, timeout=0.05)
    assert caught.value.code is Code.RESOURCE_EXHAUSTED
    assert caught.value.message == "Run() timeout exceeded while waiting in batching queue"


def test_a_timed_out_request_is_carried_by_a_neighbour_that_is_in_time(loaded: Loaded) -> None:
    model = loaded("2", full(2))
    with ThreadPoolExecutor(1) as pool:
        late = pool.submit(ask, model, "", 1.0, timeout=0.05)
        time.sleep(0.1)  # until its time is over
        assert ask(model, "", 2.0) == [4.0]
        assert late.result() == [3.5]


@pytest.mark.parametrize(
    ("a", "b", "says"),
    [
        (np.float32(1), np.ones(1, np.float32), "must have at least one dimension"),
        (np.ones(2, np.float32), np.ones(1, np.float32), "must have equal 0th-dimension size"),
    ],
)
def test_inputs_that_cannot_be_cut_into_rows_are_refused(
    loaded: Loaded, a: Tensor, b: Tensor, says: str
) -> None:
    model = loaded("2", WAITING)
    both = model.signatures["both"]
    with pytest.raises(ServingError, match=says):
        model.run(both, {"a": np.asarray(a), "b": b}, 0)


def test_an_output_without_rows_cannot_be_batched(loaded: Loaded) -> None:
    model = loaded("2", WAITING)
    with pytest.raises(ServingError, match="Batched output tensor has 0 dimensions"):
        model.run(model.signatures["scalar"], {"x": np.ones(2, np.float32)}, 0)


def test_an_unloaded_version_leaves_no_batching_threads(loaded: Loaded) -> None:
    def threads() -> int:
        return len(list(Path("/proc/self/task").iterdir()))

    ask(loaded("2", WAITING), "", 1.0)  # threads that TensorFlow starts once
    before = threads()
    other = loaded("2", Batching(max_batch_size=4, num_batch_threads=16))
    ask(other, "", 1.0)
    assert threads() >= before + 16
    other.close()
    assert threads() < before + 16


def test_without_batching_a_long_run_is_cancelled_at_its_timeout(loaded: Loaded) -> None:
    model = loaded("2", None, timeout=0.2)
    with pytest.raises(ServingError) as caught:
        ask(model, "slow", 1e6, timeout=0.2)
    assert caught.value.code is Code.DEADLINE_EXCEEDED
    assert ask(model, "slow", 1.0, timeout=0.2) == [1.0]


def test_warm_up_records_are_run_before_a_version_serves(half: Path, tmp_path: Path) -> None:
    shutil.copytree(half / "2", tmp_path / "2")
    write_warmup(tmp_path / "2", "half", "serving_default", [[1.0], [2.0, 3.0]])
    warmed = Loaded(tmp_path)
    warmed("2", replace(WAITING, batch_timeout_micros=0))
    assert warmed.sizes() == [3, 2]
    warmed.close()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"no records at all, but long enough for a header", "DATA_LOSS"),
        (None, r"signature and inputs are not the model's: nope\(x\)"),
    ],
)
def test_a_warm_up_file_that_does_not_fit_fails_the_load(
    half: Path, tmp_path: Path, content: bytes | None, says: str
) -> None:
    shutil.copytree(half / "2", tmp_path / "2")
    file = write_warmup(tmp_path / "2", "half", "nope", [[1.0]])
    if content:
        file.write_bytes(content)
    with pytest.raises(ServingError, match=says):
        Loaded(tmp_path)("2", None)
