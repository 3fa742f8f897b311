"""`python -m bench run`: put a load on a stack or any HTTP service, and keep what came of it in results/."""

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path

from bench.commands import trace, url
from bench.commands.numbers import Number
from bench.errors import LoadError, OptionError, RefusedError
from bench.load import k6, profiles
from bench.load.profiles import CAPACITY, THESIS
from bench.records import store
from bench.records.parts import NO_BLOCK, SEARCH, TRACE
from bench.records.profile import RATES, SECONDS, Profile
from bench.records.ranges import SEEDS, Range
from bench.records.run import PORT_FORWARD, SERVICE, Summary
from bench.records.store import RESULTS
from bench.segments import fleet
from bench.segments.fleet import Fleet
from bench.subject import answers, payloads
from bench.subject.deployed import Deployed, connect
from bench.subject.payloads import Photo
from bench.subject.predict import Ask, predict
from bench.subject.target import Target, aim, chosen, forwarded
from bench.trial.capacity import Start
from bench.trial.measure import (
    AROUND,
    UNSEEN,
    WARM_UP_SECONDS,
    Around,
    Request,
    Send,
    Setup,
    Warm,
    measure,
    warm_up,
)
from bench.trial.progress import shown
from bench.trial.search import Bounds, search
from stack.outputs import Endpoint
from stack.servers import SERVERS

ROLLOUTS = Range(0, 100, whole=True)
ROTATES = Range(0, 1_000_000, "requests", whole=True)
OF_TRACES = ("trace", *trace.PLAYING)
CONFIRM = 4  # times a trial's seconds
BOUNDS = Bounds(trial_seconds=15, confirm_seconds=60, trials=12)


@dataclass(frozen=True)
class World:
    """Where results go, and what a run needs of the world."""

    results: Path = RESULTS
    connect: Callable[[str], Deployed] = connect
    ask: Ask = predict
    around: Around = AROUND
    warm_up_seconds: float = WARM_UP_SECONDS
    bounds: Bounds = BOUNDS
    every: int = answers.EVERY
    obtain: Callable[[], str] = k6.obtain
    fleet: Callable[[Deployed, int], AbstractContextManager[Fleet]] = fleet.fleet


WORLD = World()


@dataclass(frozen=True)
class Wish:
    """What the user asked for, for every server of the stack."""

    name: str
    profile: Profile
    start: Start
    bounds: Bounds


EPILOG = "\n".join(
    [
        "profiles, the options that each takes, and what it is:",
        *(f"  {name:<10}{options:<26}{text}" for name, (options, text) in profiles.ABOUT.items()),
        "",
        "examples:",
        "  python -m bench run minikube --rate 50 --seconds 150",
        "  python -m bench run tf-default --profile capacity --server tensorflow --json",
        "  python -m bench run tf-hpa --profile trace --trace crowd.csv --scale-rate 0.5",
        "  python -m bench run cloud --rate 1500 --seconds 60 --generators 3",
        "  python -m bench run --url http://127.0.0.1:8080/predict --body photo.jpg --rate 50 --p95 80",
    ]
)


def add_arguments(command: argparse.ArgumentParser) -> None:
    """The command line of `run`."""
    command.formatter_class, command.epilog = argparse.RawDescriptionHelpFormatter, EPILOG
    command.add_argument("stack", nargs="?", help="a Pulumi stack; or --url")
    url.add_arguments(command)
    command.add_argument("--profile", choices=profiles.NAMES, default="rate", help="default: rate; see below")
    command.add_argument(
        "--rate",
        type=Number("--rate", RATES),
        action="append",
        default=[],
        help="requests/s; repeatable; capacity: its first",
    )
    command.add_argument(
        "--seconds", type=Number("--seconds", SECONDS), help="of each rate; default: the profile's"
    )
    _add_trace_arguments(command)
    command.add_argument("--server", choices=SERVERS, help="default: each of the stack in turn")
    command.add_argument("--experiment", default="single", help="folder below results/; default: single")
    command.add_argument(
        "--seed", type=Number("--seed", SEEDS), default=0, help="of arrivals and photos; default 0"
    )
    command.add_argument(
        "--rotate",
        type=Number("--rotate", ROTATES),
        help="renew a connection after N requests, or 5 s; 0: never; default: 50 for several pods",
    )
    command.add_argument(
        "--rollouts",
        type=Number("--rollouts", ROLLOUTS),
        default=0,
        help="rolling restarts of the pods meanwhile; default 0",
    )
    command.add_argument(
        fleet.OPTION,
        type=Number(fleet.OPTION, fleet.COUNTS),
        metavar="N",
        help="pods of the cluster that send the load, each a segment of it; default: this machine does",
    )
    command.add_argument("--photos", type=Path, default=payloads.FOLDER, help="folder with JPEGs and PNGs")
    command.add_argument(
        "--through-port-forward",
        action="store_true",
        help="an extra run, to show what kubectl port-forward adds",
    )
    command.add_argument("--json", action="store_true", help="print the summaries as JSON")


def _add_trace_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--trace", type=Path, help="trace: arrival times, CSV or JSON lines with `seconds`; see bench trace"
    )
    trace.add_playing(command)


def run(options: argparse.Namespace, world: World = WORLD) -> int:
    """Measure; 1 if a run is void, 130 if it was interrupted. Raises what its parts raise."""
    url.require_one(options)
    wish = _wish(options, world.bounds)
    if options.generators:
        _require_generators(options, wish)
    store.folder_of(world.results, options.experiment)
    made: list[Summary] = []
    with ExitStack() as reached:
        targets = _targets(reached, options, world)
        sender = _sender(reached, targets, options, world)
        for target in targets:
            if not (made and made[-1].obtained.interrupted):
                made += _measured(target, options, wish, world, sender(target))
    print(json.dumps([asdict(each) for each in made], indent=2) if options.json else shown(made))
    if made[-1].obtained.interrupted:
        return 130
    return 1 if any(each.void for each in made) else 0


def _require_generators(options: argparse.Namespace, wish: Wish) -> None:
    """Raises OptionError for a load that pods of the cluster cannot send."""
    if options.through_port_forward:
        raise OptionError(f"{fleet.OPTION}: expected no --through-port-forward, got both; leave one out")
    profile = fleet.require_open(wish.profile)
    fleet.require_enough(len(profiles.arrivals(profile, options.seed)), options.generators)


def _sender(
    reached: ExitStack, targets: Sequence[Target], options: argparse.Namespace, world: World
) -> Callable[[Target], Send]:
    """How each target is loaded: from this machine, or from the cluster. Raises BenchError."""
    if not options.generators:
        return lambda _: k6.send
    fleet.require_reachable([target.endpoint for target in targets])
    found = reached.enter_context(world.fleet(targets[0].stack, options.generators))
    return lambda target: partial(found.send, target.endpoint)


def _targets(reached: ExitStack, options: argparse.Namespace, world: World) -> list[Target]:
    """Whatever is to be loaded, in turn."""
    if options.url:
        target = url.aimed(options)
        world.obtain()
        return [target]
    photos = payloads.choose(options.photos, options.seed)
    stack = world.connect(options.stack)
    ends = chosen(stack.outputs, options.server)
    world.obtain()
    return _aimed(reached, partial(_reached, stack, photos, options.through_port_forward, world.ask), ends)


def _aimed(
    reached: ExitStack, reach: Callable[[Endpoint], AbstractContextManager[Target]], ends: Sequence[Endpoint]
) -> list[Target]:
    """Every server, once each has answered about every photo. Raises RefusedError for all together."""
    found, refused = [], list[str]()
    for endpoint in ends:
        try:
            found.append(reached.enter_context(reach(endpoint)))
        except RefusedError as error:
            refused += error.refused
    if refused:
        raise RefusedError(refused, adopted=ends[0].model.adopted)
    return found


@contextmanager
def _reached(
    stack: Deployed, photos: tuple[Photo, ...], through_forward: bool, ask: Ask, endpoint: Endpoint
) -> Iterator[Target]:
    """The server by its Service, or through kubectl port-forward."""
    if not through_forward:
        yield aim(stack, endpoint, photos, SERVICE, ask)
        return
    with forwarded(stack, endpoint) as other:
        yield aim(stack, other, photos, PORT_FORWARD, ask)


def _wish(options: argparse.Namespace, usual: Bounds) -> Wish:
    if options.profile == TRACE:
        return Wish(TRACE, _trace(options), Start(), usual)
    trace.refuse(options, OF_TRACES, "only for --profile trace; leave it out")
    if options.profile != CAPACITY:
        profile = profiles.named(options.profile, options.rate, options.seconds)
        return Wish(options.profile, profile, Start(), usual)
    if len(options.rate) > 1:
        raise LoadError(
            f"--profile capacity: expected at most one --rate, the first, got {len(options.rate)}"
        )
    bounds = usual
    if options.seconds is not None:
        most = replace(SECONDS, high=SECONDS.high / CONFIRM)
        if options.seconds not in most:
            raise LoadError(most.refusal("--profile capacity: --seconds", f"{options.seconds:g}"))
        bounds = Bounds(options.seconds, CONFIRM * options.seconds, usual.trials)
    start = Start(options.rate[0]) if options.rate else Start()
    return Wish(CAPACITY, profiles.trial(start.rate, bounds.trial_seconds), start, bounds)


def _trace(options: argparse.Namespace) -> Profile:
    """Raises LoadError without a file, and with options of other profiles."""
    trace.refuse(
        options, ("rate", "seconds"), "expected none with --profile trace; see --scale-rate and --scale-time"
    )
    if options.trace is None:
        raise LoadError("--profile trace: expected --trace FILE, got none; python -m bench trace makes one")
    return trace.played(options)


def _measured(
    target: Target, options: argparse.Namespace, wish: Wish, world: World, send: Send
) -> list[Summary]:
    arm = target.stack.outputs.stack
    if target.route == PORT_FORWARD:
        arm = f"{arm}@port-forward"
    part = SEARCH if wish.name == CAPACITY else wish.name
    request = Request(
        wish.profile, part, options.experiment, arm, NO_BLOCK, options.seed, options.rotate, options.rollouts
    )
    load = THESIS if wish.name == CAPACITY else wish.profile
    warm = _warmed(target, load, options.seed, world.warm_up_seconds, send)
    around = UNSEEN if options.url else world.around
    setup = Setup(target, warm, world.results, around, world.every, send)
    if wish.name == CAPACITY:
        return list(search(setup, request, wish.start, wish.bounds))
    made = measure(setup, request)
    print(
        f"{target.endpoint.server}: kept in {world.results / made.experiment / made.arm / made.run}",
        file=sys.stderr,
    )
    return [made]


def _warmed(target: Target, profile: Profile, seed: int, seconds: float, send: Send) -> Warm:
    """A warm server. Raises KeyboardInterrupt, after having said that nothing was measured."""
    try:
        return warm_up(target, profile, seed, seconds, send)
    except KeyboardInterrupt:
        print("interrupted in the warm-up: nothing was measured", file=sys.stderr)
        raise
