"""What goes wrong in these tests, on purpose: too much load, a full memory, a frozen or killed server."""

import subprocess
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event

import requests

from bench.collect import pods as counts
from bench.load.openloop import RATES, Load, send
from bench.subject.deployed import connect
from bench.subject.target import addresses
from stack.outputs import Endpoint, StackOutputs
from stack.servers import SERVERS
from tests.cluster.conftest import ROOT, run

HOLD_SECONDS = 600
ASKED_SECONDS = 1  # so short that no autoscaler heeds it
# `tail` keeps all of what it reads until its input ends.
FILL = f"(head -c %d /dev/zero; sleep {HOLD_SECONDS}) | tail -c %d >/dev/null"
KILL_SECONDS = 5
KILL = 'for each in /proc/[0-9]*; do grep -sq "%s" $each/cmdline && kill -KILL ${each#/proc/}; done'
SIGNAL_JAVA = 'for each in /proc/[0-9]*; do [ "$(cat $each/comm)" = java ] && kill -%s ${each#/proc/}; done'


@contextmanager
def load(endpoint: Endpoint, rate: float, photo: bytes) -> Iterator[Counter[str]]:
    """An open load until the block ends, or for ten minutes; then counts the outcomes."""
    over, outcomes = Event(), Counter[str]()
    url, body, headers = request(endpoint, photo)
    with ThreadPoolExecutor(1) as pool:
        sending = pool.submit(send, Load(rate, HOLD_SECONDS), url, body, headers, over=over.is_set)
        try:
            yield outcomes
        finally:
            over.set()
        outcomes.update(answer.outcome for answer in sending.result())


def request(endpoint: Endpoint, photo: bytes) -> tuple[str, bytes, Mapping[str, str]]:
    """Where a server's photo goes, which is this machine; its body and headers."""
    assert endpoint.url
    assert all(address.is_loopback for address in addresses(endpoint.url))
    dialect = SERVERS[endpoint.server].dialect
    return endpoint.url, dialect.body(photo), dialect.headers


def rate(outputs: StackOutputs, photo: bytes, cores: float) -> float:
    """Requests a second that take so many cores of a stack's pods, by what some take on this machine.

    A rate written by hand is too little to scale out on one machine, and starves the cluster of another.
    """
    (endpoint,) = outputs.endpoints
    stack, (url, body, headers) = connect(outputs.stack), request(endpoint, photo)
    before, ends, asked = counts.look(stack, endpoint), time.monotonic() + ASKED_SECONDS, 0
    while time.monotonic() < ends:
        requests.post(url, body, headers=headers, timeout=HOLD_SECONDS).raise_for_status()
        asked += 1
    used = sum(each.cpu_seconds for each in counts.used(before, counts.look(stack, endpoint)))
    return min(cores * asked / used, RATES.high)


def pods(outputs: StackOutputs, component: str) -> list[str]:
    """The pods of a server."""
    chosen = ("-l", f"app.kubernetes.io/name={component}", "-o", "jsonpath={.items[*].metadata.name}")
    return run(
        "kubectl", "--context", outputs.context, "-n", outputs.namespace, "get", "pods", *chosen
    ).split()


@contextmanager
def memory_filled(outputs: StackOutputs, pod: str, size: int) -> Iterator[None]:
    """`size` bytes more are in use in the pod's container."""
    with subprocess.Popen(inside(outputs, pod, FILL % (size, size)), cwd=ROOT) as filling:
        try:
            yield
        finally:
            filling.terminate()


def signal_java(outputs: StackOutputs, pod: str, signal: str) -> None:
    """TorchServe's server is frozen (STOP), thawed (CONT) or killed (KILL)."""
    run(*inside(outputs, pod, SIGNAL_JAVA % signal))


@contextmanager
def dying(outputs: StackOutputs, component: str, program: str) -> Iterator[None]:
    """A program inside a server's pods is killed as soon as it is there, until the block ends."""
    over, script = Event(), KILL % f"[{program[0]}]{program[1:]}"

    def kill() -> None:
        while not over.wait(KILL_SECONDS):
            for pod in pods(outputs, component):
                subprocess.run(inside(outputs, pod, script), cwd=ROOT, capture_output=True, check=False)

    with ThreadPoolExecutor(1) as pool:
        killing = pool.submit(kill)
        try:
            yield
        finally:
            over.set()
        killing.result()


def inside(outputs: StackOutputs, pod: str, script: str) -> tuple[str, ...]:
    """The command that runs a script of the shell in a pod."""
    place = ("kubectl", "--context", outputs.context, "-n", outputs.namespace, "exec", pod)
    return (*place, "--", "sh", "-c", script + "; exit 0")
