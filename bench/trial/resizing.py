"""Give a running pod another CPU limit in place, and see what its server makes of it under a closed load."""

import json
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from base.children import tied
from bench.errors import TargetError
from bench.load import k6
from bench.load.plan import Plan
from bench.records.estimates import percentile
from bench.records.profile import Closed
from bench.records.samples import Sample
from bench.subject.objects import Pod
from bench.subject.target import Target
from stack.quantities import millicores
from stack.servers.reading import END, SCRIPT, Process, Reading, parse

SETTLE_SECONDS = 3.0  # of each load: what was queued under the limit before is answered
FOLLOW_SECONDS = 60.0  # at most, from the API server's yes to the cgroup's quota
POLL_SECONDS = 0.25
BOUND = 0.2  # of the quota's periods; a server that is stopped in more of them uses up its limit
METER = (  # cgroup v2 tells all in one file, v1 in two
    "cat /sys/fs/cgroup/cpu.stat 2>/dev/null || { cat /sys/fs/cgroup/cpu/cpu.stat; "
    'echo "usage_nsec $(cat /sys/fs/cgroup/cpuacct/cpuacct.usage)"; }'
)


@dataclass(frozen=True)
class Look:
    """A pod with one limit: `followed` after so many seconds, then what it answered under load.

    `cores` is the cgroup's quota; `used` are the cores that it used, `throttled` the share of the quota's
    periods in which it was stopped: without any it was the machine that limited, not the quota. `threads` are
    those of each process by its program and number, after the load; `restarts` -1: it is another pod now.
    """

    limit: str
    followed: float
    cores: float | None
    used: float
    throttled: float
    rate: float
    p50_millis: float
    failed: int
    threads: Mapping[str, int]
    restarts: int


@dataclass(frozen=True)
class Meter:
    """A cgroup's counters: CPU seconds, periods of the quota, and those of them in which it was used up."""

    cpu_seconds: float
    periods: int
    throttled: int

    def since(self, before: "Meter") -> "Meter":
        """What came after another look."""
        return Meter(
            self.cpu_seconds - before.cpu_seconds,
            self.periods - before.periods,
            self.throttled - before.throttled,
        )


def metered(text: str) -> Meter:
    """What METER printed. Raises KeyError where the cgroup tells no usage."""
    found = {name: int(value) for name, value in (line.split() for line in text.splitlines())}
    seconds = found["usage_usec"] / 1e6 if "usage_usec" in found else found["usage_nsec"] / 1e9
    return Meter(seconds, found.get("nr_periods", 0), found.get("nr_throttled", 0))


def turns(limits: tuple[str, str], repeats: int) -> Iterator[str]:
    """Both limits so often, in an order that a steady drift of the machine does not favour: ab ba ab …"""
    for number in range(repeats):
        yield from limits if number % 2 == 0 else reversed(limits)


def gains(looks: Sequence[Look]) -> tuple[float, ...]:
    """Rate with the second limit ÷ rate with the first, of each turn in which both limits were used up.

    In other turns something else held the server up: other programs, the load, or the server itself.
    """
    first = looks[0].limit
    pairs = zip(looks[::2], looks[1::2], strict=True)
    ordered = ((a, b) if a.limit == first else (b, a) for a, b in pairs)
    return tuple(b.rate / a.rate for a, b in ordered if a.rate and min(a.throttled, b.throttled) > BOUND)


def measure(
    target: Target, limits: tuple[str, str], load: Closed, repeats: int, show: Callable[[Look], None]
) -> tuple[Look, ...]:
    """One look a turn, shown as it comes; the pod has its own limit again afterwards.

    Raises TargetError, ClusterError.
    """
    pod, looks = only_pod(target), list[Look]()
    own = target.stack.settings.resources.cpu_limit
    try:
        for number, limit in enumerate(turns(limits, repeats)):
            followed = resize(target, pod, limit)
            looks.append(_look(target, pod, (limit, followed), load, seed=number))
            show(looks[-1])
        return tuple(looks)
    finally:
        resize(target, pod, own)


def only_pod(target: Target) -> Pod:
    """The server's one ready pod. Raises TargetError for none or several: which of them answers is chance."""
    found = [pod for pod in target.stack.pods(target.endpoint) if pod.ready]
    if len(found) != 1:
        name = target.endpoint.server
        raise TargetError(f"{name}: expected one ready pod, got {len(found)}; choose a stack with replicas 1")
    return found[0]


def resize(target: Target, pod: Pod, limit: str) -> float:
    """Ask for a limit and wait until the cgroup has it, s. Raises TargetError if it does not come."""
    began = time.monotonic()
    _patch(target, pod, limit)
    wanted = millicores(limit) / 1000
    while read(target, pod).limits.cores != wanted:
        if time.monotonic() - began > FOLLOW_SECONDS:
            raise TargetError(
                f"{pod.name}: expected the CPU limit {limit} within {FOLLOW_SECONDS:g} s, got none; "
                f"see its condition PodResizePending: kubectl -n {pod.namespace} describe pod {pod.name}"
            )
        time.sleep(POLL_SECONDS)
    return time.monotonic() - began


def _patch(target: Target, pod: Pod, limit: str) -> None:
    container = {"name": pod.component, "resources": {"limits": {"cpu": limit}}}
    patch = json.dumps({"spec": {"containers": [container]}})
    command = ["kubectl", "--context", target.stack.outputs.context, "--namespace", pod.namespace, "patch"]
    command += ["pod", pod.name, "--subresource", "resize", "--patch", patch]
    done = subprocess.run(command, capture_output=True, text=True, check=False, preexec_fn=tied())
    if done.returncode:
        raise TargetError(f"{pod.name}: cannot be resized: {done.stderr.strip()[:300]}")


def read(target: Target, pod: Pod) -> Reading:
    """Processes and cgroup of the serving container. Raises ClusterError."""
    command = ["sh", "-c", f"{SCRIPT}{END}"]
    return parse(target.stack.cluster.execute(pod.namespace, pod.name, pod.component, command))


def _sent(target: Target, load: Closed, seed: int) -> list[Sample]:
    plan = Plan(load, target.url, target.bodies, seed=seed, headers=target.headers)
    outcome = k6.send(plan, lambda _: False)
    if outcome.interrupted:
        raise KeyboardInterrupt
    if outcome.fault:
        raise TargetError(f"{target.endpoint.server}: {outcome.fault}")
    return [each for each in outcome.samples if each.sent >= SETTLE_SECONDS * 1000]


def _meter(target: Target, pod: Pod) -> Meter:
    command = ["sh", "-c", METER]
    return metered(target.stack.cluster.execute(pod.namespace, pod.name, pod.component, command))


def _look(target: Target, pod: Pod, limited: tuple[str, float], load: Closed, seed: int) -> Look:
    before = _meter(target, pod)
    samples = _sent(target, load, seed)
    spent = _meter(target, pod).since(before)
    good = sorted(each.latency for each in samples if each.good)
    reading, now = read(target, pod), only_pod(target)
    return Look(
        limit=limited[0],
        followed=limited[1],
        cores=reading.limits.cores,
        used=spent.cpu_seconds / load.seconds,
        throttled=spent.throttled / spent.periods if spent.periods else 0.0,
        rate=len(good) / (load.seconds - SETTLE_SECONDS),
        p50_millis=percentile(good, 0.5) if good else 0.0,
        failed=len(samples) - len(good),
        threads={f"{_program(each)} {each.pid}": each.threads or 0 for each in reading.processes},
        restarts=now.restarts if now.name == pod.name else -1,
    )


def _program(process: Process) -> str:
    """Its last word that is no flag, or of `python -m` the module."""
    words = [word.rpartition("/")[2] for word in process.command if word and not word.startswith("-")]
    return words[0] if words else "ended"
