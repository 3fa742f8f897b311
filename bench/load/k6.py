"""Run k6 on a plan and follow its answers."""

import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from base.children import tied
from bench.errors import GeneratorError
from bench.load.outcome import NICENESS, Outcome
from bench.load.plan import Plan, write
from bench.records.samples import Sample, Tail
from stack.files import ROOT

SCRIPT = Path(__file__).resolve().parent / "loadtest.js"
# Brings k6 as `python -m embedded.toolchain k6`, in a checkout that has it: the bench knows no more of it.
BUILDER = ROOT / "embedded" / "toolchain"
STDERR = 2
POLL_SECONDS = 0.5
STOP_SECONDS = 5.0
GOGC = "400"  # fewer collections: a quarter less CPU at 300 requests/s than with Go's default of 100
FLAGS = (
    *("--quiet", "--no-color", "--no-usage-report", "--no-thresholds", "--summary-mode=disabled"),
    *("--address=", "--log-format=raw"),
)

Watch = Callable[[list[Sample]], bool]
"""Takes all samples so far; True ends the load."""


def obtain(builder: Path = BUILDER) -> str:
    """The path of k6, which is brought first where this checkout can. Raises GeneratorError."""
    if shutil.which("k6") is None and builder.is_dir():
        print("k6 is not on PATH; it is brought now, a few minutes once", file=sys.stderr, flush=True)
        command = [sys.executable, "-m", f"{builder.parent.name}.{builder.name}", "k6"]
        subprocess.run(
            command, cwd=builder.parent.parent, stdout=STDERR, check=False, preexec_fn=tied(signal.SIGTERM)
        )
    return locate()


def locate() -> str:
    """The path of k6. Raises GeneratorError, which says how to get it."""
    found = shutil.which("k6")
    if found is None:
        raise GeneratorError(
            "k6 is not on PATH; install it, or run: python -m embedded.toolchain k6 && . .venv/bin/activate"
        )
    return found


def version() -> str:
    """As `k6 v1.8.1`. Raises GeneratorError if there is no k6."""
    command = [locate(), "version"]
    said = subprocess.run(command, capture_output=True, text=True, check=False, preexec_fn=tied()).stdout
    return " ".join(said.split()[:2])


def send(plan: Plan, watch: Watch) -> Outcome:
    """Send a load to its end, until `watch` ends it, or until Ctrl-C. Raises GeneratorError without k6."""
    program, schedule = locate(), plan.schedule()
    planned = len(schedule) if plan.start_millis else None
    with tempfile.TemporaryDirectory(prefix="emotion-bench-") as name:
        folder = Path(name)
        command = [
            "nice",
            "-n",
            str(NICENESS),
            program,
            "run",
            *FLAGS,
            f"--console-output={folder / 'samples'}",
        ]
        command += ["--env", f"PLAN={write(plan, schedule, folder)}", str(SCRIPT)]
        with (folder / "log").open("w+") as log:
            # its own session: Ctrl-C is ours to pass on, after which the samples are still read
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=tied(),
                env=os.environ | _variables(plan, folder),
            )
            tail = Tail(folder / "samples", plan.check.judge if plan.check else None)
            ended = _follow(process, tail, watch)
            log.seek(0)
            return _outcome(plan, planned, ended, log.read())


def _variables(plan: Plan, folder: Path) -> dict[str, str]:
    """k6's environment; Go takes the certificates to trust from a file (crypto/x509)."""
    usual = {"K6_AUTO_EXTENSION_RESOLUTION": "false", "GOGC": GOGC}
    if plan.certificate is None:
        return usual
    trusted = folder / "certificate.pem"
    trusted.write_text(plan.certificate)
    return {**usual, "SSL_CERT_FILE": str(trusted)}


@dataclass(frozen=True)
class _Ended:
    samples: list[Sample]
    stopped: bool
    interrupted: bool
    code: int
    cpu_seconds: float
    wall_seconds: float
    began: float


def _follow(process: subprocess.Popen[bytes], tail: Tail, watch: Watch) -> _Ended:
    start, cpu, stopped, interrupted = time.monotonic(), _children_cpu(), False, False
    beginning = 0.0
    samples: list[Sample] = []
    began = time.time() + STOP_SECONDS  # until a sample tells better
    try:
        while not stopped and process.poll() is None:
            new = tail.new()
            if new and not samples:
                start, beginning = time.monotonic(), _cpu_of(process.pid)
            samples += new
            began = min([began, *(time.time() - each.ended / 1000 for each in new[-1:])])
            stopped = watch(samples)
            time.sleep(POLL_SECONDS)
    except KeyboardInterrupt:
        interrupted = True
    finally:
        code = _end(process)
    samples += tail.new()
    spent, wall = _children_cpu() - cpu - beginning, time.monotonic() - start
    return _Ended(samples, stopped, interrupted, code, spent, wall, began)


def _end(process: subprocess.Popen[bytes]) -> int:
    """Stop the process if it runs; its exit code, negative for a signal."""
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
    try:
        return process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()


def _cpu_of(pid: int) -> float:
    """CPU seconds of a running process so far; 0 on a system without /proc."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")  # utime, stime: proc_pid_stat(5)


def _children_cpu() -> float:
    """CPU seconds of all child processes that have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _outcome(plan: Plan, planned: int | None, ended: _Ended, log: str) -> Outcome:
    meant = ended.stopped or ended.interrupted or ended.code == 0
    said = log.strip().splitlines()[-1:] or ["it said nothing"]
    fault = "" if meant else f"k6 ended with code {ended.code}: {said[0][:300]}"
    return Outcome(
        plan=plan,
        samples=tuple(ended.samples),
        planned=planned,
        interrupted=ended.interrupted,
        fault=fault,
        cpu_seconds=round(ended.cpu_seconds, 3),
        wall_seconds=round(ended.wall_seconds, 3),
        stopped=ended.stopped,
        began=round(ended.began, 3),
    )
