"""Run `bench.inprocess` inside a serving container, or here where it has no Python with the runtime.

Here the exported model stands for the one in the container, and no CPU limit holds.
"""

import json
import subprocess
import sys
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from urllib.parse import quote

from bench import inprocess, stack
from bench.cluster import Cluster, ClusterError, CommandError
from bench.inprocess import Job, Report, Timing
from bench.objects import Pod, pods
from bench.openloop import LoadError
from stack.outputs import Endpoint, StackOutputs

SCRIPT = Path(inprocess.__file__)
ABSENT = 127  # what a shell says of a program that it does not find
MODULES = {"tensorflow": "tensorflow", "torchserve": "torch"}
EXPORTED = {
    "tensorflow": stack.ROOT / "artifacts" / "tensorflow" / "emotions",
    "torchserve": stack.ROOT / "artifacts" / "torchserve" / "emotions.mar",
}
PYTHON = ("sh", "-c", 'exec python3 -c "$0" "$@"')
HAS_MODULE = f"import importlib.util, sys; sys.exit(0 if importlib.util.find_spec(sys.argv[1]) else {ABSENT})"


@dataclass(frozen=True)
class Timed:
    """A report, and in which container or environment it came about."""

    where: str
    report: Report


def ready_pod(cluster: Cluster, outputs: StackOutputs, endpoint: Endpoint) -> Pod:
    """One of the server's pods, the same each time. Raises LoadError if none is ready."""
    name = quote(f"app.kubernetes.io/name={endpoint.deployment}")
    listed = pods(cluster.get(f"/api/v1/namespaces/{outputs.namespace}/pods?labelSelector={name}"))
    ready = sorted((pod for pod in listed if pod.ready), key=lambda pod: pod.name)
    if not ready:
        raise LoadError(f"{endpoint.server}: expected a ready pod, got none; run: make status")
    return ready[0]


def timed(cluster: Cluster, pod: Pod, job: Job) -> Timed:
    """Do the job in a pod's container, or here. Raises LoadError, ClusterError."""
    module = MODULES[job.server]
    if _has(cluster, pod, module):
        where = f"container {pod.component} of pod {pod.name}"
        return Timed(where, _report(where, _inside(cluster, pod, job)))
    where = f"the bench's own environment: container {pod.component} has no Python with {module}"
    return Timed(where, _report(where, _here(replace(job, model=str(EXPORTED[job.server])))))


def _has(cluster: Cluster, pod: Pod, module: str) -> bool:
    try:
        cluster.execute(pod.namespace, pod.name, pod.component, [*PYTHON, HAS_MODULE, module])
    except CommandError as error:
        if error.code == ABSENT:
            return False
        raise
    return True


def _inside(cluster: Cluster, pod: Pod, job: Job) -> str:
    command, bound = [*PYTHON, SCRIPT.read_text()], job.most_seconds
    return cluster.execute(pod.namespace, pod.name, pod.component, command, stdin=_line(job), seconds=bound)


def _here(job: Job) -> str:
    """Its text, not its file: beside the script are modules named like those of the standard library."""
    command = [sys.executable, "-P", "-c", SCRIPT.read_text()]
    done = subprocess.run(command, input=_line(job), capture_output=True, text=True, check=False)
    if done.returncode:
        said = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
        raise LoadError(
            f"{job.model}: expected a model that this environment can run, got {said}; run: make up"
        )
    return done.stdout


def _line(job: Job) -> str:
    return json.dumps(asdict(job)) + "\n"


def _report(where: str, printed: str) -> Report:
    last = (printed.strip().splitlines() or [""])[-1]
    try:
        told = json.loads(last)
        return Report(**{**told, "times": [Timing(**each) for each in told["times"]]})
    except (ValueError, TypeError, KeyError) as error:
        raise ClusterError(f"{where}: expected a report, got {last[:200]!r}") from error
