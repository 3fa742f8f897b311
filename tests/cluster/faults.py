"""What goes wrong in these tests, on purpose: too much load, a full memory, a frozen or killed server."""

import subprocess
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event

from bench.load.openloop import Load, send
from bench.subject.target import addresses
from stack.outputs import Endpoint, StackOutputs
from stack.servers import SERVERS
from tests.cluster.conftest import ROOT, run

CHUNK_SECONDS = 15
MOST_CHUNKS = 16
HOLD_SECONDS = 240
# `tail` keeps all of what it reads until its input ends.
FILL = f"(head -c %d /dev/zero; sleep {HOLD_SECONDS}) | tail -c %d >/dev/null"
KILL_SECONDS = 5
KILL = 'for each in /proc/[0-9]*; do grep -sq "%s" $each/cmdline && kill -KILL ${each#/proc/}; done'
SIGNAL_JAVA = 'for each in /proc/[0-9]*; do [ "$(cat $each/comm)" = java ] && kill -%s ${each#/proc/}; done'


@contextmanager
def load(endpoint: Endpoint, rate: float, photo: bytes) -> Iterator[Counter[str]]:
    """An open load until the block ends, or for four minutes; counts the outcomes of what was answered."""
    assert endpoint.url
    assert all(address.is_loopback for address in addresses(endpoint.url))
    over, outcomes, dialect = Event(), Counter[str](), SERVERS[endpoint.server].dialect
    body = dialect.body(photo)

    def offer(url: str) -> None:
        for _ in range(MOST_CHUNKS):
            if over.is_set():
                return
            outcomes.update(
                answer.outcome for answer in send(Load(rate, CHUNK_SECONDS), url, body, dialect.headers)
            )

    with ThreadPoolExecutor(1) as pool:
        offering = pool.submit(offer, endpoint.url)
        try:
            yield outcomes
        finally:
            over.set()
        offering.result()


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
