"""What the pods of a load tell: whether they run, why not, and what they used. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from bench.segments.objects import IMAGE, image
from bench.subject.objects import at, items, text, whole

INDEX = "batch.kubernetes.io/job-completion-index"
NO_IMAGE = ("ErrImagePull", "ImagePullBackOff", "ErrImageNeverPull", "InvalidImageName")


@dataclass(frozen=True)
class Ended:
    """A container that has ended, with the CPU seconds that it used from the load's start on."""

    code: int
    cpu_seconds: float
    said: str


@dataclass(frozen=True)
class Place:
    """One pod and its segment. `obstacle`: why it will not run; `waits`: why it does not yet."""

    index: int
    name: str
    node: str
    running: bool
    ended: Ended | None
    obstacle: str
    waits: str


def places(listed: object) -> tuple[Place, ...]:
    """The pods of a PodList, by their segment."""
    return tuple(sorted((_place(each) for each in items(listed, "items")), key=lambda each: each.index))


def _place(item: object) -> Place:
    status = next(iter(items(item, "status", "containerStatuses")), None)
    reason = text(status, "state", "waiting", "reason")
    name = text(item, "metadata", "name")
    return Place(
        index=int(text(item, "metadata", "annotations", INDEX) or 0),
        name=name,
        node=text(item, "spec", "nodeName"),
        running=at(status, "state", "running") is not None,
        ended=_ended(at(status, "state", "terminated")),
        obstacle=_no_image(text(item, "spec", "nodeName")) if reason in NO_IMAGE else "",
        waits=_unscheduled(item) or reason or text(item, "status", "phase"),
    )


def _no_image(node: str) -> str:
    return (
        f"node {node} cannot pull {image()}; let it reach that registry, "
        f"on the embedded cluster run: python -m embedded.mirror {IMAGE}"
    )


def _unscheduled(item: object) -> str:
    found = (
        text(each, "message")
        for each in items(item, "status", "conditions")
        if text(each, "type") == "PodScheduled" and text(each, "status") == "False"
    )
    return next(found, "")


def _ended(state: object) -> Ended | None:
    if state is None:
        return None
    lines = text(state, "message").splitlines()
    used = [seconds(line) for line in lines[:2]]
    known = [each for each in used if each is not None]
    spent = known[1] - known[0] if len(known) == 2 else 0.0
    said = " ".join(map(str.strip, lines[2:])) if len(known) == 2 else text(state, "reason")
    return Ended(whole(state, "exitCode") or 0, round(spent, 3), said)


def seconds(line: str) -> float | None:
    """CPU seconds of a cgroup: `usage_usec N` (v2) or N nanoseconds (v1); None for another line."""
    name, _, number = line.rpartition(" ")
    if not number.isdigit() or name not in ("", "usage_usec"):
        return None
    return int(number) / (1e6 if name else 1e9)


def fault(places: Sequence[Place]) -> str:
    """How a generator failed; empty if none did."""
    for each in places:
        where = f"generator {each.index + 1} of {len(places)} on node {each.node}"
        if each.ended is None:
            return f"{where} is gone, or did not end"
        if each.ended.code:
            return f"{where} ended with code {each.ended.code}: {each.ended.said[:300]}"
    return ""
