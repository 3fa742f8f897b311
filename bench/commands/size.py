"""`python -m bench size`: how many pods and nodes of which stack hold a rate, and what they cost a month."""

import argparse
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from bench.analysis import cost
from bench.analysis.analysis import Analysis
from bench.analysis.candidates import Candidate, Unmeasured, candidates, measuring
from bench.analysis.cost import Prices
from bench.analysis.nodes import Node
from bench.analysis.sizing import Demand, Sized, Terms, size
from bench.commands import experiments, stack_file
from bench.commands.numbers import Number
from bench.errors import OptionError
from bench.load import traces
from bench.records.ranges import Range
from bench.records.store import RESULTS
from bench.report.sized import Answer, as_json, as_text, chosen, rates
from bench.report.words import number, objective
from stack import files
from stack.quantities import Cpu, Memory, mebibytes, millicores
from stack.settings import Slo

BIN = 10.0  # s: Poisson arrivals of 40/s make a tenth more or less of a second, a fortieth of ten
BINS = Range(1, 3600, "s")
RATE = Range(0, 10_000_000, "requests/s", above=True)
MILLIS = Range(1, 60_000, "ms", whole=True)
PERCENT = Range(0.001, 100, "%")

EPILOG = """\
From measured capacity: what `bench all` left in results/, the reports named, or where there is none
docs/results/three-servers, which this project measured on another machine. A stack that was not measured is
named with the command that would. The table has the cheapest first.

A trace is a CSV file with a column `seconds` or JSON lines with that key (python -m bench trace makes one):
its busiest --bin decides fixed pods and an autoscaler's most, its quietest the autoscaler's least. Examples:

  python -m bench size --rate 2000
  python -m bench size --trace day.csv --stack tf-hpa
  python -m bench size all --rate 50000 --node-cpu 16 --node-memory 64Gi --write Pulumi.sized.yaml
"""


def add_arguments(command: argparse.ArgumentParser) -> None:
    """The command line of `size`."""
    command.formatter_class, command.epilog = argparse.RawDescriptionHelpFormatter, EPILOG
    command.add_argument(
        "experiments",
        nargs="*",
        metavar="EXPERIMENT",
        help="folders below results/, or kept report.json files",
    )
    wanted = command.add_mutually_exclusive_group(required=True)
    wanted.add_argument("--rate", type=Number("--rate", RATE), help="requests/s to hold")
    wanted.add_argument(
        "--trace", type=Path, metavar="FILE", help="recorded arrivals instead: peak and trough of their rate"
    )
    command.add_argument(
        "--bin",
        type=Number("--bin", BINS),
        default=BIN,
        help=f"s over which a trace's rate is taken; default {BIN:g}",
    )
    _objective_arguments(command)
    command.add_argument(
        "--stack", action="append", default=[], metavar="NAME", help="only this one; repeatable"
    )
    nodes = command.add_argument_group("nodes")
    nodes.add_argument("--node-cpu", metavar="CPU", help="cores of a node; default: the price file's")
    nodes.add_argument("--node-memory", metavar="SIZE", help="its memory, such as 32Gi; default: the same")
    nodes.add_argument("--prices", type=Path, default=cost.DEFAULT, help="default: bench/prices.yaml")
    nodes.add_argument("--keep-requests", action="store_true", help="pack by what the settings request")
    command.add_argument("--results", type=Path, default=RESULTS, help="default: results/")
    command.add_argument("--json", action="store_true", help="print JSON instead of a table")
    command.add_argument("--write", type=Path, metavar="FILE", help="write the choice as a stack file")
    command.add_argument("--force", action="store_true", help="overwrite that file")


def _objective_arguments(command: argparse.ArgumentParser) -> None:
    group = command.add_argument_group("objective; default: that of the newest experiment")
    group.add_argument("--p95", type=Number("--p95", MILLIS), help="ms")
    group.add_argument("--p99", type=Number("--p99", MILLIS), help="ms")
    group.add_argument("--errors", type=Number("--errors", PERCENT), metavar="PERCENT", help="%% of requests")


def run(options: argparse.Namespace) -> int:
    """Print the answer; 1 if nothing can be sized. Raises BenchError, SettingsError."""
    if options.write:
        stack_file.require_new("--write", options.write, options.force)
    prices = cost.read(options.prices)
    if not options.experiments and not experiments.kept(options.results):
        print(
            f"{options.results} holds no experiment: {experiments.OURS} it is, not your machine",
            file=sys.stderr,
        )
    found = experiments.analyses(options.results, options.experiments, prices)
    answer = _answer(options, found, prices)
    print(as_json(answer) if options.json else as_text(answer))
    if not answer.sized:
        return 1
    if options.write:
        best = answer.sized[0]
        then = stack_file.keep(options.write, stack_text(answer, best), "--write")
        print(f"{options.write}: {best.candidate.stack}; next: {then}", file=sys.stderr)
    return 0


def _answer(options: argparse.Namespace, found: Sequence[Analysis], prices: Prices) -> Answer:
    able, unable = choose(found, options.stack)
    demand = _demand(options, _asked(options, found[-1].slo))
    terms = Terms(_node(options, prices), options.keep_requests)
    sized, without = size(able, demand, terms)
    return Answer(demand, terms.node, prices, terms.keep_requests, _source(found), sized, (*without, *unable))


def _demand(options: argparse.Namespace, slo: Slo) -> Demand:
    """The rate, or the busiest and the quietest bin of a trace. Raises ReadError for a damaged one."""
    if options.trace is None:
        return Demand(options.rate, None, slo)
    rates = rates_of(traces.read(options.trace), options.bin)
    return Demand(max(rates), min(rates[:-1] or rates), slo)  # the last bin is cut off


def rates_of(times: Sequence[float], seconds: float) -> tuple[float, ...]:
    """Requests/s in each bin of so many seconds."""
    counts = Counter(int(due / seconds) for due in times)
    return tuple(counts[place] / seconds for place in range(max(counts) + 1))


def choose(
    found: Iterable[Analysis], wanted: Sequence[str]
) -> tuple[tuple[Candidate, ...], tuple[Unmeasured, ...]]:
    """Of each stack its newest measurement that can be sized; stacks that none has are not measured.

    Raises OptionError for a wanted stack that is nowhere.
    """
    known: dict[str, Candidate | Unmeasured] = {
        stack: Unmeasured(stack, "not measured: no experiment has it", measuring(stack))
        for stack in _of_one_server()
    }
    for each in (made for analysis in found for made in candidates(analysis)):
        if isinstance(each, Candidate) or not isinstance(known.get(each.stack), Candidate):
            known[each.stack] = each
    unknown = [name for name in wanted if name not in known]
    if unknown:
        raise OptionError(f"--stack: expected one of {', '.join(known)}, got {unknown[0]}; choose another")
    chosen_ = [each for name, each in known.items() if not wanted or name in wanted]
    return (
        tuple(each for each in chosen_ if isinstance(each, Candidate)),
        tuple(each for each in chosen_ if isinstance(each, Unmeasured)),
    )


def _of_one_server() -> Iterator[str]:
    """The stacks here that an experiment could measure."""
    for stack in files.stacks():
        servers = files.stack_settings(files.path(stack)).get("servers")
        if isinstance(servers, list) and len(servers) == 1:
            yield stack


def _asked(options: argparse.Namespace, usual: Slo) -> Slo:
    """Raises OptionError for a p99 below the p95."""
    given = {"p95_millis": options.p95, "p99_millis": options.p99, "error_percent": options.errors}
    asked = replace(usual, **{name: value for name, value in given.items() if value is not None})
    if options.p99 is None:
        asked = replace(asked, p99_millis=max(asked.p95_millis, asked.p99_millis))
    if asked.p99_millis < asked.p95_millis:
        told = f"--p99: expected --p95 ({asked.p95_millis}) or more, got {asked.p99_millis}"
        raise OptionError(f"{told}; raise it, or lower --p95")
    return asked


def _node(options: argparse.Namespace, prices: Prices) -> Node:
    """The price file's, or one by size at the prices of a core and a GiB. Raises OptionError."""
    usual = prices.node
    if usual and not options.node_cpu and not options.node_memory:
        return usual
    cpu, memory = options.node_cpu, options.node_memory
    if usual is None and not (cpu and memory):
        raise OptionError(
            f"--node-cpu, --node-memory: expected both, as {options.prices} has no node; give them"
        )
    cores = millicores(_quantity("--node-cpu", Cpu(), cpu)) / 1000 if cpu else usual.cores if usual else 0.0
    gib = (
        mebibytes(_quantity("--node-memory", Memory(), memory)) / 1024
        if memory
        else usual.gib
        if usual
        else 0.0
    )
    hour = cores * prices.core_hour + gib * prices.gib_hour
    return Node("yours, at the prices of a core and a GiB", cores, gib, hour)


def _quantity(option: str, rule: Cpu | Memory, text: str) -> str:
    try:
        return rule.read(text)
    except ValueError as error:
        raise OptionError(f"{option}: expected {rule.expected}, got {text}; {error}") from error


def _source(found: Sequence[Analysis]) -> str:
    """The experiments, when they ended and on how many cores."""
    return ", ".join(
        f"experiment {each.experiment} ({each.conditions.last[:10]}, on "
        f"{' or '.join(map(str, each.conditions.cpus))} cores)"
        for each in found
    )


def stack_text(answer: Answer, best: Sized) -> str:
    """The stack file of a choice. Raises SettingsError for settings that are not accepted any more."""
    stand_in = " Its server was a stand-in: the figures are not the original's." * best.candidate.is_stand_in
    origin = (
        f"Sized by python -m bench size for {rates(answer.demand)} with "
        f"{objective(answer.demand.slo)}, from {answer.source}. {chosen(best)} "
        f"Planned: {number(best.planned)} requests/s a pod.{stand_in}"
    )
    return stack_file.text(best.sets, origin)
