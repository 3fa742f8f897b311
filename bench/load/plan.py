"""What loadtest.js is told: a profile, a seed and bodies become arrivals, each with its photo."""

import json
import math
import random
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.profiles import Open, Profile, arrivals

LEAD_SECONDS = 1.0  # all virtual users run before the first request is due
GRACE_SECONDS = 15.0  # for the answers to the last requests
TIMEOUT_SECONDS = 10.0
# Connections for requests/s × this latency; slower servers make requests wait. Each costs k6 4 ms of CPU.
CONNECTION_SECONDS = 0.5
FEWEST_CONNECTIONS = 20
MOST_CONNECTIONS = 400
PHOTOS_DRAWN = 10_000  # of a closed load, whose number of requests is not known before


@dataclass(frozen=True)
class Plan:
    """One load on one URL. `rotate`: every how many requests a connection is renewed, 0 for never."""

    profile: Profile
    url: str
    bodies: tuple[str, ...]
    seed: int
    rotate: int = 0

    @property
    def connections(self) -> int:
        """Virtual users, each with a connection of its own."""
        if isinstance(self.profile, Open):
            most = max(phase.rate for phase in self.profile.phases) * CONNECTION_SECONDS
            return min(MOST_CONNECTIONS, max(FEWEST_CONNECTIONS, math.ceil(most)))
        return self.profile.users

    @property
    def start_millis(self) -> float:
        """When the load begins, in ms since the generator's start."""
        return LEAD_SECONDS * 1000 if isinstance(self.profile, Open) else 0.0

    @property
    def end_millis(self) -> float:
        """When the load ends."""
        return self.start_millis + self.profile.seconds * 1000

    def schedule(self) -> list[tuple[float, int]]:
        """When each request is due, in ms since the generator's start, and its photo's index.

        A closed load has no schedule: its times are 0, its requests take the photos in turn.
        """
        draw, count = random.Random(f"photos {self.seed}"), len(self.bodies)
        if isinstance(self.profile, Open):
            due = arrivals(self.profile, self.seed)
            return [(round(self.start_millis + each * 1000, 3), draw.randrange(count)) for each in due]
        return [(0.0, draw.randrange(count)) for _ in range(PHOTOS_DRAWN)]


@dataclass(frozen=True)
class Script:
    """The keys that loadtest.js reads."""

    kind: str
    url: str
    arrivals: str
    bodies: tuple[str, ...]
    connections: int
    seconds: float
    grace_seconds: float
    think_seconds: float
    timeout: str
    rotate: int


def write(plan: Plan, schedule: Sequence[tuple[float, int]], folder: Path) -> Path:
    """Write everything that loadtest.js reads to a folder; returns the file to name to it."""
    for number, body in enumerate(plan.bodies):
        (folder / f"body-{number}.json").write_text(body)
    (folder / "arrivals.json").write_text(json.dumps(schedule))
    script, file = asdict(_script(plan, len(schedule), folder)), folder / "plan.json"
    file.write_text(json.dumps(script))
    return file


def _script(plan: Plan, requests: int, folder: Path) -> Script:
    is_open = isinstance(plan.profile, Open)
    return Script(
        kind="scheduled" if is_open else "users",
        url=plan.url,
        arrivals=str(folder / "arrivals.json"),
        bodies=tuple(str(folder / f"body-{number}.json") for number in range(len(plan.bodies))),
        connections=min(plan.connections, requests),  # k6 takes no more virtual users than iterations
        seconds=plan.profile.seconds + (LEAD_SECONDS if is_open else 0),
        grace_seconds=GRACE_SECONDS,
        think_seconds=0.0 if isinstance(plan.profile, Open) else plan.profile.think_seconds,
        timeout=f"{TIMEOUT_SECONDS:g}s",
        rotate=plan.rotate,
    )
