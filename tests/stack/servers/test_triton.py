"""Triton's settings are told and read back; requests are binary, with heads of one length for all photos."""

import json
import re

import pytest

from stack.servers import triton
from stack.servers.model import OURS
from stack.servers.reading import Limits, Process, Reading, UnreadableError
from stack.servers.server import Limits as Allowed
from stack.settings import Triton

CONFIG = {
    "max_batch_size": 8,
    "instance_group": [{"count": 2}],
    "dynamic_batching": {
        "max_queue_delay_microseconds": 500,
        "default_queue_policy": {"max_queue_size": 64},
    },
    "parameters": {"precision": {"string_value": "int8"}, "threads": {"string_value": "1"}},
}
WANTED = Triton("int8", 2, 1, 8, 500, 64)

TRACEBACK = 'Traceback (most recent call last):\n  File "<string>", line 1\nConnectionRefusedError: refused\n'


def look(config: str, *threads: int | None) -> Reading:
    """The server, a stub with each number of threads, and one that was killed."""
    stubs = [
        Process(number, (f"/opt/{triton.STUB}", "model.py"), each, {})
        for number, each in enumerate(threads, start=2)
    ]
    processes = (Process(1, ("tritonserver",), 50, {}), *stubs, Process(99, (), 1, {}))
    return Reading(processes, Limits(2.0, None), {"config": config})


def test_the_configuration_and_the_processes_are_read_back() -> None:
    assert triton.effective(look(json.dumps(CONFIG), 4, 4)) == triton.intended(WANTED)


@pytest.mark.parametrize(
    ("threads", "running", "each"),
    [((4,), 1, "1"), ((4, 6), 2, "1, 3"), ((), 0, "no instance"), ((4, None), 2, "1, unknown")],
)
def test_instances_that_are_gone_or_differ_are_seen(
    threads: tuple[int | None, ...], running: int, each: str
) -> None:
    found = triton.effective(look(json.dumps(CONFIG), *threads))
    assert (found[triton.RUNNING], found[triton.THREADS]) == (running, each)


@pytest.mark.parametrize(
    ("config", "reason"),
    [
        ("Connection refused", "the server answered about its configuration 'Connection refused'"),
        (TRACEBACK, "the server answered about its configuration 'ConnectionRefusedError: refused'"),
        ("[]", "does not tell parameters.precision.string_value"),
        (json.dumps(CONFIG | {"instance_group": []}), "does not tell instance_group.0.count"),
    ],
)
def test_a_configuration_that_cannot_be_read_is_named(config: str, reason: str) -> None:
    with pytest.raises(UnreadableError, match=re.escape(reason)):
        triton.effective(look(config, 4))


def test_the_head_of_a_body_is_as_long_as_its_header_says_for_photos_of_any_size() -> None:
    told = int(triton.server(OURS).dialect.headers["Inference-Header-Content-Length"])
    for size in (0, 100, 2**20):
        body = triton.body(b"x" * size)
        (image,) = json.loads(body[:told])["inputs"]
        assert image["parameters"]["binary_data_size"] == len(body) - told == size + 4


@pytest.mark.parametrize(
    "reply", [None, [], {}, {"outputs": []}, {"outputs": [{"data": []}]}, {"error": "x"}]
)
def test_a_reply_without_classes_is_no_answer(reply: object) -> None:
    assert triton.answer(reply) is None


def test_the_likeliest_class_is_the_label() -> None:
    data = ["0.750000:1:happy", "0.250000:0:very: sad"]
    answer = {"happy": "0.750000", "very: sad": "0.250000", "label": "happy"}
    assert triton.answer({"outputs": [{"data": data}]}) == answer


@pytest.mark.parametrize(
    ("wanted", "cpu", "memory", "words"),
    [
        (Triton(instances=2, threads=1), "2", "2Gi", []),
        (Triton(instances=2, threads=2), "2", "2Gi", ["triton.instances: 2 instances × 2 threads"]),
        (Triton(instances=2), "2", "512Mi", ["resources.memoryLimit: 512Mi is less than the 656Mi or so"]),
        (Triton(queue_size=256), "2", "2Gi", ["triton.queueSize: with a bound (256) a request"]),
    ],
)
def test_limits_that_are_too_small_and_a_bound_for_the_queue_are_warned_of(
    wanted: Triton, cpu: str, memory: str, words: list[str]
) -> None:
    found = list(triton.warnings(wanted, Allowed(cpu, memory)))
    assert [each[: len(start)] for each, start in zip(found, words, strict=True)] == words
