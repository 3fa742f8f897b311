"""How requests get to the pods: each over a connection that carries one at a time, as the bench's clients do.

Where their number is bounded, whoever finds none free waits with the client, first come first served: not at
one pod, but for whichever has a connection free next. Times in seconds.
"""

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np

from bench.queueing.limit import Floats
from bench.whatif.serving import TIMEOUT_SECONDS, Pod


@dataclass(frozen=True)
class Sent:
    """The first of the requests, in order: the place of each one's pod, when it was sent, how long it waited.

    The wait is nan for one that was given up, or that found no pod.
    """

    places: Floats
    at: Floats
    waits: Floats


def at_once(due: Floats, pods: Sequence[Pod], weights: Floats, draw: np.random.Generator) -> Sent:
    """Each is sent when it is due, to a pod that is drawn; without a pod it fails."""
    if not pods:
        return Sent(np.full(len(due), -1.0), due, np.full(len(due), np.nan))
    places = draw.choice(len(pods), size=len(due), p=weights).astype(float)
    waits = np.full(len(due), np.nan)
    for place, pod in enumerate(pods):
        waits[places == place] = pod.take(due[places == place])
    return Sent(places, due, waits)


def within(held: Floats, pods: Sequence[Pod], sent: Sent) -> bool:
    """Whether no pod ever had more requests than it has connections, `held`."""
    for place, pod in enumerate(pods):
        waits = sent.waits[sent.places == place]
        if len(waits) and not np.max(waits) * pod.model.rate + 1 <= held[place]:
            return False  # also where one was given up, whose wait is nan
    return True


def in_turns(
    due: Floats, span: tuple[float, float], pods: Sequence[Pod], held: Floats, draw: np.random.Generator
) -> Sent:
    """Each is sent as soon as one of the connections that pods have, `held`, is free within the span."""
    begin, end = span
    lines, sent = _Lines(pods, held), list[tuple[float, float, float]]()
    chances, wanted = draw.random(len(due)).tolist(), np.maximum(due, begin).tolist()
    for chance, asked in zip(chances, wanted, strict=True):
        place, at = lines.first(asked, chance)
        if at >= end:
            break
        sent.append((place, at, lines.join(place, at)))
    for pod, free in zip(pods, lines.free, strict=True):
        pod.free = free
    places, times, waits = np.array(sent).reshape(-1, 3).T
    return Sent(places, times, _paced(places, times, waits, pods))


class _Lines:
    """The pods' queues while requests join them; `free`: when each has done all that it took."""

    def __init__(self, pods: Sequence[Pod], held: Floats) -> None:
        self.free = [pod.free for pod in pods]
        self.gaps = [1 / pod.model.rate for pod in pods]
        self.held = held.tolist()

    def first(self, now: float, chance: float) -> tuple[int, float]:
        """The pod of a free connection, drawn by a `chance`, else of the one that is free next; and when."""
        ends = [
            free - (held - 1) * gap for free, held, gap in zip(self.free, self.held, self.gaps, strict=True)
        ]
        idle = [
            1 + (now - end) / gap if end <= now else 0.0 for end, gap in zip(ends, self.gaps, strict=True)
        ]
        if any(idle):
            most = [min(each, held) for each, held in zip(idle, self.held, strict=True)]
            return bisect_right(list(accumulate(most)), chance * sum(most)), now
        place = ends.index(min(ends))
        return place, ends[place]

    def join(self, place: int, at: float) -> float:
        """The wait there, at the end of the queue; a request that would wait too long leaves it at once."""
        wait = max(0.0, self.free[place] - at)
        if wait > TIMEOUT_SECONDS:
            return math.nan
        self.free[place] = at + wait + self.gaps[place]
        return wait


def _paced(places: Floats, at: Floats, waits: Floats, pods: Sequence[Pod]) -> Floats:
    """The waits at pods whose CPU limit bounds them, as the kernel keeps it."""
    made = waits.copy()
    for place, pod in enumerate(pods):
        own = places == place
        if pod.model.limit:
            made[own] = pod.model.limit.paced(waits[own], at[own])
    return made
