"""TorchServe's settings are read back from a running pod; what cannot be read is an error by name."""

import re

import pytest

from stack.servers import reading, torchserve
from stack.servers.model import OURS
from stack.servers.reading import UnreadableError
from stack.settings import TorchServe
from tests.stack.servers import recorded

THREADS = "torchserve.threadsPerWorker"

TRACEBACK = 'Traceback (most recent call last):\n  File "<string>", line 1\nConnectionRefusedError: refused\n'


def test_the_management_apis_word_is_read_with_the_threads_of_every_worker() -> None:
    found = torchserve.effective(recorded.read("torchserve"))
    assert found == torchserve.intended(TorchServe())
    assert (found[torchserve.READY], found[THREADS]) == (1, "1")


def test_a_worker_without_a_thread_setting_is_told_apart() -> None:
    text = recorded.text("torchserve").replace("@@ openmp 30\nOMP_NUM_THREADS=1\n", "@@ openmp 30\n")
    assert torchserve.effective(reading.parse(text))[THREADS] == "unset"


@pytest.mark.parametrize(
    ("management", "reason"),
    [
        ("Connection refused", "the management API answered 'Connection refused'"),
        (TRACEBACK, "the management API answered 'ConnectionRefusedError: refused'"),
        ("[]", "expected one version of the model"),
        ('{"code": 404}', "expected one version of the model"),
        ('[{"minWorkers": 1, "maxWorkers": 1, "maxBatchDelay": 1}]', "does not tell batchSize"),
    ],
)
def test_a_management_api_without_an_answer_is_named(management: str, reason: str) -> None:
    text = recorded.text("torchserve").partition("@@ management")[0] + f"@@ management\n{management}\n"
    with pytest.raises(UnreadableError, match=re.escape(reason)):
        torchserve.effective(reading.parse(text))


def test_management_and_grpc_are_kept_to_the_pod() -> None:
    lines = torchserve.files(OURS, TorchServe())["config.properties"].splitlines()
    properties = dict(line.split("=", 1) for line in lines)
    assert properties["management_address"] == "http://127.0.0.1:8081"
    assert properties["grpc_inference_address"] == properties["grpc_management_address"] == "127.0.0.1"


def test_workers_and_batches_reach_the_configuration() -> None:
    wanted = TorchServe(2, 3, 8, 20, 1)
    text = torchserve.files(OURS, wanted)["config.properties"]
    for part in ('"minWorkers": 2', '"maxWorkers": 3', '"batchSize": 8', '"maxBatchDelay": 20'):
        assert part in text
    assert torchserve.environment(wanted)["OMP_NUM_THREADS"] == "1"
