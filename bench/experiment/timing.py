"""Run `bench.experiment.inprocess` inside a serving container, or here where that lacks the runtime.

Here the exported model stands for the one in the container, and no CPU limit holds.
"""

import json
import subprocess
import sys
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from base.children import tied
from bench.errors import ClusterError, CommandError, TargetError
from bench.experiment import inprocess
from bench.experiment.inprocess import Job, Report, Timing
from bench.subject.cluster import Cluster
from bench.subject.deployed import Deployed
from bench.subject.objects import Pod
from stack.outputs import Endpoint

SCRIPT = Path(inprocess.__file__)
ABSENT = 127  # what a shell says of a program that it does not find
PYTHON = ("sh", "-c", 'exec python3 -c "$0" "$@"')
HAS_MODULE = f"import importlib.util, sys; sys.exit(0 if importlib.util.find_spec(sys.argv[1]) else {ABSENT})"


@dataclass(frozen=True)
class Timed:
    """A report, and in which container or environment it came about; `in_pod`: within a pod's CPU limit."""

    where: str
    report: Report
    in_pod: bool


def ready_pod(stack: Deployed, endpoint: Endpoint) -> Pod:
    """One of the server's pods, the same each time. Raises TargetError if none is ready."""
    ready = sorted((pod for pod in stack.pods(endpoint) if pod.ready), key=lambda pod: pod.name)
    if not ready:
        raise TargetError(f"{endpoint.server}: expected a ready pod, got none; run: make status")
    return ready[0]


def timed(cluster: Cluster, pod: Pod, job: Job, exported: Path) -> Timed:
    """Do the job in a pod's container, or here with the `exported` model. Raises BenchError."""
    module = job.module
    if _has(cluster, pod, module):
        where = f"container {pod.component} of pod {pod.name}"
        return Timed(where, _report(where, _inside(cluster, pod, job)), in_pod=True)
    where = f"the bench's own environment: container {pod.component} has no Python with {module}"
    return Timed(where, _report(where, _here(replace(job, model=str(exported)))), in_pod=False)


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
    command = [sys.executable, str(SCRIPT)]
    done = subprocess.run(
        command, input=_line(job), capture_output=True, text=True, check=False, preexec_fn=tied()
    )
    if done.returncode:
        said = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
        raise TargetError(
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
