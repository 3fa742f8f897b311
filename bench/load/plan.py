"""What loadtest.js is told: a profile, a seed and bodies become arrivals, each with its photo."""

import json
import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from bench.errors import LoadError
from bench.load.profiles import arrivals
from bench.records.profile import Closed, Open, Profile, Trace
from bench.records.samples import LEAD_SECONDS, Judge
from stack.servers.server import JSON

GRACE_SECONDS = 15.0  # for the answers to the last requests
TIMEOUT_SECONDS = 10.0
# Connections for requests/s × this latency; slower servers make requests wait. Each costs k6 4 ms of CPU.
CONNECTION_SECONDS = 0.5
FEWEST_CONNECTIONS = 20
MOST_CONNECTIONS = 400
ROTATE_SECONDS = (
    5.0  # a new pod gets its share so soon, and a pod that drains (for 10 s) is left before it ends
)
NAMES = ("one.test", "other.test")  # under a domain that is never registered (RFC 6761)
MOST_BODIES = 2**14
PHOTOS_DRAWN = 10_000  # of a closed load, whose number of requests is not known before


@dataclass(frozen=True)
class Check:
    """One of each `every` answers, drawn with the plan's seed, is judged by its content."""

    every: int
    judge: Judge


@dataclass(frozen=True)
class Plan:
    """One load on one URL. `rotate`: after how many requests, or 5 s, a connection is renewed; 0: never.

    `certificate`: one in PEM to trust instead of those that this machine trusts. Raises LoadError for more
    bodies than a request can name.
    """

    profile: Profile
    url: str
    bodies: tuple[bytes, ...]
    seed: int
    rotate: int = 0
    check: Check | None = None
    headers: Mapping[str, str] = field(default_factory=lambda: JSON, repr=False)
    certificate: str | None = None

    def __post_init__(self) -> None:
        if len(self.bodies) > MOST_BODIES:
            raise LoadError(
                f"--body, --photos: expected at most {MOST_BODIES} files, got {len(self.bodies)}; send fewer"
            )

    @property
    def connections(self) -> int:
        """Virtual users, each with a connection of its own."""
        return self.profile.users if isinstance(self.profile, Closed) else connections(self.profile)

    @property
    def start_millis(self) -> float:
        """When the load begins, in ms since the generator's start."""
        return 0.0 if isinstance(self.profile, Closed) else LEAD_SECONDS * 1000

    @property
    def end_millis(self) -> float:
        """When the load ends."""
        return self.start_millis + self.profile.seconds * 1000

    def schedule(self) -> list[tuple[float, int]]:
        """When each request is due, in ms since the generator's start, and its photo's index.

        A closed load has no schedule: its times are 0, its requests take the photos in turn.
        """
        draw, count = random.Random(f"photos {self.seed}"), len(self.bodies)
        if isinstance(self.profile, Closed):
            return [(0.0, draw.randrange(count)) for _ in range(PHOTOS_DRAWN)]
        due = arrivals(self.profile, self.seed)
        return [(round(self.start_millis + each * 1000, 3), draw.randrange(count)) for each in due]

    def checked(self, requests: int) -> frozenset[int]:
        """The numbers of the requests whose answers are judged.

        Drawn, so that a server, or one of its pods, that errs in a rhythm of its own is not missed.
        """
        if self.check is None:
            return frozenset()
        draw, every = random.Random(f"answers {self.seed}"), self.check.every
        starts = range(0, requests, every)
        return frozenset(draw.randrange(start, min(start + every, requests)) for start in starts)


@dataclass(frozen=True)
class Script:
    """The keys that loadtest.js reads.

    A connection is renewed by going on to the next of `urls`, whose names `hosts` maps to addresses; the
    server sees the URL's own in the header Host all the same.
    """

    kind: str
    urls: tuple[str, ...]
    hosts: dict[str, str]
    headers: dict[str, str]
    arrivals: str
    bodies: tuple[str, ...]
    connections: int
    seconds: float
    grace_seconds: float
    think_seconds: float
    timeout: str
    rotate: int
    rotate_seconds: float
    most_bodies: int


def connections(load: Open | Trace) -> int:
    """Over how many a load is sent: by its highest rate."""
    peak = load.peak if isinstance(load, Trace) else max(phase.rate for phase in load.phases)
    return min(MOST_CONNECTIONS, max(FEWEST_CONNECTIONS, math.ceil(peak * CONNECTION_SECONDS)))


def by_names(url: str) -> tuple[str, ...]:
    """The URL by two names that will mean the same server; as it is where its host is a name or needs TLS."""
    parts = urlsplit(url)
    if parts.scheme != "http" or not is_address(parts.hostname or ""):
        return (url,)
    port = f":{parts.port}" if parts.port else ""
    return tuple(urlunsplit(parts._replace(netloc=f"{name}{port}")) for name in NAMES)


def is_address(host: str) -> bool:
    """Whether a host is an IP address."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def write(plan: Plan, schedule: Sequence[tuple[float, int]], folder: Path, seen: Path | None = None) -> Path:
    """Write everything that loadtest.js reads to a folder; returns the file to name to it.

    `seen`: where the generator will find the folder, if it is elsewhere.
    """
    for number, body in enumerate(plan.bodies):
        (folder / f"body-{number}").write_bytes(body)
    checked = plan.checked(len(schedule))
    told = [packed(due, photo, number in checked) for number, (due, photo) in enumerate(schedule)]
    (folder / "arrivals.json").write_text(json.dumps(told))
    script, file = asdict(_script(plan, len(schedule), seen or folder)), folder / "plan.json"
    file.write_text(json.dumps(script))
    return file


def packed(due: float, photo: int, checked: bool) -> int:
    """An arrival as a whole number that JavaScript still has exactly: a day in µs takes 37 bits of its 53."""
    return (round(due * 1000) * MOST_BODIES + photo) * 2 + checked


def _script(plan: Plan, requests: int, folder: Path) -> Script:
    is_open, parts = not isinstance(plan.profile, Closed), urlsplit(plan.url)
    urls = by_names(plan.url) if plan.rotate else (plan.url,)
    return Script(
        kind="scheduled" if is_open else "users",
        urls=urls,
        hosts=dict.fromkeys(NAMES, parts.hostname or "") if len(urls) > 1 else {},
        headers={**plan.headers, **({"Host": parts.netloc} if len(urls) > 1 else {})},
        arrivals=str(folder / "arrivals.json"),
        bodies=tuple(str(folder / f"body-{number}") for number in range(len(plan.bodies))),
        connections=min(plan.connections, requests),  # k6 takes no more virtual users than iterations
        seconds=plan.profile.seconds + (LEAD_SECONDS if is_open else 0),
        grace_seconds=GRACE_SECONDS,
        think_seconds=plan.profile.think_seconds if isinstance(plan.profile, Closed) else 0.0,
        timeout=f"{TIMEOUT_SECONDS:g}s",
        rotate=plan.rotate,
        rotate_seconds=ROTATE_SECONDS,
        most_bodies=MOST_BODIES,
    )
