"""The moments at which a Pulumi command is cut off: chosen by what it does, never by the clock."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

BEGINS, ENDS = "resourcePreEvent", "resOutputsEvent"
WORKS = ("create", "update", "delete", "create-replacement", "delete-replaced")
AWAITED = ("Deployment", "Service", "Namespace")  # Pulumi waits for these: they can be cut off on the way too
ON_THE_WAY = (0.3, 1.5, 4.0)  # seconds after an operation has begun
START, PLAN, SUMMARY = "start", "preludeEvent", "summaryEvent"


@dataclass(frozen=True)
class Event:
    """What Pulumi tells: that an operation on a resource begins or ends, or its own beginning and end."""

    kind: str
    action: str = ""
    urn: str = ""

    @property
    def resource(self) -> str:
        """`Kind name` of the resource."""
        parts = self.urn.split("::")
        return f"{parts[2].rpartition(':')[2]} {parts[3]}" if len(parts) > 3 else ""

    def __str__(self) -> str:
        verb = {BEGINS: "begins to", ENDS: "has done:"}.get(self.kind, self.kind)
        return f"{verb} {self.action} {self.resource}".strip()


@dataclass(frozen=True)
class Moment:
    """So many seconds after an event."""

    event: Event
    later: float = 0.0

    def __str__(self) -> str:
        return f"{self.event}{f' + {self.later:g} s' if self.later else ''}"


def read(line: str) -> Event | None:
    """An event of a line that `pulumi up --json` prints; None for those that begin and end nothing."""
    try:
        told = json.loads(line)
    except ValueError:
        return None
    for kind in (PLAN, SUMMARY):
        if kind in told:
            return Event(kind)
    for kind in (BEGINS, ENDS):
        metadata = told.get(kind, {}).get("metadata", {})
        if metadata.get("op") in WORKS:
            return Event(kind, metadata["op"], metadata["urn"])
    return None


def moments(events: Iterable[Event]) -> list[Moment]:
    """Every moment of a command that was watched to its end."""
    seen = list(dict.fromkeys(events))
    return [Moment(Event(START)), *(moment for event in seen for moment in _of(event))]


def _of(event: Event) -> Iterator[Moment]:
    yield Moment(event)
    if event.kind == BEGINS and event.resource.partition(" ")[0] in AWAITED:
        yield from (Moment(event, later) for later in ON_THE_WAY)


def spread(found: Sequence[Moment], count: int) -> list[Moment]:
    """So many of the moments, from the first to the last; again from the first where they are too few."""
    if count >= len(found):
        return [found[number % len(found)] for number in range(count)]
    return [found[number * len(found) // count] for number in range(count)]
