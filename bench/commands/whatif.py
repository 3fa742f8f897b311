"""`python -m bench whatif`: what an autoscaled stack would do under a load, in seconds instead of hours."""

import argparse
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import yaml

from bench.analysis import cost
from bench.analysis.differences import stated
from bench.commands import stack_file, trace
from bench.commands.files import write
from bench.commands.numbers import Number
from bench.errors import EvidenceError, LoadError, OptionError
from bench.load import plan as sending
from bench.load import profiles
from bench.records.profile import RATES, REQUESTS, SECONDS, Open, Trace
from bench.records.ranges import SEEDS, Range
from bench.report.plots import canvas
from bench.report.plots.whatif import beside, timeline
from bench.report.whatif import as_json, as_text, says
from bench.report.words import number
from bench.whatif import candidates, measured
from bench.whatif.answer import Answer, Asked, answered
from bench.whatif.measured import MEASURED, Given
from bench.whatif.ranking import Forecast, Played
from bench.whatif.simulation import RECONNECT_SECONDS, World
from stack import settings
from stack.files import path, stack_settings, stacks
from stack.schema import as_keys
from stack.servers import SERVERS
from stack.settings import Settings

MILLIS = Range(0, 60_000, "ms", above=True)
STARTS = Range(0, 3600, "s", above=True)
CORES = Range(0, 1024, "cores", above=True)
REPEATS = Range(1, 1000, whole=True)
RECONNECTS = Range(0, 3600, "s", above=True)
CONNECTIONS = Range(0, 1_000_000, whole=True)
REPEATED = 10
PATIENCE_SECONDS = 5.0

EPILOG = """\
A load is played on pods that an autoscaler adds and takes away by its published rules. What a request costs,
how long it takes and how long a pod needs to start come from experiments (--measured), or from you; what was
not measured is said to be missing. Nothing is deployed.

--set takes every setting of a stack (docs/settings.md) and, for this command only:
  scaler                        hpa, keda or none; default: the stack's autoscaler
  hpa.syncSeconds               15; hpa.tolerancePercent: 10
  keda.metric                   inFlight or rate, in front of the pods; keda.target: of it for each pod
  keda.activation               0; keda.pollingSeconds: 30; keda.cooldownSeconds: 300
  keda.minReplicas              0: the last pod may go; keda.maxReplicas
Several values are tried in all combinations and ranked. docs/whatif.md says how, and how wrong it was.

examples:
  python -m bench whatif tf-hpa-plain --step 240 --set autoscaling.targetCpuUtilization=25,50,80
  python -m bench whatif torch-hpa --trace day.csv --set scaler=hpa,keda --set keda.target=2,4 --out whatif/
"""


def add_arguments(command: argparse.ArgumentParser) -> None:
    """The command line of `whatif`."""
    command.formatter_class, command.epilog = argparse.RawDescriptionHelpFormatter, EPILOG
    command.add_argument("stack", help="a stack that has a file Pulumi.STACK.yaml")
    load = command.add_mutually_exclusive_group(required=True)
    load.add_argument(
        "--step",
        type=Number("--step", RATES),
        metavar="RATE",
        help="requests/s; before and after a fifth of it",
    )
    load.add_argument("--trace", type=Path, metavar="FILE", help="arrival times; see bench trace")
    command.add_argument(
        "--seconds", type=Number("--seconds", SECONDS), help="step: how long RATE lasts; default 180"
    )
    trace.add_playing(command)
    command.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="see below; repeatable; VALUE,VALUE tries each",
    )
    command.add_argument("--server", choices=SERVERS, help="default: the stack's only one")
    _add_figures(command)
    command.add_argument(
        "--repeats", type=Number("--repeats", REPEATS), default=REPEATED, help=f"playings; default {REPEATED}"
    )
    command.add_argument(
        "--seed",
        type=Number("--seed", SEEDS),
        default=0,
        help="of arrivals, pods' starts and phases; default 0",
    )
    command.add_argument("--prices", type=Path, default=cost.DEFAULT, help="default: bench/prices.yaml")
    command.add_argument("--json", action="store_true", help="print JSON instead of tables")
    command.add_argument("--out", type=Path, metavar="FOLDER", help="also write plots there")
    command.add_argument("--write", type=Path, metavar="FILE", help="write the best as a stack file")
    command.add_argument("--force", action="store_true", help="overwrite that file")


def _add_figures(command: argparse.ArgumentParser) -> None:
    group = command.add_argument_group("figures of one pod")
    group.add_argument(
        "--measured",
        type=Path,
        action="append",
        metavar="PATH",
        help="an experiment's folder or its report.json; repeatable; default: those of docs/results",
    )
    for option, taken, text in (
        ("--request-cpu", MILLIS, "CPU of a request, ms, instead of a measured one"),
        ("--service-time", MILLIS, "time of a request alone, ms"),
        ("--start-time", STARTS, "from a pod's creation to ready, s"),
        ("--cores", CORES, "cores of a node, which one pod may use up to its limit"),
        ("--reconnect", RECONNECTS, f"s in which clients renew connections; default {RECONNECT_SECONDS:g}"),
        ("--connections", CONNECTIONS, "of all clients, one request each; 0: no bound; default: bench run's"),
    ):
        group.add_argument(option, type=Number(option, taken), help=text)


def run(options: argparse.Namespace) -> int:
    """Print the ranking and the best over its time. Raises BenchError, SettingsError."""
    if options.write:
        stack_file.require_new("--write", options.write, options.force)
    asked = _asked(options)
    sources = tuple(measured.read(each, asked.prices) for each in options.measured or MEASURED)
    given = Given(options.request_cpu, options.service_time, options.start_time, options.cores)
    answer = answered(asked, sources, given, _Progress())
    print(as_json(answer) if options.json else as_text(answer))
    for name, content in drawn(answer) if options.out else ():
        write(options.out / name, content)
        print(options.out / name, file=sys.stderr)
    if options.write:
        _write(answer, options.write)
    return 0


def _asked(options: argparse.Namespace) -> Asked:
    raw = _raw(options.stack)
    tried = candidates.of(raw, options.set)
    server = _server(options, tried[0].settings)
    reconnect = RECONNECT_SECONDS if options.reconnect is None else options.reconnect
    scrape = float(tried[0].settings.platform.prometheus.scrape_seconds)
    load = _load(options)
    most = sending.connections(load) if options.connections is None else int(options.connections)
    how = Played(
        load, int(options.repeats), int(options.seed), World(reconnect, scrape, connections=most or None)
    )
    return Asked(options.stack, server, settings.read(raw), tried, how, cost.read(options.prices))


def _raw(stack: str) -> dict[str, object]:
    """What the stack's file sets. Raises OptionError without one."""
    file = path(stack)
    try:
        if Path(stack).name == stack and file.is_file():
            return stack_settings(file)
    except (OSError, ValueError, AttributeError, yaml.YAMLError) as error:
        told = " ".join(str(error).split())
        raise OptionError(f"STACK: expected a stack file, got {file.name}: {told}") from error
    raise OptionError(
        f"STACK: expected one of {', '.join(stacks())}, got {stack}; write {file.name} for yours"
    )


def _server(options: argparse.Namespace, wanted: Settings) -> str:
    """Raises OptionError for a server that the stack does not run, or none of several."""
    servers = wanted.servers
    if options.server is None and len(servers) == 1:
        return servers[0]
    if options.server not in servers:
        raise OptionError(
            f"--server: expected one of {', '.join(servers)}, got {options.server or 'none'}; name it"
        )
    return str(options.server)


def _load(options: argparse.Namespace) -> Open | Trace:
    if options.trace is None:
        trace.refuse(options, trace.PLAYING, "only for --trace; leave it out")
        made = profiles.step([options.step], options.seconds)
        if not isinstance(made, Open):
            raise TypeError(made)
        requests = sum(phase.rate * phase.seconds for phase in made.phases)
        if requests > REQUESTS.high:
            raise LoadError(REQUESTS.refusal("--step, over its --seconds", f"{requests:.6g}"))
        return made
    trace.refuse(options, ("seconds",), "only for --step; leave it out, and see --scale-time")
    return trace.played(options)


class _Progress:
    """Says how long the rest takes, every few seconds."""

    def __init__(self) -> None:
        self._begin = self._said = time.monotonic()

    def __call__(self, done: int, total: int) -> None:
        now = time.monotonic()
        if done and now - self._said > PATIENCE_SECONDS:
            left = (now - self._begin) / done * (total - done)
            print(f"playing {done + 1} of {total}, about {left:.0f} s left", file=sys.stderr, flush=True)
            self._said = now


def drawn(answer: Answer) -> Iterator[tuple[str, bytes]]:
    """The best over its time, and all beside each other."""
    best, load = answer.best, says(answer.asked.how.load)
    shown, slo = best.candidate, best.candidate.settings.slo
    beyond = f"{100 * best.typical.late_share:.2f} % of the requests beyond the objective"
    title = f"{answer.asked.stack}: {beyond}, predicted"
    with canvas.style("whatif"):
        plot = timeline(title, f"{load}; {shown.name}", best.typical, shown.scaler, slo)
        yield f"{plot.name}.png", plot.png
        if len(answer.forecasts) > 1:
            other = beside(answer.forecasts, answer.asked.prices.currency)
            yield f"{other.name}.png", other.png


def _write(answer: Answer, file: Path) -> None:
    """The first that a stack file can hold. Raises EvidenceError without any."""
    found = next((each for each in answer.forecasts if each.candidate.is_a_stack), None)
    if found is None:
        raise EvidenceError(
            "--write: expected a candidate that a stack file can hold, got none without keda or hpa"
        )
    wanted, server = found.candidate.settings, answer.asked.server
    raw = as_keys(wanted)
    slo = {key: raw[key] for key in ("slo",) if key in raw}
    own = {"servers": [server]} | stated(raw, wanted, server) | slo
    then = stack_file.keep(file, stack_file.text(own, _origin(answer, found)), "--write")
    place = f"place {answer.forecasts.index(found) + 1} of {len(answer.forecasts)}"
    print(f"{file}: {found.candidate.name}, {place}; next: {then}", file=sys.stderr)


def _origin(answer: Answer, made: Forecast) -> str:
    asked = answer.asked
    return (
        f"{asked.stack} with {made.candidate.name}: predicted, not measured, by python -m bench whatif for "
        f"{says(asked.how.load)}: {100 * made.late_share:.2f} % of the requests beyond the objective, "
        f"{number(made.cost, asked.prices.currency)}; place {answer.forecasts.index(made) + 1} of "
        f"{len(answer.forecasts)}. Measure it: python -m bench run."
    )
