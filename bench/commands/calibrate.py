"""`python -m bench calibrate`: what the load generator itself adds, against a server of known delay."""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass

from base.children import tied
from bench.commands.numbers import Number
from bench.load import k6
from bench.load.outcome import Outcome
from bench.load.plan import Plan
from bench.records.estimates import percentile
from bench.records.profile import RATES, SECONDS, Open, Phase
from bench.records.ranges import Range
from bench.trial import summarise
from stack.files import ROOT

BODY = json.dumps({"data": "A" * 20_000}).encode()  # the size of a small photo's
MOST_ERROR = 0.5  # ms, of p95
DELAYS = Range(0, 5000, "ms")  # a request is given up after 10 s


@dataclass(frozen=True)
class Calibration:
    """The generator's view and the null server's. Times in ms; errors are seen − true."""

    offered_rate: float
    achieved_rate: float
    requests: int
    dropped: int
    lag_p50: float
    lag_p99: float
    cpu_share: float
    true_p50: float
    true_p95: float
    seen_p50: float
    seen_p95: float

    @property
    def p95_error(self) -> float:
        """How much the generator adds to p95."""
        return self.seen_p95 - self.true_p95


@dataclass
class Running:
    """A null server at work; `stays` are its own times for each request, in ms, once it has ended."""

    url: str
    stays: list[float]


def add_arguments(command: argparse.ArgumentParser) -> None:
    """The command line of `calibrate`."""
    command.add_argument("--rate", type=Number("--rate", RATES), default=100, help="requests/s; default 100")
    command.add_argument("--seconds", type=Number("--seconds", SECONDS), default=20, help="default 20")
    command.add_argument(
        "--delay", type=Number("--delay", DELAYS), default=20, help="the null server's delay, ms; default 20"
    )
    command.add_argument("--json", action="store_true", help="print JSON instead of text")


def run(options: argparse.Namespace, obtain: Callable[[], str] = k6.obtain) -> int:
    """Print the error; 1 if p95 is wrong by more than 0.5 ms. Raises BenchError."""
    obtain()
    found = calibrate(Phase(options.rate, options.seconds), options.delay)
    print(
        json.dumps(asdict(found) | {"p95_error": found.p95_error}, indent=2) if options.json else _text(found)
    )
    return 0 if abs(found.p95_error) <= MOST_ERROR else 1


def calibrate(phase: Phase, delay_millis: float) -> Calibration:
    """Send one phase to a null server. Raises BenchError, also if nothing was answered."""
    with null_server(delay_millis) as server:
        outcome = k6.send(Plan(Open((phase,)), server.url, (BODY,), seed=0), lambda _: False)
    return compare(outcome, server.stays)


def compare(outcome: Outcome, stays: Sequence[float]) -> Calibration:
    """The generator's latencies beside the server's own. Raises ValueError if there are none."""
    seen, true = sorted(each.latency for each in outcome.samples if each.good), sorted(stays)
    whole, made = summarise.total(outcome), summarise.generator(outcome, "k6", os.cpu_count() or 1)
    return Calibration(
        offered_rate=whole.offered_rate or 0.0,
        achieved_rate=whole.achieved_rate,
        requests=len(seen),
        dropped=made.dropped,
        lag_p50=made.lag_p50,
        lag_p99=made.lag_p99,
        cpu_share=made.cpu_share,
        true_p50=round(percentile(true, 0.50), 3),
        true_p95=round(percentile(true, 0.95), 3),
        seen_p50=round(percentile(seen, 0.50), 3),
        seen_p95=round(percentile(seen, 0.95), 3),
    )


@contextmanager
def null_server(delay_millis: float) -> Iterator[Running]:
    """A null server in a process of its own, so that it shares nothing with the reader of the samples."""
    command = [sys.executable, "-m", "bench.load.nullserver", f"{delay_millis:g}"]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True, preexec_fn=tied()
    ) as process:
        port = process.stdout.readline().strip() if process.stdout else ""
        server = Running(f"http://127.0.0.1:{port}/", [])
        try:
            yield server
        finally:
            server.stays += json.loads(process.communicate()[0] or "[]")


def _text(found: Calibration) -> str:
    return "\n".join(
        [
            f"open load, Poisson arrivals, {found.requests} requests on a null server of known delay",
            f"  rate: offered {found.offered_rate:g}/s, achieved {found.achieved_rate:g}/s; "
            f"{found.dropped} dropped",
            f"  lag: p50 {found.lag_p50:g} ms, p99 {found.lag_p99:g} ms",
            f"  p50: true {found.true_p50:g} ms, seen {found.seen_p50:g} ms",
            f"  p95: true {found.true_p95:g} ms, seen {found.seen_p95:g} ms: error {found.p95_error:+.3f} ms "
            f"(allowed ±{MOST_ERROR:g})",
            f"  CPU: {found.cpu_share:.1%} of the machine",
        ]
    )
