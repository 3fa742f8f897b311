"""A server of a few workers, simulated: what it makes of arrivals, alone or in batches. Times in seconds."""

import heapq
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from bench.load.plan import TIMEOUT_SECONDS
from bench.load.profiles import arrivals
from bench.records.profile import Closed, Profile
from bench.records.samples import LEAD_SECONDS, Sample

SHAPE = 6.0  # of the gamma distribution of service times: they vary by 40 %


@dataclass(frozen=True)
class Simulated:
    """`millis` is the service time of one row, of which each row of a batch costs the share `row_share`.

    `front_millis` is spent outside of the workers; a pod has `workers`. Batches hold at most `limit` rows and
    wait at most `timeout` to fill.
    """

    workers: int = 2
    millis: float = 8.0
    row_share: float = 0.5
    front_millis: float = 1.5
    limit: int = 1
    timeout: float = 0.0
    pods: int = 1


@dataclass
class Answered:
    """What came of a load: samples, the requests of each pod, batches, and the workers' busy seconds."""

    samples: list[Sample] = field(default_factory=list)
    by_pod: Counter[int] = field(default_factory=Counter)
    batches: int = 0
    busy: float = 0.0


def answer(server: Simulated, load: Profile, seed: int, scale: float = 1.0, later: float = 0.0) -> Answered:
    """`scale` multiplies service times; a further pod takes requests from `later` on, if that is set."""
    draw = random.Random(seed)
    workers = [(0.0, number) for number in range(server.workers * server.pods)]
    if later:
        workers += [(later, len(workers) + number) for number in range(server.workers)]
    heapq.heapify(workers)
    if isinstance(load, Closed):
        return _closed(server, load, workers, draw, scale)
    return _open(server, arrivals(load, seed), workers, draw, scale)


def _open(
    server: Simulated,
    due: Sequence[float],
    workers: list[tuple[float, int]],
    draw: random.Random,
    scale: float,
) -> Answered:
    made, first = Answered(), 0
    while first < len(due):
        free, worker = heapq.heappop(workers)
        last = first + server.limit - 1
        full = due[last] if last < len(due) else float("inf")
        start = max(free, min(full, due[first] + server.timeout))
        until = first + 1
        while until < len(due) and until - first < server.limit and due[until] <= start:
            until += 1
        spent = _service(server, until - first, draw, scale)
        heapq.heappush(workers, (start + spent, worker))
        made.batches += 1
        made.busy += spent
        made.by_pod[worker // server.workers] += until - first
        for when in due[first:until]:
            made.samples.append(_sample(len(made.samples), LEAD_SECONDS + when, start + spent - when, server))
        first = until
    return made


def _closed(
    server: Simulated, load: Closed, workers: list[tuple[float, int]], draw: random.Random, scale: float
) -> Answered:
    made = Answered()
    users = [draw.random() * max(load.think_seconds, 0.001) for _ in range(load.users)]
    heapq.heapify(users)
    while users[0] < load.seconds:
        when = heapq.heappop(users)
        free, worker = heapq.heappop(workers)
        wait = server.timeout if server.limit > 1 else 0.0
        spent = _service(server, 1, draw, scale)
        end = max(when + wait, free) + spent
        heapq.heappush(workers, (end, worker))
        heapq.heappush(users, end + load.think_seconds)
        made.busy += spent
        made.by_pod[worker // server.workers] += 1
        made.samples.append(_sample(len(made.samples), when, end - when, server))
    mean = min(server.limit, 1 + len(made.samples) / load.seconds * server.timeout)
    made.batches = round(len(made.samples) / mean)
    return made


def _service(server: Simulated, rows: int, draw: random.Random, scale: float) -> float:
    cost = server.millis * scale * (1 - server.row_share + server.row_share * rows) / 1000
    return cost * draw.gammavariate(SHAPE, 1 / SHAPE)


def _sample(number: int, when: float, latency: float, server: Simulated) -> Sample:
    due = round(when * 1000, 3)
    late = latency > TIMEOUT_SECONDS
    millis = 1000 * TIMEOUT_SECONDS if late else latency * 1000 + server.front_millis
    sent = due + 0.05 + 0.02 * (number % 7)
    return Sample(number, due, due - 20, sent, round(due + millis, 3), 0 if late else 200, number % 50)
