"""What happened to a server while it scaled: named events, the steps of a scale-out, what its pods held."""

from collections.abc import Sequence
from dataclasses import dataclass

LOAD = "load starts"
LOAD_ENDS = "load ends"
SEEN = "metric above target"
OUT = "decision to scale out"
IN = "decision to scale in"
CREATED = "pod created"
READY = "pod ready"
FIRST = "first answer"
ENDING = "pod ends"
GROW = "decision to give a pod more CPU"
SHRINK = "decision to give a pod less CPU"
GROWN = "more CPU in effect"
UP = (SEEN, OUT, CREATED, READY, FIRST)
BIGGER = (SEEN, GROW, GROWN)
MORE, LESS = (OUT, GROW), (IN, SHRINK)  # decisions, by their direction


@dataclass(frozen=True)
class Event:
    """Something that happened to one server."""

    seconds: float
    server: str
    what: str
    detail: str


@dataclass(frozen=True)
class Held:
    """What a server's pods held from a moment on, until the next: `seconds` since the load's start.

    `pods` that are there, also those that start or end; `ready` take requests; `cores` are requested by all,
    of a pod that is being resized those that it has.
    """

    seconds: float
    pods: int
    ready: int
    cores: float


def steps(timeline: Sequence[Event]) -> dict[str, dict[str, float]]:
    """By server, the seconds from the load's start to each step of its first scale-out, of pods or of CPU.

    `pod ready` and `first answer` are those of the first pod created after the start.
    """
    starts = [event.seconds for event in timeline if event.what == LOAD]
    after = [event for event in timeline if starts and event.seconds >= starts[0]]
    servers = sorted({event.server for event in after if event.what in (*UP, *BIGGER)})
    return {server: _steps([e for e in after if e.server == server], starts[0]) for server in servers}


def scaled_out(timeline: Sequence[Event], server: str) -> bool:
    """Whether a scale-out since the load's start is whole: a new pod answers, or one has more CPU."""
    seen = steps(timeline).get(server, {}).keys()
    return set(UP) <= seen or set(BIGGER) <= seen


def scaled_in(timeline: Sequence[Event], server: str) -> bool:
    """Whether since the load's end a pod was taken away by a decision, or was given less CPU."""
    ends = [event.seconds for event in timeline if event.what == LOAD_ENDS]
    after = {each.what for each in timeline if ends and each.seconds >= ends[0] and each.server == server}
    return {IN, ENDING} <= after or SHRINK in after


def _steps(after: Sequence[Event], start: float) -> dict[str, float]:
    new = next((event.detail for event in after if event.what == CREATED), None)
    found: dict[str, float] = {}
    for event in after:
        of_another_pod = event.what in (READY, FIRST) and event.detail != new
        if event.what in (*UP, *BIGGER) and not of_another_pod:
            found.setdefault(event.what, round(event.seconds - start, 1))
    return found
