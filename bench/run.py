"""`python -m bench run`: put a load on a deployed stack and keep what came of it under results/."""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from bench import guards, payloads, profiles, stack, store, summary
from bench.load import k6
from bench.load.plan import Plan
from bench.load.samples import Sample
from bench.profiles import Open, Phase, Profile
from bench.progress import Progress, shown
from bench.steadiness import stationary, windows
from bench.summary import Obtained, Summary
from bench.target import Target, aim, chosen, mismatches, restarts
from infra.settings import SERVERS

RESULTS = stack.ROOT / "results"
WARM_UP_SECONDS = 60.0  # at most
OPEN = "open: Poisson arrivals from a seeded schedule"
CLOSED = "closed: users who wait for the answer, then think"
LATENCY = "client side, from the scheduled send to the answer's end, status 200 only"


@dataclass(frozen=True)
class Request:
    """What the user asked for."""

    profile: Profile
    experiment: str
    seed: int
    rotate: int


def add_arguments(command: argparse.ArgumentParser) -> None:
    """The command line of `run`."""
    command.add_argument("stack", help="a Pulumi stack")
    command.add_argument("--profile", choices=profiles.NAMES, default="rate", help="default: rate")
    command.add_argument("--rate", type=float, action="append", default=[], help="requests/s; repeatable")
    command.add_argument("--seconds", type=float, help="of each rate; default: the profile's")
    command.add_argument("--server", choices=SERVERS, help="default: each of the stack in turn")
    command.add_argument("--experiment", default="single", help="folder below results/; default: single")
    command.add_argument("--seed", type=int, default=0, help="of arrivals and photos; default 0")
    command.add_argument("--rotate", type=int, default=0, help="renew a connection every N requests")
    command.add_argument("--photos", type=Path, default=payloads.FOLDER, help="folder with JPEGs and PNGs")
    command.add_argument("--json", action="store_true", help="print the summaries as JSON")


def run(options: argparse.Namespace) -> int:
    """Measure; 1 if a run is void, 130 if it was interrupted. Raises what its parts raise."""
    profile = profiles.named(options.profile, options.rate, options.seconds)
    request = Request(profile, options.experiment, options.seed, options.rotate)
    k6.locate()
    photos = payloads.choose(options.photos, options.seed)
    outputs = stack.read(options.stack)
    made: list[Summary] = []
    for endpoint in chosen(outputs, options.server):
        if not (made and made[-1].obtained.interrupted):
            made.append(measure(aim(outputs, endpoint, photos), request, RESULTS))
    print(json.dumps([asdict(each) for each in made], indent=2) if options.json else shown(made))
    if made[-1].obtained.interrupted:
        return 130
    return 1 if any(each.void for each in made) else 0


def measure(target: Target, request: Request, results: Path) -> Summary:
    """Warm up, load, keep. Raises LoadError, ClusterError, KeyboardInterrupt in the warm-up."""
    started = datetime.now(UTC)
    name = f"{started:%Y%m%dT%H%M%SZ}-{target.endpoint.server}"
    folder = store.create(results, request.experiment, target.outputs.stack, name)
    wrong, before = mismatches(target), restarts(target)
    plan = Plan(request.profile, target.url, target.bodies, request.seed, request.rotate)
    warm = warm_up(plan)
    store.keep_samples(folder, store.WARM_UP, warm)
    if warm.interrupted:
        print(f"interrupted in the warm-up, nothing measured; its samples are in {folder}", file=sys.stderr)
        raise KeyboardInterrupt
    outcome = k6.send(plan, Progress(target.endpoint.server, plan))
    store.keep_samples(folder, store.SAMPLES, outcome)
    obtained = _obtained(target, started, warm, outcome)
    scaled = bool(target.endpoint.autoscaler)
    seen = guards.Conditions(obtained.stationary, scaled, before, restarts(target), wrong)
    made = _summary(target, folder, outcome, obtained, seen)
    store.keep_summary(folder, made)
    print(f"{target.endpoint.server}: kept in {folder}", file=sys.stderr)
    return made


def warm_up(plan: Plan) -> k6.Outcome:
    """The load's beginning, with other arrivals, until it is stationary or 60 s are over."""
    warm = replace(plan, profile=_beginning(plan.profile), seed=plan.seed + 1)
    show = Progress("warm-up", warm)
    return k6.send(warm, lambda samples: show(samples) or _settled(samples, warm))


def _beginning(profile: Profile) -> Profile:
    if isinstance(profile, Open):
        return Open((Phase(profile.phases[0].rate, WARM_UP_SECONDS),))
    return replace(profile, seconds=WARM_UP_SECONDS)


def _settled(samples: Sequence[Sample], plan: Plan) -> bool:
    return stationary(windows(samples, plan.start_millis, is_open=isinstance(plan.profile, Open)))


def _obtained(target: Target, started: datetime, warm: k6.Outcome, outcome: k6.Outcome) -> Obtained:
    last = max((sample.ended for sample in warm.samples), default=0.0)
    return Obtained(
        load=OPEN if isinstance(outcome.plan.profile, Open) else CLOSED,
        latency=LATENCY,
        started=started.isoformat(timespec="seconds"),
        interrupted=outcome.interrupted,
        warm_up_seconds=round((last - warm.plan.start_millis) / 1000, 1),
        stationary=_settled(warm.samples, warm.plan),
        cpus=os.cpu_count() or 1,
        same_machine=target.same_machine,
        server_says=target.says,
    )


def _summary(
    target: Target,
    folder: Path,
    outcome: k6.Outcome,
    obtained: Obtained,
    seen: guards.Conditions,
) -> Summary:
    made = summary.generator(outcome, k6.version(), obtained.cpus)
    law = summary.little(outcome)
    return Summary(
        schema=summary.SCHEMA,
        experiment=folder.parent.parent.name,
        stack=target.outputs.stack,
        server=target.endpoint.server,
        image=target.endpoint.image,
        run=folder.name,
        seed=outcome.plan.seed,
        profile=outcome.plan.profile,
        payloads=payloads.sizes(target.photos, target.bodies),
        obtained=obtained,
        total=summary.total(outcome),
        phases=summary.phases(outcome),
        generator=made,
        little=law,
        restarts=seen.restarts_after,
        void=guards.void(outcome, made, law, seen),
    )
