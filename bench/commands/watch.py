"""`python -m bench watch`: time a stack's autoscaling, with or without load of its own."""

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

from bench.collect import timeline
from bench.collect.watcher import POLL_SECONDS, Watcher
from bench.commands.numbers import Number
from bench.errors import LoadError
from bench.load import openloop
from bench.load.openloop import Load, Sent, send, summarize
from bench.records import events
from bench.records.events import Event
from bench.records.ranges import Range
from bench.subject import payloads
from bench.subject.deployed import Deployed, connect
from bench.subject.predict import read_photo
from stack.outputs import Endpoint, StackOutputs
from stack.servers import serving

SPANS = Range(0, 3600, "s", above=True)
LEAD_SECONDS = 5.0  # quiet before the load step


@dataclass(frozen=True)
class World:
    """What a watch needs of the world, and its pace: seconds between two looks, and of quiet at first."""

    connect: Callable[[str], Deployed] = connect
    poll_seconds: float = POLL_SECONDS
    lead_seconds: float = LEAD_SECONDS


WORLD = World()


@dataclass(frozen=True)
class Watched:
    """A finished watch.

    `steps` and `split` are by server: seconds from the load's start, and requests by pod from the load's
    start to its end. `blind` polls got no answer from the API server.
    """

    stack: str
    resolution_seconds: float
    blind: int
    events: tuple[Event, ...]
    steps: Mapping[str, Mapping[str, float]]
    load: Mapping[str, Sent]
    split: Mapping[str, Mapping[str, int]]


def add_arguments(command: argparse.ArgumentParser) -> None:
    """The command line of `watch`."""
    command.add_argument("stack", help="a Pulumi stack")
    command.add_argument(
        "--seconds", type=Number("--seconds", SPANS), default=300, help="how long to watch; default 300"
    )
    command.add_argument(
        "--load",
        type=Number("--load", openloop.RATES),
        help="also send so many requests/s to each server; ≤ 500",
    )
    command.add_argument(
        "--load-seconds",
        type=Number("--load-seconds", openloop.SECONDS),
        help="how long; ≤ 600, which is the default, or half of --seconds",
    )
    command.add_argument(
        "--settle",
        action="store_true",
        help="end the load once every server has scaled out, and the watch once all have scaled in again; "
        "--load-seconds and --seconds are the most that is waited",
    )
    command.add_argument("--photo", type=Path, help="a JPEG or PNG file; default: as of predict")
    command.add_argument("--json", action="store_true", help="print JSON at the end")


def run(options: argparse.Namespace, world: World = WORLD) -> int:
    """Watch, print every event as it happens, then the figures. Raises what its parts raise."""
    load = _load(options)
    if load and options.photo:
        read_photo(options.photo)  # what is no photo is refused before any stack is asked
    stack = world.connect(options.stack)
    chosen = payloads.chosen(stack.outputs.endpoints, options.photo) if load else {}
    photos = {server: read_photo(file) for server, file in chosen.items()}
    stream = sys.stderr if options.json else sys.stdout

    def show(event: Event) -> None:
        print(line(event), file=stream, flush=True)

    settle = options.settle
    watched = watch(stack, options.seconds, load, photos, show=show, settle=settle, world=world)
    print(json.dumps(asdict(watched), indent=2) if options.json else "\n" + figures(watched))
    return 0


def _load(options: argparse.Namespace) -> Load | None:
    if options.load is None:
        if options.settle:
            raise LoadError("--settle: expected --load RATE beside it; without load nothing scales out")
        return None
    usual = min(openloop.SECONDS.high, options.seconds / 2)
    return Load(options.load, usual if options.load_seconds is None else options.load_seconds)


def watch(
    stack: Deployed,
    seconds: float,
    load: Load | None,
    photos: Mapping[str, bytes],
    *,
    show: Callable[[Event], None],
    settle: bool = False,
    world: World = WORLD,
) -> Watched:
    """Watch a stack; a load of `photos`, one for each server, starts after some quiet.

    With `settle` the load ends once every server has scaled out, and the watch once all have scaled in.
    Raises ClusterError, LoadError.
    """
    targets = _targets(stack.outputs) if load else ()
    watcher = Watcher(stack, show, world.poll_seconds)
    sent: dict[str, Sent] = {}
    taken: dict[str, dict[str, int]] = {}

    def all_have(moved: Callable[[Sequence[Event], str], bool]) -> bool:
        return settle and all(moved(watcher.events, each.deployment) for each in targets)

    if load:
        watcher.follow(lambda: watcher.seconds >= world.lead_seconds)
        over = partial(all_have, events.scaled_out)
        sent, taken = _under_load(watcher, load, targets, photos, over)
    watcher.follow(lambda: watcher.seconds >= seconds or all_have(events.scaled_in))
    steps = events.steps(watcher.events)
    seen, name = tuple(watcher.events), stack.outputs.stack
    return Watched(name, world.poll_seconds, watcher.blind, seen, steps, sent, taken)


def _under_load(
    watcher: Watcher,
    load: Load,
    targets: Sequence[Endpoint],
    photos: Mapping[str, bytes],
    over: Callable[[], bool],
) -> tuple[dict[str, Sent], dict[str, dict[str, int]]]:
    """Send the load to every target at once, and watch until it ends or is over."""
    before = watcher.look(count_all=True)
    with ThreadPoolExecutor(len(targets)) as pool:
        watcher.note(Event(watcher.seconds, "", events.LOAD, f"{load.rate:g} requests/s"))
        sending = {
            each.server: pool.submit(
                send, load, each.url or "", *_request(each, photos[each.server]), over=over
            )
            for each in targets
        }
        watcher.follow(lambda: all(each.done() for each in sending.values()))
    after = watcher.look(count_all=True)
    watcher.note(Event(watcher.seconds, "", events.LOAD_ENDS, ""))
    sent = {server: summarize(each.result()) for server, each in sending.items()}
    return sent, {each.server: timeline.split(before, after, each.deployment) for each in targets}


def _targets(outputs: StackOutputs) -> tuple[Endpoint, ...]:
    inside = [endpoint.server for endpoint in outputs.endpoints if endpoint.url is None]
    if inside:
        raise LoadError(f"{', '.join(inside)}: reached only inside the cluster; set service.type to NodePort")
    return outputs.endpoints


def _request(endpoint: Endpoint, photo: bytes) -> tuple[bytes, Mapping[str, str], str | None]:
    dialect, door = serving(endpoint.model)[endpoint.server].dialect, endpoint.door
    return dialect.body(photo), {**dialect.headers, **door.headers}, door.certificate


def line(event: Event) -> str:
    """One event for people."""
    return f"{event.seconds:8.1f} s  {event.server:<20}{event.what:<24}{event.detail}".rstrip()


def figures(watched: Watched) -> str:
    """What the watch measured, for people."""
    lines = [
        f"{server}: {step} {seconds:.1f} s after the load's start (± {watched.resolution_seconds:g} s)"
        for server, steps in watched.steps.items()
        for step, seconds in steps.items()
    ]
    lines += [_sent(server, sent) for server, sent in watched.load.items()]
    for server, pods_ in watched.split.items():
        total = sum(pods_.values()) or 1
        lines += [f"{server}: {pod} took {n} requests ({n / total:.0%})" for pod, n in pods_.items()]
    if watched.blind:
        lines.append(f"{watched.blind} looks without an answer from the API server")
    return "\n".join(lines)


def _sent(server: str, sent: Sent) -> str:
    outcomes = ", ".join(f"{count} × {outcome}" for outcome, count in sorted(sent.outcomes.items()))
    return (
        f"{server}: {sent.requests} requests, open loop, a new connection each: {outcomes}; "
        f"p50 {sent.p50_millis} ms, p95 {sent.p95_millis} ms from the scheduled send"
    )
