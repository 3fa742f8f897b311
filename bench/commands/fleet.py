"""`python -m bench fleet PLAN`: a plan of `bench size` on a cluster that orders nodes for it."""

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import cast

from bench.commands import stack_file
from bench.commands.files import write
from bench.commands.numbers import Number
from bench.errors import OptionError, ReadError
from bench.records.fleet import Plan
from bench.records.ranges import Range
from bench.records.store import RESULTS
from bench.report.fleet import as_json, as_text
from bench.subject import pulumi
from bench.subject.cluster import Cluster, contexts
from bench.trial import fleet
from bench.trial.fleet import Hands, Trial
from stack import files, settings
from stack.contexts import choose
from stack.schema import SettingsError, as_paths
from stack.settings import Settings

STACK = "fleet"
LABEL = "emotion-serving/nodes=simulated"
PACKED = {"topologySpread": False}  # as it was planned: Karpenter orders nodes for what is only preferred
PATIENCE = Range(30, 3600, "s")
SHRINK = Range(1, 99, "%", whole=True)

EPILOG = """\
The plan is what `bench size --json` printed; its first choice is deployed by `pulumi up`, measured and taken
away again. Its pods go to nodes with the label that --nodes names and may run there in spite of a taint of
the same key and value; zones differ by at most one pod, and as many share a node as were planned. Nodes must
be ordered by somebody: by your cluster's Karpenter or autoscaler, which then costs what it says; or, on the
embedded cluster, simulated ones:

  python -m bench size --rate 50000 --json > plan.json
  python -m embedded.fleet start plan.json
  python -m bench fleet plan.json --shrink 50
  python -m embedded.fleet stop

Simulated nodes show scheduling, spread, node counts and cost. Nothing runs on them: no latency can be seen.
"""


def add_arguments(command: argparse.ArgumentParser) -> None:
    """The command line of `fleet`."""
    command.formatter_class, command.epilog = argparse.RawDescriptionHelpFormatter, EPILOG
    command.add_argument("plan", type=Path, metavar="PLAN", help="a file that bench size --json printed")
    command.add_argument("--stack", default=STACK, help=f"name of the stack that is made; default {STACK}")
    command.add_argument("--nodes", default=LABEL, metavar="LABEL=VALUE", help=f"default {LABEL}")
    command.add_argument(
        "--autoscaled", action="store_true", help="the pods are an autoscaler's least, not a fixed number"
    )
    command.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="another setting of the stack; repeatable",
    )
    command.add_argument(
        "--shrink",
        type=Number("--shrink", SHRINK),
        metavar="PERCENT",
        help="afterwards so many %% of the pods",
    )
    command.add_argument(
        "--patience", type=Number("--patience", PATIENCE), default=300, help="s to settle; default 300"
    )
    command.add_argument("--json", action="store_true", help="print JSON instead of text")
    command.add_argument("--out", type=Path, metavar="FILE", help="default: results/fleet/STACK.json")


def run(options: argparse.Namespace) -> int:
    """Print and keep what came of the plan. Raises BenchError, SettingsError."""
    file = files.path(options.stack)
    stack_file.require_new("--stack", file, force=False)
    trial = trial_of(options, read(options.plan))
    intended = settings.read(trial.sets)
    cluster = Cluster(choose(intended.kube_contexts, contexts()))
    origin = f"Made by python -m bench fleet {options.plan}, which takes it away again."
    try:
        with pulumi.initialised(options.stack):
            found = fleet.run(trial, Hands(cluster, lambda sets: _keep(file, sets, origin), _say))
    finally:
        file.unlink(missing_ok=True)
    out = options.out or RESULTS / "fleet" / f"{options.stack}.json"
    write(out, as_json(found).encode(), "--out")
    print(as_json(found) if options.json else as_text(found))
    print(f"kept in {out}", file=sys.stderr)
    return 0


def read(file: Path) -> Plan:
    """The first choice of a plan. Raises ReadError."""
    make = "make one: python -m bench size --rate RATE --json > plan.json"
    try:
        data = json.loads(file.read_text())
    except (OSError, ValueError) as error:
        raise ReadError(f"PLAN: expected a plan as JSON, got {file}: {error}; {make}") from error
    try:
        best, node = data["sized"][0], data["node"]
        return Plan(
            stack=str(best["candidate"]["stack"]),
            sets=cast("Mapping[str, object]", best["sets"]),
            pods=int(best["pods"]),
            nodes=int(best["nodes"]),
            month=float(best["month"]),
            kind=str(node["name"]),
            hour=float(node["hour"]),
            currency=str(data["prices"]["currency"]),
        )
    except (KeyError, IndexError, TypeError, ValueError) as error:
        told = f"expected what bench size --json prints, with something sized, got {file} ({error!r})"
        raise ReadError(f"PLAN: {told}; {make}") from error


def trial_of(options: argparse.Namespace, plan: Plan) -> Trial:
    """Raises OptionError, SettingsError."""
    label, equals, value = options.nodes.partition("=")
    if not (label and equals and value):
        raise OptionError(f"--nodes: expected LABEL=VALUE, got {options.nodes}; name the nodes' label")
    place = {"nodeSelector": {label: value}, "tolerations": [f"{label}={value}"], "maxZoneSkew": 1}
    given, twice = as_paths(Settings, dict(_pairs(options.set)))
    if twice:
        raise SettingsError(twice)
    changed = over(over(plan.sets, {"placement": place, "availability": PACKED}), given)
    fewer = max(1, round(plan.pods * options.shrink / 100)) if options.shrink else None
    return Trial(
        stack=options.stack,
        plan=plan,
        sets=sized(changed, plan.pods, options.autoscaled),
        labels={label: value},
        patience=options.patience,
        smaller=(sized(changed, fewer, options.autoscaled), fewer) if fewer else None,
    )


def _pairs(given: Sequence[str]) -> Iterator[tuple[str, str]]:
    for text in given:
        key, equals, value = text.partition("=")
        if not (key and equals):
            raise OptionError(f"--set: expected KEY=VALUE, got {text}; write one, see docs/settings.md")
        yield key, value


def over(sets: Mapping[str, object], others: Mapping[str, object]) -> dict[str, object]:
    """Settings with others in place of the same ones, group by group."""
    found = dict(sets)
    for key, value in others.items():
        own = found.get(key)
        both = isinstance(own, Mapping) and isinstance(value, Mapping)
        found[key] = over(own, value) if both else value  # type: ignore[arg-type]  # both are groups
    return found


def sized(sets: Mapping[str, object], pods: int, autoscaled: bool) -> dict[str, object]:
    """Settings for so many pods: a fixed number, or the least of an autoscaler."""
    rest = {key: value for key, value in sets.items() if key not in ("replicas", "autoscaling")}
    if not autoscaled:
        return {**rest, "replicas": pods}
    return {**rest, "autoscaling": {"minReplicas": pods, "maxReplicas": 2 * pods}}


def _keep(file: Path, sets: Mapping[str, object], origin: str) -> None:
    stack_file.keep(file, stack_file.text(sets, origin), "--stack")


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
