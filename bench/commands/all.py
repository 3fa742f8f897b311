"""`python -m bench all`: an experiment over many stacks in randomised blocks, one at a time, resumable."""

import argparse
import math
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from bench.commands import foretell
from bench.commands.numbers import Number
from bench.errors import OptionError, TargetError
from bench.experiment.hands import REAL, Hands
from bench.experiment.plan import (
    BLOCKS,
    FULL,
    QUICK,
    QUICK_BLOCKS,
    SHORT,
    STEP_BLOCKS,
    Size,
    Visit,
    as_text,
    draw,
    seconds,
    visits,
)
from bench.experiment.tasks import Place
from bench.experiment.visit import Departures, visit
from bench.records import store
from bench.records.experiment import Budget, Experiment
from bench.records.profile import RATES, SECONDS
from bench.records.ranges import SEEDS, Range
from bench.records.store import RESULTS
from bench.subject import payloads
from stack import files, settings
from stack.files import ROOT, stack_settings, variant_files
from stack.settings import Settings

COUNTS = Range(1, 100, whole=True)  # of blocks
MOST_FAULTS = 3  # visits that fail one after another

EPILOG = """\
Without --short, --quick or --step every stack given, by default every variant, goes through three blocks of
its loads and a search of its capacity: hours. The plan is printed first, with its time; --dry-run ends there.

  --short       the same with shorter loads
  --quick       one block; without STACKs the first of each server and what is not the thesis'
  --step RATE   five blocks of one step of the load; without STACKs every variant that has an autoscaler. How
                steps are judged, and a forecast of them, are kept with the plan before the first visit

Ctrl-C keeps what was measured; the same command goes on from there. Examples:

  python -m bench all --quick
  python -m bench all tf-default tf-threads torch-tuned --short --experiment mine
  python -m bench all tf-one-700m tf-two-700m tf-hpa-plain tf-hpa-headroom tf-keda-700m tf-vpa-700m \\
      --step 240 --experiment shoot-out
"""


def add_arguments(command: argparse.ArgumentParser) -> None:
    """The command line of `all`."""
    command.add_argument(
        "stacks",
        nargs="*",
        help="Pulumi stacks of one server, the baseline first; default: every variant",
    )
    command.formatter_class, command.epilog = argparse.RawDescriptionHelpFormatter, EPILOG
    command.add_argument("--experiment", help="folder below results/; default: all, short, quick or steps")
    command.add_argument(
        "--blocks", type=Number("--blocks", COUNTS), help="each visits every stack once; default: 3"
    )
    command.add_argument(
        "--seed", type=Number("--seed", SEEDS), default=0, help="of orders, arrivals and photos; default 0"
    )
    size = command.add_mutually_exclusive_group()
    size.add_argument("--short", action="store_true", help="shorter loads: half the time, and less sure")
    size.add_argument("--quick", action="store_true", help="one block of few stacks: a quarter of an hour")
    size.add_argument(
        "--step",
        type=Number("--step", RATES),
        metavar="RATE",
        help="autoscalers: one step to RATE requests/s a visit",
    )
    command.add_argument(
        "--measured",
        type=Path,
        action="append",
        metavar="PATH",
        help="step: what the forecast stands on, as of whatif; repeatable; default: docs/results",
    )
    for option, when in (("--before", "before"), ("--after", "after")):
        command.add_argument(
            option,
            type=Number(option, SECONDS),
            metavar="S",
            help=f"step: how long the load is low {when} it, in s; default 60",
        )
    command.add_argument(
        "--dry-run",
        action="store_true",
        help="only print the plan, its expected time and, of steps, the forecast",
    )
    command.add_argument("--photos", type=Path, default=payloads.FOLDER, help="folder with JPEGs and PNGs")


@dataclass(frozen=True)
class World:
    """Where results go, what an experiment is carried out with, and how long `--quick` takes."""

    results: Path = RESULTS
    hands: Hands = REAL
    quick: Budget = QUICK


WORLD = World()


def run(options: argparse.Namespace, world: World = WORLD) -> int:
    """Make or continue an experiment; 1 if a visit failed, 130 after Ctrl-C. Raises what its parts raise."""
    plan = planned(options, world.quick)
    folder = store.folder_of(world.results, plan.name)
    kept = store.read(folder) if folder.is_dir() else None
    if kept and kept.experiment:
        plan = _same(kept.experiment, plan)
    left = visits(plan, kept.journal if kept else ())
    print(as_text(plan, left), file=sys.stderr, flush=True)
    if plan.rule:
        print(f"  forecast: {foretell.says(kept, options.measured)}", file=sys.stderr, flush=True)
    foretold = plan.rule is not None and foretell.may(kept)
    if options.dry_run:
        if foretold:
            foretell.show(plan, options.measured)
        return 0
    world.hands.locate()
    photos = payloads.choose(options.photos, plan.seed)
    store.keep(folder, store.EXPERIMENT, plan)
    if foretold:
        foretell.keep(plan, folder, options.measured)
    return _carry_out(Place(plan, world.results, photos, world.hands), left)


def planned(options: argparse.Namespace, quick: Budget = QUICK) -> Experiment:
    """The plan that the command line asks for. Raises OptionError, SettingsError."""
    kind = _kind(options, quick)
    blocks = kind.blocks if options.blocks is None else options.blocks
    stacks = {name: _settings(name) for name in options.stacks or variants()}
    if not options.stacks:
        stacks = dict(kind.choose(stacks))
    created = datetime.now(UTC).isoformat(timespec="seconds")
    size = Size(blocks, options.seed, kind.budget)
    name = kind.name if options.experiment is None else options.experiment
    return draw(name, stacks, size, created)


@dataclass(frozen=True)
class Kind:
    """A kind of experiment: its name, its number of blocks, and which of all variants it takes by itself."""

    name: str
    blocks: int
    budget: Budget
    choose: Callable[[Mapping[str, Settings]], Mapping[str, Settings]] = dict


def _kind(options: argparse.Namespace, quick: Budget) -> Kind:
    """Raises OptionError for what only steps take."""
    if options.step is not None:
        return Kind("steps", STEP_BLOCKS, _stepping(options), autoscaled)
    for name in ("before", "after", "measured"):
        if getattr(options, name) is not None:
            raise OptionError(f"--{name}: only for --step; leave it out")
    if options.quick:
        return Kind("quick", QUICK_BLOCKS, quick, few)
    return Kind("short", BLOCKS, SHORT) if options.short else Kind("all", BLOCKS, FULL)


def _stepping(options: argparse.Namespace) -> Budget:
    before, high, after = FULL.step_seconds
    seconds = (options.before or before, high, options.after or after)
    return replace(FULL, step_rate=options.step, step_seconds=seconds)


def autoscaled(stacks: Mapping[str, Settings]) -> dict[str, Settings]:
    """Those with an autoscaler."""
    return {name: found for name, found in stacks.items() if found.horizontal}


def variants() -> list[str]:
    """Every variant that is here: the thesis' in its order, then ours."""
    files = sorted(variant_files(ROOT), key=lambda each: (each.variant.thesis or math.inf, each.stack))
    return [each.stack for each in files]


def few(stacks: Mapping[str, Settings]) -> dict[str, Settings]:
    """The first stack of each server and those that are not the thesis'."""
    first = {found.servers: name for name, found in reversed(list(stacks.items()))}
    return {
        name: found for name, found in stacks.items() if name in first.values() or not found.variant.thesis
    }


def _settings(name: str) -> Settings:
    file = files.path(name)
    if not file.exists():
        known = ", ".join(variants())
        raise OptionError(f"STACK: expected one of {known}, got {name}; write {file.name} for one of yours")
    found = settings.read(stack_settings(file))
    if len(found.servers) != 1:
        servers = ", ".join(found.servers)
        raise OptionError(
            f"{name}: expected a stack of one server, got {servers}; set servers in a stack of its own"
        )
    return found


def _same(kept: Experiment, asked: Experiment) -> Experiment:
    """The kept plan, if it is the one asked for. Raises OptionError for another."""
    if replace(asked, created=kept.created, rule=kept.rule) != kept:  # by which rule, is settled
        raise OptionError(
            f"--experiment: {kept.name} is there with another plan (stacks, blocks, seed, budget); "
            "repeat its command to go on with it, or choose another name"
        )
    return kept


def _carry_out(place: Place, left: Sequence[Visit]) -> int:
    faults: list[str] = []
    try:
        with ExitStack() as stacks:
            for name in dict.fromkeys(each.arm.stack for each in left):
                stacks.enter_context(place.hands.initialised(name))
            departures = Departures()
            stacks.callback(departures.wait)
            faults += _visits(place, left, departures)
    except KeyboardInterrupt:
        print("stopped; what was measured is kept, and the same command goes on from here", file=sys.stderr)
        return 130
    for fault in faults:
        print(f"failed: {fault}", file=sys.stderr)
    undone = visits(place.plan, store.read(place.folder).journal)
    for each in undone:
        print(f"left: {each.arm.name}, block {each.block}: {', '.join(each.parts)}", file=sys.stderr)
    print(f"kept in {place.folder}; next: python -m bench report {place.plan.name}", file=sys.stderr)
    if undone:
        print("the same command does what is left", file=sys.stderr)
    return 1 if undone else 0


def _visits(place: Place, left: Sequence[Visit], departures: Departures) -> Iterable[str]:
    """The faults of all visits. Raises TargetError after several failures in a row."""
    found: list[str] = []
    row = 0
    for number, each in enumerate(left, 1):
        rest = sum(seconds(place.plan, later) for later in left[number - 1 :]) / 60
        print(f"visit {number} of {len(left)}, about {rest:.0f} minutes left", file=sys.stderr, flush=True)
        new = visit(place, each, departures)
        found += new
        row = row + 1 if new else 0
        if row == MOST_FAULTS:
            raise TargetError(f"{row} visits failed one after another, the last: {new[-1]}; run: make status")
    return found
